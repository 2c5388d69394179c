"""Our function and torchvision's for the same input: whether they agree, and how long each takes."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from course.checking.comparing import difference

SECONDS, LEAST, MOST = 5.0, 9, 60  # rounds of a pair: as many as fit into the time, but so many at least and at most


def itself(answer: Any) -> Any:
    """The answer as it is."""
    return answer


@dataclass(frozen=True)
class Pair:
    """Our function and torchvision's for the same input.

    Attributes:
        name: of the function, with the size of the input.
        goal: the largest ratio that the course promises, if any; an exercise's clear form may leave it to its bonus.
        ours, theirs: the calls that are timed.
        our_form, their_form: make of an answer what is compared.
    """

    name: str
    goal: float | None
    ours: Callable[[], Any]
    theirs: Callable[[], Any]
    our_form: Callable[[Any], Any] = itself
    their_form: Callable[[Any], Any] = itself

    def problem(self) -> str:
        """How our answer differs from torchvision's; ``""`` if it does not."""
        wanted, came = self.their_form(self.theirs()), self.our_form(self.ours())
        found = difference(wanted, came, rtol=1e-4, atol=1e-4)  # float32, pixels of up to 800
        return found.what if found else ""

    def medians(self) -> tuple[float, float, int]:
        """The median times of ours and of theirs, in seconds, and the number of rounds."""
        times: tuple[list[float], list[float]] = ([], [])
        begin = time.perf_counter()
        while len(times[0]) < LEAST or (len(times[0]) < MOST and time.perf_counter() - begin < SECONDS):
            for function, record in zip((self.ours, self.theirs), times, strict=True):
                start = time.perf_counter()
                function()
                record.append(time.perf_counter() - start)
        return statistics.median(times[0]), statistics.median(times[1]), len(times[0])


def there_and_back(module: nn.Module, inputs: list[Tensor], call: Callable[[list[Tensor]], Any]) -> Callable[[], Any]:
    """A call that goes forward and backward through a module; it gives the outputs and all gradients."""

    def run() -> tuple[Tensor, ...]:
        leaves = [value.detach().requires_grad_() for value in inputs]
        outputs = call(leaves)
        outputs = list(outputs) if isinstance(outputs, list | tuple) else [outputs]
        total = torch.stack([output.sum() for output in outputs]).sum()
        slopes = torch.autograd.grad(total, [*leaves, *module.parameters()])
        return (*(output.detach() for output in outputs), *slopes)

    return run


def gradient(head: Callable[[Tensor], Tensor], features: Tensor) -> Tensor:
    """The gradient of the sum of squares by the features; those of the weights are computed as well."""
    leaf = features.clone().requires_grad_()
    head(leaf).square().sum().backward()
    assert leaf.grad is not None
    return leaf.grad / leaf.grad.abs().max()
