"""Make a student's module with weights that are known, so that what it gives can be compared."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn


def fresh(module: Callable, arguments: tuple) -> nn.Module:
    """``module(*arguments)`` as it is after construction; equal at every call, and torch's random state is kept.

    Raises:
        TypeError: that is not an ``nn.Module``.
    """
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(
            0
        )  # torch.manual_seed would note a traceback for a GPU that isn't there yet
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
    expected = {name: tuple(value.shape) for name, value in weights.items()}
    named = {id(value) for name, value in state.items() if name in expected}
    got = {name: tuple(value.shape) for name, value in state.items() if name in expected or id(value) not in named}
    if got != expected:
        missing = [f"{name} {shape}" for name, shape in expected.items() if got.get(name) != shape]
        others = [f"{name} {shape}" for name, shape in got.items() if expected.get(name) != shape]
        raise ValueError(
            "other parameters than expected: "
            f"missing {', '.join(missing) or 'none'}; instead {', '.join(others) or 'none'}"
        )
    made.to(next(iter(weights.values())).dtype)
    made.load_state_dict(dict(weights), strict=False)  # further names are the same tensors
    return made


def outputs(module: Callable, args: tuple[Any, ...]) -> Any:
    """The way to run a module: ``args`` are its arguments, its weights, and then what goes through it."""
    arguments, weights, *inputs = args
    return with_weights(module, arguments, weights)(*inputs)
