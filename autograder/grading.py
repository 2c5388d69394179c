"""Judge one function: run its cases, find the misconception, write the report."""

import contextlib
import dataclasses
import hashlib
import inspect
import time
from collections.abc import Callable, Iterator
from typing import Any

from autograder.exercise import Case, Exercise
from autograder.exercises import EXERCISES, find
from autograder.feedback import Report, Row
from course.checks.calling import Failure, call
from course.checks.comparing import difference
from course.checks.guard import Guard
from course.setup import grading as autograding

SECONDS = 8.0  # for one case: references take milliseconds, double loops well under a second; nbgrader's cells have 30
LEAKS = (
    "solutions.*",
    "autograder.exercises.*",
    "autograder.answers.*",
)  # packages that only a submission which cheats would call


def grade(name: str, function: Any, seed: int | None = None) -> Report:
    """Judge a student's function and return its :class:`Report`; nothing that the function does raises here.

    Args:
        name: an exercise, such as ``"box_iou"``.
        function: the student's function.
        seed: of the random inputs. By default it is derived from the function's source: the same answer always meets
            the same inputs, so a regrade repeats, and nobody can write down answers to inputs that change with writing.

    Raises:
        ValueError: there is no such exercise.
    """
    report = judge(find(name), function, seed)
    _drop_stray_output()
    return report


def judge(exercise: Exercise, function: Any, seed: int | None = None) -> Report:
    """Judge ``function`` by ``exercise``, beside the library's version of the other exercises' functions.

    If that loses points it is judged again beside the student's own functions, and the better report counts: an answer
    may rely on something that only its author's functions do.
    """
    if seed is None:
        seed = _seed(exercise.name, function)
    start = time.perf_counter()
    guard = Guard((*exercise.check.ready_made, *(LEAKS if autograding() else ())))
    with _library_neighbours(exercise, function, guard) as swapped:
        report = _judge(exercise, function, guard, seed)
    if swapped and not report.reason and not report.out_of_time and report.score < exercise.points:
        report = max(report, _judge(exercise, function, guard, seed), key=lambda candidate: candidate.score)
    return dataclasses.replace(report, seconds=time.perf_counter() - start)


def _judge(exercise: Exercise, function: Any, guard: Guard, seed: int) -> Report:
    problem = exercise.check.problem(function)
    first_line = problem.partition("\n")[0].removeprefix(f"{exercise.name}: ")
    rows = [Row("the visible check", 1.0, not problem, first_line, "")]
    failing: list[tuple[Case, Any]] = []
    core_holds = False
    out_of_time = "TimeoutError" in problem
    for case in exercise.cases if callable(function) else ():
        if out_of_time:
            rows.append(Row(case.title, case.weight, False, "not tried after the time-out", ""))
            continue
        wanted = case.run(exercise.reference, case.arguments(seed))
        came = call(case.run, guard.watching(function), case.arguments(seed), guard=guard, seconds=SECONDS)
        if isinstance(came, Failure) and came.kind == "ReadyMadeError":
            return Report(exercise.name, exercise.points, 0.0, seed, reason=_sentence(came.message))
        wrong = difference(wanted, came, rtol=case.rtol, atol=case.atol)
        rows.append(
            Row(
                case.title,
                case.weight,
                wrong is None,
                wrong.what if wrong else "",
                case.hint if wrong else "",
            )
        )
        out_of_time = isinstance(came, Failure) and came.kind == "TimeoutError"
        core_holds |= case.core and wrong is None
        if wrong:
            failing.append((case, came))
    share = sum(row.weight for row in rows if row.held) / sum(row.weight for row in rows)
    return Report(
        exercise.name,
        exercise.points,
        round(exercise.points * share, 2) if core_holds else 0.0,
        seed,
        rows=tuple(rows),
        hint=_diagnosis(exercise, failing, seed) or problem,
        core_holds=core_holds,
        out_of_time=out_of_time,
    )


def _diagnosis(exercise: Exercise, failing: list[tuple[Case, Any]], seed: int) -> str:
    """The hint that matters most: of the wrong answer that explains every failing case, else of the weightiest case."""
    if not failing:
        return ""
    if all(isinstance(came, Failure) and came.kind == "NotImplementedError" for _, came in failing):
        return f"{exercise.name} is not written yet."
    for hint, suspect in exercise.misconceptions():
        if all(_same(came, call(case.run, suspect, case.arguments(seed)), case) for case, came in failing):
            return hint
    return max(failing, key=lambda pair: (pair[0].core, pair[0].weight))[0].hint


def _same(came: Any, suspected: Any, case: Case) -> bool:
    """Whether a student's outcome is that of a known wrong answer: the same kind of error, or the same values."""
    if isinstance(came, Failure) or isinstance(suspected, Failure):
        return isinstance(came, Failure) and isinstance(suspected, Failure) and came.kind == suspected.kind
    return difference(suspected, came, rtol=case.rtol, atol=case.atol) is None


@contextlib.contextmanager
def _library_neighbours(exercise: Exercise, function: Any, guard: Guard) -> Iterator[bool]:
    """Swap the other exercises' functions in the student's namespace for the library's, so that a mistake costs once.

    Gives whether anything was swapped.
    """
    names = getattr(inspect.unwrap(function), "__globals__", {}) if callable(function) else {}
    own = {name: names[name] for name in EXERCISES if name != exercise.name and callable(names.get(name))}
    names.update({name: guard.pausing(_library(name)) for name in own})
    try:
        yield bool(own)
    finally:
        names.update(own)


def _library(name: str) -> Callable:
    """``course.library``'s function, imported at the first call: torchvision takes a second, and is rarely needed."""

    def stand_in(*args: Any, **kwargs: Any) -> Any:
        from course import library

        return getattr(library, name)(*args, **kwargs)

    return stand_in


def _seed(name: str, function: Any) -> int:
    try:
        text = inspect.getsource(function)
    except (OSError, TypeError):  # no source: built-in, or not a function at all
        text = ""
    return int.from_bytes(hashlib.sha256(f"{name}\n{text}".encode()).digest()[:4], "big")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _drop_stray_output() -> None:
    """Clear what the cell has printed so far: nbgrader gives 0 to a cell with anything on standard error."""
    try:
        from IPython.core.getipython import get_ipython
    except ImportError:
        return
    if autograding() and get_ipython() is not None:
        from IPython.display import clear_output

        clear_output()
