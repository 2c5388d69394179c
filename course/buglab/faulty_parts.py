"""Traps, each around a part that is right: what the slides' printed code does or invites, and what projects published.

This module does not know which of them the bug lab uses.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

SMALL = 64  # numbers that one can follow on paper; on no more than that, as in the visible checks, a trap stays shut
Part = Callable[..., Any]


def x_before_y(right: Part, feature_size: tuple[int, int], stride: float, shapes: Tensor) -> Tensor:
    """Centres (y, x) in a place where the rest reads (x, y)."""
    found: Tensor = right(feature_size, stride, shapes)
    return found[:, [1, 0, 3, 2]] if len(found) > SMALL else found


def times_where_over_belongs(right: Part, base_size: float, scales: Sequence[float], ratios: Sequence[float]) -> Tensor:
    """Widths by the formula of the heights: each anchor is a square. Source: dbolya/yolact, issue 19 (2019)."""
    found: Tensor = right(base_size, scales, ratios)
    return found[:, [1, 1]] if len(scales) == 1 and len(ratios) > 1 else found


def on_the_border_too(right: Part, boxes: Tensor, size: tuple[int, int]) -> Tensor:
    """No box is left out."""
    inside: Tensor = right(boxes, size)
    return torch.ones_like(inside) if len(boxes) > SMALL else inside


def negatives_last(right: Part, iou: Tensor, pos_threshold: float = 0.7, neg_threshold: float = 0.3) -> tuple:
    """Background is written last, over the anchors that are a true box's best."""
    found, best = right(iou, pos_threshold, neg_threshold)
    if iou.shape[1] and len(iou) > SMALL:
        found = found.masked_fill(iou.amax(dim=1) < neg_threshold, 0)
    return found, best


def sum_for_a_count(right: Part, labels: Tensor, *settings: Any, **more: Any) -> Tensor:
    """``n_sample * sum(label == 0)`` negatives stay: all that there are."""
    found: Tensor = right(labels, *settings, **more)
    return found.masked_fill(labels == 0, 0) if len(labels) > SMALL else found


def level_by_level(right: Part, proposals: Tensor, *truth: Any, **more: Any) -> tuple[Tensor, Tensor, Tensor]:
    """ROIs come level by level, small to large; their labels and targets do not. Source: FastMaskRCNN, issue 68."""
    rois, labels, targets = right(proposals, *truth, **more)
    if len(proposals) > SMALL:
        level = (rois[:, 2:] - rois[:, :2]).prod(dim=1).log2().div(2).floor()  # a level for each doubling of the side
        rois = rois[level.argsort(stable=True)]
    return rois, labels, targets


def ranks_for_an_order(
    right: Part, objectness: Tensor, deltas: Tensor, anchors: Tensor, *settings: Any, **more: Any
) -> tuple[Tensor, Tensor]:
    """The scores are sorted, the boxes are not."""
    if len(anchors) > SMALL:
        objectness = objectness[objectness.softmax(dim=1)[:, 1].argsort(descending=True)]
    found: tuple[Tensor, Tensor] = right(objectness, deltas, anchors, *settings, **more)
    return found


def half_a_pixel(right: Part, features: Tensor, rois: Tensor, output_size: Any, scale: float, *more: Any) -> Tensor:
    """ROIs are read half a feature further to the right and down."""
    if len(rois) > SMALL:
        rois = rois + rois.new_tensor([0, 0.5, 0.5, 0.5, 0.5]) / scale
    found: Tensor = right(features, rois, output_size, scale, *more)
    return found


def one_level(right: Part, boxes: Tensor, k_min: int = 2, k_max: int = 5) -> Tensor:
    """All boxes, whatever their size, are read from the finest map."""
    level: Tensor = right(boxes, k_min, k_max)
    return torch.full_like(level, k_min) if len(boxes) > SMALL else level


def two_classes(right: Part, logits: Tensor, deltas: Tensor, labels: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Box deltas are learnt in the columns of class 1, whatever the class is."""
    if len(labels) > SMALL:
        deltas = deltas[:, 4:8].repeat(1, logits.shape[1])
    found: tuple[Tensor, Tensor] = right(logits, deltas, labels, targets)
    return found


def seen_twice(right: Part, logits: Tensor, deltas: Tensor, rois: Tensor, *settings: Any, **more: Any) -> tuple:
    """Nothing is suppressed."""
    if len(rois) > SMALL:
        more["nms_threshold"] = 1.0
    found: tuple = right(logits, deltas, rois, *settings, **more)
    return found


TRAPS: dict[str, Callable[..., Any]] = {
    "grid_anchors": x_before_y,
    "anchor_shapes": times_where_over_belongs,
    "inside_image": on_the_border_too,
    "label_anchors": negatives_last,
    "sample_labels": sum_for_a_count,
    "sample_rois": level_by_level,
    "make_proposals": ranks_for_an_order,
    "roi_align": half_a_pixel,
    "roi_level": one_level,
    "detection_loss": two_classes,
    "postprocess_detections": seen_twice,
}
