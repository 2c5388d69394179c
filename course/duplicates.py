"""Exercises whose cell a notebook has more than once, as after *Duplicate Cell*; nbgrader knows a cell by one id."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any


def duplicates(cells: Iterable[dict[str, Any]], called: str) -> Iterator[str]:
    """A line for each exercise, or check, that has several cells: what comes of it, and what to do.

    Args:
        cells: a notebook's, as nbformat's JSON has them.
        called: the notebook's name in these lines.
    """
    marks = [cell.get("metadata", {}).get("nbgrader", {}) for cell in cells]
    for name, count in Counter(str(mark["grade_id"]) for mark in marks if mark.get("grade_id")).items():
        if count > 1:
            what = f"check {name.removeprefix('test_')}" if name.startswith("test_") else f"are the exercise {name}"
            yield (
                f"{called} has {count} cells that {what}, as after Duplicate Cell. Keep one and delete the others: "
                "Validate breaks down over them, and of several only the last is graded. To try something out, add an "
                "empty cell instead (+ in the toolbar)."
            )


def running_file() -> str:
    """The running notebook's file name, as Jupyter told its kernel; "" where it did not, or it has moved since."""
    name = Path(os.environ.get("JPY_SESSION_NAME", "")).name
    return name if name and Path(name).is_file() else ""
