"""Our functions where torchvision's detectors call their own: other arguments, another order, the same meaning."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torchvision.models.detection import _utils
from torchvision.models.detection import roi_heads as theirs

from course.parts import Parts


class Matcher(_utils.Matcher):
    """Torchvision's ``Matcher`` of anchors with true boxes, by ``label_anchors``."""

    def __init__(self, before: _utils.Matcher, label_anchors: Callable[..., Any]) -> None:
        super().__init__(before.high_threshold, before.low_threshold, before.allow_low_quality_matches)
        self.label_anchors = label_anchors

    def __call__(self, match_quality_matrix: Tensor) -> Tensor:
        """The true box ``(N,)`` of each anchor, or a negative number, from an IoU table (M, N), true boxes first."""
        labels, matched = self.label_anchors(match_quality_matrix.T, self.high_threshold, self.low_threshold)
        unmatched = torch.where(labels == 0, self.BELOW_LOW_THRESHOLD, self.BETWEEN_THRESHOLDS)
        return torch.where(labels == 1, matched, unmatched)


class BoxCoder(_utils.BoxCoder):
    """Torchvision's ``BoxCoder``, by ``encode_boxes`` and ``decode_boxes``."""

    def __init__(self, before: _utils.BoxCoder, parts: Parts) -> None:
        super().__init__(before.weights, before.bbox_xform_clip)
        self.encode_boxes, self.decode_boxes = parts.encode_boxes, parts.decode_boxes

    def encode_single(self, reference_boxes: Tensor, proposals: Tensor) -> Tensor:
        """Deltas ``(N, 4)`` from proposals to true boxes."""
        return self.encode_boxes(reference_boxes, proposals, self.weights)

    def decode_single(self, rel_codes: Tensor, boxes: Tensor) -> Tensor:
        """Boxes ``(N, 4 K)`` from deltas ``(N, 4 K)``, K of them for each of the boxes ``(N, 4)``."""
        per_box = rel_codes.shape[1] // 4
        deltas, anchors = rel_codes.reshape(-1, 4), boxes.to(rel_codes.dtype).repeat_interleave(per_box, dim=0)
        return self.decode_boxes(deltas, anchors, self.weights).reshape(rel_codes.shape)


def batched(nms: Callable[..., Any]) -> Callable[..., Any]:
    """Torchvision's ``batched_nms`` by ``nms``: groups (levels, classes) don't disturb each other."""

    def batched_nms(boxes: Tensor, scores: Tensor, idxs: Tensor, iou_threshold: float) -> Tensor:
        kept = [torch.zeros_like(idxs[:0])]
        for group in idxs.unique():
            members = (idxs == group).nonzero().squeeze(1)
            kept.append(members[nms(boxes[members], scores[members], iou_threshold)])
        keep = torch.cat(kept).sort().values  # of equal scores the first in the list counts as better
        return keep[scores[keep].argsort(descending=True, stable=True)]

    return batched_nms


def fastrcnn_loss(parts: Parts) -> Callable[..., Any]:
    """Torchvision's loss of the box head by ``detection_loss``."""

    def loss(logits: Tensor, deltas: Tensor, labels: list[Tensor], targets: list[Tensor]) -> Any:
        label = torch.cat(labels)
        target = torch.cat(targets).masked_fill((label == 0)[:, None], 0)  # as sample_rois gives them
        return parts.detection_loss(logits, deltas, label, target)

    return loss


def postprocess_detections(parts: Parts) -> Callable[..., Any]:
    """Torchvision's ``RoIHeads.postprocess_detections`` by ours, image by image."""

    def method(
        self: theirs.RoIHeads, logits: Tensor, deltas: Tensor, proposals: list[Tensor], sizes: list[tuple[int, int]]
    ) -> tuple[list[Tensor], list[Tensor], list[Tensor]]:
        counts = [len(rois) for rois in proposals]
        limits = (self.score_thresh, self.nms_thresh, self.detections_per_img)
        images = zip(logits.split(counts), deltas.split(counts), proposals, sizes, strict=True)
        found = [parts.postprocess_detections(*image, *limits) for image in images]
        boxes, labels, scores = ([image[k] for image in found] for k in range(3))
        return boxes, scores, labels

    return method


def maskrcnn_loss(parts: Parts) -> Callable[..., Any]:
    """Torchvision's mask loss by ``mask_loss``; the targets stay torchvision's."""

    def loss(
        logits: Tensor, rois: list[Tensor], masks: list[Tensor], labels: list[Tensor], matched: list[Tensor]
    ) -> Any:
        label = torch.cat([each[index] for each, index in zip(labels, matched, strict=True)])
        images = zip(masks, rois, matched, strict=True)
        targets = torch.cat([theirs.project_masks_on_boxes(*image, logits.shape[-1]) for image in images])
        return parts.mask_loss(logits, label, targets)

    return loss


def keypointrcnn_loss(parts: Parts) -> Callable[..., Any]:
    """Torchvision's keypoint loss by ``keypoints_to_heatmap`` and ``keypoint_loss``."""

    def loss(logits: Tensor, rois: list[Tensor], keypoints: list[Tensor], matched: list[Tensor]) -> Any:
        images = zip(keypoints, rois, matched, strict=True)
        targets = [parts.keypoints_to_heatmap(true[index], boxes, logits.shape[-1]) for true, boxes, index in images]
        index, valid = (torch.cat([target[k] for target in targets]) for k in range(2))
        return parts.keypoint_loss(logits, index, valid)

    return loss


def heatmaps_to_keypoints(parts: Parts) -> Callable[..., Any]:
    """Torchvision's function of that name by ours, which gives the score in the third place of each keypoint."""

    def read(heatmaps: Tensor, rois: Tensor) -> tuple[Tensor, Tensor]:
        found = parts.heatmaps_to_keypoints(heatmaps, rois)  # [R, 17, 3]
        return torch.cat((found[..., :2], torch.ones_like(found[..., 2:])), dim=-1), found[..., 2]

    return read
