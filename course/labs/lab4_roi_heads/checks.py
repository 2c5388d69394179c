"""Visible checks of lab 4: small examples that students can work out on paper."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from course.checking.check import Check
from course.checking.example import Example
from course.checking.modules import outputs

TRUTH_JOINS = (
    "The true boxes belong among the candidates: early in training the proposals hit nothing, and the true boxes are "
    "the only objects that the network gets to see."
)
AT_MOST = "At most int(batch_size · positive_fraction) ROIs may be objects: 32 of 128, however many there are."
FILL_UP = "If there are few objects, background fills the places that they leave, up to batch_size."
OWN_CLASS = (
    "An object's label is the class of the true box that it overlaps most, as it stands in gt_labels: not always 1, "
    "and not its place in the list."
)
AT_LEAST = "An IoU of exactly the threshold makes an object: compare with >=, not with >."
WEIGHTS = "Deltas come with weights (10, 10, 5, 5) in the detection network, not with (1, 1, 1, 1) as in the RPN."
DIRECTION = "Deltas lead from the ROI to its true box: encode_boxes(true boxes, ROIs)."
NO_OBJECTS = "An image without objects is a normal image: there all candidates are background."
ROUND = "Corners are rounded to the nearest cell: .long(), .int() and floor cut off instead."
HALVES = "A corner exactly between two cells is rounded up, 2.5 to 3: torch.round and round take the even number."
NO_SCALE = "ROIs are in pixels of the image, the map has cells: multiply the four coordinates by spatial_scale."
SWAPPED = "An ROI is (image, x1, y1, x2, y2): x counts columns of the map (its last axis), y counts rows."
LAST_INCLUDED = "The last cell belongs to the ROI: from cell 1 to cell 5 there are 5 - 1 + 1 cells."
MAXIMUM = "ROI pooling takes the largest value of each bin, not the mean."
FIRST_IMAGE = "The first number of an ROI says which image of the batch it belongs to: pool from that one's map."
NO_GRADIENT = (
    "Right values, but without gradient: .data, .detach(), .item() or torch.tensor(…) on features cut the backbone off "
    "from its loss."
)
EMPTY_BINS = "A bin that holds no cell of the map gives 0."
SIZE_SWAPPED = "output_size is (height, width): the answer's shape is (R, C, height, width)."
NEAREST = "You read the nearest cell only: mix the four cells around the point."
FAR_WEIGHTS = "The weights are the wrong way round: the nearer a cell, the more it counts."
Y_AND_X = "y counts rows, x counts columns: feature[:, y, x]."
HALF_PIXEL = (
    "The half pixel is missing: the first cell's middle is at ½ of it, and at 0 on the map. Subtract 0.5 after scaling."
)
HALF_PIXEL_FIRST = (
    "Subtract the 0.5 after multiplying by spatial_scale: it is half a cell, not half a pixel of the image."
)
NO_ROUNDING = "Nothing is rounded in ROI align: that is its whole point."
MEAN = "A bin is the mean of its samples, not the largest of them."
MIDDLES = "Sample points are the middles of equal parts: at (k + ½) / n of the way, not at k / n."
NO_RELU = "No ReLU, as on the slide: two linear layers in a row are no better than one. fc6 and fc7 each need a ReLU."
TWO_CLASSES = "2 · 4 deltas are hard-coded, as on the slide: with K classes there are K · 4."
START = "cls_score and bbox_pred begin with weights N(0, 0.01) and biases 0."
OWN_FOUR = "Deltas hold four numbers for each class: take those of the true class, columns 4 · label to 4 · label + 3."
BEST_CLASS = "Take the four numbers of the true class, not of the one that the network finds most likely."
ALL_ROIS = "The box loss is divided by the number of all ROIs, background included, not by that of the objects."
BETA = "The smooth L1 here has β = 1/9: quadratic below 1/9, linear above."
NO_BACKGROUND = "Class 0 is background and no detection: skip it."
EVERY_CLASS = "Each class above the threshold is a detection of its own, not only the likeliest one of an ROI."
PER_CLASS = "NMS goes class by class: a person may wear a helmet, and both boxes stay."


def _tensor(*rows: Any) -> Tensor:
    return torch.tensor(rows, dtype=torch.float32)


def _boxes(*rows: tuple[float, float, float, float]) -> Tensor:
    return _tensor(*rows).reshape(-1, 4)


def sorted_sample(function: Callable, args: tuple) -> Any:
    """A sample in the order of its boxes, since any order is right; targets of background as 0."""
    rois, labels, targets = function(*args)
    order = sorted(range(len(rois)), key=lambda row: rois[row].tolist())
    labels = labels[order]
    return rois[order], labels, targets[order] * (labels > 0)[:, None]


def sample_counts(function: Callable, args: tuple) -> Tensor:
    """How many ROIs, how many of them objects, how many background, and how many different boxes."""
    rois, labels, _ = function(*args)
    different = len({tuple(box) for box in rois.tolist()})
    return torch.tensor([len(rois), int((labels > 0).sum()), int((labels == 0).sum()), different])


def repeats(function: Callable, args: tuple) -> Tensor:
    """Whether the same seed gives the same sample, whatever torch's global generator does, and another seed another."""

    def sample(seed: int, elsewhere: int) -> list:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(elsewhere)
            rois, *_ = function(*args, generator=torch.Generator().manual_seed(seed))
        return sorted(rois.tolist())

    first = sample(1, 5)
    return torch.tensor([sample(1, 6) == first, any(sample(seed, 5) != first for seed in (2, 3, 4))])


