"""``course.submit``: it finds the right notebooks, says how far they are, and writes what nbgrader and grading take."""

import json
import os
import shutil
import sys
import time
import types
import zipfile
from calendar import timegm
from pathlib import Path
from typing import Any

import pytest
import session

import course
from autograder.collecting.owners import own
from autograder.grader.graded_cells import graded_cells
from course.submission import notebooks as own_notebooks
from course.submission import submit as handing_in
from course.submission.colab import ColabError
from course.submission.notebooks import SubmitError

REPO = Path(__file__).resolve().parent.parent
LAB_1 = tuple(graded_cells(REPO / "solutions" / "lab1_boxes" / "boxes.py"))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder: nobody grades, and nobody has told us who and what we are."""
    for name in ("NBGRADER_EXECUTION", "JPY_SESSION_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(handing_in, "display", lambda link: None)
    return tmp_path


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return session.solve(REPO, tmp_path_factory.mktemp("labs"))


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The cells that the running notebook ran."""
    cells: list[str] = []
    shell = types.SimpleNamespace(history_manager=types.SimpleNamespace(input_hist_raw=cells))
    monkeypatch.setattr(handing_in, "get_ipython", lambda: shell)
    return cells


def released(lab: str, name: str, to: str = "", **cells: str) -> Path:
    """A released notebook in the working folder, with the text of some solution cells replaced."""
    notebook = json.loads((REPO / "release" / lab / f"{name}.ipynb").read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if session.grade_id(cell) in cells:
            cell["source"] = cells.pop(session.grade_id(cell))
    assert not cells
    path = Path(to or f"{name}.ipynb")
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


def packed(name: str) -> dict[str, Any]:
    with zipfile.ZipFile(name) as file:
        assert file.testzip() is None
        return {each: json.loads(file.read(each)) for each in file.namelist() if each.endswith(".ipynb")}


AREA = "def box_area(boxes):\n    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])\n"


def test_every_exercise_is_done_wrong_or_not_begun(capsys: pytest.CaptureFixture) -> None:
    wrong = {
        "box_iou": "def box_iou(boxes1, boxes2):\n    return boxes1[:, :1] + boxes2[:, 0]\n",
        "clip_boxes_to_image": "def clip_boxes_to_image(boxes, size)\n    return boxes\n",
        "remove_small_boxes": "smallest = 3\n",
    }
    released("lab1_boxes", "boxes", box_area=AREA, **wrong)
    course.submit("ada")
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("boxes.ipynb, saved ")
    assert said[1:-1] == [
        "  done       box_area",
        "  wrong      box_iou: two boxes that overlap: 8 of 72 square pixels",
        "  wrong      clip_boxes_to_image: SyntaxError in line 1 of its cell: expected ':'",
        "  wrong      remove_small_boxes: no cell defines remove_small_boxes",
        f"  not begun  {', '.join(name for name in LAB_1 if name not in ('box_area', *wrong))}",
        f"1 of {len(LAB_1)} exercises pass their visible checks. You may hand in again until the deadline.",
    ]
    assert said[-1].startswith("Written: ada-lab1_boxes.zip (")


def test_the_zip_has_the_code_and_nothing_that_tells_who_ran_it(solved: Path) -> None:
    path = Path(shutil.copy(solved / "lab1_boxes" / "boxes.ipynb", "boxes.ipynb"))
    notebook = json.loads(path.read_text(encoding="utf-8"))
    before = [("".join(cell["source"]), cell["metadata"].get("nbgrader")) for cell in notebook["cells"]]
    notebook["metadata"]["widgets"] = {"state": "x" * 1000}
    for cell in notebook["cells"]:
        cell["metadata"]["executionInfo"] = {"user": {"displayName": "Ada"}}
        if cell["cell_type"] == "code":
            cell |= {"outputs": [{"output_type": "stream", "name": "stdout", "text": "my photo"}], "execution_count": 3}
    path.write_text(json.dumps(notebook), encoding="utf-8")
    course.submit("ada")
    (came,) = packed("ada-lab1_boxes.zip").values()
    assert [("".join(cell["source"]), cell["metadata"].get("nbgrader")) for cell in came["cells"]] == before
    assert not any(word in json.dumps(came) for word in ("widgets", "executionInfo", "my photo"))
    assert path.stat().st_size > Path("ada-lab1_boxes.zip").stat().st_size
    assert sorted(os.listdir()) == ["ada-lab1_boxes.zip", "boxes.ipynb"]


@pytest.mark.parametrize("zone", ["Etc/GMT-14", "Etc/GMT+12"])
def test_the_zip_says_in_utc_when_it_was_made(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nbgrader zip_collect keeps the newer of two, and one may come from Colab."""
    released("lab1_boxes", "boxes")
    with monkeypatch.context() as patched:
        patched.setenv("TZ", zone)
        time.tzset()
        course.submit("ada")
    time.tzset()
    with zipfile.ZipFile("ada-lab1_boxes.zip") as file:
        assert abs(timegm((*file.getinfo("boxes.ipynb").date_time, 0, 0, 0)) - time.time()) < 120


@pytest.mark.parametrize("notebook", session.notebooks(REPO)[1:])
def test_every_solved_notebook_is_known_and_done(notebook: str, solved: Path) -> None:
    content = json.loads((solved / notebook).read_text(encoding="utf-8"))
    each = own_notebooks.of(content, "this one", "this one")
    assert f"{each.lab}/{each.name}.ipynb" == notebook
    names = own_notebooks.exercises(content)
    assert 0 < len(names) == len(set(names) & {session.grade_id(cell) for cell in content["cells"]})
    if each.lab != "lab7_capstone":  # there an answer may read what a training wrote
        assert set(handing_in.standing(each).values()) == {("done", "")}


def test_both_notebooks_of_lab_5_go_together(capsys: pytest.CaptureFixture) -> None:
    released("lab5_fpn_mask", "fpn")
    released("lab5_fpn_mask", "mask")
    released("lab1_boxes", "boxes")
    course.submit("ada", notebook="fpn.ipynb")
    assert list(packed("ada-lab5_fpn_mask.zip")) == ["fpn.ipynb", "mask.ipynb"]
    assert "not begun  FPN, roi_level" in capsys.readouterr().out


def test_the_weights_of_lab_7_go_along_unless_they_are_too_large(
    capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    released("lab7_capstone", "capstone")
    course.submit("ada")
    assert "There is no detector.safetensors here" in capsys.readouterr().out
    Path("detector.safetensors").write_bytes(b"weights")
    course.submit("ada")
    with zipfile.ZipFile("ada-lab7_capstone.zip") as file:
        assert file.namelist() == ["capstone.ipynb", "detector.safetensors"]
    monkeypatch.setattr(handing_in, "LARGEST", 3)
    course.submit("ada")
    assert "detector.safetensors has 7 bytes, more than grading takes (3): it stays here." in capsys.readouterr().out
    assert list(packed("ada-lab7_capstone.zip")) == ["capstone.ipynb"]


# --- which notebook ---


def test_of_copies_the_running_one_counts_else_the_one_with_the_right_name(monkeypatch: pytest.MonkeyPatch) -> None:
    released("lab1_boxes", "boxes", "another try.ipynb", box_area="# another try\n")
    released("lab1_boxes", "boxes", box_area="# the right name\n")
    released("lab1_boxes", "boxes", "boxes-Copy1.ipynb", box_area="# a copy\n")
    course.submit("ada")
    assert "# the right name" in json.dumps(packed("ada-lab1_boxes.zip"))
    monkeypatch.setenv("JPY_SESSION_NAME", str(Path.cwd() / "boxes-Copy1.ipynb"))
    course.submit("ada")
    assert list(packed("ada-lab1_boxes.zip")) == ["boxes.ipynb"]
    assert "# a copy" in json.dumps(packed("ada-lab1_boxes.zip"))


def test_notebooks_of_several_labs_are_asked_about_unless_jupyter_says_which_one_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    released("lab1_boxes", "boxes")
    released("lab3_rpn", "rpn")
    path = Path(shutil.copy("rpn.ipynb", "yolo.ipynb"))
    path.write_text(path.read_text(encoding="utf-8").replace("/release/lab3_rpn/", "/release/lab10_yolo/"))
    with pytest.raises(SubmitError, match=r"notebooks of lab1_boxes, lab3_rpn, lab10_yolo lie here: say which one"):
        course.submit("ada")
    path.unlink()
    monkeypatch.setenv("JPY_SESSION_NAME", "rpn.ipynb")
    course.submit("ada")
    assert list(packed("ada-lab3_rpn.zip")) == ["rpn.ipynb"]
    Path("rpn.ipynb").rename("mine.ipynb")  # Jupyter tells its kernel no more
    Path("boxes.ipynb").unlink()
    course.submit("ada")
    assert list(packed("ada-lab3_rpn.zip")) == ["rpn.ipynb"]


def test_what_is_no_notebook_of_a_lab_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("broken.ipynb").write_text('{"cells": [', encoding="utf-8")
    Path("mine.ipynb").write_text('{"cells": [{"cell_type": "code", "source": "1"}]}', encoding="utf-8")
    with pytest.raises(SubmitError, match="there is no saved notebook of a lab in"):
        course.submit("ada")
    with pytest.raises(SubmitError, match=r"mine\.ipynb is not a notebook of a lab"):
        course.submit("ada", notebook="mine.ipynb")
    with pytest.raises(SubmitError, match=r"there is no file absent\.ipynb here"):
        course.submit("ada", notebook="absent.ipynb")
    assert not list(Path.cwd().glob("*.zip*"))


# --- changes that are not saved ---


def test_what_ran_and_is_not_saved_stops_the_hand_in(ran: list[str]) -> None:
    released("lab1_boxes", "boxes", box_area=AREA)
    ran += ["", "import torch", AREA, AREA.replace("boxes", "these")]
    with pytest.raises(SubmitError, match=r"box_area: what ran last is not in boxes\.ipynb, saved .* Save"):
        course.submit("ada")
    assert not list(Path.cwd().glob("*.zip*"))
    ran.append(AREA + "\n")
    course.submit("ada")


def test_a_try_in_another_saved_cell_stops_nothing(ran: list[str]) -> None:
    path = released("lab1_boxes", "boxes", box_area=AREA)
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["cells"].append(
        {"cell_type": "code", "metadata": {}, "source": ["def box_area(boxes):\n", "    return 1"]}
    )
    path.write_text(json.dumps(notebook), encoding="utf-8")
    ran += [AREA, "def box_area(boxes):\n    return 1", "%matplotlib inline"]
    course.submit("ada")


# --- who ---


@pytest.mark.parametrize(
    "name", ["../ada", "a/b", ".ada", "ada\nb", "-ada", "a:b", "x" * 65, "ada-lab1_boxes", "a-lab12_b"]
)
def test_an_id_that_cannot_be_a_folder_is_named(name: str) -> None:
    with pytest.raises(SubmitError, match="expected your student id"):
        course.submit(name)


@pytest.mark.parametrize(
    "name", ["ada", "101", "Noor O’Brien, Jr.", "王伟", "a.b_c@example.org", "jean-labrecque", "ada-lab1", "a-lab_2"]
)
def test_an_id_as_courses_have_them_is_found_again_in_the_zips_name(name: str) -> None:
    released("lab1_boxes", "boxes")
    course.submit(name)
    for lab, more in (("lab1_boxes", ""), ("lab12_pose", ""), ("lab5_fpn_mask", "-mask")):
        owner = own(f"{name}-{lab}{more}.zip", lab)
        assert owner
        assert owner.student == name
    assert Path(f"{name}-lab1_boxes.zip").is_file()


def test_without_an_id_it_is_asked_for_and_nothing_more_happens(capsys: pytest.CaptureFixture) -> None:
    released("lab1_boxes", "boxes")
    course.submit(" ")
    assert capsys.readouterr().out.startswith("To hand in, write your student id between the quotes")
    assert os.listdir() == ["boxes.ipynb"]


@pytest.mark.parametrize("execution", ["autograde", "validate"])
def test_while_nbgrader_runs_the_notebook_nothing_is_handed_in_and_a_line_says_so(
    execution: str, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NBGRADER_EXECUTION", execution)
    released("lab1_boxes", "boxes")
    course.submit("ada")
    assert "nbgrader is running this notebook, so nothing is handed in." in capsys.readouterr().out
    assert os.listdir() == ["boxes.ipynb"]


def test_what_a_crashed_validate_left_behind_stops_no_hand_in(
    capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    released("lab1_boxes", "boxes")
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    monkeypatch.setenv("JPY_SESSION_NAME", str(Path.cwd() / "boxes.ipynb"))
    course.submit("ada")
    assert "Written: ada-lab1_boxes.zip" in capsys.readouterr().out


def test_two_cells_for_one_exercise_are_named(capsys: pytest.CaptureFixture) -> None:
    path = released("lab1_boxes", "boxes", box_area=AREA)
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for grade_id in ("box_area", "test_box_iou"):
        cell = next(
            each for each in notebook["cells"] if each["metadata"].get("nbgrader", {}).get("grade_id") == grade_id
        )
        notebook["cells"].append(cell)
    path.write_text(json.dumps(notebook), encoding="utf-8")
    course.submit("ada")
    said = capsys.readouterr().out
    assert "boxes.ipynb has 2 cells that are the exercise box_area, as after Duplicate Cell. Keep one" in said
    assert "boxes.ipynb has 2 cells that check box_iou" in said
    assert said.count("Duplicate Cell") == 2
    assert f"of {len(LAB_1)} exercises" in said
    assert "Written: ada-lab1_boxes.zip" in said


# --- all or nothing ---


def test_an_older_zip_stays_until_the_new_one_is_complete(monkeypatch: pytest.MonkeyPatch) -> None:
    released("lab1_boxes", "boxes")
    Path("ada-lab1_boxes.zip").write_bytes(b"older")

    def full(*args: Any, **kwargs: Any) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "writestr", full)
    with pytest.raises(OSError, match="No space left"):
        course.submit("ada")
    assert Path("ada-lab1_boxes.zip").read_bytes() == b"older"


# --- Colab ---


@pytest.fixture
def google(monkeypatch: pytest.MonkeyPatch) -> types.SimpleNamespace:
    """A stand-in for Google's package: ``reply`` is what the browser sends, ``saved`` what it was asked to keep."""
    seen = types.SimpleNamespace(reply=None, saved=[])
    message = types.SimpleNamespace(blocking_request=lambda kind, request, timeout_sec: seen.reply)
    monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))
    monkeypatch.setitem(sys.modules, "google.colab._message", message)
    monkeypatch.setitem(sys.modules, "google.colab.files", types.SimpleNamespace(download=seen.saved.append))
    return seen


