"""Which submissions there are, and which of them nbgrader will go through."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory

from autograder.engine import intake
from autograder.engine.student_ids import unfit
from autograder.nbgrader_plugins.course_folder import FOLDER
from autograder.nbgrader_plugins.finished import Finished
from autograder.nbgrader_plugins.nbgrader_internals import course_like, folders


def clean_course(course: CourseDirectory) -> CourseDirectory:
    """The same course, with clean copies in the place of what was handed in."""
    clean = course_like(course)
    clean.submitted_directory = f"{FOLDER}/submitted"
    return clean


def released(course: CourseDirectory) -> dict[str, NotebookNode]:
    """The released notebooks of the assignment by name, hidden tests included.

    Raises:
        LookupError: the assignment was not generated here; the message says what to run.
    """
    folder = Path(course.format_path(course.release_directory, ".", course.assignment_id))
    with Gradebook(course.db_url, course.course_id) as gradebook:
        return intake.released(folder, course.assignment_id, course.notebook_id, gradebook)


def taken_in(
    course: CourseDirectory, clean: CourseDirectory, notebooks: dict[str, NotebookNode]
) -> Iterator[intake.Submission]:
    """Take one submission in after the other; those whose folder's name is unfit are left out."""
    for student, folder in submissions(course):
        if unfit(student):
            continue
        place = Path(clean.format_path(clean.submitted_directory, student, course.assignment_id))
        yield intake.take_in(folder, student, notebooks, place)


def submissions(course: CourseDirectory) -> list[tuple[str, Path]]:
    """Students and folders that nbgrader would find, and those whose folder has no notebook."""
    left_out = set(filter(None, course.student_id_exclude.split(",")))
    form = course.format_path(course.submitted_directory, "(?P<student>(?s:.*))", course.assignment_id, escape=True)
    found = {}
    for path in folders(course, course.submitted_directory):
        match = re.fullmatch(form, path)
        if match and match["student"] not in left_out:
            found[match["student"]] = Path(path)
    return sorted(found.items())


def refused(course: CourseDirectory) -> list[str]:
    """Which submissions cannot be graded because of their folders' names, one sentence each."""
    return [
        f"{student!a} is not graded: the folder's name {why}, so it can be nobody's id. Rename it in "
        f"{course.submitted_directory}/."
        for student, _ in submissions(course)
        if (why := unfit(student))
    ]


def remove_unfinished(submission: intake.Submission, course: CourseDirectory, finished: Finished) -> None:
    """Remove an autograded copy that is uncertain or not known to be complete, or is of another hand-in than now.

    nbgrader would skip the submission. Of one notebook alone there are only marks of doubt: nbgrader looks which
    hand-in is newer.
    """
    graded = _graded(submission, course)
    for name in finished.uncertain(submission.student):
        if name in submission.notebooks:
            (graded / f"{name}.ipynb").unlink(missing_ok=True)
    if course.notebook_id == "*" and graded.exists() and not finished.holds(submission.student, submission.folder):
        shutil.rmtree(graded)


def needs_results(submission: intake.Submission, course: CourseDirectory, force: bool) -> bool:
    """Whether nbgrader may go through a submission, with ``force`` or because of what is not graded."""
    graded = _graded(submission, course)
    if force or course.notebook_id != "*":
        return True
    return not all((graded / f"{name}.ipynb").exists() for name in submission.notebooks)


def _graded(submission: intake.Submission, course: CourseDirectory) -> Path:
    return Path(course.format_path(course.autograded_directory, submission.student, course.assignment_id))
