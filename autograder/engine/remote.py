"""Stand-ins, on the grader's side, for what a student's process holds.

Cases run against them as against the functions themselves: arguments go over by value, and what the call did comes
back: the answer, gradients, changed arguments, random states. Only values come back, so a process can lie about nothing
but its answers, and those are compared here.
"""

import contextlib
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Generator, Tensor, nn

from autograder.student import namespace
from autograder.student.nested import lists_in, tensors_in
from autograder.student.other_device import DeviceMixError, Labelled, label
from autograder.student.wire import Connection, Reader, WireError, Writer
from course.checks.calling import GONE, OUT_OF_TIME, Failure, OutOfTimeError, StoppedElsewhere
from course.checks.guard import Guard, watched

SECONDS = 8.0  # of computing for one call, as in course.checks
SILENT = 20.0  # seconds without a whole answer after which a process is given up; calls have their own, shorter limits


class Process:
    """A student's process as the grader speaks to it.

    Args:
        connection: to its :class:`autograder.student.answering.Answering`.
        waiting: called while an answer is awaited; raises :class:`WireError` to give the process up.
        ready_made: for an exercise, the names that its answer may not call.
        text: for an exercise, the student's text, from which the seed of random inputs derives.
    """

    def __init__(
        self,
        connection: Connection,
        waiting: Callable[[], None],
        ready_made: Callable[[str], tuple[str, ...]],
        text: Callable[[str], str],
    ) -> None:
        self.connection = connection
        self.ready_made = ready_made
        self.text = text
        self.gone = ""  # why nothing more can be asked
        self._waiting = waiting
        self._calls = 0
        self._random: Tensor | None = None
        self._answers: dict[int, list[weakref.ref[Tensor]]] = {}

    def ask(self, request: dict[str, Any], tensors: list[Tensor] | None = None) -> tuple[dict[str, Any], Reader]:
        """Send a request and give the reply.

        Raises:
            StoppedElsewhere: the process is gone, or talks nonsense; it is given up for good.
        """
        if self.gone:
            raise StoppedElsewhere(Failure(GONE, self.gone))
        try:
            self.connection.send(request, tensors)
            reply, answer = self.connection.receive(self._waiting, SILENT if request["do"] == "call" else SILENT / 2)
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

    def lay(self, name: str, content: bytes) -> None:
        """Write a file into the folder in which the student's code runs."""
        writer = Writer()
        form = writer.value(torch.from_numpy(np.frombuffer(content, np.uint8).copy()))
        self.ask({"do": "lay", "name": name, "content": form}, writer.tensors)

    def look(self, name: str) -> Any:
        """A stand-in for what the student's code calls ``name``.

        Raises:
            NameError: it calls nothing so.
        """
        reply, _ = self.ask({"do": "look", "name": name})
        if not reply.get("there"):
            raise NameError(f"name {name!r} is not defined")
        if reply.get("callable") is True:
            return RemoteFunction(self, name)
        try:
            return Reader([]).value({"other": reply.get("type")})
        except WireError:
            self.gone = "the process with your code talks nonsense"
            raise StoppedElsewhere(Failure(GONE, self.gone)) from None

    def call(self, name: str, args: tuple, kwargs: dict[str, Any], **module: Any) -> Any:
        """Call the function ``name`` there, or a module that an earlier call made."""
        with torch._C.DisableTorchFunction():
            return self._call(name, args, kwargs, module)

    def _call(self, name: str, args: tuple, kwargs: dict[str, Any], module: dict[str, Any]) -> Any:
        self._calls += 1
        number = self._calls
        weights: dict[str, Tensor] = module.get("weights", {})
        given = tensors_in((args, kwargs))
        elsewhere = any(isinstance(tensor, Labelled) for tensor in [*given, *weights.values()])
        writer = Writer(strides=True)
        request = {
            "do": "call",
            "name": name,
            "number": number,
            "args": writer.value(args),
            "kwargs": writer.value(kwargs),
            "random": self._drawn(writer),
            "no_grad": not torch.is_grad_enabled(),
            "elsewhere": elsewhere,
            "seconds": SECONDS,
            "ready_made": self.ready_made(name),
            **module,
        }
        if module:
            request["weights"] = {"dict": [[key, writer.value(value)] for key, value in weights.items()]}
        reply, reader = self.ask(request, writer.tensors)
        try:
            self._take_changes(reply, reader, writer, given)
            lists = lists_in((args, kwargs))
            for place, form in reply["lists"]:
                lists[place][:] = reader.value(form)
            failure = _error(reply["failure"]) if "failure" in reply else None
            came = None if failure else self._answer(name, number, reply, reader, [*given, *weights.values()])
        except (WireError, KeyError, TypeError, ValueError, IndexError, AttributeError, RuntimeError) as error:
            self.gone = f"the process with your code gave no proper answer ({type(error).__name__})"
            raise StoppedElsewhere(Failure(GONE, self.gone)) from None
        if failure:
            raise failure
        return label(came) if elsewhere else came

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
            return RemoteModule(self, name, form, reader)
        came = self._with_slopes(number, _sharing(reader.value(form), given, reply["shares"]), given)
        self._answers[number] = [weakref.ref(t) for t in tensors_in(came) if t.layout == torch.strided]
        return came

    def _take_changes(self, reply: dict[str, Any], reader: Reader, writer: Writer, given: list[Tensor]) -> None:
        """Do here what the call did there: to arguments, to random generators, and to answers of earlier calls."""
        if reply["random"] is not None:
            self._random = reader.value(reply["random"]).get_state()
            torch.set_rng_state(self._random)
        for number, form in reply["generators"]:
            original = writer.originals[number]
            if isinstance(original, Generator):
                original.set_state(reader.value(form).get_state())
        for number, form in reply["arguments"]:
            _overwrite(given[number], reader.value(form))
        for number, place, form in reply["answers"]:
            earlier = self._answers[number][place]()
            if earlier is not None:
                _overwrite(earlier, reader.value(form))

    def _with_slopes(self, number: int, came: Any, given: list[Tensor]) -> Any:
        """The answer, attached to the tensors that it was computed from where those want gradients."""
        leaves = [tensor for tensor in given if tensor.requires_grad]
        outputs = [tensor for tensor in tensors_in(came) if tensor.layout == torch.strided and tensor.requires_grad]
        plain = {id(t): t.detach() if t.requires_grad else t for t in tensors_in(came)}
        if leaves and outputs and torch.is_grad_enabled():
            attached = _Attach.apply(self, number, len(outputs), *(plain[id(t)] for t in outputs), *leaves)
            plain |= {id(output): result for output, result in zip(outputs, attached, strict=True)}
        return _mapped(came, plain)

    def slopes(self, number: int, slopes: tuple[Tensor | None, ...]) -> list[Tensor | None]:
        """The gradients of answer ``number`` by what its call was given."""
        writer = Writer()
        forms = [writer.value(slope) for slope in slopes]
        request = {"do": "slopes", "number": number, "slopes": forms, "seconds": SECONDS}
        reply, reader = self.ask(request, writer.tensors)
        if "failure" in reply:
            raise _error(reply["failure"])
        found = reader.value(reply.get("came"))
        return list(found) if isinstance(found, tuple | list) else []


