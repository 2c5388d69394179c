"""Compare what a function gave with what was wanted, and say in words how they differ."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from course.checks.calling import Failure


@dataclass(frozen=True)
class Difference:
    """How an answer is wrong: ``what`` says it without the right values, ``wanted`` and ``came`` show them."""

    what: str
    wanted: str = ""
    came: str = ""


def difference(wanted: Any, came: Any, *, rtol: float = 1e-5, atol: float = 1e-6) -> Difference | None:
    """Compare an answer with the right one: type, shape, dtype, device, then values; ``None`` when it is right.

    ``wanted`` is a tensor, or a tuple of answers that are compared one by one. A :class:`Failure` is never right.
    """
    if isinstance(came, Failure):
        return Difference(f"it stopped with {came}" + (f" ({came.where})" if came.where else ""))
    if isinstance(wanted, tuple):
        return _tuple_difference(wanted, came, rtol, atol)
    if not isinstance(came, Tensor):
        name = f"{type(came).__module__}.{type(came).__name__}".removeprefix("builtins.")
        return Difference(f"it gives {name} instead of a torch.Tensor", "torch.Tensor", name)
    for what, want, got in (
        ("shape", tuple(wanted.shape), tuple(came.shape)),
        ("dtype", wanted.dtype, came.dtype),
        ("device", wanted.device, came.device),
    ):
        if want != got:
            return Difference(f"{what} {got} came, {want} was wanted", f"{what} {want}", f"{what} {got}")
    return _value_difference(wanted.detach(), came.detach(), rtol, atol)


def _tuple_difference(wanted: tuple, came: Any, rtol: float, atol: float) -> Difference | None:
    if not isinstance(came, tuple | list) or len(came) != len(wanted):
        got = f"{len(came)} values" if isinstance(came, tuple | list) else type(came).__name__
        return Difference(f"{got} came, {len(wanted)} values were wanted")
    parts = zip(wanted, came, strict=True)
    return next((found for w, c in parts if (found := difference(w, c, rtol=rtol, atol=atol))), None)


def _value_difference(wanted: Tensor, came: Tensor, rtol: float, atol: float) -> Difference | None:
    close = torch.isclose(came, wanted, rtol=rtol, atol=atol, equal_nan=True)
    if close.all():
        return None
    if came.isnan().any() and not wanted.isnan().any():
        what = f"{int(came.isnan().sum())} of {came.numel()} values are NaN"
    else:
        what = f"{int((~close).sum())} of {came.numel()} values are wrong"
    return Difference(what, show(wanted), show(came))


def show(value: Any) -> str:
    """A short text of an argument or answer: numbers as lists, long tensors by their shape."""
    if isinstance(value, Tensor) and value.numel() <= 24:
        return _numbers(value.detach().tolist())
    if isinstance(value, Tensor):
        return f"tensor of shape {tuple(value.shape)}"
    return _numbers(value)


def _numbers(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list | tuple):
        left, right = "()" if isinstance(value, tuple) else "[]"
        return left + ", ".join(_numbers(item) for item in value) + right
    return repr(value)
