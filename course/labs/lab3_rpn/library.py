"""Lab 3's module and functions."""

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision import ops
from torchvision.models.detection import rpn

from course.labs.lab1_boxes.library import clip_boxes_to_image, remove_small_boxes
from course.labs.lab2_anchors.library import decode_boxes


class RPNHead(nn.Module):
    """The head of the region proposal network, two logits for each anchor; of torchvision's layers and layout.

    ``RPNHead(in_channels, mid_channels, num_anchors)``; features ``(B, C, H, W)`` give objectness
    ``(B, H * W * num_anchors, 2)`` and deltas ``(B, H * W * num_anchors, 4)``.
    """

    def __init__(self, in_channels: int, mid_channels: int, num_anchors: int) -> None:
        super().__init__()
        block = ops.Conv2dNormActivation(in_channels, mid_channels, norm_layer=None)
        torch.nn.init.normal_(block[0].weight, std=0.01)
        torch.nn.init.constant_(block[0].bias, 0)
        self.conv, self.activation = block
        self.cls_logits = rpn.RPNHead(mid_channels, 2 * num_anchors).cls_logits
        self.bbox_pred = rpn.RPNHead(mid_channels, num_anchors).bbox_pred

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Objectness and deltas of every anchor, row-major: y, x, anchor."""
        batch, _, height, width = features.shape
        middle = self.activation(self.conv(features))
        objectness, deltas = (
            rpn.permute_and_flatten(answer, batch, answer.shape[1] // each, each, height, width)
            for answer, each in ((self.cls_logits(middle), 2), (self.bbox_pred(middle), 4))
        )
        return objectness, deltas


def rpn_loss(
    objectness: Tensor, deltas: Tensor, labels: Tensor, targets: Tensor, loc_weight: float = 10.0
) -> tuple[Tensor, Tensor, Tensor]:
    """Loss, classification loss and localisation loss of ``(N, 2)``, ``(N, 4)``, labels ``(N,)``, targets ``(N, 4)``.

    Cross-entropy is the mean over labels >= 0; smooth L1 (beta 1) is summed over positives and divided by their number.
    """
    judged, objects = torch.where(labels != -1)[0], torch.where(labels == 1)[0]
    entropy = functional.cross_entropy(objectness, labels, ignore_index=-1, reduction="none")[judged]
    distance = functional.smooth_l1_loss(deltas[objects], targets[objects], reduction="none")
    classification = entropy.sum() / max(len(judged), 1)
    localisation = distance.sum() / max(len(objects), 1)
    return classification + loc_weight * localisation, classification, localisation


def nms(boxes: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    """Indices ``(K,)``, int64, best first, of the boxes that NMS keeps; :func:`torchvision.ops.nms`."""
    return ops.nms(boxes, scores, iou_threshold)


def make_proposals(
    objectness: Tensor,
    deltas: Tensor,
    anchors: Tensor,
    size: tuple[int, int],
    pre_nms_top_n: int = 12000,
    post_nms_top_n: int = 2000,
    nms_threshold: float = 0.7,
    min_size: float = 16,
) -> tuple[Tensor, Tensor]:
    """Boxes ``(K, 4)`` and scores ``(K,)``, best first, proposed for one image of ``(height, width)``."""
    foreground = (objectness[:, 1] - objectness[:, 0]).sigmoid()  # softmax of two
    decoded = clip_boxes_to_image(decode_boxes(deltas, anchors), size)
    stays = remove_small_boxes(decoded, min_size)
    stays = stays[foreground[stays].sort(descending=True, stable=True).indices[:pre_nms_top_n]]
    stays = stays[ops.nms(decoded[stays], foreground[stays], nms_threshold)[:post_nms_top_n]]
    return decoded[stays], foreground[stays]
