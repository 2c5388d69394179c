"""What a feedback page says of one notebook: made of the gradebook's points and of the reports in the graded cells.

Nothing here is HTML. What a student or an answer says stays a text, which the template escapes.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from nbconvert.filters import strip_ansi
from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_task

from autograder.engine.canonical import NOTE
from autograder.engine.cell_outputs import reported
from autograder.grader.exercise_report import Report
from autograder.grader.graded_cells import TEST
from autograder.nbgrader_plugins.shown_cells import Shown, shown_cells

TITLE = re.compile(r"# +(.+)")


@dataclass(frozen=True)
class Grade:
    """A graded cell in the gradebook; ``None`` where nobody has given such points."""

    points: float
    auto: float | None = None
    manual: float | None = None
    extra: float | None = None

    @property
    def score(self) -> float:
        """What counts, as nbgrader works it out."""
        given = self.auto if self.manual is None else self.manual
        return 0.0 if given is None else given + (self.extra or 0.0)


@dataclass(frozen=True)
class Comment:
    """What nbgrader and the instructor remark on a cell."""

    auto: str
    manual: str


@dataclass(frozen=True)
class Marks:
    """What the gradebook knows of a student's notebook.

    Attributes:
        grades, comments: by ``grade_id``.
        penalty: points that are taken off for lateness.
        handed_in: when, in UTC; ``None`` where nobody has written that down.
        seconds_late: 0 in time, ``None`` where there is no due date or ``handed_in`` is not known.
    """

    grades: Mapping[str, Grade]
    comments: Mapping[str, Comment] = field(default_factory=dict)
    penalty: float = 0.0
    handed_in: datetime | None = None
    seconds_late: float | None = None


@dataclass(frozen=True)
class Exercise:
    """A graded cell: its points, what the grader found, and what the instructor says.

    Attributes:
        report: ``None`` where a cell is graded by other means, or by hand.
        error: what the graded cell stopped with in the place of a report, or ``""``.
        comment: in Markdown.
    """

    name: str
    grade: Grade
    report: Report | None
    error: str
    comment: str

    @property
    def lost(self) -> float:
        """The points that are left to earn."""
        return max(0.0, self.grade.points - self.grade.score)

    @property
    def share(self) -> float:
        """How much of the points is earned, from 0 to 1."""
        if self.grade.points <= 0:
            return 1.0
        return min(1.0, max(0.0, self.grade.score / self.grade.points))

    @property
    def waits(self) -> bool:
        """Whether nobody has graded it yet."""
        return self.grade.auto is None and self.grade.manual is None

    @property
    def by_hand(self) -> bool:
        """Whether the instructor has changed what the grader gave."""
        return self.grade.manual is not None and self.grade.auto not in (None, self.grade.manual)

    @property
    def held(self) -> str:
        """How many cases hold, in words; ``""`` where there are none to count."""
        rows = self.report.rows if self.report and not self.report.unwritten else ()
        held = sum(row.held for row in rows)
        if not rows:
            return ""
        if held == len(rows):
            return f"all {held} cases hold"
        return f"{held or 'none'} of {len(rows)} cases {'holds' if held == 1 else 'hold'}"

    @property
    def first(self) -> str:
        """The one thing to do first, ``""`` with full marks."""
        if not self.lost:
            return ""
        return (self.report.reason or self.report.hint) if self.report else self.error


@dataclass(frozen=True)
class Page:
    """A feedback page.

    Attributes:
        title: of the notebook.
        notes: what was put right in the hand-in, in Markdown.
        comments: the instructor's on cells that give no points, by cell, in Markdown.
        cells: what the student wrote.
    """

    title: str
    notebook: str
    student: str
    marks: Marks
    exercises: tuple[Exercise, ...]
    notes: str
    comments: Mapping[str, str]
    cells: tuple[Shown, ...]

    @property
    def points(self) -> float:
        """What full marks would be."""
        return sum(exercise.grade.points for exercise in self.exercises)

    @property
    def score(self) -> float:
        """What counts, lateness taken off."""
        return max(0.0, sum(exercise.grade.score for exercise in self.exercises) - self.marks.penalty)

    @property
    def complete(self) -> int:
        """How many exercises have full marks."""
        return sum(not exercise.lost for exercise in self.exercises)

    @property
    def begin(self) -> Exercise | None:
        """The exercise to look at first: the one with most points left, and a word on how to get them."""
        left = [exercise for exercise in self.exercises if exercise.first]
        return max(left, key=lambda exercise: exercise.lost, default=None)

    @property
    def arcs(self) -> Iterator[tuple[Exercise, float]]:
        """The exercises, and where each begins on the ring of all points."""
        start = 0.0
        for exercise in self.exercises:
            yield exercise, start
            start += exercise.grade.points


def page(notebook: NotebookNode, name: str, student: str, marks: Marks) -> Page:
    """The page for an autograded notebook without hidden tests."""
    graded = {cell.metadata.nbgrader.grade_id: cell for cell in notebook.cells if is_grade(cell) or is_task(cell)}
    exercises = tuple(_exercise(cell, marks) for grade_id, cell in graded.items() if grade_id in marks.grades)
    names = {exercise.name for exercise in exercises} | graded.keys()
    return Page(
        title=_title(notebook) or name,
        notebook=name,
        student=student,
        marks=marks,
        exercises=exercises,
        notes="".join(cell.source.partition("\n\n")[2] for cell in notebook.cells if cell.get("id") == NOTE),
        comments={key: each.manual for key, each in marks.comments.items() if each.manual and key not in names},
        cells=tuple(shown_cells(notebook)),
    )


def _exercise(cell: NotebookNode, marks: Marks) -> Exercise:
    grade_id = cell.metadata.nbgrader.grade_id
    name, report = grade_id.removeprefix(TEST), reported(cell)
    errors = [output for output in cell.get("outputs", []) if output.output_type == "error"]
    error = "\n".join(errors[0].traceback) if errors and not report else ""
    remarks = [marks.comments[key] for key in dict.fromkeys((grade_id, name)) if key in marks.comments]
    said = [remark.manual or ("" if report else remark.auto) for remark in remarks]
    return Exercise(name, marks.grades[grade_id], report, strip_ansi(error), "\n\n".join(filter(None, said)))


def _title(notebook: NotebookNode) -> str:
    """The first heading of the notebook."""
    found = (TITLE.match(cell.source) for cell in notebook.cells if cell.cell_type == "markdown")
    return next((heading[1].strip() for heading in found if heading), "")
