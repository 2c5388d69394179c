"""Lab 4's functions and module."""

import torch
from torch import Tensor
from torch.nn import Linear
from torch.nn.functional import grid_sample
from torchvision import ops
from torchvision.models.detection import faster_rcnn, roi_heads

WEIGHTS = (10.0, 10.0, 5.0, 5.0)


def sample_rois(
    proposals: Tensor,
    gt_boxes: Tensor,
    gt_labels: Tensor,
    batch_size: int = 128,
    positive_fraction: float = 0.25,
    iou_threshold: float = 0.5,
    generator: torch.Generator | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """Training sample of one image: ROIs ``(R, 4)``, their classes ``(R,)``, their targets ``(R, 4)``.

    Proposals ``(N, 4)`` and true boxes ``(M, 4)`` compete for the ``batch_size`` places, as in torchvision's
    ``RoIHeads.select_training_samples``; the targets of background are 0.
    """
    heads = _heads(iou_threshold, batch_size, positive_fraction)
    truth = {"boxes": gt_boxes, "labels": gt_labels}
    devices = list(range(torch.cuda.device_count()))
    with torch.random.fork_rng(devices, enabled=generator is not None):
        if generator is not None:  # torchvision only knows torch's own random numbers
            torch.manual_seed(int(torch.randint(2**62, (), generator=generator, device=generator.device)))
        rois, _, labels, targets = heads.select_training_samples([proposals], [truth])
    background = (labels[0] == 0)[:, None]
    return rois[0], labels[0], targets[0].masked_fill(background, 0)


def roi_pool(features: Tensor, rois: Tensor, output_size: tuple[int, int], spatial_scale: float) -> Tensor:
    """Largest values ``(R, C, *output_size)`` in the bins of ROIs ``(R, 5)``; :func:`torchvision.ops.roi_pool`."""
    return ops.roi_pool(features, rois, output_size, spatial_scale)


def bilinear_sample(feature: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """A map ``(C, H, W)`` read at points ``(K,)`` between its cells, ``(C, K)``, as ``roi_align`` does.

    By :func:`torch.nn.functional.grid_sample`, whose coordinates run from −1 to 1.
    """
    _, height, width = feature.shape
    off_map = (y < -1) | (y > height) | (x < -1) | (x > width)
    grid = torch.stack(((2 * x + 1) / width - 1, (2 * y + 1) / height - 1), dim=1)
    values = grid_sample(feature[None], grid[None, None], padding_mode="border", align_corners=False)
    return values[0, :, 0].masked_fill(off_map, 0)


def roi_align(
    features: Tensor, rois: Tensor, output_size: tuple[int, int], spatial_scale: float, sampling_ratio: int = 2
) -> Tensor:
    """Mean of bilinear samples ``(R, C, *output_size)`` in the bins of ROIs ``(R, 5)``, half-pixel aligned.

    :func:`torchvision.ops.roi_align`.
    """
    return ops.roi_align(features, rois, output_size, spatial_scale, sampling_ratio, aligned=True)


class BoxHead(faster_rcnn.TwoMLPHead):
    """Pooled features of R ROIs to class logits ``(R, K)`` and box deltas ``(R, 4 K)``.

    torchvision's ``TwoMLPHead`` and ``FastRCNNPredictor`` in one module.
    """

    def __init__(self, in_features: int, hidden: int, num_classes: int) -> None:
        super().__init__(in_features, hidden)
        self.cls_score = Linear(hidden, num_classes)
        self.bbox_pred = Linear(hidden, 4 * num_classes)
        for answer in (self.cls_score, self.bbox_pred):
            torch.nn.init.normal_(answer.weight, 0, 0.01)
            torch.nn.init.constant_(answer.bias, 0)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Logits and deltas."""
        x = super().forward(features)
        return self.cls_score(x), self.bbox_pred(x)


def detection_loss(logits: Tensor, deltas: Tensor, labels: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Classification and box loss; torchvision's ``fastrcnn_loss``, with 0 instead of NaN where there is no ROI."""
    if len(labels) == 0:
        return logits.sum(), deltas.sum()
    return roi_heads.fastrcnn_loss(logits, deltas, [labels], [targets])


def postprocess_detections(
    logits: Tensor,
    deltas: Tensor,
    rois: Tensor,
    size: tuple[int, int],
    score_threshold: float = 0.05,
    nms_threshold: float = 0.5,
    max_detections: int = 100,
) -> tuple[Tensor, Tensor, Tensor]:
    """Detections of one image, best first: boxes ``(D, 4)``, labels and scores ``(D,)``.

    torchvision's ``RoIHeads.postprocess_detections``.
    """
    heads = _heads(score_thresh=score_threshold, nms_thresh=nms_threshold, detections_per_img=max_detections)
    boxes, scores, labels = heads.postprocess_detections(logits, deltas, [rois], [size])
    return boxes[0], labels[0], scores[0]


def _heads(
    iou_threshold: float = 0.5, batch_size: int = 128, positive_fraction: float = 0.25, **settings: float
) -> roi_heads.RoIHeads:
    """A ``RoIHeads`` of torchvision's, for its methods alone."""
    settings = {"score_thresh": 0.05, "nms_thresh": 0.5, "detections_per_img": 100} | settings
    return roi_heads.RoIHeads(
        None, None, None, iou_threshold, iou_threshold, batch_size, positive_fraction, WEIGHTS, **settings
    )
