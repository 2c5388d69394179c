"""What lies in tuples, lists and dictionaries, and in those in them.

torch's pytree finds tensors too, with ten times the calls: too many for what is asked several times for each call of a
student's function, and where a guard looks at every call.
"""

from typing import Any

from torch import Tensor


def tensors_in(value: Any) -> list[Tensor]:
    """All tensors in a value, in order, each once."""
    return list({id(tensor): tensor for tensor in all_tensors_in(value)}.values())


def all_tensors_in(value: Any) -> list[Tensor]:
    """All tensors in a value, in order, each as often as it is there."""
    if isinstance(value, Tensor):
        return [value]
    found: list[Tensor] = []
    if isinstance(value, tuple | list | dict):
        _collect(value, found)
    return found


def _collect(value: tuple | list | dict, found: list[Tensor]) -> None:
    for part in value.values() if isinstance(value, dict) else value:
        if isinstance(part, Tensor):
            found.append(part)
        elif isinstance(part, tuple | list | dict):
            _collect(part, found)


def lists_in(value: Any) -> list[list]:
    """All lists in a value, outer ones first, each once."""
    found: dict[int, list] = {}
    ahead = [value]
    for part in ahead:  # grows on the way
        if isinstance(part, list):
            if id(part) in found:
                continue
            found[id(part)] = part
        if isinstance(part, list | tuple):
            ahead += part
        elif isinstance(part, dict):
            ahead += part.values()
    return list(found.values())
