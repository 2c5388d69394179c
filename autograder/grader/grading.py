"""Judge one function: run its cases and write the report."""

import contextlib
import dataclasses
import functools
import time
import traceback
from typing import Any

import torch

from autograder.grader.answer import Answer, as_answer
from autograder.grader.diagnosis import diagnose
from autograder.grader.exercise import Exercise
from autograder.grader.exercise_report import Report, Row
from autograder.grader.remembered_answers import seed_torch
from autograder.grader.trial import Outcome, Trial
from autograder.spec import current
from autograder.student import fake_cuda
from course.checking.calling import OUT_OF_TIME, Failure, StoppedElsewhere
from course.checking.guard import Guard
from course.setup import grading as autograding

GRADER_FAILED = (
    "The grader itself failed on this exercise, which is not your fault. Your instructor is told, and can have it "
    "graded again."
)
ANOTHER_REASON = "It goes wrong for another reason: see the other rows first."


def grade(name: str, function: Any, seed: int | None = None) -> Report:
    """Judge a student's function and return its :class:`Report`; nothing that the function does raises here.

    Args:
        name: an exercise, such as ``"box_iou"``.
        function: the student's function.
        seed: of the random inputs. By default it is derived from the answer: the same one always meets the same inputs,
            so a regrade repeats, and nobody can write down answers to inputs that change with writing. In the engine it
            derives from a secret and the whole hand-in, in one process with the student from the function's source.

    Raises:
        ValueError: there is no such exercise.
    """
    report = judge(current().exercise(name), function, seed)
    _drop_stray_output()
    return report


def judge(exercise: Exercise, function: Any, seed: int | None = None) -> Report:
    """Judge ``function`` by ``exercise``, beside the library's version of the earlier exercises' functions.

    If that loses points it is judged again beside the student's own functions, and the better report counts: an answer
    may rely on something that only its author's functions do.

    Where the grader fails itself, the report says so and is not ``certain``; the error goes to standard error, since it
    may hold what no student should read.
    """
    try:
        _can_judge()
        answer = as_answer(function)
        return _judge_twice(exercise, answer, answer.seed(exercise.name) if seed is None else seed)
    except Exception:  # what the student's code raises ends in its calls: this is an error of ours
        with contextlib.suppress(Exception):  # sys.stderr may be the student's own, or closed
            traceback.print_exc()
        return Report(exercise.name, exercise.points, 0.0, seed or 0, reason=GRADER_FAILED, certain=False)


@functools.cache
def _can_judge() -> None:
    """Fail once and for all where a check could only pass everything."""
    fake_cuda.verify()


def _judge_twice(exercise: Exercise, answer: Answer, seed: int) -> Report:
    start = time.perf_counter()
    guard = Guard(ready_made(exercise))
    known = current().all_exercises()
    names = {name for name in current().neighbour_names() if name not in known or known[name].place < exercise.place}
    try:
        with answer.neighbours(names, guard) as swapped:
            report = _judge(exercise, answer, guard, seed)
    except StoppedElsewhere as stopped:
        return Report(exercise.name, exercise.points, 0.0, seed, reason=_sentence(stopped.failure.message))
    lost = report.score < exercise.points and not (report.reason or report.out_of_time or report.unwritten)
    if swapped and lost and _turns(exercise, answer, guard, report):
        report = max(report, _judge(exercise, answer, guard, seed), key=lambda candidate: candidate.score)
    return dataclasses.replace(report, seconds=time.perf_counter() - start)


@torch.random.fork_rng(devices=[])
def _turns(exercise: Exercise, answer: Answer, guard: Guard, report: Report) -> bool:
    """Whether something that failed holds beside the student's own functions, without which no report gets better."""
    check, *cases = report.rows
    seed_torch(report.seed)
    if not (check.held or exercise.check.problem(answer.function, answer.watched)):
        return True
    trial = Trial(exercise, answer, guard, report.seed)
    # what cannot be called was asked none of the cases
    failing = (case for case, row in zip(exercise.cases, cases, strict=False) if not row.held)
    return any(not (outcome.wrong or outcome.stopped) for outcome in map(trial.run, failing))


def ready_made(exercise: Exercise) -> tuple[str, ...]:
    """What an answer to an exercise may not call."""
    return (*exercise.check.ready_made, *(current().leaks if autograding() else ()))


@torch.random.fork_rng(devices=[])  # the notebook's own random numbers go on as if nothing had been judged
def _judge(exercise: Exercise, answer: Answer, guard: Guard, seed: int) -> Report:
    seed_torch(seed)
    problem = exercise.check.problem(answer.function, answer.watched)
    outcomes: list[Outcome] = []
    out_of_time = unwritten = False
    trial = Trial(exercise, answer, guard, seed)
    cases = exercise.cases if callable(answer.function) else ()
    for case in cases:
        if out_of_time or unwritten:
            break
        outcome = trial.run(case)
        if outcome.stopped:
            return Report(exercise.name, exercise.points, 0.0, seed, reason=_sentence(outcome.came.message))
        outcomes.append(outcome)
        out_of_time = isinstance(outcome.came, Failure) and outcome.came.kind == OUT_OF_TIME
        unwritten = _unwritten(exercise, outcomes)
    outcomes = trial.own_failures(outcomes, more_calls=not (out_of_time or unwritten))
    why = f"not tried after {'the time-out' if out_of_time else 'it turned out not to be written yet'}"
    rows = [
        Row("the visible check", 1.0, not problem, problem.headline if problem else "", ""),
        *map(_row, outcomes),
        *(Row(case.title, case.weight, False, why, "") for case in cases[len(outcomes) :]),
    ]
    share = sum(row.weight for row in rows if row.held) / sum(row.weight for row in rows)
    core_holds = any(outcome.case.core and not outcome.wrong for outcome in outcomes)
    return Report(
        exercise.name,
        exercise.points,
        round(exercise.points * share, 2) if core_holds else 0.0,
        seed,
        rows=tuple(rows),
        hint=diagnose(exercise, outcomes, seed, answer.disguise) or (str(problem) if problem else ""),
        core_holds=core_holds,
        out_of_time=out_of_time,
        unwritten=unwritten,
    )


def _row(outcome: Outcome) -> Row:
    case, wrong = outcome.case, outcome.wrong
    hint = outcome.hint if outcome.own else ANOTHER_REASON
    return Row(case.title, case.weight, not wrong, wrong.what if wrong else "", hint)


def _unwritten(exercise: Exercise, outcomes: list[Outcome]) -> bool:
    """Whether all ordinary cases, and all others so far, met the stub's own error: no case can count any more."""
    left = sum(case.core for case in exercise.cases) - sum(outcome.case.core for outcome in outcomes)
    return not left and all(isinstance(each.came, Failure) and each.came.unwritten for each in outcomes)


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
