"""How lab 5's answers about masks are compared: tolerances that float32 needs, and gradients."""

import dataclasses
from collections.abc import Callable
from typing import Any

import torch

from autograder.grader.exercise import Case
from autograder.grader.module_cases import gradients_of

VALUES: dict[str, Any] = {"rtol": 1e-4, "atol": 1e-5}
GRADIENT: dict[str, Any] = {"rtol": 1e-4, "atol": 1e-4}  # of sums of dozens of terms of order 1 in float32


def in_float32(*cases: Case) -> tuple[Case, ...]:
    """Standing cases with the tolerance that this lab's float32 numbers need; float64 keeps its own."""
    return tuple(case if "float64" in case.title else dataclasses.replace(case, **VALUES) for case in cases)


def gradient(count: int) -> Callable[[Callable, tuple], Any]:
    """A run that gives the gradients of a fixed mixture of the answer by the first ``count`` arguments."""

    def run(function: Callable, args: tuple) -> Any:
        leaves = [value.clone().requires_grad_() for value in args[:count]]
        came = function(*leaves, *args[count:])
        # cosines of 0, 1, 2, …: every number counts differently, so that none can stand in for another
        return gradients_of((came.flatten() * torch.arange(came.numel()).to(came).cos()).sum(), leaves)

    return run