def _sample(
    labels: tuple[int, ...], *rows: tuple[float, ...], boxes: tuple[int, ...] = (0, 1, 2, 3, 4)
) -> tuple[Tensor, ...]:
    """An answer to the first example: labels and targets of some of its five boxes."""
    five = _boxes((0, 0, 10, 4), (0, 0, 10, 5), (0, 0, 10, 8), (0, 0, 10, 10), (20, 20, 30, 30))
    return five[list(boxes)], torch.tensor(labels), _boxes(*rows)  # type: ignore[arg-type]


_NONE = (0.0, 0.0, 0.0, 0.0)
_FROM_5, _FROM_8 = (0, 5, 0, 5 * math.log(2)), (0, 1.25, 0, 5 * math.log(1.25))
_NEAR = _boxes(*[(0, 0, 10, 9 + k / 8) for k in range(6)])  # IoU at least 0.9 with (0, 0, 10, 10)
_FAR = _boxes(*[(50 + k, 50, 60 + k, 60) for k in range(10)])
_TRUTH = {"gt_boxes": _boxes((0, 0, 10, 10)), "gt_labels": torch.tensor([2])}

sample_rois = Check(
    "sample_rois",
    (
        Example(
            "4 proposals and 1 true box of class 2: all fit",
            {"proposals": _boxes((0, 0, 10, 8), (0, 0, 10, 5), (0, 0, 10, 4), (20, 20, 30, 30)), **_TRUTH},
            _sample((0, 2, 2, 2, 0), _NONE, _FROM_5, _FROM_8, _NONE, _NONE),
            "IoU 0.8, 0.5, 0.4, 0, and 1 for the true box itself, which joins: the first two and the last are objects.",
            {
                TRUTH_JOINS: _sample((0, 2, 2, 0), _NONE, _FROM_5, _FROM_8, _NONE, boxes=(0, 1, 2, 4)),
                AT_LEAST: _sample((0, 0, 2, 2, 0), _NONE, _NONE, _FROM_8, _NONE, _NONE),
                OWN_CLASS: _sample((0, 1, 1, 1, 0), _NONE, _FROM_5, _FROM_8, _NONE, _NONE),
                WEIGHTS: _sample(
                    (0, 2, 2, 2, 0),
                    *(_NONE, (0, 0.5, 0, math.log(2)), (0, 0.125, 0, math.log(1.25)), _NONE, _NONE),
                ),
                DIRECTION: _sample(
                    (0, 2, 2, 2, 0),
                    *(_NONE, (0, -2.5, 0, -5 * math.log(2)), (0, -1, 0, -5 * math.log(1.25)), _NONE, _NONE),
                ),
                "Every ROI that is not an object is background, even with an IoU of 0: a far proposal stays.": _sample(
                    (0, 2, 2, 2), _NONE, _FROM_5, _FROM_8, _NONE, boxes=(0, 1, 2, 3)
                ),
                "As in the slides' tutorial: the true box does not join, and the targets have no weights.": _sample(
                    (0, 2, 2, 0),
                    *(_NONE, (0, 0.5, 0, math.log(2)), (0, 0.125, 0, math.log(1.25)), _NONE),
                    boxes=(0, 1, 2, 4),
                ),
            },
            run=sorted_sample,
        ),
        Example(
            "a proposal that two true boxes overlap, of class 2 and 1",
            {
                "proposals": _boxes((3, 0, 13, 10)),
                "gt_boxes": _boxes((0, 0, 10, 10), (4, 0, 14, 10)),
                "gt_labels": torch.tensor([2, 1]),
            },
            (
                _boxes((0, 0, 10, 10), (3, 0, 13, 10), (4, 0, 14, 10)),
                torch.tensor([2, 1, 1]),
                _tensor((0, 0, 0, 0), (1, 0, 0, 0), (0, 0, 0, 0)),
            ),
            "IoU 7/13 with the first true box, 9/11 with the second: it belongs to the second, where its IoU is best.",
            run=sorted_sample,
        ),
        Example(
            "8 places: how many ROIs, objects, others, different",
            {"proposals": torch.cat([_NEAR, _FAR]), **_TRUTH, "batch_size": 8},
            torch.tensor([8, 2, 6, 8]),
            "Of 7 objects and 10 others: int(8 · 0.25) = 2 objects, 6 others in the places left, no box twice.",
            {
                AT_MOST: torch.tensor([8, 7, 1, 8]),
                "All eight are objects here: at most int(8 · 0.25) = 2 may be.": torch.tensor([8, 8, 0, 8]),
            },
            run=sample_counts,
        ),
        Example(
            "an image without objects",
            {"proposals": _FAR[:2], "gt_boxes": _boxes(), "gt_labels": torch.zeros(0, dtype=torch.int64)},
            (_FAR[:2], torch.tensor([0, 0]), torch.zeros(2, 4)),
            NO_OBJECTS,
            run=sorted_sample,
        ),
        Example(
            "same seed, same sample? other seed, another?",
            {"proposals": torch.cat([_NEAR, _FAR]), **_TRUTH, "batch_size": 8},
            torch.tensor([True, True]),
            "Shuffle with torch.randperm(…, generator=generator): a seed must repeat a sample, another must not.",
            run=repeats,
        ),
    ),
    ready_made=("torchvision.models.detection.roi_heads.RoIHeads.*",),
    parts=("rois", "labels", "targets"),
)

