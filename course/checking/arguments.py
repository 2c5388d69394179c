"""Whether a call has left its arguments as they were."""

from typing import Any

import torch
from torch import Tensor

from course.checking.comparing import hollow

PLAIN = (bool, int, float, str, type(None))


def unchanged(args: Any, before: Any) -> bool:
    """Whether arguments are what they were: the same structure, plain values, tensors and their ``requires_grad``.

    A student's function may have put anything there. This neither raises nor runs any of its code: it looks at a type
    before it uses an object of that type. ``before`` is a copy from before the call. Anything but a tensor, a plain
    value or a container of these (a random generator, say, which a function should move on) may be in any state.
    """
    if type(args) is not type(before):
        return False
    if isinstance(before, Tensor):
        return _same(args, before)
    if isinstance(before, tuple | list):
        return len(args) == len(before) and all(map(unchanged, args, before))
    if isinstance(before, dict):
        return unchanged(list(args.items()), list(before.items()))
    return not isinstance(before, PLAIN) or args == before or args != args  # NaN differs from itself


def _same(tensor: Tensor, before: Tensor) -> bool:
    def form(value: Tensor) -> tuple:
        return value.requires_grad, value.dtype, value.shape, value.layout, value.device

    if form(tensor) != form(before) or hollow(tensor):
        return False
    return torch.equal(tensor.nan_to_num(), before.nan_to_num())
