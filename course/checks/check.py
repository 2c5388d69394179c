"""What a visible check is: examples with known answers, and words for what went wrong."""

import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor
from torch.utils._pytree import tree_map

from course.checks.calling import READY_MADE, Failure, call
from course.checks.comparing import Difference, difference, show
from course.checks.guard import Guard
from course.errors import PlainError
from course.setup import grading

SECONDS = 8.0  # for one example; a double loop over small inputs takes well under one
MISTAKES = ("RuntimeError", "IndexError", "ValueError", "TypeError")  # errors that a misconception may lead to
WIDTH = 80  # nbgrader's Validate cuts longer lines off


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
    wanted: Any
    hint: str
    misreadings: dict[str, Any] = field(default_factory=dict)
    run: Callable[[Callable, tuple], Any] = plain


@dataclass(frozen=True)
class Check:
    """The visible check of one function: ``checks.box_iou(box_iou)``.

    ``ready_made`` names the operators that the exercise asks for and that the answer may therefore not call.
    """

    name: str
    examples: tuple[Example, ...]
    ready_made: tuple[str, ...]

    def __post_init__(self) -> None:
        library = (f"course.library.*.{self.name}", f"course.library.*.{self.name}.*")  # the latter where it is a class
        object.__setattr__(self, "ready_made", (*self.ready_made, *library))

    def __call__(self, function: Any) -> "NoCredit | None":
        """Say in one line that all examples hold, or raise :class:`CheckFailed` for the first that does not.

        While nbgrader autogrades, nothing is raised or printed: the hidden grader repeats the check as its first case,
        and an error here would cost the partial credit. A failure then returns :class:`NoCredit`.
        """
        problem = self.problem(function)
        if grading():
            return NoCredit() if problem else None
        if problem:
            raise CheckFailed(problem) from None
        print(f"{self.name}: all {len(self.examples)} visible examples hold.")
        return None

    def problem(self, function: Any) -> str:
        """What is wrong with ``function``, in a few lines for its author; ``""`` when every example holds."""
        if not callable(function):
            came = type(function).__name__
            return f"{self.name} should be a function, but it is a {came}: run the cell that defines it."
        for example in self.examples:
            args = tree_map(lambda v: v.clone() if isinstance(v, Tensor) else v, tuple(example.inputs.values()))
            guard = Guard(self.ready_made)
            came = call(example.run, guard.watching(function), args, guard=guard, seconds=SECONDS)
            if found := difference(example.wanted, came):
                return self._explain(example, came, found)
        return ""

    def _explain(self, example: Example, came: Any, found: Difference) -> str:
        if isinstance(came, Failure) and came.unwritten:
            return f"{self.name} is not written yet: replace `raise NotImplementedError()` by your code."
        lines = [f"{self.name}: {example.title}"]
        lines += [_row(name, show(value)) for name, value in example.inputs.items()]
        if isinstance(came, Failure):
            lines += [_row("stopped", str(came))] + ([_row("at", came.where)] if came.where else [])
        else:
            lines += [
                _row("wanted", found.wanted or show(example.wanted)),
                _row("came", found.came or show(came)),
            ]
        hint = self._hint(example, came)
        return "\n".join([*lines, *([_row("hint", hint)] if hint else [])])

    def _hint(self, example: Example, came: Any) -> str:
        if isinstance(came, Failure) and came.kind == READY_MADE:
            return "The hidden tests give 0 for a ready-made operator."
        if isinstance(came, Failure) and came.kind not in MISTAKES:
            return ""  # a misspelt name, a loop without end: the message says it, and an idea would mislead
        for explanation, answer in example.misreadings.items():
            if not difference(answer, came, rtol=1e-3):
                return explanation
        return example.hint


class NoCredit:
    """A cell's result that nbgrader reads as the score 0, should a course be graded without the hidden tests."""

    def __repr__(self) -> str:
        return "0.0"


def _row(name: str, text: str) -> str:
    return textwrap.fill(
        text, WIDTH, initial_indent=f"  {name:<8} ", subsequent_indent=" " * 11, break_long_words=False
    )
