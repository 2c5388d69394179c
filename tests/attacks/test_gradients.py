"""Forged gradients: whatever comes back for them costs their cases, and never stops the grader."""

import dataclasses
import socket
import threading
from typing import Any

import pytest
import torch

from autograder.engine.proxies import Process
from autograder.grader.answers import define
from autograder.grader.grading import judge, ready_made
from autograder.labs import EXERCISES, answers
from autograder.student.protocol import Connection
from autograder.student.request_handler import Answering
from autograder.student.serialization import Writer

NAME = "BoxHead"


def value(answer: Any) -> tuple[dict, list]:
    writer = Writer()
    return {"came": writer.value(answer)}, writer.tensors


FORGED = {
    "none": lambda real: value(None),
    "too few": lambda real: value(real[:1]),
    "too many": lambda real: value((*real, *real)),
    "another shape": lambda real: value(tuple(each[..., None] for each in real)),
    "another dtype": lambda real: value(tuple(each.double() for each in real)),
    "no tensors": lambda real: value(tuple(range(len(real)))),
    "texts": lambda real: value("gradients"),
    "nan": lambda real: value(tuple(each * float("nan") for each in real)),
    "zeros": lambda real: value(tuple(torch.zeros_like(each) for each in real)),
    "a huge view": lambda real: (
        {"came": {"tuple": [{"tensor": 0, "strided": [[2**20, 2**20], [0, 0]]}]}},
        [torch.zeros(1)],
    ),
    "a failure in two parts": lambda real: ({"failure": ["a", "b"]}, []),
    "nothing": lambda real: ({}, []),
    "nonsense": lambda real: ({"came": {"tuple": [{"what": 0}, [], 5]}}, []),
}


class Lying(Answering):
    """Answers everything truly but gradients."""

    forge: Any = None

    def _gradients(self, request: dict, reader: Any) -> tuple[dict, list]:
        leaves, outputs = self._earlier.graphs[request["number"]]
        given = [reader.value(form) for form in request["outer"]]
        known = [(output, gradient) for output, gradient in zip(outputs, given, strict=True) if gradient is not None]
        real = torch.autograd.grad(
            [output for output, _ in known],
            leaves,
            [gradient for _, gradient in known],
            retain_graph=True,
            materialize_grads=True,
        )
        return self.forge(real)


@pytest.mark.parametrize("kind", [None, *FORGED])
def test_forged_gradients(kind: str | None) -> None:
    text = next(answer.text for answer in answers("lab4_roi_heads") if answer.exercise == NAME and not answer.hint)
    ours, theirs = socket.socketpair()
    lying = Lying(Connection(theirs), {NAME: define(text, NAME, "<cell>")})
    lying.forge = FORGED[kind] if kind else value

    def serve() -> None:
        while lying.serve():
            pass

    server = threading.Thread(target=serve)
    server.start()
    with ours:
        process = Process(Connection(ours), lambda: None, lambda name: ready_made(EXERCISES[name]), b"secret")
        report = dataclasses.replace(judge(EXERCISES[NAME], process.lookup(NAME), seed=7), seconds=0.0)
    server.join()
    theirs.close()
    if kind is None:
        assert report.score == report.points
    else:
        assert report.score < report.points
        assert any("gradient" in row.title.lower() and not row.held for row in report.rows) or report.reason
