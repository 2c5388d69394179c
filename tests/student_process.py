"""A student's process that tests talk to as the grader does, without the engine around it."""

import multiprocessing
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from autograder.engine.proxies import Process
from autograder.student.protocol import Connection
from autograder.student.request_handler import Answering


def serve(end: socket.socket, define: Callable[[], dict[str, Any]]) -> None:
    """What the process does: define names, and answer for them."""
    answering = Answering(Connection(end), define())
    end.sendall(b".")  # it has imported everything
    while answering.serve():
        pass


@contextmanager
def student_process(define: Callable[[], dict[str, Any]]) -> Iterator[Process]:
    """A process of its own with the names that ``define`` gives there."""
    ours, theirs = socket.socketpair()
    child = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs, define), daemon=True)
    child.start()
    theirs.close()
    with ours:
        assert ours.recv(1)
        yield Process(Connection(ours), lambda: None, lambda name: (), b"secret")
    child.join()
