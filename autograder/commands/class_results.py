"""The results of a class, from nbgrader's gradebook and the autograded notebooks."""

import glob
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.api import Student as Person
from nbgrader.api import SubmittedAssignment
from nbgrader.coursedir import CourseDirectory

from autograder.commands.gradebook import course_directory, open_gradebook
from autograder.commands.notebooks import read
from autograder.commands.worth_a_look import Look, Written, looks, written
from autograder.engine.cell_outputs import reported
from autograder.engine.student_ids import unfit
from autograder.errors import InstructorError
from autograder.escaping import terminal
from autograder.nbgrader_plugins import planning


@dataclass(frozen=True)
class Result:
    """One student's exercise: the gradebook's score, and the hint that the grader gave (``""`` with full marks)."""

    exercise: str
    score: float
    points: float
    hint: str


@dataclass(frozen=True)
class Student:
    """One student's results in the notebook's order, the seconds that running it took, and what the student wrote.

    Attributes:
        name: the id.
        called: first and last name, as the gradebook has them.
        penalty: the points that lateness costs.
    """

    name: str
    results: tuple[Result, ...]
    seconds: float
    written: tuple[Written, ...] = ()
    called: str = ""
    penalty: float = 0.0

    @property
    def score(self) -> float:
        """Points over all exercises, less the penalty for lateness, which takes no more than there is."""
        return sum(result.score for result in self.results) - self.deducted

    @property
    def deducted(self) -> float:
        """The points that lateness did cost."""
        return min(self.penalty, max(0.0, sum(result.score for result in self.results)))

    @property
    def points(self) -> float:
        """What full marks would be."""
        return sum(result.points for result in self.results)

    @property
    def hint(self) -> str:
        """The hint of the exercise that lost most points: the one that matters most."""
        worst = max(self.results, key=lambda result: result.points - result.score)
        return f"{worst.exercise}: {worst.hint}" if worst.hint else ""


@dataclass(frozen=True)
class Absent:
    """A student of whom nothing was handed in, by id, and by first and last name."""

    name: str
    called: str = ""


def collect(course: Path, lab: str) -> list[Student]:
    """Read the results of a lab in a course folder; for those who handed in nothing see :func:`not_handed_in`.

    Left out as well is whoever ``nbgrader autograde`` refuses for the folder's name: see :func:`refused`.
    The gradebook is the one of ``nbgrader_config.py``. What was handed in is not opened: broken and missing notebooks
    are scored 0 by ``nbgrader autograde``, which says why.

    Raises:
        InstructorError: nothing was submitted, or something was not autograded yet.
    """
    directory = course_directory(course)
    submitted = _submitted(directory, lab)
    if not submitted:
        raise InstructorError(f"no submissions: nothing matches {_place(directory, 'submitted', '*', lab)}.")
    first = f"run nbgrader autograde {lab} first"
    with open_gradebook(directory, first) as gradebook:
        graded = {submission.student.id: submission for submission in gradebook.assignment_submissions(lab)}
        if missing := sorted(submitted - graded.keys()):
            raise InstructorError(f"not in the gradebook: {terminal(', '.join(missing))}; {first}.")
        for name in sorted(submitted):
            if not _place(directory, "autograded", name, lab).is_dir():
                raise InstructorError(f"not autograded: {terminal(name)}; {first}.")
        return [_student(directory, lab, name, graded[name]) for name in sorted(submitted)]


def not_handed_in(course: Path, lab: str) -> list[Absent]:
    """The students in a course's gradebook of whom nothing is there, neither in ``submitted/`` nor in the gradebook.

    Raises:
        InstructorError: there is no gradebook.
    """
    directory = course_directory(course)
    there = _submitted(directory, lab)
    with open_gradebook(directory, f"run nbgrader autograde {lab} first") as gradebook:
        there |= {submission.student.id for submission in gradebook.assignment_submissions(lab)}
        absent = [Absent(each.id, _called(each)) for each in gradebook.students if each.id not in there]
    return sorted(absent, key=lambda each: each.name)


def found_worth_a_look(students: list[Student], course: Path, lab: str) -> list[Look]:
    """What is worth a look in what a class wrote, beside the cells that everybody got."""
    folder = _place(course_directory(course), "release", ".", lab)
    notebooks = [read(path) for path in sorted(folder.glob("*.ipynb"))]
    given = [cell.source for notebook in notebooks for cell in notebook.cells if cell.cell_type == "code"]
    return looks({student.name: student.written for student in students}, given)


def refused(course: Path, lab: str) -> list[str]:
    """Which submissions ``nbgrader autograde`` does not grade because of their folders' names, one sentence each."""
    directory = course_directory(course)
    directory.assignment_id = lab
    return planning.refused(directory)


def _place(directory: CourseDirectory, step: str, student: str, lab: str) -> Path:
    return Path(directory.format_path(getattr(directory, f"{step}_directory"), student, lab))


def _submitted(directory: CourseDirectory, lab: str) -> set[str]:
    """The students who handed something in, if only an empty folder."""
    form = directory.format_path(directory.submitted_directory, "(?P<student>[^/]+)", lab, escape=True)
    found = glob.glob(str(_place(directory, "submitted", "*", lab)))
    matches = [re.fullmatch(form, path) for path in found if Path(path).is_dir()]
    return {match["student"] for match in matches if match and not unfit(match["student"])}


def _student(directory: CourseDirectory, lab: str, name: str, submission: SubmittedAssignment) -> Student:
    results: list[Result] = []
    cells: list[Written] = []
    seconds = 0.0
    for graded in sorted(submission.notebooks, key=lambda notebook: notebook.name):
        path = _place(directory, "autograded", name, lab) / f"{graded.name}.ipynb"
        # as plain nbgrader leaves a notebook that was not handed in; the engine puts one there
        missing = not path.exists()
        notebook = read(_place(directory, "release", ".", lab) / path.name if missing else path)
        seconds += _seconds(notebook)
        cells += written(notebook)
        scores = {grade.name: grade for grade in graded.grades}
        for cell in notebook.cells:
            grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
            if grade_id in scores:
                grade = scores[grade_id]
                hint = "This notebook is missing in the submission." if missing else _hint(cell)
                hint = "" if grade.score >= grade.max_score else hint
                results.append(Result(grade_id.removeprefix("test_"), grade.score, grade.max_score, hint))
    penalty = submission.late_submission_penalty or 0.0
    return Student(name, tuple(results), seconds, tuple(cells), _called(submission.student), penalty)


def _called(student: Person) -> str:
    return " ".join(filter(None, (student.first_name, student.last_name)))


def _hint(cell: NotebookNode) -> str:
    """What the graded cell told the student, whether by our report or by an error before it."""
    if report := reported(cell):
        return report.reason or report.hint
    errors = [output for output in cell.get("outputs", []) if output.output_type == "error"]
    return f"{errors[0].ename}: {errors[0].evalue}" if errors else "The graded cell gave no result."


def _seconds(notebook: NotebookNode) -> float:
    """What judging took, as the engine noted it; else from the first cell's start to the last one's end."""
    noted = notebook.metadata.get("rcnn_by_hand", {}).get("seconds")
    if noted is not None:
        return float(noted)
    stamps = [
        datetime.fromisoformat(stamp)
        for cell in notebook.cells
        for stamp in cell.metadata.get("execution", {}).values()
    ]
    return (max(stamps) - min(stamps)).total_seconds() if stamps else 0.0
