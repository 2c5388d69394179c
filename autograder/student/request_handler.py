"""Answer the grader's calls in the student's process.

One request is one JSON object with ``do``; the reply is one object as well. What the student's code raises, or takes
too long for, becomes a reply too (:func:`course.checking.calling.call`).
"""

import contextlib
import logging
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import torch
from torch import Generator, Tensor, nn
from torch.func import functional_call

from autograder.student import deputy, namespace
from autograder.student.call_effects import EarlierAnswers, Given, shares
from autograder.student.containers import tensors_in
from autograder.student.fake_cuda import on_other_device
from autograder.student.protocol import Connection, WireError
from autograder.student.serialization import Reader, Writer
from course.checking.calling import LONGEST, Failure, call
from course.checking.guard import Guard

Reply = tuple[dict[str, Any], list[Tensor]]


class Answering:
    """What the grader may ask of one student's namespace."""

    def __init__(self, connection: Connection, names: dict[str, Any]) -> None:
        self.connection = connection
        self.names = names
        self._modules: list[nn.Module] = []
        self._earlier = EarlierAnswers()
        self._neighbours = ExitStack()
        self._random = torch.get_rng_state()
        deputy.connect(connection)

    def serve(self) -> bool:
        """Answer one request; give whether there will be more."""
        try:
            request, tensors = self.connection.receive()
        except WireError:
            return False
        if logging.root.manager.disable < logging.CRITICAL:  # each change of it costs more than many a call
            logging.disable(logging.CRITICAL)
        what = {
            "put_file": self._put_file,
            "lookup": self._lookup,
            "call": self._call,
            "gradients": self._gradients,
            "neighbours": self._swap,
        }
        try:
            reply, answer = what[request["do"]](request, Reader(tensors))
        except Exception as error:  # the student's objects may refuse whatever we ask of them
            reply, answer = _failed(Failure(type(error).__name__, str(error)[:LONGEST])), []
        try:
            self.connection.send(reply, answer)
        except WireError as error:
            self.connection.send(_failed(Failure("ValueError", f"the answer cannot be handed over: {error}")))
        return True

    def _put_file(self, request: dict, reader: Reader) -> Reply:
        """Write a file that was handed in beside the notebook, before any of the student's code runs."""
        path = Path(request["name"])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(reader.value(request["content"]).numpy().tobytes())
        return {}, []

    def _lookup(self, request: dict, reader: Reader) -> Reply:
        """What a name stands for: whether it is there, can be called, and of which type it is."""
        if request["name"] not in self.names:
            return {"there": False}, []
        value = self.names[request["name"]]
        kind = type(value)
        return {"there": True, "callable": callable(value), "type": [str(kind.__module__), str(kind.__name__)]}, []

    def _swap(self, request: dict, reader: Reader) -> Reply:
        """Put the library's functions in the place of the student's; without names, take them out again."""
        self._neighbours.close()
        answer, names = self.names.get(request["name"]), set(request["names"])
        swap = namespace.library_neighbours(answer, names, Guard(), request["library"])
        return {"swapped": self._neighbours.enter_context(swap)}, []

    def _call(self, request: dict, reader: Reader) -> Reply:
        """Call a function, make a module, or call one that was made."""
        args, kwargs = reader.value(request["args"]), reader.value(request["kwargs"])
        given = Given(args, kwargs)
        if request["random"] is not None:  # else the grader's random numbers stand where the last call left them
            self._random = reader.value(request["random"]).get_state()
        module: nn.Module | None = None
        weights: dict[str, Tensor] = {}
        if "module" in request:
            module, weights = self._modules[request["module"]], reader.value(request["weights"])
        came = call(lambda: self._run(request, module, weights, args, kwargs), seconds=request["seconds"])
        writer = Writer()
        try:
            reply = _failed(came) if isinstance(came, Failure) else {"came": self._answer(came, writer)}
        except WireError as error:
            came, writer = Failure("ValueError", f"the answer cannot be handed over: {error}"), Writer()
            reply = _failed(came)
        reply["random"] = self._drawn(writer)
        reply["shares"] = [] if isinstance(came, Failure | nn.Module) else shares(tensors_in(came), given.tensors)
        reply["arguments"] = given.changed_tensors(writer)
        reply["generators"] = [
            [number, writer.state(made.get_state())]
            for number, made in reader.made.items()
            if isinstance(made, Generator)
        ]
        reply["answers"] = self._earlier.changed(writer)
        reply["lists"] = given.changed_lists(writer)
        if not isinstance(came, Failure | nn.Module):
            own = module.state_dict(keep_vars=True) if module is not None else {}
            leaves = [*given.tensors, *(own[name] for name in weights)]
            self._earlier.keep(request["number"], came, [leaf for leaf in leaves if leaf.requires_grad])
        return reply, writer.tensors

    def _run(
        self, request: dict, module: nn.Module | None, weights: dict[str, Tensor], args: tuple, kwargs: dict
    ) -> Any:
        """What the student's code gives, with torch's random numbers, mode and device as the grader asks."""
        torch.set_rng_state(self._random)
        function = self.names[request["name"]] if module is None else module
        if module is not None:
            module.train(request["training"])
            _load(module, weights)
        with torch.no_grad() if request["no_grad"] else contextlib.nullcontext():
            if not request["elsewhere"]:
                return function(*args, **kwargs)
            if module is None:
                return on_other_device(function)(*args, **kwargs)
            return on_other_device(lambda moved, *inputs: functional_call(module, moved, inputs))(weights, *args)

    def _drawn(self, writer: Writer) -> Any:
        """The state of torch's random numbers where a call has drawn some, else ``None``."""
        state = torch.get_rng_state()
        if torch.equal(state, self._random):
            return None
        self._random = state
        return writer.state(state)

    def _answer(self, came: Any, writer: Writer) -> Any:
        if not isinstance(came, nn.Module):
            return writer.value(came)
        self._modules.append(came)
        state = {name: value for name, value in came.state_dict(keep_vars=True).items() if isinstance(value, Tensor)}
        first: dict[int, str] = {}
        for name, value in state.items():
            first.setdefault(id(value), name)
        return {
            "module": len(self._modules) - 1,
            "training": bool(came.training),
            "state": [
                [name, first[id(value)], isinstance(value, nn.Parameter), writer.value(value)]
                for name, value in state.items()
            ],
        }

    def _gradients(self, request: dict, reader: Reader) -> Reply:
        """The gradients of an earlier answer, by those tensors of its call that wanted them."""
        leaves, outputs = self._earlier.graphs[request["number"]]
        outer = [reader.value(form) for form in request["outer"]]
        known = [(output, gradient) for output, gradient in zip(outputs, outer, strict=True) if gradient is not None]
        came = call(
            lambda: torch.autograd.grad(
                [output for output, _ in known],
                leaves,
                [gradient for _, gradient in known],
                retain_graph=True,
                allow_unused=True,
            ),
            seconds=request["seconds"],
        )
        writer = Writer()
        reply = _failed(came) if isinstance(came, Failure) else {"came": writer.value(came)}
        return reply, writer.tensors


def _load(module: nn.Module, weights: dict[str, Tensor]) -> None:
    """Copy weights into a module, which takes their dtype."""
    floats = [value.dtype for value in weights.values() if value.is_floating_point()]
    if floats:
        module.to(floats[0])
    own = module.state_dict(keep_vars=True)
    with torch.no_grad():
        for name, value in weights.items():
            own[name].copy_(value)


def _failed(failure: Failure) -> dict[str, Any]:
    return {"failure": [failure.kind, failure.message, failure.where]}
