"""Stand-ins for what is not there: they import, can be subclassed, and a call goes to the grader."""

import importlib
import sys
from collections.abc import Collection
from types import ModuleType
from typing import Any

from autograder.student.deputy import ask

STANDS_FOR = "__stands_for__"


class StandIn(type):
    """The class of stand-ins for classes: making an object, or calling what belongs to the class, asks the grader."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        """Ask the grader as the class's ``__init__``: that is how ready-made classes are listed."""
        return ask(f"{_stands_for(cls)}.__init__", (), {})

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _function(f"{_stands_for(cls)}.{name}")


class Absent(ModuleType):
    """A module with a stand-in for whatever is looked up in it: classes for names in capitals, functions for others.

    A function of the module's own name is the module itself, which may be called: ``torchvision.ops.roi_align``.

    Args:
        name: the module's.
        below: the names of modules in it.
        kept: those of them that are there, and whose names it has as well.
    """

    def __init__(self, name: str, below: Collection[str] = (), kept: Collection[str] = ()) -> None:
        super().__init__(name, "This is not here while work is graded.")
        self.__below, self.__kept = frozenset(below), tuple(kept)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        if name in self.__below:
            return importlib.import_module(f"{self.__name__}.{name}")
        for module in self.__kept:
            if module in sys.modules and name in vars(sys.modules[module]):
                return vars(sys.modules[module])[name]
        full = f"{self.__name__}.{name}"
        bases = (Exception,) if name.endswith("Error") else ()  # somebody may want to catch it
        made = StandIn(name, bases, {STANDS_FOR: full, "__module__": self.__name__})
        setattr(self, name, made if name[:1].isupper() else _function(full))
        return vars(self)[name]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Ask the grader for the module's function of the same name."""
        return ask(f"{self.__name__}.{self.__name__.rpartition('.')[2]}", args, kwargs)


def _stands_for(cls: type) -> str:
    return str(next(vars(each)[STANDS_FOR] for each in cls.__mro__ if STANDS_FOR in vars(each)))


def _function(full: str) -> Any:
    def stand_in(*args: Any, **kwargs: Any) -> Any:
        return ask(full, args, kwargs)

    stand_in.__module__, _, stand_in.__name__ = full.rpartition(".")
    stand_in.__qualname__ = stand_in.__name__
    return stand_in
