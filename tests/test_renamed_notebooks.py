"""A notebook under another file name is known by its cells or its badge, in collection and at intake."""

import json
import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader_commands import nbgrader

from autograder.collecting.contents import contents
from autograder.collecting.hand_ins import Finder
from autograder.commands import notebooks
from autograder.engine.intake import Submission, take_in

ANSWER = "def box_iou(boxes1, boxes2):\n    return {!r}\n"
NAMES = ["Boxes", "Copy of boxes", "boxes-Copy1", "boxes (1)", " boxes", "boxes.v2", "作业 1", "1", "a_b-c", "[boxes]"]


@pytest.fixture(scope="module")
def released() -> dict[str, NotebookNode]:
    folder = notebooks.ROOT / "release"
    return {
        path.stem: notebooks.read(path) for lab in ("lab1_boxes", "lab5_fpn_mask") for path in folder.glob(f"{lab}/*")
    }


def lay(folder: Path, released: NotebookNode, file: str, answer: str = "mine", when: float = 1e9) -> NotebookNode:
    """Write a student's notebook under some name, saved at some time."""
    folder.mkdir(exist_ok=True)
    cells = {"box_iou": ANSWER.format(answer)} if "box_iou" in notebooks.to_write(released) else {}
    made = notebooks.solve(released, cells)
    nbformat.write(made, folder / file)
    os.utime(folder / file, (when, when))
    return made


def taken(folder: Path, released: dict[str, NotebookNode], *names: str) -> Submission:
    return take_in(folder, "ada", {name: released[name] for name in names}, folder.parent / "clean")


def answer(submission: Submission) -> str:
    cell = notebooks.to_write(submission.notebooks["boxes"].notebook)["box_iou"]
    return cell.source


def first_cell(submission: Submission, name: str) -> str:
    return str(submission.notebooks[name].notebook.cells[0].source)


@pytest.mark.parametrize("name", NAMES)
def test_it_is_taken_and_instructor_and_student_are_told(
    name: str, tmp_path: Path, released: dict[str, NotebookNode]
) -> None:
    lay(tmp_path / "in", released["boxes"], f"{name}.ipynb")
    submission = taken(tmp_path / "in", released, "boxes")
    assert answer(submission) == ANSWER.format("mine")
    (warning,) = submission.warnings
    assert "There is no file boxes.ipynb" in warning
    assert "About this submission" in first_cell(submission, "boxes")
    assert "was taken for it" in first_cell(submission, "boxes")


def test_the_right_name_wins_and_nothing_is_said(tmp_path: Path, released: dict[str, NotebookNode]) -> None:
    lay(tmp_path / "in", released["boxes"], "boxes.ipynb", "right")
    lay(tmp_path / "in", released["boxes"], "boxes-Copy1.ipynb", "copy", when=2e9)
    submission = taken(tmp_path / "in", released, "boxes")
    assert answer(submission) == ANSWER.format("right")
    assert submission.warnings == ()
    assert "About this submission" not in first_cell(submission, "boxes")


def test_of_two_the_newer_is_taken_and_both_are_named(tmp_path: Path, released: dict[str, NotebookNode]) -> None:
    lay(tmp_path / "in", released["boxes"], "Boxes.ipynb", "older")
    lay(tmp_path / "in", released["boxes"], "Aoxes.ipynb", "newer", when=2e9)
    submission = taken(tmp_path / "in", released, "boxes")
    assert answer(submission) == ANSWER.format("newer")
    assert "Aoxes.ipynb was taken for it, rather than Boxes.ipynb" in submission.warnings[0]


def test_more_of_the_labs_cells_count_more_than_time(tmp_path: Path, released: dict[str, NotebookNode]) -> None:
    lay(tmp_path / "in", released["boxes"], "whole.ipynb", "whole")
    part = lay(tmp_path / "in", released["boxes"], "part.ipynb", "part", when=2e9)
    del part.cells[-2:]
    part.cells = [cell for cell in part.cells if cell.metadata.get("nbgrader", {}).get("grade_id") != "box_area"]
    nbformat.write(part, tmp_path / "in" / "part.ipynb")
    assert answer(taken(tmp_path / "in", released, "boxes")) == ANSWER.format("whole")


