"""Limits of time for a piece of code: by an alarm signal where the system has one, else by a second thread."""

import contextlib
import ctypes
import math
import os
import queue
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from types import FrameType

# Whether limits are set by signals. Windows has none of these: there a thread sets them, and so it does where this is
# False.
ALARMS = hasattr(signal, "setitimer")
SOON = 0.02  # seconds until an outer limit that ran out within an inner one stops its call, after the inner one's end
AGAIN = 1.0  # seconds until a call that went on is stopped once more
FRESH = 0.05  # seconds for which a look at the time in line is good: every message asks for it, and a file tells it
_awaited: list[int] = []  # by the blocks of awaiting that are running
_looks: dict[int, tuple[float, float]] = {}  # at the time in line, by process: when, and how long it was


class OutOfTimeError(BaseException):
    """Raised inside a call that takes too long; no ``Exception``, so that ``except Exception`` cannot swallow it."""


def time_limit(seconds: float, *, busy: bool = False) -> AbstractContextManager[None]:
    """Raise :class:`OutOfTimeError` in the body after ``seconds``, and again every second should it be caught.

    With ``busy`` only the time counts in which this process computes, whatever else the machine has to do; without it
    all time but that in which it stood in line for a processor (:func:`in_line`), which is its neighbours' doing. A
    limit within a limit of the same kind ends with the outer one, whose time goes on meanwhile. Outside the main thread
    there is no limit here; nbgrader's own one stays. Without signals (:data:`ALARMS`) a body that waits in compiled
    code, as ``time.sleep`` does, is stopped when it comes back from there.
    """
    if threading.current_thread() is not threading.main_thread():
        return contextlib.nullcontext()
    return _alarm(seconds, busy) if ALARMS else _watchman(seconds, busy)


@contextlib.contextmanager
def _alarm(seconds: float, busy: bool) -> Iterator[None]:
    def stop(signum: int, frame: FrameType | None) -> None:
        if not busy and (missing := allowed - (clock() - start)) > SOON:  # the timer counts the time in line as well
            signal.setitimer(timer, missing, AGAIN)
            return
        raise OutOfTimeError

    timer, alarm = (signal.ITIMER_VIRTUAL, signal.SIGVTALRM) if busy else (signal.ITIMER_REAL, signal.SIGALRM)
    clock = _computed if busy else _at_work
    start = clock()
    previous = signal.signal(alarm, stop)
    left, interval = signal.getitimer(timer)  # of the outer limit; 0 without one
    allowed = min(seconds, left) if left else seconds
    signal.setitimer(timer, allowed, AGAIN)
    try:
        yield
    finally:
        signal.setitimer(timer, 0)
        signal.signal(alarm, previous)
        if left:
            signal.setitimer(timer, max(left - (clock() - start), SOON), interval)


@contextlib.contextmanager
def _watchman(seconds: float, busy: bool) -> Iterator[None]:
    watchman = _Watchman(threading.get_ident(), seconds, busy)
    watchman.start()  # whose time begins later: an error in the midst of starting a thread would leave locks behind
    try:
        watchman.begin()
        yield
    finally:
        watchman.dismiss()


class _Watchman(threading.Thread):
    """A thread that raises :class:`OutOfTimeError` in another one when its time is over.

    Python delivers it between two steps of that thread's code, so also while the watchman is dismissed: nothing here
    holds a lock across such a step.
    """

    OFTEN = 20  # times it is raised at most, if the watchman is never dismissed

    def __init__(self, whom: int, seconds: float, busy: bool) -> None:
        super().__init__(daemon=True, name="time limit")
        self._whom = whom
        self._clock = time.process_time if busy else _at_work
        self._seconds = seconds
        self._bell: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._gone = False

    def run(self) -> None:
        """Wait to begin, and then for the end of the time, or for being dismissed."""
        self._bell.get()
        end = self._clock() + self._seconds
        raised = 0
        while raised < self.OFTEN:
            with contextlib.suppress(queue.Empty):
                self._bell.get(timeout=max(end - self._clock(), SOON))
                break
            if self._clock() >= end:
                _raise_in(self._whom, OutOfTimeError)
                raised += 1
                end = self._clock() + AGAIN
        self._gone = True

    def begin(self) -> None:
        """Let the time begin."""
        self._bell.put(None)

    def dismiss(self) -> None:
        """Raise no more; what is under way comes here, and ends here.

        It could be taken back as well, but Python 3.11 would then look for it for ever, and stand still under a tracer.
        """
        while True:
            try:
                self._bell.put(None)
                while not self._gone:
                    time.sleep(0.001)
                for _ in range(10):  # steps at which Python delivers it
                    pass
                return
            except OutOfTimeError:  # it came in this very moment: the body is over
                continue


def _raise_in(thread: int, error: type[BaseException]) -> None:
    """Have an error raised in a thread."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(error))


def in_line(process: int | None = None) -> float:
    """Seconds that a process's main thread, by default this one's, was ready to compute and waited for a processor.

    They were so many :data:`FRESH` seconds ago at most. Linux tells them (``/proc/…/schedstat``); elsewhere, or
    where the process is gone, it is 0.
    """
    process = os.getpid() if process is None else process
    looked, seconds = _looks.get(process, (-math.inf, 0.0))
    if (now := time.monotonic()) - looked > FRESH:
        seconds = _told(process)
        _looks[process] = now, seconds
    return seconds


def _told(process: int) -> float:
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
