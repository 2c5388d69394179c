"""Exporters for ``nbgrader export``: the gradebook in the columns that Canvas and Moodle import.

Use them as ``nbgrader export --exporter autograder.exporters.CanvasExporter`` (or ``MoodleExporter``).
"""

import csv
from pathlib import Path
from typing import Any

from nbgrader.api import Assignment, Gradebook, Student, SubmittedAssignment
from nbgrader.plugins import ExportPlugin
from traitlets import Dict, Enum, Unicode

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
            assignments = _chosen(gradebook.assignments, "name", self.assignment, "assignment")
            students = _chosen(gradebook.students, "id", self.student, "student")
            known = self._identified(students)
            rows = self.rows(known, assignments, _submissions(gradebook, assignments))
        except ExportError as error:
            self.log.error("%s", error)
            raise SystemExit(1) from None
        path = Path(self.to or self.file)
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(rows)
        self.log.info("Wrote %s: students %d, assignments %d.", path, len(students), len(assignments))

    def rows(
        self,
        students: list[tuple[str, Student]],
        assignments: list[Assignment],
        submissions: dict[tuple[str, str], SubmittedAssignment],
    ) -> list[list[str]]:
        """The file's rows, header first.

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
                f"No {self.field} in the gradebook for {_listed(lacking)}. Add it (nbgrader db student add "
                f"{FIELDS[self.field]}=… ID, or nbgrader db student import students.csv), or choose another field: "
                f"c.{type(self).__name__}.field."
            )
        owners: dict[str, str] = {}
        for key, student in known:
            if owners.setdefault(key, student.id) != student.id:
                raise ExportError(f"{owners[key]} and {student.id} have the same {self.field} in the gradebook: {key}.")
        return known


class CanvasExporter(LmsExporter):
    """The columns of Canvas's gradebook import, with the row of possible points."""

    file = "canvas.csv"
    field = Enum(list(FIELDS), "lms_user_id", help=LmsExporter.field.help).tag(config=True)
    column = Enum(
        ["ID", "SIS User ID", "SIS Login ID"],
        "ID",
        help="The column for what they are known by. ID is Canvas's own number of a user.",
    ).tag(config=True)

    def rows(
        self,
        students: list[tuple[str, Student]],
        assignments: list[Assignment],
        submissions: dict[tuple[str, str], SubmittedAssignment],
    ) -> list[list[str]]:
        """See :meth:`LmsExporter.rows`."""
        # Canvas looks a name up where an ID is none of its numbers, and might make a new student of it
        if self.column == "ID" and (
            odd := [f"{student.id} ({key})" for key, student in students if not key.isdecimal()]
        ):
            raise ExportError(
                f"Canvas's IDs are numbers, unlike the {self.field} of {_listed(odd)}. If these are logins, "
                "set c.CanvasExporter.column = 'SIS Login ID'."
            )
        columns = ["ID", "SIS User ID", "SIS Login ID"]
        titles = [self.title(assignment) for assignment in assignments]
        points = [_number(assignment.max_score) for assignment in assignments]
        rows = [["Student", *columns, "Section", *titles], ["    Points Possible", "", "", "", "", *points]]
        for key, student in students:
            scores = [_score(submissions.get((assignment.name, student.id))) for assignment in assignments]
            name = ", ".join(filter(None, (student.last_name, student.first_name))) or student.id
            rows.append([name, *(key if column == self.column else "" for column in columns), "", *scores])
        return rows


class MoodleExporter(LmsExporter):
    """The columns of Moodle's grade import: a grade and a comment for each assignment."""

    file = "moodle.csv"
    field = Enum(list(FIELDS), "email", help=LmsExporter.field.help).tag(config=True)
    column = Unicode("Email address", help='The column for what they are known by, such as "ID number".').tag(
        config=True
    )

    def rows(
        self,
        students: list[tuple[str, Student]],
        assignments: list[Assignment],
        submissions: dict[tuple[str, str], SubmittedAssignment],
    ) -> list[list[str]]:
        """See :meth:`LmsExporter.rows`."""
        titles = [
            title
            for assignment in assignments
            for title in (self.title(assignment), f"{self.title(assignment)} (feedback)")
        ]
        rows = [[self.column, "First name", "Last name", *titles]]
        for key, student in students:
            cells = []
            for assignment in assignments:
                submission = submissions.get((assignment.name, student.id))
                cells += [_score(submission), _comment(submission) if submission else ""]
            rows.append([key, student.first_name or "", student.last_name or "", *cells])
        return rows


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


def _listed(names: list[str]) -> str:
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


def _score(submission: SubmittedAssignment | None) -> str:
    """A submission's points, its penalty for lateness taken off; nothing without a submission."""
    if submission is None:
        return ""
    return _number(max(0.0, submission.score - (submission.late_submission_penalty or 0.0)))


def _comment(submission: SubmittedAssignment) -> str:
    """The points by exercise, the penalty, and what the instructor wrote in formgrader."""
    grades = sorted(
        (grade.name.removeprefix("test_"), grade) for notebook in submission.notebooks for grade in notebook.grades
    )
    parts = [f"{name} {_number(grade.score)} of {_number(grade.max_score)}" for name, grade in grades]
    if submission.late_submission_penalty:
        parts.append(f"late: − {_number(submission.late_submission_penalty)}")
    written = [
        comment.manual_comment
        for notebook in submission.notebooks
        for comment in notebook.comments
        if comment.manual_comment
    ]
    return "\n".join([" · ".join(parts), *written])


def _number(value: float) -> str:
    """A number with at most two decimals, as both gradebooks keep them."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
