"""Visible check of lab 7's bug lab: whether the answers are names of parts. If they are right, it cannot tell."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from course import library
from course.checking.check import Check
from course.checking.example import Example

A_NAME = 'Return the name of a part as a text, for each of the cases 1, 2 and 3, as in "box_iou": a key of suspects.'


def is_a_name(function: Callable[..., Any], args: tuple[int]) -> Tensor:
    """Whether the answer is the name of a part."""
    came = function(*args)
    return torch.tensor(isinstance(came, str) and came in library.__all__)


culprit = Check(
    "culprit",
    tuple(
        Example(f"case {case}: the name of a part", {"case": case}, torch.tensor(True), A_NAME, run=is_a_name)
        for case in (1, 2, 3)
    ),
    ready_made=("course.buglab.*",),
)
