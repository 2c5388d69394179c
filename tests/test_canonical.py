"""What becomes of a submitted notebook before it is graded."""

import copy
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.commands import notebooks
from autograder.engine import intake
from autograder.engine.canonical import LONGEST_CELL, MOST_CELLS, canonical
from autograder.engine.cell_analysis import names, needs_every_cell
from autograder.engine.submitted_cells import LARGEST

LAB = "lab1_boxes"
ANSWER = "def box_iou(boxes1, boxes2):\n    return 'mine'\n"


@pytest.fixture(scope="module")
def released() -> NotebookNode:
    return notebooks.read(notebooks.ROOT / "release" / LAB / "boxes.ipynb")


@pytest.fixture
def submitted(released: NotebookNode) -> NotebookNode:
    return notebooks.solve(released, {"box_iou": ANSWER})


def form(released: NotebookNode, submitted: NotebookNode | bytes) -> tuple[NotebookNode, str]:
    """The canonical notebook without its note, and the note."""
    content = submitted if isinstance(submitted, bytes) else json.dumps(submitted).encode()
    made = canonical(released, content)
    cells = [cell for cell in made.notebook.cells if cell.id != "about-this-submission"]
    note = "".join(cell.source for cell in made.notebook.cells if cell.id == "about-this-submission")
    assert bool(note) == bool(made.notes)
    nbformat.validate(made.notebook)
    return NotebookNode({**made.notebook, "cells": cells}), note


def place(notebook: NotebookNode, grade_id: str) -> int:
    return next(
        number
        for number, cell in enumerate(notebook.cells)
        if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id
    )


def own(notebook: NotebookNode) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.metadata.get("own")]


def test_an_ordinary_submission_is_the_release_with_its_solutions(
    released: NotebookNode, submitted: NotebookNode
) -> None:
    notebook, note = form(released, submitted)
    assert note == ""
    wanted = copy.deepcopy(released)
    wanted.cells[place(wanted, "box_iou")].source = ANSWER
    assert notebook.cells == wanted.cells


def test_nothing_but_code_and_text_is_taken_over(released: NotebookNode, submitted: NotebookNode) -> None:
    for cell in submitted.cells:
        cell.metadata["tags"] = ["skip-execution"]
        if cell.cell_type == "code":
            cell.outputs = [nbformat.v4.new_output("execute_result", data={"text/plain": "10.0"})]
    submitted.metadata["kernelspec"] = {"name": "ir", "display_name": "R", "language": "R"}
    notebook, note = form(released, submitted)
    assert note == ""
    assert notebook.metadata == released.metadata
    assert [cell.metadata for cell in notebook.cells] == [cell.metadata for cell in released.cells]
    assert not any(cell.get("outputs") for cell in notebook.cells)


def change_points(notebook: NotebookNode) -> None:
    notebook.cells[place(notebook, "test_box_iou")].metadata.nbgrader["points"] = 100


def change_schema(notebook: NotebookNode) -> None:
    notebook.cells[place(notebook, "test_box_iou")].metadata.nbgrader["schema_version"] = 99


def change_test(notebook: NotebookNode) -> None:
    notebook.cells[place(notebook, "test_box_iou")].source = "10.0"


def drop_test(notebook: NotebookNode) -> None:
    del notebook.cells[place(notebook, "test_box_iou")]


def swap(notebook: NotebookNode) -> None:
    first, second = place(notebook, "box_area"), place(notebook, "box_iou")
    notebook.cells[first], notebook.cells[second] = notebook.cells[second], notebook.cells[first]


def retype(notebook: NotebookNode) -> None:
    number = place(notebook, "box_iou")
    cell = notebook.cells[number]
    notebook.cells[number] = nbformat.v4.new_markdown_cell(cell.source, metadata=cell.metadata)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (change_points, "marks of the cell test_box_iou were changed"),
        (change_schema, "marks of the cell test_box_iou were changed"),
        (change_test, "graded cell test_box_iou was changed"),
        (drop_test, "graded cell test_box_iou is missing"),
        (swap, "changed places"),
        (retype, "had become a markdown cell"),
    ],
)
def test_what_is_put_right_is_told(
    released: NotebookNode, submitted: NotebookNode, change: Callable[[NotebookNode], None], told: str
) -> None:
    wanted, _ = form(released, submitted)
    change(submitted)
    notebook, note = form(released, submitted)
    assert told in note
    assert notebook.cells == wanted.cells


