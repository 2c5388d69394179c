"""Visible checks of lab 6: small examples that students can work out on paper."""

import math
from typing import Any

import torch
from torch import Tensor

from course.checking.check import Check
from course.checking.example import Example
from course.checking.modules import outputs

SLIDE_ENDS = (
    "The last × 2 is missing: the slide prints layers, and torchvision's bilinear interpolation after them is not a "
    "layer. 14 × 14 becomes 28 × 28, then 56 × 56."
)
NEAREST_CELL = 'interpolate copies the nearest cell unless it is told otherwise: mode="bilinear".'
CORNERS = "align_corners=True stretches the map from corner to corner. Cells have an extent: align_corners=False."
NO_RELU = "Eight convolutions in a row without ReLU are one convolution: a ReLU follows each of them."
LAST_RELU = "The transposed convolution has no ReLU after it: logits may be negative."
START = 'All weights begin by kaiming_normal_ with mode="fan_out" and nonlinearity="relu", all biases as 0.'
ROW_FIRST = "The place in the map is row · size + column, y · size + x, not the other way round."
UNLABELLED = "v = 0 says that nobody labelled the keypoint: it does not count, wherever it seems to lie."
HIDDEN = "v = 1 is a joint that is labelled and hidden: it counts, as v = 2 does."
EDGE = "A keypoint exactly on the right or lower edge of the ROI belongs to the last column or row, size - 1."
TRUNCATED = (
    ".long() cuts off towards 0: a keypoint just left of the ROI, at -0.3, seems to be in column 0. Use floor() first."
)
ROUNDED = "A cell reaches from k to k + 1: floor, don't round."
OWN_SIDES = "x is scaled by size / width, y by size / height: the ROI need not be square, the grid is."
ROI_CORNER = "The grid begins at the corner of the ROI: subtract x1 and y1 first."
OUTSIDE = "A keypoint outside the ROI does not count; it is not moved to its edge."
ZERO_INDEX = "If a keypoint does not count, its index is 0."
COUNTED_ONLY = "Only keypoints with valid = True count, in the sum and in the number that it is divided by."
DIVIDED = "The mean is over the keypoints that count, not over all R · K."
OVER_CELLS = "The softmax runs over all cells of one map: S · S of them, rows and columns together."
NONE_COUNTS = "If no keypoint counts, the loss is 0, not NaN: sum, and divide by at least 1."
HALF = "Half a pixel is missing: pixel 0 reaches from 0 to 1, its middle is at ½."
COLUMN_FIRST = "place = row · width + column: column is place % width, row is place // width; x is the column."
ENLARGE = "Each map is first resized to its ROI, in pixels; the hottest pixel is looked for after that."
BICUBIC = "Use bicubic interpolation: a peak may lie between the cells."
FROM_ENLARGED = "The score is the value of the hottest pixel of the resized map, not of the map as it came."
LOGIT = "The score is the logit as it is, not a probability."
ONES = "The third number is the score. (torchvision puts a 1 there and gives the scores separately.)"
SQUEEZED = "⌈w⌉ pixels are squeezed into a side of w: multiply by w / ⌈w⌉, and the same with h."
CEILING = "A side of 3.2 gives 4 pixels: round up."
IMAGE_PLACE = "x and y are places in the image: add the ROI's corner, x1 and y1."
TINY = "A side below 1 counts as 1: a map of 0 pixels has no hottest one."


def _tensor(*rows: Any) -> Tensor:
    return torch.tensor(rows, dtype=torch.float32)


def _keypoints(*rows: tuple[float, float, float]) -> Tensor:
    return _tensor(*rows).reshape(1, -1, 3)


def _head_weights() -> dict[str, Tensor]:
    """Convolutions that pass one map on, the first of which adds 1, and a transposed one of four numbers."""
    through = torch.zeros(1, 1, 3, 3)
    through[0, 0, 1, 1] = 1
    weights = {}
    for place in range(0, 16, 2):
        weights[f"convs.{place}.weight"] = through
        weights[f"convs.{place}.bias"] = torch.full((1,), float(place == 0))
    spread = torch.zeros(1, 1, 4, 4)
    spread[0, 0, 1:3, 1:3] = _tensor((0, 4), (8, 12))
    return {**weights, "kps_score_lowres.weight": spread, "kps_score_lowres.bias": torch.tensor([-2.0])}


def _spread(across: tuple[float, ...], down: tuple[float, ...], second: float = 0.0) -> Tensor:
    """Maps (2, 1, rows, columns): sums of both, once and ``second`` times, minus 2."""
    sums = torch.tensor(down)[:, None] + torch.tensor(across)
    return torch.stack((sums, second * sums))[:, None] - 2


