"""Ask the grader to compute what a student's process does not have: its deputy for functions of libraries.

The grader answers while it waits for this process, be it for a cell's end or for an answer, and decides by what it is
judging what it computes (:mod:`autograder.engine.deputies`).
"""

import threading
from typing import Any

import torch
from torch import Generator, Tensor

from autograder.student.attached import with_gradients
from autograder.student.containers import all_tensors_in, tensors_in
from autograder.student.fake_cuda import DeviceMixError, Labelled, label, unlabel
from autograder.student.protocol import Connection, WireError
from autograder.student.serialization import Reader, Writer
from autograder.student.torch_internals import DisableTorchFunction
from course.checking.calling import OUT_OF_TIME, READY_MADE
from course.checking.guard import ReadyMadeError
from course.checking.limits import OutOfTimeError

_lock = threading.RLock()
_connection: Connection | None = None


class AbsentError(RuntimeError):
    """Something ready-made was called that a student's process does not have."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not here: work is graded without ready-made code")


def connect(connection: Connection) -> None:
    """From now on, ask by this connection."""
    global _connection
    _connection = connection


def ask(name: str, args: tuple, kwargs: dict[str, Any]) -> Any:
    """What the function of that dotted name gives, computed by the grader.

    Raises:
        AbsentError: the grader does not compute it here.
        ReadyMadeError: it is what the answer that is judged has to build itself.
        RuntimeError: what it raised, whatever that was.
    """
    with DisableTorchFunction():
        given = all_tensors_in((args, kwargs))
        elsewhere = [tensor for tensor in given if isinstance(tensor, Labelled)]
        if not elsewhere:
            return Question(name, args, kwargs).answer()
        if any(tensor.dim() for tensor in given if not isinstance(tensor, Labelled)):
            raise DeviceMixError("Expected all tensors to be on the same device, but found at least two devices!")
        return label(Question(name, unlabel(args), unlabel(kwargs)).answer())


class Question:
    """One call that the grader computes."""

    def __init__(self, name: str, args: tuple, kwargs: dict[str, Any]) -> None:
        self._name, self._args, self._kwargs = name, args, kwargs
        self._random = torch.get_rng_state()

    def answer(self) -> Any:
        """What it gives; random numbers are drawn as if it had been computed here."""
        reply, reader, writer = self._exchange(None)
        for number, form in reply["generators"]:
            original = writer.originals[number]
            if isinstance(original, Generator):
                original.set_state(reader.value(form).get_state())
        if reply["random"] is not None:
            torch.set_rng_state(reader.value(reply["random"]).get_state())
        return with_gradients(self, 0, reader.value(reply["came"]), tensors_in((self._args, self._kwargs)))

    def gradients(self, number: int, outer: tuple[Tensor | None, ...]) -> list[Tensor | None]:
        """The gradients by the tensors that want some, from ``outer``, those by the tensors of the answer."""
        with DisableTorchFunction():
            reply, reader, _ = self._exchange(outer)
            return list(reader.value(reply["came"]))

    def _exchange(self, outer: tuple[Tensor | None, ...] | None) -> tuple[dict[str, Any], Reader, Writer]:
        if _connection is None:  # while the preloaded process imports
            raise AbsentError(self._name)
        writer = Writer()
        request = {
            "do": "compute",
            "name": self._name,
            "args": writer.value(self._args),
            "kwargs": writer.value(self._kwargs),
            "random": writer.state(self._random),
            "gradients": torch.is_grad_enabled() or outer is not None,
            "outer": None if outer is None else writer.value(outer),
        }
        try:
            with _lock:  # threads of the student's may ask at the same time
                _connection.send(request, writer.tensors)
                reply, tensors = _connection.receive()
        except WireError as error:
            raise RuntimeError(f"{self._name} cannot be computed: {error}") from None
        if "failure" not in reply:
            return reply, Reader(tensors), writer
        kind, message = reply["failure"]
        if kind == READY_MADE:
            raise ReadyMadeError(message)
        if kind == AbsentError.__name__:
            raise AbsentError(self._name)
        if kind == OUT_OF_TIME:
            raise OutOfTimeError
        raise {"ValueError": ValueError, "TypeError": TypeError, "IndexError": IndexError}.get(kind, RuntimeError)(
            message
        )
