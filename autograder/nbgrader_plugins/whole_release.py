"""The part that ``nbgrader generate_assignment`` uses: the old release stays until the new one is there.

nbgrader removes the old release, then converts notebook by notebook, and writes each into the gradebook on the way. So
whatever stops it leaves no release, and a gradebook of two minds.
"""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.converters.base import NbGraderException
from nbgrader.preprocessors import SaveCells

from autograder.nbgrader_plugins.changed_exercises import changed_exercises
from autograder.nbgrader_plugins.course_folder import FOLDER, CourseFolderError, held
from autograder.nbgrader_plugins.nbgrader_internals import convert_within, course_like, log_and_raise
from course.files import replacing


class WholeRelease(NotebookExporter):
    """nbgrader's exporter of notebooks, and the begin of a run of ``nbgrader generate_assignment``.

    All notebooks are converted for trial, then into a folder aside, and only when all of them, and the gradebook, are
    written does the new release take the old one's place.
    """

    def __init__(self, **kwargs: Any) -> None:
        self._saving: list[SaveCells] = []
        super().__init__(**kwargs)
        convert_within(self.parent, self._aside)

    def register_preprocessor(self, preprocessor: Any, enabled: bool = False) -> Any:
        """Take one of nbgrader's steps, and note the one that writes to the gradebook."""
        step = super().register_preprocessor(preprocessor, enabled)
        if isinstance(step, SaveCells) and step.enabled:
            self._saving.append(step)
        return step

    @contextmanager
    def _aside(self) -> Iterator[None]:
        converter: Any = self.parent
        course, assignment = converter.coursedir, converter.coursedir.assignment_id
        place = Path(course.format_path(course.release_directory, ".", assignment))
        if place.exists() and not converter.force:  # nbgrader leaves it alone
            yield
            return
        with ExitStack() as stack:
            try:
                stack.enter_context(held(course, "nbgrader generate_assignment", course.release_directory))
            except CourseFolderError as error:
                log_and_raise(self.log, str(error))
            notebooks = self._rehearsed(place)
            if not converter.no_database:
                self._tell_of_hand_ins(notebooks)
            aside = course_like(course)
            aside.release_directory = f"{FOLDER}/release"
            fresh = Path(aside.format_path(aside.release_directory, ".", assignment))
            shutil.rmtree(fresh, ignore_errors=True)  # of a run that was killed
            stack.callback(shutil.rmtree, fresh, ignore_errors=True)
            converter.coursedir = aside
            try:
                yield
            except (NbGraderException, KeyboardInterrupt):
                self.log.error("%s", _as_it_was(place))
                raise
            finally:
                converter.coursedir = course
            try:
                put(fresh, place, whole=course.notebook_id == "*")
                converter.set_permissions(assignment, ".")
            except OSError as error:
                log_and_raise(self.log, f"{place} cannot be written: {error.strerror}. {_as_it_was(place)}")
            self.log.info("%s is complete.", place)

    def _rehearsed(self, place: Path) -> dict[str, NotebookNode]:
        """Convert all notebooks without writing anything, so that what is wrong with one is known in time.

        Raises:
            NbGraderException: one cannot be converted.
        """
        converter: Any = self.parent
        notebooks = {}
        for step in self._saving:
            step.enabled = False
        try:
            for path in (path for paths in converter.assignments.values() for path in sorted(paths)):
                resources = converter.init_single_notebook_resources(path)
                text, _ = self.from_filename(path, resources=resources)
                notebooks[resources["nbgrader"]["notebook"]] = nbformat.reads(text, as_version=4)
        except (
            Exception
        ) as error:  # broken JSON, marks that clash, a solution without its end: each has a type of its own
            log_and_raise(self.log, f"{path} cannot be released: {_reason(error)}. {_as_it_was(place)}")
        finally:
            for step in self._saving:
                step.enabled = True
        return notebooks

    def _tell_of_hand_ins(self, notebooks: dict[str, NotebookNode]) -> None:
        """Say what exercises that come or go mean for what was handed in.

        Raises:
            NbGraderException: some of it is graded.
        """
        converter: Any = self.parent
        changed = changed_exercises(converter.coursedir, notebooks)
        if refusal := changed.refusal():
            log_and_raise(self.log, refusal)
        if warning := changed.warning():
            self.log.warning("%s", warning)


def put(fresh: Path, place: Path, *, whole: bool) -> None:
    """Put the files of a folder into another one, each in one step, once there is room for all of them.

    Args:
        fresh: the folder.
        place: the other one; it need not exist.
        whole: remove what else lies there, when they are in place.

    Raises:
        OSError: they cannot be written; then all is as it was.
    """
    names = [path.relative_to(fresh) for path in sorted(fresh.rglob("*")) if path.is_file()]
    with ExitStack() as stack:
        for name in names:
            shutil.copy(fresh / name, stack.enter_context(replacing(place / name)))
    if whole:
        for path in sorted(place.rglob("*"), reverse=True):  # what is in a folder comes before it
            if path.is_dir() and not path.is_symlink():
                if not any(path.iterdir()):
                    path.rmdir()
            elif path.relative_to(place) not in names:
                path.unlink()


def _as_it_was(place: Path) -> str:
    return f"{place} is as it was." if place.exists() else f"There is no {place} yet."


def _reason(error: BaseException) -> str:
    """An error in one line, with what it came of, where nbgrader says so little as that marks may be corrupted."""
    line = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
    return f"{line} ({_reason(error.__context__)})" if error.__context__ else line
