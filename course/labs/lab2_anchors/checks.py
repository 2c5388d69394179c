"""Visible checks of lab 2: small examples that students can work out on paper."""

import math

import torch
from torch import Tensor

from course.checking.check import Check
from course.checking.example import Example
from course.checking.sampling import counts, repeats, seeded


def _rows(*rows: tuple[float, ...]) -> Tensor:
    """A table of numbers; without rows one of four columns."""
    return torch.tensor(rows, dtype=torch.float32).reshape(len(rows), -1 if rows else 4)


def _ints(*numbers: int) -> Tensor:
    return torch.tensor(numbers, dtype=torch.int64)


RATIO_INVERTED = "A ratio is height / width: ratio 4 is tall. Yours comes out wide: width and height are swapped."
NO_ROOT = "A ratio must not change the area: w = side / sqrt(ratio), h = side * sqrt(ratio). The root is missing."
SCALE_OUTER = "The ratio is the outer loop and the scale the inner one: all scales of the first ratio come first."
CORNER = "Anchors stand in the middle of a cell, at (i + 0.5) * stride. Yours stand on the corner of the cell."
COLUMN_MAJOR = "Cells are read like a page: row by row, and in each row from left to right. Yours go down the columns."
SHAPE_OUTER = "The shape is the innermost loop: all shapes of the first cell come first, then those of the next cell."
SIDES = "An anchor reaches half its width to each side of its centre, and half its height up and down."
XY_SWAPPED = "x goes with the column and the width, y with the row and the height: you have mixed them up."
STRICT_BORDER = "A box that ends exactly on the border is inside: compare with >= 0 and <=."
SIZE_SWAPPED = "size is (height, width): x ends at the width, size[1], and y at the height, size[0]."
BEST_LOST = (
    "Every ground truth gets its best anchor, however low the IoU. You write the 0 of the background over that 1: "
    "label the background first."
)
NO_BEST = "Every ground truth gets its best anchor, even if no anchor reaches pos_threshold. This rule is missing."
TIES = "Several anchors can tie for the best of a ground truth, and all of them are 1: argmax finds only one."
UNTOUCHED = (
    "No anchor touches this ground truth: its best IoU is 0, and all anchors tie at it. They are not objects: the "
    "best IoU must be above 0."
)
FORCED = (
    "matched is the ground truth that the anchor itself overlaps most, even if the anchor is the best of another one."
)
NO_TRUTH = (
    "An image without objects: every label is 0, and so is matched. The maximum of nothing is an error: ask for "
    "iou.numel() == 0 first."
)
NO_IGNORE = "Between the thresholds an anchor is neither object nor background: its label is -1."
ALL_NEGATIVES = (
    "Far too many labels 0 stay: the lecture's n_sample * sum(label == 0) should be n_sample minus the number of "
    "labels 1 that stay."
)
NOT_FILLED = "Labels 0 fill the batch up: batch_size minus the labels 1 that stayed, not minus those that were allowed."
IGNORED_DRAWN = "Labels -1 stay -1: draw the background from labels == 0 only, not from all that is not 1."
DY_FIRST = "The order is dx, dy, dw, dh. Yours begins with dy, as the lecture's code does."
NO_LOG = "dw and dh are logarithms: torch.log(w / w_anchor)."
PIXELS = "dx and dy are measured in widths and heights of the anchor: divide the shift by the anchor's side."
ROLES_SWAPPED = (
    "The deltas lead from the anchor to the ground truth, and are measured in sizes of the anchor: not reversed."
)
CENTRES = "dx and dy go from centre to centre: x1 + w / 2, not from corner to corner."
WEIGHTS_IGNORED = "The weights are not used: each of the four deltas has its own factor."
NO_LIMIT = "e to the power of a large number explodes: cut dw and dh at log(1000 / 16) before you take exp."
EXP_MISSING = "dw is the logarithm of a factor: the width is the anchor's width times exp(dw)."

ROOT_HALF = 0.5**0.5

