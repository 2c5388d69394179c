"""Visible checks of lab 3: small examples that students can work out on paper."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from course.checking.check import Check
from course.checking.example import Example
from course.checking.modules import fresh, with_weights


def _table(*rows: tuple[float, ...]) -> Tensor:
    return torch.tensor(rows, dtype=torch.float32)


def _boxes(*rows: tuple[float, float, float, float]) -> Tensor:
    return torch.tensor(rows, dtype=torch.float32).reshape(-1, 4)


def _numbers(*values: float) -> Tensor:
    return torch.tensor(values)


PERMUTE = (
    "The channels must come last before you flatten: (B, C, H, W) read straight on mixes places and channels. Permute "
    "to (B, H, W, C) first."
)
PAIRS = "The channels of one anchor stand side by side: channel 2a and 2a + 1 for the logits, 4a to 4a + 3 for deltas."
ROW_MAJOR = "The order is that of lab 2's anchors: y, then x, then the anchor at that place."
NO_RELU = (
    "A ReLU belongs between the convolutions and sets negative numbers to 0: without it the two are one linear map, "
    "and the first adds nothing."
)
START = "Every layer starts with weights from N(0, 0.01) and with biases 0: torch.nn.init has a function for each."
PADDING = "A 3 × 3 convolution needs padding=1 to give a map of the same height and width."

MEAN_OVER_COUNTED = (
    "Only labels 0 and 1 count: an anchor with label -1 adds nothing, neither to the sum nor to the number."
)
POSITIVES_ONLY = "Only anchors with label 1 have a box to learn: pick their rows of deltas and targets first."
SUM_BY_POSITIVES = "Add up all four smooth L1 values of all positives, then divide by the number of positives."
NO_WEIGHT = "The total is cls_loss + loc_weight * loc_loss: you left the weight out."
NO_POSITIVES = "Without positives the sum is 0, and 0 / 0 is NaN: divide by at least 1."
SMOOTH_L1 = "Smooth L1 is x²/2 where |x| < 1 and |x| - 1/2 beyond."

BEST_FIRST = "Start with the best score, whatever its place in the list, and give the indices in that order."
IN_THE_INPUT = "An index says where the box stands in `boxes` as they came, not in your sorted copy."
GONE_IS_GONE = "A box that has been removed removes no other: compare only with boxes that you keep."
AT_THE_THRESHOLD = "An IoU of exactly the threshold is allowed: a box goes only when its IoU is greater."
NEVER = "Nothing was removed: boxes that overlap a better one by more than the threshold have to go."
TIES = "Of equal scores the first in the list counts as the better one: sort with descending=True, stable=True."
ANY_SCORE = (
    "A score may be any number, and a low one removes no box: only overlap does. Mark boxes that are gone in a "
    "tensor of their own, not by a score."
)
TOO_SLOW = "Too slow: let one tensor operation compare the best box with all that are left, not a Python loop."

CLIP = "Boxes leave the image: clip them to (height, width) after decoding."
SIZE_SWAPPED = "size is (height, width): clip_boxes_to_image takes it as it is."
PROBABILITY = "A score is the probability of an object: the softmax of both logits, second column."
TOGETHER = "Boxes and scores go together: pick and reorder both with the same indices."
BEFORE_NMS = "The best pre_nms_top_n go into NMS, and the best post_nms_top_n that come out of it are proposals."
STEP_BY_STEP = (
    "Softmax, decode, clip, drop small, best ones, NMS, best ones: each step once, in this order, and each for boxes "
    "and scores alike."
)
SMALL_FIRST = (
    "Drop small boxes first: before the best are picked, and before NMS, where they could remove a larger one."
)
SMALL = "Boxes with a side below min_size go, and they are measured after clipping."


def _with_tags(part: int) -> Callable[[Callable, tuple], Tensor]:
    """Run a head whose channel k gives the feature value + 100 k; pick one of its two answers."""

    def run(head: Callable, args: tuple) -> Tensor:
        anchors, features = args
        through = torch.zeros(1, 1, 3, 3)
        through[0, 0, 1, 1] = 1
        weights = {"conv.weight": through, "conv.bias": torch.zeros(1)}
        for name, each in (("cls_logits", 2), ("bbox_pred", 4)):
            weights[f"{name}.weight"] = torch.ones(each * anchors, 1, 1, 1)
            weights[f"{name}.bias"] = 100.0 * torch.arange(each * anchors)
        answers = with_weights(head, (1, 1, anchors), weights)(features)
        if not isinstance(answers, tuple | list) or len(answers) != 2:
            raise TypeError(f"expected two answers, (objectness, deltas), got {type(answers).__name__}")
        return answers[part]

    return run


def _neighbours(head: Callable, args: tuple) -> Tensor:
    """Run a head whose first convolution adds up 3 × 3 values; its objectness."""
    weights = {"conv.weight": torch.ones(1, 1, 3, 3), "conv.bias": torch.zeros(1)}
    for name, each in (("cls_logits", 2), ("bbox_pred", 4)):
        weights |= {f"{name}.weight": torch.ones(each, 1, 1, 1), f"{name}.bias": torch.zeros(each)}
    return with_weights(head, (1, 1, 1), weights)(args[0])[0]


def _beginning(head: Callable, args: tuple) -> Tensor:
    """The spread of each layer's fresh weights, to two digits, and then the largest bias."""
    values = fresh(head, args).state_dict()
    layers = ("conv", "cls_logits", "bbox_pred")
    spreads = [round(float(values[f"{layer}.weight"].std()), 2) for layer in layers]
    return _numbers(*spreads, *(float(values[f"{layer}.bias"].abs().max()) for layer in layers))


