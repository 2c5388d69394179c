"""Call a student's function so that nothing it prints, warns or raises can do harm, and tell what happened.

Shared by the visible checks and by the hidden grader.
"""

import contextlib
import io
import linecache
import logging
import os
import signal
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Any

import torch

from course.checking.guard import Guard, ReadyMadeError
from course.setup import grading

OUT_OF_TIME = "out of time"
READY_MADE = "ready-made operator"
GONE = "process gone"
LONGEST = 300  # characters of an error's message that are kept
# Seconds of computing for one call: references take milliseconds, a double loop over small inputs well under a second.
SECONDS = 8.0
WAITING = 1.75  # times these, by the clock, a call may take: a check and a case fit into nbgrader's 30 seconds
_awaited: list[int] = []  # by the blocks of awaiting that are running
_lowered: list[float] = []  # by the blocks of in_time that are running
SOON = 0.02  # seconds until an outer limit that ran out within an inner one stops its call, after the inner one's end


@dataclass(frozen=True)
class Failure:
    """What stopped a call.

    ``kind`` is the name of the error's type, or :data:`OUT_OF_TIME`, :data:`READY_MADE` or :data:`GONE` (the student's
    own process, where there is one, came to an end); ``where`` is the line of the student's own code, if the error came
    from there.
    """

    kind: str
    message: str
    where: str = ""

    def __str__(self) -> str:
        if self.kind in (OUT_OF_TIME, READY_MADE, GONE):
            return self.message
        return f"{self.kind}: {self.message}" if self.message else self.kind

    @property
    def unwritten(self) -> bool:
        """Whether this is the stub's own ``raise NotImplementedError()``, not one from somewhere in torch."""
        return self.kind == "NotImplementedError" and "NotImplementedError" in self.where


class StoppedElsewhere(Exception):
    """A call that was made in another process was stopped there."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(str(failure))
        self.failure = failure


class OutOfTimeError(BaseException):
    """Raised inside a call that takes too long; no ``Exception``, so that ``except Exception`` cannot swallow it."""


def call(function: Callable, *args: Any, guard: Guard | None = None, seconds: float | None = None) -> Any:
    """Return ``function(*args)``, or a :class:`Failure` where it raised, called something ready-made or took too long.

    ``seconds`` (by default :data:`SECONDS`) are seconds of computing, so that a busy machine costs nobody anything. By
    the clock it may take a little longer; then it is stopped even if it only waits.

    ``guard`` is the one that watches the student's code in ``function``, if any. Whatever is printed, logged or warned
    is dropped. ``KeyboardInterrupt`` passes through: the person at the keyboard may stop; while nbgrader grades there
    is nobody, and it is an error like any other.
    """
    seconds = SECONDS if seconds is None else seconds
    try:
        with quiet(), neutral(), time_limit(seconds, busy=True), time_limit(WAITING * seconds):
            result = function(*args)
    except OutOfTimeError:
        result = Failure(OUT_OF_TIME, f"no answer within {seconds:.0f} seconds")
    except StoppedElsewhere as stopped:
        result = stopped.failure
    except BaseException as error:  # a student's function may raise anything, SystemExit included
        if isinstance(error, KeyboardInterrupt) and not grading():
            raise
        result = Failure(type(error).__name__, _message(error), _students_line(error))
    if guard and guard.seen:  # also where the student's code caught our error, or another error came first
        return Failure(READY_MADE, str(ReadyMadeError(guard.seen)))
    return result


@contextlib.contextmanager
def in_time(seconds: float) -> Iterator[None]:
    """Let calls in the body compute for so many seconds at the most, here or in another process.

    Raises:
        OutOfTimeError: in the body, when they are over.
    """
    _lowered.append(seconds)
    try:
        with time_limit(seconds, busy=True):
            yield
    except StoppedElsewhere as stopped:
        if stopped.failure.kind != OUT_OF_TIME:
            raise
        raise OutOfTimeError from None
    finally:
        _lowered.pop()


def limit() -> float:
    """The seconds of computing that a call made now may take in another process."""
    return min([SECONDS, *_lowered])


@contextlib.contextmanager
def neutral() -> Iterator[None]:
    """Give torch its global settings of the start, and one thread (see :func:`one_thread`).

    A notebook may set another default device or dtype; our inputs and references must not follow it, nor must a lab's
    points hang on it.
    """
    dtype = torch.get_default_dtype()
    try:
        elsewhere = torch.get_default_device().type != "cpu"
    except RuntimeError:  # the default is a device that this machine lacks
        elsewhere = True
    torch.set_default_dtype(torch.float32)
    try:
        device = torch.device("cpu") if elsewhere else contextlib.nullcontext()
        with one_thread(), device, torch.inference_mode(False), torch.enable_grad():
            yield
    finally:
        torch.set_default_dtype(dtype)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Drop warnings, logging and all that is written to standard output or error, also by compiled code.

    nbgrader gives 0 to a graded cell that writes anything to standard error, however right the answer.
    """
    before = logging.root.manager.disable
    with open(os.devnull, "w") as sink, warnings.catch_warnings(), _descriptors_to(sink.fileno()):
        warnings.simplefilter("ignore")
        if before < logging.CRITICAL:  # it is slow: each time all loggers forget what they knew
            logging.disable(logging.CRITICAL)
        try:
            with contextlib.redirect_stdout(sink), contextlib.redirect_stderr(sink):
                yield
        finally:
            if before < logging.CRITICAL:
                logging.disable(before)


