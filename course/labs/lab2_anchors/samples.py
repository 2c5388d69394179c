"""Typical inputs of lab 2's functions."""

from collections.abc import Callable

import torch
from torch import Generator, Tensor

from course.checking.random_inputs import boxes

FRACTIONS = (10.1, 9.7, 4.7, 5.3)  # which float32 rounds by 2e-8 to 4e-8


def shapes(generator: Generator, count: int) -> Tensor:
    """Widths and heights between 8 and 100 pixels, in steps of half a pixel."""
    return (8 + torch.rand(count, 2, generator=generator) * 92).mul(2).round().div(2)


def around_border(generator: Generator, size: tuple[int, int]) -> Tensor:
    """Boxes inside, and boxes beyond exactly one edge of the image, by a quarter pixel or more, in random order."""
    high, wide = size
    inside = boxes(generator, 20, size)
    x1, y1, x2, y2 = boxes(generator, 20, size).unbind(1)
    beyond = torch.rand(20, generator=generator).mul(40).round().div(4) + 0.25
    edge = torch.arange(20) % 4
    outside = torch.stack(
        [
            torch.where(edge == 0, -beyond, x1),
            torch.where(edge == 1, -beyond, y1),
            torch.where(edge == 2, wide + beyond, x2),
            torch.where(edge == 3, high + beyond, y2),
        ],
        dim=1,
    )
    together = torch.cat([inside, outside])
    return together[torch.randperm(40, generator=generator)]


def quality(generator: Generator) -> Tensor:
    """An IoU table ``(60, 3)``: ties within a column, values on 0.75 and 0.25, a true box that no anchor fits well."""
    table = (torch.rand(60, 3, generator=generator) * torch.tensor([0.95, 0.95, 0.4])).mul(16).round() / 16
    table += torch.tensor([0.0, 0.01, 0.02])  # which true box is an anchor's best must not be open
    table[::2, 2] = 0
    return table


def shuffled_labels(generator: Generator, positive: int, negative: int, ignored: int) -> Tensor:
    """So many labels of each kind in random order."""
    labels = torch.tensor([1] * positive + [0] * negative + [-1] * ignored, dtype=torch.int64)
    return labels[torch.randperm(len(labels), generator=generator)]


def pairs(generator: Generator, count: int, least: float = 16) -> tuple[Tensor, Tensor]:
    """Ground truths and anchors with sides of at least 16 pixels."""
    return boxes(generator, count, least=least), boxes(generator, count, least=least)


SAMPLES: dict[str, Callable[[Generator], tuple]] = {
    "anchor_shapes": lambda g: (16, *torch.rand(2, 3, generator=g).mul(8).add(0.25).tolist()),
    "grid_anchors": lambda g: ((3, 5), 16, shapes(g, 3)),
    "inside_image": lambda g: (around_border(g, (90, 180)), (90, 180)),
    "label_anchors": lambda g: (quality(g), 0.75, 0.25),
    "sample_labels": lambda g: (shuffled_labels(g, 40, 60, 9), 16, 0.5),
    "encode_boxes": lambda g: (*pairs(g, 5, least=100), FRACTIONS),
    "decode_boxes": lambda g: (15 * torch.randn(40, 4, generator=g), boxes(g, 40), (10.0, 10.0, 5.0, 5.0)),
}