anchor_shapes = Check(
    "anchor_shapes",
    (
        Example(
            "base size 16, scales 1 and 2, ratios 1 and 4",
            {"base_size": 16, "scales": (1, 2), "ratios": (1, 4)},
            _rows((16, 16), (32, 32), (8, 32), (16, 64)),
            "Each row is (width, height): width * height = (base_size * scale)², height / width = ratio.",
            {
                RATIO_INVERTED: _rows((16, 16), (32, 32), (32, 8), (64, 16)),
                NO_ROOT: _rows((16, 16), (32, 32), (4, 64), (8, 128)),
                "Only the height is stretched: then the area grows too. The width shrinks by the same root.": _rows(
                    (16, 16), (32, 32), (16, 64), (32, 128)
                ),
                SCALE_OUTER: _rows((16, 16), (8, 32), (32, 32), (16, 64)),
                "Every scale goes with every ratio: 2 scales and 2 ratios make 4 shapes. Yours go in pairs.": _rows(
                    (16, 16), (16, 64)
                ),
                "base_size is missing: a scale is a multiple of it.": _rows((1, 1), (2, 2), (0.5, 2), (1, 4)),
            },
        ),
        Example(
            "a ratio of one half",
            {"base_size": 16, "scales": (8,), "ratios": (0.5,)},
            _rows((128 / ROOT_HALF, 128 * ROOT_HALF)),
            "Ratio one half is twice as wide as high. The shapes are not rounded.",
            {"Sides are not rounded: 181.02 stays 181.02.": _rows((181, 91))},
        ),
        Example(
            "no scales",
            {"base_size": 16, "scales": (), "ratios": (1, 2)},
            torch.zeros(0, 2),
            "No scales, no shapes: an empty table of shape (0, 2).",
        ),
    ),
    ready_made=("torchvision.models.detection.anchor_utils.AnchorGenerator.*",),
)

_TWO = _rows((4, 2), (2, 6))
_GRID = _rows(
    (3, 4, 7, 6),
    (4, 2, 6, 8),
    (13, 4, 17, 6),
    (14, 2, 16, 8),
    (23, 4, 27, 6),
    (24, 2, 26, 8),
    (3, 14, 7, 16),
    (4, 12, 6, 18),
    (13, 14, 17, 16),
    (14, 12, 16, 18),
    (23, 14, 27, 16),
    (24, 12, 26, 18),
)

grid_anchors = Check(
    "grid_anchors",
    (
        Example(
            "one cell of 10 pixels, a shape 4 wide and 2 high",
            {"feature_size": (1, 1), "stride": 10, "shapes": _TWO[:1]},
            _rows((3, 4, 7, 6)),
            "The middle of the cell is (5, 5); the anchor reaches 2 to the left and right, 1 up and down.",
            {
                CORNER: _rows((-2, -1, 2, 1)),
                SIDES: _rows((1, 3, 9, 7)),
                XY_SWAPPED: _rows((4, 3, 6, 7)),
                "This is centre and size: give each anchor as two corners (x1, y1, x2, y2).": _rows((5, 5, 4, 2)),
                "The anchor begins at the middle of the cell; its own middle must be there.": _rows((5, 5, 9, 7)),
            },
        ),
        Example(
            "2 rows of 3 cells, two shapes",
            {"feature_size": (2, 3), "stride": 10, "shapes": _TWO},
            _GRID,
            "Row by row, in a row cell by cell, in a cell shape by shape. feature_size is (height, width) in cells.",
            {
                COLUMN_MAJOR: _GRID[[0, 1, 6, 7, 2, 3, 8, 9, 4, 5, 10, 11]],
                SHAPE_OUTER: _GRID[[0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11]],
                "feature_size is (height, width): 2 rows of 3 cells, not 3 rows of 2.": torch.cat(
                    [_GRID[[0, 1, 2, 3, 6, 7, 8, 9]], _GRID[[0, 1, 2, 3]] + _rows((0, 20, 0, 20))]
                ),
            },
        ),
        Example(
            "a stride of 5: the middle is 2.5",
            {"feature_size": (1, 1), "stride": 5, "shapes": _TWO[:1]},
            _rows((0.5, 1.5, 4.5, 3.5)),
            "Half of 5 is 2.5: // rounds it down.",
        ),
        Example(
            "no shapes",
            {"feature_size": (2, 3), "stride": 10, "shapes": torch.zeros(0, 2)},
            _rows(),
            "No shapes, no anchors: shape (0, 4).",
        ),
    ),
    ready_made=("torchvision.models.detection.anchor_utils.AnchorGenerator.*",),
)