_MAP = _table((1, 2, 3), (4, 5, 6))[None, None]  # (1, 1, 2, 3): not square

RPNHead = Check(
    "RPNHead",
    (
        Example(
            "logits of 2 anchors on a 2 × 3 map; channel k adds 100 k",
            {"num_anchors": 2, "features": _MAP},
            _table(*((v + 200 * a, v + 200 * a + 100) for v in range(1, 7) for a in range(2)))[None],
            "One row for each anchor, (B, H·W·A, 2), in the order y, x, anchor.",
            {
                PERMUTE: _table(*((100 * k + v, 100 * k + v + 1) for k in range(4) for v in (1, 3, 5)))[None],
                PAIRS: _table(*((v + 100 * a, v + 100 * a + 200) for v in range(1, 7) for a in range(2)))[None],
                "Down the columns instead of along the rows: height comes before width.": _table(
                    *((v + 200 * a, v + 200 * a + 100) for v in (1, 4, 2, 5, 3, 6) for a in range(2))
                )[None],
                "The head gives logits: leave the softmax to the loss and to make_proposals.": _table(
                    *((0, 1) for _ in range(12))
                )[None],
                "All places of anchor 0 came first: at each place all anchors follow each other.": _table(
                    *((v + 200 * a, v + 200 * a + 100) for a in range(2) for v in range(1, 7))
                )[None],
            },
            _with_tags(0),
        ),
        Example(
            "deltas of 1 anchor on a 2 × 3 map; channel k adds 100 k",
            {"num_anchors": 1, "features": _MAP},
            _table(*((v, v + 100, v + 200, v + 300) for v in range(1, 7)))[None],
            "One row for each anchor, (B, H·W·A, 4): the four numbers of an anchor side by side.",
            {
                PERMUTE: torch.cat([_MAP.flatten() + 100 * k for k in range(4)]).reshape(1, 6, 4),
                "Down the columns instead of along the rows: height comes before width.": _table(
                    *((v, v + 100, v + 200, v + 300) for v in (1, 4, 2, 5, 3, 6))
                )[None],
            },
            _with_tags(1),
        ),
        Example(
            "a negative feature, which the ReLU sets to 0",
            {"num_anchors": 1, "features": _table((-5, 3))[None, None]},
            _table((0, 100), (3, 103))[None],
            NO_RELU,
            {
                "That is a leaky ReLU: a plain one sets every negative number to 0.": _table((-0.05, 99.95), (3, 103))[
                    None
                ]
            },
            run=_with_tags(0),
        ),
        Example(
            "a first convolution that adds up 3 × 3 values",
            {"features": _MAP},
            _table(*((v, v) for v in (12, 21, 16, 12, 21, 16)))[None],
            PADDING,
            run=_neighbours,
        ),
        Example(
            "a fresh head of 16 channels: spread of the weights, largest bias",
            {"in_channels": 16, "mid_channels": 32, "num_anchors": 9},
            _numbers(0.01, 0.01, 0.01, 0, 0, 0),
            START,
            run=_beginning,
        ),
    ),
    ready_made=(
        "torchvision.models.detection.rpn.RPNHead.*",
        "torchvision.models.detection.rpn.permute_and_flatten",
        "torchvision.models.detection.rpn.concat_box_prediction_layers",
    ),
    parts=("objectness", "deltas"),
)