def test_without_its_marks_it_is_known_by_its_badge(tmp_path: Path, released: dict[str, NotebookNode]) -> None:
    made = lay(tmp_path / "in", released["boxes"], "x.ipynb")
    for cell in made.cells:
        cell.metadata.pop("nbgrader", None)
    nbformat.write(made, tmp_path / "in" / "x.ipynb")
    submission = taken(tmp_path / "in", released, "boxes")
    assert "x.ipynb was taken" in submission.warnings[0]


def test_two_notebooks_of_a_lab_are_not_mixed_up(tmp_path: Path, released: dict[str, NotebookNode]) -> None:
    lay(tmp_path / "in", released["fpn"], "Untitled1.ipynb")
    lay(tmp_path / "in", released["mask"], "Untitled2.ipynb")
    fpn, mask = taken(tmp_path / "in", released, "fpn", "mask").warnings
    assert "fpn.ipynb: Untitled1.ipynb" in fpn
    assert "mask.ipynb: Untitled2.ipynb" in mask


def test_what_is_another_notebook_is_not_taken_and_is_named(tmp_path: Path, released: dict[str, NotebookNode]) -> None:
    lay(tmp_path / "in", released["fpn"], "homework.ipynb")
    (tmp_path / "in" / "list.ipynb").write_text("[]")
    (tmp_path / "in" / "odd.ipynb").write_text(
        json.dumps({"cells": [1, {"metadata": 3}, {"metadata": {"nbgrader": []}}]})
    )
    (tmp_path / "in" / "link.ipynb").symlink_to(tmp_path / "in" / "homework.ipynb")
    form = taken(tmp_path / "in", released, "boxes").notebooks["boxes"]
    assert form.unreadable.startswith("is missing in the submission")
    assert "homework.ipynb" in form.unreadable


@pytest.mark.parametrize("name", NAMES)
def test_the_collector_takes_it_along(name: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "ada-lab1_boxes.zip", "w") as file:
        file.writestr(f"{name}.ipynb", "{}")
    (hand_in,) = Finder("", "lab1_boxes", (".ipynb",)).find(tmp_path)
    with contents(hand_in, (".ipynb",)) as found:
        assert [piece.path.stem for piece in found.pieces] == [name.strip()]


@pytest.mark.sandbox
def test_a_whole_run_grades_it_like_the_right_name(
    tmp_path: Path, released: dict[str, NotebookNode], lay_course: Callable[[Path], Path]
) -> None:
    course = lay_course(tmp_path / "course")
    solved = notebooks.solve(released["boxes"], notebooks.solutions("lab1_boxes", "boxes"))
    for student, name in (("ada", "boxes"), ("bob", "Copy of boxes")):
        folder = course / "submitted" / student / "lab1_boxes"
        folder.mkdir(parents=True)
        nbformat.write(solved, folder / f"{name}.ipynb")
    said = nbgrader("autograde", "lab1_boxes", course=course).stderr
    assert "bob: There is no file boxes.ipynb: `Copy of boxes.ipynb` was taken for it" in said
    shown = [
        [
            cell.outputs[0].data["text/plain"]
            for cell in notebooks.read(course / "autograded" / student / "lab1_boxes" / "boxes.ipynb").cells
            if cell.metadata.get("nbgrader", {}).get("grade")
        ]
        for student in ("ada", "bob")
    ]
    assert (
        shown[0]
        == shown[1]
        == [
            str(float(cell.metadata.nbgrader.points))
            for cell in released["boxes"].cells
            if cell.metadata.get("nbgrader", {}).get("grade")
        ]
    )
    shutil.rmtree(course)
