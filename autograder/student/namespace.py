"""The student's side of a function: its source, and the notebook namespace that it looks names up in."""

import contextlib
import inspect
from collections.abc import Callable, Collection, Iterator
from importlib import import_module
from typing import Any

from course.checking.guard import Guard
from course.checking.students_code import functions


def source(answer: Any) -> str:
    """The text of the functions behind an answer; ``""`` where there is none."""
    try:
        return "".join(inspect.getsource(function) for function in functions(answer))
    except (OSError, TypeError, ValueError):  # made without a source text, or wrapped in itself
        return ""


@contextlib.contextmanager
def library_neighbours(answer: Any, names: Collection[str], guard: Guard, library: str) -> Iterator[bool]:
    """Have ``names`` stand for functions of the module ``library`` in the answer's namespaces, defined there or not.

    So a mistake costs once, and so does a cell that stopped before it defined its function. Gives whether any of the
    names was defined; afterwards everything is as it was.
    """
    spaces = {id(function.__globals__): function.__globals__ for function in functions(answer)}.values()
    saved = [(space, {name: space[name] for name in names if name in space}) for space in spaces]
    for space, _ in saved:
        space.update({name: guard.pausing(_stand_in(library, name)) for name in names})
    try:
        yield any(own for _, own in saved)
    finally:
        for space, own in saved:
            for name in set(names) - set(own):
                space.pop(name, None)
            space.update(own)


def _stand_in(library: str, name: str) -> Callable:
    """The library's function, imported at the first call: torchvision takes a second, and is rarely needed."""

    def stand_in(*args: Any, **kwargs: Any) -> Any:
        return getattr(import_module(library), name)(*args, **kwargs)

    return stand_in
