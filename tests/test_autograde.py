"""Runs of ``nbgrader autograde``: repeated, interrupted, changed."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import psutil
import pytest
from nbformat import NotebookNode
from nbgrader import api
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor, SaveAutoGrades
from nbgrader_commands import nbgrader
from traitlets import Any as AnyValue
from traitlets.config import PyFileConfigLoader

from autograder.nbgrader_plugins.save_scores import SaveScores

LAB = "lab1_boxes"
CLASS = ("ada", "kurt", "mary", "noor")
pytestmark = pytest.mark.sandbox


def autograde(course: Path, *options: str) -> str:
    done = nbgrader("autograde", LAB, *options, course=course)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def gradebook(course: Path) -> list[tuple]:
    """Everything that the gradebook says of the submissions."""
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        submissions = [book.find_submission(LAB, student.id) for student in book.students]
        grades = [
            (submission.student.id, grade.name, grade.auto_score, grade.manual_score, grade.needs_manual_grade)
            for submission in submissions
            for notebook in submission.notebooks
            for grade in notebook.grades
        ]
        comments = [
            (submission.student.id, comment.name, comment.auto_comment, comment.manual_comment)
            for submission in submissions
            for notebook in submission.notebooks
            for comment in notebook.comments
        ]
    return sorted(grades) + sorted(comments, key=str)


def results(course: Path) -> dict[str, int]:
    """When each result was written."""
    return {path.name: path.stat().st_mtime_ns for path in (course / ".grader" / "results").glob("*.json")}


def graded(course: Path) -> dict[str, int]:
    """When each autograded notebook was written."""
    return {str(path): path.stat().st_mtime_ns for path in course.glob(f"autograded/*/{LAB}/*.ipynb")}


@pytest.fixture(scope="module")
def finished(demonstrated: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with some of the demo's class, after an undisturbed run."""
    course = Path(shutil.copytree(demonstrated[0] / "course", tmp_path_factory.mktemp("finished") / "course"))
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        others = [student.id for student in book.students if student.id not in CLASS]
        for student in others:
            book.remove_student(student)
            for step in ("submitted", "autograded", "feedback"):
                shutil.rmtree(course / step / student)
    return course


