"""Wrong answers to lab 1, each with the hint that its author must get.

The ones called ``slides`` are the lecture's printed code, adapted to our signatures.
"""

import torch
from torch import Tensor

from autograder.answers import wrong
from course.checks import lab1_boxes as hints

# yxyx_to_xyxy


@wrong("Each box has two corners, (y1, x1) and (y2, x2): swap the two numbers within each corner. Nothing changed yet.")
def yxyx_to_xyxy__unchanged(boxes: Tensor) -> Tensor:
    return boxes.clone()


@wrong("The whole row is reversed, so that the far corner comes first: swap within each corner only.")
def yxyx_to_xyxy__reversed(boxes: Tensor) -> Tensor:
    return boxes.flip(1)


@wrong("Only one corner is swapped: (y1, x1) and (y2, x2) both need it.")
def yxyx_to_xyxy__first_corner(boxes: Tensor) -> Tensor:
    return boxes[:, [1, 0, 2, 3]]


@wrong("You swap rows, not columns: boxes[[1, 0, 3, 2]] reorders the boxes, boxes[:, [1, 0, 3, 2]] their coordinates.")
def yxyx_to_xyxy__rows(boxes: Tensor) -> Tensor:
    return boxes[[1, 0, 3, 2]]


@wrong("Right numbers, but written into the argument: the caller's boxes are swapped too. Give a new tensor.")
def yxyx_to_xyxy__in_place(boxes: Tensor) -> Tensor:
    swapped = boxes.clone()
    boxes[:, 0], boxes[:, 1] = swapped[:, 1], swapped[:, 0]
    boxes[:, 2], boxes[:, 3] = swapped[:, 3], swapped[:, 2]
    return boxes


# box_area


@wrong(hints.PLUS_ONE)
def box_area__slides(boxes: Tensor) -> Tensor:
    return (boxes[:, 2] - boxes[:, 0] + 1) * (boxes[:, 3] - boxes[:, 1] + 1)


@wrong(hints.MIXED_COLUMNS)
def box_area__mixed_columns(boxes: Tensor) -> Tensor:
    x1, x2, y1, y2 = boxes.unbind(1)
    return (x2 - x1) * (y2 - y1)


@wrong("x2 and y2 are where the box ends, not how large it is: the area is (x2 - x1) * (y2 - y1).")
def box_area__far_corner(boxes: Tensor) -> Tensor:
    return boxes[:, 2] * boxes[:, 3]


@wrong("Width plus height is half of the outline. The area is their product.")
def box_area__sum(boxes: Tensor) -> Tensor:
    return (boxes[:, 2] - boxes[:, 0]) + (boxes[:, 3] - boxes[:, 1])


@wrong("One number too few brackets away: the areas came as a column of shape (N, 1), and (N,) is wanted.")
def box_area__column(boxes: Tensor) -> Tensor:
    return (boxes[:, 2:3] - boxes[:, 0:1]) * (boxes[:, 3:4] - boxes[:, 1:2])


# box_iou


@wrong(hints.NO_CLAMP)
def box_iou__no_clamp(boxes1: Tensor, boxes2: Tensor) -> Tensor:
    w = torch.minimum(boxes1[:, None, 2], boxes2[:, 2]) - torch.maximum(boxes1[:, None, 0], boxes2[:, 0])
    h = torch.minimum(boxes1[:, None, 3], boxes2[:, 3]) - torch.maximum(boxes1[:, None, 1], boxes2[:, 1])
    area1 = (boxes1[:, 2] - boxes1[:, 0]) * (boxes1[:, 3] - boxes1[:, 1])
    area2 = (boxes2[:, 2] - boxes2[:, 0]) * (boxes2[:, 3] - boxes2[:, 1])
    union = area1[:, None] + area2 - w * h
    return torch.where(union != 0, w * h / union, 0.0)


@wrong(
    "You clamp the product: where both sides are negative it is positive again. Clamp width and height, each by itself."
)
def box_iou__clamp_product(boxes1: Tensor, boxes2: Tensor) -> Tensor:
    w = torch.minimum(boxes1[:, None, 2], boxes2[:, 2]) - torch.maximum(boxes1[:, None, 0], boxes2[:, 0])
    h = torch.minimum(boxes1[:, None, 3], boxes2[:, 3]) - torch.maximum(boxes1[:, None, 1], boxes2[:, 1])
    inter = (w * h).clamp(min=0)
    area1 = (boxes1[:, 2] - boxes1[:, 0]) * (boxes1[:, 3] - boxes1[:, 1])
    area2 = (boxes2[:, 2] - boxes2[:, 0]) * (boxes2[:, 3] - boxes2[:, 1])
    union = area1[:, None] + area2 - inter
    return torch.where(union != 0, inter / union, 0.0)