inside_image = Check(
    "inside_image",
    (
        Example(
            "an image 10 wide and 6 high",
            {
                "boxes": _rows(
                    (1, 1, 9.5, 5.5), (0, 0, 10, 6), (-1, 1, 4, 5), (2, -1, 4, 5), (3, 1, 11, 5), (3, 1, 5, 7)
                ),
                "size": (6, 10),
            },
            torch.tensor([True, True, False, False, False, False]),
            "True where x1 >= 0, y1 >= 0, x2 <= width and y2 <= height all hold.",
            {
                STRICT_BORDER: torch.tensor([True, False, False, False, False, False]),
                SIZE_SWAPPED: torch.tensor([False, False, False, False, False, True]),
                "The right border is at x = width, not at width - 1: coordinates are continuous.": torch.zeros(
                    6, dtype=torch.bool
                ),
                "All of the box must be inside: these boxes only overlap the image.": torch.ones(6, dtype=torch.bool),
                "A box can also leave the image at the left or at the top: below 0.": torch.tensor(
                    [True, True, True, True, False, False]
                ),
                "These are the numbers of the boxes: give a True or False for each box.": _ints(0, 1),
            },
        ),
        Example(
            "no boxes at all",
            {"boxes": _rows(), "size": (6, 10)},
            torch.zeros(0, dtype=torch.bool),
            "No boxes in, no answers out: shape (0,), bool.",
        ),
    ),
    ready_made=(),
)

# the table of the notebook, without its untouched ground truth; then with it
_TABLE = _rows((0.8, 0, 0), (0.5, 0.1, 0), (0, 0.2, 0), (0, 0.2, 0), (0.1, 0, 0), (0, 0, 0.4))
_MATCHED = _ints(0, 0, 1, 1, 0, 2)

label_anchors = Check(
    "label_anchors",
    (
        Example(
            "six anchors, three ground truths",
            {"iou": _TABLE},
            (_ints(1, -1, 1, 1, 0, 1), _MATCHED),
            "Background below 0.3, then 1 for the best of each column and for at least 0.7, -1 for the rest.",
            {
                BEST_LOST: (_ints(1, -1, 0, 0, 0, 1), _MATCHED),
                NO_BEST: (_ints(1, -1, 0, 0, 0, -1), _MATCHED),
                TIES: (_ints(1, -1, 1, 0, 0, 1), _MATCHED),
                NO_IGNORE: (_ints(1, 0, 1, 1, 0, 1), _MATCHED),
                "Every anchor needs a matched: the column of its best IoU, even for background.": (
                    _ints(1, -1, 1, 1, 0, 1),
                    _ints(0, -1, 1, 1, -1, 2),
                ),
            },
        ),
        Example(
            "exactly on the thresholds, here 0.5 and 0.25",
            {"iou": _rows((0.5,), (0.875,), (0.25,), (0.125,)), "pos_threshold": 0.5, "neg_threshold": 0.25},
            (_ints(1, 1, -1, 0), _ints(0, 0, 0, 0)),
            "At least pos_threshold is 1, and below neg_threshold is 0: 0.5 is an object, 0.25 is not background.",
            {
                "The thresholds are arguments: 0.7 and 0.3 are only their defaults.": (
                    _ints(-1, 1, 0, 0),
                    _ints(0, 0, 0, 0),
                ),
                "0.5 is at least 0.5: compare with >=.": (_ints(-1, 1, -1, 0), _ints(0, 0, 0, 0)),
                "0.25 is not below 0.25: compare with <.": (_ints(1, 1, 0, 0), _ints(0, 0, 0, 0)),
            },
        ),
        Example(
            "a fourth ground truth, which no anchor touches",
            {"iou": torch.cat([_TABLE, torch.zeros(6, 1)], dim=1)},
            (_ints(1, -1, 1, 1, 0, 1), _MATCHED),
            UNTOUCHED,
        ),
        Example(
            "no ground truth",
            {"iou": torch.zeros(3, 0)},
            (_ints(0, 0, 0), _ints(0, 0, 0)),
            NO_TRUTH,
        ),
        Example(
            "not one anchor",
            {"iou": torch.zeros(0, 2)},
            (_ints(), _ints()),
            "No anchors, no labels: two empty int64 tensors.",
        ),
    ),
    ready_made=("torchvision.models.detection._utils.Matcher.*",),
    parts=("labels", "matched"),
)

