"""Faster R-CNN, and Mask and Keypoint R-CNN with it, made of parts.

Read :meth:`Detector.forward` first. Each stage is a line or two that name the functions of the labs; what stands
between them is the work that several images and several levels make.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course.detector.backbone import Backbone
from course.detector.validation import as_images, as_targets
from course.parts import as_parts

CHANNELS = 64  # of each level of the pyramid
STRIDES = (*Backbone.strides, 32)  # the pyramid has one level more than the backbone
RATIOS = (0.5, 1.0, 2.0)
LEVELS = (2, 4)  # ROIs are read from level 2 (stride 4) to level 4 (stride 16)
TRAINING_PROPOSALS = 300, 200  # of an image: so many of the best before NMS, so many after
PROPOSALS = 1000, 150  # and of one that is not learnt from
ROIS = 64  # of an image, for the heads to learn from
PERSON = 1  # the class that has keypoints, in COCO and in our scenes
LOC_WEIGHT = 1.0  # of the RPN's box loss; the lecture has 10, but small pictures and fresh weights do better with 1

Answers = list[dict[str, Tensor]]
Sizes = Sequence[tuple[int, ...]]  # (height, width) of each image


class Detector(nn.Module):
    """A detector that is called as torchvision's are.

    In training mode ``detector(images, targets)`` gives the losses by name: ``loss_objectness``,
    ``loss_rpn_box_reg``, ``loss_classifier``, ``loss_box_reg``, and ``loss_mask``, ``loss_keypoint`` where there are
    such heads. In evaluation mode ``detector(images)`` gives for each image ``boxes`` (D, 4), ``labels`` and ``scores``
    (D,), best first, with ``masks`` (D, 1, H, W), 0 or 1, and ``keypoints`` (D, 17, 3), ``keypoints_scores`` (D, 17);
    only persons have keypoints, the others zeros.

    ``images`` are tensors ``(3, H, W)`` in [0, 1], of any size; ``targets`` are torchvision's dictionaries with
    ``boxes`` (N, 4) in pixels, ``labels`` (N,) from 1 up, and ``masks`` (N, H, W), ``keypoints`` (N, 17, 3) where used.
    Arrays, lists, PIL's pictures, float64 and masks of 0 and 255 are taken as well; see :mod:`course.tensors`.
    N and D may be 0, and so may be the number of images in evaluation. Weights have the names that the labs fix, so
    those of one detector fit any other with the same heads and classes, with any author's parts.

    Args:
        parts: what to build it of: ``course.parts.collect(folder)``, ``course.library``, or anything else that
            :func:`course.parts.as_parts` takes.
        num_classes: with background.
        masks: whether to add the mask head.
        keypoints: whether to add the keypoint head.

    Raises:
        DetectorError: images or targets that make no sense; the message says which.

    Source: Ren et al., *Faster R-CNN* (2015); Lin et al., *Feature Pyramid Networks* (2017); He et al., *Mask R-CNN*
    (2017); the lecture's pipeline.
    """

    def __init__(self, parts: Any, num_classes: int, *, masks: bool = False, keypoints: bool = False) -> None:
        super().__init__()
        self.parts = parts = as_parts(parts)
        self.num_classes = num_classes
        self.backbone = Backbone()
        self.fpn = parts.FPN(list(Backbone.channels), CHANNELS)
        self.rpn_head = parts.RPNHead(CHANNELS, CHANNELS, len(RATIOS))
        self.box_head = parts.BoxHead(CHANNELS * 7 * 7, 256, num_classes)
        self.mask_head = parts.MaskHead(CHANNELS, CHANNELS, num_classes) if masks else None
        self.keypoint_head = parts.KeypointHead(CHANNELS, CHANNELS) if keypoints else None

    def forward(self, images: Sequence[Tensor], targets: Sequence[dict[str, Any]] | None = None) -> Any:
        """The losses in training, what was found otherwise."""
        images = as_images(images)
        learnt_from = as_targets(self, images, targets) if self.training else []
        if not images:
            return []
        sizes = [tuple(image.shape[1:]) for image in images]
        pyramid = self.pyramid(images)
        anchors = self.anchors(pyramid)  # [N, 4]
        objectness, deltas = self.rpn(pyramid)  # [B, N, 2], [B, N, 4]
        proposals = self.proposals(objectness.detach(), deltas.detach(), anchors, sizes)
        if not self.training:
            return self.detect(pyramid, proposals, sizes)
        return {
            **self.rpn_losses(objectness, deltas, anchors, sizes, learnt_from),
            **self.head_losses(pyramid, proposals, learnt_from),
        }

    def pyramid(self, images: Sequence[Tensor]) -> list[Tensor]:
        """Features ``(B, C, H / 4, W / 4)`` of the images, then of half that size, and so on, fine to coarse."""
        return [level.float() for level in self.fpn(self.backbone(_batch(images)))]

    # Stage 1: the region proposal network

    def anchors(self, pyramid: list[Tensor]) -> Tensor:
        """The anchors ``(N, 4)`` of all levels: one scale for each level, twice its stride, and three ratios."""
        grids = []
        for level, stride in zip(pyramid, STRIDES, strict=True):
            shapes = self.parts.anchor_shapes(stride, (2.0,), RATIOS).to(level)
            grids.append(self.parts.grid_anchors(tuple(level.shape[2:]), stride, shapes))
        return torch.cat(grids)

    def rpn(self, pyramid: list[Tensor]) -> tuple[Tensor, Tensor]:
        """Objectness ``(B, N, 2)`` and deltas ``(B, N, 4)`` of all anchors, from one head for all levels."""
        objectness, deltas = zip(*(self.rpn_head(level) for level in pyramid), strict=True)
        return torch.cat(objectness, dim=1).float(), torch.cat(deltas, dim=1).float()

    def proposals(self, objectness: Tensor, deltas: Tensor, anchors: Tensor, sizes: Sizes) -> list[Tensor]:
        """Boxes ``(P, 4)`` for each image, best first; more of them in training."""
        before, after = TRAINING_PROPOSALS if self.training else PROPOSALS
        settings = {"pre_nms_top_n": before, "post_nms_top_n": after, "nms_threshold": 0.7, "min_size": 2.0}
        images = zip(objectness, deltas, sizes, strict=True)
        return [
            self.parts.make_proposals(logits, moves, anchors, size, **settings)[0] for logits, moves, size in images
        ]

    def rpn_losses(
        self,
        objectness: Tensor,
        deltas: Tensor,
        anchors: Tensor,
        sizes: Sizes,
        targets: Sequence[dict[str, Any]],
    ) -> dict[str, Tensor]:
        """How wrong the anchors' answers are: those well inside the image, a sample of 256 from each."""
        parts = self.parts
        labels, moves = [], []
        quarter = (anchors[:, 2:] - anchors[:, :2]) / 4
        middles = torch.cat((anchors[:, :2] + quarter, anchors[:, 2:] - quarter), dim=1)  # half as wide, half as high
        for size, target in zip(sizes, targets, strict=True):
            # The lecture wants whole anchors inside. In pictures of 128 px no large one would be left to learn from.
            inside = parts.inside_image(middles, size).nonzero().squeeze(1)
            label, matched = parts.label_anchors(parts.box_iou(anchors[inside], target["boxes"]))
            label = parts.sample_labels(label, 256, 0.5)
            labels.append(label.new_full((len(anchors),), -1).index_copy(0, inside, label))
            moves.append(torch.zeros_like(anchors))
            object_ = inside[label == 1]
            moves[-1][object_] = parts.encode_boxes(target["boxes"][matched[label == 1]], anchors[object_])
        flat = objectness.flatten(0, 1), deltas.flatten(0, 1)
        _, classification, localisation = parts.rpn_loss(*flat, torch.cat(labels), torch.cat(moves))
        return {"loss_objectness": classification, "loss_rpn_box_reg": LOC_WEIGHT * localisation}

    # Stage 2: the heads

    def pooled(self, pyramid: list[Tensor], rois: list[Tensor], size: int) -> Tensor:
        """Features ``(R, C, size, size)`` of the ROIs of all images, each read from the level that suits its size."""
        boxes = torch.cat(rois)
        image = torch.cat([boxes.new_full((len(each), 1), number) for number, each in enumerate(rois)])
        five = torch.cat((image, boxes), dim=1)  # [R, 5]
        level = self.parts.roi_level(boxes, *LEVELS)
        found = boxes.new_zeros(len(boxes), CHANNELS, size, size)
        for k, (features, stride) in enumerate(zip(pyramid, Backbone.strides, strict=False), start=LEVELS[0]):
            here = (level == k).nonzero().squeeze(1)
            if len(here):
                read = self.parts.roi_align(features, five[here], (size, size), 1 / stride)
                found = found.index_copy(0, here, read)
        return found

    def head_losses(
        self, pyramid: list[Tensor], proposals: list[Tensor], targets: Sequence[dict[str, Any]]
    ) -> dict[str, Tensor]:
        """How wrong the heads are about a sample of ROIs from each image; masks and keypoints about its objects."""
        parts = self.parts
        samples = [
            parts.sample_rois(boxes, target["boxes"], target["labels"], batch_size=ROIS)
            for boxes, target in zip(proposals, targets, strict=True)
        ]
        rois, labels, moves = (list(each) for each in zip(*samples, strict=True))
        logits, deltas = self.box_head(self.pooled(pyramid, rois, 7))
        classification, box = parts.detection_loss(logits.float(), deltas.float(), torch.cat(labels), torch.cat(moves))
        losses = {"loss_classifier": classification, "loss_box_reg": box}

        positive = [roi[label > 0] for roi, label in zip(rois, labels, strict=True)]
        classes = [label[label > 0] for label in labels]
        matched = [  # which true box each is a try at
            parts.box_iou(roi, target["boxes"]).argmax(dim=1) if len(roi) else roi.new_zeros(0, dtype=torch.int64)
            for roi, target in zip(positive, targets, strict=True)
        ]
        if self.mask_head is not None:
            each = zip(targets, positive, matched, strict=True)
            truth = torch.cat([parts.mask_targets(target["masks"].to(roi), roi, which) for target, roi, which in each])
            logits = self.mask_head(self.pooled(pyramid, positive, 14)).float()
            losses["loss_mask"] = parts.mask_loss(logits, torch.cat(classes), truth)
        if self.keypoint_head is not None:
            persons = [roi[label == PERSON] for roi, label in zip(positive, classes, strict=True)]
            each = zip(targets, matched, classes, strict=True)
            joints = torch.cat([target["keypoints"][which[label == PERSON]] for target, which, label in each])
            heatmaps = self.keypoint_head(self.pooled(pyramid, persons, 14)).float()
            index, valid = parts.keypoints_to_heatmap(joints, torch.cat(persons), heatmaps.shape[-1])
            losses["loss_keypoint"] = parts.keypoint_loss(heatmaps, index, valid)
        return losses

    def detect(self, pyramid: list[Tensor], proposals: list[Tensor], sizes: Sizes) -> Answers:
        """What is in each image."""
        counts = [len(boxes) for boxes in proposals]
        logits, deltas = (answer.float().split(counts) for answer in self.box_head(self.pooled(pyramid, proposals, 7)))
        answers = []
        for number, size in enumerate(sizes):
            each = logits[number], deltas[number], proposals[number], size
            boxes, labels, scores = self.parts.postprocess_detections(*each)
            answers.append({"boxes": boxes, "labels": labels, "scores": scores})
        found = [answer["boxes"] for answer in answers]
        if self.mask_head is not None:
            labels = torch.cat([answer["labels"] for answer in answers])
            chances = self.mask_head(self.pooled(pyramid, found, 14)).float().sigmoid()
            chances = chances[torch.arange(len(labels), device=labels.device), labels]  # [D, 28, 28]: its own class
            for answer, masks, size in zip(answers, chances.split([len(boxes) for boxes in found]), sizes, strict=True):
                pasted = masks.new_zeros(len(masks), 1, *size)
                for place, (mask, box) in enumerate(zip(masks, answer["boxes"], strict=True)):
                    pasted[place, 0] = self.parts.paste_mask(mask, box, size)
                answer["masks"] = pasted
        if self.keypoint_head is not None:
            persons = [answer["labels"] == PERSON for answer in answers]
            rois = [boxes[who] for boxes, who in zip(found, persons, strict=True)]
            heatmaps = self.keypoint_head(self.pooled(pyramid, rois, 14)).float()
            joints = self.parts.heatmaps_to_keypoints(heatmaps, torch.cat(rois)).split([len(roi) for roi in rois])
            for answer, who, each in zip(answers, persons, joints, strict=True):
                keypoints = each.new_zeros(len(who), *each.shape[1:])
                keypoints[who] = each
                answer["keypoints_scores"] = keypoints[..., 2].clone()
                keypoints[who, :, 2] = 1
                answer["keypoints"] = keypoints
        return answers


def _batch(images: Sequence[Tensor]) -> Tensor:
    """Images of several sizes in one tensor ``(B, 3, H, W)``, H and W multiples of 32, black at the right and below.

    A pixel's channels lie side by side in memory, and so in all that is computed of it: convolutions are faster then.
    """
    height, width = (max(image.shape[side] for image in images) for side in (1, 2))
    height, width = -(-height // 32) * 32, -(-width // 32) * 32
    padded = [F.pad(image, (0, width - image.shape[2], 0, height - image.shape[1])) for image in images]
    return torch.stack(padded).contiguous(memory_format=torch.channels_last)