def _loss_inputs(*rows: tuple[float, float, tuple[float, float, float, float], int]) -> dict[str, Tensor]:
    """Rows of two logits, deltas and label; targets are 0, so that the deltas are the errors."""
    background, foreground, deltas, labels = zip(*rows, strict=True)
    return {
        "objectness": torch.tensor([background, foreground]).float().T.contiguous(),
        "deltas": _boxes(*deltas),
        "labels": torch.tensor(labels),
        "targets": torch.zeros(len(rows), 4),
    }


def _losses(total: float, classification: float, localisation: float) -> tuple[Tensor, ...]:
    return tuple(torch.tensor(float(value)) for value in (total, classification, localisation))


_LOG2 = math.log(2)
_NONE = (0.0, 0.0, 0.0, 0.0)
_SLIDE_LOGIT = -math.log(math.exp(0.6896) - 1)  # two logits that differ by this have cross-entropy 0.6896
_SLIDE_ERROR = math.sqrt(2 * 0.1542 / 16)  # sixteen errors of this size have smooth L1 0.1542 together

rpn_loss = Check(
    "rpn_loss",
    (
        Example(
            "an object with errors 0.5 and 3, and background",
            _loss_inputs((0, 0, (0.5, 0, 0, 3), 1), (0, 0, (9, 9, 9, 9), 0)),
            _losses(_LOG2 + 26.25, _LOG2, 2.625),
            "Equal logits cost ln 2 each. Errors 0.5 and 3 cost 0.5²/2 and 3 - 0.5: 2.625 for one object.",
            {
                POSITIVES_ONLY: _losses(_LOG2 + 366.25, _LOG2, 36.625),
                NO_WEIGHT: _losses(_LOG2 + 2.625, _LOG2, 2.625),
                "That is the mean over the four numbers: add them up and divide by the positives.": _losses(
                    _LOG2 + 6.5625, _LOG2, 0.65625
                ),
                "That is divided by 2. One anchor is positive here: divide by the number of positives.": _losses(
                    _LOG2 + 13.125, _LOG2, 1.3125
                ),
                "loc_loss comes back without its weight: only the total has it.": _losses(_LOG2 + 26.25, _LOG2, 26.25),
                "These are |x|, not smooth L1: below 1 it is x²/2, beyond it |x| - 1/2.": _losses(
                    _LOG2 + 35, _LOG2, 3.5
                ),
                "These are squares, not smooth L1: beyond 1 it grows as |x| - 1/2.": _losses(
                    _LOG2 + 46.25, _LOG2, 4.625
                ),
                "These are squares, and not even halved: smooth L1 is x²/2 below 1 and |x| - 1/2 beyond.": _losses(
                    _LOG2 + 92.5, _LOG2, 9.25
                ),
                "Your smooth L1 bends at 1/9, torchvision's choice for its RPN: here it bends at 1, beta=1.": _losses(
                    _LOG2 + 35 - 10 / 9, _LOG2, 3.5 - 1 / 9
                ),
                "The total comes first: loss, cls_loss, loc_loss.": _losses(_LOG2, 2.625, _LOG2 + 26.25),
                "The weight belongs to the other part: cls_loss + loc_weight * loc_loss.": _losses(
                    10 * _LOG2 + 2.625, _LOG2, 2.625
                ),
            },
            learns=("objectness", "deltas"),
        ),
        Example(
            "two anchors that count, two that don't",
            _loss_inputs(
                (0, math.log(3), _NONE, 1),
                (0, 0, (1, 1, 1, 1), -1),
                (math.log(3), 0, _NONE, 0),
                (0, 9, (1, 1, 1, 1), -1),
            ),
            _losses(math.log(4 / 3), math.log(4 / 3), 0),
            MEAN_OVER_COUNTED,
            {
                "You divide by all anchors: only those with label 0 or 1 count.": _losses(
                    math.log(4 / 3) / 2, math.log(4 / 3) / 2, 0
                ),
                "cross_entropy takes logits: it does the softmax itself, and here it was done twice.": _losses(
                    math.log(1 + math.exp(-0.5)), math.log(1 + math.exp(-0.5)), 0
                ),
                "The logits are (background, object): the second column belongs to label 1.": _losses(
                    math.log(4), math.log(4), 0
                ),
            },
        ),
        Example(
            "the slide's numbers: 0.6896 + 10 · 0.1542 / 4",
            _loss_inputs(
                *((0.0, _SLIDE_LOGIT, (_SLIDE_ERROR,) * 4, 1) for _ in range(4)),
                *((_SLIDE_LOGIT, 0.0, _NONE, 0) for _ in range(8)),
            ),
            _losses(0.6896 + 10 * 0.1542 / 4, 0.6896, 0.1542 / 4),
            SUM_BY_POSITIVES,
        ),
        Example(
            "no positive anchor at all",
            _loss_inputs((0, 0, (1, 2, 3, 4), 0), (0, 0, (5, 6, 7, 8), -1)),
            _losses(_LOG2, _LOG2, 0),
            NO_POSITIVES,
        ),
    ),
    ready_made=("torchvision.models.detection.rpn.RegionProposalNetwork.*",),
    parts=("loss", "cls_loss", "loc_loss"),
)

