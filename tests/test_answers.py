"""Each known answer gets its points and its hint, and in another process the same report as beside the grader."""

import dataclasses
import multiprocessing
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import forkserver
from pathlib import Path
from unittest import mock

import pytest

from autograder import grade
from autograder.answers import Answer, answers
from autograder.engine.remote import Process
from autograder.engine.sandbox import ONE_THREAD
from autograder.exercises import EXERCISES, LABS
from autograder.feedback import Report
from autograder.grading import judge, ready_made
from autograder.student.answering import Answering
from autograder.student.wire import Connection

ANSWERS = [answer for lab in LABS for answer in answers(lab)]
RIGHT = [answer for answer in ANSWERS if not answer.hint]


# Forked from a process with one thread: this one may have more, whose locks a fork would inherit.
SERVERS = multiprocessing.get_context("forkserver")
SERVERS.set_forkserver_preload([__name__, "matplotlib.pyplot"])  # read once, not by every process


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> None:
    with mock.patch.dict(os.environ, {**ONE_THREAD, "PYTHONPATH": str(Path(__file__).parent)}):
        forkserver.ensure_running()


def identify(answer: Answer) -> str:
    return f"{answer.exercise}-{answer.name}"


def beside_right_ones(answer: Answer) -> Callable:
    """An answer beside right answers to the other exercises, as in a notebook."""
    others = {other.exercise: other.function() for other in RIGHT[::-1] if other.exercise != answer.exercise}
    return answer.function(others)


def serve(end: socket.socket, answer: Answer, folder: Path) -> None:
    """What the student's process does: hold what a cell defines, and answer for it."""
    os.chdir(folder)
    answering = Answering(Connection(end), {answer.exercise: beside_right_ones(answer)})
    while answering.serve():
        pass


@contextmanager
def process(answer: Answer) -> Iterator[Process]:
    """A process that has run a cell."""
    ours, theirs = socket.socketpair()
    child = SERVERS.Process(target=serve, args=(theirs, answer, Path.cwd()), daemon=True)
    child.start()
    theirs.close()
    with ours:
        yield Process(Connection(ours), lambda: None, lambda name: ready_made(EXERCISES[name]), str)
    child.kill()
    child.join()


def without_time(report: Report) -> Report:
    return dataclasses.replace(report, seconds=0.0)


@pytest.mark.usefixtures("beside_the_detector")
@pytest.mark.parametrize("answer", ANSWERS, ids=identify)
def test_an_answer_gets_its_points_and_its_hint_here_and_elsewhere(answer: Answer) -> None:
    report = grade(answer.exercise, beside_right_ones(answer))
    assert (report.score == report.points) == (not answer.hint), [row for row in report.rows if not row.held]
    assert report.hint == answer.hint
    stopped = [row.detail for row in report.rows if "NameError" in row.detail or "AttributeError" in row.detail]
    assert stopped == []  # such a wrong answer would stand for anybody's typing error
    with process(answer) as remote:
        there = judge(EXERCISES[answer.exercise], remote.look(answer.exercise), report.seed)
    assert without_time(there) == without_time(report)
