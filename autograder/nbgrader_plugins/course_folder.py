"""The course folder while a command of nbgrader writes in it: for this run alone, and for its owner alone to read."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from nbgrader.coursedir import CourseDirectory
from sqlalchemy.engine import make_url

from autograder.engine.seeds import SecretError, course_secret
from autograder.nbgrader_plugins.locks import InUseError, one_at_a_time

FOLDER = ".grader"  # in the course folder: its secret, clean copies, results by content, and what is finished
LOCK = "lock"  # in there


class CourseFolderError(Exception):
    """A course folder that cannot be written in now; the message says why."""


@contextmanager
def held(course: CourseDirectory, command: str = "nbgrader autograde", step: str = "") -> Iterator[None]:
    """Keep a course folder for one run; the lock ends with the process, however that ends.

    Args:
        course: the folder.
        command: which runs, for messages.
        step: the folder that it writes beside the gradebook; ``autograded`` unless another is given.

    Raises:
        CourseFolderError: another run has it, or it cannot be written.
    """
    folder = Path(course.root, FOLDER)
    for path in (
        folder,
        gradebook_file(course),
        Path(course.format_path(step or course.autograded_directory, ".", ".")),
    ):
        if path and not os.access(_existing(path), os.W_OK):
            raise CourseFolderError(f"{_existing(path)} cannot be written: {command} writes {path}.")
    folder.mkdir(parents=True, exist_ok=True)
    make_private(course)
    with ExitStack() as stack:
        try:
            stack.enter_context(one_at_a_time(folder / LOCK, command, course.root))
        except InUseError as error:
            raise CourseFolderError(str(error)) from None
        except OSError as error:
            raise CourseFolderError(f"{folder / LOCK} cannot be written: {error.strerror}.") from None
        yield


def secret_of(course: CourseDirectory) -> bytes:
    """The secret of a course whose folder is held.

    Raises:
        CourseFolderError: it cannot be read or made.
    """
    try:
        return course_secret(Path(course.root, FOLDER), shared=course.groupshared)
    except SecretError as error:
        raise CourseFolderError(str(error)) from None
    except OSError as error:
        raise CourseFolderError(f"{error.filename} cannot be read or made: {error.strerror}.") from None


def gradebook_file(course: CourseDirectory) -> Path | None:
    """The file of a gradebook that is one; a relative path starts in the course folder, where nbgrader runs."""
    where = make_url(course.db_url)
    is_file = where.get_backend_name() == "sqlite" and where.database
    return Path(course.root, str(where.database)) if is_file else None


def make_private(course: CourseDirectory) -> None:
    """Let nobody but their owner read gradebook and results; the group as well where the course is its own."""
    others = 0o007 if course.groupshared else 0o077
    for path in (Path(course.root, FOLDER), gradebook_file(course)):
        with suppress(FileNotFoundError, PermissionError):  # another's, who sees to it
            if path and (mode := path.stat().st_mode & 0o7777) & others:
                path.chmod(mode & ~others)


def _existing(path: Path) -> Path:
    """The path itself, or the nearest folder above it that is there."""
    return next(folder for folder in (path, *path.parents) if folder.exists())