_NEVER_NEGATIVE = _tensor((0, 0.5, 1.5, 2), (1.5, 2.125, 3.375, 4), (4.5, 5.375, 7.125, 8), (6, 7, 9, 10))

KeypointHead = Check(
    "KeypointHead",
    (
        Example(
            "two ROIs of a single cell, 0 and -3, all weights given",
            {"arguments": (1, 1, 1), "weights": _head_weights(), "features": _tensor(0, -3).reshape(2, 1, 1, 1)},
            _spread((0, 1, 3, 4), (0, 2, 6, 8)),
            "The first convolution adds 1, the others pass it on: 1, and -2, which ReLU makes 0. Transposed: (0, 4) "
            "above (8, 12), minus 2; and four times -2. Bilinear × 2: between 0 and 4 lie 1 and 3.",
            {
                SLIDE_ENDS: _spread((0, 4), (0, 8)),
                NEAREST_CELL: _spread((0, 0, 4, 4), (0, 0, 8, 8)),
                CORNERS: _spread((0, 4 / 3, 8 / 3, 4), (0, 8 / 3, 16 / 3, 8)),
                NO_RELU: _spread((0, 1, 3, 4), (0, 2, 6, 8), second=-2),
                LAST_RELU: torch.stack((_NEVER_NEGATIVE, torch.zeros(4, 4)))[:, None],
            },
            run=outputs,
        ),
    ),
    ready_made=("torchvision.models.detection.keypoint_rcnn.*",),
)

_ROI = _tensor((10, 20, 24, 48))

keypoints_to_heatmap = Check(
    "keypoints_to_heatmap",
    (
        Example(
            "a 14 × 28 ROI, 7 × 7 cells; one of three is hidden",
            {"keypoints": _keypoints((13, 30.5, 2), (23, 21, 2), (10, 47, 1)), "rois": _ROI, "size": 7},
            (torch.tensor([[15, 6, 42]]), torch.tensor([[True, True, True]])),
            "A cell is 2 wide and 4 high. The first joint: column 3 / 2 = 1.5, row 10.5 / 4 = 2.6: index 2 · 7 + 1.",
            {
                ROW_FIRST: (torch.tensor([[9, 42, 6]]), torch.tensor([[True, True, True]])),
                HIDDEN: (torch.tensor([[15, 6, 0]]), torch.tensor([[True, True, False]])),
            },
        ),
        Example(
            "a joint that nobody labelled, v = 0",
            {"keypoints": _keypoints((13, 30.5, 0), (13, 30.5, 2)), "rois": _ROI, "size": 7},
            (torch.tensor([[0, 15]]), torch.tensor([[False, True]])),
            UNLABELLED,
            {ZERO_INDEX: (torch.tensor([[15, 15]]), torch.tensor([[False, True]]))},
        ),
        Example(
            "exactly on three corners of the ROI",
            {"keypoints": _keypoints((10, 20, 2), (24, 20, 2), (10, 48, 2)), "rois": _ROI, "size": 7},
            (torch.tensor([[0, 6, 42]]), torch.tensor([[True, True, True]])),
            EDGE,
        ),
        Example(
            "just outside: left, right, above, below",
            {
                "keypoints": _keypoints((9.5, 30, 2), (24.5, 30, 2), (13, 19, 2), (13, 49, 2)),
                "rois": _ROI,
                "size": 7,
            },
            (torch.tensor([[0, 0, 0, 0]]), torch.tensor([[False, False, False, False]])),
            OUTSIDE + " Mind that .long() alone turns -0.25 into 0.",
        ),
        Example(
            "no ROIs",
            {"keypoints": torch.zeros(0, 17, 3), "rois": torch.zeros(0, 4)},
            (torch.zeros(0, 17, dtype=torch.int64), torch.zeros(0, 17, dtype=torch.bool)),
            "No ROIs in, none out: shapes (0, K).",
        ),
    ),
    ready_made=(
        "torchvision.models.detection.roi_heads.keypoints_to_heatmap",
        "torchvision.models.detection.roi_heads.keypointrcnn_loss",
    ),
    parts=("index", "valid"),
)

_MAPS = _tensor(((0, math.log(5)), (0, 0)), ((9, 0), (3, 0)), ((0, 0), (math.log(3), 0))).reshape(1, 3, 2, 2)
_COST = math.log(8 / 5) + math.log(6)

