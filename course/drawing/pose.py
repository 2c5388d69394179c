"""The 17 keypoints in words, their sides and bones, and made-up heat maps for want of a trained head."""

import torch
from torch import Generator, Tensor
from torch.nn.functional import interpolate

from course.scenes.names import KEYPOINTS, SKELETON

LEFT, RIGHT, MIDDLE = "left", "right", "middle"
WORDS = tuple(name.replace("_", " ") for name in KEYPOINTS)

SURE, UNSURE, NOISE = 11.0, 6.0, 0.8  # how far a made-up map rises where a joint is seen, is hidden, and elsewhere
SPREAD = 1.6  # cells: the width of a peak in a map of 56


def side(keypoint: int) -> str:
    """``"left"`` or ``"right"``, of the person's own, or ``"middle"``."""
    first = KEYPOINTS[keypoint].split("_")[0]
    return first if first in (LEFT, RIGHT) else MIDDLE


def bone_side(bone: tuple[int, int]) -> str:
    """The side of a bone; ``"middle"`` where it leads from one side to the other."""
    sides = {side(keypoint) for keypoint in bone} - {MIDDLE}
    return sides.pop() if len(sides) == 1 else MIDDLE


BONES = tuple((start, end, bone_side((start, end))) for start, end in SKELETON)


def simulated_heatmaps(index: Tensor, valid: Tensor, visibility: Tensor, size: int = 56, seed: int = 0) -> Tensor:
    """Heat maps ``(R, K, size, size)`` as a trained head might draw them.

    Smooth noise everywhere; where a keypoint counts, a hill on its cell: a high one if the joint is seen (v = 2), a
    lower one if it is hidden (v = 1).

    Args:
        index (Tensor[R, K]): int64 cells, row · size + column, each below size².
        valid (Tensor[R, K]): whether a keypoint counts.
        visibility (Tensor[R, K]): v.
        size: rows and columns of a map.
        seed: of the noise; the same on every machine.
    """
    generator = Generator().manual_seed(seed)
    coarse = torch.randn(*index.shape, 12, 12, generator=generator)
    noise = NOISE * interpolate(coarse, (size, size), mode="bicubic", align_corners=False)
    cells = torch.arange(size, device=index.device)
    rows, columns = (index // size)[..., None, None], (index % size)[..., None, None]
    distance = (cells[:, None] - rows) ** 2 + (cells - columns) ** 2  # [R, K, size, size]
    height = torch.where(visibility == 2, SURE, UNSURE) * valid  # [R, K]
    width = 2 * (SPREAD * size / 56) ** 2
    return noise.to(index.device) + height[..., None, None] * torch.exp(-distance / width)