def test_a_missing_solution_is_unwritten(released: NotebookNode, submitted: NotebookNode) -> None:
    del submitted.cells[place(submitted, "box_iou")]
    notebook, note = form(released, submitted)
    assert "Cell box_iou is missing" in note or "cell box_iou is missing" in note
    assert notebook.cells[place(notebook, "box_iou")].source == released.cells[place(released, "box_iou")].source


def test_of_two_cells_with_one_name_the_last_counts_and_both_run(
    released: NotebookNode, submitted: NotebookNode
) -> None:
    number = place(submitted, "box_iou")
    again = copy.deepcopy(submitted.cells[number])
    again.source = "box_iou = max"
    submitted.cells.insert(number + 1, again)
    notebook, note = form(released, submitted)
    assert "more than one cell for box_iou" in note
    assert notebook.cells[place(notebook, "box_iou")].source == "box_iou = max"
    assert own(notebook) == [ANSWER]
    assert notebook.cells[place(notebook, "box_iou") - 1].source == ANSWER


def test_own_cells_stay_where_they_stood(released: NotebookNode, submitted: NotebookNode) -> None:
    number = place(submitted, "box_iou")
    submitted.cells.insert(number + 1, nbformat.v4.new_code_cell("after"))
    submitted.cells.insert(number, nbformat.v4.new_code_cell("before"))
    submitted.cells.insert(0, nbformat.v4.new_code_cell("first of all"))
    notebook, note = form(released, submitted)
    assert note == ""
    assert own(notebook) == ["first of all", "before", "after"]
    here = place(notebook, "box_iou")
    assert [cell.source for cell in notebook.cells[here - 1 : here + 2]] == ["before", ANSWER, "after"]


def test_a_changed_setup_cell_runs_behind_the_released_one(released: NotebookNode, submitted: NotebookNode) -> None:
    number = next(number for number, cell in enumerate(submitted.cells) if cell.cell_type == "code")
    original = submitted.cells[number].source
    submitted.cells[number].source = changed = original + "\nimport numpy as np"
    notebook, _ = form(released, submitted)
    assert [cell.source for cell in notebook.cells[number : number + 2]] == [original, changed]


def test_html_in_a_students_text_does_not_run(released: NotebookNode, submitted: NotebookNode) -> None:
    submitted.cells.append(nbformat.v4.new_markdown_cell("<b>\n\n[mine](javascript:1)"))
    notebook, _ = form(released, submitted)
    assert own(notebook) == ["    <b>\n    \n    [mine](javascript:1)"]  # a block of code, shown as it was typed


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "broken JSON"),
        (b"{", "broken JSON"),
        (b"[]", "no list of cells"),
        (b'{"cells": 3}', "no list of cells"),
        ("{}".encode("utf-16"), "not UTF-8"),
        (b"[" * 100_000, "broken JSON"),
        (b" " * (LARGEST + 1), "16 MiB are the limit"),
    ],
    ids=["empty", "cut off", "a list", "cells are a number", "UTF-16", "deep", "large"],
)
def test_what_is_no_notebook_is_told_and_has_nothing_written(released: NotebookNode, content: bytes, told: str) -> None:
    made = canonical(released, content)
    assert told in made.unreadable
    assert told in made.notebook.cells[0].source
    assert made.notebook.cells[1:] == released.cells


