"""The preloaded process, which kernels are forked from, ends while a class is judged: nobody gets a wrong zero."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, suppress
from pathlib import Path

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.api import Gradebook
from nbgrader_commands import nbgrader

from autograder.commands import demo
from autograder.engine.fork_client import Preloaded, answers
from autograder.engine.results import Results
from autograder.engine.scheduling import JobArrived, JudgeEnded, Limits, Report, Scheduler, Start, WriteUncertain
from autograder.nbgrader_plugins.finished import Finished
from autograder.nbgrader_plugins.pool_client import PoolClient

LAB = "lab1_boxes"
CLASS = ("ada", "kurt", "mary", "noor")
PATIENCE = 240  # seconds, on a busy machine
PROGRAM = "autograder.student.fork_server"


def preloaded(of: psutil.Process, program: str = "") -> list[psutil.Process]:
    """The processes that end when the preloaded one of a grader is killed: bubblewrap outside, Python inside."""
    found = []
    with suppress(psutil.Error):
        for child in of.children(recursive=True):
            with suppress(psutil.Error):  # it has just ended
                command = child.cmdline()
                if PROGRAM in command and Path(command[0]).name.startswith(program):
                    found.append(child)
    return found


def wait_until(true: object, process: subprocess.Popen | None = None) -> None:
    end = time.monotonic() + PATIENCE
    while not true():  # type: ignore[operator]
        assert time.monotonic() < end, "it has never come"
        if process is not None and process.poll() is not None:
            return
        time.sleep(0.05)


@pytest.fixture
def results(tmp_path: Path) -> Results:
    return Results(tmp_path / "results")


@pytest.fixture
def client(results: Results) -> Iterator[PoolClient]:
    with closing(PoolClient(results, sandboxed=True, cores=1)) as made:
        yield made


@pytest.mark.sandbox
@pytest.mark.parametrize(
    "program",
    [
        "python",
        pytest.param("bwrap", marks=pytest.mark.exhaustive),  # repeats it from outside
    ],
)
def test_a_submission_whose_kernel_goes_with_it_is_judged_anew(
    tmp_path: Path, client: PoolClient, results: Results, program: str
) -> None:
    """Its last cell waits: for whoever looks at its kernel alone, the student's code has ended the process."""
    path = tmp_path / "clean" / "lab.ipynb"
    path.parent.mkdir()
    code = "import time\ntime.sleep(3)\nprint('through')"
    nbformat.write(new_notebook(cells=[new_code_cell(code, id="own-1")]), path)
    client.send("job", path, b"secret")
    client.wait_until_ready()
    wait_until(a_kernel_runs)
    time.sleep(0.5)  # until its cell runs
    preloaded(psutil.Process(), program)[0].kill()
    assert list(client.wait_for("job")) == ["job"]
    found = results.read("job")
    assert found is not None
    assert found["certain"]
    (output,) = found["outputs"]["own-1"]
    assert output.get("text") == "through\n"


def a_kernel_runs() -> bool:
    """Whether a judge of ours has noted its kernel; the note lies in the preloaded process's folder."""
    pools = {str(child.pid) for child in psutil.Process().children()}
    with suppress(FileNotFoundError):  # another's folder has just gone
        for owner in Path("/tmp").glob("rcnn-*/owner"):
            if owner.read_text() in pools and list(owner.parent.glob("kernel-of-*")):
                return True
    return False


def hand_in(course: Path, students: Collection[str]) -> None:
    """Some of the demo's class hand in."""
    demo.hand_in(LAB, course)
    for folder in (course / "submitted").iterdir():
        if folder.name not in students:
            shutil.rmtree(folder)