_MANY = _ints(*[1] * 6, *[0] * 10, *[-1] * 2)
_FEW = _ints(1, *[0] * 10, -1)

sample_labels = Check(
    "sample_labels",
    (
        Example(
            "less than the batch: nothing to drop",
            {"labels": _ints(1, 0, -1, 0, 0), "batch_size": 8, "positive_fraction": 0.5},
            _ints(1, 0, -1, 0, 0),
            "Here 1 object and 3 background labels fit into a batch of 8: they stay as they are, and -1 stays -1.",
            {IGNORED_DRAWN: _ints(1, 0, 0, 0, 0)},
            run=seeded,
        ),
        Example(
            "a batch of 8, at most 4 of them 1. Counts: 1, 0, -1, invented",
            {"labels": _MANY, "batch_size": 8, "positive_fraction": 0.5},
            _ints(4, 4, 10, 0),
            "4 labels 1 and 4 labels 0 stay; all others are -1. A label stays what it was or becomes -1.",
            {
                ALL_NEGATIVES: _ints(4, 10, 4, 0),
                "At most half of the batch may be 1: six stay here.": _ints(6, 2, 10, 0),
                IGNORED_DRAWN: _ints(4, 4, 10, 1),
            },
            run=counts,
        ),
        Example(
            "a batch of 8, only a single 1. Counts: 1, 0, -1, invented",
            {"labels": _FEW, "batch_size": 8, "positive_fraction": 0.5},
            _ints(1, 7, 4, 0),
            "1 label 1 and 7 labels 0 stay.",
            {ALL_NEGATIVES: _ints(1, 10, 1, 0), NOT_FILLED: _ints(1, 4, 7, 0)},
            run=counts,
        ),
        Example(
            "Do equal seeds give equal samples, and other seeds others?",
            {"labels": torch.cat([_MANY, _MANY, _MANY]), "batch_size": 8, "positive_fraction": 0.5},
            torch.tensor([True, True]),
            "All random numbers must come from the generator: torch.randperm(n, generator=generator).",
            {
                "Always the same labels stay: draw them at random.": torch.tensor([True, False]),
                "Equally seeded generators give different samples: pass the generator on.": torch.tensor([False, True]),
            },
            run=repeats,
        ),
        Example(
            "no labels at all",
            {"labels": _ints()},
            _ints(),
            "No labels in, no labels out: shape (0,), int64.",
        ),
    ),
    ready_made=("torchvision.models.detection._utils.BalancedPositiveNegativeSampler.*",),
)

_ANCHOR, _TRUTH = _rows((10, 10, 30, 20)), _rows((18, 10, 58, 30))  # 20 × 10 at (20, 15); 40 × 20 at (38, 20)
_LOG2 = math.log(2)
_SMALL = _rows((10, 10, 30, 20), (0, 0, 4, 8))
_CODED = _rows((0.9, 0.5, _LOG2, _LOG2), (0.25, -0.125, -_LOG2, 0))

