"""Visible checks of lab 1: small examples that students can work out on paper."""

import torch
from torch import Tensor

from course.checking.check import Check
from course.checking.example import Example


def _boxes(*rows: tuple[float, float, float, float]) -> Tensor:
    return torch.tensor(rows, dtype=torch.float32).reshape(-1, 4)


def _table(*rows: tuple[float, ...]) -> Tensor:
    return torch.tensor(rows, dtype=torch.float32)


PLUS_ONE = (
    "You count pixels with + 1. Coordinates are continuous here: a box from 0 to 8 is 8 wide, so width = x2 - x1."
)
MIXED_COLUMNS = "A row is (x1, y1, x2, y2): the columns 0 and 2 are x, the columns 1 and 3 are y."
SIZE_SWAPPED = "size is (height, width): x ends at the width, size[1], and y at the height, size[0]."
STRICT = "A side of exactly min_size is large enough: compare with >=, not with >."
NO_CLAMP = (
    "Boxes that lie apart share nothing. There the overlap's width or height comes out negative, and two negatives "
    "even multiply to a positive area: clamp both at 0 before you multiply."
)
NOT_A_NUMBER = "Two boxes without area have intersection 0 and union 0, and 0 / 0 is NaN. Their IoU is 0 by definition."
UNION_TOO_LARGE = "area1 + area2 counts the shared part twice: the union is area1 + area2 - intersection."
ALL_WITH_ALL = (
    "Compare every box of boxes1 with every box of boxes2: N and M boxes give an (N, M) table. Indexing with None lets "
    "broadcasting do it: a column of N numbers against a row of M numbers."
)

yxyx_to_xyxy = Check(
    "yxyx_to_xyxy",
    (
        Example(
            "the slide's two helmets",
            {"boxes": _boxes((160, 147, 260, 234), (139, 312, 200, 348))},
            _boxes((147, 160, 234, 260), (312, 139, 348, 200)),
            "Each box has two corners, (y1, x1) and (y2, x2): swap the two numbers within each corner.",
            {
                "The boxes came back as they went in: x and y must change places.": _boxes(
                    (160, 147, 260, 234), (139, 312, 200, 348)
                ),
                "The whole row is reversed: now the far corner comes first. Swap within each corner only.": _boxes(
                    (234, 260, 147, 160), (348, 200, 312, 139)
                ),
                "Only the first corner is swapped: the second one, (y2, x2), needs it too.": _boxes(
                    (147, 160, 260, 234), (312, 139, 200, 348)
                ),
            },
        ),
        Example("no boxes at all", {"boxes": _boxes()}, _boxes(), "No boxes in, no boxes out: shape (0, 4)."),
    ),
    ready_made=(),
)

box_area = Check(
    "box_area",
    (
        Example(
            "three boxes, the last without width",
            {"boxes": _boxes((0, 0, 8, 4), (10, 20, 40, 60), (5, 5, 5, 9))},
            torch.tensor([32.0, 1200.0, 0.0]),
            "Area is width times height: (x2 - x1) * (y2 - y1), one number per box, shape (N,).",
            {
                PLUS_ONE: torch.tensor([45.0, 1271.0, 5.0]),
                MIXED_COLUMNS: torch.tensor([0.0, 200.0, 0.0]),
                "Width plus height is half of the outline: multiply them.": torch.tensor([12.0, 70.0, 4.0]),
                "x2 * y2 is the area only of a box that begins at the origin: take x2 - x1 and y2 - y1.": torch.tensor(
                    [32.0, 2400.0, 45.0]
                ),
            },
        ),
        Example("no boxes at all", {"boxes": _boxes()}, torch.zeros(0), "No boxes in, no areas out: shape (0,)."),
    ),
    ready_made=("torchvision.ops.boxes.box_area",),
)