def autograde(course: Path) -> subprocess.Popen:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.Popen(
        [sys.executable, "-m", "nbgrader", "autograde", LAB],
        cwd=course,
        env={**os.environ, "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def gradebook(course: Path) -> list[tuple]:
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        return sorted(
            (submission.student.id, grade.name, grade.auto_score)
            for submission in book.assignment_submissions(LAB)
            for notebook in submission.notebooks
            for grade in notebook.grades
        )


@pytest.mark.sandbox
def test_killed_in_the_middle_of_a_class_it_costs_nobody_a_point(
    tmp_path: Path, lay_course: Callable[[Path], Path], demonstrated: tuple[Path, str]
) -> None:
    course = lay_course(tmp_path / "course")
    hand_in(course, CLASS)
    undisturbed = [row for row in gradebook(demonstrated[0] / "course") if row[0] in CLASS]
    assert {student for student, *_ in undisturbed} == set(CLASS)

    run = autograde(course)
    grader = psutil.Process(run.pid)
    wait_until(lambda: list((course / ".grader" / "results").glob("*.json")), run)
    victims = preloaded(grader)
    assert victims
    victims[0].kill()
    said, _ = run.communicate(timeout=PATIENCE)
    if run.returncode:
        again = nbgrader("autograde", LAB, course=course)
        assert again.returncode == 0, again.stderr
    assert gradebook(course) == undisturbed, said
    assert sum(score for *_, score in gradebook(course)) > 0


@pytest.mark.sandbox
def test_an_uncertain_result_fails_the_run_and_the_next_one_repairs_it(
    tmp_path: Path, lay_course: Callable[[Path], Path]
) -> None:
    """As in a run whose judges died twice: its zeros stand in the gradebook, and the hand-in is unchanged."""
    course = lay_course(tmp_path / "course")
    hand_in(course, ("mary", "noor"))
    run = autograde(course)
    me = psutil.Process(run.pid)
    lost: set[int] = set()

    def judges() -> list[psutil.Process]:
        """Processes of the pool's program below the pool itself."""
        found = []
        with suppress(psutil.Error):
            for pool in me.children():
                for child in pool.children():
                    with suppress(psutil.Error):
                        if "autograder.engine" in child.cmdline() and child.pid not in lost:
                            found.append(child)
        return found

    trial = 0  # the pool's first child, which it tries a kernel with
    while run.poll() is None:
        for judge in judges():
            lost.add(judge.pid)
            trial = trial or judge.pid
            if judge.pid == trial:
                continue
            with suppress(psutil.Error):
                judge.kill()
        time.sleep(0.03)
    said, _ = run.communicate(timeout=PATIENCE)
    assert run.returncode != 0, said
    assert said.strip().splitlines()[-1].endswith("leaves the others as they are."), said
    assert re.search("The grader itself failed on (mary|noor)/boxes", said), said
    again = nbgrader("autograde", LAB, course=course)
    assert again.returncode == 0, again.stderr
    scores = {student: score for student, _, score in gradebook(course) if score}
    assert scores
    third = nbgrader("autograde", LAB, course=course)
    assert third.returncode == 0, third.stderr
    assert "0 graded" in third.stderr


@pytest.mark.sandbox
def test_it_gives_a_sign_of_life_as_long_as_it_lives() -> None:
    process = Preloaded(sandboxed=True)
    process.wait()
    assert answers(process.address)
    assert not process.ended
    preloaded(psutil.Process(), "python")[0].kill()
    wait_until(lambda: process.ended)
    assert not answers(process.address)
    process.close()


def test_a_lost_judge_is_no_failure_of_its_job() -> None:
    scheduler = Scheduler(1, Limits(seconds=100.0, attempts=2, losses=3))
    assert scheduler.handle(JobArrived("a")) == [Start(1, "a")]
    assert scheduler.handle(JudgeEnded(1, result=False)) == [Start(2, "a")]
    for judge in (2, 3, 4):
        assert scheduler.handle(JudgeEnded(judge, result=False, lost=True)) == [Start(judge + 1, "a")]
        scheduler.validate()
    assert scheduler.handle(JudgeEnded(5, result=False, lost=True)) == [WriteUncertain("a"), Report("a")]


def test_an_uncertain_submission_is_not_finished_until_it_is_certain(tmp_path: Path) -> None:
    marks, hand_in = Finished(tmp_path / "marks", LAB), tmp_path / "ada"
    hand_in.mkdir()
    (hand_in / "boxes.ipynb").write_text("{}")
    marks.add("ada", hand_in, ["boxes", "masks"])
    assert marks.holds("ada", hand_in)
    marks.doubt("ada", "boxes")  # and the run is killed
    assert not marks.holds("ada", hand_in)
    marks.add("ada", hand_in, ["masks"])
    assert (marks.holds("ada", hand_in), marks.uncertain("ada")) == (False, ["boxes"])
    marks.add("ada", hand_in, ["boxes"])
    assert marks.holds("ada", hand_in)
