"""From failing cases to the one hint that matters most."""

from collections.abc import Callable
from typing import Any

from torch import Tensor

from autograder.grader.disguise import Disguise
from autograder.grader.exercise import Case, Exercise
from autograder.grader.remembered_answers import RememberedAnswers, seed_torch
from autograder.grader.trial import Outcome
from course.checking.calling import OUT_OF_TIME, Failure, call
from course.checking.comparing import difference

_suspects = RememberedAnswers(lambda case, suspect, args: call(case.run, suspect, args), most=512)


def diagnose(exercise: Exercise, outcomes: list[Outcome], seed: int, disguise: Disguise | None) -> str:
    """The hint for a student with these outcomes; ``""`` when every case holds.

    In this order: not written at all; too slow; a known wrong answer that does the same in every case; the weightiest
    ordinary case that fails, its hint, or what is wrong with the kind of answer (an error, another type or shape); the
    weightiest case of those that ask one property, where such alone fail, emptiness last.
    """
    failing = [outcome for outcome in outcomes if outcome.wrong]
    if not failing:
        return ""
    stops = [outcome.came for outcome in failing if isinstance(outcome.came, Failure)]
    if len(stops) == len(failing) and all(stop.unwritten for stop in stops):
        return f"{exercise.name} is not written yet."
    if any(stop.kind == OUT_OF_TIME for stop in stops):
        return "There was no answer in time: is there a loop that never ends, or one Python step for every number?"
    if len(stops) < len(failing):  # errors alone say too little to recognise anybody
        failing_first = sorted(outcomes, key=lambda outcome: outcome.wrong is None)  # where suspects differ most
        for hint, suspect in exercise.misconceptions() if exercise.misconceptions else ():
            if all(_does_the_same(suspect, outcome, seed, disguise) for outcome in failing_first):
                return hint
    first = max(failing, key=_importance)
    assert first.wrong is not None
    return first.hint or f"{first.wrong.what[:1].upper()}{first.wrong.what[1:]}. {first.wrong.hint}".rstrip()


def _importance(outcome: Outcome) -> tuple:
    assert outcome.wrong is not None
    case = outcome.case
    general = case.asks != "emptiness"  # what also fails with ordinary input explains more
    return case.core, outcome.own, not case.asks, general, outcome.wrong.kind != "error", case.weight


def _does_the_same(suspect: Callable, outcome: Outcome, seed: int, disguise: Disguise | None) -> bool:
    case = outcome.case
    seed_torch(seed)  # as for the student's function
    return _same(outcome.came, _suspects.get(case, suspect, seed, case.arguments(seed), disguise), case)


def _same(came: Any, suspected: Any, case: Case) -> bool:
    """Whether a student's outcome is a known wrong answer's: the same error in the same words, or equal values."""
    if isinstance(came, Failure) or isinstance(suspected, Failure):
        both = isinstance(came, Failure) and isinstance(suspected, Failure)
        return both and (came.kind, came.message) == (suspected.kind, suspected.message)
    if isinstance(came, tuple | list) and isinstance(suspected, tuple | list) and len(came) == len(suspected):
        return all(_same(part, other, case) for part, other in zip(came, suspected, strict=True))
    if not isinstance(came, Tensor):
        return _type(came) == _type(suspected)  # by name: what comes from another process is only named so
    return difference(suspected, came, rtol=case.rtol, atol=case.atol) is None


def _type(value: Any) -> str:
    return f"{type(value).__module__}.{type(value).__name__}"
