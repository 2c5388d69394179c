"""Typical inputs of lab 1's functions."""

from collections.abc import Callable

import torch
from torch import Generator, Tensor

from course.checking.random_inputs import boxes

BETWEEN = 60.125  # no side is equal to it by chance: sides are multiples of a quarter, and ties have cases of their own


def off_image(generator: Generator, count: int) -> Tensor:
    """Boxes around the origin, so that coordinates have either sign."""
    return boxes(generator, count) - torch.tensor([250.0, 150.0, 250.0, 150.0])


SAMPLES: dict[str, Callable[[Generator], tuple]] = {
    "yxyx_to_xyxy": lambda g: (boxes(g, 5),),
    "box_area": lambda g: (boxes(g, 5),),
    "box_iou": lambda g: (boxes(g, 5, least=100), boxes(g, 4, least=100)),
    "clip_boxes_to_image": lambda g: (off_image(g, 5), (90, 180)),
    "remove_small_boxes": lambda g: (boxes(g, 15), BETWEEN),
}
