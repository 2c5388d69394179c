"""Hidden cases of lab 7's bug lab: one a case, a name each."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Generator, Tensor

from autograder.grader.exercise import Case, Exercise
from course import buglab, checks
from course.parts import NAMES
from solutions.lab7_capstone import capstone as reference

ANOTHER = (
    "It is another part. Look for the loss that is out of line, list the functions that work before it, and run each "
    "on a few hundred random inputs beside your own."
)


def place(function: Callable[..., Any], args: tuple[int]) -> Tensor:
    """The place of the answer in the list of parts."""
    culprits_name = function(*args)
    if culprits_name not in NAMES:
        raise ValueError(f"{str(culprits_name)[:40]!r} is not the name of a part")
    return torch.tensor(NAMES.index(culprits_name))


def asked(case: int) -> Callable[[Generator], tuple[int]]:
    """A case's only argument; nothing is drawn at random."""
    return lambda generator: (case,)


CULPRIT = Exercise(
    checks.culprit,
    reference.culprit,
    tuple(Case(f"the wrong part of case {case}", asked(case), ANOTHER, 3, place, core=True) for case in buglab.CASES),
)