box_iou = Check(
    "box_iou",
    (
        Example(
            "two boxes that overlap: 8 of 72 square pixels",
            {"boxes1": _boxes((0, 0, 8, 6)), "boxes2": _boxes((4, 4, 12, 8))},
            _table((8 / 72,)),
            "Intersection: from the larger x1 to the smaller x2, the same in y. Then divide by the union.",
            {
                PLUS_ONE: _table((15 / 93,)),
                "You add 1 to the sides of the intersection alone. Coordinates are continuous: no + 1 there either.": (
                    _table((15 / 65,))
                ),
                UNION_TOO_LARGE: _table((8 / 80,)),
                ALL_WITH_ALL: torch.tensor([8 / 72]),
                "That is the intersection over the first box's own area: divide by the union of both.": _table(
                    (8 / 48,)
                ),
                "That is the intersection over the smaller box's area: divide by the union of both.": _table((8 / 32,)),
                "That is the intersection over the area of the box around both: divide by the union.": _table(
                    (8 / 96,)
                ),
                "Intersection and union have changed places: IoU is intersection / union.": _table((72 / 8,)),
                "That is the intersection: divide it by the union.": _table((8,)),
            },
        ),
        Example(
            "two boxes that lie apart in x and in y",
            {"boxes1": _boxes((0, 0, 4, 4)), "boxes2": _boxes((6, 6, 10, 10))},
            _table((0,)),
            NO_CLAMP,
        ),
        Example(
            "two boxes that lie apart in x only",
            {"boxes1": _boxes((0, 0, 4, 4)), "boxes2": _boxes((6, 0, 10, 4))},
            _table((0,)),
            NO_CLAMP,
        ),
        Example(
            "two boxes that only touch",
            {"boxes1": _boxes((0, 0, 8, 8)), "boxes2": _boxes((8, 0, 16, 8))},
            _table((0,)),
            "Touching boxes share a line, and a line has no area.",
            {PLUS_ONE: _table((9 / 153,))},
        ),
        Example(
            "two boxes against three",
            {
                "boxes1": _boxes((0, 0, 8, 8), (10, 0, 14, 6)),
                "boxes2": _boxes((0, 0, 8, 8), (4, 0, 8, 8), (10, 3, 14, 9)),
            },
            _table((1, 0.5, 0), (0, 0, 1 / 3)),
            ALL_WITH_ALL,
            {
                "The table is lying on its side: rows are boxes1, columns are boxes2.": _table(
                    (1, 0), (0.5, 0), (0, 1 / 3)
                ),
            },
        ),
        Example(
            "boxes without area",
            {"boxes1": _boxes((3, 3, 3, 3)), "boxes2": _boxes((3, 3, 3, 3), (0, 0, 8, 8))},
            _table((0, 0)),
            NOT_A_NUMBER,
        ),
        Example(
            "no boxes against two",
            {"boxes1": _boxes(), "boxes2": _boxes((0, 0, 8, 8), (4, 4, 12, 12))},
            torch.zeros(0, 2),
            "No boxes against M boxes give an empty table of shape (0, M).",
        ),
    ),
    # generalized, distance and complete IoU all pass through one of these
    ready_made=("torchvision.ops.boxes.box_iou", "torchvision.ops.*_inter_union", "torchvision.ops.*iou_loss*"),
)

