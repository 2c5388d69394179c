"""Typical inputs of lab 6's module and functions.

Keypoints keep a fifth of a cell away from where cells end; of each resized heat map one pixel is clearly the hottest:
so every order of computing gives the same answer.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Generator, Tensor
from torch.nn.functional import interpolate

from course.checking.random_inputs import module_inputs
from course.labs.lab6_keypoints.library import KeypointHead

CLEAR = 1e-3  # by so much the hottest pixel of a resized map beats every other


IMAGE = (240.0, 320.0)


def persons(generator: Generator, count: int, least: float = 20, most: float = 120, around: float = 0.0) -> Tensor:
    """ROIs ``(count, 4)`` of all shapes in an image, or up to ``around`` pixels off it, in quarter pixels."""
    height, width = IMAGE
    sides = least + torch.rand(count, 2, generator=generator) * (most - least)
    reach = torch.tensor([width, height]) + 2 * around
    corner = torch.rand(count, 2, generator=generator) * (reach - sides) - around
    return torch.cat([corner, corner + sides], dim=1).mul(4).round().div(4)


def joints(
    generator: Generator, rois: Tensor, size: int, count: int = 17, beyond: int = 0, visible: Sequence[int] = (2,)
) -> Tensor:
    """Keypoints ``(R, count, 3)`` in the cells of a grid over each ROI, or up to ``beyond`` cells off it."""
    cell = torch.randint(-beyond, size + beyond, (len(rois), count, 2), generator=generator)
    inside = 0.2 + 0.6 * torch.rand(cell.shape, generator=generator)
    place = rois[:, None, :2] + (cell + inside) * (rois[:, None, 2:] - rois[:, None, :2]) / size
    which = torch.randint(len(visible), (len(rois), count, 1), generator=generator)
    return torch.cat([place, torch.tensor(visible)[which].float()], dim=2)


def grid(
    generator: Generator,
    count: int,
    size: int = 56,
    keypoints: int = 17,
    beyond: int = 0,
    visible: Sequence[int] = (2,),
) -> tuple[Tensor, Tensor, int]:
    """Arguments of ``keypoints_to_heatmap``."""
    rois = persons(generator, count)
    return joints(generator, rois, size, keypoints, beyond, visible), rois, size


def heatmaps(
    generator: Generator, rois: Tensor, size: tuple[int, int], keypoints: int = 5, scale: float = 1.0
) -> Tensor:
    """Random maps ``(R, keypoints, *size)``, drawn again until each has one hottest pixel in its ROI."""
    maps = scale * torch.randn(len(rois), keypoints, *size, generator=generator)
    pixels = (rois[:, 2:] - rois[:, :2]).clamp(min=1).ceil().int().tolist()
    for roi, (width, height) in enumerate(pixels):
        while True:
            large = interpolate(maps[None, roi].double(), (height, width), mode="bicubic", align_corners=False)[0]
            best = large.flatten(start_dim=1).topk(min(2, height * width), dim=1).values
            close = best[:, 0] - best[:, -1] < CLEAR * scale
            if height * width == 1 or not close.any():
                break
            maps[roi, close] = scale * torch.randn(int(close.sum()), *size, generator=generator)
    return maps


def decoding(
    generator: Generator,
    count: int,
    size: tuple[int, int] = (14, 14),
    keypoints: int = 5,
    least: float = 20,
    most: float = 60,
    around: float = 0.0,
) -> tuple[Tensor, Tensor]:
    """Arguments of ``heatmaps_to_keypoints``: maps and ROIs."""
    rois = persons(generator, count, least, most, around)
    return heatmaps(generator, rois, size, keypoints), rois


def losses(
    generator: Generator, count: int, size: int = 9, keypoints: int = 5, share: float = 0.6, scale: float = 3.0
) -> tuple[Tensor, Tensor, Tensor]:
    """Heat maps, cells and what counts: about a ``share``, but at least one and not all; the rest is any cell."""
    maps = scale * torch.randn(count, keypoints, size, size, generator=generator)
    index = torch.randint(size**2, (count, keypoints), generator=generator)
    valid = torch.rand(count, keypoints, generator=generator) < share
    if valid.numel():
        valid[0, 0], valid[-1, -1] = True, share >= 1
    return maps, index, valid


def keypoint_head(arguments: tuple[int, ...], *shape: int) -> Callable[[Generator], tuple]:
    """A head's arguments, weights, and random features of a shape."""
    return lambda g: module_inputs(KeypointHead, arguments, g, torch.randn(shape, generator=g))


SAMPLES: dict[str, Callable[[Generator], tuple]] = {
    "KeypointHead": keypoint_head((3, 5, 4), 2, 3, 4, 5),
    "keypoints_to_heatmap": lambda g: grid(g, 4, beyond=9, visible=(0, 1, 2)),
    "keypoint_loss": lambda g: losses(g, 3, 7, scale=100.0),  # very sure, as a trained head is
    "heatmaps_to_keypoints": lambda g: decoding(g, 3, (9, 9)),
}