@wrong(hints.PLUS_ONE)
def box_iou__plus_one(boxes1: Tensor, boxes2: Tensor) -> Tensor:
    lt = torch.max(boxes1[:, None, :2], boxes2[:, :2])
    rb = torch.min(boxes1[:, None, 2:], boxes2[:, 2:])
    inter = (rb - lt + 1).clamp(min=0).prod(2)
    area1 = (boxes1[:, 2:] - boxes1[:, :2] + 1).prod(1)
    area2 = (boxes2[:, 2:] - boxes2[:, :2] + 1).prod(1)
    return inter / (area1[:, None] + area2 - inter)


@wrong(
    "The +1 of the slides' NMS counts pixels, and their NumPy loop takes the tensors off their device. Coordinates are "
    "continuous here: width = x2 - x1, in tensor operations."
)
def box_iou__slides(boxes1: Tensor, boxes2: Tensor) -> Tensor:
    import numpy as np

    x1, y1, x2, y2 = np.asarray(boxes2).T
    areas = (x2 - x1 + 1) * (y2 - y1 + 1)
    ious = np.zeros((len(boxes1), len(boxes2)), dtype=np.float32)
    for i, box in enumerate(np.asarray(boxes1)):
        xx1 = np.maximum(box[0], x1)
        yy1 = np.maximum(box[1], y1)
        xx2 = np.minimum(box[2], x2)
        yy2 = np.minimum(box[3], y2)
        w = np.maximum(0.0, xx2 - xx1 + 1)
        h = np.maximum(0.0, yy2 - yy1 + 1)
        inter = w * h
        ious[i] = inter / ((box[2] - box[0] + 1) * (box[3] - box[1] + 1) + areas - inter)
    return torch.from_numpy(ious)


@wrong(hints.UNION_TOO_LARGE)
def box_iou__union_too_large(boxes1: Tensor, boxes2: Tensor) -> Tensor:
    lt = torch.max(boxes1[:, None, :2], boxes2[:, :2])
    rb = torch.min(boxes1[:, None, 2:], boxes2[:, 2:])
    inter = (rb - lt).clamp(min=0).prod(2)
    area1 = (boxes1[:, 2:] - boxes1[:, :2]).prod(1)
    area2 = (boxes2[:, 2:] - boxes2[:, :2]).prod(1)
    return inter / (area1[:, None] + area2).clamp(min=1e-9)


@wrong(hints.MIXED_COLUMNS)
def box_iou__mixed_columns(boxes1: Tensor, boxes2: Tensor) -> Tensor:
    ax1, ax2, ay1, ay2 = boxes1[:, None].unbind(-1)
    bx1, bx2, by1, by2 = boxes2.unbind(-1)
    w = (torch.minimum(ax2, bx2) - torch.maximum(ax1, bx1)).clamp(min=0)
    h = (torch.minimum(ay2, by2) - torch.maximum(ay1, by1)).clamp(min=0)
    union = (ax2 - ax1) * (ay2 - ay1) + (bx2 - bx1) * (by2 - by1) - w * h
    return torch.where(union != 0, w * h / union, 0.0)


@wrong(hints.ALL_WITH_ALL)
def box_iou__one_to_one(boxes1: Tensor, boxes2: Tensor) -> Tensor:
    lt = torch.max(boxes1[:, :2], boxes2[:, :2])
    rb = torch.min(boxes1[:, 2:], boxes2[:, 2:])
    inter = (rb - lt).clamp(min=0).prod(1)
    area1 = (boxes1[:, 2:] - boxes1[:, :2]).prod(1)
    area2 = (boxes2[:, 2:] - boxes2[:, :2]).prod(1)
    return inter / (area1 + area2 - inter).clamp(min=1e-9)


@wrong("The table is lying on its side: rows belong to boxes1 and columns to boxes2, shape (N, M).")
def box_iou__transposed(boxes1: Tensor, boxes2: Tensor) -> Tensor:
    lt = torch.max(boxes2[:, None, :2], boxes1[:, :2])
    rb = torch.min(boxes2[:, None, 2:], boxes1[:, 2:])
    inter = (rb - lt).clamp(min=0).prod(2)
    area1 = (boxes1[:, 2:] - boxes1[:, :2]).prod(1)
    area2 = (boxes2[:, 2:] - boxes2[:, :2]).prod(1)
    return inter / (area2[:, None] + area1 - inter).clamp(min=1e-9)


