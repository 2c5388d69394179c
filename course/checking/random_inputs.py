"""Random inputs that samples of more than one lab are made of."""

from collections.abc import Callable

import torch
from torch import Generator, Tensor

from course.checking.modules import fresh


def boxes(generator: Generator, count: int, size: tuple[int, int] = (300, 500), least: float = 8) -> Tensor:
    """Random boxes ``(count, 4)`` inside an image of ``(height, width)``, sides at least ``least``.

    Coordinates are multiples of a quarter pixel, so that sums and differences are exact in float32 in whatever order an
    answer takes them, and every style of computing meets the same tolerance.
    """
    extent = torch.tensor([size[1], size[0]], dtype=torch.float32)
    sides = least + torch.rand(count, 2, generator=generator) * (extent / 2 - least)
    corner = torch.rand(count, 2, generator=generator) * (extent - sides)
    return torch.cat([corner, corner + sides], dim=1).mul(4).round().div(4)


def module_inputs(module: Callable, arguments: tuple, generator: Generator, *inputs: Tensor | list[Tensor]) -> tuple:
    """``(arguments, weights, *inputs)``, as :func:`course.checking.modules.outputs` takes them, with random weights.

    Weights are large enough (outputs of order 1) for every layer, bias and activation to show in the outputs.
    """
    weights = {}
    for name, value in fresh(module, arguments).state_dict().items():
        spread = value[0].numel() ** -0.5 if value.dim() > 1 else 0.5
        weights[name] = spread * torch.randn(value.shape, generator=generator)
    return (arguments, weights, *inputs)