_MAP = torch.arange(24, dtype=torch.float32).reshape(1, 1, 4, 6)

roi_pool = Check(
    "roi_pool",
    (
        Example(
            "an ROI of columns 1 to 5, rows 0 to 2, scale ½",
            {"features": _MAP, "rois": _tensor((0, 2.2, 0.4, 9.4, 4.4)), "output_size": (2, 2), "spatial_scale": 0.5},
            _tensor((9, 11), (15, 17)).reshape(1, 1, 2, 2),
            "Times ½: (1.1, 0.2, 4.7, 2.2), rounded (1, 0, 5, 2). Bins overlap: columns 1 to 3 and 3 to 5, 1.5 rows.",
            {
                ROUND: _tensor((8, 10), (14, 16)).reshape(1, 1, 2, 2),
                MAXIMUM: _tensor((5, 7), (11, 13)).reshape(1, 1, 2, 2),
                LAST_INCLUDED: _tensor((2, 4), (8, 10)).reshape(1, 1, 2, 2),
                NO_SCALE: _tensor((17, 0), (23, 0)).reshape(1, 1, 2, 2),
                SWAPPED: _tensor((19, 20), (19, 20)).reshape(1, 1, 2, 2),
                "Bins end at the ceiling of (k + 1) · side / n: round their ends up, not down.": _tensor(
                    (2, 5), (14, 17)
                ).reshape(1, 1, 2, 2),
            },
            learns=("features",),
        ),
        Example(
            "a high ROI in a grid of 3 rows and 1 column",
            {"features": _MAP, "rois": _tensor((0, 2, 0, 3, 3)), "output_size": (3, 1), "spatial_scale": 1.0},
            _tensor(9, 15, 21).reshape(1, 1, 3, 1),
            SIZE_SWAPPED,
        ),
        Example(
            "corners exactly between two cells",
            {"features": _MAP, "rois": _tensor((0, 0.5, 0, 2.5, 0)), "output_size": (1, 1), "spatial_scale": 1.0},
            _tensor(3).reshape(1, 1, 1, 1),
            HALVES,
        ),
        Example(
            "an ROI that ends two columns off the map",
            {"features": _MAP, "rois": _tensor((0, 4, 1, 7, 1)), "output_size": (1, 2), "spatial_scale": 1.0},
            _tensor(11, 0).reshape(1, 1, 1, 2),
            "Columns 4 to 7: the bins are 4 to 5 and 6 to 7. " + EMPTY_BINS,
        ),
        Example(
            "an ROI that begins a column off the map",
            {"features": _MAP, "rois": _tensor((0, -1, 1, 2, 1)), "output_size": (1, 2), "spatial_scale": 1.0},
            _tensor(6, 8).reshape(1, 1, 1, 2),
            "Columns -1 to 2: the bins are -1 to 0 and 1 to 2. A slice must not begin below 0: there Python counts "
            "from the end.",
        ),
        Example(
            "the second image of a batch",
            {
                "features": torch.cat([_MAP, -_MAP - 1]),
                "rois": _tensor((1, 0, 0, 1, 1)),
                "output_size": (1, 1),
                "spatial_scale": 1.0,
            },
            _tensor(-1).reshape(1, 1, 1, 1),
            FIRST_IMAGE,
        ),
        Example(
            "no ROIs",
            {"features": _MAP, "rois": torch.zeros(0, 5), "output_size": (2, 3), "spatial_scale": 1.0},
            torch.zeros(0, 1, 2, 3),
            "No ROIs in, none out: shape (0, C, height, width).",
        ),
    ),
    ready_made=("torchvision.ops.roi_pool.*", "torch.ops.torchvision.*roi_pool*"),
)