nms = Check(
    "nms",
    (
        Example(
            "two boxes that overlap by 0.8 and one elsewhere; the best comes last",
            {
                "boxes": _boxes((0, 0, 10, 9), (20, 0, 30, 9), (0, 1, 10, 10)),
                "scores": _numbers(0.6, 0.5, 0.9),
                "iou_threshold": 0.5,
            },
            torch.tensor([2, 1]),
            BEST_FIRST,
            {
                NEVER: torch.tensor([2, 0, 1]),
                IN_THE_INPUT: torch.tensor([0, 2]),
                "Best first: sort by score, and don't sort what you kept.": torch.tensor([1, 2]),
                "You took the boxes in the order of the list, or sorted twice: the best score goes first.": (
                    torch.tensor([0, 1])
                ),
                "The comparison is the wrong way round: the copy stayed, and the box elsewhere went.": torch.tensor(
                    [2, 0]
                ),
                "Box 1 overlaps no other, and yet it is gone: does the loop end too early, or does the overlap not "
                "end at the smaller x2 and y2?": torch.tensor([2]),
                "You begin with the worst: the best score goes first.": torch.tensor([1, 0]),
                "These are yes/no values: give the numbers of the boxes that stay.": torch.tensor([False, True, True]),
                "These are boxes: give their numbers.": _boxes((0, 1, 10, 10), (20, 0, 30, 9)),
            },
        ),
        Example(
            "a row of three: the middle one overlaps both of its neighbours",
            {
                "boxes": _boxes((0, 0, 10, 10), (4, 0, 14, 10), (8, 0, 18, 10)),
                "scores": _numbers(0.9, 0.8, 0.7),
                "iou_threshold": 0.4,
            },
            torch.tensor([0, 2]),
            "IoU of neighbours is 60 / 140, of the outer two 20 / 180: the first removes the second only.",
            {GONE_IS_GONE: torch.tensor([0])},
        ),
        Example(
            "small boxes that overlap by a third, and threshold 0.4",
            {
                "boxes": _boxes((0, 0, 4, 4), (2, 0, 6, 4)),
                "scores": _numbers(0.9, 0.8),
                "iou_threshold": 0.4,
            },
            torch.tensor([0, 1]),
            "8 shared pixels of 24, a third: don't add 1 to the sides, and divide by the union, as in lab 1.",
        ),
        Example(
            "an IoU of exactly the threshold",
            {
                "boxes": _boxes((0, 0, 8, 8), (0, 0, 8, 4)),
                "scores": _numbers(0.9, 0.8),
                "iou_threshold": 0.5,
            },
            torch.tensor([0, 1]),
            AT_THE_THRESHOLD,
        ),
        Example(
            "boxes that lie apart",
            {
                "boxes": _boxes((0, 0, 4, 4), (8, 8, 12, 12), (8, 0, 12, 4)),
                "scores": _numbers(0.9, 0.8, 0.7),
                "iou_threshold": 0.3,
            },
            torch.tensor([0, 1, 2]),
            "The overlap ends at the smaller x2 and the smaller y2, and its sides are at least 0, as in lab 1.",
        ),
        Example(
            "the same box twice, with equal scores",
            {
                "boxes": _boxes((0, 0, 8, 8), (0, 0, 8, 8), (20, 0, 28, 8)),
                "scores": _numbers(0.5, 0.5, 0.9),
                "iou_threshold": 0.5,
            },
            torch.tensor([2, 0]),
            TIES,
        ),
        Example(
            "boxes that lie apart, with scores of 0 and below",
            {
                "boxes": _boxes((0, 0, 4, 4), (8, 8, 12, 12), (8, 0, 12, 4)),
                "scores": _numbers(-2.0, 0.0, -1.0),
                "iou_threshold": 0.5,
            },
            torch.tensor([1, 2, 0]),
            ANY_SCORE,
        ),
        Example(
            "the same box twice, without area",
            {
                "boxes": _boxes((3, 3, 3, 9), (3, 3, 3, 9)),
                "scores": _numbers(0.8, 0.9),
                "iou_threshold": 0.5,
            },
            torch.tensor([1, 0]),
            "Without area there is no overlap: the IoU is 0, not 0 / 0, and both stay.",
        ),
        Example(
            "no boxes at all",
            {"boxes": _boxes(), "scores": torch.zeros(0), "iou_threshold": 0.5},
            torch.zeros(0, dtype=torch.int64),
            "No boxes in, no indices out: shape (0,), int64.",
        ),
    ),
    ready_made=(
        "torchvision.ops.boxes.nms",
        "torchvision.ops.boxes.batched_nms",
        "torchvision.ops.boxes._batched_nms*",
        "torch.ops.torchvision.nms",
        "course.labs.lab3_rpn.library.make_proposals",
    ),
)

