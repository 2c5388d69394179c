"""Make a student's module with weights that are known, so that what it gives can be compared."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn


def fresh(module: Callable, arguments: tuple) -> nn.Module:
    """``module(*arguments)`` as it is after construction; equal at every call, and torch's random state is kept.

    Raises:
        TypeError: that is no ``nn.Module``.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        made = module(*arguments)
    if not isinstance(made, nn.Module):
        name = getattr(module, "__name__", "it")
        raise TypeError(f"{name} should be an nn.Module (`class {name}(nn.Module):`), but it is {type(made).__name__}")
    return made


def with_weights(module: Callable, arguments: tuple, weights: Mapping[str, Tensor]) -> nn.Module:
    """``module(*arguments)`` with the given weights copied in, in their dtype.

    A layer may have further names, as where it stands in an ``nn.Sequential`` as well: those are ignored.

    Raises:
        ValueError: its parameters have other names or shapes; the message lists both.
    """
    made = fresh(module, arguments)
    state = made.state_dict(keep_vars=True)
    wanted = {name: tuple(value.shape) for name, value in weights.items()}
    named = {id(value) for name, value in state.items() if name in wanted}
    came = {name: tuple(value.shape) for name, value in state.items() if name in wanted or id(value) not in named}
    if came != wanted:
        missing = [f"{name} {shape}" for name, shape in wanted.items() if came.get(name) != shape]
        others = [f"{name} {shape}" for name, shape in came.items() if wanted.get(name) != shape]
        raise ValueError(
            "other parameters than wanted: "
            f"missing {', '.join(missing) or 'none'}; instead {', '.join(others) or 'none'}"
        )
    made.to(next(iter(weights.values())).dtype)
    made.load_state_dict(dict(weights), strict=False)  # further names are the same tensors
    return made


def outputs(module: Callable, args: tuple[Any, ...]) -> Any:
    """The way to run a module: ``args`` are its arguments, its weights, and then what goes through it."""
    arguments, weights, *inputs = args
    return with_weights(module, arguments, weights)(*inputs)