@wrong("You divide by the smaller box: then a tiny box inside a huge one scores 1. Divide by the union of both.")
def box_iou__smaller_area(boxes1: Tensor, boxes2: Tensor) -> Tensor:
    lt = torch.max(boxes1[:, None, :2], boxes2[:, :2])
    rb = torch.min(boxes1[:, None, 2:], boxes2[:, 2:])
    inter = (rb - lt).clamp(min=0).prod(2)
    area1 = (boxes1[:, 2:] - boxes1[:, :2]).prod(1)
    area2 = (boxes2[:, 2:] - boxes2[:, :2]).prod(1)
    return inter / torch.minimum(area1[:, None], area2).clamp(min=1e-9)


@wrong(hints.NOT_A_NUMBER)
def box_iou__zero_by_zero(boxes1: Tensor, boxes2: Tensor) -> Tensor:
    lt = torch.max(boxes1[:, None, :2], boxes2[:, :2])
    rb = torch.min(boxes1[:, None, 2:], boxes2[:, 2:])
    inter = (rb - lt).clamp(min=0).prod(2)
    area1 = (boxes1[:, 2:] - boxes1[:, :2]).prod(1)
    area2 = (boxes2[:, 2:] - boxes2[:, :2]).prod(1)
    return inter / (area1[:, None] + area2 - inter)


@wrong("Boxes have no place of their own on a pixel grid: rounding or .int() loses the fractions of x and y.")
def box_iou__whole_pixels(boxes1: Tensor, boxes2: Tensor) -> Tensor:
    first, second = boxes1.round(), boxes2.round()
    lt = torch.max(first[:, None, :2], second[:, :2])
    rb = torch.min(first[:, None, 2:], second[:, 2:])
    inter = (rb - lt).clamp(min=0).prod(2)
    area1 = (first[:, 2:] - first[:, :2]).prod(1)
    area2 = (second[:, 2:] - second[:, :2]).prod(1)
    return inter / (area1[:, None] + area2 - inter).clamp(min=1e-9)


@wrong("That is the intersection alone: divide it by the union, or large boxes always win.")
def box_iou__intersection(boxes1: Tensor, boxes2: Tensor) -> Tensor:
    lt = torch.max(boxes1[:, None, :2], boxes2[:, :2])
    rb = torch.min(boxes1[:, None, 2:], boxes2[:, 2:])
    return (rb - lt).clamp(min=0).prod(2)


@wrong("You divide by the area of the first box alone: divide by the union of both.")
def box_iou__first_area(boxes1: Tensor, boxes2: Tensor) -> Tensor:
    lt = torch.max(boxes1[:, None, :2], boxes2[:, :2])
    rb = torch.min(boxes1[:, None, 2:], boxes2[:, 2:])
    area1 = (boxes1[:, 2:] - boxes1[:, :2]).prod(1)
    return (rb - lt).clamp(min=0).prod(2) / area1[:, None].clamp(min=1e-9)


# clip_boxes_to_image


@wrong(hints.SIZE_SWAPPED)
def clip_boxes_to_image__size_swapped(boxes: Tensor, size: tuple[int, int]) -> Tensor:
    width, height = size
    x = boxes[:, 0::2].clamp(0, width)
    y = boxes[:, 1::2].clamp(0, height)
    return torch.stack([x, y], dim=2).flatten(1)


@wrong("The right border is at x = width and the lower one at y = height, not at - 1: coordinates are continuous.")
def clip_boxes_to_image__minus_one(boxes: Tensor, size: tuple[int, int]) -> Tensor:
    x = boxes[:, 0::2].clamp(0, size[1] - 1)
    y = boxes[:, 1::2].clamp(0, size[0] - 1)
    return torch.stack([x, y], dim=2).flatten(1)


@wrong("Only the far borders hold: a coordinate can also be below 0.")
def clip_boxes_to_image__far_borders(boxes: Tensor, size: tuple[int, int]) -> Tensor:
    x = boxes[:, 0::2].clamp(max=size[1])
    y = boxes[:, 1::2].clamp(max=size[0])
    return torch.stack([x, y], dim=2).flatten(1)


