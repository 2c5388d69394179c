"""An exercise is data: a name, points, a reference solution, and cases that an answer has to hold."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Generator

from course.checks.check import Check
from course.checks.comparing import difference


def answer(function: Callable, args: tuple) -> Any:
    """The plain way to run a case: what ``function`` gives for ``args``."""
    return function(*args)


@dataclass(frozen=True)
class Case:
    """One property that an answer must have.

    Attributes:
        title: what holds, in the words of the feedback page ("boxes that only touch").
        inputs: makes the arguments from a seeded generator; called anew for every run, so nothing leaks between runs.
        hint: names the misconception behind a failure; shown when no known wrong answer explains it better.
        weight: share of the exercise's points, relative to the other cases.
        run: turns a function and its arguments into what is compared with the reference (its answer, mostly).
        rtol, atol: tolerance of the comparison, as in :func:`torch.isclose`.
        core: whether the case shows the ordinary use. Points for the others count once a core case holds, so that an
            empty tensor, right for empty input, earns nothing.
        exact_dtype: whether the dtype counts; elsewhere an answer in another precision is compared by its values, so
            that a slip in the dtype costs its own case and not all.
        any_hint: whether the hint fits any failure, such as an error; else it speaks of wrong values only.
        untouched: whether this is the case that fails as well when any other call has changed its arguments.
        wanted: what is right, where that is known beforehand; else it is what the reference gives.
        misreadings: explanations, each with the answer that it explains; the hint is for all others.
    """

    title: str
    inputs: Callable[[Generator], tuple]
    hint: str
    weight: float = 1.0
    run: Callable[[Callable, tuple], Any] = answer
    rtol: float = 1e-5
    atol: float = 1e-6
    core: bool = False
    exact_dtype: bool = False
    any_hint: bool = False
    untouched: bool = False
    wanted: Any = None
    misreadings: dict[str, Any] = field(default_factory=dict)

    def arguments(self, seed: int) -> tuple:
        """Fresh arguments; equal for equal seeds."""
        return self.inputs(torch.Generator().manual_seed(seed))

    def explanation(self, came: Any) -> str:
        """The misreading that answers so, else the case's hint."""
        for explanation, answer in self.misreadings.items():
            if not difference(answer, came):
                return explanation
        return self.hint


@dataclass(frozen=True)
class Exercise:
    """A graded function: its points, visible check, reference solution, hidden cases, and known wrong answers.

    ``misconceptions`` gives pairs (hint, function): where a student's function answers every failing case as one of
    these does, its hint is the diagnosis. It is a callable because they are only needed for answers that fail.
    ``patience`` is how many times the usual limit of time one case may take.
    """

    name: str
    points: float
    check: Check
    reference: Callable
    cases: tuple[Case, ...]
    misconceptions: Callable[[], list[tuple[str, Callable]]]
    patience: float = 1.0
