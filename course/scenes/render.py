"""One scene, from its seed to the picture and the truth about it."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from course.scenes.brush import Canvas
from course.scenes.layout import Layout, plan
from course.scenes.stage import paint_scene
from course.scenes.target import target_of

Size = int | tuple[int, int]
SMALLEST, LARGEST = 32, 4096


def scene(seed: int, size: Size = 128) -> tuple[Tensor, dict[str, Any]]:
    """A picture of a building site and the truth about it, the same for the same seed and size.

    Args:
        seed: any whole number from 0; it is also the target's ``image_id``.
        size: the side of a square picture, or (height, width), 32 to 4096 pixels each.

    Returns:
        image ``(3, H, W)`` float32 in [0, 1], red, green, blue.
        target for torchvision's detectors: ``boxes`` (N, 4) float32 in (x1, y1, x2, y2) format, half open: the last
            column of the mask is ``x2 - 1``; ``labels`` (N,) int64, indices into :data:`CLASSES`; ``masks``
            (N, H, W) uint8, what is seen of each object, so no two overlap; ``keypoints`` (N, 17, 3) float32 (x, y, v),
            v = 0 off the picture (then x = y = 0), 1 hidden, 2 seen, and zeros for all but people; ``area`` (N,)
            float32, the mask's pixels; ``iscrowd`` (N,) int64, zeros; ``image_id``.

    Raises:
        ValueError: the seed is negative, or a side is too short or too long.
    """
    for_layout, stage, grain = streams(seed)
    height, width = as_size(size)
    image, target = paint(plan(for_layout, width / height), (height, width), stage, grain)
    return image, {"image_id": int(seed), **target}


def streams(seed: int) -> list[np.random.Generator]:
    """Three streams of numbers, for layout, stage and grain: what is drawn for one leaves the others as they are.

    Raises:
        ValueError: the seed is negative.
    """
    if seed < 0:
        raise ValueError(f"The seed of a scene should be 0 or more. Got {seed}.")
    return [np.random.default_rng([seed, purpose]) for purpose in range(3)]


def paint(
    layout: Layout, size: tuple[int, int], stage: np.random.Generator, grain: np.random.Generator
) -> tuple[Tensor, dict[str, Any]]:
    """The picture of a layout and the truth about it, as :func:`scene` gives them but for ``image_id``."""
    canvas = Canvas(*size)
    painted = paint_scene(canvas, layout, stage)
    image = _developed(canvas.picture(), grain)
    return torch.from_numpy(image).permute(2, 0, 1).contiguous().float() / 255, target_of(canvas.owners(), painted)


def as_size(size: Size) -> tuple[int, int]:
    """(height, width) from a side or from both.

    Raises:
        ValueError: a side is too short or too long.
    """
    height, width = (size, size) if isinstance(size, int) else size
    if not (SMALLEST <= height <= LARGEST and SMALLEST <= width <= LARGEST):
        raise ValueError(f"The sides of a scene should be {SMALLEST} to {LARGEST} pixels. Got {height} × {width}.")
    return height, width


def _developed(picture: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """The camera's part: corners a little darker, a little grain."""
    height, width = picture.shape[:2]
    y, x = (np.linspace(-1, 1, side, dtype=np.float32) for side in (height, width))
    corners = 1.02 - 0.10 * (x[None, :] ** 2 + y[:, None] ** 2) ** 1.2 / 2
    grain = rng.standard_normal((height, width), dtype=np.float32) * 1.6
    return np.clip(np.rint(picture * corners[..., None] + grain[..., None]), 0, 255).astype(np.uint8)
