"""The parts that ``nbgrader autograde`` uses in place of its own, chosen in ``nbgrader_config.py``."""

import atexit
import contextlib
import functools
import gc
import glob
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest import mock

from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader import api
from nbgrader.api import Gradebook
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import (
    CheckCellMetadata,
    DeduplicateIds,
    Execute,
    OverwriteCells,
    OverwriteKernelspec,
)
from tqdm import tqdm
from traitlets import Bool, Integer
from traitlets.config import LoggingConfigurable

from autograder.engine import intake, sandbox
from autograder.engine.results import Results, beside, write
from autograder.engine.verdicts import all_lost

FOLDER = ".grader"  # in the course folder: clean copies, results by content, and which submissions are finished
POOL = "autograder.engine"
RESTARTS = 3
# nbgrader's steps that put a submission right: a clean copy is so by the way that it is made
DONE = (DeduplicateIds, OverwriteKernelspec, OverwriteCells, CheckCellMetadata)
LINUX = sys.platform.startswith("linux")


class Sandbox(LoggingConfigurable):
    """How students' code is shut in."""

    required = Bool(False, help="Refuse to grade where bubblewrap is missing, instead of warning.").tag(config=True)
    processes = Integer(0, help="Submissions judged side by side; 0 stands for as many as there are cores.").tag(
        config=True
    )


class Intake(NotebookExporter):
    """nbgrader's exporter of notebooks, and the begin of a run of ``nbgrader autograde``.

    nbgrader makes it once it knows which submissions it will go through, and before it opens the first: then they are
    all taken in (:mod:`autograder.engine.intake`), and the judging of those without a result begins, side by side.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        settings = Sandbox(parent=self.parent)
        if (lacking := sandbox.lacking()) and settings.required:
            raise told(self.log, f"c.Sandbox.required is set, but {lacking}.")
        if not LINUX:
            self.log.warning("%s: nbgrader runs students' code in its own way, unprotected.", lacking)
        self.run = Run(self.parent, settings) if LINUX else None
        # once, not after each step; but nbconvert wants to name a step, if a notebook should be invalid
        converter: Any = self.parent
        self.optimistic_validation = bool(converter.sanitize_preprocessors)


class Judged(Execute):
    """Put the outputs that judging gave into a notebook, in the place of nbgrader's ``Execute``."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Wait for the result, and put it in. Elsewhere than on Linux, execute as nbgrader does."""
        if self.parent.run is None:
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