bilinear_sample = Check(
    "bilinear_sample",
    (
        Example(
            "between four cells",
            {
                "feature": _tensor((10, 20, 30), (40, 50, 60)).reshape(1, 2, 3),
                "y": torch.tensor([0.0, 0.5, 0.25]),
                "x": torch.tensor([1.0, 1.5, 1.0]),
            },
            _tensor((20, 40, 27.5)),
            "Each of the four cells counts by how near it is: (1 - distance in y) · (1 - distance in x).",
            {
                FAR_WEIGHTS: _tensor((60, 40, 52.5)),
                NEAREST: _tensor((20, 30, 20)),
                Y_AND_X: _tensor((40, 45, 42.5)),
                "Whole numbers are the middles of cells here: the half pixel is roi_align's business.": _tensor(
                    (15, 20, 15)
                ),
            },
        ),
        Example(
            "off the map: by ½ a cell, by 1½, far away",
            {
                "feature": _tensor((10, 20, 30), (40, 50, 60)).reshape(1, 2, 3),
                "y": torch.tensor([-0.5, -1.5, 0.0]),
                "x": torch.tensor([0.0, 0.0, 9.0]),
            },
            _tensor((10, 0, 0)),
            "Up to one cell off the map the nearest place on it counts; further away there is 0.",
        ),
        Example(
            "no points",
            {"feature": torch.ones(2, 3, 3), "y": torch.zeros(0), "x": torch.zeros(0)},
            torch.zeros(2, 0),
            "No points, no values: shape (C, 0).",
        ),
    ),
    ready_made=(
        "torch.nn.functional.grid_sample",
        "torch.grid_sampler*",
        "torch.ops.aten.*grid_sampler*",
        "torchvision.ops.roi_align.*",
        "torch.ops.torchvision.*roi_align*",
    ),
)

_ROWS = torch.arange(4.0)[:, None].expand(4, 6).reshape(1, 1, 4, 6)  # the value of each cell is its row

