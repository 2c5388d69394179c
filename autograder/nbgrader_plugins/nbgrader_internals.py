"""All that we use of nbgrader beyond what it documents; tests/test_nbgrader_internals.py holds it to its versions.

That is how a converter finds and goes through submissions, and that a gradebook makes a database engine whenever it is
opened.
"""

import functools
import gc
import glob
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, NoReturn

from nbgrader import api, utils
from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.converters.base import BaseConverter, NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import CheckCellMetadata, DeduplicateIds, OverwriteCells, OverwriteKernelspec

# nbgrader's steps that put a submission right: a clean copy is so by the way that it is made
DONE = (DeduplicateIds, OverwriteKernelspec, OverwriteCells, CheckCellMetadata)


def log_and_raise(log: Any, message: str) -> NoReturn:
    """Stop nbgrader, whose command line does not show its exceptions' messages: they go to the log first.

    Raises:
        NbGraderException: always.
    """
    log.error(message)
    raise NbGraderException(message) from None


def folders(course: CourseDirectory, step: str) -> list[str]:
    """The folders of a step, such as ``submitted``, that the course's student and assignment stand for.

    An id may be a pattern, as on nbgrader's command line, unless a folder is called just so; ``*`` is everybody.
    """
    exact = course.format_path(step, course.student_id, course.assignment_id)
    if course.student_id != "*" and os.path.isdir(exact):
        return [exact]
    below = course.format_path(step, course.student_id, glob.escape(course.assignment_id))
    if below.startswith(course.root):
        below = glob.escape(course.root) + below.removeprefix(course.root)
    return sorted(path for path in glob.glob(below, include_hidden=True) if os.path.isdir(path))


def find_by_any_name() -> None:
    """Have nbgrader find notebooks and files in folders with ``[``, ``*`` or ``?`` in their names.

    It takes such names for patterns, and so finds nothing: there was no feedback page, and an autograded notebook,
    hidden tests included, would have been copied to where the page belongs. A converter looks before it makes anything
    that settings choose, so it is the classes that change; calling this again does nothing more.
    """
    vars(utils)["is_ignored"] = _is_ignored
    for converter in (Autograde, GenerateFeedback):
        converter.init_notebooks = _init_notebooks


def _init_notebooks(converter: Any) -> None:
    """Find what nbgrader's ``init_notebooks`` finds, by any name; where there is nothing, nbgrader's own says so."""
    course = converter.coursedir
    step = course.submitted_directory if isinstance(converter, Autograde) else course.autograded_directory
    converter.assignments, converter.notebooks = {}, []
    for folder in folders(course, step):
        found = glob.glob(os.path.join(glob.escape(folder), f"{course.notebook_id}.ipynb"))
        if found:
            converter.assignments[folder] = found
        else:
            converter.log.warning("There is no notebook %s in %r", course.notebook_id, folder)
    if not converter.assignments:
        BaseConverter.init_notebooks(converter)


def _is_ignored(filename: str, ignore_globs: list[str] | None = None) -> bool:
    """Whether a file is ignored, as nbgrader's ``utils.is_ignored`` says it, in folders of any name."""
    folder = glob.escape(os.path.dirname(filename))
    return any(filename in glob.glob(os.path.join(folder, each)) for each in ignore_globs or ())


def convert_within(converter: Any, block: Callable[[], AbstractContextManager[object]]) -> None:
    """Have a converter go through its submissions inside a block, which so ends whatever happens in between."""
    theirs = type(converter).convert_notebooks

    def convert_notebooks() -> None:
        with block():
            theirs(converter)

    converter.convert_notebooks = convert_notebooks


@contextmanager
def going_through(
    converter: Any, course: CourseDirectory, assignments: dict[Path, list[Path]], after: Callable[[Path], None]
) -> Iterator[None]:
    """Have a converter go through clean copies in the place of what it has found.

    Args:
        converter: nbgrader's, of ``nbgrader autograde``.
        course: where the copies count as submitted.
        assignments: their notebooks, by folder.
        after: what to call with a folder after its submission's last step, when all of it is written.
    """
    hook = converter.post_convert_hook

    def post_convert_hook(**names: Any) -> None:
        if hook:
            hook(**names)
        after(Path(converter.notebooks[0]).parent)

    changed = {
        "coursedir": course,
        "assignments": {str(folder): [str(path) for path in paths] for folder, paths in assignments.items()},
        "sanitize_preprocessors": [step for step in converter.sanitize_preprocessors if step not in DONE],
        "post_convert_hook": post_convert_hook,
    }
    before = {name: getattr(converter, name) for name in changed}
    before["post_convert_hook"] = hook or (lambda **names: None)  # nbgrader's validator fails on None
    for name, value in changed.items():
        setattr(converter, name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(converter, name, value)


def course_like(course: CourseDirectory) -> CourseDirectory:
    """A course directory with the same settings, for one run: the original may live on, as in formgrader's server."""
    other = CourseDirectory(parent=course.parent)
    for name in course.trait_names(config=True):
        setattr(other, name, getattr(course, name))
    return other


class OneEngine:
    """Opens every gradebook with one database engine, as long as a ``with`` block of it lasts.

    nbgrader opens the gradebook seven times for a submission, each time with an engine that compiles all SQL anew. Of
    blocks that overlap, as two runs in a server's threads may, the last to end gives nbgrader its own function back.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._blocks = 0
        self._theirs: Any = None

    def __enter__(self) -> None:
        with self._lock:
            if not self._blocks:
                self._theirs = vars(api)["create_engine"]
                vars(api)["create_engine"] = functools.cache(self._theirs)
                gc.freeze()  # what nbgrader has imported stays; each look for garbage would go through it
            self._blocks += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._blocks -= 1
            if not self._blocks:
                vars(api)["create_engine"] = self._theirs
                gc.unfreeze()


one_engine = OneEngine()
