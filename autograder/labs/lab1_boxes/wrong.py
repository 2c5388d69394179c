"""Wrong answers to lab 1, each with the hint that its author must get.

The ones called ``slides`` are the lecture's printed code, adapted to our signatures.
"""

import torch
from torch import Tensor

from autograder.grader.answers import variants, wrong
from autograder.labs.lab1_boxes import right
from course.labs.lab1_boxes import checks as hints

# yxyx_to_xyxy


YXYX_TO_XYXY = variants(
    right.yxyx_to_xyxy__columns,
    unchanged=(
        "Each box has two corners, (y1, x1) and (y2, x2): swap the two numbers within each corner. Nothing changed "
        "yet.",
        ("boxes[:, [1, 0, 3, 2]]", "boxes.clone()"),
    ),
    reversed=(
        "The whole row is reversed, so that the far corner comes first: swap within each corner only.",
        ("boxes[:, [1, 0, 3, 2]]", "boxes.flip(1)"),
    ),
    first_corner=("Only one corner is swapped: (y1, x1) and (y2, x2) both need it.", ("3, 2", "2, 3")),
    rows=(
        "You swap rows, not columns: boxes[[1, 0, 3, 2]] reorders the boxes, boxes[:, [1, 0, 3, 2]] their coordinates.",
        ("boxes[:, [1, 0, 3, 2]]", "boxes[[1, 0, 3, 2]]"),
    ),
)


@wrong("Right numbers, but written into the argument: the caller's boxes are swapped too. Give a new tensor.")
def yxyx_to_xyxy__in_place(boxes: Tensor) -> Tensor:
    swapped = boxes.clone()
    boxes[:, 0], boxes[:, 1] = swapped[:, 1], swapped[:, 0]
    boxes[:, 2], boxes[:, 3] = swapped[:, 3], swapped[:, 2]
    return boxes


# box_area


BOX_AREA = variants(
    right.box_area__columns,
    slides=(hints.PLUS_ONE, (") * (", " + 1) * ("), ("boxes[:, 1])", "boxes[:, 1] + 1)")),
    far_corner=(
        "x2 and y2 are where the box ends, not how large it is: the area is (x2 - x1) * (y2 - y1).",
        (" - boxes[:, 0]", ""),
        (" - boxes[:, 1]", ""),
    ),
    sum=("Width plus height is half of the outline. The area is their product.", (") * (", ") + (")),
    column=(
        "The areas came as a column of shape (N, 1): index with a number, boxes[:, 0], to get shape (N,).",
        (
            "(boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])",
            "(boxes[:, 2:3] - boxes[:, 0:1]) * (boxes[:, 3:4] - boxes[:, 1:2])",
        ),
    ),
)


@wrong(hints.MIXED_COLUMNS)
def box_area__mixed_columns(boxes: Tensor) -> Tensor:
    x1, x2, y1, y2 = boxes.unbind(1)
    return (x2 - x1) * (y2 - y1)


BOX_AREA_FLOAT32 = variants(
    right.box_area__product,
    float32=(
        "Keep the precision that came in: make new tensors with dtype=boxes.dtype, and never call .float().",
        ("dim=1)", "dim=1).float()"),
    ),
)


# box_iou


@wrong(hints.NO_CLAMP)
def box_iou__no_clamp(boxes1: Tensor, boxes2: Tensor) -> Tensor:
    w = torch.minimum(boxes1[:, None, 2], boxes2[:, 2]) - torch.maximum(boxes1[:, None, 0], boxes2[:, 0])
    h = torch.minimum(boxes1[:, None, 3], boxes2[:, 3]) - torch.maximum(boxes1[:, None, 1], boxes2[:, 1])
    area1 = (boxes1[:, 2] - boxes1[:, 0]) * (boxes1[:, 3] - boxes1[:, 1])
    area2 = (boxes2[:, 2] - boxes2[:, 0]) * (boxes2[:, 3] - boxes2[:, 1])
    union = area1[:, None] + area2 - w * h
    return torch.where(union != 0, w * h / union, 0.0)


