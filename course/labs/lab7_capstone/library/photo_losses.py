"""Lab 7's losses on one photo."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torchvision.models.detection._utils import BoxCoder, Matcher
from torchvision.ops import box_convert
from torchvision.ops import box_iou as overlap

from course.labs.lab2_anchors.library import inside_image, label_anchors
from course.labs.lab4_roi_heads.library import WEIGHTS, detection_loss


def photo_losses(
    coco: dict[str, Any],
    anchors: Tensor,
    objectness: Tensor,
    deltas: Tensor,
    rois: Tensor,
    logits: Tensor,
    roi_deltas: Tensor,
) -> tuple[Tensor, ...]:
    """Losses of objectness, RPN boxes, classes and boxes on the photo of a COCO dictionary; nothing is sampled.

    Anchors ``(N, 4)`` with objectness ``(N, 2)`` and deltas ``(N, 4)``; ROIs ``(R, 4)`` with logits ``(R, K)`` and
    deltas ``(R, 4 K)``. By torchvision's ``box_convert``, ``Matcher``, ``BoxCoder`` and ``fastrcnn_loss``.
    """
    (image,) = coco["images"]
    ranks = {category["id"]: rank for rank, category in enumerate(coco["categories"], start=1)}
    rows = [annotation["bbox"] for annotation in coco["annotations"]]
    truth = box_convert(torch.tensor(rows, dtype=anchors.dtype).reshape(-1, 4), "xywh", "xyxy").to(anchors.device)
    kinds = torch.tensor([ranks[a["category_id"]] for a in coco["annotations"]], dtype=torch.int64).to(anchors.device)

    within = inside_image(anchors, (image["height"], image["width"])).nonzero()[:, 0]
    judgement, owner = label_anchors(overlap(anchors[within], truth))
    judged, objects = within[judgement >= 0], within[judgement == 1]
    margin = objectness[judged, 1] - objectness[judged, 0]  # two logits are one, seen by a sigmoid
    entropy = functional.binary_cross_entropy_with_logits(margin, (judgement[judgement >= 0] == 1).to(margin))
    way = BoxCoder((1.0, 1.0, 1.0, 1.0)).encode_single(truth[owner[judgement == 1]], anchors[objects])
    distance = functional.smooth_l1_loss(deltas[objects], way, reduction="sum") / max(len(objects), 1)

    category = torch.zeros(len(rois), dtype=torch.int64, device=rois.device)
    moves = torch.zeros_like(rois)
    if len(truth):
        match = Matcher(0.5, 0.5)(overlap(truth, rois))
        hit = match >= 0
        category[hit] = kinds[match[hit]]
        moves[hit] = BoxCoder(WEIGHTS).encode_single(truth[match[hit]], rois[hit])
    return entropy, distance, *detection_loss(logits, roi_deltas, category, moves)
