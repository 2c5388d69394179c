"""Visible checks of lab 5's second half: transposed convolutions and masks, small enough for paper."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from course.checking.check import Check
from course.checking.example import Example
from course.checking.modules import outputs, with_weights

OVERLAP_ADDS = "Where copies overlap they add up: += instead of =."
FLIPPED = "The kernel is written as it is, not turned around: x[i] · weight[0] comes first."
TAIL = "The last copy is written whole: (L - 1) · stride + k numbers come out."
AS_IT_IS = (
    "A transposed convolution does not repeat and does not interpolate: every number writes its copy of the kernel."
)
NO_GRADIENT = "Right values, but no gradient: stay with tensor operations; .item(), .data and torch.tensor(…) cut it."

IN_AND_OUT = "weight is (in, out, k, k) here: weight[c, o] leads from channel c to channel o."
ROWS_AND_COLUMNS = "Rows and columns of the kernel have changed places: weight[c, o, i, j] is row i, column j."
EVERY_CHANNEL = "An output channel is the sum over all input channels, each with a kernel of its own."

NO_RELU_5 = "conv5_mask is followed by a ReLU as well: four convolutions, one transposed one, five ReLUs."
NO_RELU = "Each of the first five layers is followed by a ReLU."
NO_SIGMOID = "The head gives logits: the sigmoid belongs to the loss."
RELU_AT_THE_END = "No ReLU after mask_fcn_logits: logits may be negative."
NAMES = (
    "The layers and their names are mask_fcn1 to mask_fcn4 (3 × 3, padding 1), conv5_mask (transposed, kernel 2, "
    "stride 2), mask_fcn_logits (1 × 1)."
)
SHAPE = "14 × 14 cells become 28 × 28: padding=1 in the 3 × 3 convolutions, kernel 2 and stride 2 in conv5_mask."

WHICH_MASK = "matched says which mask belongs to an ROI: it goes where roi_align wants the number of the image."
HALF_PIXEL = "Half a pixel is missing: use roi_align of lab 4, which is aligned (in torchvision, aligned=True)."
SOFT = "Targets stay between 0 and 1: a cell that is half inside is 0.5. Don't round."
X_FIRST = "An ROI is (x1, y1, x2, y2): x first."
WHOLE_IMAGE = "The target shows what the ROI sees, not the whole image shrunk."
SIZE_FIXED = "size is an argument: 28 is only its default."

OWN_MASK = "Only the mask of the true class learns: logits[number of the ROI, its label]."
FIRST_CLASS = "The true class's mask is at its label, which is not always 1."
ALL_MASKS = "Only the mask of the true class learns: the other K - 1 are left alone."
SIGMOID = "Each cell is a yes-or-no question of its own: a sigmoid, not a softmax over the classes."
MEAN = "The loss is the mean over all cells of all ROIs, not their sum."
PER_ROI = "The mean goes over all cells of all ROIs: divide by R · m · m, not by R."
NO_ROIS = "Without ROIs the loss is 0, never NaN: add up, and divide by at least 1."
TWICE = "binary_cross_entropy_with_logits applies the sigmoid itself: don't apply it before."
STABLE = (
    "log(sigmoid(z)) breaks down for sure answers, because sigmoid(100) is exactly 1 in float32: use "
    "F.binary_cross_entropy_with_logits."
)

AT_LEAST = "A value of exactly 0.5 sets the pixel: compare with >=, not with >."
SQUEEZED = "The mask fills the whole box, even where the box leaves the image: clip pixels, not the box."
ROUNDED = "Nothing is rounded: a pixel counts if its middle is inside the box."
MIDDLES = "Ask each pixel at its middle, column + ½ and row + ½, and count mask places from the middles of cells: - ½."
NO_FADING = "Beyond the middles of the outermost cells, those cells count in full: read the nearest place of the mask."
OUTSIDE = "Only pixels with their middle inside the box can be set."
SIZE_SWAPPED = "size is (height, width), as is the answer."
TOO_EARLY = "Sample first, compare with 0.5 then: the numbers between 0 and 1 say where within a cell the border is."
NEAREST_CELL = "Read the mask bilinearly between its cells, not at the nearest cell."
BOOL = "Each pixel is True or False: give torch.bool."

TRANSPOSED = (  # what the up-sampling may not call
    "torch.conv_transpose*",
    "torch.convolution",
    "torch._convolution",
    "torch.nn.modules.conv.ConvTranspose*",
    "torch.ops.aten.conv_transpose*",
    "torch.ops.aten.convolution",
    "torch.ops.aten._convolution",
    "torch.ops.aten.convolution_backward",
    "torch.ops.aten.slow_conv_transpose*",
    "torch.ops.mkldnn._convolution_transpose*",
    "torch.nn.grad.conv*_input",
    "torch.nn.functional.fold",  # adds up what overlaps, which is all there is to it
    "torch.ops.aten.col2im",
)


def _numbers(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float32)


def _table(*rows: tuple[float, ...]) -> Tensor:
    return torch.tensor(rows, dtype=torch.float32)


upsample_1d = Check(
    "upsample_1d",
    (
        Example(
            "two numbers, kernel (1, 2, 4), stride 2",
            {"x": _numbers(3, 5), "weight": _numbers(1, 2, 4), "stride": 2},
            _numbers(3, 6, 17, 10, 20),
            "3 writes 3, 6, 12; two places further on 5 writes 5, 10, 20; where both write, 12 + 5 = 17.",
            {
                OVERLAP_ADDS: _numbers(3, 6, 5, 10, 20),
                FLIPPED: _numbers(12, 6, 23, 10, 5),
                TAIL: _numbers(3, 6, 17, 10),
            },
        ),
        Example(
            "stride 3 with a kernel of 2",
            {"x": _numbers(1, 2), "weight": _numbers(1, 10), "stride": 3},
            _numbers(1, 10, 0, 2, 20),
            "Copies may leave gaps between them: they stay 0.",
        ),
        Example(
            "no numbers",
            {"x": _numbers(), "weight": _numbers(1, 2), "stride": 2},
            _numbers(),
            "Nothing in, nothing out: shape (0,).",
        ),
    ),
    ready_made=TRANSPOSED,
)

_KERNEL = _table((1, 10), (100, 1000))[None, None]

upsample_2d = Check(
    "upsample_2d",
    (
        Example(
            "one row of two cells, a 2 × 2 kernel, stride 1",
            {"x": _table((1, 2))[None], "weight": _KERNEL, "stride": 1},
            _table((1, 12, 20), (100, 1200, 2000))[None],
            "Each cell writes its copy of the kernel, the second one column further right; overlaps add up.",
            {
                OVERLAP_ADDS: _table((1, 2, 20), (100, 200, 2000))[None],
                ROWS_AND_COLUMNS: _table((1, 102, 200), (10, 1020, 2000))[None],
                FLIPPED: _table((1000, 2100, 200), (10, 21, 2))[None],
            },
        ),
        Example(
            "two channels in, two out",
            {
                "x": _numbers(3, 5).reshape(2, 1, 1),
                "weight": _table((1, 2), (10, 20)).reshape(2, 2, 1, 1),
                "stride": 1,
            },
            _numbers(53, 106).reshape(2, 1, 1),
            "First output: 3 · weight[0, 0] + 5 · weight[1, 0] = 3 · 1 + 5 · 10.",
            {
                IN_AND_OUT: _numbers(13, 130).reshape(2, 1, 1),
                EVERY_CHANNEL: _numbers(3, 100).reshape(2, 1, 1),
            },
        ),
        Example(
            "two rows, one column, stride 3",
            {"x": _table((1,), (2,))[None], "weight": _KERNEL, "stride": 3},
            _table((1, 10), (100, 1000), (0, 0), (2, 20), (200, 2000))[None],
            "The second copy begins three rows further down: (H - 1) · stride + k rows, (W - 1) · stride + k columns.",
        ),
        Example(
            "a map without cells",
            {"x": torch.zeros(1, 0, 3), "weight": _KERNEL, "stride": 2},
            torch.zeros(1, 0, 0),
            "Nothing in, nothing out: shape (K, 0, 0).",
        ),
    ),
    ready_made=TRANSPOSED,
)


def _middle(value: float) -> Tensor:
    kernel = torch.zeros(1, 1, 3, 3)
    kernel[0, 0, 1, 1] = value
    return kernel


_WEIGHTS = {
    "mask_fcn1.weight": _middle(1),
    "mask_fcn1.bias": _numbers(0),
    "mask_fcn2.weight": _middle(1),
    "mask_fcn2.bias": _numbers(0),
    "mask_fcn3.weight": _middle(-1),
    "mask_fcn3.bias": _numbers(3),
    "mask_fcn4.weight": _middle(1),
    "mask_fcn4.bias": _numbers(-1),
    "conv5_mask.weight": _table((1, 2), (-1, 4))[None, None],
    "conv5_mask.bias": _numbers(0),
    "mask_fcn_logits.weight": _numbers(1, -1).reshape(2, 1, 1, 1),
    "mask_fcn_logits.bias": _numbers(0, 5),
}


def _logits(*rows: tuple[float, ...]) -> Tensor:
    """The logits of both classes, when those of the first are as given."""
    first = _table(*rows)
    return torch.stack([first, 5 - first])[None]


def _chain(head: Callable, args: tuple) -> Any:
    return outputs(head, ((1, 1, 2), _WEIGHTS, *args))


def _neighbours(head: Callable, args: tuple) -> Any:
    """Run a head whose first convolution adds up 3 × 3 cells; upper left cell of each 2 × 2 that come out."""
    weights = {**_WEIGHTS, "mask_fcn1.weight": torch.ones(1, 1, 3, 3), "mask_fcn3.weight": _middle(1)}
    weights |= {"mask_fcn3.bias": _numbers(0), "mask_fcn4.bias": _numbers(0)}
    return with_weights(head, (1, 1, 2), weights)(*args)[0, 0, ::2, ::2]


def _shape(head: Callable, args: tuple) -> Any:
    """The shape of what a head gives, with weights 0."""
    arguments, features = args[:3], args[3]
    inner, hidden, classes = arguments
    shapes = {"mask_fcn1": (hidden, inner, 3, 3), "mask_fcn_logits": (classes, hidden, 1, 1)}
    shapes |= {f"mask_fcn{layer}": (hidden, hidden, 3, 3) for layer in (2, 3, 4)} | {
        "conv5_mask": (hidden, hidden, 2, 2)
    }
    weights = {f"{name}.weight": torch.zeros(shape) for name, shape in shapes.items()}
    weights |= {f"{name}.bias": torch.zeros(classes if "logits" in name else hidden) for name in shapes}
    return torch.tensor(with_weights(head, arguments, weights)(features).shape)


MaskHead = Check(
    "MaskHead",
    (
        Example(
            "one channel, one row of two cells; two classes",
            {"features": _table((1, -2))[None, None]},
            _logits((1, 2, 2, 4), (0, 4, 0, 8)),
            f"(1, -2) → ReLU (1, 0) → (1, 0) → 3 - x: (2, 3) → x - 1: (1, 2) → conv5_mask: (1, 2; -1, 4) times each, "
            f"ReLU → logits x and 5 - x. {NAMES}",
            {
                NO_RELU_5: _logits((1, 2, 2, 4), (-1, 4, -2, 8)),
                NO_RELU: _logits((1, 2, 4, 8), (-1, 4, -4, 16)),
                "The first four convolutions need a ReLU each; yours has one on conv5_mask only.": _logits(
                    (1, 2, 4, 8), (0, 4, 0, 16)
                ),
                RELU_AT_THE_END: _logits((1, 2, 2, 4), (0, 4, 0, 8)).relu(),
                NO_SIGMOID: _logits((1, 2, 2, 4), (0, 4, 0, 8)).sigmoid(),
            },
            _chain,
        ),
        Example(
            "mask_fcn1 adds up 3 × 3 cells",
            {"features": _table((1, 2, 0), (3, 4, 0))[None, None]},
            _table((10, 10, 6), (10, 10, 6)),
            SHAPE,
            run=_neighbours,
        ),
        Example(
            "the shape for 3 ROIs, 2 channels, 4 classes",
            {"in_channels": 2, "hidden": 5, "num_classes": 4, "features": torch.zeros(3, 2, 14, 14)},
            torch.tensor([3, 4, 28, 28]),
            SHAPE,
            run=_shape,
        ),
    ),
    ready_made=("torchvision.models.detection.mask_rcnn.*",),
)

_MASKS = torch.tensor([[[1, 1, 0, 0]] * 4, [[1, 1, 1, 1], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]], dtype=torch.uint8)
_BY_TWO = _table((0, 0, 4, 4), (0, 0, 4, 4), (1, 0, 5, 4))
_LEFT, _TOP = _table((1, 0), (1, 0)), _table((0.5, 0.5), (0, 0))

mask_targets = Check(
    "mask_targets",
    (
        Example(
            "the whole image twice, and an ROI a pixel further right",
            {"masks": _MASKS, "rois": _BY_TWO, "matched": torch.tensor([1, 0, 0]), "size": 2},
            torch.stack([_TOP, _LEFT, _LEFT / 2]),
            "Mask 0 is its left half, mask 1 its top row. A cell is 2 × 2 pixels here: half inside gives 0.5.",
            {
                WHICH_MASK: torch.stack([_LEFT, _TOP, _table((0.25, 0.25), (0, 0))]),
                "Your function takes mask 0 for every ROI: matched says which one.": torch.stack(
                    [_LEFT, _LEFT, _LEFT / 2]
                ),
                HALF_PIXEL: torch.stack(
                    [_table((0.25, 0.25), (0, 0)), _table((0.75, 0), (0.75, 0)), _table((0.25, 0), (0.25, 0))]
                ),
                SOFT: torch.stack([_table((1, 1), (0, 0)), _LEFT, _LEFT]),
                "The same: a cell of exactly 0.5 is 0.5, neither 0 nor 1.": torch.stack(
                    [torch.zeros(2, 2), _LEFT, torch.zeros(2, 2)]
                ),
                "The third ROI begins one pixel further right: x comes first, and the ROI is cut out, not the whole "
                "image shrunk.": torch.stack([_TOP, _LEFT, _LEFT]),
            },
        ),
        Example(
            "no ROIs",
            {"masks": _MASKS, "rois": _table().reshape(0, 4), "matched": torch.zeros(0, dtype=torch.int64), "size": 3},
            torch.zeros(0, 3, 3),
            "No ROIs, no targets: shape (0, size, size).",
        ),
    ),
    ready_made=("torchvision.models.detection.roi_heads.project_masks_on_boxes",),
)

_Z = _table((5, -1, 0), (0, math.log(3), 2)).reshape(2, 3, 1, 1)
_T = _numbers(1, 0).reshape(2, 1, 1)
_PROBABILITY = _Z.flatten(1).softmax(dim=1)
_LN2 = math.log(2)


def _number(value: float) -> Tensor:
    return torch.tensor(value, dtype=torch.float32)


def _entropy(yes: float, no: float) -> Tensor:
    """The loss of one probability that should be 1 and one that should be 0."""
    return _number(-(math.log(yes) + math.log(1 - no)) / 2)


def _sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z))


mask_loss = Check(
    "mask_loss",
    (
        Example(
            "two ROIs of class 2 and 1, masks of a single cell",
            {"logits": _Z, "labels": torch.tensor([2, 1]), "targets": _T},
            _number(1.5 * _LN2),
            "The true classes' logits are 0 and ln 3, probabilities ½ and ¾; the targets are 1 and 0: (ln 2 + ln 4) "
            "/ 2.",
            {
                SIGMOID: _entropy(float(_PROBABILITY[0, 2]), float(_PROBABILITY[1, 1])),
                FIRST_CLASS: _entropy(_sigmoid(-1), 0.75),
                MEAN: _number(3 * _LN2),
                TWICE: _entropy(_sigmoid(0.5), _sigmoid(0.75)),
                "Labels count from 0, background included: class 2 is channel 2.": _entropy(_sigmoid(-1), 0.5),
                "Take the mask of the true class, not of the one that is likeliest.": _entropy(
                    _sigmoid(5), _sigmoid(2)
                ),
            },
            learns=("logits",),
        ),
        Example(
            "a single ROI, a mask of 2 × 2 zeros",
            {"logits": torch.zeros(1, 2, 2, 2), "labels": torch.tensor([1]), "targets": _table((0, 1), (1, 1))[None]},
            _number(_LN2),
            MEAN,
            {PER_ROI: _number(4 * _LN2)},
        ),
        Example(
            "an answer that is very sure, and wrong",
            {
                "logits": _numbers(0, 200).reshape(1, 2, 1, 1),
                "labels": torch.tensor([1]),
                "targets": torch.zeros(1, 1, 1),
            },
            _number(200),
            STABLE,
        ),
        Example(
            "no ROIs",
            {
                "logits": torch.zeros(0, 3, 2, 2),
                "labels": torch.zeros(0, dtype=torch.int64),
                "targets": torch.zeros(0, 2, 2),
            },
            _number(0),
            NO_ROIS,
        ),
    ),
    ready_made=("torchvision.models.detection.roi_heads.maskrcnn_loss",),
)


def _pixels(*rows: str) -> Tensor:
    return torch.tensor([[letter == "■" for letter in row] for row in rows])


paste_mask = Check(
    "paste_mask",
    (
        Example(
            "left half of a box 4 wide and 2 high",
            {"mask": _table((1, 0), (1, 0)), "box": _numbers(1, 0, 5, 2), "size": (3, 6)},
            _pixels("□■■□□□", "□■■□□□", "□□□□□□"),
            "Middles 1.5, 2.5, 3.5, 4.5 are at -0.25, 0.25, 0.75, 1.25 in the mask, which reads 1, 0.75, 0.25, 0.",
            {SIZE_SWAPPED: _pixels("□■■", "□■■", "□□□", "□□□", "□□□", "□□□")},
        ),
        Example(
            "the right half of a box that begins 2 pixels left of the image",
            {"mask": _table((0, 1)), "box": _numbers(-2, 0, 2, 1), "size": (1, 4)},
            _pixels("■■□□"),
            "Middles 0.5 and 1.5 are at 0.75 and 1.25 in the mask.",
            {SQUEEZED: _pixels("□■□□")},
        ),
        Example(
            "a mask of 1 and 0.25 in a box 8 wide",
            {"mask": _table((1, 0.25)), "box": _numbers(0, 0, 8, 1), "size": (1, 8)},
            _pixels("■■■■■□□□"),
            "Middles 3.5 and 4.5 are at 0.375 and 0.625 in the mask, which reads 0.72 and 0.53 there.",
            {f"{TOO_EARLY} And sample between cells, not at the nearest one.": _pixels("■■■■□□□□")},
        ),
        Example(
            "exactly 0.5 in the middle",
            {"mask": _table((1, 0)), "box": _numbers(0, 0, 3, 1), "size": (1, 3)},
            _pixels("■■□"),
            "Middles 0.5, 1.5, 2.5 read 1, 0.5 and 0.",
            {AT_LEAST: _pixels("■□□")},
        ),
        Example(
            "a full mask from 0.6 to 3.4",
            {"mask": _table((1,)), "box": _numbers(0.6, 0, 3.4, 1), "size": (1, 5)},
            _pixels("□■■□□"),
            "Of the middles 0.5, 1.5, 2.5, 3.5, 4.5 the second and third are inside.",
            {
                ROUNDED: _pixels("■■■□□"),
                "Nothing is rounded, and no pixel is added: a pixel counts if its middle is inside.": _pixels("■■■■□"),
                OUTSIDE: _pixels("■■■■■"),
            },
        ),
        Example(
            "a box off the image",
            {"mask": _table((1, 1), (1, 1)), "box": _numbers(-9, -9, -4, -4), "size": (3, 3)},
            _pixels("□□□", "□□□", "□□□"),
            "No pixel of the image is inside. Slices must not begin below 0: Python counts from the end there.",
        ),
    ),
    ready_made=("torchvision.models.detection.roi_heads.*paste_mask*",),
)
