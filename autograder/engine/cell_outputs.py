"""What a graded cell shows: a report, or why there are no points."""

from contextlib import suppress
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.grader.exercise_report import MIME, Report


def graded(cell: NotebookNode) -> bool:
    """Whether nbgrader reads a score from this cell."""
    return bool(cell.metadata.get("nbgrader", {}).get("grade"))


def no_points(cell: NotebookNode, reason: str) -> Report:
    """A graded cell's report when its exercise could not be judged."""
    marks = cell.metadata.nbgrader
    return Report(str(marks.grade_id).removeprefix("test_"), float(marks.points), 0.0, 0, reason=reason)


def all_lost(notebook: NotebookNode, reason: str) -> dict[str, list[NotebookNode]]:
    """Outputs by cell id for a submission of which nothing can be judged: every exercise 0, for this reason."""
    return {cell.id: shown(no_points(cell, reason)) for cell in notebook.cells if graded(cell)}


def shown(value: Any) -> list[NotebookNode]:
    """A graded cell's outputs: the value of its last line, in the forms that it has."""
    if value is None:
        return []
    data = {"text/plain": repr(value)}
    with suppress(AttributeError):
        data |= value._repr_mimebundle_()
    return [nbformat.v4.new_output("execute_result", data=data)]


def reported(cell: NotebookNode) -> Report | None:
    """The report that a graded cell shows, if it does."""
    for output in cell.get("outputs", []):
        with suppress(KeyError, ValueError):
            return Report.read(output["data"][MIME])
    return None
