"""What a notebook's first cell tells: title, time, points, Colab badge; and where told points are not the graded ones.

Points count where nbgrader reads them, in the metadata of the graded cells. The first cell tells their sum, and the
line below an exercise's heading tells its own; both are compared with the graded cells here.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import InstructorError
from autograder.grader.graded_cells import TEST, graded_cells

TITLE = re.compile(r"^# # Lab \d+[^·\n]* · (.+)$", re.MULTILINE)
BADGE = re.compile(r"^# (\[!\[Open in Colab\].*\))$", re.MULTILINE)
SUMMARY = re.compile(r"^# \*\*(?:no|([\d.]+)) points? · ([^·\n]+) · (.+?)\*\*", re.MULTILINE)
EXERCISE = re.compile(r"^# \*[^*\n]*· ([\d.]+) points?\b[^*\n]*\*$", re.MULTILINE)


@dataclass(frozen=True)
class Header:
    """The first cell of a notebook.

    Attributes:
        title: behind the lab's number.
        points: the sum that it tells; 0 for "no points".
        time: in words, as "about 75 minutes".
        work: what there is to write, in words.
        badge: the link that opens the notebook in Colab, as Markdown.
    """

    title: str
    points: float
    time: str
    work: str
    badge: str


def header(text: Path) -> Header:
    """The first cell of a notebook in percent format.

    Raises:
        InstructorError: it lacks the title, the badge or the line with the points.
    """
    words = text.read_text(encoding="utf-8")
    title, badge, summary = (pattern.search(words) for pattern in (TITLE, BADGE, SUMMARY))
    if not (title and badge and summary):
        raise InstructorError(
            f"the first cell of {text} should have a title “# Lab 1 · Boxes”, a Colab badge, and a line "
            "“**20 points · about 75 minutes · five functions**”."
        )
    points, time, work = summary.groups()
    return Header(title[1], float(points or 0), time, work, badge[1])


def wrong_points(text: Path) -> list[str]:
    """Where a notebook in percent format tells other points than its graded cells have, one line each."""
    words, graded = text.read_text(encoding="utf-8"), graded_cells(text)
    problems = []
    told, total = header(text).points, sum(cell.points for cell in graded.values())
    if told != total:
        problems.append(f"{text} says {told:g} points in its first cell; its graded cells have {total:g} together")
    before = 0
    for name, cell in graded.items():
        here = words.index(f'"{TEST}{name}"')
        for line in EXERCISE.finditer(words, before, here):
            if float(line[1]) != cell.points:
                problems.append(f"{text} says {line[1]} points above {name}; its graded cell has {cell.points:g}")
        before = here
    return problems
