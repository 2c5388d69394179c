"""One answer's way through the cases, and which of them fail by themselves.

A standing case asks one property beside right numbers: that arguments stay as they are, say. An answer with wrong
numbers fails it too, and must not be told that it changes its arguments.
"""

import contextlib
import copy
import dataclasses
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from autograder.grader.answer import Answer
from autograder.grader.exercise import Case, Exercise
from autograder.grader.remembered_answers import RememberedAnswers, seed_torch
from autograder.student.fake_cuda import DeviceMixError
from course.checking import calling
from course.checking.arguments import unchanged
from course.checking.calling import GONE, READY_MADE, Failure, call, neutral
from course.checking.comparing import Difference, difference
from course.checking.guard import Guard

_references = RememberedAnswers(lambda case, reference, args: case.run(reference, args), most=64)


@dataclass(frozen=True)
class Outcome:
    """What came of a case.

    Attributes:
        case: which.
        came: the answer, or why there is none.
        wrong: how it differs from what was expected.
        own: whether the case fails by what it asks; else only as an ordinary case does, so that its hint is untrue.
        dtypes: whether some dtype is wrong, whatever else is.
    """

    case: Case
    came: Any
    wrong: Difference | None
    own: bool = True
    dtypes: bool = False

    @property
    def stopped(self) -> bool:
        """Whether the call made all other cases pointless."""
        return isinstance(self.came, Failure) and self.came.kind in (READY_MADE, GONE)

    @property
    def hint(self) -> str:
        """The case's hint, where it is true."""
        told = self.wrong and self.own and (self.wrong.kind == "values" or self.wrong.length or self.case.any_hint)
        return self.case.explanation(self.came) if told else ""

    @property
    def way(self) -> tuple:
        """In which way it fails, in two cases the same where the same goes wrong."""
        assert self.wrong is not None
        return self.wrong.kind, self.came.kind if isinstance(self.came, Failure) else "NaN" in self.wrong.what


class Trial:
    """One answer's way through the cases."""

    def __init__(self, exercise: Exercise, answer: Answer, guard: Guard, seed: int) -> None:
        self._exercise = exercise
        self._student = answer.watched(guard) if callable(answer.function) else None
        self._disguise = answer.disguise
        self._guard = guard
        self._seed = seed
        self._touched = False  # whether a call has changed its arguments so far
        self._plain: dict[int, Outcome] = {}  # of plain cases, by number

    def run(self, case: Case) -> Outcome:
        """What came of a case; whether it fails by what it asks may be said later: see :meth:`own_failures`."""
        seed_torch(self._seed)
        with neutral():
            args = case.arguments(self._seed)
            untouched = copy.deepcopy(args)
            expected = case.expected
            if expected is None:
                expected = _references.get(case, self._exercise.reference, self._seed, args, self._disguise)
        came = call(case.run, self._student, args, guard=self._guard, seconds=self._exercise.patience * calling.SECONDS)
        outcome = Outcome(case, came, None)
        if outcome.stopped:
            return outcome
        with neutral():
            wrong = difference(expected, came, rtol=case.rtol, atol=case.atol, exact_dtype=case.exact_dtype)
            self._touched |= not unchanged(args, untouched)
        if wrong is None and case.untouched and self._touched:
            wrong = Difference("values", "an argument is not as it was")
        outcome = Outcome(case, came, wrong, dtypes=_dtypes_differ(expected, came))
        own = not wrong or not case.asks or self._shows(outcome, expected)
        return dataclasses.replace(outcome, own=own)

    def _shows(self, outcome: Outcome, expected: Any) -> bool:
        """Whether an outcome shows by itself that the property failed, be the numbers right or not."""
        case, came = outcome.case, outcome.came
        if case.asks == "precision" and outcome.way[0] == "values":
            with neutral():
                return difference(expected, came, **self._tolerance(case)) is None
        return (
            (case.untouched and self._touched)
            or (case.asks == "dtype" and outcome.dtypes)
            or (isinstance(came, Failure) and came.kind == DeviceMixError.__name__)
        )

    def _tolerance(self, case: Case) -> dict[str, Any]:
        """How close ordinary cases come, if not the case itself: that of float64 is stricter."""
        cases = (case, *(each for each in self._exercise.cases if each.core))
        return {name: max(getattr(each, name) for each in cases) for name in ("rtol", "atol")}

    def own_failures(self, outcomes: list[Outcome], more_calls: bool) -> list[Outcome]:
        """The outcomes, where cases that ask one property fail by themselves if their plain case does not fail so.

        Args:
            outcomes: of all cases.
            more_calls: whether the answer may be called once more, for the plain cases; else the core cases stand in.
        """
        core = [outcome for outcome in outcomes if outcome.case.core]
        return [
            outcome if outcome.own else dataclasses.replace(outcome, own=self._alone(outcome, core, more_calls))
            for outcome in outcomes
        ]

    def _alone(self, outcome: Outcome, core: list[Outcome], more_calls: bool) -> bool:
        case, others = outcome.case, core
        if case.untouched or case.asks in ("dtype", "device"):  # the outcome would show it
            return False
        if case.plain and more_calls:
            if id(case.plain) not in self._plain:
                plain = dataclasses.replace(case.plain, **self._tolerance(case))
                self._plain[id(case.plain)] = self.run(plain)
            others = [self._plain[id(case.plain)]]
        if any(other.stopped for other in others):
            return False
        ways = [other.way for other in others if other.wrong]
        if outcome.dtypes and case.exact_dtype and not any(other.dtypes for other in others):
            return True
        if outcome.way[0] == "dtype":  # which has its own case
            return False
        error = outcome.way[0] == "error" and outcome.way not in ways
        if case.asks == "precision":
            return error
        # an error of its own; and about empty input anything of its own. A hint for wrong values only says that the
        # plain case is right: "a few come out right and many do not"
        return not ways or (case.any_hint and (error or (case.plain is None and outcome.way not in ways)))


def _dtypes_differ(expected: Any, came: Any) -> bool:
    """Whether a tensor of an answer has another dtype than expected, whatever else is wrong with it."""
    with contextlib.suppress(Exception, SystemExit):  # an answer may refuse to be looked at
        if isinstance(expected, tuple | list) and isinstance(came, tuple | list):
            return len(came) == len(expected) and any(map(_dtypes_differ, expected, came))
        return isinstance(expected, Tensor) and isinstance(came, Tensor) and came.dtype != expected.dtype
    return False
