"""The instructor's page cannot lie: its limits are the code's, its exercise works as written, its settings exist."""

import os
import re
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import nbformat
import pytest

from autograder.commands.exports import exports
from autograder.commands.notebook_header import wrong_points
from autograder.commands.notebooks import ROOT
from autograder.labs import EXERCISES, LABS
from autograder.nbgrader_plugins.autograde import Sandbox
from autograder.nbgrader_plugins.exporters import CanvasExporter, MoodleExporter

TEXT = (ROOT / "docs" / "instructor.md").read_text(encoding="utf-8")
UNITS = {"": 1, "s": 1, "characters": 1, "MiB": 2**20}
LIMIT = re.compile(r"\| [^|]+ \| ([\d.]+)(?: (s|MiB|characters))?(?: of computing)? \| `(\w+)` in `([\w/]+)\.py` \|")
LAB = Path("lab1_boxes")
NEW = "box_centers"  # the exercise that the page adds


def test_the_limits_are_those_of_the_code() -> None:
    rows = [line for line in TEXT.split("| limit |")[1].split("\n\n")[0].splitlines()[2:] if line]
    assert len(rows) >= 12
    for row in rows:
        match = LIMIT.fullmatch(row)
        assert match, row
        number, unit, name, module = match.groups()
        assert getattr(import_module(module.replace("/", ".")), name) == float(number) * UNITS[unit or ""], row


def test_the_settings_exist() -> None:
    classes = {"Sandbox": Sandbox, "CanvasExporter": CanvasExporter, "MoodleExporter": MoodleExporter}
    found = re.findall(r"c\.(Sandbox|CanvasExporter|MoodleExporter)\.(\w+)", TEXT)
    assert {name for name, _ in found} == classes.keys()
    for name, trait in found:
        assert trait in classes[name].class_traits(config=True), (name, trait)
    for trait in Sandbox.class_own_traits(config=True):
        assert f"c.Sandbox.{trait}" in TEXT


SECTION = TEXT.split("## 6.")[1].split("## 7.")[0]
EDIT = re.compile(
    r"`(?P<path>[\w/]+\.py)`"
    r"|in front of the cell that begins \"(?P<cell>[^\"]+)\""
    r"|`(?P<old>[^`]+)` becomes `(?P<new>[^`]+)`"
    r"|```python\n(?P<block>.*?)```",
    re.DOTALL,
)


def follow(root: Path) -> set[str]:
    """Make every edit of the section as printed; which files it touches."""
    touched, path, cell = set(), root, ""
    for edit in EDIT.finditer(SECTION.split("**A whole lab**")[0]):
        if edit["path"]:
            path, cell = root / edit["path"], ""
        elif edit["cell"]:
            cell = edit["cell"]
        else:
            text, block = path.read_text(encoding="utf-8"), (edit["block"] or "").rstrip()
            if edit["old"]:
                assert text.count(edit["old"]) == 1, edit["old"]
                text = text.replace(edit["old"], edit["new"])
            elif cell:
                assert text.count(cell) == 1, cell
                place = text.rindex("# %%", 0, text.index(cell))
                text = f"{text[:place]}{block}\n\n{text[place:]}"
            else:
                text = f"{text}\n\n{block}\n"
            path.write_text(text, encoding="utf-8")
            touched.add(path.relative_to(root).as_posix())
    return touched


