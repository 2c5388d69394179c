"""What a notebook's text says of its exercises: the graded cells, with points and order."""

import inspect
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CELL = re.compile(r"^# %% .*?nbgrader=(\{[^}]*\})", re.MULTILINE)  # in jupytext's percent format
TEST = "test_"  # in front of the exercise's name, in a graded cell's grade_id


def lab_number(lab: str) -> int:
    """Which lab this is: 10 for "lab10_yolo", so that it comes after "lab2_anchors"."""
    return int(re.sub(r"\D", "", lab.partition("_")[0]) or 0)


@dataclass(frozen=True, order=True)
class GradedCell:
    """Where an exercise stands, in the order of the course, and what it is worth.

    Attributes:
        lab: the lab's folder.
        notebook: the notebook's name in it, without ending.
        place: its number among the graded cells of the notebook, from 0.
        points: as nbgrader counts them.
    """

    lab: str
    notebook: str
    place: int
    points: float


def graded_cell(reference: Callable) -> GradedCell:
    """The graded cell of the exercise that a reference solves.

    Raises:
        LookupError: its notebook has none; the message says which cell it expected.
    """
    text, name = Path(inspect.getfile(reference)), reference.__name__
    cells = graded_cells(text)
    if name not in cells:
        raise LookupError(f"{text} has no graded cell with the grade_id {TEST}{name}.")
    return cells[name]


@cache
def graded_cells(text: Path) -> dict[str, GradedCell]:
    """The graded cells of a notebook in percent format, by exercise, in order."""
    found = [json.loads(marks) for marks in CELL.findall(text.read_text(encoding="utf-8"))]
    graded = [marks for marks in found if marks.get("grade")]
    return {
        marks["grade_id"].removeprefix(TEST): GradedCell(text.parent.name, text.stem, place, marks["points"])
        for place, marks in enumerate(graded)
    }
