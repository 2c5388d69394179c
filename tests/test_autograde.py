"""Runs of ``nbgrader autograde``: repeated, interrupted, changed, without a sandbox."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.preprocessors import SaveAutoGrades

from autograder import demo, notebooks
from autograder.engine.scores import SaveScores

LAB = "lab1_boxes"
pytestmark = pytest.mark.sandbox


def environment(path: str = "") -> dict[str, str]:
    return {**os.environ, "PATH": path or f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


def autograde(course: Path, *options: str, path: str = "") -> str:
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "autograde", LAB, *options],
        cwd=course,
        env=environment(path),
        capture_output=True,
        text=True,
        timeout=600,
    )
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
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with the demo's class, not graded yet."""
    course = tmp_path_factory.mktemp("bare") / "course"
    notebooks.generate(LAB, course)
    demo.hand_in(LAB, course)
    return course


@pytest.fixture(scope="module")
def finished(bare: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same course after an undisturbed run."""
    course = tmp_path_factory.mktemp("finished") / "course"
    shutil.copytree(bare, course)
    autograde(course)
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


def test_killed_at_any_moment_a_run_goes_on_where_it_was(
    bare: Path, finished: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    course = tmp_path_factory.mktemp("killed") / "course"
    shutil.copytree(bare, course)
    moments = random.Random(11)
    known: dict[str, int] = {}
    for _ in range(3):
        process = subprocess.Popen(
            [sys.executable, "-m", "nbgrader", "autograde", LAB],
            cwd=course,
            env=environment(),
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


def test_without_bubblewrap_there_is_a_warning_and_the_scores_are_the_same(
    bare: Path, finished: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    course = tmp_path_factory.mktemp("unprotected") / "course"
    shutil.copytree(bare, course)
    for folder in (course / "submitted").iterdir():
        if folder.name not in ("mary", "kurt"):
            shutil.rmtree(folder)
    only = tmp_path_factory.mktemp("bin")
    (only / "alembic").symlink_to(Path(sys.executable).parent / "alembic")
    said = autograde(course, path=str(only))
    assert said.count("No sandbox: bubblewrap is not installed") == 1
    assert gradebook(course) == [row for row in gradebook(finished) if row[0] in ("mary", "kurt")]


def test_where_a_sandbox_is_required_nothing_runs_without_one(
    bare: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    course = tmp_path_factory.mktemp("required") / "course"
    shutil.copytree(bare, course)
    with (course / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write("\nc.Sandbox.required = True\n")
    only = tmp_path_factory.mktemp("bin")
    (only / "alembic").symlink_to(Path(sys.executable).parent / "alembic")
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "autograde", LAB],
        cwd=course,
        env=environment(str(only)),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode != 0
    assert "c.Sandbox.required is set, but bubblewrap is not installed" in done.stderr
    assert not graded(course)


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