class MixElsewhere(StoppedElsewhere, DeviceMixError):
    """Tensors of two devices met in the student's process."""


class RemoteFunction:
    """A function, or a class, in the student's process."""

    def __init__(self, process: Process, name: str) -> None:
        self.process = process
        self.__name__ = name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What it gives in the student's process."""
        return self.process.call(self.__name__, args, kwargs)


class RemoteModule(nn.Module):
    """A module that the student's class made: its weights are here, and go along with every call."""

    def __init__(self, process: Process, name: str, form: dict[str, Any], reader: Reader) -> None:
        super().__init__()
        self._process, self._name, self._number = process, name, int(form["module"])
        values: dict[str, Tensor] = {}
        for path, first, is_parameter, value in form["state"]:
            if first not in values:
                plain = reader.value(value).detach()
                values[first] = nn.Parameter(plain, bool(value.get("grad"))) if is_parameter else plain
            *folders, leaf = str(path).split(".")
            owner: nn.Module = self
            for folder in folders:
                if folder not in owner._modules:
                    owner.add_module(folder, nn.Module())
                owner = owner.get_submodule(folder)
            if is_parameter:
                owner.register_parameter(leaf, values[first])  # type: ignore[arg-type]
            else:
                owner.register_buffer(leaf, values[first])
        self.train(bool(form["training"]))

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the student's module gives for these inputs and the present weights."""
        state = self.state_dict(keep_vars=True)
        further = _repeated(state)
        weights = {name: value for name, value in state.items() if name not in further}
        module = {"module": self._number, "training": self.training, "weights": weights}
        return self._process.call(self._name, args, kwargs, **module)


