"""Calling within limits: what was set before the call is as before after it, other limits and profilers included."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from types import TracebackType

import pytest

from course.checking import limits
from course.checking.calling import OUT_OF_TIME, Failure, call
from course.checking.guard import Guard
from course.checking.limits import OutOfTimeError, time_limit
from course.checking.students_code import line_and_loop_of
from course.drawing import ask_student
from course.drawing.figure import NoPicture


def compute(seconds: float) -> None:
    """Compute for so long by the timer that is running."""
    before = signal.getitimer(signal.ITIMER_VIRTUAL)[0]
    while before - signal.getitimer(signal.ITIMER_VIRTUAL)[0] < seconds:
        pass


def spin() -> None:
    """Compute for ever."""
    while True:
        pass


def left() -> float:
    return signal.getitimer(signal.ITIMER_VIRTUAL)[0]


def test_a_limit_within_a_limit_leaves_the_outer_one_its_remaining_time() -> None:
    with time_limit(5.0, busy=True):
        compute(0.1)
        for _ in range(2):
            with time_limit(2.0, busy=True):
                assert left() < 2.02
                compute(0.2)
        assert 4.0 < left() < 4.75
    assert left() == 0


def test_a_longer_limit_within_a_limit_ends_with_the_outer_one() -> None:
    within = []

    def both() -> None:
        with time_limit(0.2, busy=True):
            try:
                with time_limit(100.0, busy=True):
                    within.append(left())
                    compute(50)
            except OutOfTimeError:
                within.append(left())
            compute(50)

    with pytest.raises(OutOfTimeError):
        both()
    assert len(within) == 2
    assert max(within) < 0.22
    assert left() == 0


def test_an_outer_limit_by_the_clock_goes_on_as_well() -> None:
    with time_limit(5.0):
        with time_limit(2.0):
            assert signal.getitimer(signal.ITIMER_REAL)[0] <= 2.0
        assert 2.0 < signal.getitimer(signal.ITIMER_REAL)[0] < 5.0
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="only Linux lets a test choose its processor")
def test_waiting_for_a_processor_that_others_use_counts_for_nobody() -> None:
    alone = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(alone)})
    spin = [sys.executable, "-c", "print(flush=True)\nwhile True: pass"]
    others = [subprocess.Popen(spin, stdout=subprocess.PIPE) for _ in range(4)]  # on the same processor
    try:
        for other in others:
            assert other.stdout is not None
            other.stdout.readline()
        start = time.monotonic()
        used = time.process_time()
        with time_limit(1.2):
            while time.process_time() - used < 0.6:
                pass
        waited = time.monotonic() - start
    finally:
        for other in others:
            other.kill()
            other.communicate()
        os.sched_setaffinity(0, alone)
    assert waited > 1.2


def test_a_sleep_is_stopped_by_the_clock() -> None:
    start = time.monotonic()
    with pytest.raises(OutOfTimeError), time_limit(0.2):
        threading.Event().wait(60)
    assert time.monotonic() - start < 30


def assert_no_watchman_is_left() -> None:
    for thread in threading.enumerate():
        if thread.name == "time limit":
            thread.join(5)
            assert not thread.is_alive()


@pytest.fixture
def no_alarms(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows, which has no alarm signals."""
    monkeypatch.setattr(limits, "ALARMS", False)


@pytest.mark.usefixtures("no_alarms")
@pytest.mark.parametrize("busy", [True, False])
def test_without_alarm_signals_a_thread_ends_an_endless_loop(busy: bool) -> None:
    def endless() -> None:
        while True:
            with contextlib.suppress(Exception):
                list(range(100))

    with pytest.raises(OutOfTimeError), time_limit(0.2, busy=busy):
        endless()
    assert_no_watchman_is_left()


@pytest.mark.usefixtures("no_alarms")
def test_without_alarm_signals_waiting_is_not_computing() -> None:
    with time_limit(0.1, busy=True):
        threading.Event().wait(0.5)
    with pytest.raises(OutOfTimeError), time_limit(0.2):
        sum(threading.Event().wait(0.01) for _ in range(10_000))