roi_align = Check(
    "roi_align",
    (
        Example(
            "each value is its column; an ROI 4 wide in 2 bins",
            {
                "features": torch.arange(6.0).expand(1, 1, 4, 6),
                "rois": _tensor((0, 2, 0, 10, 8)),
                "output_size": (1, 2),
                "spatial_scale": 0.5,
            },
            _tensor(1.5, 3.5).reshape(1, 1, 1, 2),
            "On the map the ROI begins at 2 · ½ - ½ = 0.5 and is 4 wide: samples at 1, 2 and 3, 4; their means.",
            {
                HALF_PIXEL + " Or is it the largest sample of each bin, instead of their mean?": _tensor(2, 4).reshape(
                    1, 1, 1, 2
                ),
                HALF_PIXEL_FIRST: _tensor(1.75, 3.75).reshape(1, 1, 1, 2),
                MIDDLES: _tensor(1, 3).reshape(1, 1, 1, 2),
                SWAPPED: _tensor(0.5, 2.5).reshape(1, 1, 1, 2),
                NO_SCALE: _tensor(1.75, 0).reshape(1, 1, 1, 2),
                "Your points run from one border of the ROI to the other: take the middles of equal parts.": _tensor(
                    7 / 6, 23 / 6
                ).reshape(1, 1, 1, 2),
                "Both bins get the same: a bin's samples do not all lie side by side in memory. Reshape to (C, height, "
                "r, width, r), then take the mean over both r.": _tensor(2.5, 2.5).reshape(1, 1, 1, 2),
            },
            learns=("features",),
        ),
        Example(
            "each value is its row; three bins high, not rounded",
            {"features": _ROWS, "rois": _tensor((0, 1, 0.7, 3, 3.7)), "output_size": (3, 1), "spatial_scale": 1.0},
            _tensor(0.7, 1.7, 2.7).reshape(1, 1, 3, 1),
            "The ROI begins at 0.7 - 0.5 = 0.2 and is 3 high: the middles of the bins are at 0.7, 1.7 and 2.7.",
            {NO_ROUNDING: _tensor(1, 2, 2.875).reshape(1, 1, 3, 1)},
        ),
        Example(
            "the second image of a batch, and the first",
            {
                "features": torch.cat([_ROWS, _ROWS + 10]),
                "rois": _tensor((1, 1, 1, 3, 3), (0, 1, 1, 3, 3)),
                "output_size": (1, 1),
                "spatial_scale": 1.0,
            },
            _tensor(11.5, 1.5).reshape(2, 1, 1, 1),
            "Row r of the answer belongs to ROI r: keep the order in which they come in, whatever their image.",
            {FIRST_IMAGE: _tensor(1.5, 1.5).reshape(2, 1, 1, 1)},
        ),
        Example(
            "no ROIs",
            {"features": _ROWS, "rois": torch.zeros(0, 5), "output_size": (2, 3), "spatial_scale": 1.0},
            torch.zeros(0, 1, 2, 3),
            "No ROIs in, none out: shape (0, C, height, width).",
        ),
    ),
    ready_made=("torchvision.ops.roi_align.*", "torch.ops.torchvision.*roi_align*"),
)

_WEIGHTS = {
    "fc6.weight": _tensor((1, 0), (0, -1)),
    "fc6.bias": _tensor(0, 1),
    "fc7.weight": _tensor((1, -1), (0, 1)),
    "fc7.bias": _tensor(0, 0),
    "cls_score.weight": _tensor((1, 0), (0, 1), (1, 1)),
    "cls_score.bias": _tensor(0, -1, 0),
    "bbox_pred.weight": torch.ones(12, 2) * torch.arange(12.0)[:, None],
    "bbox_pred.bias": torch.full((12,), -3.0),
}

BoxHead = Check(
    "BoxHead",
    (
        Example(
            "two inputs, two hidden, three classes, all weights given",
            {"arguments": (2, 2, 3), "weights": _WEIGHTS, "pooled": _tensor((1, 3), (0, 0)).reshape(2, 2, 1, 1)},
            (_tensor((1, -1, 1), (0, 0, 1)), torch.arange(12.0).expand(2, 12) - 3),
            "fc6 and ReLU, fc7 and ReLU, then logits (R, K) and deltas (R, 4 K); no ReLU after these two.",
            {
                NO_RELU: (_tensor((3, -3, 1), (-1, 0, 0)), torch.arange(12.0) * _tensor((1,), (0,)) - 3),
                "The ReLU after fc7 is missing: each of the two hidden layers has one.": (
                    _tensor((1, -1, 1), (-1, 0, 0)),
                    torch.arange(12.0) * _tensor((1,), (0,)) - 3,
                ),
                "No ReLU after the last layers: deltas may be negative.": (
                    _tensor((1, -1, 1), (0, 0, 1)),
                    (torch.arange(12.0).expand(2, 12) - 3).relu(),
                ),
                "Give logits: leave the softmax to the loss and to postprocess_detections.": (
                    _tensor((1, -1, 1), (0, 0, 1)).softmax(1),
                    torch.arange(12.0).expand(2, 12) - 3,
                ),
                "Logits first, then deltas: yours come the other way round.": (
                    torch.arange(12.0).expand(2, 12) - 3,
                    _tensor((1, -1, 1), (0, 0, 1)),
                ),
            },
            run=outputs,
        ),
    ),
    ready_made=("torchvision.models.detection.faster_rcnn.*",),
    parts=("logits", "deltas"),
)