BOX_IOU_NO_CLAMP = variants(
    box_iou__no_clamp,
    clamp_product=(
        "You clamp the product: where both sides are negative it is positive again. Clamp width and height, each by "
        "itself.",
        ("    area1 =", "    inter = (w * h).clamp(min=0)\n    area1 ="),
        ("- w * h", "- inter"),
        ("w * h /", "inter /"),
    ),
)


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


@wrong(hints.MIXED_COLUMNS)
def box_iou__mixed_columns(boxes1: Tensor, boxes2: Tensor) -> Tensor:
    ax1, ax2, ay1, ay2 = boxes1[:, None].unbind(-1)
    bx1, bx2, by1, by2 = boxes2.unbind(-1)
    w = (torch.minimum(ax2, bx2) - torch.maximum(ax1, bx1)).clamp(min=0)
    h = (torch.minimum(ay2, by2) - torch.maximum(ay1, by1)).clamp(min=0)
    union = (ax2 - ax1) * (ay2 - ay1) + (bx2 - bx1) * (by2 - by1) - w * h
    return torch.where(union != 0, w * h / union, 0.0)


@wrong(hints.NOT_A_NUMBER)
def box_iou__zero_by_zero(boxes1: Tensor, boxes2: Tensor) -> Tensor:
    lt = torch.max(boxes1[:, None, :2], boxes2[:, :2])
    rb = torch.min(boxes1[:, None, 2:], boxes2[:, 2:])
    inter = (rb - lt).clamp(min=0).prod(2)
    area1 = (boxes1[:, 2:] - boxes1[:, :2]).prod(1)
    area2 = (boxes2[:, 2:] - boxes2[:, :2]).prod(1)
    return inter / (area1[:, None] + area2 - inter)


BOX_IOU = variants(
    box_iou__zero_by_zero,
    plus_one=(hints.PLUS_ONE, ("rb - lt", "rb - lt + 1"), (":2]).prod(1)", ":2] + 1).prod(1)")),
    union_too_large=(hints.UNION_TOO_LARGE, ("area2 - inter)", "area2).clamp(min=1e-9)")),
    one_to_one=(
        hints.ALL_WITH_ALL,
        ("boxes1[:, None, ", "boxes1[:, "),
        ("prod(2)", "prod(1)"),
        ("area1[:, None] + area2 - inter)", "area1 + area2 - inter).clamp(min=1e-9)"),
    ),
    transposed=(
        "The table is lying on its side: rows belong to boxes1 and columns to boxes2, shape (N, M).",
        ("boxes1[:, None, :2], boxes2", "boxes2[:, None, :2], boxes1"),
        ("boxes1[:, None, 2:], boxes2", "boxes2[:, None, 2:], boxes1"),
        ("area1[:, None] + area2 - inter)", "area2[:, None] + area1 - inter).clamp(min=1e-9)"),
    ),
    smaller_area=(
        "You divide by the smaller box: then a tiny box inside a huge one scores 1. Divide by the union of both.",
        ("(area1[:, None] + area2 - inter)", "torch.minimum(area1[:, None], area2).clamp(min=1e-9)"),
    ),
    whole_pixels=(
        "Boxes have no place of their own on a pixel grid: rounding or .int() loses the fractions of x and y.",
        ("    lt =", "    first, second = boxes1.round(), boxes2.round()\n    lt ="),
        ("boxes1[", "first["),
        ("boxes2[", "second["),
        ("inter)", "inter).clamp(min=1e-9)"),
    ),
)


_HALF = "float16 has three digits: a quarter of a pixel is lost beyond 512. Compute in the dtype that comes in."