clip_boxes_to_image = Check(
    "clip_boxes_to_image",
    (
        Example(
            "an image 10 wide and 6 high",
            {"boxes": _boxes((-2, -3, 4, 5), (8, 4, 15, 9), (12, 1, 14, 5)), "size": (6, 10)},
            _boxes((0, 0, 4, 5), (8, 4, 10, 6), (10, 1, 10, 5)),
            "Every x belongs between 0 and the width, every y between 0 and the height. No box is dropped.",
            {
                SIZE_SWAPPED: _boxes((0, 0, 4, 5), (6, 4, 6, 9), (6, 1, 6, 5)),
                "The right border is at x = width, not at width - 1: coordinates are continuous.": _boxes(
                    (0, 0, 4, 5), (8, 4, 9, 5), (9, 1, 9, 5)
                ),
                "The far borders hold, but a coordinate can also be below 0.": _boxes(
                    (-2, -3, 4, 5), (8, 4, 10, 6), (10, 1, 10, 5)
                ),
                "Nothing was cut: the boxes came back as they went in.": _boxes(
                    (-2, -3, 4, 5), (8, 4, 15, 9), (12, 1, 14, 5)
                ),
                "Cut every x and y on both sides: x1 can pass the right border, too, and x2 the left one.": _boxes(
                    (0, 0, 4, 5), (8, 4, 10, 6), (12, 1, 10, 5)
                ),
                "A box that lies outside ends on the border where it left the image: you make it (0, 0, 0, 0).": _boxes(
                    (0, 0, 4, 5), (8, 4, 10, 6), (0, 0, 0, 0)
                ),
                "A box without area has been dropped: cut boxes, and keep all of them.": _boxes(
                    (0, 0, 4, 5), (8, 4, 10, 6)
                ),
                "The columns came back in the order x1, x2, y1, y2: put x and y back in turn.": _boxes(
                    (0, 4, 0, 5), (8, 10, 4, 6), (10, 10, 1, 5)
                ),
                "Nothing is below 0 any more, but x may also pass the width and y the height.": _boxes(
                    (0, 0, 4, 5), (8, 4, 15, 9), (12, 1, 14, 5)
                ),
            },
        ),
        Example(
            "no boxes at all",
            {"boxes": _boxes(), "size": (6, 10)},
            _boxes(),
            "No boxes in, no boxes out: shape (0, 4).",
        ),
    ),
    ready_made=(
        "torchvision.ops.boxes.clip_boxes_to_image",
        "torchvision.transforms.v2.functional._meta.*clamp_*",
    ),
)

remove_small_boxes = Check(
    "remove_small_boxes",
    (
        Example(
            "six boxes with sides from 3 to 80",
            {
                "boxes": _boxes(
                    (0, 0, 16, 16), (0, 0, 12, 17), (5, 5, 45, 15), (0, 0, 20, 30), (0, 0, 15.5, 15.5), (0, 9, 80, 12)
                ),
                "min_size": 16,
            },
            torch.tensor([0, 3]),
            "Give the positions (int64, ascending) of the boxes whose width and height are both at least min_size.",
            {
                STRICT: torch.tensor([3]),
                "Both sides must be large enough: one long side is not enough.": torch.tensor([0, 1, 2, 3, 5]),
                "The width alone does not decide: the height, y2 - y1, counts too.": torch.tensor([0, 2, 3, 5]),
                "The height alone does not decide: the width, x2 - x1, counts too.": torch.tensor([0, 1, 3]),
                "It is the two sides that count, not the area: a long thin box has to go.": torch.tensor([0, 2, 3]),
                "Box 4 has sides of 15.5, which is less than 16: don't add 1, and don't round.": torch.tensor(
                    [0, 3, 4]
                ),
                "These boxes have to go: give the numbers of those that stay.": torch.tensor([1, 2, 4, 5]),
                "The right boxes, in the wrong order: give their numbers in ascending order.": torch.tensor([3, 0]),
                "These are yes/no values: give the numbers of the boxes that stay.": torch.tensor(
                    [True, False, False, True, False, False]
                ),
                "These are the boxes themselves: give their numbers.": _boxes((0, 0, 16, 16), (0, 0, 20, 30)),
                "One column too many: nonzero gives (K, 1), and the shape should be (K,).": torch.tensor([[0], [3]]),
            },
        ),
        Example(
            "a single box that stays",
            {"boxes": _boxes((0, 0, 20, 20)), "min_size": 16},
            torch.tensor([0]),
            "A single box that stays gives a list of one, too: shape (1,). Beware of squeeze(), which drops this "
            "dimension.",
        ),
        Example(
            "no boxes at all",
            {"boxes": _boxes(), "min_size": 16},
            torch.zeros(0, dtype=torch.int64),
            "No boxes in, no indices out: shape (0,), int64.",
        ),
    ),
    ready_made=(
        "torchvision.ops.boxes.remove_small_boxes",
        "torchvision.transforms.v2.functional._misc.*sanitize_*",
    ),
)
