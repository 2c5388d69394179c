"""Which functions may be computed for a student's process now, of those that it does not have.

What an exercise asks for is named in its check, and nothing is computed that an exercise asks for which comes later.
"""

import contextlib
import functools
import pkgutil
from collections.abc import Callable
from fnmatch import fnmatchcase

import torch

from autograder.grader.grading import ready_made
from autograder.spec import current
from autograder.student.torch_internals import operator_names
from course.checking.guard import Guard

OPERATOR = "torch.ops."
TRANSPOSED = "aten.conv_transpose"
# an operator of torch's, by the start of its name, as people call it
CALLED = {"grid_sampler": "torch.nn.functional.grid_sample", "col2im": "torch.nn.functional.fold"}


class NotServedError(Exception):
    """Nothing is computed by that name now."""


class ForbiddenError(Exception):
    """What is asked for by that name is what the judged exercise asks for."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@functools.lru_cache(1024)
def function_for(
    name: str, judged: str, backward: bool, forbidden: tuple[str, ...], operators: frozenset[str]
) -> tuple[Callable, Guard]:
    """A function that may be computed now, and who watches it.

    Raises:
        ForbiddenError: the exercise asks for it.
        NotServedError: the course does not serve it, or it comes after what is judged.
    """
    operator, names = name.startswith(OPERATOR), _names(name)
    if not (operator and backward):
        for each in names:
            if any(fnmatchcase(each, pattern) for pattern in forbidden):
                raise ForbiddenError(_public(each))
    if operator:
        base = f"{OPERATOR}aten.convolution" if TRANSPOSED in name else name  # with that one's arguments
        if base not in operators:
            raise NotServedError
        operation: Callable = pkgutil.resolve_name(f"torch:{base.removeprefix('torch.')}")
        return operation, Guard()
    course = current()
    served, known, part = course.served_functions(), course.all_exercises(), name.rpartition(".")[2]
    function = next((served[each] for each in names if each in served), None)
    if function is None:
        raise NotServedError
    if not judged:
        return function, Guard()
    for each, exercise in known.items():  # batched_nms is good for nms as well
        later = judged not in known or exercise.place >= known[judged].place
        if later and (part == each or part.endswith(f"_{each}")):
            raise NotServedError
    library = names[-1].rpartition(".")[0] == course.library  # a neighbour, which may use what an answer may not
    return function, Guard() if library else _guard(forbidden)


def prepare() -> None:
    """Look through torch's operators once, for all judges that are forked from this process."""
    for exercise in current().all_exercises().values():
        operators(ready_made(exercise))


@functools.cache
def operators(patterns: tuple[str, ...]) -> tuple[str, ...]:
    """The operators of torch's, as ``torch.ops.aten.grid_sampler_2d``, that names of ready-made code stand for."""
    of_torch = [pattern for pattern in patterns if pattern.startswith(("torch.", "*"))]
    return tuple(
        name
        for name in (_all_operators() if of_torch else ())
        if any(fnmatchcase(each, pattern) for each in _names(name) for pattern in of_torch)
    )


@functools.cache
def _all_operators() -> tuple[str, ...]:
    """All operators that torch has, with their overloads."""
    names = operator_names()
    return tuple(sorted(f"{OPERATOR}{name.replace('::', '.')}" for name in names))


@functools.cache
def _guard(forbidden: tuple[str, ...]) -> Guard:
    """A guard against these names: making one looks for packages, which is too slow for every call."""
    return Guard(forbidden)


@functools.lru_cache(4096)
def _names(name: str) -> tuple[str, ...]:
    """All names that lists know something by: as it was called, where its code stands, and in the course's library."""
    if name.startswith(OPERATOR):
        place, called, *_ = name.removeprefix(OPERATOR).split(".")
        plain = f"{OPERATOR}{place}.{called}"
        return (plain, *([f"torch.{called}"] if place == "aten" else []))
    found = [name]
    if not any(fnmatchcase(name, f"{pattern}.*") for pattern in current().absent):
        return (name,)  # a student's process shall have nothing else imported here
    with contextlib.suppress(Exception):  # whatever it calls so
        value = pkgutil.resolve_name(name)
        found.append(f"{value.__module__}.{value.__qualname__}")
        library = current().library
        part = name.rpartition(".")[2]
        if library and getattr(pkgutil.resolve_name(library), part, None) is value:
            found.append(f"{library}.{part}")
    return tuple(found)


def _public(name: str) -> str:
    """How people call it."""
    part = name.rpartition(".")[2]
    for start, called in CALLED.items():
        if name.startswith(OPERATOR) and start in part:
            return called
    return f"torch.{part}" if name.startswith(f"{OPERATOR}aten.") and hasattr(torch, part) else name
