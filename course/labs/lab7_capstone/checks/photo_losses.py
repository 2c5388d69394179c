"""Visible check of lab 7's losses on one photo: a few anchors and ROIs, and losses for a pocket calculator."""

import copy
import math
from typing import Any

import torch
from torch import Tensor

from course.checking.check import Check
from course.checking.example import Example

SIZE_NOT_CORNER = (
    "COCO's bbox is (x, y, width, height): a corner and the size. You take the last two for a corner: add the first "
    "two to them."
)
FROM_0 = "Classes count from 1: 0 is background. The first category of the list is class 1."
NUMBER = (
    "category_id is a number like a house number, and real COCO leaves some out: the class is the place of the "
    "category with that id in the list, counted from 1."
)
LEAVE = "Anchors that leave the photo are not judged: keep those inside, and the same rows of objectness and deltas."
HALF = "An ROI has the class of a box only where its best IoU is at least 0.5: all others are background, 0."
WEIGHTS = "The head's targets have the weights (10, 10, 5, 5): encode_boxes(boxes, rois, (10, 10, 5, 5))."
NOTHING = "A photo without marks is all background: no box loss, and no error; take no maximum over no boxes."
BY_PARTS = (
    "Go through it part by part: corners and classes of the boxes; label_anchors and encode_boxes for the anchors "
    "inside; rpn_loss; a class for each ROI; detection_loss."
)
GRADIENT = (
    "Gradients must reach objectness, deltas, logits and roi_deltas: stay with tensor operations, without .detach(), "
    ".item() or torch.no_grad()."
)


def _log_sum(*logits: float) -> float:
    return math.log(sum(math.exp(logit) for logit in logits))


def _losses(*values: float) -> tuple[Tensor, ...]:
    return tuple(torch.tensor(value) for value in values)


PHOTO: dict[str, Any] = {
    "images": [{"id": 1, "file_name": "photo.jpg", "height": 60, "width": 100}],
    "annotations": [{"id": 1, "image_id": 1, "category_id": 2, "bbox": [20, 10, 40, 30]}],
    "categories": [{"id": 1, "name": "person"}, {"id": 2, "name": "helmet"}],
}
# Two pixels beside the box, background, half outside, and one with an IoU of 0.6.
ANCHORS = torch.tensor([[22.0, 10, 62, 40], [70, 5, 95, 35], [60, 20, 110, 50], [20, 10, 60, 28]])
OBJECTNESS = torch.tensor([[0.0, 2], [1, 0], [0, 5], [0, 3]])
DELTAS = torch.tensor([[0.45, 0, 0, 0], [9, 9, 9, 9], [9, 9, 9, 9], [9, 9, 9, 9]])
# Two pixels beside the box, background, and one with an IoU of 0.47.
ROIS = torch.tensor([[22.0, 10, 62, 40], [70, 5, 95, 35], [20, 10, 60, 24]])
LOGITS = torch.tensor([[0.0, 0, 1], [2, 0, 0], [1, 0, 0]])
ROI_DELTAS = torch.zeros(3, 12)
ROI_DELTAS[0] = torch.tensor([9.0, 9, 9, 9, 2, 0, 0, 0, 0, 0, 0, 1])  # for background, class 1 and class 2
SEEN = {
    "anchors": ANCHORS,
    "objectness": OBJECTNESS,
    "deltas": DELTAS,
    "rois": ROIS,
    "logits": LOGITS,
    "roi_deltas": ROI_DELTAS,
}
BEND = 1 / 18  # smooth L1 with β = 1/9 is |d| − β/2 from β on
OBJECT, GROUND = _log_sum(0, 2) - 2, _log_sum(1, 0) - 1  # cross-entropy of the first two anchors
THREE = _log_sum(0, 0, 1) - 1, _log_sum(2, 0, 0) - 2, _log_sum(1, 0, 0) - 1  # of the three ROIs
RIGHT = (
    (OBJECT + GROUND) / 2,
    0.5 * 0.5**2,  # dx is −2/40 and 0.45 came
    sum(THREE) / 3,
    (0.5 - BEND + 1 - BEND) / 3,  # dx is 10 · −2/40 and 0 came; dh is 0 and 1 came
)


def _photo(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(PHOTO), **changes}


photo_losses = Check(
    "photo_losses",
    (
        Example(
            "one helmet; two anchors count, three ROIs",
            {"coco": PHOTO, **SEEN},
            _losses(*RIGHT),
            "The helmet's corners are (20, 10, 60, 40). Anchor 0 is an object, 1 is background; 2 leaves the photo, "
            "3 has an IoU of 0.6 and is neither. ROI 0 is a helmet, class 2; 1 and 2 are background.",
            {
                LEAVE: _losses((OBJECT + GROUND + _log_sum(0, 5)) / 3, *RIGHT[1:]),
                FROM_0: _losses(*RIGHT[:2], (sum(THREE) + 1) / 3, (2.5 - BEND) / 3),
                HALF: _losses(
                    *RIGHT[:2], (sum(THREE) + 1) / 3, RIGHT[3] + (80 / 14 + 5 * math.log(30 / 14) - 2 * BEND) / 3
                ),
                WEIGHTS: _losses(*RIGHT[:3], (0.5 * 0.05**2 * 9 + 1 - BEND) / 3),
            },
            learns=("objectness", "deltas", "logits", "roi_deltas"),
        ),
        Example(
            "the same, but the categories have the ids 17 and 3",
            {
                "coco": _photo(
                    categories=[{"id": 17, "name": "person"}, {"id": 3, "name": "helmet"}],
                    annotations=[{"id": 1, "image_id": 1, "category_id": 3, "bbox": [20, 10, 40, 30]}],
                ),
                **SEEN,
            },
            _losses(*RIGHT),
            NUMBER,
        ),
        Example(
            "the same photo with no mark",
            {"coco": _photo(annotations=[]), **SEEN},
            _losses((_log_sum(0, 2) + GROUND + _log_sum(0, 3)) / 3, 0.0, (_log_sum(0, 0, 1) + sum(THREE[1:])) / 3, 0.0),
            NOTHING,
        ),
    ),
    ready_made=(),
    parts=("loss_objectness", "loss_rpn_box_reg", "loss_classifier", "loss_box_reg"),  # as torchvision calls them
)
