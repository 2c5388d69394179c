"""Lab 2's functions."""

from collections.abc import Sequence

import torch
from torch import Generator, Tensor
from torchvision.models.detection._utils import BalancedPositiveNegativeSampler, BoxCoder, Matcher
from torchvision.models.detection.anchor_utils import AnchorGenerator

Weights = tuple[float, float, float, float]


def anchor_shapes(base_size: float, scales: Sequence[float], ratios: Sequence[float]) -> Tensor:
    """Widths and heights ``(A, 2)``, float32, of all anchors at one point, ratio (height / width) outer, scale inner.

    By torchvision's ``AnchorGenerator``, which rounds to whole pixels: so it is asked for anchors 2²⁴ times as large.
    """
    enlarged = [base_size * scale * 2.0**24 for scale in scales]
    boxes = AnchorGenerator(sizes=(enlarged,), aspect_ratios=(tuple(ratios),)).cell_anchors[0]
    return (boxes[:, 2:] - boxes[:, :2]) / 2.0**24


def grid_anchors(feature_size: tuple[int, int], stride: float, shapes: Tensor) -> Tensor:
    """Anchors ``(fh · fw · A, 4)`` in the order y, x, anchor, centred in the middle of each cell.

    By torchvision's ``AnchorGenerator``, which centres them at the cell's corner: so they are moved by half a cell.
    """
    generator = AnchorGenerator()
    generator.cell_anchors = [torch.cat([-shapes, shapes], dim=1) / 2]
    return generator.grid_anchors([list(feature_size)], [[stride, stride]])[0] + stride / 2


def inside_image(boxes: Tensor, size: tuple[int, int]) -> Tensor:
    """Whether each box ``(N, 4)`` lies wholly inside an image of ``(height, width)``; bool ``(N,)``, borders inside."""
    limits = torch.tensor([size[1], size[0]], device=boxes.device)
    return ((boxes[:, :2] >= 0) & (boxes[:, 2:] <= limits)).all(dim=1)


def label_anchors(iou: Tensor, pos_threshold: float = 0.7, neg_threshold: float = 0.3) -> tuple[Tensor, Tensor]:
    """Labels (1 object, 0 background, −1 ignore) and best ground truth of anchors, both int64 ``(N,)``.

    From an IoU table ``(N, M)``, by torchvision's ``Matcher`` with ``allow_low_quality_matches``. That one takes every
    anchor for the best of a ground truth that none touches: so such a ground truth gets an anchor of its own, which is
    dropped again.
    """
    if iou.shape[1] == 0:
        background, matched = iou.new_zeros((2, len(iou)), dtype=torch.int64)
        return background, matched
    untouched = (iou > 0).any(dim=0).logical_not().to(iou)
    matcher = Matcher(pos_threshold, neg_threshold, allow_low_quality_matches=True)
    matches = matcher(torch.cat([iou, untouched[None]]).T)[:-1]
    background = matches == matcher.BELOW_LOW_THRESHOLD
    labels = (matches >= 0).long().masked_fill((matches < 0) & ~background, -1)
    return labels, iou.argmax(dim=1)


def sample_labels(
    labels: Tensor, batch_size: int = 256, positive_fraction: float = 0.5, generator: Generator | None = None
) -> Tensor:
    """Labels ``(N,)`` of which at most ``batch_size`` stay, chosen at random; the others become −1.

    By torchvision's ``BalancedPositiveNegativeSampler``, which only knows torch's own random numbers: so those are
    seeded from ``generator`` for the length of the call.
    """
    sampler = BalancedPositiveNegativeSampler(batch_size, positive_fraction)
    if generator is None:
        (positive,), (negative,) = sampler([labels])
    else:
        seed = int(torch.randint(2**62, (), generator=generator, device=generator.device))
        with torch.random.fork_rng(devices=list(range(torch.cuda.device_count()))):
            torch.manual_seed(seed)
            (positive,), (negative,) = sampler([labels])
    return labels.masked_fill(~(positive.bool() | negative.bool()), -1)


def encode_boxes(gt_boxes: Tensor, anchors: Tensor, weights: Weights = (1, 1, 1, 1)) -> Tensor:
    """Deltas ``(N, 4)`` (dx, dy, dw, dh) that lead from each anchor to its box; torchvision's ``BoxCoder``."""
    return BoxCoder(weights).encode_single(gt_boxes, anchors)


def decode_boxes(deltas: Tensor, anchors: Tensor, weights: Weights = (1, 1, 1, 1)) -> Tensor:
    """Boxes ``(N, 4)`` that deltas ``(N, 4)`` make of anchors; torchvision's ``BoxCoder``: dw, dh ≤ log(1000 / 16)."""
    return BoxCoder(weights).decode_single(deltas, anchors)
