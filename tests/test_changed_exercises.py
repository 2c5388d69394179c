"""An exercise that comes to a lab, or leaves it, after hand-ins: one sentence says what to do, and doing so helps."""

import copy
import re
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader_commands import nbgrader

from autograder.labs import LABS

LAB = "lab1_boxes"


@pytest.fixture
def course(tmp_path: Path, lay_course: Callable[[Path], Path]) -> Path:
    """A generated course whose source has got one more exercise since."""
    folder = lay_course(tmp_path / "course")
    path = folder / "source" / LAB / "boxes.ipynb"
    notebook = nbformat.read(path, as_version=4)
    places = {cell.metadata.get("nbgrader", {}).get("grade_id"): n for n, cell in enumerate(notebook.cells)}
    for name in ("box_area", "test_box_area"):
        cell = copy.deepcopy(notebook.cells[places[name]])
        cell.id = cell.metadata.nbgrader.grade_id = name.replace("area", "girth")
        notebook.cells.append(cell)
    nbformat.write(notebook, path)
    return folder


def hand_in(course: Path, *students: str) -> None:
    for student in students:
        shutil.copytree(course / "release" / LAB, course / "submitted" / student / LAB)


def grade(course: Path, student: str) -> None:
    # nbgrader ties a submission to its assignment before it adds it, which SQLAlchemy 2.1 remarks upon
    with warnings.catch_warnings(action="ignore"), Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        book.add_student(student)
        book.add_submission(LAB, student)


def said(course: Path, level: str, *words: str) -> list[str]:
    """The lines of a level that the command says."""
    done = nbgrader(*(words or ("generate_assignment", LAB)), course=course)
    assert (done.returncode != 0) == (level == "ERROR"), done.stderr
    assert "Traceback" not in done.stderr
    return [line.partition(f"| {level}] ")[2] for line in done.stderr.splitlines() if f"| {level}]" in line]


def released(course: Path) -> str:
    return (course / "release" / LAB / "boxes.ipynb").read_text(encoding="utf-8")


def test_without_hand_ins_nothing_is_said(course: Path) -> None:
    assert said(course, "WARNING") == []
    assert "test_box_girth" in released(course)


def test_hand_ins_that_may_lack_it_are_counted(course: Path) -> None:
    hand_in(course, "ada", "bob")
    (line,) = said(course, "WARNING")
    assert "hand-ins of lab1_boxes by 2 students, who may not know of box_girth yet" in line
    assert "give them the new release, and collect again" in line
    assert "test_box_girth" in released(course)
    assert said(course, "WARNING") == []  # it is not new any more


def test_graded_hand_ins_keep_their_exercises(course: Path) -> None:
    grade(course, "ada")
    before = released(course)
    (line,) = said(course, "ERROR")
    assert "lab1_boxes has other exercises than its 1 graded hand-ins (new: box_girth)." in line
    assert "Put new ones into another lab; or" in line
    assert released(course) == before


def test_one_that_has_gone_is_named_as_well(course: Path, lay_course: Callable[[Path], Path]) -> None:
    grade(course, "ada")
    path = course / "source" / LAB / "boxes.ipynb"
    notebook = nbformat.read(path, as_version=4)
    gone = ("box_iou", "test_box_iou", "box_girth", "test_box_girth")
    notebook.cells = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") not in gone]
    nbformat.write(notebook, path)
    (line,) = said(course, "ERROR")
    assert "(gone: box_iou)" in line


def test_a_notebook_that_comes_is_told_like_an_exercise(course: Path, lay_course: Callable[[Path], Path]) -> None:
    shutil.copytree(lay_course(course.parent / "other") / "source" / LAB, course / "source" / LAB, dirs_exist_ok=True)
    shutil.copy(course / "source" / LAB / "boxes.ipynb", course / "source" / LAB / "more.ipynb")
    grade(course, "ada")
    (line,) = said(course, "ERROR")
    assert "(new: more)" in line


def test_words_and_points_may_change_after_grading(course: Path, lay_course: Callable[[Path], Path]) -> None:
    shutil.copytree(lay_course(course.parent / "other") / "source" / LAB, course / "source" / LAB, dirs_exist_ok=True)
    path = course / "source" / LAB / "boxes.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace('"points": 10', '"points": 11'), encoding="utf-8")
    grade(course, "ada")
    assert said(course, "WARNING") == []
    assert '"points": 11' in released(course)


def test_grading_asks_for_a_release_that_the_gradebook_knows(course: Path) -> None:
    """``make release`` alone writes release/, and tells the gradebook nothing."""
    hand_in(course, "ada")
    shutil.copy(course / "source" / LAB / "boxes.ipynb", course / "release" / LAB / "boxes.ipynb")
    (line,) = said(course, "ERROR", "autograde", LAB)
    assert line == (
        "release/ and the gradebook have other exercises in lab1_boxes/boxes (test_box_girth): "
        "run nbgrader generate_assignment lab1_boxes first."
    )


@pytest.mark.sandbox
def test_what_the_refusal_says_to_do_helps(course: Path) -> None:
    hand_in(course, "ada")
    grade(course, "ada")
    (line,) = said(course, "ERROR")
    commands = re.findall(r"nbgrader ([\w ]+? lab1_boxes(?: --force)?)", line)
    assert [command.split()[0] for command in commands] == ["db", "generate_assignment", "autograde"]
    for command in commands:
        said(course, "INFO", *command.split())
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        (submission,) = book.assignment_submissions(LAB)
        assert submission.max_score == sum(exercise.points for exercise in LABS[LAB]) + 2
