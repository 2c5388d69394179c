"""The second half of lab 5: transposed convolutions and masks."""

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision import ops
from torchvision.models.detection import mask_rcnn, roi_heads

from course.labs.lab4_roi_heads.library import bilinear_sample


def upsample_1d(x: Tensor, weight: Tensor, stride: int) -> Tensor:
    """Transposed convolution of numbers ``(L,)`` with a kernel ``(k,)``: ``((L - 1) * stride + k,)``.

    :func:`torch.nn.functional.conv_transpose1d`.
    """
    if x.numel() == 0:
        return x.new_zeros(0)
    return functional.conv_transpose1d(x[None, None], weight[None, None], stride=stride)[0, 0]


def upsample_2d(x: Tensor, weight: Tensor, stride: int) -> Tensor:
    """Transposed convolution of a map ``(C, H, W)`` with kernels ``(C, K, k, k)``, to K channels.

    :func:`torch.nn.functional.conv_transpose2d`.
    """
    if 0 in x.shape[1:]:
        return x.new_zeros(weight.shape[1], 0, 0)
    return functional.conv_transpose2d(x[None], weight, stride=stride)[0]


class MaskHead(nn.Module):
    """Pooled features ``(R, C, 14, 14)`` to mask logits ``(R, K, 28, 28)``.

    torchvision's ``MaskRCNNHeads`` and ``MaskRCNNPredictor`` in one module, under the names that the lecture prints.
    """

    def __init__(self, in_channels: int, hidden: int, num_classes: int) -> None:
        super().__init__()
        blocks = mask_rcnn.MaskRCNNHeads(in_channels, [hidden] * 4, dilation=1)
        self.mask_fcn1, self.mask_fcn2, self.mask_fcn3, self.mask_fcn4 = (block[0] for block in blocks)
        predictor = mask_rcnn.MaskRCNNPredictor(hidden, hidden, num_classes)
        self.conv5_mask, self.mask_fcn_logits = predictor.conv5_mask, predictor.mask_fcn_logits

    def forward(self, features: Tensor) -> Tensor:
        """The logits."""
        *inner, logits = self.children()
        for layer in inner:
            features = functional.relu(layer(features))
        return logits(features)


def mask_targets(masks: Tensor, rois: Tensor, matched: Tensor, size: int = 28) -> Tensor:
    """The part of the matched mask in each ROI: ``(R, size, size)``, from masks ``(M, H, W)`` and ROIs ``(R, 4)``.

    :func:`torchvision.ops.roi_align`.
    """
    by_mask = torch.cat([matched.to(rois)[:, None], rois], dim=1)
    return ops.roi_align(masks.to(rois)[:, None], by_mask, (size, size), 1.0, 2, aligned=True)[:, 0]


def mask_loss(logits: Tensor, labels: Tensor, targets: Tensor) -> Tensor:
    """Mean binary cross-entropy of the true classes' masks; torchvision's ``maskrcnn_loss``.

    That one wants whole masks and ROIs, and cuts the ROIs out itself. Here the target is the whole mask, and the ROI
    all of it: half a pixel further up and left, since torchvision reads without the half pixel there.
    """
    if len(labels) == 0:
        return logits.sum()
    own = torch.arange(len(labels), device=labels.device)
    last = targets.shape[-1] - 0.5
    whole = targets.new_tensor([[-0.5, -0.5, last, last]]).expand(len(labels), 4)
    return roi_heads.maskrcnn_loss(logits, [whole], [targets], [labels], [own])


def paste_mask(mask: Tensor, box: Tensor, size: tuple[int, int]) -> Tensor:
    """Pixels ``(height, width)``, bool, whose middles are in a box ``(4,)`` and where a mask ``(h, w)`` is >= 0.5."""
    x1, y1, x2, y2 = box
    middles = [torch.arange(side, dtype=mask.dtype, device=mask.device) + 0.5 for side in size]
    y, x = (grid.flatten() for grid in torch.meshgrid(*middles, indexing="ij"))
    inside = (x >= x1) & (x < x2) & (y >= y1) & (y < y2)
    v = (y - y1) / (y2 - y1) * mask.shape[0] - 0.5
    u = (x - x1) / (x2 - x1) * mask.shape[1] - 0.5
    return (inside & (bilinear_sample(mask[None], v, u)[0] >= 0.5)).reshape(size)
