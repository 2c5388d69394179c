"""Call a student's function so that nothing it prints, warns or raises can do harm, and tell what happened.

Shared by the visible checks and by the hidden grader.
"""

import contextlib
import linecache
import logging
import os
import signal
import sys
import tempfile
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import torch

from course.checks.guard import Guard, ReadyMadeError

OURS = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Failure:
    """What stopped a call: ``kind`` is the name of the error's type, ``where`` the line of the student's own code."""

    kind: str
    message: str
    where: str

    def __str__(self) -> str:
        first_line = self.message.strip().splitlines()[0] if self.message.strip() else ""
        return f"{self.kind}: {first_line}" if first_line else self.kind


class OutOfTimeError(BaseException):
    """Raised inside a call that takes too long; no ``Exception``, so that ``except Exception`` cannot swallow it."""


def call(function: Callable, *args: Any, guard: Guard | None = None, seconds: float = 10.0) -> Any:
    """Return ``function(*args)``, or a :class:`Failure` where it raised, called something ready-made or took too long.

    ``guard`` is the one that watches the student's code in ``function``, if any. Whatever is printed, logged or warned
    is dropped. ``KeyboardInterrupt`` passes through: the person at the keyboard may stop.
    """
    try:
        with quiet(), torch.enable_grad(), time_limit(seconds):
            result = function(*args)
    except KeyboardInterrupt:
        raise
    except OutOfTimeError:
        return Failure("TimeoutError", f"no answer within {seconds:.0f} seconds", "")
    except ReadyMadeError as error:
        return Failure("ReadyMadeError", str(error), "")
    except BaseException as error:  # a student's function may raise anything, SystemExit included
        return Failure(type(error).__name__, _message(error), _students_line(error))
    if guard and guard.seen:  # the student's code caught our error
        return Failure("ReadyMadeError", str(ReadyMadeError(guard.seen)), "")
    return result


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Drop warnings, logging and all that is written to standard output or error, also by compiled code.

    nbgrader gives 0 to a graded cell that writes anything to standard error, however right the answer.
    """
    before = logging.root.manager.disable
    with tempfile.TemporaryFile("w+") as sink, warnings.catch_warnings(), _descriptors_to(sink.fileno()):
        warnings.simplefilter("ignore")
        logging.disable(logging.CRITICAL)
        try:
            with contextlib.redirect_stdout(sink), contextlib.redirect_stderr(sink):
                yield
        finally:
            logging.disable(before)


@contextlib.contextmanager
def _descriptors_to(target: int) -> Iterator[None]:
    """Point file descriptors 1 and 2 at ``target`` for a while (C++ warnings of torch bypass ``sys.stderr``)."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    saved = [os.dup(1), os.dup(2)]
    try:
        os.dup2(target, 1)
        os.dup2(target, 2)
        yield
    finally:
        for descriptor, copy in enumerate(saved, start=1):
            os.dup2(copy, descriptor)
            os.close(copy)


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise :class:`OutOfTimeError` in the body after ``seconds``, and again every second should it be caught.

    Without an alarm signal (Windows, or outside the main thread) there is no limit here; nbgrader's own one stays.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(signum: int, frame: FrameType | None) -> None:
        raise OutOfTimeError

    previous = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def _message(error: BaseException) -> str:
    """The text of an error, also of one whose own ``__str__`` fails."""
    try:
        return str(error)
    except Exception:
        return "(an error without a readable message)"


def _students_line(error: BaseException) -> str:
    """``line 7: inter = w * h`` for the last line of the student's own code in the error's traceback, or ``""``.

    The student's own frames are those outside the course, the installed packages and the standard library.
    """
    libraries = (str(OURS), os.path.dirname(os.__file__), sys.prefix)
    for frame, number in reversed(list(traceback.walk_tb(error.__traceback__))):
        filename = frame.f_code.co_filename
        if not filename.startswith(libraries) and not filename.startswith("<__array_function__"):
            line = linecache.getline(filename, number).strip()
            return f"line {number}: {line}" if line else f"line {number}"
    return ""
