"""Judge one function: run its cases and write the report."""

import copy
import dataclasses
import time
from typing import Any

import torch
from torch import Tensor
from torch.utils._pytree import tree_leaves

from autograder.diagnosis import Outcomes, diagnose
from autograder.exercise import Exercise
from autograder.exercises import find
from autograder.feedback import Report, Row
from autograder.student import namespace
from course.checks.calling import GONE, OUT_OF_TIME, READY_MADE, Failure, StoppedElsewhere, call, neutral
from course.checks.comparing import Difference, difference
from course.checks.guard import Guard, watched
from course.parts import NAMES
from course.setup import grading as autograding

SECONDS = 8.0  # for one case: references take milliseconds, double loops well under a second; nbgrader's cells have 60
# packages that only a submission which cheats would call
LEAKS = ("solutions.*", "autograder.exercises.*", "autograder.answers.*")


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
        seed = namespace.seed(function, exercise.name)
    start = time.perf_counter()
    guard = Guard(ready_made(exercise))
    try:
        with namespace.library_neighbours(function, set(NAMES) - {exercise.name}, guard) as swapped:
            report = _judge(exercise, function, guard, seed)
    except StoppedElsewhere as stopped:
        return Report(exercise.name, exercise.points, 0.0, seed, reason=_sentence(stopped.failure.message))
    lost = report.score < exercise.points and not (report.reason or report.out_of_time or report.unwritten)
    if swapped and lost:
        report = max(report, _judge(exercise, function, guard, seed), key=lambda candidate: candidate.score)
    return dataclasses.replace(report, seconds=time.perf_counter() - start)


def ready_made(exercise: Exercise) -> tuple[str, ...]:
    """What an answer to an exercise may not call."""
    return (*exercise.check.ready_made, *(LEAKS if autograding() else ()))


@torch.random.fork_rng(devices=[])  # the notebook's own random numbers go on as if nothing had been judged
def _judge(exercise: Exercise, function: Any, guard: Guard, seed: int) -> Report:
    _shuffle(seed)
    problem = exercise.check.problem(function)
    first_line = problem.partition("\n")[0].removeprefix(f"{exercise.name}: ")
    rows = [Row("the visible check", 1.0, not problem, first_line, "")]
    outcomes: Outcomes = []
    touched = out_of_time = core_holds = unwritten = False
    student = watched(function, guard) if callable(function) else function
    for case in exercise.cases if callable(function) else ():
        if out_of_time or unwritten:
            why = "the time-out" if out_of_time else "it turned out not to be written yet"
            rows.append(Row(case.title, case.weight, False, f"not tried after {why}", ""))
            continue
        _shuffle(seed)
        with neutral():
            args = case.arguments(seed)
            untouched = copy.deepcopy(args)
            wanted = case.run(exercise.reference, copy.deepcopy(args)) if case.wanted is None else case.wanted
        came = call(case.run, student, args, guard=guard, seconds=exercise.patience * SECONDS)
        if isinstance(came, Failure) and came.kind in (READY_MADE, GONE):
            return Report(exercise.name, exercise.points, 0.0, seed, reason=_sentence(came.message))
        with neutral():
            wrong = difference(wanted, came, rtol=case.rtol, atol=case.atol, exact_dtype=case.exact_dtype)
            touched |= not _equal(args, untouched)
        if wrong is None and case.untouched and touched:
            wrong = Difference("values", "an argument is not as it was")
        speaks = wrong and (wrong.kind == "values" or case.any_hint)
        hint = case.explanation(came) if speaks else ""
        rows.append(Row(case.title, case.weight, not wrong, wrong.what if wrong else "", hint))
        out_of_time = isinstance(came, Failure) and came.kind == OUT_OF_TIME
        core_holds |= case.core and not wrong
        outcomes.append((case, came, wrong))
        unwritten = _unwritten(exercise, outcomes)
    share = sum(row.weight for row in rows if row.held) / sum(row.weight for row in rows)
    return Report(
        exercise.name,
        exercise.points,
        round(exercise.points * share, 2) if core_holds else 0.0,
        seed,
        rows=tuple(rows),
        hint=diagnose(exercise, outcomes, seed) or problem,
        core_holds=core_holds,
        out_of_time=out_of_time,
        unwritten=unwritten,
    )


def _shuffle(seed: int) -> None:
    """Have an answer that draws from torch's own numbers draw the same each time, and not what the inputs are."""
    torch.default_generator.manual_seed(seed + 1)  # of the CPU; torch.manual_seed would reach for a GPU's as well


def _unwritten(exercise: Exercise, outcomes: Outcomes) -> bool:
    """Whether all ordinary cases, and all others so far, met the stub's own error: no case can count any more."""
    left = sum(case.core for case in exercise.cases) - sum(case.core for case, _, _ in outcomes)
    return not left and all(isinstance(came, Failure) and came.unwritten for _, came, _ in outcomes)


def _equal(args: Any, others: Any) -> bool:
    """Whether every tensor among arguments is as in others, in values and in ``requires_grad``."""
    leaves = zip(tree_leaves(args), tree_leaves(others), strict=True)
    return all(
        not isinstance(a, Tensor)
        or (
            (a.requires_grad, a.dtype, a.shape) == (b.requires_grad, b.dtype, b.shape)
            and torch.equal(a.nan_to_num(), b.nan_to_num())
        )
        for a, b in leaves
    )


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
