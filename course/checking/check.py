"""What a visible check is: examples with known answers, and words for what went wrong."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from course.checking.calling import GONE, OUT_OF_TIME, READY_MADE, Failure, call
from course.checking.comparing import Difference, difference, show
from course.checking.guard import Guard
from course.checking.problem import Kind, Problem
from course.errors import PlainError
from course.setup import grading

MISTAKES = ("RuntimeError", "IndexError", "ValueError", "TypeError")  # errors that a misconception may lead to


def plain(function: Callable, args: tuple) -> Any:
    """What ``function`` gives for ``args``."""
    return function(*args)


class CheckFailed(PlainError, AssertionError):
    """A visible check that does not hold; shown as its message alone."""


@dataclass(frozen=True)
class Example:
    """One worked example: what it shows, the arguments by name, the answer, and what known wrong answers mean.

    ``misreadings`` maps an explanation to the answer that this misconception gives here; ``hint`` serves otherwise.
    ``run`` turns the function and the arguments into what is compared: the answer, unless the exercise is a module.
    """

    title: str
    inputs: dict[str, Any]
    expected: Any
    hint: str
    misreadings: dict[str, Any] = field(default_factory=dict)
    run: Callable[[Callable, tuple], Any] = plain


def _fresh(value: Any) -> Any:
    """``value`` with tensors of its own, which a function may spoil."""
    if isinstance(value, Tensor):
        return value.clone()
    if isinstance(value, list | tuple):
        return type(value)(map(_fresh, value))
    if isinstance(value, dict):
        return {key: _fresh(part) for key, part in value.items()}
    return value


@dataclass(frozen=True)
class Check:
    """The visible check of one function: ``checks.box_iou(box_iou)``.

    ``ready_made`` names the operators that the exercise asks for and that the answer may therefore not call.
    """

    name: str
    examples: tuple[Example, ...]
    ready_made: tuple[str, ...]

    def __post_init__(self) -> None:
        places = (f"course.labs.*.library.{self.name}", f"course.labs.*.library.*.{self.name}")
        methods = (f"{place}.*" for place in places)  # where it is a class
        object.__setattr__(self, "ready_made", (*self.ready_made, *places, *methods))

    def __call__(self, function: Any) -> "NoCredit | None":
        """Say in one line that all examples hold, or raise :class:`CheckFailed` for the first that does not.

        While nbgrader autogrades, nothing is raised or printed: the hidden grader repeats the check as its first case,
        and an error here would cost the partial credit. A failure then returns :class:`NoCredit`.
        """
        problem = self.problem(function)
        if grading():
            return NoCredit() if problem else None
        if problem:
            raise CheckFailed(str(problem)) from None
        print(f"{self.name}: all {len(self.examples)} visible examples hold.")
        return None

    def problem(self, function: Any, watched: Callable[[Guard], Callable] | None = None) -> Problem | None:
        """What is wrong with ``function``, by the first example that does not hold; ``None`` when all of them hold.

        ``watched`` gives it under the eyes of a guard where :meth:`Guard.watching` cannot: in another process.
        """
        if not callable(function):
            return Problem(self.name, Kind.NOT_A_FUNCTION, expected="function", got=type(function).__name__)
        for example in self.examples:
            args = tuple(map(_fresh, example.inputs.values()))
            guard = Guard(self.ready_made)
            student = watched(guard) if watched else guard.watching(function)
            got = call(example.run, student, args, guard=guard)
            if found := difference(example.expected, got):
                return self._explain(example, got, found)
        return None

    def _explain(self, example: Example, got: Any, found: Difference) -> Problem:
        if isinstance(got, Failure) and got.unwritten:
            return Problem(self.name, Kind.UNWRITTEN)
        inputs = tuple((name, show(value)) for name, value in example.inputs.items())
        hint = self._hint(example, got)
        if isinstance(got, Failure):
            kind = Kind(got.kind) if got.kind in (OUT_OF_TIME, READY_MADE, GONE) else Kind.ERROR
            return Problem(self.name, kind, example.title, inputs, error=str(got), where=got.where, hint=hint)
        expected = found.expected or show(example.expected)
        return Problem(self.name, Kind(found.kind), example.title, inputs, expected, found.got or show(got), hint=hint)

    def _hint(self, example: Example, got: Any) -> str:
        if isinstance(got, Failure) and got.kind == READY_MADE:
            return "The hidden tests give 0 for a ready-made operator."
        if isinstance(got, Failure) and got.kind not in MISTAKES:
            return ""  # a misspelt name, a loop without end: the message says it, and an idea would mislead
        for explanation, answer in example.misreadings.items():
            if not difference(answer, got, rtol=1e-3):
                return explanation
        return example.hint


class NoCredit:
    """A cell's result that nbgrader reads as the score 0, should a course be graded without the hidden tests."""

    def __repr__(self) -> str:
        return "0.0"