@wrong(
    "You cut x1, y1 at the near borders and x2, y2 at the far ones only: a box wholly outside keeps a corner outside."
)
def clip_boxes_to_image__one_side_each(boxes: Tensor, size: tuple[int, int]) -> Tensor:
    x1, y1, x2, y2 = boxes.unbind(1)
    return torch.stack([x1.clamp(min=0), y1.clamp(min=0), x2.clamp(max=size[1]), y2.clamp(max=size[0])], dim=1)


@wrong("Boxes outside are to be cut, not dropped: N boxes in, N boxes out, so that scores and labels still fit.")
def clip_boxes_to_image__dropped(boxes: Tensor, size: tuple[int, int]) -> Tensor:
    x = boxes[:, 0::2].clamp(0, size[1])
    y = boxes[:, 1::2].clamp(0, size[0])
    clipped = torch.stack([x, y], dim=2).flatten(1)
    return clipped[(clipped[:, 2:] > clipped[:, :2]).all(dim=1)]


@wrong(
    "The lecture's code never cuts its proposals, and hundreds of them leave the image: clamp x and y to the borders."
)
def clip_boxes_to_image__slides(boxes: Tensor, size: tuple[int, int]) -> Tensor:
    return boxes


@wrong("Right numbers, but clamp_ writes into the argument: the caller's boxes are cut too. Use clamp on a new tensor.")
def clip_boxes_to_image__in_place(boxes: Tensor, size: tuple[int, int]) -> Tensor:
    boxes[:, 0::2].clamp_(0, size[1])
    boxes[:, 1::2].clamp_(0, size[0])
    return boxes


# remove_small_boxes


@wrong(hints.STRICT)
def remove_small_boxes__strict(boxes: Tensor, min_size: float) -> Tensor:
    sides = boxes[:, 2:] - boxes[:, :2]
    return torch.where((sides > min_size).all(dim=1))[0]


@wrong("One long side is not enough: width and height must both be at least min_size (and, not or).")
def remove_small_boxes__either_side(boxes: Tensor, min_size: float) -> Tensor:
    sides = boxes[:, 2:] - boxes[:, :2]
    return torch.where((sides >= min_size).any(dim=1))[0]


@wrong("It is the two sides that count, not the area: a long thin box has to go, however large.")
def remove_small_boxes__area(boxes: Tensor, min_size: float) -> Tensor:
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    return torch.where(area >= min_size**2)[0]


@wrong("You give yes/no values: the numbers of the boxes that stay are wanted, as int64.")
def remove_small_boxes__mask(boxes: Tensor, min_size: float) -> Tensor:
    sides = boxes[:, 2:] - boxes[:, :2]
    return (sides >= min_size).all(dim=1)


@wrong("You give the boxes themselves: their numbers are wanted, so that scores can be picked with them too.")
def remove_small_boxes__boxes(boxes: Tensor, min_size: float) -> Tensor:
    sides = boxes[:, 2:] - boxes[:, :2]
    return boxes[(sides >= min_size).all(dim=1)]


@wrong(
    "squeeze() drops every dimension of length 1, also that of a list with one box: use squeeze(1), or where(...)[0]."
)
def remove_small_boxes__squeezed(boxes: Tensor, min_size: float) -> Tensor:
    sides = boxes[:, 2:] - boxes[:, :2]
    return (sides >= min_size).all(dim=1).nonzero().squeeze()


@wrong("np.where leaves PyTorch and the device of the boxes: this NumPy array breaks whatever indexes tensors with it.")
def remove_small_boxes__slides(boxes: Tensor, min_size: float) -> Tensor:
    import numpy as np

    roi = np.asarray(boxes)
    hs = roi[:, 3] - roi[:, 1]
    ws = roi[:, 2] - roi[:, 0]
    return np.where((hs >= min_size) & (ws >= min_size))[0]


@wrong("You look at the width only: the height, y2 - y1, must be at least min_size as well.")
def remove_small_boxes__width_only(boxes: Tensor, min_size: float) -> Tensor:
    return torch.where(boxes[:, 2] - boxes[:, 0] >= min_size)[0]


@wrong("You look at the height only: the width, x2 - x1, must be at least min_size as well.")
def remove_small_boxes__height_only(boxes: Tensor, min_size: float) -> Tensor:
    return torch.where(boxes[:, 3] - boxes[:, 1] >= min_size)[0]


@wrong(hints.PLUS_ONE)
def remove_small_boxes__plus_one(boxes: Tensor, min_size: float) -> Tensor:
    return torch.where((boxes[:, 2:] - boxes[:, :2] + 1 >= min_size).all(dim=1))[0]