_LOGITS = _tensor((0, math.log(2), 0), (0, 0, 0))
_DELTAS = _tensor((0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 0), (5,) * 12)
_CLS = torch.tensor(math.log(12) / 2)

detection_loss = Check(
    "detection_loss",
    (
        Example(
            "one object of class 2 and one background ROI",
            {"logits": _LOGITS, "deltas": _DELTAS, "labels": torch.tensor([2, 0]), "targets": torch.zeros(2, 4)},
            (_CLS, torch.tensor((2 - 1 / 18) / 2)),
            "Probabilities 1/4 and 1/3. Box: class 2's third number is off by 2: (2 - 1/18), divided by 2 ROIs.",
            {
                OWN_FOUR: (_CLS, torch.tensor(0.0)),
                "You take columns 4 to 7, of class 1. The label is 2: its columns are 8 to 11, from 4 · label on.": (
                    _CLS,
                    torch.tensor((1 - 1 / 18) / 2),
                ),
                ALL_ROIS: (_CLS, torch.tensor(2 - 1 / 18)),
                BETA: (_CLS, torch.tensor(0.75)),
                "β is 1/9 here, not 1 as in the slides' RPN loss, and the sum is divided by the number of all ROIs.": (
                    _CLS,
                    torch.tensor(1.5),
                ),
                "Background has no true box: only ROIs with a label above 0 count in the box loss.": (
                    _CLS,
                    torch.tensor((2 - 1 / 18 + 4 * (5 - 1 / 18)) / 2),
                ),
                "The box loss is divided by the number of ROIs, 2, and not by 4 as well.": (
                    _CLS,
                    torch.tensor((2 - 1 / 18) / 8),
                ),
                'reduction="mean" divides by four numbers for each object: sum, and divide by the number of ROIs.': (
                    _CLS,
                    torch.tensor((2 - 1 / 18) / 4),
                ),
                "That is Huber's loss, which is smooth L1 times β: use F.smooth_l1_loss with beta=1 / 9.": (
                    _CLS,
                    torch.tensor((2 - 1 / 18) / 18),
                ),
                "You add up the cross-entropies: take their mean over the ROIs.": (
                    2 * _CLS,
                    torch.tensor((2 - 1 / 18) / 2),
                ),
                "cross_entropy does the softmax itself: give it the logits as they are.": (
                    (torch.tensor((2 * math.exp(0.25) + math.exp(0.5)) * 3).log() - 0.25) / 2,
                    torch.tensor((2 - 1 / 18) / 2),
                ),
                "The loss of the classes comes first, then that of the boxes.": (
                    torch.tensor((2 - 1 / 18) / 2),
                    _CLS,
                ),
            },
            learns=("logits", "deltas"),
        ),
        Example(
            "only background",
            {"logits": _LOGITS, "deltas": _DELTAS, "labels": torch.tensor([0, 0]), "targets": torch.ones(2, 4)},
            (_CLS, torch.tensor(0.0)),
            "Background has no true box: without objects the box loss is 0.",
        ),
        Example(
            "no ROIs",
            {
                "logits": torch.zeros(0, 3),
                "deltas": torch.zeros(0, 12),
                "labels": torch.zeros(0, dtype=torch.int64),
                "targets": _boxes(),
            },
            (torch.tensor(0.0), torch.tensor(0.0)),
            "Without any ROI both losses are 0, not NaN: divide sums by at least 1.",
        ),
    ),
    ready_made=("torchvision.models.detection.roi_heads.fastrcnn_loss",),
    parts=("cls_loss", "loc_loss"),
)