encode_boxes = Check(
    "encode_boxes",
    (
        Example(
            "a box twice as large as its anchor, 18 to the right and 5 down",
            {"gt_boxes": _TRUTH, "anchors": _ANCHOR},
            _rows((0.9, 0.5, _LOG2, _LOG2)),
            "dx = 18 / 20, dy = 5 / 10, dw = log(40 / 20), dh = log(20 / 10).",
            {
                DY_FIRST: _rows((0.5, 0.9, _LOG2, _LOG2)),
                NO_LOG: _rows((0.9, 0.5, 2, 2)),
                PIXELS: _rows((18, 5, _LOG2, _LOG2)),
                ROLES_SWAPPED: _rows((-0.45, -0.25, -_LOG2, -_LOG2)),
                CENTRES: _rows((0.4, 0, _LOG2, _LOG2)),
                "Divide by the side of the anchor, not by that of the ground truth.": _rows((0.45, 0.25, _LOG2, _LOG2)),
            },
        ),
        Example(
            "two boxes, with weights",
            {
                "gt_boxes": torch.cat([_TRUTH, _rows((2, -1, 4, 7))]),
                "anchors": _SMALL,
                "weights": (10, 10, 5, 5),
            },
            _CODED * _rows((10, 10, 5, 5)),
            "Each delta is multiplied by its weight: dx and dy by 10, dw and dh by 5.",
            {
                WEIGHTS_IGNORED: _CODED,
                "Encoding multiplies by the weights; decoding divides by them.": _CODED / _rows((10, 10, 5, 5)),
            },
        ),
        Example(
            "no boxes at all",
            {"gt_boxes": _rows(), "anchors": _rows()},
            _rows(),
            "No boxes in, no deltas out: shape (0, 4).",
        ),
    ),
    ready_made=(
        "torchvision.models.detection._utils.BoxCoder.*",
        "torchvision.models.detection._utils.encode_boxes",
    ),
)

decode_boxes = Check(
    "decode_boxes",
    (
        Example(
            "a 20 × 10 anchor, moved and made twice as large",
            {"deltas": _rows((0.9, 0.5, _LOG2, _LOG2)), "anchors": _ANCHOR},
            _TRUTH,
            "Centre (20 + 0.9 · 20, 15 + 0.5 · 10), width 20 · 2, height 10 · 2; then back to corners.",
            {
                PIXELS: _rows((0.9, 5.5, 40.9, 25.5)),
                EXP_MISSING: _rows((38 - 10 * _LOG2, 20 - 5 * _LOG2, 38 + 10 * _LOG2, 20 + 5 * _LOG2)),
                "This is centre and size: give corners (x1, y1, x2, y2).": _rows((38, 20, 40, 20)),
                "A box reaches half its width to each side of its centre.": _rows((-2, 0, 78, 40)),
                "The shift counts from the anchor's centre, not from its corner.": _rows((8, 5, 48, 25)),
                "The shift is measured in sizes of the anchor, not of the new box.": _rows((36, 15, 76, 35)),
            },
        ),
        Example(
            "two boxes, with weights",
            {"deltas": _CODED * _rows((10, 10, 5, 5)), "anchors": _SMALL, "weights": (10, 10, 5, 5)},
            torch.cat([_TRUTH, _rows((2, -1, 4, 7))]),
            "Divide each delta by its weight first.",
        ),
        Example(
            "dw far too large",
            {"deltas": _rows((0, 0, 100, 0)), "anchors": _rows((0, 0, 16, 16))},
            _rows((-492, 0, 508, 16)),
            NO_LIMIT,
        ),
        Example(
            "no boxes at all",
            {"deltas": _rows(), "anchors": _rows()},
            _rows(),
            "No deltas in, no boxes out: shape (0, 4).",
        ),
    ),
    ready_made=("torchvision.models.detection._utils.BoxCoder.*",),
)
