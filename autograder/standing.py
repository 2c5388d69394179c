"""Standing cases: what every graded function owes, whatever it computes."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Generator, Tensor
from torch.utils._pytree import tree_map

from autograder.exercise import Case, answer
from autograder.student.other_device import on_other_device


def standing(inputs: Callable[[Generator], tuple], many: Callable[[Generator], tuple]) -> tuple[Case, ...]:
    """The standing cases of one function, but for :func:`empty` input, which differs from function to function.

    Args:
        inputs: makes ordinary float32 arguments with large enough boxes for 1e-9 to be rounding in float64.
        many: makes arguments of the size that a lab works with, for the time limit.
    """
    return (
        Case(
            "the dtype of the answer",
            inputs,
            "Coordinates keep the dtype that comes in (float32 here); indices and labels are int64.",
            weight=0.5,
            exact_dtype=True,
            any_hint=True,
        ),
        Case(
            "float64 in, float64 out",
            lambda generator: as_float64(inputs(generator)),
            "Keep the precision that came in: make new tensors with dtype=boxes.dtype, and never call .float().",
            weight=0.5,
            rtol=1e-9,
            atol=1e-9,
            exact_dtype=True,
            any_hint=True,
        ),
        Case(
            "the arguments are left as they were",
            inputs,
            "Your function changes its own input: x[...] = and functions ending in _ write in place. Use a new tensor.",
            weight=0.5,
            run=answer_and_arguments,
            any_hint=True,
            untouched=True,
        ),
        Case(
            "tensors on another device",
            inputs,
            "This breaks on a GPU: make new tensors with device=boxes.device, and stay clear of NumPy and .cpu().",
            run=answer_elsewhere,
            any_hint=True,
        ),
        Case(
            "many boxes in good time",
            many,
            "A few boxes come out right and many do not: look for what you assume about their number.",
            weight=0.5,
        ),
    )


def as_float64(args: tuple) -> tuple:
    """``args`` with every floating-point tensor in float64, a third larger, so that float32 cannot hold its numbers."""

    def convert(leaf: Any) -> Any:
        return leaf.double() * 4 / 3 if isinstance(leaf, Tensor) and leaf.is_floating_point() else leaf

    return tree_map(convert, args)


def empty(title: str, inputs: Callable[[Generator], tuple], weight: float = 0.5) -> Case:
    """A case of empty input. In float64 and on another device, since ``torch.zeros(0, 4)`` is neither."""
    return Case(
        title,
        lambda generator: as_float64(inputs(generator)),
        "No boxes are common in detection (an image without objects): empty input must give empty output of the right "
        "shape, dtype and device.",
        weight=weight,
        run=answer_elsewhere,
        exact_dtype=True,
        any_hint=True,
    )


def answer_and_arguments(function: Callable, args: tuple) -> Any:
    """The answer together with the arguments as the call left them."""
    return (answer(function, args), *[arg for arg in args if isinstance(arg, Tensor)])


def answer_elsewhere(function: Callable, args: tuple) -> Any:
    """The answer for tensors on another device, brought back."""
    return on_other_device(function)(*args)


def twice(inputs: Callable[[Generator], tuple]) -> Case:
    """A case of two calls in a row, for functions that draw nothing at random."""
    return Case(
        "two calls in a row",
        inputs,
        "A second call changes what the first one gave, or repeats it: keep nothing between calls, make new tensors.",
        weight=0.25,
        run=answers_to_two_calls,
    )


def answers_to_two_calls(function: Callable, args: tuple) -> Any:
    """The answers to the arguments and to smaller numbers of the same shapes, both looked at after the second call."""
    smaller = tree_map(lambda leaf: leaf / 2 if isinstance(leaf, Tensor) and leaf.is_floating_point() else leaf, args)
    return (answer(function, args), answer(function, smaller))


def boxes(generator: Generator, count: int, size: tuple[int, int] = (300, 500), least: float = 8) -> Tensor:
    """Random boxes ``(count, 4)`` inside an image of ``(height, width)``, sides at least ``least``.

    Coordinates are multiples of a quarter pixel, so that sums and differences are exact in float32 in whatever order an
    answer takes them, and every style of computing meets the same tolerance.
    """
    extent = torch.tensor([size[1], size[0]], dtype=torch.float32)
    sides = least + torch.rand(count, 2, generator=generator) * (extent / 2 - least)
    corner = torch.rand(count, 2, generator=generator) * (extent - sides)
    return torch.cat([corner, corner + sides], dim=1).mul(4).round().div(4)
