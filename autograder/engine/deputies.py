"""Compute for a student's process what it does not have: functions of libraries, as far as they are not asked for.

Which functions these are stands in :mod:`autograder.engine.allowed_functions`. They are computed under the eyes of the
same guard that watches answers in one process, so that a function which only wraps the operator is no way to it either.
"""

import contextlib
from collections.abc import Callable, Collection
from typing import Any

import torch
from torch import Generator, Tensor

from autograder.engine.allowed_functions import OPERATOR, ForbiddenError, NotServedError, function_for
from autograder.student.containers import tensors_in
from autograder.student.protocol import Connection, WireError
from autograder.student.serialization import Reader, Writer
from course.checking import calling
from course.checking.calling import LONGEST, OUT_OF_TIME, READY_MADE, neutral
from course.checking.guard import ReadyMadeError
from course.checking.limits import OutOfTimeError, time_limit
from course.checking.silence import quiet

ABSENT = "AbsentError"
Reply = tuple[dict[str, Any], list[Tensor]]


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
        except ForbiddenError as error:
            self.seen = self.seen or error.name
            reply, answer = {"failure": [READY_MADE, error.name]}, []
        except OutOfTimeError:
            reply, answer = {"failure": [OUT_OF_TIME, ""]}, []
        except NotServedError:
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
        function, guard = function_for(name, self.judged, self.backward, forbidden, self._operators)
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
                raise ForbiddenError(guard.seen)
        except ReadyMadeError:  # the guard's
            raise ForbiddenError(guard.seen) from None
        finally:
            torch.set_rng_state(before)
        reply["came"] = writer.value(came)
        reply["random"] = None if torch.equal(random, drawn) else writer.state(drawn)
        made = [(number, each) for number, each in reader.made.items() if isinstance(each, Generator)]
        reply["generators"] = [[number, writer.state(each.get_state())] for number, each in made]
        return reply, writer.tensors


def _gradients(came: Any, given: list[Tensor], outer: Any) -> tuple[Tensor | None, ...]:
    leaves = [tensor for tensor in given if tensor.requires_grad]
    outputs = [tensor for tensor in tensors_in(came) if tensor.requires_grad]
    known = [(output, gradient) for output, gradient in zip(outputs, outer, strict=True) if gradient is not None]
    return torch.autograd.grad(
        [output for output, _ in known], leaves, [gradient for _, gradient in known], allow_unused=True
    )
