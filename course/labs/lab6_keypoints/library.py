"""Lab 6's functions and module."""

import torch
from torch import Tensor, nn
from torchvision.models.detection import keypoint_rcnn, roi_heads


class KeypointHead(keypoint_rcnn.KeypointRCNNPredictor):
    """Aligned features ``(R, C, H, W)`` of R persons to heat maps ``(R, K, 4 H, 4 W)`` of logits.

    torchvision's ``KeypointRCNNHeads`` (as ``convs``) and ``KeypointRCNNPredictor`` in one module.
    """

    kps_score_lowres: nn.ConvTranspose2d

    def __init__(self, in_channels: int, hidden: int = 512, num_keypoints: int = 17) -> None:
        super().__init__(hidden, num_keypoints)
        last = self.kps_score_lowres
        del self.kps_score_lowres
        self.convs = keypoint_rcnn.KeypointRCNNHeads(in_channels, (hidden,) * 8)
        self.kps_score_lowres = last  # parameters in the order of the layers, as the exercise's class has them

    def forward(self, features: Tensor) -> Tensor:
        """Heat maps."""
        return super().forward(self.convs(features))


def keypoints_to_heatmap(keypoints: Tensor, rois: Tensor, size: int = 56) -> tuple[Tensor, Tensor]:
    """Cells ``(R, K)`` of keypoints ``(R, K, 3)`` in a grid over each ROI ``(R, 4)``, and which of them count.

    torchvision's ``keypoints_to_heatmap``; what counts is bool here.
    """
    index, valid = roi_heads.keypoints_to_heatmap(keypoints, rois, size)
    return index, valid.bool()


def keypoint_loss(heatmaps: Tensor, index: Tensor, valid: Tensor) -> Tensor:
    """Mean cross-entropy of heat maps ``(R, K, S, S)`` over the keypoints that count.

    torchvision's ``keypointrcnn_loss``, which makes the indices itself: it gets the middles of the cells as keypoints.
    """
    heatmaps = heatmaps.masked_fill(~valid[..., None, None], 0)  # torchvision adds them up where none counts
    side = heatmaps.shape[-1]
    middles = torch.stack((index % side + 0.5, index // side + 0.5, valid), dim=2).to(heatmaps.dtype)
    boxes = torch.tensor([0, 0, side, side], device=heatmaps.device).repeat(len(index), 1).to(heatmaps.dtype)
    everyone = torch.arange(len(index), device=index.device)
    return roi_heads.keypointrcnn_loss(heatmaps, [boxes], [middles], [everyone])


def heatmaps_to_keypoints(heatmaps: Tensor, rois: Tensor) -> Tensor:
    """Places and scores ``(R, K, 3)`` of the keypoints that heat maps ``(R, K, H, W)`` show in ROIs ``(R, 4)``.

    torchvision's ``heatmaps_to_keypoints``; it rounds to float32, whatever the dtype that comes in and goes out.
    """
    found, scores = roi_heads.heatmaps_to_keypoints(heatmaps, rois)
    return torch.cat((found[..., :2], scores[..., None]), dim=2).to(heatmaps.dtype)
