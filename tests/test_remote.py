"""An answer that runs in another process gets the report that it gets beside the grader."""

import dataclasses
import multiprocessing
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import forkserver
from unittest import mock

import pytest

from autograder.answers import Answer, answers, define
from autograder.engine.remote import Process
from autograder.engine.sandbox import ONE_THREAD
from autograder.exercises import EXERCISES, LABS
from autograder.feedback import Report
from autograder.grading import judge, ready_made
from autograder.student.answering import Answering
from autograder.student.wire import Connection

ANSWERS = [answer for lab in LABS for answer in answers(lab)]


# Forked from a process with one thread: this one may have more, whose locks a fork would inherit.
SERVERS = multiprocessing.get_context("forkserver")
SERVERS.set_forkserver_preload(["autograder.exercises", "autograder.student.answering", "matplotlib.pyplot"])


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> None:
    with mock.patch.dict(os.environ, ONE_THREAD):
        forkserver.ensure_running()


def serve(end: socket.socket, text: str, name: str) -> None:
    """What the student's process does: hold what a cell defines, and answer for it."""
    answering = Answering(Connection(end), {name: define(text, name, "<cell>")})
    while answering.serve():
        pass


@contextmanager
def process(text: str, name: str) -> Iterator[Process]:
    """A process that has run a cell."""
    ours, theirs = socket.socketpair()
    child = SERVERS.Process(target=serve, args=(theirs, text, name), daemon=True)
    child.start()
    theirs.close()
    with ours:
        yield Process(Connection(ours), lambda: None, lambda name: ready_made(EXERCISES[name]), str)
    child.kill()
    child.join()


def without_time(report: Report) -> Report:
    return dataclasses.replace(report, seconds=0.0)


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: f"{answer.exercise}-{answer.name}")
def test_the_report_is_the_same_through_the_wire(answer: Answer) -> None:
    function = define(answer.text, answer.exercise, "<cell>")
    here = judge(EXERCISES[answer.exercise], function, seed=7)
    with process(answer.text, answer.exercise) as remote:
        there = judge(EXERCISES[answer.exercise], remote.look(answer.exercise), seed=7)
    assert without_time(there) == without_time(here)
