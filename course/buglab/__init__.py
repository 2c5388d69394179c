"""The bug lab: detectors that learnt with one wrong part, and what was measured meanwhile.

    print(buglab.report(1))    # how the training went, beside one with right parts
    buglab.suspects(1)         # the parts it was made of, by name: one of them is not what it seems
    buglab.CASES               # 1, 2, 3: traps of the lecture, to be named in the exercise
    buglab.MUSEUM              # 4, 5: bugs that projects published, to be found for the fun of it

Reading on spoils the fun. No file says which part is wrong; there is only a seal that fits one name.
"""

import hashlib
import json
from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import Any

from torch import nn

from course import library
from course.buglab.faulty_parts import TRAPS
from course.errors import PlainError

SEALS = ("f5676e7d792a", "87d8d790ed5a", "0cbc84dfc347", "1a0586e49cbe", "7b3f58ec30b0")
CASES, MUSEUM = (1, 2, 3), (4, 5)
RECORDS = "records.json"  # written by benchmarks/buglab.py


class BugLabError(PlainError):
    """There is no such case; the message says which there are."""


def record(case: int) -> list[dict[str, float]]:
    """What was written down while the detector of a case learnt: a row for every 50 steps.

    Each row has the ``step``, the four losses by name, each a mean of the last 25 steps, and the ``AP50`` on 60 unseen
    scenes. Case 0 is the same training with right parts: 200 steps, 300 pictures, seed 0.

    Raises:
        BugLabError: there is no such case.
    """
    if case not in (0, *CASES, *MUSEUM):
        there_are = ", ".join(map(str, CASES + MUSEUM))
        raise BugLabError(f"expected a case of {there_are}, or 0 for right parts; got {case!r}")
    return [dict(row) for row in _records()[case]]


def report(case: int) -> str:
    """The record of a case as a table, the total of the losses in it, and below it the record with right parts."""
    tables = []
    for number, title in ((case, f"case {case}"), (0, "all parts right")):
        rows = record(number)
        losses = [name for name in rows[0] if name.startswith("loss")]
        heads = ["step", *(name.removeprefix("loss_") for name in losses), "total", "AP50"]
        lines = [title, "  ".join(f"{head:>11}" for head in heads)]
        for row in rows:
            values = [*(row[name] for name in losses), sum(row[name] for name in losses), row["AP50"]]
            lines.append("  ".join([f"{row['step']:>11}", *(f"{value:>11.3f}" for value in values)]))
        tables.append("\n".join(lines))
    return "\n\n".join(tables)


def suspects(case: int) -> dict[str, Callable[..., Any]]:
    """The parts of a case, by name: the library's, one of them with a bug. The visible checks find nothing wrong.

    Classes are what they are; the bug is in a function. ``Detector(buglab.suspects(case), 5)`` is the detector.

    Raises:
        BugLabError: there is no such case.
    """
    if case not in CASES + MUSEUM:
        raise BugLabError(f"expected a case of {', '.join(map(str, CASES + MUSEUM))}, got {case!r}")
    return {name: _suspect(name, case) for name in library.__all__}


def seal(case: int, name: str) -> str:
    """What fits the right name and no other."""
    return hashlib.sha256(f"{case} {name}".encode()).hexdigest()[:12]


def _suspect(name: str, case: int) -> Callable[..., Any]:
    """A part, innocent or not: both look the same."""
    right: Callable[..., Any] = getattr(library, name)
    if isinstance(right, type) and issubclass(right, nn.Module):
        return right

    def suspect(*args: Any, **settings: Any) -> Any:
        guilty = name in TRAPS and seal(case, name) == SEALS[case - 1]
        return TRAPS[name](right, *args, **settings) if guilty else right(*args, **settings)

    suspect.__name__ = suspect.__qualname__ = name
    suspect.__doc__ = right.__doc__
    return suspect


@cache
def _records() -> list[list[dict[str, float]]]:
    text = (resources.files("course") / "buglab" / RECORDS).read_text(encoding="utf-8")
    found: list[list[dict[str, float]]] = json.loads(text)
    return found