class Run:
    """One run of ``nbgrader autograde``: what it goes through, and the pool that judges it."""

    def __init__(self, converter: Any, settings: Sandbox) -> None:
        self.log = converter.log
        self._settings = settings
        course = converter.coursedir
        self.assignment = course.assignment_id
        self.folder = Path(course.root) / FOLDER
        self.results = Results(self.folder / "results")
        self._lacking = sandbox.lacking()
        self._students: dict[Path, str] = {}  # by clean copy
        self._keys: dict[tuple[str, str], str] = {}
        self._jobs: dict[str, Path] = {}  # not finished, by key
        self._pool: subprocess.Popen[str] | None = None
        self._restarts = 0
        if self._lacking:
            self.log.warning(
                "No sandbox: %s. Students' code runs in processes of its own, but it can read your files, use the "
                "network and stop other processes of yours.",
                self._lacking,
            )
        self._take_in(converter, course)
        # nbgrader opens the gradebook seven times for a submission, each time with an engine that compiles all SQL anew
        self._one_engine = mock.patch.object(api, "create_engine", functools.cache(vars(api)["create_engine"]))
        self._one_engine.start()
        gc.freeze()  # what nbgrader has imported stays; each look for garbage would go through it
        converter.sanitize_preprocessors = [step for step in converter.sanitize_preprocessors if step not in DONE]
        self._bar = tqdm(total=len(self._jobs), unit="submission", disable=None, leave=False)
        # nbgrader calls this after a submission's last step, and only then is the submission finished
        theirs = converter.post_convert_hook

        def after(**names: Any) -> None:
            if theirs:
                theirs(**names)
            self._finish(converter.notebooks)

        converter.post_convert_hook = after
        self._unfinished = set(self._students)
        atexit.register(self.close)

    def _take_in(self, converter: Any, course: CourseDirectory) -> None:
        """Take all submissions in, and have nbgrader go through the clean copies."""
        clean = _like(course)
        clean.submitted_directory = f"{FOLDER}/submitted"
        release = Path(course.format_path(course.release_directory, ".", self.assignment))
        try:
            with Gradebook(course.db_url, course.course_id) as gradebook:
                notebooks = intake.released(release, self.assignment, course.notebook_id, gradebook)
        except LookupError as error:
            raise told(self.log, str(error)) from None
        converter.coursedir, converter.assignments = clean, {}
        for student, folder in self._submissions(course):
            place = Path(clean.format_path(clean.submitted_directory, student, self.assignment))
            submission = intake.take_in(folder, student, notebooks, place)
            self._students[place] = student
            converter.assignments[str(place)] = [str(place / f"{name}.ipynb") for name in notebooks]
            graded = Path(course.format_path(course.autograded_directory, student, self.assignment))
            if course.notebook_id == "*":
                self._forget_unfinished(submission, graded)
            if converter.force or not all((graded / f"{name}.ipynb").exists() for name in notebooks):
                self._queue(submission)

    def _submissions(self, course: CourseDirectory) -> list[tuple[str, Path]]:
        """Students and folders that nbgrader would find, and those whose folder has no notebook."""
        left_out = set(filter(None, course.student_id_exclude.split(",")))
        form = course.format_path(course.submitted_directory, "(?P<student>.*)", self.assignment, escape=True)
        found = {}
        for path in glob.glob(course.format_path(course.submitted_directory, course.student_id, self.assignment)):
            match = re.fullmatch(form, path)
            if match and os.path.isdir(path) and match["student"] not in left_out:
                found[match["student"]] = Path(path)
        return sorted(found.items())

    def _forget_unfinished(self, submission: intake.Submission, graded: Path) -> None:
        """Remove an autograded copy that is not known to be complete, or is of another hand-in than the present one."""
        if graded.exists() and self._mark(submission.student).get("digest") != _digest(submission.folder):
            shutil.rmtree(graded)

    def _queue(self, submission: intake.Submission) -> None:
        files = beside(submission.folder)
        for name, form in submission.notebooks.items():
            key = self.results.key(form.notebook, files, not self._lacking)
            self._keys[submission.student, name] = key
            known = self.results.read(key)
            if form.unreadable:
                reason = f"This notebook cannot be graded: it {form.unreadable}."
                self.log.warning("%s/%s: %s", submission.student, name, reason)
                self.results.write(key, all_lost(form.notebook, reason), 0.0)
            elif (known is None or not known["certain"]) and key not in self._jobs:
                self.results.path(key).unlink(missing_ok=True)
                self._jobs[key] = submission.folder / f"{name}.ipynb"
                self._send(key)

    def _send(self, key: str) -> None:
        """Give a job to the pool, which starts with the first."""
        if self._pool is None:
            cores = self._settings.processes or len(os.sched_getaffinity(0))
            settings = {"results": str(self.results.folder), "sandboxed": not self._lacking, "cores": cores}
            self._pool = subprocess.Popen(
                [sys.executable, "-m", POOL, json.dumps(settings)],
                env={**os.environ, **sandbox.ONE_THREAD, "PYTHONPATH": str(sandbox.ROOT)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                start_new_session=True,  # Ctrl-C is for nbgrader, which ends the pool
            )
        assert self._pool.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            print(json.dumps({"key": key, "notebook": str(self._jobs[key])}), file=self._pool.stdin, flush=True)

    def result(self, student: str, notebook: str) -> dict[str, Any]:
        """The result of a submission's notebook, once it is there."""
        key = self._keys[student, notebook]
        while key in self._jobs:
            assert self._pool is not None
            assert self._pool.stdout is not None
            line = self._pool.stdout.readline()
            if not line:
                self._start_again()
            elif "key" in (said := json.loads(line)):
                self._jobs.pop(said["key"], None)
                self._bar.update()
        if not self._jobs and self._pool:
            self._pool.stdin.close()  # type: ignore[union-attr]  # it ends while nbgrader writes what is left
        result = self.results.read(key)
        if result is None:
            raise told(self.log, f"The result of {student}/{notebook} was removed while nbgrader ran: run it again.")
        if not result["certain"]:
            self.log.error("The grader failed on %s/%s: see the messages above.", student, notebook)
        return result

    def _start_again(self) -> None:
        """Start another pool for what is left, should one have died."""
        self._restarts += 1
        if self._restarts > RESTARTS:
            raise told(self.log, "The process that judges submissions ended again and again: see the messages above.")
        self._pool = None
        for key in [key for key in self._jobs if self.results.read(key) is not None]:
            del self._jobs[key]
        for key in self._jobs:
            self._send(key)

    def _mark(self, student: str) -> dict[str, Any]:
        try:
            return dict(json.loads(self._mark_path(student).read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError):
            return {}

    def _mark_path(self, student: str) -> Path:
        return self.folder / "finished" / self.assignment / f"{student}.json"

    def _finish(self, notebooks: list[str]) -> None:
        """Note that nbgrader has written all of a submission: the gradebook, and the autograded notebooks."""
        folder = Path(notebooks[0]).parent
        write(self._mark_path(self._students[folder]), json.dumps({"digest": _digest(folder)}))
        self._unfinished.discard(folder)
        if not self._unfinished:
            self.close()

    def close(self) -> None:
        """End the pool; calling this again does no harm."""
        self._bar.close()
        self._one_engine.stop()
        gc.unfreeze()
        if self._pool:
            self._pool.stdin.close()  # type: ignore[union-attr]
            self._pool.wait()
            self._pool.stdout.close()  # type: ignore[union-attr]
            self._pool = None


def told(log: Any, message: str) -> NbGraderException:
    """An exception of nbgrader's, whose command line does not show its message, after that went to the log."""
    log.error(message)
    return NbGraderException(message)


def _like(course: CourseDirectory) -> CourseDirectory:
    """A course directory with the same settings, for one run: the original may live on, as in formgrader's server."""
    other = CourseDirectory(parent=course.parent)
    for name in course.trait_names(config=True):
        setattr(other, name, getattr(course, name))
    return other


def _digest(folder: Path) -> str:
    """What was handed in, as one short text."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:32]
