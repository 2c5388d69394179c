"""A lab's notebooks in all forms: text in solutions/, notebook in source/, nbgrader's release, a student's hand-in."""

import copy
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

from autograder.commands.notebook_header import wrong_points
from autograder.errors import InstructorError
from autograder.grader.graded_cells import lab_number

ROOT = Path(__file__).resolve().parents[2]


def labs(root: Path = ROOT) -> list[str]:
    """The labs that have a notebook in source/, in order."""
    return sorted((path.name for path in (root / "source").glob("*") if any(path.glob("*.ipynb"))), key=lab_number)


def known_lab(lab: str, root: Path = ROOT) -> str:
    """``lab`` itself.

    Raises:
        InstructorError: no lab is called so; the message lists those that exist.
    """
    if not labs(root):
        raise InstructorError(f"no lab has a notebook in {root / 'source'}: run this in a clone of rcnn-by-hand.")
    if lab not in labs(root):
        raise InstructorError(f"no lab is called {lab!r}; there are {', '.join(labs(root))}.")
    return lab


def read(path: Path) -> NotebookNode:
    """Read a notebook.

    Raises:
        InstructorError: the file is missing, or is not a notebook.
    """
    try:
        return nbformat.read(path, as_version=4)
    except FileNotFoundError:
        raise InstructorError(f"{path} does not exist.") from None
    except (
        Exception
    ) as error:  # nbformat raises many kinds: broken JSON, encodings, schema, a list instead of an object
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:100]
        raise InstructorError(f"{path} is not a notebook: {reason}") from None


def solve(released: NotebookNode, cells: dict[str, str], extra: tuple[str, ...] = ()) -> NotebookNode:
    """A student's hand-in: the released notebook with solution cells filled in.

    Args:
        released: the notebook as nbgrader released it.
        cells: text by ``grade_id``; solution cells that are not named stay unwritten.
        extra: text of cells that the student added after the setup cell.
    """
    notebook = copy.deepcopy(released)
    solution_cells = to_write(notebook)
    for grade_id, text in cells.items():
        solution_cells[grade_id].source = text
    first = next(index for index, cell in enumerate(notebook.cells) if cell.cell_type == "code")
    notebook.cells[first + 1 : first + 1] = [nbformat.v4.new_code_cell(text) for text in extra]
    return notebook


def to_write(notebook: NotebookNode) -> dict[str, NotebookNode]:
    """The cells of a notebook that are the student's to write, by ``grade_id``."""
    return {
        cell.metadata.nbgrader.grade_id: cell
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    }


def solutions(lab: str, name: str, root: Path = ROOT) -> dict[str, str]:
    """The reference's solution cells of a notebook, by ``grade_id``."""
    cells = to_write(read(root / "source" / lab / f"{name}.ipynb"))
    return {grade_id: cell.source for grade_id, cell in cells.items()}


def out_of_step(lab: str, root: Path = ROOT) -> list[str]:
    """In what the text, the notebook and the release of a lab differ, one line each, with the command that mends it."""
    problems = forms_differ(lab, root)
    with tempfile.TemporaryDirectory() as scratch:
        fresh = generate(lab, Path(scratch) / "course", root)
        committed = root / "release" / lab
        names = {path.name for folder in (fresh, committed) for path in folder.glob("*") if path.is_file()}
        for file in sorted(names):
            if not (committed / file).exists() or (fresh / file).read_bytes() != (committed / file).read_bytes():
                problems.append(f"release/{lab}/{file} is not what nbgrader makes of source/: run `make release`")
    return problems


def forms_differ(lab: str, root: Path = ROOT) -> list[str]:
    """In what the text and the notebook of a lab differ, as :func:`out_of_step` says it; quick."""
    problems = []
    texts = {path.stem: path for path in sorted((root / "solutions" / lab).glob("[!_]*.py"))}
    sources = {path.stem: path for path in sorted((root / "source" / lab).glob("*.ipynb"))}
    for name in sorted(texts.keys() ^ sources.keys()):
        missing = "source" if name in texts else "solutions"
        problems.append(f"{lab}/{name} is missing in {missing}/: jupytext writes one form from the other")
    problems += [line.replace(f"{root}{os.sep}", "") for text in texts.values() for line in wrong_points(text)]
    for name in sorted(texts.keys() & sources.keys()):
        where = _first_difference(jupytext.read(texts[name]), read(sources[name]))
        if where:
            text, notebook = texts[name].relative_to(root), sources[name].relative_to(root)
            problems.append(
                f"{text} and {notebook} differ in {where}. Whichever is right, write the other: "
                f"`jupytext --to ipynb --update --output {notebook} {text}` or "
                f"`jupytext --to py:percent --output {text} {notebook}`"
            )
    return problems


def generate(lab: str, course: Path, root: Path = ROOT) -> Path:
    """Make a course folder with one lab's source and our settings, let nbgrader release it; give that folder."""
    (course / "source").mkdir(parents=True)
    shutil.copytree(root / "source" / lab, course / "source" / lab, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    shutil.copy(root / "nbgrader_config.py", course)
    nbgrader("generate_assignment", lab, course=course)
    return course / "release" / lab


def nbgrader(*arguments: str, course: Path) -> str:
    """Run a stock nbgrader command in a course folder and give what it printed.

    Raises:
        InstructorError: it failed; the message ends with nbgrader's own words.
    """
    environment = {
        **os.environ,
        "PATH": str(Path(sys.executable).parent) + os.pathsep + os.environ.get("PATH", ""),
    }
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=course,
        env=environment,  # nbgrader calls alembic by its name
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        words = [line for line in done.stderr.splitlines() if "ERROR" in line] or done.stderr.splitlines()
        raise InstructorError(f"nbgrader {' '.join(arguments)} failed: {words[-1] if words else 'no message'}")
    return done.stdout + done.stderr


def _first_difference(text: NotebookNode, notebook: NotebookNode) -> str:
    """The first cell in which the two forms differ, in words, or ``""``."""
    for number, (a, b) in enumerate(zip(text.cells, notebook.cells, strict=False), start=1):
        for what in ("cell_type", "source"):
            if a[what] != b[what]:
                return f"the {what.replace('_', ' ')} of cell {number} ({b.source.splitlines()[:1]})"
        for key in ("nbgrader", "tags"):
            if a.metadata.get(key) != b.metadata.get(key):
                return f"the {key} metadata of cell {number} ({b.source.splitlines()[:1]})"
        if b.get("outputs"):
            return f"cell {number}, whose outputs are to be cleared"
    if len(text.cells) != len(notebook.cells):
        return f"the number of cells ({len(text.cells)} and {len(notebook.cells)})"
    return ""
