"""Answers from another process, attached to the tensors that they were computed from: their gradients are asked for."""

from typing import Any

import torch
from torch import Tensor

from autograder.student.containers import tensors_in


class Attach(torch.autograd.Function):
    """Answers of a call, tied to the tensors that it was given: their gradients are asked for in the process."""

    @staticmethod
    def forward(ctx: Any, process: Any, number: int, count: int, *tensors: Tensor) -> tuple[Tensor, ...]:
        """The first ``count`` tensors: what call ``number`` of ``process`` answered, given the others."""
        ctx.process, ctx.number, ctx.count = process, number, count
        ctx.shapes = [(tensor.shape, tensor.dtype) for tensor in tensors[count:]]
        ctx.set_materialize_grads(False)
        return tuple(tensor.clone() for tensor in tensors[:count])

    @staticmethod
    def backward(ctx: Any, *outer: Tensor | None) -> tuple[Tensor | None, ...]:
        """The gradients by what the call was given.

        Raises:
            RuntimeError: one that came back does not fit its tensor.
        """
        found = ctx.process.gradients(ctx.number, outer)
        for gradient, (shape, dtype) in zip(found, ctx.shapes, strict=True):
            if gradient is not None and (gradient.shape, gradient.dtype) != (shape, dtype):
                raise RuntimeError(f"a gradient of shape {tuple(gradient.shape)} for a tensor of shape {tuple(shape)}")
        return (None, None, None, *[None] * ctx.count, *found)


def with_gradients(process: Any, number: int, came: Any, given: list[Tensor]) -> Any:
    """An answer, attached to the tensors that it was computed from where those want gradients.

    Args:
        process: whose ``gradients(number, outer)`` gives the gradients by the tensors that want some.
        number: of the call.
        came: its answer, whose tensors say by ``requires_grad`` which of them depend on what was given.
        given: the tensors of the call.
    """
    leaves = [tensor for tensor in given if tensor.requires_grad]
    outputs = [tensor for tensor in tensors_in(came) if tensor.layout == torch.strided and tensor.requires_grad]
    plain = {id(t): t.detach() if t.requires_grad else t for t in tensors_in(came)}
    if leaves and outputs and torch.is_grad_enabled():
        attached = Attach.apply(process, number, len(outputs), *(plain[id(t)] for t in outputs), *leaves)
        plain |= {id(output): result for output, result in zip(outputs, attached, strict=True)}
    return mapped(came, plain)


def mapped(value: Any, tensors: dict[int, Tensor]) -> Any:
    """``value`` with each tensor replaced by the one that stands for it."""
    if isinstance(value, Tensor):
        return tensors[id(value)]
    if isinstance(value, tuple | list):
        return type(value)(mapped(part, tensors) for part in value)
    if isinstance(value, dict):
        return {key: mapped(part, tensors) for key, part in value.items()}
    return value
