"""A last look at a part before it goes into a detector: does it give, on this device, what the library's gives?

The visible checks are small and run on the CPU. Here each part meets random input of the kind that a detector hands it.
"""

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Generator, Tensor
from torch.utils._pytree import tree_leaves, tree_map

from course import library
from course.checking.calling import call
from course.checking.comparing import difference
from course.checking.modules import with_weights
from course.parts import Parts
from course.samples import SAMPLES

SECONDS = 20.0  # of computing for one part; a loop in Python takes far less on these sizes
SEEDS = 4
TRAINED = ("roi_align", "detection_loss", "mask_loss", "keypoint_loss")  # and every module: through these, gradients go


def smoke_test(parts: Parts, name: str, device: torch.device) -> str:
    """The objection to the part, in a few words; "" if there is none."""
    ours, fallback = parts[name], getattr(library, name)
    if ours is fallback:
        return ""
    for seed in range(SEEDS):
        sample = SAMPLES[name](Generator().manual_seed(seed))
        if problem := _problem(ours, fallback, sample, device, trained=name in TRAINED):
            return problem
    return ""


def _problem(ours: Callable, fallback: Callable, sample: tuple, device: torch.device, *, trained: bool) -> str:
    module = inspect.isclass(fallback)
    made_with, inputs = (sample[:2], sample[2:]) if module else ((), sample)

    def run(part: Callable, given: tuple) -> Any:
        function = with_weights(part, *made_with).to(device) if module else part
        return _answer(function, given, gradient=module or trained)

    before, given = _on(device, inputs), _on(device, inputs)
    wanted = call(run, fallback, _on(device, inputs), seconds=SECONDS)
    came = call(run, ours, given, seconds=SECONDS)
    if found := difference(wanted, came, rtol=1e-3, atol=1e-4):
        return f"yours is wrong on random input: {found.what}"
    return "" if all(map(_same, before, given)) else "yours changes its input"


def _answer(function: Callable, inputs: Sequence[Any], *, gradient: bool) -> Any:
    """What the function gives, without gradient; and with ``gradient`` its gradient by its first argument."""
    first = inputs[0] if isinstance(inputs[0], list) else [inputs[0]]
    for value in first if gradient else []:
        value.requires_grad_()
    answer = function(*inputs)
    if not gradient:
        return _plain(answer)
    sums = [value.square().sum() for value in tree_leaves(answer) if isinstance(value, Tensor)]
    gradients = torch.autograd.grad(torch.stack(sums).sum(), first)
    for value in first:
        value.requires_grad_(False)
    return _plain((answer, *gradients))


def _same(before: Any, after: Any) -> bool:
    if isinstance(before, Tensor):
        return before.equal(after)
    return all(map(_same, before, after)) if isinstance(before, list) else bool(before == after)


def _on(device: torch.device, values: tuple) -> tuple:
    """A copy of arguments, tensors on a device."""
    return tree_map(lambda value: value.clone().to(device) if isinstance(value, Tensor) else value, values)


def _plain(answer: Any) -> Any:
    """An answer that can be compared: a list as a tuple, everything without gradient."""
    if isinstance(answer, list | tuple):
        return tuple(_plain(each) for each in answer)
    return answer.detach() if isinstance(answer, Tensor) else answer