@pytest.fixture(scope="module")
def bare(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same course, not graded yet: with what nbgrader's gradebook knows of the release alone."""
    course = tmp_path_factory.mktemp("bare") / "course"
    shutil.copytree(finished, course, ignore=shutil.ignore_patterns("autograded", "feedback", ".grader"))
    (course / ".grader").mkdir()
    shutil.copy(finished / ".grader" / "secret", course / ".grader")
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        for student in book.students:
            book.remove_student(student.id)
    return course


def test_what_is_done_is_not_done_again(finished: Path) -> None:
    before, wanted = (results(finished), graded(finished)), gradebook(finished)
    autograde(finished)
    assert (results(finished), graded(finished)) == before
    autograde(finished, "--force")  # nbgrader goes through all again, with the results that are there
    assert results(finished) == before[0]
    assert graded(finished).keys() == before[1].keys()
    assert gradebook(finished) == wanted


def test_a_changed_submission_is_graded_again_and_no_other(
    finished: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    course = tmp_path_factory.mktemp("changed") / "course"
    shutil.copytree(finished, course)
    before, old = graded(course), results(course)
    shutil.copy(course / f"submitted/noor/{LAB}/boxes.ipynb", course / f"submitted/ada/{LAB}/boxes.ipynb")
    autograde(course)
    changed = [path for path, when in graded(course).items() if when != before[path]]
    assert [Path(path).parts[-3] for path in changed] == ["ada"]
    assert results(course) == old  # what noor wrote has a result already
    assert (
        sum(score for student, _, score, *_ in gradebook(course) if student == "ada" and isinstance(score, float)) == 0
    )


@pytest.mark.parametrize("kills", [1, pytest.param(3, marks=pytest.mark.exhaustive)])  # repeats it at three moments
def test_killed_at_any_moment_a_run_goes_on_where_it_was(
    kills: int, bare: Path, finished: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    course = tmp_path_factory.mktemp("killed") / "course"
    shutil.copytree(bare, course)
    moments = random.Random(11)
    known: dict[str, int] = {}
    for _ in range(kills):
        process = subprocess.Popen(
            [sys.executable, "-m", "nbgrader", "autograde", LAB],
            cwd=course,
            env={**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        # it is killed once some results more are there, and then a random moment later
        goal, end = len(results(course)) + moments.randrange(4), time.monotonic() + 120
        while process.poll() is None and len(results(course)) < goal and time.monotonic() < end:
            with_patience(process, 0.05)
        with_patience(process, moments.random() * 2)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert known.items() <= results(course).items()
        known = results(course)
    autograde(course)
    assert known.items() <= results(course).items()
    assert gradebook(course) == gradebook(finished)
    assert [Path(path).relative_to(course) for path in sorted(graded(course))] == [
        Path(path).relative_to(finished) for path in sorted(graded(finished))
    ]


def with_patience(process: subprocess.Popen, seconds: float) -> None:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return


def test_nothing_is_left_behind(finished: Path) -> None:
    running = subprocess.run(["ps", "-eo", "args="], capture_output=True, text=True, check=True).stdout
    assert not [line for line in running.splitlines() if "-m autograder.engine" in line and str(finished) in line]


class Failing(NbGraderPreprocessor):
    """A step of nbgrader's that fails on one student's notebook."""

    error = AnyValue().tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        if resources["nbgrader"]["student"] == "mary":
            raise self.error("mary's notebook")
        return nb, resources


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_what_a_run_changes_in_its_process_ends_with_it(
    finished: Path, tmp_path: Path, error: type[BaseException]
) -> None:
    """As in formgrader's server, which lives on: one submission fails in nbgrader, and the others are skipped."""
    course = tmp_path / "course"
    shutil.copytree(finished, course)
    shutil.rmtree(course / "autograded" / "mary")
    shutil.rmtree(course / ".grader" / "results")  # so that a pool is needed
    config = PyFileConfigLoader("nbgrader_config.py", path=str(course)).load_config()
    config.Autograde.autograde_preprocessors.append(Failing)
    config.Failing.error = error
    directory = CourseDirectory(config=config, root=str(course), assignment_id=LAB)
    converter = Autograde(coursedir=directory, config=config)
    theirs, before = api.create_engine, graded(course)
    with pytest.raises(NbGraderException):
        converter.start()
    assert api.create_engine is theirs
    assert not [child for child in psutil.Process().children() if "autograder.engine" in child.cmdline()]
    assert len(results(course)) == 1  # mary was judged
    assert graded(course) == before  # her copy was removed, and no other touched
    assert converter.coursedir is directory
    converter.autograde_preprocessors = [step for step in converter.autograde_preprocessors if step is not Failing]
    converter.start()  # and it can run again
    assert graded(course).keys() == graded_like(finished, course)
    assert api.create_engine is theirs


def graded_like(other: Path, course: Path) -> set[str]:
    """Where the other course's autograded notebooks would lie in this one."""
    return {str(course / Path(path).relative_to(other)) for path in graded(other)}


def test_one_notebook_of_a_new_hand_in_is_graded(finished: Path, tmp_path: Path) -> None:
    course = tmp_path / "course"
    shutil.copytree(finished, course)
    before = graded(course)
    folder = course / "submitted" / "ada" / LAB
    shutil.copy(course / "submitted" / "noor" / LAB / "boxes.ipynb", folder)
    for where, day in ((folder, "02"), (course / "autograded" / "ada" / LAB, "01")):
        (where / "timestamp.txt").write_text(f"2026-11-{day} 20:00:00 UTC")
    autograde(course, "--notebook", "boxes")
    assert [Path(path).parts[-3] for path, when in graded(course).items() if when != before[path]] == ["ada"]


def test_scores_are_saved_as_nbgrader_saves_them(finished: Path, tmp_path: Path) -> None:
    """In place of other scores, and beside one that was given by hand."""
    paths = sorted(finished.glob(f"autograded/*/{LAB}/*.ipynb"))[:4]
    saved = {}
    for step in (SaveAutoGrades, SaveScores):
        course = tmp_path / step.__name__
        course.mkdir()
        shutil.copy(finished / "gradebook.db", course)
        url = f"sqlite:///{course / 'gradebook.db'}"
        with Gradebook(url) as book:
            for notebook in [notebook for each in book.assignment_submissions(LAB) for notebook in each.notebooks]:
                for number, grade in enumerate(sorted(notebook.grades, key=lambda grade: grade.name)):
                    grade.auto_score, grade.manual_score = 0.125, 1.5 if number == 1 else None
                for comment in notebook.comments:
                    comment.auto_comment = "stale"
            book.db.commit()
        stale = gradebook(course)
        for path in paths:
            where = {"notebook": path.stem, "assignment": LAB, "student": path.parents[1].name, "db_url": url}
            step().preprocess(nbformat.read(path, as_version=4), {"nbgrader": where})
        saved[step] = gradebook(course)
        assert saved[step] != stale
    assert saved[SaveScores] == saved[SaveAutoGrades]
