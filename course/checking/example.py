"""One worked example of a visible check."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor


def plain(function: Callable, args: tuple) -> Any:
    """What ``function`` gives for ``args``."""
    return function(*args)


@dataclass(frozen=True)
class Example:
    """One worked example: what it shows, the arguments by name, the answer, and what known wrong answers mean.

    ``misreadings`` maps an explanation to the answer that this misconception gives here; ``hint`` serves otherwise.
    ``run`` turns the function and the arguments into what is compared: the answer, unless the exercise is a module.
    ``learns`` names the arguments by which the answer must have a gradient.
    """

    title: str
    inputs: dict[str, Any]
    expected: Any
    hint: str
    misreadings: dict[str, Any] = field(default_factory=dict)
    run: Callable[[Callable, tuple], Any] = plain
    learns: tuple[str, ...] = ()

    def arguments(self, learning: bool = True) -> tuple:
        """The arguments, with tensors of their own, which a function may spoil; ``learning``: as what has gradients."""
        fresh = {name: _fresh(value) for name, value in self.inputs.items()}
        for name in self.learns if learning else ():
            fresh[name].requires_grad_()
        return (*fresh.values(),)


def _fresh(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.clone()
    if isinstance(value, list | tuple):
        return type(value)(map(_fresh, value))
    if isinstance(value, dict):
        return {key: _fresh(part) for key, part in value.items()}
    return value
