"""Talk with a student's process: a request goes over and its reply comes back, or the process is given up for good.

While a reply is awaited, the process may ask for what it does not have; that is computed here
(:mod:`autograder.engine.deputies`).
"""

from collections.abc import Callable, Collection
from typing import Any

import numpy as np
import torch
from torch import Tensor

from autograder.engine.deputies import Deputies
from autograder.student.protocol import Connection, WireError
from autograder.student.serialization import Reader, Writer
from course.checking.calling import GONE, Failure, StoppedElsewhere

SILENT = 20.0  # seconds without a whole answer after which a process is given up; calls have their own, shorter limits


class Conversation:
    """The requests to one student's process, one at a time.

    Args:
        connection: to its :class:`autograder.student.request_handler.Answering`.
        waiting: called while an answer is awaited; raises :class:`WireError` to give the process up.
        ready_made: for an exercise, the names that its answer may not call.
        operators: of torch's, in whose place the grader stands there.

    Attributes:
        deputies: what is computed here for the process.
        gone: why nothing more can be asked, or ``""``.
    """

    def __init__(
        self,
        connection: Connection,
        waiting: Callable[[], None],
        ready_made: Callable[[str], tuple[str, ...]],
        operators: Collection[str] = (),
    ) -> None:
        self.connection = connection
        self.deputies = Deputies(ready_made, operators)
        self.gone = ""
        self._waiting = waiting

    def ask(self, request: dict[str, Any], tensors: list[Tensor] | None = None) -> tuple[dict[str, Any], Reader]:
        """Send a request and give the reply.

        Raises:
            StoppedElsewhere: the process is gone, or talks nonsense; it is given up for good.
        """
        if self.gone:
            raise StoppedElsewhere(Failure(GONE, self.gone))
        try:
            self.connection.send(request, tensors)
            reply, answer = self._reply(SILENT if request["do"] == "call" else SILENT / 2)
        except WireError as error:
            self.gone = f"the process with your code stopped answering: {error}"
            raise StoppedElsewhere(Failure(GONE, self.gone)) from None
        except BaseException:  # our own time limit: an answer that comes later would be taken for the next one's
            self.gone = "the process with your code did not answer in time"
            raise
        if "replaced" in reply:
            self.gone = f"your code replaced {str(reply['replaced'])[:100]}, which judges it"
            raise StoppedElsewhere(Failure(GONE, self.gone))
        return reply, Reader(answer, strides=False)

    def _reply(self, seconds: float) -> tuple[dict[str, Any], list[Tensor]]:
        """The reply to a request; what the process asks for on the way there is computed for it."""
        end = self.connection.clock() + seconds
        while True:
            reply, answer = self.connection.receive(self._waiting, max(0.0, end - self.connection.clock()))
            if "do" not in reply:
                return reply, answer
            self.deputies.answer(self.connection, reply, answer)

    def compute(self) -> None:
        """Compute what the process has asked for while a cell runs in it.

        Raises:
            WireError: it has asked for nothing, or is gone; it is given up for good.
        """
        try:
            self.deputies.judge("")
            self.deputies.answer(self.connection, *self.connection.receive(self._waiting, SILENT / 2))
        except WireError as error:
            self.gone = f"the process with your code talks nonsense: {error}"
            raise

    def put_file(self, name: str, content: bytes) -> None:
        """Write a file into the folder in which the student's code runs."""
        writer = Writer()
        form = writer.value(torch.from_numpy(np.frombuffer(content, np.uint8).copy()))
        self.ask({"do": "put_file", "name": name, "content": form}, writer.tensors)
