"""Let a function of torchvision's mean our function by a name in its text, without touching torchvision."""

from collections.abc import Callable, Mapping
from types import FunctionType, MethodType, ModuleType, SimpleNamespace
from typing import Any


class UnusedNameError(LookupError):
    """A function does not use the name that should mean something else in it."""


def rebound(function: Callable[..., Any], **meanings: Any) -> Callable[..., Any]:
    """A twin of a Python function, or bound method, in whose text the given global names mean something else.

    ``rebound(loss, roi_align=mine)`` runs the very lines of ``loss``, and where they say ``roi_align`` it is ``mine``.
    The function itself and its module stay as they are.

    Raises:
        UnusedNameError: its text does not have one of the names, so nothing would change.
    """
    if isinstance(function, MethodType):
        return MethodType(rebound(function.__func__, **meanings), function.__self__)
    assert isinstance(function, FunctionType)
    for name in meanings:
        if name not in function.__code__.co_names:
            raise UnusedNameError(f"{function.__module__}.{function.__qualname__} does not use the name {name}")
    twin = FunctionType(
        function.__code__,
        {**function.__globals__, **meanings},
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    twin.__kwdefaults__ = function.__kwdefaults__
    return twin


def changed(module: ModuleType, meanings: Mapping[str, Any]) -> SimpleNamespace:
    """All names of a module, some of which mean something else; the module stays as it is."""
    return SimpleNamespace(**{**vars(module), **meanings})
