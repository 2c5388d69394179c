"""The engine grades a course that is not this one: the one of docs/engine.md, built from the page's own text."""

import os
import re
import subprocess
import sys
from pathlib import Path

import jupytext
import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.commands import notebooks
from autograder.grader.exercise_report import MIME
from autograder.spec import ROOT, SETTING, current

pytestmark = pytest.mark.sandbox

LAB, NOTEBOOK = "first", "numbers"
RIGHT = {"double": "def double(x):\n    return 2 * x", "total": "def total(x):\n    return x @ torch.ones_like(x)"}
WRONG = {"double": "def double(x):\n    return x + x[0] - x[0] + x", "total": "def total(x):\n    return torch.sum(x)"}
LOOK_AROUND = """
import importlib.util
print([name for name in ("ten_lines", "ten_lines_hidden", "course.library", "autograder.grader")
       if name.split(".")[0] == name and importlib.util.find_spec(name)])
import course, autograder, os
print(sorted(os.listdir(course.__path__[0])), sorted(os.listdir(autograder.__path__[0])))
"""


def written(page: str, course: Path) -> None:
    """Write the page's course into a folder."""
    checks, cases, spec, notebook, config = re.findall(r"```(?:python|text)\n(.*?)```", page, re.DOTALL)
    for name, text in (
        ("ten_lines/__init__.py", ""),
        ("ten_lines/checks.py", checks),
        ("ten_lines_hidden/__init__.py", ""),
        ("ten_lines_hidden/cases.py", cases),
        ("ten_lines_hidden/spec.py", spec),
        ("nbgrader_config.py", config.replace("/path/to/rcnn-by-hand", str(ROOT))),
    ):
        path = course / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    source = course / "source" / LAB / f"{NOTEBOOK}.ipynb"
    source.parent.mkdir(parents=True)
    nbformat.write(jupytext.reads(notebook, "py:percent"), source)


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course after two hand-ins, a right one and a wrong one, were graded."""
    course = tmp_path_factory.mktemp("other") / "course"
    written((ROOT / "docs" / "engine.md").read_text(encoding="utf-8"), course)

    def nbgrader(*arguments: str) -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(course)])}
        environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        command = [sys.executable, "-m", "nbgrader", *arguments]
        done = subprocess.run(command, cwd=course, env=environment, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stdout + done.stderr

    nbgrader("generate_assignment", LAB)
    released = notebooks.read(course / "release" / LAB / f"{NOTEBOOK}.ipynb")
    for student, cells in (("ada", RIGHT), ("bob", WRONG)):
        folder = course / "submitted" / student / LAB
        folder.mkdir(parents=True)
        nbformat.write(notebooks.solve(released, cells, (LOOK_AROUND,)), folder / f"{NOTEBOOK}.ipynb")
    nbgrader("autograde", LAB)
    return course


def scores(course: Path, student: str) -> dict[str, float]:
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        (notebook,) = book.find_submission(LAB, student).notebooks
        return {grade.name: grade.auto_score for grade in notebook.grades}


def cells(course: Path, student: str) -> list[nbformat.NotebookNode]:
    return list(notebooks.read(course / "autograded" / student / LAB / f"{NOTEBOOK}.ipynb").cells)


def test_right_answers_get_their_points_and_wrong_ones_do_not(graded: Path) -> None:
    assert scores(graded, "ada") == {"test_double": 2.0, "test_total": 3.0}
    bob = scores(graded, "bob")
    assert 0 < bob["test_double"] < 2.0
    assert bob["test_total"] == 0.0


def test_the_hints_are_the_other_courses(graded: Path) -> None:
    double, total = (
        cell.outputs[0].data[MIME] for cell in cells(graded, "bob") if cell.metadata.get("nbgrader", {}).get("grade")
    )
    assert double["hint"] == "Without numbers there is nothing to take first."
    assert "it calls torch.sum" in total["reason"].lower()


def test_students_see_their_package_and_what_answers_the_grader(graded: Path) -> None:
    text = next(cell.outputs[0].text for cell in cells(graded, "ada") if "find_spec" in cell.source)
    ours = "['__init__.py', 'checking', 'duplicates.py', 'errors.py', 'setup.py'] ['student']"
    assert text.splitlines() == ["['ten_lines']", ours]


@pytest.mark.parametrize("name", ["no_such_package:SPEC", "autograder.spec:NOTHING", "autograder.spec:ROOT", ":"])
def test_a_setting_that_names_no_course_is_told(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SETTING, name)
    with pytest.raises(ValueError, match=f"{SETTING} should name a CourseSpec as module:NAME"):
        current()