class _Attach(torch.autograd.Function):
    """Answers of a call, tied to the tensors that it was given: their gradients are asked for in the process."""

    @staticmethod
    def forward(ctx: Any, process: Process, number: int, count: int, *tensors: Tensor) -> tuple[Tensor, ...]:
        ctx.process, ctx.number, ctx.count = process, number, count
        ctx.shapes = [(tensor.shape, tensor.dtype) for tensor in tensors[count:]]
        ctx.set_materialize_grads(False)
        return tuple(tensor.clone() for tensor in tensors[:count])

    @staticmethod
    def backward(ctx: Any, *slopes: Tensor | None) -> tuple[Tensor | None, ...]:
        found = ctx.process.slopes(ctx.number, slopes)
        for slope, (shape, dtype) in zip(found, ctx.shapes, strict=True):
            if slope is not None and (slope.shape, slope.dtype) != (shape, dtype):
                raise RuntimeError(f"a gradient of shape {tuple(slope.shape)} for a tensor of shape {tuple(shape)}")
        return (None, None, None, *[None] * ctx.count, *found)


def _error(failure: list) -> BaseException:
    kind, message, where = (str(part)[:400] for part in failure)
    if kind == OUT_OF_TIME:
        return OutOfTimeError()
    if kind == DeviceMixError.__name__:
        return MixElsewhere(Failure(kind, message, where))
    return StoppedElsewhere(Failure(kind, message, where))


def _overwrite(tensor: Tensor, value: Tensor) -> None:
    """Make ``tensor`` what it became in the student's process, its storage too, which others may look at."""
    if tensor.is_leaf and tensor.requires_grad != value.requires_grad:
        tensor.requires_grad_(value.requires_grad)
    if tensor.shape == value.shape and tensor.dtype == value.dtype and tensor.is_contiguous():
        tensor.data.copy_(value.detach())
    else:
        tensor.data = value.detach()


def _sharing(came: Any, given: list[Tensor], shares: list) -> Any:
    """The answer with those tensors that lay in an argument's memory there lying in the argument's memory here."""
    tensors = tensors_in(came)
    places = {id(tensor): tensor for tensor in tensors}
    for place, owner, shape, strides, offset in shares:
        tensor, source = tensors[place], given[owner].detach().as_subclass(Tensor)
        if list(tensor.shape) != shape:
            continue
        view = source.as_strided(shape, strides, source.storage_offset() + offset)
        if not tensor.requires_grad and torch.equal(view.nan_to_num(), tensor.nan_to_num()):
            places[id(tensor)] = view
    return _mapped(came, places)


def _mapped(value: Any, tensors: dict[int, Tensor]) -> Any:
    """``value`` with each tensor replaced by the one that stands for it."""
    if isinstance(value, Tensor):
        return tensors[id(value)]
    if isinstance(value, tuple | list):
        return type(value)(_mapped(part, tensors) for part in value)
    if isinstance(value, dict):
        return {key: _mapped(part, tensors) for key, part in value.items()}
    return value


def _repeated(state: dict[str, Tensor]) -> set[str]:
    """Further names of tensors that are in a state already."""
    seen: set[int] = set()
    return {name for name, value in state.items() if id(value) in seen or seen.add(id(value))}  # type: ignore[func-returns-value]


@watched.register
def _watched(function: RemoteFunction, guard: Guard) -> RemoteFunction:
    return RemoteFunction(function.process, function.__name__)


@namespace.seed.register
def _seed(answer: RemoteFunction, name: str) -> int:
    return namespace.seed_of(name, answer.process.text(name))


@namespace.library_neighbours.register
@contextlib.contextmanager
def _neighbours(answer: RemoteFunction, names: set[str], guard: Guard) -> Iterator[bool]:
    process, request = answer.process, {"do": "neighbours", "name": answer.__name__, "ready_made": guard.names}
    reply, _ = process.ask({**request, "names": sorted(names)})
    try:
        yield reply.get("swapped") is True
    finally:
        if not process.gone:
            process.ask({**request, "names": []})
