"""Compare what a function gave with what was expected, and say in words how they differ."""

from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from course.checking.calling import OUT_OF_TIME, Failure
from course.checking.forms import about, about_parts
from course.checking.showing import show, type_name


@dataclass(frozen=True)
class Difference:
    """How an answer is wrong: ``what`` says it without the right values, ``expected`` and ``got`` show them.

    ``kind`` is "error", "type", "shape", "dtype", "device" or "values"; ``length`` says that of a shape only the first
    number is another: other rows than expected, as where values decide which ones there are. ``part`` is the name of
    the part that is wrong where an answer has several; ``hint`` is a sentence about an answer of another kind.
    """

    kind: str
    what: str
    expected: str = ""
    got: str = ""
    length: bool = False
    part: str = ""
    hint: str = ""


def difference(
    expected: Any,
    got: Any,
    *,
    rtol: float = 1e-5,
    atol: float = 1e-6,
    exact_dtype: bool = True,
    parts: tuple[str, ...] = (),
) -> Difference | None:
    """Compare an answer with the right one: type, shape, dtype, device, then values; ``None`` when it is right.

    ``expected`` is a tensor, or a tuple or list of answers that are compared one by one. A :class:`Failure` is never
    right. Without ``exact_dtype`` numbers of another precision are compared by value; truth values are no numbers.
    ``parts`` are names for the parts of an answer that has so many.
    """
    if isinstance(got, Failure):
        # where an endless loop was when its time was over differs from run to run
        where = f" ({got.where})" if got.where and got.kind != OUT_OF_TIME else ""
        return Difference("error", f"it fails with {got}{where}")
    try:
        if isinstance(expected, tuple | list):
            return _tuple_difference(expected, got, parts, rtol=rtol, atol=atol, exact_dtype=exact_dtype)
        return _tensor_difference(expected, got, rtol, atol, exact_dtype)
    except (Exception, SystemExit) as error:  # an answer may refuse to be looked at
        problem = f"something that cannot be compared ({type(error).__name__})"
        return Difference("type", f"it gives {problem}", "a plain torch.Tensor", problem)


def _tuple_difference(expected: tuple | list, got: Any, parts: tuple[str, ...], **closeness: Any) -> Difference | None:
    names = parts if len(parts) == len(expected) else ()
    if not isinstance(got, tuple | list) or len(got) != len(expected):
        values = f"{len(got)} values" if isinstance(got, tuple | list) else type_name(got)
        wanted = f"{len(expected)} values"
        hint = about_parts(got, names)
        return Difference(
            "type",
            f"expected {wanted}, got {values}",
            f"{wanted}: {', '.join(names)}" if names else wanted,
            values,
            hint=hint,
        )
    for number, (part, answer) in enumerate(zip(expected, got, strict=True)):
        if found := difference(part, answer, **closeness):
            name = names[number] if names else f"number {number + 1} of {len(expected)}"
            return replace(found, part=name)
    return None


def _tensor_difference(expected: Tensor, got: Any, rtol: float, atol: float, exact_dtype: bool) -> Difference | None:
    if not isinstance(got, Tensor):
        name = type_name(got)
        return Difference("type", f"it gives {name} instead of a torch.Tensor", "torch.Tensor", name, hint=about(got))
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