_HEAD = {
    "logits": _tensor((0.1, 0.6, 0.3), (0.8, 0.16, 0.04)).log(),
    "deltas": _tensor((0, 0, 0, 0, 1.25, 0, 0, 0, 0, 0, 0, 0), (0,) * 12),
    "rois": _boxes((2, 2, 10, 10), (-4, 0, 4, 6)),
    "size": (8, 20),
}

postprocess_detections = Check(
    "postprocess_detections",
    (
        Example(
            "two ROIs, two classes beside background",
            _HEAD,
            (
                _boxes((3, 2, 11, 8), (2, 2, 10, 8), (0, 0, 4, 6)),
                torch.tensor([1, 2, 1]),
                torch.tensor([0.6, 0.3, 0.16]),
            ),
            "The first ROI is class 1, moved by 1.25 / 10 of its width, and class 2; the second one is class 1.",
            {
                NO_BACKGROUND: (
                    _boxes((0, 0, 4, 6), (3, 2, 11, 8), (2, 2, 10, 8), (0, 0, 4, 6), (2, 2, 10, 8)),
                    torch.tensor([0, 1, 2, 1, 0]),
                    torch.tensor([0.8, 0.6, 0.3, 0.16, 0.1]),
                ),
                "Labels begin at 1: class 0 is background, even when you leave its column out first.": (
                    _boxes((3, 2, 11, 8), (2, 2, 10, 8), (0, 0, 4, 6)),
                    torch.tensor([0, 1, 0]),
                    torch.tensor([0.6, 0.3, 0.16]),
                ),
                "The order is boxes, labels, scores: your scores come before the labels.": (
                    _boxes((3, 2, 11, 8), (2, 2, 10, 8), (0, 0, 4, 6)),
                    torch.tensor([0.6, 0.3, 0.16]),
                    torch.tensor([1, 2, 1]),
                ),
                "Best first, whatever the class: yours come class by class.": (
                    _boxes((3, 2, 11, 8), (0, 0, 4, 6), (2, 2, 10, 8)),
                    torch.tensor([1, 1, 2]),
                    torch.tensor([0.6, 0.16, 0.3]),
                ),
                "Boxes leave the image: clip them to size.": (
                    _boxes((3, 2, 11, 10), (2, 2, 10, 10), (-4, 0, 4, 6)),
                    torch.tensor([1, 2, 1]),
                    torch.tensor([0.6, 0.3, 0.16]),
                ),
                "size is (height, width): x ends at the width, size[1], and y at the height, size[0].": (
                    _boxes((3, 2, 8, 10), (2, 2, 8, 10), (0, 0, 4, 6)),
                    torch.tensor([1, 2, 1]),
                    torch.tensor([0.6, 0.3, 0.16]),
                ),
                "Scores are the softmax over the classes, not a sigmoid of each logit.": (
                    _boxes((3, 2, 11, 8), (2, 2, 10, 8), (0, 0, 4, 6)),
                    torch.tensor([1, 2, 1]),
                    torch.tensor([3 / 8, 3 / 13, 4 / 29]),
                ),
                EVERY_CLASS: (_boxes((3, 2, 11, 8)), torch.tensor([1]), torch.tensor([0.6])),
                PER_CLASS: (_boxes((3, 2, 11, 8), (0, 0, 4, 6)), torch.tensor([1, 1]), torch.tensor([0.6, 0.16])),
                WEIGHTS: (
                    _boxes((12, 2, 20, 8), (2, 2, 10, 8), (0, 0, 4, 6)),
                    torch.tensor([1, 2, 1]),
                    torch.tensor([0.6, 0.3, 0.16]),
                ),
            },
        ),
        Example(
            "the same with max_detections = 1",
            {**_HEAD, "score_threshold": 0.05, "nms_threshold": 0.5, "max_detections": 1},
            (_boxes((3, 2, 11, 8)), torch.tensor([1]), torch.tensor([0.6])),
            "The best max_detections of all classes together stay.",
        ),
        Example(
            "no ROIs",
            {"logits": torch.zeros(0, 3), "deltas": torch.zeros(0, 12), "rois": _boxes(), "size": (8, 20)},
            (_boxes(), torch.zeros(0, dtype=torch.int64), torch.zeros(0)),
            "No ROIs, no detections: shapes (0, 4), (0,) and (0,).",
        ),
    ),
    ready_made=("torchvision.models.detection.roi_heads.RoIHeads.*",),
    parts=("boxes", "labels", "scores"),
)
