"""The parts that ``nbgrader autograde`` uses in place of its own, chosen in ``nbgrader_config.py``."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.preprocessors import Execute
from traitlets import Bool, Integer
from traitlets.config import LoggingConfigurable

from autograder.engine import sandbox
from autograder.nbgrader_plugins import planning
from autograder.nbgrader_plugins.autograde_run import AutogradeRun
from autograder.nbgrader_plugins.course_folder import CourseFolderError, held, secret_of
from autograder.nbgrader_plugins.nbgrader_internals import (
    convert_within,
    find_by_any_name,
    going_through,
    log_and_raise,
    one_engine,
)
from autograder.nbgrader_plugins.run_summary import without_steps

LINUX = sys.platform.startswith("linux")
UNPROTECTED = "Students' code can read and change your files, use the network and stop other processes of yours."

find_by_any_name()  # nbgrader imports this module before it looks for notebooks


class Sandbox(LoggingConfigurable):
    """How students' code is shut in."""

    required = Bool(True, help="Refuse to grade without a working sandbox; False warns at every run.").tag(config=True)
    processes = Integer(0, help="Submissions judged side by side; 0 stands for as many as there are cores.").tag(
        config=True
    )


class PrepareRun(NotebookExporter):
    """nbgrader's exporter of notebooks, and the begin of a run of ``nbgrader autograde``.

    nbgrader makes it before it opens the first submission. Then they are all taken in (:mod:`autograder.engine.intake`)
    and the judging of those without a result begins, side by side; all of this ends when nbgrader is through.

    Attributes:
        run: while nbgrader goes through the submissions.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.run: AutogradeRun | None = None
        settings = Sandbox(parent=self.parent)
        lacking = sandbox.lacking()
        if lacking and settings.required:
            log_and_raise(self.log, f"nothing is graded without a sandbox, and {lacking}. See docs/instructor.md, 1.")
        if lacking:
            self.log.warning("c.Sandbox.required is False, and there is no sandbox: %s. %s", lacking, UNPROTECTED)
        if LINUX:
            convert_within(self.parent, lambda: self._running(settings))
        self._validate_once()

    def _validate_once(self) -> None:
        """Look at notebooks not after each step; but nbconvert wants to name a step, if one should be invalid."""
        converter: Any = self.parent
        self.optimistic_validation = bool(converter.sanitize_preprocessors)

    @contextmanager
    def _held(self) -> Iterator[bytes]:
        """Keep the course folder for this run; gives the course's secret."""
        converter: Any = self.parent
        with ExitStack() as stack:
            try:
                stack.enter_context(held(converter.coursedir))
                secret = secret_of(converter.coursedir)
            except CourseFolderError as error:
                log_and_raise(self.log, str(error))
            yield secret

    @contextmanager
    def _running(self, settings: Sandbox) -> Iterator[None]:
        converter: Any = self.parent
        course = converter.coursedir
        clean, processes = planning.clean_course(course), settings.processes
        with (
            self._held() as secret,
            one_engine,
            closing(AutogradeRun(converter.log, Path(course.root), course.assignment_id, processes, secret)) as run,
        ):
            try:
                notebooks = planning.released(course)
            except LookupError as error:
                log_and_raise(self.log, str(error))
            refused = planning.refused(course)
            for line in refused:
                self.log.error("%s", line)
            try:
                for submission in planning.taken_in(course, clean, notebooks):
                    planning.remove_unfinished(submission, course, run.finished)
                    run.add(submission, planning.needs_results(submission, course, converter.force))
            except OSError as error:  # the disk is full, say
                log_and_raise(self.log, f"The submissions could not be taken in, nothing was graded: {error}")
            try:
                run.wait_until_ready()
                with going_through(converter, clean, run.notebooks, run.finish), without_steps(converter.log):
                    yield from self._lent(run)
            except KeyboardInterrupt:
                log_and_raise(self.log, f"Stopped: {run.summary.interrupted()}")
            converter.log.info("%s", run.summary.sentence(course.db_url, course.assignment_id, notebooks))
            run.stop_if_uncertain()
            if refused:
                log_and_raise(self.log, f"{len(refused)} not graded, see above; everybody else is.")

    def _lent(self, run: AutogradeRun) -> Iterator[None]:
        """Have the run at hand, for :class:`InsertResults`, while nbgrader goes through the submissions."""
        self._validate_once()
        self.run = run
        try:
            yield
        finally:
            self.run = None


class InsertResults(Execute):
    """Put the outputs that judging gave into a notebook, in the place of nbgrader's ``Execute``."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Wait for the result, and put it in. Elsewhere than on Linux, execute as nbgrader does."""
        if not LINUX:
            return super().preprocess(nb, resources)
        where = resources["nbgrader"]
        result = self.parent.run.result(where["student"], where["notebook"])
        for count, cell in enumerate((cell for cell in nb.cells if cell.cell_type == "code"), start=1):
            cell.outputs = result["outputs"].get(cell.get("id"), [])
            cell.execution_count = count
            for output in cell.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = count
        nb.metadata["rcnn_by_hand"] = {"seconds": result["seconds"]}
        return nb, resources
