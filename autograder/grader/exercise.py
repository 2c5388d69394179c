"""An exercise is data: a name, points, a reference solution, and cases that an answer has to hold."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Generator

from autograder.grader.graded_cells import GradedCell, graded_cell
from course.checking.check import Check
from course.checking.comparing import difference


def answer(function: Callable, args: tuple) -> Any:
    """The plain way to run a case: what ``function`` gives for ``args``."""
    return function(*args)


@dataclass(frozen=True)
class Case:
    """One property that an answer must have.

    Attributes:
        title: what holds, in the words of the feedback page ("boxes that only touch").
        inputs: makes the arguments from a seeded generator; called again for every run, so nothing leaks between runs.
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
        asks: the one property that the case asks beside right numbers, such as "device". Its hint speaks of this alone,
            and is told only where this failed; ``""`` for a case about the numbers. "dtype" fails by dtypes alone,
            "precision" by float32's numbers, and a case with ``untouched`` by changed arguments.
        plain: the same without that property, to tell whether it failed; by default the core cases are.
        expected: what is right, where that is known beforehand; else it is what the reference gives.
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
    asks: str = ""
    plain: "Case | None" = None
    expected: Any = None
    misreadings: dict[str, Any] = field(default_factory=dict)

    def arguments(self, seed: int) -> tuple:
        """Fresh arguments; equal for equal seeds."""
        return self.inputs(torch.Generator().manual_seed(seed))

    def with_runs(self, run: Callable[[Callable, tuple], Any], plain: Callable[[Callable, tuple], Any]) -> "Case":
        """The case with another run, and another one for its plain case."""
        return replace(self, run=run, plain=self.plain and replace(self.plain, run=plain))

    def explanation(self, came: Any) -> str:
        """The misreading that answers so, else the case's hint."""
        for explanation, answer in self.misreadings.items():
            if not difference(answer, came):
                return explanation
        return self.hint


@dataclass(frozen=True)
class Exercise:
    """A graded function: its visible check, reference solution, hidden cases, and known wrong answers.

    Lab, place and points are those of the graded cell in the notebook that the reference stands in, so that they are
    written down once.

    Attributes:
        check: the visible check; it gives the exercise its name.
        reference: the function or class of that name in a notebook's text.
        cases: what an answer has to hold.
        misconceptions: gives pairs (hint, function): where a student's function answers every failing case as one of
            these does, its hint is the diagnosis. It is a callable because they are only needed for answers that fail.
            By default the lab's wrong answers are asked (:mod:`autograder.labs`).
        patience: how many times the usual limit of time one case may take.
        operators: whether the answer may use the ready-made code that a course keeps out of judging: it is judged in a
            process that has it.
        cell: the graded cell; by default it is looked for in the reference's notebook.
    """

    check: Check
    reference: Callable
    cases: tuple[Case, ...]
    misconceptions: Callable[[], list[tuple[str, Callable]]] | None = None
    patience: float = 1.0
    operators: bool = False
    cell: GradedCell | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        if self.cell is None:
            object.__setattr__(self, "cell", graded_cell(self.reference))

    @property
    def name(self) -> str:
        """What students' functions are called."""
        return self.check.name

    @property
    def points(self) -> float:
        """What it is worth."""
        return self.place.points

    @property
    def place(self) -> GradedCell:
        """Its graded cell; exercises sort by it in the order of the course."""
        assert self.cell is not None
        return self.cell