@pytest.mark.usefixtures("no_alarms")
def test_without_alarm_signals_a_loop_that_catches_the_error_is_stopped_again() -> None:
    caught = []

    def stubborn() -> None:
        while len(caught) < 2:
            try:
                spin()
            except OutOfTimeError as error:
                caught.append(error)
        spin()

    with pytest.raises(OutOfTimeError), time_limit(0.1, busy=True):
        stubborn()
    assert len(caught) == 2


@pytest.mark.usefixtures("no_alarms")
def test_without_alarm_signals_limits_end_one_within_the_other_and_leave_nothing_behind() -> None:
    with time_limit(30.0, busy=True):
        for _ in range(20):
            with contextlib.suppress(OutOfTimeError), time_limit(0.01, busy=True):
                spin()
    with pytest.raises(OutOfTimeError), time_limit(0.1, busy=True), time_limit(30.0, busy=True):
        spin()
    assert_no_watchman_is_left()


@pytest.mark.usefixtures("no_alarms")
def test_without_alarm_signals_a_call_is_stopped_and_tells_the_loop() -> None:
    failure = call(spin, seconds=0.2)
    assert isinstance(failure, Failure)
    assert failure.kind == OUT_OF_TIME
    assert "while True:" in failure.where


def nested(numbers: list[int]) -> list[int]:
    """A loop in a loop, with jumps that Python puts in: they have no line of their own."""
    kept = []
    for number in numbers:
        good = True
        for other in kept:
            if number * other > 5:
                good = False
                break
        if good:
            kept.append(number)
    return kept


def test_the_line_is_told_wherever_in_the_loop_an_answer_was_stopped() -> None:
    code, frames = nested.__code__, []
    sys.setprofile(lambda frame, event, argument: frames.append(frame) if frame.f_code is code else None)
    try:
        nested([1])
    finally:
        sys.setprofile(None)
    lines = {start: line for start, _, line in code.co_lines()}
    assert None in lines.values()
    first = code.co_firstlineno
    for start, line in lines.items():
        stopped = OutOfTimeError().with_traceback(TracebackType(None, frames[0], start, -1))
        told = line_and_loop_of(stopped)
        number = int(re.match(r"line (\d+): ", told)[1])
        assert first < number <= max(filter(None, lines.values())) or start == 0
        assert line in (number, None)
        assert ("for " in told) == (first + 3 <= number < max(filter(None, lines.values())))


def test_a_call_within_a_call_counts_for_both() -> None:
    def outer() -> object:
        inner = call(compute, 100.0, seconds=100.0)
        while True:  # the limit of the outer call comes, though the inner one took the first signal
            inner = inner or None

    failure = call(outer, seconds=0.2)
    assert isinstance(failure, Failure)
    assert failure.kind == OUT_OF_TIME


@pytest.mark.parametrize("alarms", [True, False])
def test_a_picture_of_an_endless_loop_says_where_it_was(alarms: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ALARMS", alarms and limits.ALARMS)
    monkeypatch.setattr(ask_student, "SECONDS", 0.2)
    words = (
        "No picture yet: spin gives no answer, and was at line .*while True:.*Its check cell, just above, tells more."
    )
    with pytest.raises(NoPicture, match=words):
        ask_student.ask(spin, shape=(1,))


def test_a_guard_puts_the_profilers_back_that_it_found() -> None:
    def here(*event: object) -> None:
        return

    def there(*event: object) -> None:
        return

    before = sys.getprofile(), threading.getprofile()
    guard = Guard(("torchvision.*",))
    try:
        sys.setprofile(here)
        threading.setprofile(there)
        with guard:
            assert threading.getprofile() == sys.getprofile() != here
            with guard:  # a function that is watched may call itself
                pass
            assert threading.getprofile() == sys.getprofile() != here
        assert (sys.getprofile(), threading.getprofile()) == (here, there)
    finally:
        sys.setprofile(before[0])
        threading.setprofile(before[1])
