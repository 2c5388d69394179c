"""The truth about a picture, read off the canvas: masks, boxes and keypoints, as torchvision wants them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from course.scenes.body import Body
from course.scenes.names import KEYPOINTS
from course.scenes.parts import PARTS, shown_by, turned_away

LEAST_PIXELS = 12  # an object needs as many seen pixels,
LEAST_SIDE = 3  # a box this wide and high,
LEAST_SHARE = 0.2  # and this share of its pixels seen: whoever is hidden more is left out


@dataclass(frozen=True)
class Painted:
    """One object on the canvas: its owner numbers begin at ``code``; ``area`` before anything came in front of it."""

    code: int
    label: int
    area: int
    body: Body | None = None


def target_of(owners: NDArray[np.uint8], painted: list[Painted]) -> dict[str, Any]:
    """The target dictionary of a picture whose pixels belong to ``owners`` ``(height, width)``."""
    masks, boxes, labels, keypoints = [], [], [], []
    whose = owners // PARTS * PARTS
    for thing in painted:
        mask = whose == thing.code
        box = _box(mask)
        if box is None or mask.sum() < max(LEAST_PIXELS, LEAST_SHARE * thing.area):
            continue
        if min(box[2] - box[0], box[3] - box[1]) < LEAST_SIDE:
            continue
        masks.append(mask)
        boxes.append(box)
        labels.append(thing.label)
        keypoints.append(_keypoints(owners, thing))
    count, size = len(boxes), owners.shape
    stacked = np.stack(masks) if masks else np.zeros((0, *size), bool)
    return {
        "boxes": torch.tensor(boxes, dtype=torch.float32).reshape(count, 4),
        "labels": torch.tensor(labels, dtype=torch.int64),
        "masks": torch.from_numpy(stacked.astype(np.uint8)),
        "keypoints": torch.tensor(np.array(keypoints), dtype=torch.float32).reshape(count, len(KEYPOINTS), 3),
        "area": torch.tensor(stacked.sum((1, 2)), dtype=torch.float32),
        "iscrowd": torch.zeros(count, dtype=torch.int64),
    }


def _box(mask: NDArray[np.bool_]) -> tuple[int, int, int, int] | None:
    """The box of a mask, half open: the last column and row are ``x2 - 1`` and ``y2 - 1``."""
    columns, rows = np.flatnonzero(mask.any(0)), np.flatnonzero(mask.any(1))
    if not len(columns):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _keypoints(owners: NDArray[np.uint8], thing: Painted) -> NDArray[np.float64]:
    """The object's keypoints ``(17, 3)``: zeros where off the picture, and for everything but persons."""
    found = np.zeros((len(KEYPOINTS), 3))
    if thing.body is None:
        return found
    height, width = owners.shape
    for index, name in enumerate(KEYPOINTS):
        x, y = (float(np.float32(place)) for place in thing.body.points[name])
        if not (0 <= x < width and 0 <= y < height):
            continue
        parts = [thing.code + part for part in shown_by(name)]
        seen = owners[int(y), int(x)] in parts and not turned_away(thing.body, name)
        found[index] = x, y, 2 if seen else 1
    return found
