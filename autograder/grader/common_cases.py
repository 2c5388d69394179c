"""Standing cases: what every graded function owes, whatever it computes."""

from collections.abc import Callable
from typing import Any

from torch import Generator, Tensor

from autograder.grader.exercise import Case, answer
from autograder.student.fake_cuda import on_other_device
from autograder.student.torch_internals import tree_map


def standing(inputs: Callable[[Generator], tuple], many: Callable[[Generator], tuple]) -> tuple[Case, ...]:
    """The standing cases of one function, but for :func:`empty` input, which differs from function to function.

    Args:
        inputs: makes ordinary float32 arguments with large enough boxes for 1e-9 to be rounding in float64.
        many: makes arguments of the size that a lab works with, for the time limit.
    """
    plain = ordinary(inputs)
    return (
        *_of_dtypes(inputs, plain),
        Case(
            "the arguments are left as they were",
            inputs,
            "Your function changes its own input: x[...] = and functions ending in _ write in place. Use a new tensor.",
            weight=0.5,
            run=answer_and_arguments,
            any_hint=True,
            untouched=True,
            asks="arguments",
            plain=plain,
        ),
        Case(
            "tensors on another device",
            inputs,
            "This breaks on a GPU: make new tensors with device=boxes.device, and stay clear of NumPy and .cpu().",
            run=answer_elsewhere,
            any_hint=True,
            asks="device",
            plain=plain,
        ),
        Case(
            "many boxes in good time",
            many,
            "A few boxes come out right and many do not: look for what you assume about their number.",
            weight=0.5,
            asks="number",
            plain=plain,
        ),
    )


def _of_dtypes(inputs: Callable[[Generator], tuple], plain: Case) -> tuple[Case, Case]:
    """That the dtype is right for float32, and that float64 is kept."""
    return (
        Case(
            "the dtype of the answer",
            inputs,
            "Coordinates keep the dtype that comes in (float32 here); indices and labels are int64.",
            weight=0.5,
            exact_dtype=True,
            any_hint=True,
            asks="dtype",
            plain=plain,
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
            asks="precision",
            plain=plain,
        ),
    )


def ordinary(inputs: Callable[[Generator], tuple], run: Callable[[Callable, tuple], Any] = answer) -> Case:
    """The case without a property of its own that others are compared with, in their tolerance."""
    return Case("ordinary input", inputs, "", run=run)


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
        asks="emptiness",
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
        asks="calls",
        plain=ordinary(inputs),
    )


def answers_to_two_calls(function: Callable, args: tuple) -> Any:
    """The answers to the arguments and to smaller numbers of the same shapes, both looked at after the second call."""
    smaller = tree_map(lambda leaf: leaf / 2 if isinstance(leaf, Tensor) and leaf.is_floating_point() else leaf, args)
    return (answer(function, args), answer(function, smaller))


def each(run: Callable[[Callable, tuple], Any] = answer) -> Callable[[Callable, tuple], Any]:
    """A run for several tuples of arguments in turn, so that one case can ask more than one question."""

    def several(function: Callable, args: tuple) -> Any:
        return tuple(run(function, one) for one in args)

    several.__name__ = f"each_{run.__name__}"
    return several