@pytest.mark.parametrize(
    "cell",
    [
        3,
        {},
        {"cell_type": "code"},
        {"cell_type": "code", "source": [1, "a"], "metadata": 4},
        {"cell_type": "code", "source": {"a": 1}, "metadata": {"nbgrader": [], "tags": 3}},
        {"cell_type": "code", "source": "x", "metadata": {"nbgrader": {"grade_id": ["box_iou"]}}, "id": {}},
        {"cell_type": "code", "source": "a = '\ud800'", "metadata": {}},
        {"cell_type": None, "source": None, "metadata": None},
    ],
)
def test_an_odd_cell_harms_nothing(released: NotebookNode, submitted: NotebookNode, cell: object) -> None:
    content = json.loads(json.dumps(submitted))
    content["cells"].insert(5, cell)
    notebook, _ = form(released, json.dumps(content).encode())
    assert notebook.cells[place(notebook, "box_iou")].source == ANSWER


def test_endless_own_cells_have_an_end(released: NotebookNode, submitted: NotebookNode) -> None:
    submitted.cells += [nbformat.v4.new_code_cell(f"x = {number}") for number in range(MOST_CELLS + 20)]
    notebook, note = form(released, submitted)
    assert len(own(notebook)) == MOST_CELLS
    assert f"there are {MOST_CELLS + 20}" in note


def test_an_endless_own_cell_is_left_out_and_its_author_is_told(
    released: NotebookNode, submitted: NotebookNode
) -> None:
    for source in ("x = 1", f"y = '{'y' * LONGEST_CELL}'", "z = 1"):
        submitted.cells.append(nbformat.v4.new_code_cell(source))
    notebook, note = form(released, submitted)
    assert own(notebook) == ["x = 1", "z = 1"]
    assert "A cell of your own is longer than 200,000 characters: it is left out." in note


def test_of_two_first_cells_with_one_name_both_run(released: NotebookNode, submitted: NotebookNode) -> None:
    """Nothing of the release stands in front of it."""
    for notebook in (released, submitted):
        notebook.cells = notebook.cells[place(notebook, "box_iou") :]
    again = copy.deepcopy(submitted.cells[0])
    again.source = "box_iou = max"
    submitted.cells.insert(0, again)
    notebook, note = form(released, submitted)
    assert "more than one cell for box_iou" in note
    assert [cell.source for cell in notebook.cells[:2]] == ["box_iou = max", ANSWER]


@pytest.mark.parametrize(
    ("source", "defined", "used"),
    [
        ("a = b", {"a"}, {"b"}),
        ("def f(c):\n    d = c\n    return e + d", {"f"}, {"e"}),
        ("import torch as t, numpy.linalg\nt.zeros", {"t", "numpy"}, set()),
        ("%matplotlib inline\nx = y", {"x"}, {"y", "get_ipython"}),
        ("this is no Python", set(), set()),
    ],
)
def test_global_names(source: str, defined: set[str], used: set[str]) -> None:
    assert names(source) == (defined, used)


def test_figures_are_needed_only_by_whoever_uses_their_names(released: NotebookNode, submitted: NotebookNode) -> None:
    assert not needs_every_cell(submitted)
    figure = next(
        cell for cell in submitted.cells if "active-ipynb" in cell.metadata.get("tags", []) and "draw" in cell.source
    )
    figure.source = "margin = 3\n" + figure.source
    submitted.cells[place(submitted, "box_iou")].source = "def box_iou(boxes1, boxes2):\n    return margin\n"
    assert needs_every_cell(submitted)


