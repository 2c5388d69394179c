"""torch's private names that grading uses: all of them stand here, and tests/test_internals.py asks torch for each."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from unittest import mock

import torch
from torch._functorch import apis
from torch.utils._pytree import tree_leaves, tree_map

DisableTorchFunction = torch._C.DisableTorchFunction
COMPILER = "torch._dynamo"
slow_conv2d = torch.ops.aten._slow_conv2d_forward
operator_names = torch._C._dispatch_get_all_op_names


def is_compile_supported(device_type: str) -> bool:
    """What the compiler says itself; the first call imports it."""
    from torch._dynamo.utils import is_compile_supported

    return bool(is_compile_supported(device_type))


def has_kernel(operator: str, key: str) -> bool:
    """Whether an operator such as ``aten::sum`` has a kernel for a dispatch key; ``False`` where there is none."""
    try:
        return bool(torch._C._dispatch_has_kernel_for_dispatch_key(operator, key))
    except RuntimeError:
        return False


def registration(space: str) -> Any:
    """What puts other kernels into the operators of a namespace: ``impl(name, key, function, False)``; C++ alone."""
    return torch._C._dispatch_library("IMPL", space, "", __file__, 1)


def inside_vmap(wrap: Callable[[Callable], Callable]) -> AbstractContextManager:
    """While active, ``torch.vmap`` uses what ``wrap`` makes of its inner function."""
    return mock.patch.object(apis, "vmap_impl", wrap(vars(apis)["vmap_impl"]))


__all__ = [
    "COMPILER",
    "DisableTorchFunction",
    "has_kernel",
    "inside_vmap",
    "is_compile_supported",
    "operator_names",
    "registration",
    "slow_conv2d",
    "tree_leaves",
    "tree_map",
]