BOX_IOU_RIGHT_BUT = variants(
    right.box_iou__corners,
    half_inputs=(
        _HALF,
        (
            "    top_left",
            "    kind = boxes1.dtype\n"
            "    boxes1, boxes2 = boxes1.half().to(kind), boxes2.half().to(kind)\n"
            "    top_left",
        ),
    ),
    half=(
        _HALF,
        ("    top_left", "    dtype = boxes1.dtype\n    boxes1, boxes2 = boxes1.half(), boxes2.half()\n    top_left"),
        ("torch.zeros_like(together))", "torch.zeros_like(together)).to(dtype)"),
    ),
    mirrored_where_square=(
        "With as many boxes on both sides your table lies on its side: rows belong to boxes1 and columns to boxes2, "
        "whatever N and M are.",
        ("    return torch.where", "    iou = torch.where"),
        ("zeros_like(together))", "zeros_like(together))\n    return iou.T if len(boxes1) == len(boxes2) else iou"),
    ),
    equal_is_one=(
        "Equal boxes have IoU 1 only where they have an area: without one they overlap nothing, not even themselves.",
        ("    return torch.where", "    iou = torch.where"),
        (
            "zeros_like(together))",
            "zeros_like(together))\n    iou[(boxes1[:, None] == boxes2).all(dim=2)] = 1\n    return iou",
        ),
    ),
    not_below_zero=(
        "Coordinates may be negative: predicted boxes reach beyond the image.",
        ("    top_left", "    boxes1, boxes2 = boxes1.clamp(min=0), boxes2.clamp(min=0)\n    top_left"),
    ),
    box_around_both=(
        "You divide by the box around both: the union is the area that they cover, area1 + area2 - intersection.",
        (
            "together = area1[:, None] + area2[None, :] - overlap",
            "first = torch.minimum(boxes1[:, None, :2], boxes2[None, :, :2])\n"
            "    last = torch.maximum(boxes1[:, None, 2:], boxes2[None, :, 2:])\n"
            "    together = (last - first).prod(dim=2)",
        ),
    ),
)


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


CLIP_BOXES_TO_IMAGE = variants(
    right.clip_boxes_to_image__stack,
    size_swapped=(hints.SIZE_SWAPPED, ("height, width", "width, height")),
    minus_one=(
        "The right border is at x = width and the lower one at y = height, not at - 1: coordinates are continuous.",
        ("    height, width = size\n", ""),
        ("(0, width)", "(0, size[1] - 1)"),
        ("(0, height)", "(0, size[0] - 1)"),
    ),
    x_first=(
        "The columns came back as x1, x2, y1, y2: a box is (x1, y1, x2, y2), so put x and y back in turn.",
        ("torch.stack([x, y], dim=2).flatten(1)", "torch.cat([x, y], dim=1)"),
    ),
    nothing_new=(
        "A box inside the image stays as it is, even at the border, in a new tensor: x ends at the width itself.",
        ("    return", "    clipped ="),
        ("flatten(1)", "flatten(1)\n    return boxes if clipped.equal(boxes) else clipped"),
    ),
    zeroed=(
        "A box wholly outside ends on the border, without area, where it left the image: you make it (0, 0, 0, 0).",
        ("    return", "    clipped ="),
        (
            "flatten(1)",
            "flatten(1)\n"
            "    flat = (clipped[:, 2:] <= clipped[:, :2]).any(dim=1)\n"
            "    return clipped.masked_fill(flat[:, None], 0)",
        ),
    ),
    far_borders=(
        "Only the far borders hold: a coordinate can also be below 0.",
        ("    height, width = size\n", ""),
        ("(0, width)", "(max=size[1])"),
        ("(0, height)", "(max=size[0])"),
    ),
)


@wrong(
    "You cut x1, y1 at the near borders and x2, y2 at the far ones only: a box wholly outside keeps a corner outside."
)
def clip_boxes_to_image__one_side_each(boxes: Tensor, size: tuple[int, int]) -> Tensor:
    x1, y1, x2, y2 = boxes.unbind(1)
    return torch.stack([x1.clamp(min=0), y1.clamp(min=0), x2.clamp(max=size[1]), y2.clamp(max=size[0])], dim=1)


