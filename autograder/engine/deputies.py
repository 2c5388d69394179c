"""Compute for a student's process what it does not have: functions of libraries, as far as they are not asked for.

What an exercise asks for is named in its check, and nothing is computed that an exercise asks for which comes later.
Whatever else a course serves is computed under the eyes of the same guard that watches answers in one process, so that
a function which only wraps the operator is no way to it either.
"""

import contextlib
import functools
import pkgutil
from collections.abc import Callable, Collection
from fnmatch import fnmatchcase
from typing import Any

import torch
from torch import Generator, Tensor

from autograder.grader.grading import ready_made
from autograder.spec import current
from autograder.student.containers import tensors_in
from autograder.student.protocol import Connection, Reader, WireError, Writer
from autograder.student.torch_internals import operator_names
from course.checking import calling
from course.checking.calling import LONGEST, OUT_OF_TIME, READY_MADE, neutral
from course.checking.guard import Guard, ReadyMadeError
from course.checking.limits import OutOfTimeError, time_limit
from course.checking.silence import quiet

OPERATOR = "torch.ops."
TRANSPOSED = "aten.conv_transpose"
# an operator of torch's, by the start of its name, as people call it
CALLED = {"grid_sampler": "torch.nn.functional.grid_sample", "col2im": "torch.nn.functional.fold"}
ABSENT = "AbsentError"
Reply = tuple[dict[str, Any], list[Tensor]]


class _NotServedError(Exception):
    """Nothing is computed by that name now."""


class _ForbiddenError(Exception):
    """What is asked for by that name is what the judged exercise asks for."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Deputies:
    """What is computed for one student's process.

    Attributes:
        judged: the exercise whose answer is called, or ``""``: then everything that the course serves is computed.
        backward: whether the gradients of an answer are asked for, which torch's operators may compute.
        seen: the first forbidden name that was called since :meth:`judge`.

    Args:
        ready_made: for an exercise, the names that its answer may not call.
        operators: of torch's, in whose place the grader stands in the process.
    """

    def __init__(self, ready_made: Callable[[str], tuple[str, ...]], operators: Collection[str] = ()) -> None:
        self._operators = frozenset(name for name in operators if name.startswith(f"{OPERATOR}aten."))
        self.judged = ""
        self.backward = False
        self.seen = ""
        self._ready_made = ready_made

    def judge(self, name: str, backward: bool = False) -> None:
        """From now on, an answer to the exercise ``name`` is called."""
        self.judged, self.backward, self.seen = name, backward, ""

    def answer(self, connection: Connection, request: dict[str, Any], tensors: list[Tensor]) -> None:
        """Compute what a process asks for, and send it.

        Raises:
            WireError: it has asked for nothing, or is gone.
        """
        if request.get("do") != "compute":
            raise WireError("the process with your code talks nonsense")
        try:
            reply, answer = self._compute(str(request["name"]), request, Reader(tensors, strides=False))
        except _ForbiddenError as error:
            self.seen = self.seen or error.name
            reply, answer = {"failure": [READY_MADE, error.name]}, []
        except OutOfTimeError:
            reply, answer = {"failure": [OUT_OF_TIME, ""]}, []
        except _NotServedError:
            reply, answer = {"failure": [ABSENT, ""]}, []
        except WireError:
            raise
        except Exception as error:  # the function's own, for what it was given
            reply, answer = {"failure": [type(error).__name__, str(error)[:LONGEST]]}, []
        try:
            connection.send(reply, answer)
        except WireError as error:
            connection.send({"failure": ["ValueError", str(error)]})

    def _compute(self, name: str, request: dict[str, Any], reader: Reader) -> Reply:
        forbidden = tuple(self._ready_made(self.judged)) if self.judged else ()
        function, guard = _function(name, self.judged, self.backward, forbidden, self._operators)
        guard.seen = ""
        args, kwargs = reader.value(request["args"]), reader.value(request["kwargs"])
        if not isinstance(args, tuple) or not isinstance(kwargs, dict):
            raise WireError("no arguments")
        given, writer = tensors_in((args, kwargs)), Writer()
        random = reader.value(request["random"]).get_state()
        before, reply = torch.get_rng_state(), {}
        grad = torch.enable_grad() if request["gradients"] is True else torch.no_grad()
        try:
            with contextlib.ExitStack() as around:
                if not self.judged:  # else this is done already, for the whole call
                    around.enter_context(quiet())
                    around.enter_context(neutral())
                for each in (grad, time_limit(calling.SECONDS, busy=True), guard):
                    around.enter_context(each)
                torch.set_rng_state(random)
                came = function(*args, **kwargs)
                drawn = torch.get_rng_state()
                if request["outer"] is not None:
                    came = _gradients(came, given, reader.value(request["outer"]))
            if guard.seen:
                raise _ForbiddenError(guard.seen)
        except ReadyMadeError:  # the guard's
            raise _ForbiddenError(guard.seen) from None
        finally:
            torch.set_rng_state(before)
        reply["came"] = writer.value(came)
        reply["random"] = None if torch.equal(random, drawn) else writer.state(drawn)
        made = [(number, each) for number, each in reader.made.items() if isinstance(each, Generator)]
        reply["generators"] = [[number, writer.state(each.get_state())] for number, each in made]
        return reply, writer.tensors


@functools.lru_cache(1024)
def _function(
    name: str, judged: str, backward: bool, forbidden: tuple[str, ...], operators: frozenset[str]
) -> tuple[Callable, Guard]:
    """A function that may be computed now, and who watches it.

    Raises:
        _ForbiddenError: the exercise asks for it.
        _NotServedError: the course does not serve it, or it comes after what is judged.
    """
    operator, names = name.startswith(OPERATOR), _names(name)
    if not (operator and backward):
        for each in names:
            if any(fnmatchcase(each, pattern) for pattern in forbidden):
                raise _ForbiddenError(_public(each))
    if operator:
        base = f"{OPERATOR}aten.convolution" if TRANSPOSED in name else name  # with that one's arguments
        if base not in operators:
            raise _NotServedError
        operation: Callable = pkgutil.resolve_name(f"torch:{base.removeprefix('torch.')}")
        return operation, Guard()
    course = current()
    served, known, part = course.served_functions(), course.all_exercises(), name.rpartition(".")[2]
    function = next((served[each] for each in names if each in served), None)
    if function is None:
        raise _NotServedError
    if not judged:
        return function, Guard()
    for each, exercise in known.items():  # batched_nms is good for nms as well
        later = judged not in known or exercise.place >= known[judged].place
        if later and (part == each or part.endswith(f"_{each}")):
            raise _NotServedError
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


def _gradients(came: Any, given: list[Tensor], outer: Any) -> tuple[Tensor | None, ...]:
    leaves = [tensor for tensor in given if tensor.requires_grad]
    outputs = [tensor for tensor in tensors_in(came) if tensor.requires_grad]
    known = [(output, gradient) for output, gradient in zip(outputs, outer, strict=True) if gradient is not None]
    return torch.autograd.grad(
        [output for output, _ in known], leaves, [gradient for _, gradient in known], allow_unused=True
    )