def test_in_colab_the_notebook_comes_from_the_browser_and_the_zip_goes_there(
    google: types.SimpleNamespace, capsys: pytest.CaptureFixture
) -> None:
    path = released("lab5_fpn_mask", "mask")
    google.reply = {"ipynb": json.loads(path.read_text(encoding="utf-8"))}
    path.unlink()
    course.submit("ada")
    assert google.saved == ["ada-lab5_fpn_mask-mask.zip"]
    assert list(packed("ada-lab5_fpn_mask-mask.zip")) == ["mask.ipynb"]
    assert capsys.readouterr().out.startswith(
        "this notebook, as it stands in the browser now\n  not begun  upsample_1d"
    )


@pytest.mark.parametrize("reply", [None, {}, {"ipynb": {"cells": None}}, "?"])
def test_a_browser_that_does_not_answer_is_named(reply: Any, google: types.SimpleNamespace) -> None:
    google.reply = reply
    with pytest.raises(ColabError, match=r"Colab did not send this notebook .*Download \.ipynb"):
        course.submit("ada")


def test_a_notebook_that_lost_its_title_is_named(google: types.SimpleNamespace) -> None:
    google.reply = {"ipynb": {"cells": [{"cell_type": "markdown", "source": ["# Lab 1"], "metadata": {}}]}}
    with pytest.raises(SubmitError, match="this notebook has lost its first cell"):
        course.submit("ada")


def test_a_link_to_the_next_lab_is_no_badge(repo: Path, google: types.SimpleNamespace) -> None:
    released = json.loads((repo / "release" / "lab1_boxes" / "boxes.ipynb").read_text(encoding="utf-8"))
    without = released["cells"][1:]
    assert "/release/lab2_anchors/anchors.ipynb)" in json.dumps(without)
    google.reply = {"ipynb": {"cells": without}}
    with pytest.raises(SubmitError, match="this notebook has lost its first cell"):
        course.submit("ada")
