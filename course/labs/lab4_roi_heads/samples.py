"""Typical inputs of lab 4's module and functions.

Corners of ROIs keep a tenth of a cell away from where rounding turns, scores and overlaps keep away from thresholds: so
that every order of computing gives the same answer.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Generator, Tensor

from course.checking.random_inputs import module_inputs
from course.labs.lab1_boxes.library import box_iou, clip_boxes_to_image
from course.labs.lab2_anchors.library import decode_boxes
from course.labs.lab4_roi_heads.library import BoxHead


def maps(generator: Generator, batch: int = 1, channels: int = 3, size: tuple[int, int] = (13, 21)) -> Tensor:
    """Random feature maps, of either sign."""
    return torch.randn(batch, channels, *size, generator=generator)


def rois(
    generator: Generator,
    count: int,
    scale: float,
    batch: int = 1,
    size: tuple[int, int] = (13, 21),
    beyond: float = 0.0,
    smallest: float = 0.5,
    largest: float = 1.0,
) -> Tensor:
    """ROIs ``(count, 5)`` of all images of a batch in turn, last one first, on maps of ``size`` cells.

    They reach up to ``beyond`` cells off the map; their sides are ``smallest`` cells or more, up to the share
    ``largest`` of the map's.
    """
    extent = torch.tensor([size[1], size[0]]) + 2 * beyond
    sides = smallest + torch.rand(count, 2, generator=generator) * (extent * largest - smallest)
    first = torch.rand(count, 2, generator=generator) * (extent - sides) - beyond
    corners = torch.cat([first, first + sides], dim=1)
    corners = corners.round() + (corners - corners.round()) * 0.8
    image = batch - 1 - torch.arange(count) % batch
    return torch.cat([image[:, None], corners / scale], dim=1)


def clear_rois(
    generator: Generator, count: int, scale: float, output_size: tuple[int, int], ratio: int = 2, **kwargs: Any
) -> Tensor:
    """ROIs none of whose sample points is within 0.001 cells of where a map ends for ``roi_align``."""
    size = kwargs.get("size", (13, 21))
    found = rois(generator, 8 * count, scale, **kwargs)
    clear = torch.ones(len(found), dtype=torch.bool)
    for axis in (0, 1):
        parts = output_size[1 - axis] * ratio
        begin, end = found[:, 1 + axis] * scale - 0.5, found[:, 3 + axis] * scale - 0.5
        points = begin[:, None] + (torch.arange(parts) + 0.5) * (end - begin)[:, None] / parts
        for edge in (-1, size[1 - axis]):
            clear &= ((points - edge).abs() > 1e-3).all(dim=1)
    found = found[clear][:count]
    found[:, 0] = kwargs.get("batch", 1) - 1 - torch.arange(len(found)) % kwargs.get("batch", 1)
    return found


def scene(generator: Generator, near: int, between: int, far: int) -> tuple[Tensor, Tensor, Tensor]:
    """Proposals, three true boxes and their classes 1 to 3.

    The IoU of a proposal with its true box is 0.7 or more for ``near`` ones, which are also up to an eighth larger or
    smaller, 0.25 to 0.38 for those ``between``, and 0 for ``far`` ones.
    """
    corner = torch.tensor([[20.0, 30.0], [220.0, 20.0], [420.0, 40.0]])
    truth = torch.cat([corner, corner + 60 + 60 * torch.rand(3, 2, generator=generator)], dim=1)
    owner = torch.randint(3, (near + between,), generator=generator)
    share, growth = torch.rand(2, near + between, 2, generator=generator)
    share = 0.08 * share
    share[near:, 0] = 0.45 + 1.875 * share[near:, 0]
    share[near:, 1] = 0
    growth = 0.12 * (2 * growth - 1)
    growth[near:] = 0
    sign = torch.randint(2, share.shape, generator=generator) * 2 - 1
    sides = truth[owner, 2:] - truth[owner, :2]
    moved = truth[owner] + torch.cat([sides * (share * sign - growth / 2), sides * (share * sign + growth / 2)], dim=1)
    place = torch.rand(far, 2, generator=generator) * torch.tensor([500.0, 200.0]) + torch.tensor([0.0, 200.0])
    away = torch.cat([place, place + 20 + 60 * torch.rand(far, 2, generator=generator)], dim=1)
    proposals = torch.cat([moved, away])[torch.randperm(near + between + far, generator=generator)]
    return proposals, truth, torch.randperm(3, generator=generator) + 1


def losses(generator: Generator, count: int, classes: int = 4, background: float = 0.5) -> tuple:
    """Logits, deltas, labels and targets, with a share of background, whose targets are nonsense.

    Deltas miss their targets by up to 0.3, so that both pieces of the smooth L1 loss count.
    """
    logits = torch.randn(count, classes, generator=generator) * 2
    deltas = torch.randn(count, 4 * classes, generator=generator)
    labels = torch.randint(1, classes, (count,), generator=generator)
    own = deltas.unflatten(1, (-1, 4))[torch.arange(count), labels]
    targets = own + (torch.rand(own.shape, generator=generator) - 0.5) * 0.6
    labels[: round(count * background)] = 0
    targets[labels == 0] = 100.0
    return logits, deltas, labels, targets


def detections(
    generator: Generator,
    count: int,
    classes: int = 4,
    size: tuple[int, int] = (120, 200),
    score_threshold: float = 0.05,
    nms_threshold: float = 0.5,
    max_detections: int = 100,
    beyond: float = 10.0,
) -> tuple:
    """Logits, deltas, ROIs in bundles of about four, and settings; drawn again until no decision is close."""
    while True:
        bundle = torch.rand(count // 4 + 1, 2, generator=generator) * torch.tensor([150.0, 80.0]) - beyond
        corner = bundle.repeat(4, 1)[:count] + 8 * torch.rand(count, 2, generator=generator)
        rois = torch.cat([corner, corner + 30 + 40 * torch.rand(count, 2, generator=generator)], dim=1)
        logits = 2 * torch.randn(count, classes, generator=generator)
        deltas = torch.randn(count, 4 * classes, generator=generator) * 0.8
        settings = (size, score_threshold, nms_threshold, max_detections)
        if undisputed(logits, deltas, rois, *settings):
            return (logits, deltas, rois, *settings)


def undisputed(
    logits: Tensor, deltas: Tensor, rois: Tensor, size: tuple[int, int], low: float, high: float, _: int
) -> bool:
    """Whether no score, no side of a box and no IoU is close to where a decision turns."""
    scores = logits.softmax(dim=1)[:, 1:]
    ranked = scores.flatten().sort().values
    if ((scores - low).abs() < 1e-4).any() or (ranked.diff() < 1e-7).any():
        return False
    for kind in range(1, logits.shape[1]):
        boxes = decode_boxes(deltas[:, 4 * kind : 4 * kind + 4], rois, (10.0, 10.0, 5.0, 5.0))
        boxes = clip_boxes_to_image(boxes, size)
        extent = boxes[:, 2:] - boxes[:, :2]
        iou = box_iou(boxes, boxes)
        if ((extent > 0) & (extent < 0.1)).any() or ((iou - high).abs() < 1e-3).any():
            return False
    return True


DEFAULTS = (128, 0.25, 0.5)


def pooling(count: int, scale: float, output_size: tuple[int, int], batch: int = 1, **kwargs: Any) -> Callable:
    """Makes arguments of ``roi_pool``."""
    return lambda g: (maps(g, batch), rois(g, count, scale, batch, **kwargs), output_size, scale)


def points(generator: Generator, count: int, low: float = 0.0, high: float = 1.0) -> tuple[Tensor, Tensor]:
    """Points on a map of 7 × 11 cells, ``low`` to ``high`` of the way from its first to its last cell."""
    y, x = low + (high - low) * torch.rand(2, count, generator=generator)
    return y * 6, x * 10


def aligned(
    count: int, scale: float, output_size: tuple[int, int], batch: int = 1, ratio: int = 2, **kwargs: Any
) -> Callable:
    """Makes arguments of ``roi_align``."""
    return lambda g: (
        maps(g, batch),
        clear_rois(g, count, scale, output_size, ratio, batch=batch, **kwargs),
        output_size,
        scale,
        ratio,
    )


def box_head(arguments: tuple[int, int, int], *shape: int) -> Callable[[Generator], tuple]:
    """A head's arguments, weights, and random features of a shape."""
    return lambda g: module_inputs(BoxHead, arguments, g, torch.randn(shape, generator=g))


SAMPLES: dict[str, Callable[[Generator], tuple]] = {
    "sample_rois": lambda g: (*scene(g, 9, 9, 12), *DEFAULTS),
    "roi_pool": pooling(5, 0.25, (3, 4), smallest=3),
    "bilinear_sample": lambda g: (maps(g, size=(7, 11))[0], *points(g, 9, 0, 0.7)),
    "roi_align": aligned(8, 0.25, (3, 2), 2, beyond=6, smallest=0.1, largest=0.2),
    "BoxHead": box_head((12, 7, 2), 5, 3, 2, 2),
    "detection_loss": lambda g: losses(g, 10),
    "postprocess_detections": lambda g: detections(g, 16, 4, (120, 200), 0.5, 0.3, 9),
}
