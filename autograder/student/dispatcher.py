"""Put the grader in the place of torch's own ready-made operators: below all of Python, in torch's dispatcher.

This is done before any of a student's code runs and never taken back, so no handle on the operators is to be had. Where
they are not asked for, the grader computes them (:mod:`autograder.student.deputy`), so other code may use them.
"""

import ctypes
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor

from autograder.student.absent import OPERATORS
from autograder.student.deputy import AbsentError, ask
from autograder.student.torch_internals import has_kernel, registration, slow_conv2d

# where an operator may have kernels that compute on the CPU, whatever form of tensors they take
KEYS = (
    "CPU", "MkldnnCPU", "QuantizedCPU", "SparseCPU", "SparseCsrCPU", "NestedTensorCPU",
    "CompositeExplicitAutograd", "CompositeExplicitAutogradNonFunctional",
)  # fmt: skip
BOTH_WAYS = ("aten.convolution", "aten._convolution")  # ordinary convolutions and transposed ones are one operator


def block(operators: Iterable[str]) -> None:
    """Put the grader in the place of operators such as ``torch.ops.aten.grid_sampler_2d``, for good.

    Operators that are composed of others when they are called stay: what they are composed of is to be named.
    """
    libraries: dict[str, Any] = {}
    for name in operators:
        space, _, called = name.removeprefix(OPERATORS).partition(".")
        plain = f"{space}::{called}"
        keys = [key for key in KEYS if has_kernel(plain, key)]
        if keys and space not in libraries:
            libraries[space] = registration(space)
            # torch takes the kernels away again when this object goes; nobody's code shall find it
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(libraries[space]))
        for key in keys:
            libraries[space].impl(called, key, _stand_in(name), False)


def _stand_in(name: str) -> Callable[..., Any]:
    plain = name.removeprefix(OPERATORS)
    if plain in BOTH_WAYS:
        return _convolution
    into = plain.endswith("out")  # writes into what it is given: nobody who builds something needs it

    def stand_in(*args: Any, **kwargs: Any) -> Any:
        if into:
            raise AbsentError(name)
        return ask(name, args, kwargs)

    return stand_in


def _convolution(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: list[int],
    padding: list[int],
    dilation: list[int],
    transposed: bool,
    output_padding: list[int],
    groups: int,
    *settings: bool,
) -> Tensor:
    """A convolution of any number of dimensions; transposed ones are the grader's."""
    if transposed:
        form = (x, weight, bias, stride, padding, dilation, transposed, output_padding, groups)
        called = f"{OPERATORS}aten.conv_transpose{x.dim() - 2}d"
        return ask(called if x.dim() in (3, 4, 5) else f"{OPERATORS}aten.convolution", form, {})
    if x.dim() == 3:  # one dimension is two, of which one is 1 long
        sizes = ([1, *stride], [0, *padding], [1, *dilation])
        return _convolution(
            x.unsqueeze(2), weight.unsqueeze(2), bias, *sizes, False, [0, *output_padding], groups
        ).squeeze(2)
    if x.dtype == torch.float32 and torch.backends.mkldnn.is_available() and x.numel() and len(weight):
        return torch.ops.aten.mkldnn_convolution(x, weight, bias, padding, stride, dilation, groups)
    if groups > 1:
        parts = zip(x.chunk(groups, 1), weight.chunk(groups), strict=True)
        joined = torch.cat([_convolution(a, w, None, stride, padding, dilation, False, [], 1) for a, w in parts], 1)
        return joined if bias is None else joined + bias.reshape(-1, *[1] * (x.dim() - 2))
    size = weight.shape[2:]
    if x.dim() == 4:
        if any(each != 1 for each in dilation):
            return torch.ops.aten.slow_conv_dilated2d(x, weight, size, bias, stride, padding, dilation)
        return slow_conv2d(x, weight, size, bias, stride, padding)
    if any(each != 1 for each in dilation):
        return torch.ops.aten.slow_conv_dilated3d(x, weight, size, bias, stride, padding, dilation)
    return torch.ops.aten.slow_conv3d_forward(x, weight, size, bias, stride, padding)
