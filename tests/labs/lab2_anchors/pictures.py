"""Lab 2's pictures, and how each is made."""

from collections.abc import Callable

import torch
from torch import Tensor

from course import draw, library

HELMETS = torch.tensor([[147.0, 160.0, 234.0, 260.0], [312.0, 139.0, 348.0, 200.0]])
SHAPES = library.anchor_shapes(16, (8, 16, 32), (0.5, 1, 2))
ANCHORS = library.grid_anchors((50, 50), 16, SHAPES)
VALID = ANCHORS[library.inside_image(ANCHORS, (800, 800))]
IOU = library.box_iou(VALID, HELMETS)
LABELS = library.label_anchors(IOU)[0]
OBJECTS = torch.tensor([[120.0, 152.0, 248.0, 280.0], [282.745, 61.49, 373.255, 242.51]])
LECTURE = (16, (8, 16, 32), (0.5, 1, 2))


def nothing(iou: Tensor) -> tuple[Tensor, Tensor]:
    """Every anchor is background."""
    return torch.zeros(len(iou), dtype=torch.int64), torch.zeros(len(iou), dtype=torch.int64)


def everything(labels: Tensor, *rest: object) -> Tensor:
    """Nothing is dropped."""
    return labels.clone()


# Every picture of a student's function, as a function of that function.
STUDENTS: dict[str, tuple[str, Callable]] = {
    "nine_anchors": ("anchor_shapes", lambda fn: draw.nine_anchors(*LECTURE, fn)),
    "anchor_order": ("grid_anchors", lambda fn: draw.anchor_order((3, 5), 16, [[12.0, 8.0]], fn)),
    "sixteen_squared": ("grid_anchors", lambda fn: draw.sixteen_squared(fn)),
    "inside_anchors": ("inside_image", lambda fn: draw.inside_anchors(ANCHORS, SHAPES, (800, 800), fn)),
    "iou_histogram": ("label_anchors", lambda fn: draw.iou_histogram(IOU, fn)),
    "labelled": ("label_anchors", lambda fn: draw.labelled(VALID, HELMETS, IOU, fn)),
    "label_trap": ("label_anchors", lambda fn: draw.label_trap(VALID, HELMETS, IOU, nothing, fn)),
    "sampled": ("sample_labels", lambda fn: draw.sampled(VALID, HELMETS, LABELS, fn)),
    "sampling_trap": ("sample_labels", lambda fn: draw.sampling_trap(VALID, HELMETS, LABELS, everything, fn)),
    "deltas": ("encode_boxes", lambda fn: draw.deltas(OBJECTS, HELMETS, fn)),
    "round_trip": ("decode_boxes", lambda fn: draw.round_trip(OBJECTS, HELMETS, library.encode_boxes, fn)),
    "size_limit": ("decode_boxes", lambda fn: draw.size_limit(fn)),
}
PLAIN: dict[str, Callable] = {
    "ratio_rule": draw.ratio_rule,
    "cell_centres": draw.cell_centres,
    "label_rule": draw.label_rule,
    "delta_anatomy": draw.delta_anatomy,
}
