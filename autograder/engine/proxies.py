"""Stand-ins, on the grader's side, for what a student's process holds.

Cases run against them as against the functions themselves: arguments go over by value, and what the call did comes
back: the answer, gradients, changed arguments, random states. Only values come back, so a process can lie about nothing
but its answers, and those are compared here.
"""

import contextlib
import weakref
from collections.abc import Callable, Collection, Iterator
from typing import Any

import torch
from torch import Generator, Tensor

from autograder.engine.conversation import Conversation
from autograder.engine.remote_module import RemoteModule
from autograder.engine.seeds import derived, exercise_seed
from autograder.engine.transfer import error_of, overwrite, sharing
from autograder.grader.answer import Answer
from autograder.grader.disguise import Disguise
from autograder.spec import current
from autograder.student.attached import with_gradients
from autograder.student.containers import lists_in, tensors_in
from autograder.student.fake_cuda import Labelled, label
from autograder.student.protocol import Connection, WireError
from autograder.student.serialization import Reader, Writer
from autograder.student.torch_internals import DisableTorchFunction
from course.checking import calling
from course.checking.calling import GONE, READY_MADE, Failure, StoppedElsewhere
from course.checking.guard import Guard, ReadyMadeError


class UndefinedError(NameError):
    """The student's code calls nothing by this ``name``."""

    def __init__(self, name: str) -> None:
        super().__init__(f"name {name!r} is not defined", name=name)


