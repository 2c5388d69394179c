"""What exporters for learning platforms share: whose scores of what, and by what the platform knows a student."""

import csv
from pathlib import Path
from typing import Any

from nbgrader.api import Assignment, Gradebook, Student, SubmittedAssignment
from nbgrader.plugins import ExportPlugin
from traitlets import Dict, Enum, Unicode

from autograder import escaping
from autograder.grader.graded_cells import lab_number

FIELDS = {"lms_user_id": "--lms-user-id", "email": "--email", "student_id": ""}  # nbgrader's options that fill them in

MOST_NAMES = 12  # in one message


class ExportError(Exception):
    """The gradebook cannot be exported so; the message says what to do."""


class LmsExporter(ExportPlugin):
    """What both exporters share: whose scores of what, and by what the other side knows a student.

    A student without a submission gets an empty cell, not 0: whether that means 0 is the instructor's decision.
    """

    file = ""  # unless --to names another

    field = Enum(
        list(FIELDS), help="The gradebook's field that the students are known by: lms_user_id, email or student_id."
    )
    titles = Dict(
        key_trait=Unicode(),
        value_trait=Unicode(),
        help="What the assignments are called there, by nbgrader's names; an assignment keeps its name by default.",
    ).tag(config=True)

    def export(self, gradebook: Gradebook) -> None:
        """Write the file, or nothing at all and say why."""
        try:
            # by date, as nbgrader has them; those of one date, or none, by number: lab2_anchors before lab10_yolo
            there = sorted(gradebook.assignments, key=lambda each: (str(each.duedate or ""), lab_number(each.name)))
            assignments = _chosen(there, "name", self.assignment, "assignment")
            students = _chosen(gradebook.students, "id", self.student, "student")
            known = self._identified(students)
            rows = self.rows(known, assignments, _submissions(gradebook, assignments))
        except ExportError as error:
            self.log.error("%s", escaping.terminal(str(error)))
            raise SystemExit(1) from None
        path = Path(self.to or self.file)
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([escaping.csv(cell) for cell in row] for row in rows)
        self.log.info("Wrote %s: students %d, assignments %d.", path, len(students), len(assignments))

    def rows(
        self,
        students: list[tuple[str, Student]],
        assignments: list[Assignment],
        submissions: dict[tuple[str, str], SubmittedAssignment],
    ) -> list[list[str | float]]:
        """The file's rows, header first; they are escaped when they are written.

        Args:
            students: with what they are known by.
            assignments: in the columns' order.
            submissions: by the names of assignment and student.
        """
        raise NotImplementedError

    def title(self, assignment: Assignment) -> str:
        """What an assignment is called there."""
        return str(self.titles.get(assignment.name, assignment.name))

    def _identified(self, students: list[Student]) -> list[tuple[str, Student]]:
        """Students with what they are known by.

        Raises:
            ExportError: somebody has nothing in that field, or two have the same: their scores would be mixed up.
        """
        name = "id" if self.field == "student_id" else self.field
        known = [(str(getattr(student, name) or "").strip(), student) for student in students]
        if lacking := [student.id for key, student in known if not key]:
            raise ExportError(
                f"No {self.field} in the gradebook for {listed(lacking)}. Add it (nbgrader db student add "
                f"{FIELDS[self.field]}=… ID, or python -m autograder students students.csv), or choose another field: "
                f"c.{type(self).__name__}.field."
            )
        owners: dict[str, str] = {}
        for key, student in known:
            if owners.setdefault(key, student.id) != student.id:
                raise ExportError(f"{owners[key]} and {student.id} have the same {self.field} in the gradebook: {key}.")
        return known


def _chosen(found: list[Any], key: str, wanted: list[Any], what: str) -> list[Any]:
    """The students or assignments that were asked for; all, where nobody asked for any.

    Raises:
        ExportError: there are none, or not those.
    """
    names = {str(getattr(one, key)): one for one in found}
    if not names:
        raise ExportError(f"There is no {what} in the gradebook.")
    if unknown := [str(name) for name in wanted if str(name) not in names]:
        raise ExportError(f"No {what} in the gradebook is called {', '.join(unknown)}; there are {', '.join(names)}.")
    return [names[str(name)] for name in wanted] or found


def listed(names: list[str]) -> str:
    """Names in one line, which a class of 300 would not fit in."""
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return ", ".join(names[:MOST_NAMES]) + more


def _submissions(gradebook: Gradebook, assignments: list[Assignment]) -> dict[tuple[str, str], SubmittedAssignment]:
    """All submissions of some assignments, by the names of assignment and student."""
    return {
        (assignment.name, submission.student.id): submission
        for assignment in assignments
        for submission in gradebook.assignment_submissions(assignment.name)
    }
