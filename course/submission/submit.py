"""Hand a lab in: ``course.submit("ada")`` looks at every exercise once more and makes the zip for the instructor."""

import json
import re
import tempfile
import time
import unicodedata
import zipfile
from collections.abc import Iterator
from pathlib import Path

from IPython import get_ipython
from IPython.display import FileLink, display

from course import checks, library, setup
from course.checking.check import Check
from course.checking.problem import Kind
from course.duplicates import duplicates, running_file
from course.files import replacing
from course.parts.notebook_definitions import definitions
from course.submission import colab
from course.submission import notebooks as own_notebooks
from course.submission.notebooks import Notebook, SubmitError

# The marks that belong to letters (vowel signs, points, accents), which \w lacks; up to the last script that has some.
MARKS = "".join(sign for sign in map(chr, range(0x300, 0x1F000)) if unicodedata.category(sign)[0] == "M")
JOINERS = "\u200c\u200d"  # which some scripts write between letters
# It becomes a folder's name on the instructor's machine.
ID = re.compile(rf"\w[\w{MARKS}{JOINERS} .,’'@-]{{0,63}}")
LONGEST_ID_BYTES = 200  # in UTF-8: the zip is called by it, with an ending
LAB = re.compile(r"-lab\d+_")  # where nbgrader zip_collect takes the id in a zip's name to end
BESIDE = {"lab7_capstone": ("detector.safetensors",)}  # files that belong to a lab, from the notebook's folder
LARGEST = 32 * 2**20  # bytes of such a file; grading takes no larger one
HOW = """\
To hand in, write your student id between the quotes, and run this cell again.
It looks at every exercise once more and makes a zip; nothing is sent anywhere by itself."""
BY_NBGRADER = """\
nbgrader is running this notebook, so nothing is handed in.
If you ran this cell yourself, close Jupyter, start it again, and run the cell once more."""


def submit(student: str = "", *, notebook: str = "") -> None:
    """Say how far each exercise is, and write ``<student>-<lab>.zip`` into the working folder; in Colab, download it.

    The zip holds the lab's notebooks, without outputs (grading runs the code itself, and your own photos stay with
    you), and the files that belong to the lab. In JupyterLab they are taken as saved, in Colab as they stand in the
    browser; there each notebook of a lab is handed in from its own session. Unfinished exercises do not stop you. While
    nbgrader grades or validates, nothing is handed in, and one line says so.

    Args:
        student: your id in this course; without one, all that happens is that you are told so.
        notebook: the file name of the notebook to hand in, where notebooks of several labs lie in one folder.

    Raises:
        SubmitError: an id that cannot be a folder's name, no saved notebook, changes that are not saved.
        ColabError: Colab did not send the notebook.
    """
    if not setup.attended():
        print(BY_NBGRADER)
        return
    student = unicodedata.normalize("NFC", student).strip()  # one spelling for all machines; macOS has another
    if not student:  # as released; so that Run All says how, and does no more
        print(HOW)
        return
    if not fits(student) or LAB.search(student):
        raise SubmitError(
            "expected your student id, as your course knows you: a letter or digit, then up to 63 more, spaces, or "
            f"any of . , ' _ - @, but not -lab1_; got {student!r}."
        )
    shell = get_ipython()
    ran = list(shell.history_manager.input_hist_raw) if shell else []
    if colab.inside():
        found = own_notebooks.opened()
        path = Path(f"{student}-{found[0].lab}-{found[0].name}.zip")
    else:
        found = own_notebooks.saved(notebook or running_file(), ran)
        path = Path(f"{student}-{found[0].lab}.zip")
    for each in found:
        print("\n".join([each.origin, *_report(each), *duplicates(each.content["cells"], f"{each.name}.ipynb")]))
    beside = list(_beside(found[0].lab))
    with replacing(path) as target, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        for each in found:
            # A zip has no time zone, and the newer of two is graded: UTC is one clock for Colab and all other machines.
            member = zipfile.ZipInfo(f"{each.name}.ipynb", time.gmtime()[:6])
            member.external_attr = 0o644 << 16
            text = json.dumps(each.content, ensure_ascii=False, indent=1)
            file.writestr(member, text, zipfile.ZIP_DEFLATED)
        for extra in beside:
            file.write(extra, extra.name)
    print(f"Written: {path} ({path.stat().st_size:,} bytes). Upload it where your course collects hand-ins.")
    if colab.inside():
        colab.download(path)
    else:
        display(FileLink(str(path)))


def fits(student: str) -> bool:
    """Whether an id can be a folder's name: letters and digits of any script, and a few signs between them."""
    return bool(ID.fullmatch(student)) and len(student.encode("utf-8")) <= LONGEST_ID_BYTES


def standing(notebook: Notebook) -> dict[str, tuple[str, str]]:
    """How far each exercise is, by the notebook's own text alone: done, wrong or not begun, and why it is wrong.

    As in grading, a mistake counts once: the library stands in for a function that is not right, where others call it.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"{notebook.name}.ipynb")
        path.write_text(json.dumps(notebook.content), encoding="utf-8")
        found = definitions(path)
    states = {}
    for name in own_notebooks.exercises(notebook.content):
        states[name] = _state(name, found.space.get(name), found.problems)
        if states[name][0] != "done" and hasattr(library, name):
            found.space[name] = getattr(library, name)
    return states


def _state(name: str, value: object, problems: dict[str, str]) -> tuple[str, str]:
    check = getattr(checks, name, None)
    if value is None:
        return "wrong", problems.get(name, f"no cell defines {name}")
    if not isinstance(check, Check):
        return "done", ""
    problem = check.problem(value)
    if problem is None:
        return "done", ""
    return ("not begun", "") if problem.kind is Kind.UNWRITTEN else ("wrong", problem.headline)


def _report(notebook: Notebook) -> Iterator[str]:
    """Lines for its author: the exercises by state, each wrong one with the reason."""
    states = standing(notebook)
    for asked in ("done", "wrong", "not begun"):
        names = [name for name, (state, _) in states.items() if state == asked]
        if asked == "wrong":
            yield from (f"  {asked:<10} {name}: {states[name][1]}" for name in names)
        elif names:
            yield f"  {asked:<10} {', '.join(names)}"
    done = sum(state == "done" for state, _ in states.values())
    yield f"{done} of {len(states)} exercises pass their visible checks. You may hand in again until the deadline."


def _beside(lab: str) -> Iterator[Path]:
    """The files that belong to a lab, as far as they are here; the others are named."""
    for name in BESIDE.get(lab, ()):
        path = Path(name)
        if not path.is_file():
            print(f"There is no {name} here: what needs it scores 0. Run the cells that write it, then this one.")
        elif path.stat().st_size > LARGEST:
            print(f"{name} has {path.stat().st_size:,} bytes, more than grading takes ({LARGEST:,}): it stays here.")
        else:
            yield path
