"""Stand beside a student's function while it runs, and tell afterwards what it gave and what its variables were."""

import contextlib
import sys
from collections.abc import Callable, Collection, Iterator
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any

from torch import Generator, nn

from course.checking.showing import describe, safely
from course.checking.students_code import functions, returns

MOST = 12  # variables that are told
UNTOLD = (ModuleType, FunctionType, type, Generator, nn.Module)


class Witness:
    """What came of the last call of a student's function.

    Args:
        function: the student's function or class, as it was handed in.
        traced: whether its variables are to be remembered.
    """

    def __init__(self, function: Any, traced: bool = False) -> None:
        self._function = function
        self._codes = {each.__code__ for each in functions(function)} if traced else set()
        self._variables: dict[str, Any] = {}
        self._came: list[Any] = []

    @property
    def answered(self) -> bool:
        """Whether the last call came to an answer."""
        return bool(self._came) and not isinstance(self._came[0], nn.Module)

    @property
    def answer(self) -> Any:
        """What the last call gave; ``None`` if it came to no answer, too."""
        return self._came[0] if self._came else None

    @property
    def returns(self) -> bool:
        """Whether the function's code has a ``return`` with something behind it."""
        return returns(self._function)

    def beside(self, student: Callable) -> Callable:
        """``student`` as one whose calls are noted, and the calls of a module that it makes."""

        def noted(*args: Any, **kwargs: Any) -> Any:
            self._came = []
            with last_variables(self._codes, self._variables):
                came = student(*args, **kwargs)
            self._came = [came]
            if isinstance(came, nn.Module):
                came.forward = self.beside(came.forward)
            return came

        noted.__name__ = str(getattr(student, "__name__", "noted"))
        return noted

    def variables(self) -> tuple[tuple[str, str], ...]:
        """Names and short texts of the function's own variables, as its last call left them, in order of its text."""
        told = [
            (name, safely(value, describe)) for name, value in self._variables.items() if not isinstance(value, UNTOLD)
        ]
        return tuple(told[-MOST:])


@contextlib.contextmanager
def last_variables(codes: Collection[CodeType], found: dict[str, Any]) -> Iterator[None]:
    """Have ``found`` hold the variables of the last call of one of ``codes`` in the body, once that call has ended.

    Arguments are among them only where the name stands for something else by then. A debugger's or coverage's tracer
    comes back afterwards; without ``codes`` it stays.
    """
    if not codes:
        yield
        return

    def enter(frame: FrameType, event: str, argument: Any) -> Callable | None:
        if frame.f_code not in codes:
            return None
        frame.f_trace_lines = False
        given = dict(frame.f_locals)

        def leave(frame: FrameType, event: str, argument: Any) -> Callable:
            if event == "return":
                found.clear()
                for name, value in frame.f_locals.items():
                    if name not in given or given[name] is not value:
                        found[name] = value
            return leave

        return leave

    before = sys.gettrace()
    sys.settrace(enter)
    try:
        yield
    finally:
        sys.settrace(before)