def test_what_is_no_file_is_not_opened(tmp_path: Path, released: NotebookNode, submitted: NotebookNode) -> None:
    hers = tmp_path / "submitted" / "alice" / LAB
    his = tmp_path / "submitted" / "mallory" / LAB
    linked = tmp_path / "submitted" / "eve"
    for folder in (hers, his):
        folder.mkdir(parents=True)
    nbformat.write(submitted, hers / "boxes.ipynb")
    (his / "boxes.ipynb").symlink_to(hers / "boxes.ipynb")
    (his / "notes.txt").symlink_to("/etc/passwd")
    os.mkfifo(his / "timestamp.txt")
    os.mkfifo(his / "pipe")
    (his / "data.csv").write_text("1, 2\n")
    linked.symlink_to(hers.parent)
    taken = intake.take_in(his, "mallory", {"boxes": released}, tmp_path / "clean" / "mallory")
    assert taken.notebooks["boxes"].unreadable == "is a link, not a file"
    assert sorted(path.name for path in taken.folder.iterdir()) == ["boxes.ipynb", "data.csv"]
    taken = intake.take_in(linked / LAB, "eve", {"boxes": released}, tmp_path / "clean" / "eve")
    assert taken.notebooks["boxes"].unreadable == "lies in a folder that is a link"
    taken = intake.take_in(hers, "alice", {"boxes": released}, tmp_path / "clean" / "alice")
    assert taken.notebooks["boxes"].unreadable == ""


@pytest.mark.parametrize(
    ("text", "kept"),
    [("2026-11-25 20:00:00 UTC", True), ("yesterday, honestly", False), ("\0\1", False), ("9" * 400, False)],
)
def test_a_time_that_nbgrader_cannot_read_is_left_out(
    tmp_path: Path, released: NotebookNode, text: str, kept: bool
) -> None:
    folder = tmp_path / "submitted" / "zoe" / LAB
    folder.mkdir(parents=True)
    (folder / "timestamp.txt").write_text(text)
    taken = intake.take_in(folder, "zoe", {"boxes": released}, tmp_path / "clean")
    assert (taken.folder / "timestamp.txt").exists() is kept
    assert taken.notebooks["boxes"].unreadable == "is missing in the submission"


def opened_below(folder: Path, action: Callable[[], object]) -> list[str]:
    """The names of the files below a folder that are opened meanwhile."""
    opened: list[str] = []
    active = True

    def hook(event: str, arguments: tuple) -> None:
        if active and event == "open" and str(arguments[0]).startswith(str(folder)):
            opened.append(Path(str(arguments[0])).name)

    sys.addaudithook(hook)  # nobody can take one out again
    action()
    active = False
    return opened


def test_files_that_are_too_many_or_too_large_are_not_even_opened(tmp_path: Path, released: NotebookNode) -> None:
    folder = tmp_path / "in"
    (folder / "more").mkdir(parents=True)
    (folder / "a.txt").write_text("1")
    for number in range(200):
        with (folder / f"sparse-{number:03}").open("wb") as file:
            file.truncate(intake.LARGEST_FILE + 1)  # takes no room on the disk
    for name in "bcd":
        with (folder / "more" / name).open("wb") as file:
            file.truncate(intake.LARGEST_FILE)
    taken: list[intake.Submission] = []
    opened = opened_below(
        folder, lambda: taken.append(intake.take_in(folder, "eve", {"boxes": released}, tmp_path / "clean"))
    )
    assert opened == ["a.txt", "b"]  # room is left for one of the large ones
    assert sorted(path.name for path in taken[0].folder.rglob("*") if path.is_file()) == ["a.txt", "b", "boxes.ipynb"]
    notes = taken[0].notebooks["boxes"].notes
    first = ", ".join(f"sparse-{number:03}" for number in range(5))
    assert f"Left out, since larger than 32 MiB: {first} and 195 more." in notes
    assert "The file c and those after it are left out: 50 files of 64 MiB in all are taken." in notes


def test_of_endless_files_some_are_looked_at(tmp_path: Path, released: NotebookNode) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(intake.MOST_SEEN + 100):
        with (folder / f"{number:04}").open("wb") as file:
            file.truncate(intake.LARGEST_FILE + 1)
    (folder / "z.txt").write_text("never reached")
    taken = intake.take_in(folder, "eve", {"boxes": released}, tmp_path / "clean")
    assert [path.name for path in taken.folder.iterdir()] == ["boxes.ipynb"]
    told = " ".join(taken.notebooks["boxes"].notes)
    assert f"The file {intake.MOST_SEEN} and those after it are left out" in told
    assert "0000, 0001, 0002, 0003, 0004 and 995 more" in told
