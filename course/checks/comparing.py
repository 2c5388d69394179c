"""Compare what a function gave with what was wanted, and say in words how they differ."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from course.checks.calling import Failure


@dataclass(frozen=True)
class Difference:
    """How an answer is wrong: ``what`` says it without the right values, ``wanted`` and ``came`` show them.

    ``kind`` is "stopped", "type", "shape", "dtype", "device" or "values".
    """

    kind: str
    what: str
    wanted: str = ""
    came: str = ""


def difference(
    wanted: Any, came: Any, *, rtol: float = 1e-5, atol: float = 1e-6, exact_dtype: bool = True
) -> Difference | None:
    """Compare an answer with the right one: type, shape, dtype, device, then values; ``None`` when it is right.

    ``wanted`` is a tensor, or a tuple or list of answers that are compared one by one. A :class:`Failure` is never
    right. Without ``exact_dtype`` numbers of another precision are compared by value; truth values are no numbers.
    """
    if isinstance(came, Failure):
        return Difference("stopped", f"it stopped with {came}" + (f" ({came.where})" if came.where else ""))
    if isinstance(wanted, tuple | list):
        return _tuple_difference(wanted, came, rtol, atol, exact_dtype)
    try:
        return _tensor_difference(wanted, came, rtol, atol, exact_dtype)
    except Exception as error:  # an answer may be a tensor that refuses to be looked at
        problem = f"something that cannot be compared ({type(error).__name__})"
        return Difference("type", f"it gives {problem}", "a plain torch.Tensor", problem)


def _tuple_difference(
    wanted: tuple | list, came: Any, rtol: float, atol: float, exact_dtype: bool
) -> Difference | None:
    if not isinstance(came, tuple | list) or len(came) != len(wanted):
        got = f"{len(came)} values" if isinstance(came, tuple | list) else type(came).__name__
        return Difference("type", f"{got} came, {len(wanted)} values were wanted")
    for part, answer in zip(wanted, came, strict=True):
        if found := difference(part, answer, rtol=rtol, atol=atol, exact_dtype=exact_dtype):
            return found
    return None


def _tensor_difference(wanted: Tensor, came: Any, rtol: float, atol: float, exact_dtype: bool) -> Difference | None:
    if not isinstance(came, Tensor):
        name = f"{type(came).__module__}.{type(came).__name__}".removeprefix("builtins.")
        return Difference("type", f"it gives {name} instead of a torch.Tensor", "torch.Tensor", name)
    if came.layout != torch.strided or came.is_quantized or came.is_nested or came.is_meta:
        odd = "sparse, nested, quantised or meta tensor"
        return Difference("type", f"it gives a {odd} instead of a plain one", "a plain torch.Tensor", f"a {odd}")
    came = came.detach().as_subclass(Tensor)
    truth = wanted.dtype == torch.bool or came.dtype == torch.bool or came.is_complex()
    for kind, want, got in (
        ("shape", tuple(wanted.shape), tuple(came.shape)),
        ("dtype", wanted.dtype, came.dtype),
        ("device", wanted.device, came.device),
    ):
        if want != got and (kind != "dtype" or exact_dtype or truth):
            return Difference(kind, f"{kind} {got} came, {want} was wanted", f"{kind} {want}", f"{kind} {got}")
    return _value_difference(wanted.detach(), came, rtol, atol)


def _value_difference(wanted: Tensor, came: Tensor, rtol: float, atol: float) -> Difference | None:
    if came.dtype != wanted.dtype:
        wanted, came = wanted.double(), came.double()
    close = torch.isclose(came, wanted, rtol=rtol, atol=atol, equal_nan=True)
    if close.all():
        return None
    if came.isnan().any() and not wanted.isnan().any():
        what = f"{int(came.isnan().sum())} of {came.numel()} values are NaN"
    else:
        what = f"{int((~close).sum())} of {came.numel()} values are wrong"
    return Difference("values", what, show(wanted), show(came))


def show(value: Any) -> str:
    """A short text of an argument or answer: numbers as lists, long tensors by their shape."""
    if isinstance(value, Tensor) and value.numel() <= 24:
        return _numbers(value.detach().tolist())
    if isinstance(value, Tensor):
        return f"tensor of shape {tuple(value.shape)}"
    return _numbers(value)


def _numbers(value: Any) -> str:
    if isinstance(value, Tensor):
        return show(value)
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list | tuple):
        left, right = "()" if isinstance(value, tuple) else "[]"
        more = [f"… {len(value)} in all"] if len(value) > 24 else []
        return left + ", ".join([_numbers(item) for item in value[:24]] + more) + right
    return repr(value)[:300]