def run(root: Path, *words: str, timeout: int = 300) -> subprocess.CompletedProcess[str]:
    """Run a command of this environment in a copy of the course, and let it come to a good end."""
    scripts = Path(sys.executable).parent
    done = subprocess.run(
        words,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=timeout,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    return done


def commands(name: str) -> list[list[str]]:
    """The commands of that name which the section says to type."""
    return [line.split() for line in re.findall(rf"^    ({name}.*)$", SECTION, re.MULTILINE)]


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the course, with one lab's notebooks, in which somebody has followed the section to the letter."""
    root = tmp_path_factory.mktemp("followed")
    ours = shutil.ignore_patterns("__pycache__")
    for folder in ("autograder", "course", "solutions", "tests", "benchmarks", "docs", ".mypy_cache"):
        if (ROOT / folder).exists():
            shutil.copytree(ROOT / folder, root / folder, ignore=ours)
    for folder in ("source", "release"):
        shutil.copytree(ROOT / folder / LAB, root / folder / LAB, ignore=ours)
    for file in filter(Path.is_file, ROOT.glob("[!.]*")):
        shutil.copy(file, root)
    if NEW not in EXERCISES:  # else somebody has followed it here, and these tests hold for that
        touched = follow(root)
        assert len(touched) == 7, touched
        assert "seven files" in SECTION
    (jupytext,) = commands("jupytext")
    run(root, *jupytext)
    assert commands("make") == [["make", "release"]]
    run(root, sys.executable, "-m", "autograder", "release")  # what that target calls, in this environment
    return root


def test_what_follows_from_the_new_exercise_is_written(followed: Path) -> None:
    for form in ("source", "release"):
        assert '"grade_id": "test_box_centers"' in (followed / form / LAB / "boxes.ipynb").read_text(encoding="utf-8")
    for names in ("checks", "library"):
        assert '"box_centers",' in (followed / "course" / names / "__init__.py").read_text(encoding="utf-8")
    (row,) = [line for line in (followed / "README.md").read_text(encoding="utf-8").splitlines() if f"`{LAB}/" in line]
    assert "`box_area` 2 · `box_centers` 2 · `box_iou` 10" in row
    assert "| 80 | 22 |" in row


CHECK = (ROOT / "Makefile").read_text(encoding="utf-8").split("\ncheck:")[1].split("\n\n")[0].splitlines()[1:]


def checking(line: str) -> object:
    """A line of it; types take longest."""
    types = line.endswith("mypy")
    return pytest.param(line, marks=pytest.mark.exhaustive if types else ())  # repeats for types what others show


@pytest.mark.parametrize("line", [checking(line) for line in CHECK])
def test_make_check_stays_green(line: str, followed: Path) -> None:
    run(followed, *line.replace("@$(IN_VENV)", "").split())


def test_its_tests_pass(followed: Path, tmp_path: Path) -> None:
    root = shutil.copytree(followed, tmp_path / "course")
    for lab in (ROOT / "source").iterdir():
        if lab.name != LAB.name:
            shutil.copytree(lab, root / "source" / lab.name)
    (words,) = commands("pytest")
    done = run(root, *words, "-p", "no:cacheprovider")
    assert int(re.findall(r"(\d+) passed", done.stdout)[0]) >= 10


def test_its_promises_are_kept(followed: Path, tmp_path: Path) -> None:
    """What ``make test`` asks of every exercise of the lab."""
    root = shutil.copytree(followed, tmp_path / "course")
    done = run(root, "pytest", f"tests/labs/{LAB}/test_promises.py", "-p", "no:cacheprovider")
    assert "passed" in done.stdout


def test_the_gradebook_is_told_of_it(followed: Path, tmp_path: Path) -> None:
    """The section ends with that, for a gradebook that knew the lab as it was."""
    root = shutil.copytree(followed, tmp_path / "course")
    source, release = (root / form / LAB / "boxes.ipynb" for form in ("source", "release"))
    made, expected = source.read_bytes(), release.read_bytes()
    notebook = nbformat.reads(made.decode(), as_version=4)
    notebook.cells = [
        cell for cell in notebook.cells if NEW not in cell.metadata.get("nbgrader", {}).get("grade_id", "")
    ]
    nbformat.write(notebook, source)
    (words,) = commands("nbgrader")
    assert words == ["nbgrader", "generate_assignment", LAB.name]
    run(root, *words)
    assert NEW.encode() not in release.read_bytes()
    shutil.copytree(root / "release" / LAB, root / "submitted" / "ada" / LAB)
    source.write_bytes(made)
    assert f"by 1 students, who may not know of {NEW} yet" in run(root, *words).stderr
    assert release.read_bytes() == expected


def test_forgotten_points_are_told(followed: Path, tmp_path: Path) -> None:
    text = tmp_path / "solutions" / LAB / "boxes.py"
    text.parent.mkdir(parents=True)
    words = (followed / "solutions" / LAB / "boxes.py").read_text(encoding="utf-8")
    text.write_text(words.replace("22 points", "20 points").replace("10 points", "9 points"), encoding="utf-8")
    assert wrong_points(text) == [
        f"{text} says 20 points in its first cell; its graded cells have 22 together",
        f"{text} says 9 points above box_iou; its graded cell has 10",
    ]


def test_a_lab_takes_no_more_files_than_the_page_lists() -> None:
    listed = re.findall(r"^    ([\w/]+\.py) {2,}", SECTION, re.MULTILINE)
    assert 9 <= len(listed) <= 12
    listed += [f"autograder/labs/lab12_hands/{name}.py" for name in ("inputs", "hints")]  # said below the list
    assert "at most twelve files" in SECTION
    for lab in LABS:
        rooms = {path.replace("lab12_hands", lab).rpartition(".py")[0] for path in listed if "/labs/" in path}
        files = [path for kind in ("course", "autograder") for path in (ROOT / kind / "labs" / lab).rglob("*.py")]
        for path in files:
            name = path.relative_to(ROOT).with_suffix("").as_posix()
            assert path.name == "__init__.py" or any(f"{name}/".startswith(f"{room}/") for room in rooms), path


# files of a lab that students hand in beside its notebook; labs that stand for any in a help text
NAMES_LABS = {"course/submission/submit.py", "autograder/__main__.py"}


def test_no_list_names_a_lab() -> None:
    """A lab is found by scanning: outside of its rooms only what is generated knows it."""
    settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert not [lab for lab in LABS if lab in settings]
    written = {path.relative_to(ROOT).as_posix() for path in exports(ROOT)}
    for kind in ("course", "autograder"):
        for path in (ROOT / kind).rglob("*.py"):
            name = path.relative_to(ROOT).as_posix()
            if f"{kind}/labs/" in name or name in written | NAMES_LABS:
                continue
            code = "\n".join(line.partition("#")[0] for line in path.read_text(encoding="utf-8").splitlines())
            code = re.sub(r'""".*?"""', "", code, flags=re.DOTALL)
            assert not [lab for lab in LABS if lab in code], path
