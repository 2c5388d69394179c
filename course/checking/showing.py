"""Arguments, answers and variables as short texts."""

from collections.abc import Callable
from typing import Any

from torch import Tensor

MOST = 24  # numbers that are shown one by one
FIRST = 6  # and so many of more


def show(value: Any) -> str:
    """A short text of an argument or answer: numbers as lists, long tensors by their shape."""
    if isinstance(value, Tensor) and value.numel() <= MOST:
        return _numbers(value.detach().tolist())
    if isinstance(value, Tensor):
        return f"tensor of shape {tuple(value.shape)}"
    return _numbers(value)


def describe(value: Any) -> str:
    """The shape of a tensor and its numbers, of many the first and the range; another value as :func:`show` has it."""
    if not isinstance(value, Tensor):
        return show(value)
    shape = f"{tuple(value.shape)}"
    if value.numel() <= MOST:
        return f"{shape} {show(value)}"
    plain = value.detach()
    first = ", ".join(map(_numbers, plain.flatten()[:FIRST].tolist()))
    lost = int(plain.isnan().sum()) if plain.is_floating_point() else 0
    numbers = plain[~plain.isnan()] if lost else plain
    span = f"from {_numbers(numbers.min().item())} to {_numbers(numbers.max().item())}" if numbers.numel() else ""
    return f"{shape} {first}, …; " + ", ".join(filter(None, (span, f"{lost} NaN" if lost else "")))


def safely(value: Any, form: Callable[[Any], str] = show) -> str:
    """The short text of a value that a student's code has made, and that may refuse to be looked at."""
    try:
        return form(value)
    except Exception as error:
        return f"cannot be shown ({type(error).__name__})"


def type_name(value: Any) -> str:
    """The name of a value's type, with its module: ``numpy.ndarray``, ``list``, ``None``."""
    name = f"{type(value).__module__}.{type(value).__name__}".removeprefix("builtins.")
    return "None" if name == "NoneType" else name


def _numbers(value: Any) -> str:
    if isinstance(value, Tensor):
        return show(value)
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list | tuple):
        left, right = "()" if isinstance(value, tuple) else "[]"
        more = [f"… {len(value)} in all"] if len(value) > MOST else []
        return left + ", ".join([_numbers(item) for item in value[:MOST]] + more) + right
    return repr(value)[:300]
