"""Call a student's function so that nothing it prints, warns or raises can do harm, and tell what happened.

Shared by the visible checks and by the hidden grader.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch

from course.checking.guard import Guard, ReadyMadeError
from course.checking.limits import OutOfTimeError, time_limit
from course.checking.silence import Tail, quiet
from course.checking.students_code import line_and_loop_of, line_of
from course.setup import grading

OUT_OF_TIME = "out of time"
READY_MADE = "ready-made operator"
GONE = "process gone"
LONGEST = 300  # characters of an error's message that are kept
# Seconds of computing for one call: references take milliseconds, a double loop over small inputs well under a second.
SECONDS = 8.0
WAITING = 1.75  # times these, by the clock, a call may take: a check and a case fit into nbgrader's 30 seconds
_lowered: list[float] = []  # by the blocks of in_time that are running


@dataclass(frozen=True)
class Failure:
    """What stopped a call.

    ``kind`` is the name of the error's type, or :data:`OUT_OF_TIME`, :data:`READY_MADE` or :data:`GONE` (the student's
    own process, where there is one, came to an end); ``where`` is the line of the student's own code that raised the
    error, or that was running when the time was over.
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


def call(
    function: Callable,
    *args: Any,
    guard: Guard | None = None,
    seconds: float | None = None,
    heard: Tail | None = None,
) -> Any:
    """Return ``function(*args)``, or a :class:`Failure` where it raised, called something ready-made or took too long.

    ``seconds`` (by default :data:`SECONDS`) are seconds of computing, so a busy machine costs nothing. By the clock it
    may take a little longer; then it is stopped even if it only waits.

    ``guard`` is the one that watches the student's code in ``function``, if any. Prints, logs and warnings are dropped;
    only ``heard`` keeps the end of what is printed to standard output. ``KeyboardInterrupt`` passes through: the person
    at the keyboard may stop. While nbgrader grades nobody is there, and it is an error like any other.
    """
    seconds = SECONDS if seconds is None else seconds
    try:
        with quiet(heard), neutral(), time_limit(seconds, busy=True), time_limit(WAITING * seconds):
            result = function(*args)
    except OutOfTimeError as error:
        result = Failure(OUT_OF_TIME, f"no answer within {seconds:.0f} seconds", line_and_loop_of(error))
    except StoppedElsewhere as stopped:
        result = stopped.failure
    except BaseException as error:  # a student's function may raise anything, SystemExit included
        if isinstance(error, KeyboardInterrupt) and not grading():
            raise
        result = Failure(type(error).__name__, _message(error), line_of(error))
    if guard and guard.seen:  # also where the student's code caught our error, or another error came first
        return Failure(READY_MADE, str(ReadyMadeError(guard.seen)))
    return result


@contextlib.contextmanager
def in_time(seconds: float) -> Iterator[None]:
    """Let calls in the body compute for at most so many seconds, here or in another process.

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

    A notebook may set another default device or dtype; our inputs and references must not follow it, and a lab's
    points must not depend on it.
    """
    dtype = torch.get_default_dtype()
    try:
        elsewhere = torch.get_default_device().type != "cpu"
    except RuntimeError:  # the default is a device that this machine lacks
        elsewhere = True
    torch.set_default_dtype(torch.float32)
    try:
        device = torch.device("cpu") if elsewhere else contextlib.nullcontext()
        inference = torch.inference_mode(False) if torch.is_inference_mode_enabled() else contextlib.nullcontext()
        with one_thread(), device, inference, torch.enable_grad():
            yield
    finally:
        torch.set_default_dtype(dtype)


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Let torch compute in one thread for a while: for many small steps that is as fast, and it is steady.

    Some operations (a mask as an index is one) wake all threads however little there is to do, and on a busy machine
    each such step waits for milliseconds.
    """
    before = torch.get_num_threads()
    if before > 1:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        if torch.get_num_threads() != before:  # the body may have set it, too
            torch.set_num_threads(before)


def _message(error: BaseException) -> str:
    """The first line of an error's text, also of an error whose own ``__str__`` fails."""
    try:
        text = str(error)[: 10 * LONGEST].strip()
    except BaseException:  # again: anything
        return "(an error without a readable message)"
    line = text.splitlines()[0] if text else ""
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"
