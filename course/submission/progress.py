"""``course.progress()``: all labs at a glance, by the visible checks, with what comes next."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from course.duplicates import duplicates, running_file
from course.submission import colab
from course.submission import notebooks as own_notebooks
from course.submission.notebooks import Notebook
from course.submission.submit import standing

TIME = re.compile(r"^\*\*[^·\n]+ points? · ([^·\n]+) · ", re.MULTILINE)
NOTHING = "nothing to write"


@dataclass(frozen=True)
class Row:
    """How far a notebook is.

    Attributes:
        notebook: whose.
        points: of each exercise, by name, in order.
        states: of each exercise: done, wrong or not begun, and why it is wrong.
    """

    notebook: Notebook
    points: dict[str, float]
    states: dict[str, tuple[str, str]]

    @property
    def path(self) -> str:
        """Where students find it, from the folder that holds the labs."""
        return f"{self.notebook.lab}/{self.notebook.name}.ipynb"

    @property
    def so_far(self) -> float:
        """The points of the exercises that are done."""
        return sum(self.points[name] for name, (state, _) in self.states.items() if state == "done")

    @property
    def total(self) -> float:
        """The points of all its exercises."""
        return sum(self.points.values())

    def unfinished(self) -> str:
        """The first exercise that is not done, "" where all are."""
        return next((name for name, (state, _) in self.states.items() if state != "done"), "")

    def line(self, width: int) -> str:
        """Path, points and time in one line; the path as wide as ``width``."""
        points = f"{self.so_far:g} of {self.total:g} points" if self.points else NOTHING
        return f"  {self.path:<{width}}  {points:<18}  {_time(self.notebook)}"


def progress() -> None:
    """Say how far you are in each lab: points by the visible checks, the time that a lab takes, and what comes next.

    The notebooks are taken as they are saved, in this notebook's folder, in those beside it and in those below; in
    Colab, the open one alone. Grading looks more closely than the visible checks: these points are no grade.

    Raises:
        SubmitError: there is no lab's notebook.
        ColabError: Colab did not send the notebook.
    """
    found = own_notebooks.opened() if colab.inside() else own_notebooks.around(Path.cwd(), running_file())
    print("Looking at every exercise, as the notebooks are saved: a few seconds for each lab.")
    width = max(len(f"{each.lab}/{each.name}.ipynb") for each in found)
    rows = []
    for each in found:
        rows.append(_row(each))
        print(rows[-1].line(width), flush=True)
    so_far, total = (sum(getattr(row, name) for row in rows) for name in ("so_far", "total"))
    print(f"{so_far:g} of {total:g} points by the visible checks; grading looks more closely.")
    print("\n".join([*_twice(rows), _next(rows)]))


def _row(notebook: Notebook) -> Row:
    marks = [cell.get("metadata", {}).get("nbgrader", {}) for cell in notebook.content["cells"]]
    points = {
        str(mark["grade_id"]).removeprefix("test_"): float(mark.get("points", 0))
        for mark in marks
        if mark.get("grade") and not mark.get("solution")
    }
    return Row(notebook, points, standing(notebook) if points else {})


def _next(rows: list[Row]) -> str:
    """What comes next: the first exercise that is not done, in the order of the labs."""
    for row in rows:
        if name := row.unfinished():
            state, why = row.states[name]
            reason = f": {why}" if why else ""
            return f"Next: {name} in {row.path} ({row.points[name]:g} points), {state}{reason}."
    return "All exercises that are here pass their visible checks. Hand in what you have not handed in yet."


def _twice(rows: list[Row]) -> Iterator[str]:
    for row in rows:
        yield from duplicates(row.notebook.content["cells"], row.path)


def _time(notebook: Notebook) -> str:
    """How long a notebook takes, as its first cell says; "" where it does not any more."""
    texts = map(own_notebooks.text, notebook.content["cells"])
    return next((match[1] for text in texts if (match := TIME.search(text))), "")
