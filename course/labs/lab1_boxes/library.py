"""Lab 1's functions."""

from torch import Tensor
from torchvision import ops


def yxyx_to_xyxy(boxes: Tensor) -> Tensor:
    """Reorder boxes ``(N, 4)`` from the slides' ``(y1, x1, y2, x2)`` to ``(x1, y1, x2, y2)``."""
    return boxes.unflatten(-1, (2, 2)).flip(-1).flatten(-2)


def box_area(boxes: Tensor) -> Tensor:
    """Areas ``(N,)`` of boxes ``(N, 4)``, in square pixels; :func:`torchvision.ops.box_area`."""
    return ops.box_area(boxes)


def box_iou(boxes1: Tensor, boxes2: Tensor) -> Tensor:
    """IoU ``(N, M)`` of every box of ``(N, 4)`` with every box of ``(M, 4)``; :func:`torchvision.ops.box_iou`.

    Two boxes without area have IoU 0 here, where torchvision answers 0 / 0 = NaN.
    """
    return ops.box_iou(boxes1, boxes2).nan_to_num(nan=0.0)


def clip_boxes_to_image(boxes: Tensor, size: tuple[int, int]) -> Tensor:
    """Boxes ``(N, 4)`` cut at the borders of an image of ``(height, width)``."""
    return ops.clip_boxes_to_image(boxes, size)


def remove_small_boxes(boxes: Tensor, min_size: float) -> Tensor:
    """Indices ``(K,)``, int64, ascending, of the boxes whose width and height are both at least ``min_size``."""
    return ops.remove_small_boxes(boxes, min_size)
