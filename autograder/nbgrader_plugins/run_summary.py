"""What ``nbgrader autograde`` says: one line at the end of a run, in the place of nine for each student."""

import logging
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from nbformat import NotebookNode
from nbformat.warnings import MissingIDFieldWarning
from nbgrader.api import Assignment, Gradebook, SubmittedAssignment
from sqlalchemy.exc import SAWarning

from autograder.commands.worth_a_look import Written, looks


class _Steps(logging.Filter):
    """Lets everything pass but the steps that nbgrader tells of each notebook, and a word that our line replaces."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno > logging.INFO and record.getMessage() != "Canceled"


@contextmanager
def without_steps(log: Any) -> Iterator[None]:
    """While active, nbgrader's ``log`` shows warnings and errors only, unless it was asked for more (``--debug``).

    A log file gets all of it. Warnings of SQLAlchemy and nbformat, which speak to nbgrader's authors, are not shown.
    """
    steps = _Steps()
    shown = [each for each in log.handlers if each.level >= logging.INFO and not isinstance(each, logging.FileHandler)]
    with warnings.catch_warnings():
        for kind in (SAWarning, MissingIDFieldWarning):
            warnings.simplefilter("ignore", kind)
        for handler in shown:
            handler.addFilter(steps)
        try:
            yield
        finally:
            for handler in shown:
                handler.removeFilter(steps)


class RunSummary:
    """What became of a run's submissions."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._written: dict[str, list[Written]] = {}
        self._unreadable: set[str] = set()
        self.graded: set[str] = set()
        self.uncertain: set[str] = set()

    def add(self, student: str, written: Sequence[Written], readable: bool) -> None:
        """Note what a student has written, and whether each of the notebooks can be read."""
        self._written[student] = [*self._written.get(student, []), *written]
        if not readable:
            self._unreadable.add(student)

    def interrupted(self) -> str:
        """The sentence for somebody who has stopped the run."""
        return f"{len(self.graded)} of {len(self._written)} judged; run it again to go on."

    def sentence(self, database: str, assignment: str, released: Mapping[str, NotebookNode]) -> str:
        """The line at the end.

        Args:
            database: the gradebook's address.
            assignment: which was graded.
            released: its notebooks as everybody got them.
        """
        given = [cell.source for each in released.values() for cell in each.cells if cell.cell_type == "code"]
        odd = {look.student for look in looks(self._written, given)}
        unchanged = len(self._written) - len(self.graded)
        parts = [
            f"{len(self.graded)} graded" + (f", {unchanged} unchanged" if unchanged else ""),
            f"{len(self._unreadable)} unreadable",
            f"{len(self.uncertain)} uncertain",
            f"{len(odd)} worth a look",
        ]
        if self._written:
            with Gradebook(database) as gradebook:
                points = gradebook.find_assignment(assignment).max_score
                query = gradebook.db.query(SubmittedAssignment.score, SubmittedAssignment.late_submission_penalty)
                scores = query.join(Assignment).filter(Assignment.name == assignment).all()
            mean = sum(max(0.0, score - penalty) for score, penalty in scores) / len(scores)
            parts.append(f"mean {mean:.1f} of {points:g} points")
        return f"{'; '.join(parts)}; {time.monotonic() - self._start:.0f} s."