class Process(Conversation):
    """A student's process as the grader meets it: its functions can be looked up and called.

    Args:
        connection: to its :class:`autograder.student.request_handler.Answering`.
        waiting: called while an answer is awaited; raises :class:`WireError` to give the process up.
        ready_made: for an exercise, the names that its answer may not call.
        secret: the hand-in's, from which the seeds of random inputs derive; nothing that derives from it goes there but
            what nobody can trace back (:class:`autograder.grader.disguise.Disguise`).
        operators: of torch's, in whose place the grader stands there.
    """

    def __init__(
        self,
        connection: Connection,
        waiting: Callable[[], None],
        ready_made: Callable[[str], tuple[str, ...]],
        secret: bytes,
        operators: Collection[str] = (),
    ) -> None:
        super().__init__(connection, waiting, ready_made, operators)
        self.secret = secret
        self._calls = 0
        self.disguise = Disguise(derived(secret, b"random states"))
        self._random: Tensor | None = None  # the grader's random state that the process was told of, in disguise
        self._called: dict[int, str] = {}  # functions, by number of the call
        self._answers: dict[int, list[weakref.ref[Tensor]]] = {}

    def lookup(self, name: str) -> Any:
        """A stand-in for what the student's code calls ``name``.

        Raises:
            UndefinedError: it calls nothing so.
        """
        reply, _ = self.ask({"do": "lookup", "name": name})
        if not reply.get("there"):
            raise UndefinedError(name)
        if reply.get("callable") is True:
            return RemoteFunction(self, name)
        try:
            return Reader([]).value({"other": reply.get("type")})
        except WireError:
            self.gone = "the process with your code talks nonsense"
            raise StoppedElsewhere(Failure(GONE, self.gone)) from None

    def call(self, name: str, args: tuple, kwargs: dict[str, Any], **module: Any) -> Any:
        """Call the function ``name`` there, or a module that an earlier call made."""
        with DisableTorchFunction():
            return self._call(name, args, kwargs, module)

    def _call(self, name: str, args: tuple, kwargs: dict[str, Any], module: dict[str, Any]) -> Any:
        self._calls += 1
        number = self._calls
        weights: dict[str, Tensor] = module.get("weights", {})
        given = tensors_in((args, kwargs))
        elsewhere = any(isinstance(tensor, Labelled) for tensor in [*given, *weights.values()])
        writer = Writer(strides=True, state=self.disguise.there)
        request = {
            "do": "call",
            "name": name,
            "number": number,
            "args": writer.value(args),
            "kwargs": writer.value(kwargs),
            "random": self._drawn(writer),
            "no_grad": not torch.is_grad_enabled(),
            "elsewhere": elsewhere,
            "seconds": calling.limit(),
            **module,
        }
        if module:
            request["weights"] = {"dict": [[key, writer.value(value)] for key, value in weights.items()]}
        self._called[number] = name
        reply, reader = self._judged(request, writer.tensors, name)
        try:
            failure = error_of(reply["failure"]) if "failure" in reply else None
            if failure and len(reply) == 1:  # outside the call: an object of the student's refuses what is asked of it
                self._random = None
            else:
                self._take_changes(reply, reader, writer, given)
                lists = lists_in((args, kwargs))
                for place, form in reply["lists"]:
                    lists[place][:] = reader.value(form)
            came = None if failure else self._answer(name, number, reply, reader, [*given, *weights.values()])
        except (WireError, KeyError, TypeError, ValueError, IndexError, AttributeError, RuntimeError) as error:
            self.gone = f"the process with your code gave no proper answer ({type(error).__name__})"
            raise StoppedElsewhere(Failure(GONE, self.gone)) from None
        if failure:
            raise failure
        return label(came) if elsewhere else came

    def _judged(
        self, request: dict[str, Any], tensors: list[Tensor], name: str, backward: bool = False
    ) -> tuple[dict[str, Any], Reader]:
        """Ask for an answer of the function ``name``, which may not call what is ready-made."""
        self.deputies.judge(name, backward)
        reply, reader = self.ask(request, tensors)
        if seen := self.deputies.seen:  # also where the student's code caught the error
            raise StoppedElsewhere(Failure(READY_MADE, str(ReadyMadeError(seen))))
        return reply, reader

    def _drawn(self, writer: Writer) -> Any:
        """The state of torch's random numbers where it is not the one that the process knows, else ``None``."""
        state = torch.get_rng_state()
        if self._random is not None and torch.equal(state, self._random):
            return None
        self._random = state
        return writer.state(state)

    def _answer(self, name: str, number: int, reply: dict[str, Any], reader: Reader, given: list[Tensor]) -> Any:
        form = reply["came"]
        if isinstance(form, dict) and "module" in form:
            return RemoteModule(self.call, name, form, reader)
        came = with_gradients(self, number, sharing(reader.value(form), given, reply["shares"]), given)
        self._answers[number] = [weakref.ref(t) for t in tensors_in(came) if t.layout == torch.strided]
        return came

    def _take_changes(self, reply: dict[str, Any], reader: Reader, writer: Writer, given: list[Tensor]) -> None:
        """Do here what the call did there: to arguments, to random generators, and to answers of earlier calls."""
        if reply["random"] is not None and self._random is not None:
            torch.set_rng_state(self.disguise.here(self._random, reader.value(reply["random"]).get_state()))
            self._random = None  # equal states here are equal states there: what it has come to is told anew
        for number, form in reply["generators"]:
            original, came = writer.originals[number], reader.value(form).get_state()
            if isinstance(original, Generator) and not torch.equal(came, writer.tensors[number]):
                original.set_state(self.disguise.here(original.get_state(), came))
        for number, form in reply["arguments"]:
            overwrite(given[number], reader.value(form))
        for number, place, form in reply["answers"]:
            earlier = self._answers[number][place]()
            if earlier is not None:
                overwrite(earlier, reader.value(form))

    def gradients(self, number: int, outer: tuple[Tensor | None, ...]) -> list[Tensor | None]:
        """The gradients by what call ``number`` was given, from ``outer``, those by what it answered."""
        writer = Writer()
        forms = [writer.value(gradient) for gradient in outer]
        request = {"do": "gradients", "number": number, "outer": forms, "seconds": calling.limit()}
        reply, reader = self._judged(request, writer.tensors, self._called[number], backward=True)
        if "failure" in reply:
            raise error_of(reply["failure"])
        found = reader.value(reply.get("came"))
        return list(found) if isinstance(found, tuple | list) else []


class RemoteFunction(Answer):
    """A function, or a class, in the student's process."""

    def __init__(self, process: Process, name: str) -> None:
        self.process = process
        self.disguise = process.disguise
        self.__name__ = name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What it gives in the student's process."""
        return self.process.call(self.__name__, args, kwargs)

    @property
    def function(self) -> "RemoteFunction":
        """Itself."""
        return self

    def watched(self, guard: Guard) -> "RemoteFunction":
        """Itself: the guard that watches it is in its process."""
        return self

    def seed(self, name: str) -> int:
        """What derives from the course's secret, and from everything that the student handed in."""
        return exercise_seed(self.process.secret, name)

    @contextlib.contextmanager
    def neighbours(self, names: Collection[str], guard: Guard) -> Iterator[bool]:
        """Have them swapped in the student's process."""
        request = {"do": "neighbours", "name": self.__name__, "library": current().library}
        reply, _ = self.process.ask({**request, "names": sorted(names)})
        try:
            yield reply.get("swapped") is True
        finally:
            if not self.process.gone:
                self.process.ask({**request, "names": []})