@contextlib.contextmanager
def _descriptors_to(target: int) -> Iterator[None]:
    """Point file descriptors 1 and 2 at ``target`` for a while (C++ warnings of torch bypass ``sys.stderr``)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # Jupyter's own streams never write to the descriptors
            with contextlib.suppress(Exception):  # a student may have put anything in their place
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
def one_thread() -> Iterator[None]:
    """Let torch compute in one thread for a while: for many small steps that is as fast, and it is steady.

    Some operations (a mask as an index is one) wake all threads however little there is to do, and on a busy machine
    each such step waits for milliseconds.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextlib.contextmanager
def time_limit(seconds: float, *, busy: bool = False) -> Iterator[None]:
    """Raise :class:`OutOfTimeError` in the body after ``seconds``, and again every second should it be caught.

    With ``busy`` only the time counts in which this process computes, whatever else the machine has to do; without it
    all time but that in which it stood in line for a processor (:func:`in_line`), which is its neighbours' doing. A
    limit within a limit of the same kind ends with the outer one, whose time goes on meanwhile. Without an alarm signal
    (Windows, or outside the main thread) there is no limit here; nbgrader's own one stays.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(signum: int, frame: FrameType | None) -> None:
        if not busy and (missing := allowed - (clock() - start)) > SOON:  # the timer counts the time in line as well
            signal.setitimer(timer, missing, 1.0)
            return
        raise OutOfTimeError

    timer, alarm = (signal.ITIMER_VIRTUAL, signal.SIGVTALRM) if busy else (signal.ITIMER_REAL, signal.SIGALRM)
    clock = _computed if busy else _at_work
    start = clock()
    previous = signal.signal(alarm, stop)
    left, interval = signal.getitimer(timer)  # of the outer limit; 0 without one
    allowed = min(seconds, left) if left else seconds
    signal.setitimer(timer, allowed, 1.0)
    try:
        yield
    finally:
        signal.setitimer(timer, 0)
        signal.signal(alarm, previous)
        if left:
            signal.setitimer(timer, max(left - (clock() - start), SOON), interval)


def in_line(process: int | str = "self") -> float:
    """Seconds that a process's main thread has been ready to compute and waited for a processor.

    Linux tells it (``/proc/…/schedstat``); elsewhere, or where the process is gone, it is 0.
    """
    try:
        with open(f"/proc/{process}/schedstat", "rb") as file:
            return int(file.read().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


@contextlib.contextmanager
def awaiting(process: int) -> Iterator[None]:
    """Let limits by the clock stand still in the body also while another process, whose answers count, is in line."""
    _awaited.append(process)
    try:
        yield
    finally:
        _awaited.remove(process)


def _at_work() -> float:
    """A clock that stands still while this process, or one that it awaits, stands in line for a processor."""
    return time.monotonic() - in_line() - sum(map(in_line, _awaited))


def _computed() -> float:
    """Seconds that this process has computed in its own code: what ``ITIMER_VIRTUAL`` counts."""
    import resource  # there is none on Windows, nor such a timer

    return resource.getrusage(resource.RUSAGE_SELF).ru_utime


def _message(error: BaseException) -> str:
    """The first line of an error's text, also of an error whose own ``__str__`` fails."""
    try:
        text = str(error)[: 10 * LONGEST].strip()
    except BaseException:  # again: anything
        return "(an error without a readable message)"
    line = text.splitlines()[0] if text else ""
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"


def _students_line(error: BaseException) -> str:
    """``line 7: inter = w * h`` for the last line of the student's own code in the error's traceback, or ``""``.

    The student's own frames are those outside our packages, the installed ones and the standard library.
    """
    libraries = (os.path.dirname(os.__file__), sys.prefix, "<__array_function__")
    for frame, number in reversed(list(traceback.walk_tb(error.__traceback__))):
        filename, package = frame.f_code.co_filename, str(frame.f_globals.get("__name__")).split(".")[0]
        if package not in ("course", "autograder", "solutions") and not filename.startswith(libraries):
            line = linecache.getline(filename, number).strip()[:LONGEST]
            return f"line {number}: {line}" if line else f"line {number}"
    return ""
