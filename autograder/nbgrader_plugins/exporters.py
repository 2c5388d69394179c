"""Exporters for ``nbgrader export``: the gradebook in the columns that Canvas and Moodle import.

Use them as ``nbgrader export --exporter autograder.nbgrader_plugins.exporters.CanvasExporter`` (or ``MoodleExporter``).
"""

from nbgrader.api import Assignment, Student, SubmittedAssignment
from traitlets import Enum, Unicode

from autograder.nbgrader_plugins.lms_exporter import FIELDS, ExportError, LmsExporter, listed


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
    ) -> list[list[str | float]]:
        """See :meth:`LmsExporter.rows`."""
        # Canvas looks a name up where an ID is none of its numbers, and might make a new student of it
        if self.column == "ID" and (
            odd := [f"{student.id} ({key})" for key, student in students if not key.isdecimal()]
        ):
            raise ExportError(
                f"Canvas's IDs are numbers, unlike the {self.field} of {listed(odd)}. If these are logins, "
                "set c.CanvasExporter.column = 'SIS Login ID'."
            )
        columns = ["ID", "SIS User ID", "SIS Login ID"]
        titles = [self.title(assignment) for assignment in assignments]
        points = [_number(assignment.max_score) for assignment in assignments]
        rows: list[list[str | float]] = [
            ["Student", *columns, "Section", *titles],
            ["    Points Possible", "", "", "", "", *points],
        ]
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
    ) -> list[list[str | float]]:
        """See :meth:`LmsExporter.rows`."""
        titles = [
            title
            for assignment in assignments
            for title in (self.title(assignment), f"{self.title(assignment)} (feedback)")
        ]
        rows: list[list[str | float]] = [[self.column, "First name", "Last name", *titles]]
        for key, student in students:
            cells: list[str | float] = []
            for assignment in assignments:
                submission = submissions.get((assignment.name, student.id))
                cells += [_score(submission), _comment(submission) if submission else ""]
            rows.append([key, student.first_name or "", student.last_name or "", *cells])
        return rows


def _score(submission: SubmittedAssignment | None) -> str | float:
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


def _number(value: float) -> float:
    """A number with at most two decimals, as both gradebooks keep them; a whole one without point."""
    rounded = round(value, 2)
    return int(rounded) if rounded == int(rounded) else rounded
