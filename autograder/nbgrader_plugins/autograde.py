"""The parts that ``nbgrader autograde`` uses in place of its own, chosen in ``nbgrader_config.py``."""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.preprocessors import Execute
from tqdm import tqdm
from traitlets import Bool, Integer
from traitlets.config import LoggingConfigurable

from autograder.commands.worth_a_look import written
from autograder.engine import intake, sandbox
from autograder.engine.cell_outputs import all_lost
from autograder.engine.results import Results, beside
from autograder.engine.seeds import hand_in_secret
from autograder.engine.student_ids import twin
from autograder.escaping import terminal
from autograder.nbgrader_plugins import planning
from autograder.nbgrader_plugins.course_folder import FOLDER, CourseFolderError, held, secret_of
from autograder.nbgrader_plugins.finished import Finished
from autograder.nbgrader_plugins.nbgrader_internals import (
    convert_within,
    find_by_any_name,
    going_through,
    log_and_raise,
    one_engine,
)
from autograder.nbgrader_plugins.pool_client import PoolClient, PoolError
from autograder.nbgrader_plugins.run_summary import RunSummary, without_steps

LINUX = sys.platform.startswith("linux")
SPELT = (
    "{0!a} has accents as characters of their own (NFD, as macOS writes them): to the gradebook this is another "
    "student than {1!a}. Rename the folder in submitted/ if students.csv has the other."
)
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
        clean = planning.clean_course(course)
        with (
            self._held() as secret,
            one_engine,
            closing(AutogradeRun(converter.log, Path(course.root), course.assignment_id, settings, secret)) as run,
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

    def _lent(self, run: "AutogradeRun") -> Iterator[None]:
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


class AutogradeRun:
    """One run of ``nbgrader autograde``: its submissions, their results, and the pool that judges them.

    Args:
        log: nbgrader's.
        root: the course folder.
        assignment: which is graded.
        settings: of the sandbox.
        secret: the course's.

    Attributes:
        notebooks: of each clean copy.
        summary: what became of them.
    """

    def __init__(self, log: Any, root: Path, assignment: str, settings: Sandbox, secret: bytes) -> None:
        self.log = log
        self._secret = secret
        self.results = Results(root / FOLDER / "results")
        self.finished = Finished(root / FOLDER / "finished", assignment)
        self._sandboxed = not sandbox.lacking()
        cores = settings.processes or len(os.sched_getaffinity(0))
        self._pool = PoolClient(self.results, self._sandboxed, cores)
        self.notebooks: dict[Path, list[Path]] = {}
        self._students: dict[Path, str] = {}  # by clean copy
        self._keys: dict[tuple[str, str], str] = {}  # by student and notebook
        self._certain: dict[tuple[str, str], bool] = {}  # what nbgrader was given
        self._bar: tqdm | None = None
        self.summary = RunSummary()

    def add(self, submission: intake.Submission, needs_results: bool) -> None:
        """Add a submission; where it needs results that are not known yet, the pool begins with them."""
        if usual := twin(submission.student):
            self.log.warning("%s", SPELT.format(submission.student, usual))
        for warning in submission.warnings:
            self.log.warning("%s: %s", terminal(submission.student), warning)
        self._students[submission.folder] = submission.student
        forms = submission.notebooks.values()
        code = [cell for form in forms for cell in written(form.notebook)]
        self.summary.add(submission.student, code, not any(form.unreadable for form in forms))
        self.notebooks[submission.folder] = [submission.folder / f"{name}.ipynb" for name in submission.notebooks]
        if needs_results:
            self._queue(submission)

    def _queue(self, submission: intake.Submission) -> None:
        files = beside(submission.folder)
        for name, form in submission.notebooks.items():
            secret = hand_in_secret(self._secret, form.notebook, files)
            key = self.results.key(form.notebook, files, self._sandboxed, secret)
            self._keys[submission.student, name] = key
            known = self.results.read(key)
            if form.unreadable:
                reason = f"This notebook cannot be graded: it {form.unreadable}."
                self.log.warning("%s/%s: %s", terminal(submission.student), name, reason)
                self.results.write(key, all_lost(form.notebook, reason), 0.0)
            elif (known is None or not known["certain"]) and key not in self._pool.jobs:
                self.results.path(key).unlink(missing_ok=True)
                self._pool.send(key, submission.folder / f"{name}.ipynb", secret)

    def wait_until_ready(self) -> None:
        """Wait until the pool has shown that it can judge, before nbgrader writes anything.

        Raises:
            NbGraderException: it can't.
        """
        try:
            self._pool.wait_until_ready()
        except PoolError as error:
            log_and_raise(self.log, f"The grader itself failed, nothing was graded: {error}.")

    def result(self, student: str, notebook: str) -> dict[str, Any]:
        """The result of a submission's notebook, once it is there; nothing is added after the first."""
        if self._bar is None:
            disable = None if sys.stderr else True  # shown on a terminal
            self._bar = tqdm(total=len(self._pool.jobs), unit="submission", disable=disable, leave=False)
        key = self._keys[student, notebook]
        try:
            for _ in self._pool.wait_for(key):
                self._bar.update()
        except PoolError as error:
            log_and_raise(self.log, f"The grader itself failed: {error}.")
        result = self.results.read(key)
        if result is None:
            log_and_raise(self.log, f"The result of {student}/{notebook} was removed while nbgrader ran: run it again.")
        self._certain[student, notebook] = result["certain"]
        if not result["certain"]:
            self.finished.doubt(student, notebook)
            self.summary.uncertain.add(student)
            self.log.error("The grader failed on %s/%s: see the messages above.", terminal(student), notebook)
        return result

    def finish(self, folder: Path) -> None:
        """Note that nbgrader has written all of a submission, by its clean copy."""
        student = self._students[folder]
        self.summary.graded.add(student)
        certain = [name for (whose, name), sure in self._certain.items() if whose == student and sure]
        self.finished.add(student, folder, certain)

    def stop_if_uncertain(self) -> None:
        """End nbgrader as failed where the grader failed on a submission, at the end of the run.

        Raises:
            NbGraderException: it did.
        """
        if names := sorted(f"{student}/{notebook}" for (student, notebook), sure in self._certain.items() if not sure):
            log_and_raise(
                self.log,
                f"The grader itself failed on {', '.join(names)}: these scores are too low or missing. Run the same "
                "command again: it judges them anew, and leaves the others as they are.",
            )

    def close(self) -> None:
        """End the pool."""
        if self._bar is not None:
            self._bar.close()
        self._pool.close()