_CORNERS = _boxes((-20, 10, 20, 50), (60, 10, 100, 50), (60, 14, 100, 54), (0, 60, 16, 70))
_LOGITS = _table((3, 3), (0, math.log(9)), (0, math.log(3)), (0, 5))

make_proposals = Check(
    "make_proposals",
    (
        Example(
            "four anchors: one leaves the image, two are alike, one is small",
            {"objectness": _LOGITS, "deltas": torch.zeros(4, 4), "anchors": _CORNERS, "size": (80, 120)},
            (_boxes((60, 10, 100, 50), (0, 10, 20, 50)), _numbers(0.9, 0.5)),
            STEP_BY_STEP,
            {
                CLIP: (_boxes((60, 10, 100, 50), (-20, 10, 20, 50)), _numbers(0.9, 0.5)),
                SIZE_SWAPPED: (_boxes((60, 10, 80, 50), (0, 10, 20, 50)), _numbers(0.9, 0.5)),
                TOGETHER: (_boxes((60, 10, 100, 50), (0, 10, 20, 50)), _numbers(0.5, 0.75)),
                "NMS gives places in the list that it was handed, the sorted one: pick from that one.": (
                    _boxes((0, 10, 20, 50), (60, 14, 100, 54)),
                    _numbers(0.5, 0.75),
                ),
                "Anchor 0 leaves the image, and its box has a probability of ½: it is clipped, and stays.": (
                    _boxes((60, 10, 100, 50)),
                    _numbers(0.9),
                ),
                "The sigmoid of one logit leaves the other out: softmax over the two columns.": (
                    _boxes((0, 10, 20, 50), (60, 10, 100, 50)),
                    _numbers(1 / (1 + math.exp(-3)), 0.9),
                ),
                "Each anchor has two logits of its own: softmax over the columns, dim=1, not over the anchors.": (
                    _boxes((0, 10, 20, 50), (60, 10, 100, 50)),
                    _numbers(math.exp(3), 9) / (math.exp(3) + 9 + 3 + math.exp(5)),
                ),
                "As on the slides: nothing is clipped, and the scores are logits, not probabilities.": (
                    _boxes((-20, 10, 20, 50), (60, 10, 100, 50)),
                    _numbers(3, math.log(9)),
                ),
                "The scores are not in the order of the boxes: pick both with the same indices.": (
                    _boxes((60, 10, 100, 50), (0, 10, 20, 50)),
                    _numbers(0.5, 0.9),
                ),
                "Boxes with a side below min_size have to go.": (
                    _boxes((0, 60, 16, 70), (60, 10, 100, 50), (0, 10, 20, 50)),
                    _numbers(1 / (1 + math.exp(-5)), 0.9, 0.5),
                ),
                "The score is a probability, not a logit: softmax over the two columns.": (
                    _boxes((0, 10, 20, 50), (60, 10, 100, 50)),
                    _numbers(3, math.log(9)),
                ),
                "You rank by the logit of the object: what counts is how much larger it is than the other.": (
                    _boxes((0, 10, 20, 50), (60, 10, 100, 50)),
                    _numbers(0.5, 0.9),
                ),
                "Column 0 is background: the probability of an object is column 1.": (
                    _boxes((0, 10, 20, 50), (60, 14, 100, 54)),
                    _numbers(0.5, 0.25),
                ),
                "NMS is missing: you give two boxes that overlap by more than nms_threshold.": (
                    _boxes((60, 10, 100, 50), (60, 14, 100, 54), (0, 10, 20, 50)),
                    _numbers(0.9, 0.75, 0.5),
                ),
            },
        ),
        Example(
            "deltas that move by half a width and double the height",
            {
                "objectness": _table((0, math.log(3))),
                "deltas": _boxes((0.5, 0, 0, math.log(2))),
                "anchors": _boxes((40, 20, 80, 40)),
                "size": (80, 120),
            },
            (_boxes((60, 10, 100, 50)), _numbers(0.75)),
            "Deltas are (dx, dy, dw, dh) from the anchor: decode_boxes(deltas, anchors).",
            {"Those are the anchors: decode the deltas first.": (_boxes((40, 20, 80, 40)), _numbers(0.75))},
        ),
        Example(
            "two go into NMS and one may come out",
            {
                "objectness": _LOGITS[:3],
                "deltas": torch.zeros(3, 4),
                "anchors": _CORNERS[:3],
                "size": (80, 120),
                "pre_nms_top_n": 2,
                "post_nms_top_n": 5,
            },
            (_boxes((60, 10, 100, 50)), _numbers(0.9)),
            BEFORE_NMS,
        ),
        Example(
            "at most post_nms_top_n come out",
            {
                "objectness": _LOGITS[:3],
                "deltas": torch.zeros(3, 4),
                "anchors": _CORNERS[:3],
                "size": (80, 120),
                "pre_nms_top_n": 3,
                "post_nms_top_n": 1,
            },
            (_boxes((60, 10, 100, 50)), _numbers(0.9)),
            BEFORE_NMS,
        ),
        Example(
            "a box that clipping makes too small",
            {
                "objectness": _table((0, math.log(3)), (0, 0)),
                "deltas": torch.zeros(2, 4),
                "anchors": _boxes((-30, 10, 10, 50), (60, 10, 100, 50)),
                "size": (80, 120),
            },
            (_boxes((60, 10, 100, 50)), _numbers(0.5)),
            SMALL,
        ),
        Example(
            "the surest is too small, and one goes into NMS",
            {
                "objectness": _table((0, math.log(9)), (0, math.log(3))),
                "deltas": torch.zeros(2, 4),
                "anchors": _boxes((10, 10, 25, 30), (60, 10, 100, 50)),
                "size": (80, 120),
                "pre_nms_top_n": 1,
            },
            (_boxes((60, 10, 100, 50)), _numbers(0.75)),
            SMALL_FIRST,
        ),
        Example(
            "the surest is too small, and overlaps a larger one",
            {
                "objectness": _table((0, math.log(9)), (0, math.log(3))),
                "deltas": torch.zeros(2, 4),
                "anchors": _boxes((10, 10, 25, 30), (10, 10, 28, 30)),
                "size": (80, 120),
            },
            (_boxes((10, 10, 28, 30)), _numbers(0.75)),
            SMALL_FIRST,
        ),
        Example(
            "no anchors at all",
            {"objectness": torch.zeros(0, 2), "deltas": _boxes(), "anchors": _boxes(), "size": (80, 120)},
            (_boxes(), torch.zeros(0)),
            "No anchors in, no proposals out: shapes (0, 4) and (0,).",
        ),
    ),
    ready_made=("torchvision.models.detection.rpn.RegionProposalNetwork.*",),
    parts=("boxes", "scores"),
)
