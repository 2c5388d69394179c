"""One run of ``nbgrader autograde``: what is judged, what was known already, and what became of each submission.

The exporter and the preprocessor that nbgrader makes for it are in :mod:`autograder.nbgrader_plugins.autograde`.
"""

import os
import sys
from pathlib import Path
from typing import Any

from tqdm import tqdm

from autograder.commands.worth_a_look import written
from autograder.engine import intake, sandbox
from autograder.engine.cell_outputs import all_lost
from autograder.engine.results import Results, beside
from autograder.engine.seeds import hand_in_secret
from autograder.engine.student_ids import twin
from autograder.escaping import terminal
from autograder.nbgrader_plugins.course_folder import FOLDER
from autograder.nbgrader_plugins.finished import Finished
from autograder.nbgrader_plugins.nbgrader_internals import log_and_raise
from autograder.nbgrader_plugins.pool_client import PoolClient, PoolError
from autograder.nbgrader_plugins.run_summary import RunSummary

SPELT = (
    "{0!a} has accents as characters of their own (NFD, as macOS writes them): to the gradebook this is another "
    "student than {1!a}. Rename the folder in submitted/ if students.csv has the other."
)


class AutogradeRun:
    """One run of ``nbgrader autograde``: its submissions, their results, and the pool that judges them.

    Args:
        log: nbgrader's.
        root: the course folder.
        assignment: which is graded.
        processes: submissions judged side by side; 0 stands for as many as there are cores.
        secret: the course's.

    Attributes:
        notebooks: of each clean copy.
        summary: what became of them.
    """

    def __init__(self, log: Any, root: Path, assignment: str, processes: int, secret: bytes) -> None:
        self.log = log
        self._secret = secret
        self.results = Results(root / FOLDER / "results")
        self.finished = Finished(root / FOLDER / "finished", assignment)
        self._sandboxed = not sandbox.lacking()
        cores = processes or len(os.sched_getaffinity(0))
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
