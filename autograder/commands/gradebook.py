"""The course folder as nbgrader sees it: its settings, and its gradebook wherever that is."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.apps import NbGrader
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from autograder.errors import InstructorError


class _Settings(NbGrader):
    """nbgrader's own way of finding settings, without those of the folder that the command was typed in."""

    load_cwd_config = False
    raise_config_file_errors = True  # a course whose settings cannot be read must not be taken for one without any


def course_directory(course: Path) -> CourseDirectory:
    """A course folder with the settings of its ``nbgrader_config.py`` and the user's own.

    Raises:
        InstructorError: the settings cannot be read.
    """
    settings = _Settings(log_level=logging.CRITICAL)
    try:
        settings.initialize([], root=str(course.absolute()))
    except Exception as error:  # the file is a program: anything can come of it
        raise InstructorError(f"nbgrader_config.py cannot be read: {type(error).__name__}: {error}") from None
    return settings.coursedir


@contextmanager
def open_gradebook(directory: CourseDirectory, otherwise: str) -> Iterator[Gradebook]:
    """The gradebook of a course folder.

    Args:
        directory: the folder.
        otherwise: what to do should there be none yet.

    Raises:
        InstructorError: it is not there, or cannot be reached.
    """
    where = _address(directory)
    if where.get_backend_name() == "sqlite" and not Path(where.database or "").is_file():  # else it would be made
        raise InstructorError(f"{directory.root} has no gradebook: {otherwise}.")
    shown = where.render_as_string(hide_password=True)
    try:
        gradebook = Gradebook(where.render_as_string(hide_password=False), directory.course_id)
    except ModuleNotFoundError as error:
        raise InstructorError(f"the gradebook {shown} needs {error.name}: see docs/instructor.md.") from None
    except SQLAlchemyError as error:
        reason = str(error).partition("\n")[0]
        raise InstructorError(f"the gradebook {shown} cannot be opened: {reason}") from None
    with gradebook:
        yield gradebook


def add_students(course: Path, students: list[dict[str, str]]) -> int:
    """Write students into the gradebook, or what has changed of them; how many of them are new there.

    Args:
        course: the course folder.
        students: the gradebook's columns by name, ``id`` among them; an empty field says that there is none.
    """
    with open_gradebook(course_directory(course), "run nbgrader generate_assignment first") as gradebook:
        before = {student.id for student in gradebook.students}
        for student in students:
            fields = {name: field or None for name, field in student.items() if name != "id"}
            gradebook.update_or_create_student(student["id"], **fields)
    return len({student["id"] for student in students} - before)


def _address(directory: CourseDirectory) -> URL:
    """Where the gradebook is; a file's path starts in the course folder, where nbgrader runs."""
    try:
        where = make_url(directory.db_url)
    except SQLAlchemyError:
        raise InstructorError("c.CourseDirectory.db_url is no database's address: see docs/instructor.md.") from None
    if where.get_backend_name() == "sqlite" and where.database:
        where = where.set(database=str(Path(directory.root, where.database)))
    return where