keypoint_loss = Check(
    "keypoint_loss",
    (
        Example(
            "three maps of 2 × 2, of which the first and the last count",
            {
                "heatmaps": _MAPS,
                "index": torch.tensor([[1, 0, 0]]),
                "valid": torch.tensor([[True, False, True]]),
            },
            torch.tensor(_COST / 2),
            "The true cells have probabilities 5/8 and 1/6: the mean of log(8/5) and log 6.",
            {
                COUNTED_ONLY: torch.tensor((_COST + math.log(1 + math.exp(-6) + 2 * math.exp(-9))) / 3),
                DIVIDED: torch.tensor(_COST / 3),
                "Take the mean, not the sum.": torch.tensor(_COST),
            },
            learns=("heatmaps",),
        ),
        Example(
            "no keypoint counts",
            {
                "heatmaps": _MAPS,
                "index": torch.tensor([[0, 0, 0]]),
                "valid": torch.tensor([[False, False, False]]),
            },
            torch.tensor(0.0),
            NONE_COUNTS,
        ),
        Example(
            "no ROIs",
            {
                "heatmaps": torch.zeros(0, 17, 2, 2),
                "index": torch.zeros(0, 17, dtype=torch.int64),
                "valid": torch.zeros(0, 17, dtype=torch.bool),
            },
            torch.tensor(0.0),
            NONE_COUNTS,
        ),
    ),
    ready_made=("torchvision.models.detection.roi_heads.keypointrcnn_loss",),
)

_LINE = _tensor(0, 0, 8, 4).reshape(1, 1, 1, 4)
_BLOCK = _tensor((1, 2, 3, 4), (0, 9, 5, 7), (8, 6, 2, 0)).reshape(1, 1, 3, 4)

heatmaps_to_keypoints = Check(
    "heatmaps_to_keypoints",
    (
        Example(
            "a map of 3 × 4, an ROI of 3 × 4 pixels",
            {"heatmaps": _BLOCK, "rois": _tensor((10, 20, 14, 23))},
            _tensor(11.5, 21.5, 9).reshape(1, 1, 3),
            "Nothing to resize. The 9 is in column 1 and row 1; that pixel's middle is 1.5 from the corner (10, 20).",
            {
                HALF: _tensor(11, 21, 9).reshape(1, 1, 3),
                IMAGE_PLACE: _tensor(1.5, 1.5, 9).reshape(1, 1, 3),
                ONES: _tensor(11.5, 21.5, 1).reshape(1, 1, 3),
            },
        ),
        Example(
            "a map of 1 × 4 in an ROI 8 wide",
            {"heatmaps": _LINE, "rois": _tensor((0, 0, 8, 1))},
            _tensor(5.5, 0.5, 7.9375).reshape(1, 1, 3),
            "Bicubic, × 2: pixel 4 becomes 6.61, pixel 5 becomes 7.94, pixel 6 becomes 5.19.",
            {
                ENLARGE: _tensor(5, 0.5, 8).reshape(1, 1, 3),
                FROM_ENLARGED: _tensor(5.5, 0.5, 8).reshape(1, 1, 3),
                BICUBIC: _tensor(5.5, 0.5, 7).reshape(1, 1, 3),
                COLUMN_FIRST: _tensor(0.5, 5.5, 7.9375).reshape(1, 1, 3),
            },
        ),
        Example(
            "an ROI 3.2 wide and 2.5 high gets 4 × 3 pixels",
            {"heatmaps": _BLOCK, "rois": _tensor((0, 0, 3.2, 2.5))},
            _tensor(1.2, 1.25, 9).reshape(1, 1, 3),
            "Column 1 of 4, so 1.5 · 3.2 / 4 = 1.2; row 1 of 3, so 1.5 · 2.5 / 3 = 1.25. " + SQUEEZED,
        ),
        Example(
            "two ROIs: one of no size, one of 4 × 3 pixels",
            {
                "heatmaps": torch.cat([torch.full_like(_BLOCK, 2.0), _BLOCK]),
                "rois": _tensor((5, 5, 5, 5), (0, 0, 4, 3)),
            },
            _tensor(((5.5, 5.5, 2),), ((1.5, 1.5, 9),)),
            TINY,
        ),
        Example(
            "no ROIs",
            {"heatmaps": torch.zeros(0, 17, 56, 56), "rois": torch.zeros(0, 4)},
            torch.zeros(0, 17, 3),
            "No ROIs in, none out: shape (0, K, 3).",
        ),
    ),
    ready_made=(
        "torchvision.models.detection.roi_heads.heatmaps_to_keypoints",
        "torchvision.models.detection.roi_heads.keypointrcnn_inference",
        "torchvision.models.detection.roi_heads._onnx_heatmaps_to_keypoints*",
    ),
)