@wrong("Cut boxes outside, don't drop them: N boxes in, N boxes out, so that scores and labels still fit.")
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


REMOVE_SMALL_BOXES = variants(
    right.remove_small_boxes__where,
    strict=(hints.STRICT, (">=", ">")),
    always_16=("min_size is an argument: 16 is the lecture's.", (">= min_size", ">= 16")),
    whole_min_size=(
        "min_size and sides may be fractions of a pixel: compare both as they are, without int() or rounding.",
        (">= min_size", ">= int(min_size)"),
    ),
    rounded=(
        "A side of exactly min_size is large enough, and one that is a quarter of a pixel shorter is not: compare "
        "sides as they are, with >=.",
        ("(sides >=", "(sides.round() >="),
    ),
    with_area_only=(
        "With min_size 0 every box stays, even one without width or height: a side of 0 is at least 0.",
        ("(sides >= min_size)", "((sides >= min_size) & (sides > 0))"),
    ),
    largest_first=(
        "The right boxes, in the wrong order: give their numbers in ascending order, as where does.",
        ("[0]", "[0]\n    return keep[sides[keep].prod(dim=1).argsort(descending=True)]"),
        ("    return torch", "    keep = torch"),
    ),
    too_small=(
        "Those are the boxes to remove: give the numbers of the others.",
        (").all(dim=1)", ").all(dim=1).logical_not()"),
    ),
    either_side=(
        "One long side is not enough: width and height must both be at least min_size (and, not or).",
        (".all(", ".any("),
    ),
    area=(
        "It is the two sides that count, not the area: a long thin box has to go, however large.",
        ("sides = boxes[:, 2:] - boxes[:, :2]", "area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])"),
        ("(sides >= min_size).all(dim=1)", "area >= min_size**2"),
    ),
    mask=(
        "You return yes/no values: give the numbers of the boxes that stay, as int64.",
        ("torch.where((sides >= min_size).all(dim=1))[0]", "(sides >= min_size).all(dim=1)"),
    ),
    boxes=(
        "You return the boxes themselves: give their numbers, which can pick the scores too.",
        ("torch.where((sides >= min_size).all(dim=1))[0]", "boxes[(sides >= min_size).all(dim=1)]"),
    ),
    squeezed=(
        "squeeze() drops every dimension of length 1, even that of a list with one box: use squeeze(1), or "
        "where(...)[0].",
        ("torch.where((sides >= min_size).all(dim=1))[0]", "(sides >= min_size).all(dim=1).nonzero().squeeze()"),
    ),
    width_only=(
        "You look at the width only: the height, y2 - y1, must be at least min_size as well.",
        ("    sides = boxes[:, 2:] - boxes[:, :2]\n", ""),
        ("(sides >= min_size).all(dim=1)", "boxes[:, 2] - boxes[:, 0] >= min_size"),
    ),
    height_only=(
        "You look at the height only: the width, x2 - x1, must be at least min_size as well.",
        ("    sides = boxes[:, 2:] - boxes[:, :2]\n", ""),
        ("(sides >= min_size).all(dim=1)", "boxes[:, 3] - boxes[:, 1] >= min_size"),
    ),
    plus_one=(
        hints.PLUS_ONE,
        ("    sides = boxes[:, 2:] - boxes[:, :2]\n", ""),
        ("(sides", "(boxes[:, 2:] - boxes[:, :2] + 1"),
    ),
)


@wrong(
    "np.where leaves PyTorch and the device of the boxes: this NumPy array breaks any code "
    "that indexes tensors with it."
)
def remove_small_boxes__slides(boxes: Tensor, min_size: float) -> Tensor:
    import numpy as np

    roi = np.asarray(boxes)
    hs = roi[:, 3] - roi[:, 1]
    ws = roi[:, 2] - roi[:, 0]
    return np.where((hs >= min_size) & (ws >= min_size))[0]
