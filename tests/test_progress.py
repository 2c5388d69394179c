"""``course.progress()``: all labs at a glance, from a session in one lab's folder."""

import json
import re
import shutil
from pathlib import Path

import pytest
import session

import course
from autograder.grader.graded_cells import graded_cells
from course.submission import colab
from course.submission.notebooks import SubmitError

REPO = Path(__file__).resolve().parent.parent
LAB_1 = graded_cells(REPO / "solutions" / "lab1_boxes" / "boxes.py")
LAB_3 = graded_cells(REPO / "solutions" / "lab3_rpn" / "rpn.py")


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return session.solve(REPO, tmp_path_factory.mktemp("solved"))


@pytest.fixture
def labs(tmp_path: Path, solved: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A student's folder: lab 1 done but for one wrong function, the others as released; the session is lab 3's."""
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    folder = shutil.copytree(REPO / "release", tmp_path / "labs")
    for lab in folder.iterdir():
        if lab.name not in ("lab0_tour", "lab1_boxes", "lab3_rpn"):
            shutil.rmtree(lab)
    text = (solved / "lab1_boxes" / "boxes.ipynb").read_text(encoding="utf-8")
    notebook = json.loads(text)
    for cell in notebook["cells"]:
        if session.grade_id(cell) == "box_area":
            cell["source"] = "def box_area(boxes):\n    return boxes[:, 0]\n"
    (folder / "lab1_boxes" / "boxes.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    monkeypatch.chdir(folder / "lab3_rpn")
    return folder


def test_points_minutes_and_what_comes_next(labs: Path, capsys: pytest.CaptureFixture) -> None:
    course.progress()
    said = capsys.readouterr().out.splitlines()
    one, three = (sum(cell.points for cell in cells.values()) for cells in (LAB_1, LAB_3))
    so_far = one - LAB_1["box_area"].points
    assert [re.split(r"  +", line.strip()) for line in said[1:4]] == [
        ["lab0_tour/tour.ipynb", "nothing to write", "about 15 minutes"],
        ["lab1_boxes/boxes.ipynb", f"{so_far:g} of {one:g} points", "about 75 minutes"],
        ["lab3_rpn/rpn.ipynb", f"0 of {three:g} points", "about two hours"],
    ]
    assert said[4].startswith(f"{so_far:g} of {one + three:g} points by the visible checks")
    assert said[5].startswith("Next: box_area in lab1_boxes/boxes.ipynb (2 points), wrong: ")


def test_it_works_from_the_folder_of_all_labs_and_with_copies(
    labs: Path, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(REPO / "release" / "lab1_boxes" / "boxes.ipynb", labs / "lab1_boxes" / "boxes-Copy1.ipynb")
    shutil.rmtree(labs / "lab3_rpn")
    monkeypatch.chdir(labs)
    course.progress()
    said = capsys.readouterr().out
    assert said.count("lab1_boxes/boxes.ipynb  ") == 1
    assert "18 of 20 points" in said


def test_an_exercise_with_two_cells_is_named(labs: Path, capsys: pytest.CaptureFixture) -> None:
    path = labs / "lab3_rpn" / "rpn.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["cells"].append(next(cell for cell in notebook["cells"] if session.grade_id(cell) == "nms"))
    path.write_text(json.dumps(notebook), encoding="utf-8")
    course.progress()
    assert "lab3_rpn/rpn.ipynb has 2 cells that are the exercise nms" in capsys.readouterr().out


def test_where_no_lab_is_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "alone").mkdir()
    monkeypatch.chdir(tmp_path / "alone")
    with pytest.raises(SubmitError, match="no saved notebook of a lab in"):
        course.progress()


def test_colab_knows_the_open_notebook_alone(
    labs: Path, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = json.loads((labs / "lab1_boxes" / "boxes.ipynb").read_text(encoding="utf-8"))
    monkeypatch.setattr(colab, "inside", lambda: True)
    monkeypatch.setattr(colab, "open_notebook", lambda: content)
    course.progress()
    said = capsys.readouterr().out
    assert "lab1_boxes/boxes.ipynb" in said
    assert "lab3_rpn" not in said
