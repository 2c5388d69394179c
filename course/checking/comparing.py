"""Compare what a function gave with what was expected, and say in words how they differ."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from course.checking.calling import Failure


@dataclass(frozen=True)
class Difference:
    """How an answer is wrong: ``what`` says it without the right values, ``expected`` and ``got`` show them.

    ``kind`` is "error", "type", "shape", "dtype", "device" or "values"; ``length`` says that of a shape only the first
    number is another: other rows than expected, as where values decide which ones there are.
    """

    kind: str
    what: str
    expected: str = ""
    got: str = ""
    length: bool = False


def difference(
    expected: Any, got: Any, *, rtol: float = 1e-5, atol: float = 1e-6, exact_dtype: bool = True
) -> Difference | None:
    """Compare an answer with the right one: type, shape, dtype, device, then values; ``None`` when it is right.

    ``expected`` is a tensor, or a tuple or list of answers that are compared one by one. A :class:`Failure` is never
    right. Without ``exact_dtype`` numbers of another precision are compared by value; truth values are no numbers.
    """
    if isinstance(got, Failure):
        return Difference("error", f"it fails with {got}" + (f" ({got.where})" if got.where else ""))
    try:
        if isinstance(expected, tuple | list):
            return _tuple_difference(expected, got, rtol, atol, exact_dtype)
        return _tensor_difference(expected, got, rtol, atol, exact_dtype)
    except (Exception, SystemExit) as error:  # an answer may refuse to be looked at
        problem = f"something that cannot be compared ({type(error).__name__})"
        return Difference("type", f"it gives {problem}", "a plain torch.Tensor", problem)


def _tuple_difference(
    expected: tuple | list, got: Any, rtol: float, atol: float, exact_dtype: bool
) -> Difference | None:
    if not isinstance(got, tuple | list) or len(got) != len(expected):
        values = f"{len(got)} values" if isinstance(got, tuple | list) else type(got).__name__
        return Difference("type", f"expected {len(expected)} values, got {values}")
    for part, answer in zip(expected, got, strict=True):
        if found := difference(part, answer, rtol=rtol, atol=atol, exact_dtype=exact_dtype):
            return found
    return None


def _tensor_difference(expected: Tensor, got: Any, rtol: float, atol: float, exact_dtype: bool) -> Difference | None:
    if not isinstance(got, Tensor):
        name = f"{type(got).__module__}.{type(got).__name__}".removeprefix("builtins.")
        return Difference("type", f"it gives {name} instead of a torch.Tensor", "torch.Tensor", name)
    if got.layout != torch.strided or got.is_quantized or got.is_nested or got.is_meta:
        odd = "sparse, nested, quantised or meta tensor"
        return Difference("type", f"it gives a {odd} instead of a plain one", "a plain torch.Tensor", f"a {odd}")
    if hollow(got):
        return Difference(
            "type", "it gives a tensor whose memory is gone", "a plain torch.Tensor", "one without memory"
        )
    got = got.detach().as_subclass(Tensor)
    truth = expected.dtype == torch.bool or got.dtype == torch.bool or got.is_complex()
    for kind, right, given in (
        ("shape", tuple(expected.shape), tuple(got.shape)),
        ("dtype", expected.dtype, got.dtype),
        ("device", expected.device, got.device),
    ):
        if right != given and (kind != "dtype" or exact_dtype or truth):
            length = kind == "shape" and expected.dim() == got.dim() > 0 and expected.shape[1:] == got.shape[1:]
            words = f"{kind} {right}", f"{kind} {given}"
            return Difference(kind, f"expected {words[0]}, got {given}", *words, length)
    return _value_difference(expected.detach(), got, rtol, atol)


def hollow(tensor: Tensor) -> bool:
    """Whether a tensor's memory was taken away (``untyped_storage().resize_``): to read it would end the process."""
    if not tensor.numel():
        return False
    last = tensor.storage_offset() + sum((n - 1) * step for n, step in zip(tensor.shape, tensor.stride(), strict=True))
    return tensor.untyped_storage().nbytes() < (last + 1) * tensor.element_size()


def _value_difference(expected: Tensor, got: Tensor, rtol: float, atol: float) -> Difference | None:
    if got.dtype != expected.dtype:
        expected, got = expected.double(), got.double()
    close = torch.isclose(got, expected, rtol=rtol, atol=atol, equal_nan=True)
    if close.all():
        return None
    if got.isnan().any() and not expected.isnan().any():
        what = f"{int(got.isnan().sum())} of {got.numel()} values are NaN"
    else:
        what = f"{int((~close).sum())} of {got.numel()} values are wrong"
    return Difference("values", what, show(expected), show(got))


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
