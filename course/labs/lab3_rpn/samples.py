"""Typical inputs of lab 3's module and functions.

Decisions (which is better, above the threshold or not, large enough or not) are never close to their limit, so that
rounding in another style of computing turns none of them.
"""

from collections.abc import Callable

import torch
from torch import Generator, Tensor

from course.checking.random_inputs import boxes, module_inputs
from course.labs.lab1_boxes.library import box_iou, clip_boxes_to_image
from course.labs.lab2_anchors.library import decode_boxes
from course.labs.lab3_rpn.library import RPNHead


def rpn_head(arguments: tuple[int, int, int], *size: int) -> Callable[[Generator], tuple]:
    """Makes a head's arguments, its weights and features of ``size``, which have either sign."""
    return lambda g: module_inputs(RPNHead, arguments, g, torch.randn(*size, generator=g))


def loss_inputs(
    generator: Generator, count: int, *, positives: int | None = None, counted: int | None = None
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Inputs of the loss: errors on both sides of 1, as many positives and as many that count as asked for."""
    positives = count // 4 if positives is None else positives
    counted = count // 2 if counted is None else counted
    labels = torch.full((count,), -1)
    places = torch.randperm(count, generator=generator)
    labels[places[:counted]] = 0
    labels[places[:positives]] = 1
    objectness, deltas, targets = (2 * torch.randn(count, k, generator=generator) for k in (2, 4, 4))
    return objectness, deltas, labels, targets


def clusters(generator: Generator, count: int, threshold: float) -> tuple[Tensor, Tensor, float]:
    """Boxes in a few clusters with unequal scores, in any order; no IoU is within 1e-3 of the threshold."""
    centres = boxes(generator, 4)
    spread = torch.rand(6 * count, 4, generator=generator).mul(120).round().div(4) - 15
    crowd = centres[torch.randint(4, (6 * count,), generator=generator)] + spread
    crowd = crowd[((crowd[:, 2:] - crowd[:, :2]) >= 4).all(1)]
    crowd = far_from(threshold, crowd)[:count]
    return crowd, unequal(generator, len(crowd)), threshold


def far_from(threshold: float, candidates: Tensor) -> Tensor:
    """The candidates without those whose IoU with an earlier one is within 1e-3 of the threshold."""
    close = (box_iou(candidates, candidates) - threshold).abs() < 1e-3
    return candidates[~close.triu(1).any(dim=0)]


def unequal(generator: Generator, count: int) -> Tensor:
    """Scores in (0, 1) with equal steps, shuffled."""
    return (torch.randperm(count, generator=generator) + 1.0) / (count + 1)


SIZE = (300, 500)


def network(
    generator: Generator,
    count: int,
    *options: float,
    size: tuple[int, int] = SIZE,
    allowed: float = 0.7,
    least: float = 16,
    grow: float = 0.3,
) -> tuple:
    """Arguments of ``make_proposals``: what a network may give for ``count`` anchors, some of them beyond the image.

    Logits of background are random, so that the probability has another order than the logit. No box that comes out of
    decoding and clipping is within 0.01 pixels of ``least``, and no IoU of two within 1e-3 of ``allowed``.
    """
    most = 3 * count
    base = boxes(generator, most, size=size, least=least) + 40 * torch.randn(most, 1, generator=generator).round()
    base += 20 * torch.randn(most, 4, generator=generator).round() * torch.tensor([1.0, 1, 0, 0])
    base = base[((base[:, 2:] - base[:, :2]) >= 8).all(1)]
    deltas = grow * torch.randn(len(base), 4, generator=generator)
    decoded = clip_boxes_to_image(decode_boxes(deltas, base), size)
    clear = ((decoded[:, 2:] - decoded[:, :2] - least).abs() > 0.01).all(dim=1)
    base, deltas, decoded = base[clear], deltas[clear], decoded[clear]
    close = (box_iou(decoded, decoded) - allowed).abs() < 1e-3
    clear = ~close.triu(1).any(dim=0)
    base, deltas = base[clear][:count], deltas[clear][:count]
    return (unequal_logits(generator, len(base)), deltas, base, size, *options)


def unequal_logits(generator: Generator, count: int) -> Tensor:
    """Two logits for each: those of background anything, the differences in equal steps from -4 to 4, shuffled."""
    background = 2 * torch.randn(count, generator=generator)
    step = torch.linspace(-4, 4, count)[torch.randperm(count, generator=generator)]
    return torch.stack([background, background + step], dim=1)


SAMPLES: dict[str, Callable[[Generator], tuple]] = {
    "RPNHead": rpn_head((5, 7, 3), 2, 5, 3, 4),
    "rpn_loss": lambda g: loss_inputs(g, 16),
    "nms": lambda g: clusters(g, 60, 0.5),
    "make_proposals": lambda g: network(g, 30),
}
