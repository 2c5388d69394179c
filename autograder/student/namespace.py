"""The student's side of a function: its source, and the notebook namespace that it looks names up in."""

import contextlib
import functools
import hashlib
import inspect
from collections.abc import Callable, Iterator
from typing import Any

from course.checks.guard import Guard


def functions(answer: Any) -> list[Callable]:
    """The plain functions behind an answer.

    The answer itself; what a partial, a method or a decorator with ``functools.wraps`` stands for; the methods of a
    class, or of the class of an object that can be called.
    """
    for _ in range(20):  # decorators on decorators; more is a loop
        if isinstance(answer, functools.partial):
            answer = answer.func
        elif inspect.ismethod(answer):
            answer = answer.__func__
        elif inspect.isfunction(answer) and "__wrapped__" in vars(answer):
            answer = vars(answer)["__wrapped__"]
        else:
            break
    if inspect.isfunction(answer):
        return [answer]
    owner = answer if inspect.isclass(answer) else type(answer)
    return [value for value in vars(owner).values() if inspect.isfunction(value)]


@functools.singledispatch
def seed(answer: Any, name: str) -> int:
    """A seed for the exercise ``name`` from the answer's own text: the same for the same text, another for others."""
    try:
        text = "".join(inspect.getsource(function) for function in functions(answer))
    except (OSError, TypeError, ValueError):  # made without a source text, or wrapped in itself
        text = ""
    return seed_of(name, text)


def seed_of(name: str, text: str) -> int:
    """The seed for an exercise and a text."""
    return int.from_bytes(hashlib.sha256(f"{name}\n{text}".encode()).digest()[:4], "big")


@functools.singledispatch
@contextlib.contextmanager
def library_neighbours(answer: Any, names: set[str], guard: Guard) -> Iterator[bool]:
    """Swap the functions called ``names`` in the answer's namespaces for the library's, so that a mistake costs once.

    Gives whether anything was swapped; afterwards everything is as it was.
    """
    spaces = {id(function.__globals__): function.__globals__ for function in functions(answer)}.values()
    saved = [(space, {name: space[name] for name in names if callable(space.get(name))}) for space in spaces]
    for space, own in saved:
        space.update({name: guard.pausing(_library(name)) for name in own})
    try:
        yield any(own for _, own in saved)
    finally:
        for space, own in saved:
            space.update(own)


def _library(name: str) -> Callable:
    """``course.library``'s function, imported at the first call: torchvision takes a second, and is rarely needed."""

    def stand_in(*args: Any, **kwargs: Any) -> Any:
        from course import library

        return getattr(library, name)(*args, **kwargs)

    return stand_in
