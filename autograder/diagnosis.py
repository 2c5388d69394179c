"""From failing cases to the one hint that matters most."""

from typing import Any

from torch import Tensor

from autograder.exercise import Case, Exercise
from course.checks.calling import OUT_OF_TIME, Failure, call
from course.checks.comparing import Difference, difference

Outcomes = list[tuple[Case, Any, Difference | None]]  # case, what came, how it differs from what was wanted


def diagnose(exercise: Exercise, outcomes: Outcomes, seed: int) -> str:
    """The hint for a student with these outcomes; ``""`` when every case holds.

    In this order: not written at all; too slow; a known wrong answer that does the same in every case; what
    is wrong with the kind of answer (an error, another type, shape or dtype); the hint of the weightiest case.
    """
    failing = [(case, came, wrong) for case, came, wrong in outcomes if wrong]
    if not failing:
        return ""
    if all(isinstance(came, Failure) and came.unwritten for _, came, _ in failing):
        return f"{exercise.name} is not written yet."
    if any(isinstance(came, Failure) and came.kind == OUT_OF_TIME for _, came, _ in failing):
        return "There was no answer in time: is there a loop that never ends, or one Python step for every number?"
    if any(not isinstance(came, Failure) for _, came, _ in failing):  # errors alone say too little to recognise anybody
        for hint, suspect in exercise.misconceptions():
            if all(_same(came, call(case.run, suspect, case.arguments(seed)), case) for case, came, _ in outcomes):
                return hint
    case, came, wrong = max(failing, key=lambda item: (item[0].core, item[2].kind != "stopped", item[0].weight))
    if wrong.kind == "values" or case.any_hint:
        return case.explanation(came)
    return f"{wrong.what[:1].upper()}{wrong.what[1:]}."


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
