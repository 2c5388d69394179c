"""Each known answer gets its points and its hint, and in another process the same report as beside the grader."""

import dataclasses
import functools
import multiprocessing
import os
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import forkserver
from pathlib import Path
from unittest import mock

import pytest

from autograder import grade
from autograder.engine.proxies import Process
from autograder.engine.sandbox import ONE_THREAD
from autograder.grader.answer import LocalAnswer
from autograder.grader.answers import Answer
from autograder.grader.disguise import Disguise
from autograder.grader.exercise_report import Report
from autograder.grader.grading import judge, ready_made
from autograder.labs import EXERCISES, LABS, answers
from autograder.student.protocol import Connection
from autograder.student.request_handler import Answering
from course.checking.limits import awaiting, in_line

ANSWERS = [(lab, answer) for lab in LABS for answer in answers(lab)]
RIGHT = {answer.exercise: answer for _, answer in ANSWERS[::-1] if not answer.hint}  # the first to each exercise
SEED = 1  # the same for all answers, so that an exercise's inputs, and what is right for them, are made once


# Forked from a process with one thread: this one may have more, whose locks a fork would inherit.
SERVERS = multiprocessing.get_context("forkserver")
SERVERS.set_forkserver_preload([__name__, "matplotlib.pyplot"])  # read once, not by every process


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> None:
    with mock.patch.dict(os.environ, {**ONE_THREAD, "PYTHONPATH": str(Path(__file__).parent)}):
        forkserver.ensure_running()


@functools.cache
def right_ones() -> dict[str, Callable]:
    """The right answers, each read once."""
    return {name: answer.function() for name, answer in RIGHT.items()}


def beside_right_ones(answer: Answer) -> Callable:
    """An answer beside right answers to the other exercises, as in a notebook."""
    return answer.function({name: other for name, other in right_ones().items() if name != answer.exercise})


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
    # as in the engine: where it stands in line behind its neighbours, its time stands still

    def clock() -> float:
        return time.monotonic() - in_line(child.pid)

    with ours, awaiting(child.pid or 0):
        yield Process(Connection(ours, clock), lambda: None, lambda name: ready_made(EXERCISES[name]), b"secret")
    child.kill()
    child.join()


def without_time(report: Report) -> Report:
    return dataclasses.replace(report, seconds=0.0)


def kinds(report: Report) -> set[tuple]:
    """What kinds of outcome a report tells of: how each kind of question was answered, and what became of the whole."""
    cases = EXERCISES[report.exercise].cases
    whole = (
        bool(report.reason),
        report.score == report.points,
        report.core_holds,
        report.out_of_time,
        report.unwritten,
    )
    rows = list(zip(cases, report.rows[1:], strict=False))
    ways = {("way to ask", case.run.__qualname__, row.held) for case, row in rows}
    details = {("detail", *re.sub(r"\d+", "#", row.detail).split()[:4]) for _, row in rows}  # it fails with IndexError
    return {whole} | ways | details


class Disguised(LocalAnswer):
    """An answer in this process that draws what it would draw in another."""

    def __init__(self, function: Callable, disguise: Disguise) -> None:
        super().__init__(disguise.over(function))
        self.disguise = disguise


def assert_judged_the_same_elsewhere(answer: Answer, report: Report) -> None:
    """In another process an answer gets the same report; word by word, if it draws no random numbers.

    Drawn there, from other states, a wrong answer may fail by chance what it holds here: then the verdict and the hint
    are the same, and the report is, word by word, that of an answer with those states.
    """
    exercise = EXERCISES[answer.exercise]
    with process(answer) as remote:
        elsewhere = without_time(judge(exercise, remote.lookup(answer.exercise), report.seed))
    if elsewhere != without_time(report):
        full = report.score == report.points
        assert (elsewhere.score == elsewhere.points, elsewhere.hint) == (full, report.hint)
        again = judge(exercise, Disguised(beside_right_ones(answer), remote.disguise), report.seed)
        assert elsewhere == without_time(again)


@pytest.fixture(scope="session")
def compared() -> set[tuple]:
    """The kinds of outcome that have been compared with another process's."""
    return set()


EACH = pytest.mark.parametrize(
    "answer", [pytest.param(answer, id=f"{lab}-{answer.exercise}-{answer.name}") for lab, answer in ANSWERS]
)


@pytest.mark.usefixtures("beside_the_detector")
@EACH
def test_an_answer_gets_its_points_and_its_hint_and_its_kind_of_outcome_elsewhere(
    answer: Answer, compared: set[tuple]
) -> None:
    """The first answer with an outcome of its kind is judged in another process as well."""
    report = grade(answer.exercise, beside_right_ones(answer), SEED)
    assert (report.score == report.points) == (not answer.hint), [row for row in report.rows if not row.held]
    assert report.hint == answer.hint
    stopped = [row.detail for row in report.rows if "NameError" in row.detail or "AttributeError" in row.detail]
    assert stopped == []  # such a wrong answer would stand for anybody's typing error
    if not kinds(report) <= compared:
        assert_judged_the_same_elsewhere(answer, report)
        compared |= kinds(report)


@pytest.mark.exhaustive
@pytest.mark.usefixtures("beside_the_detector")
@EACH
def test_with_the_seed_of_its_text_every_answer_gets_the_same_elsewhere(answer: Answer) -> None:
    """Repeats the test above with another seed for each answer, and in another process not only for each kind."""
    report = grade(answer.exercise, beside_right_ones(answer))
    assert (report.score == report.points, report.hint) == (not answer.hint, answer.hint)
    assert_judged_the_same_elsewhere(answer, report)
