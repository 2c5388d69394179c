"""Hidden cases of lab 2: anchors, their labels, and the way from an anchor to its ground truth.

IoU tables hold multiples of 1/64 (in column j plus j/4096), so that ties within a column are common and exact, no row
has ties above 0, and no value lies on 0.7 or 0.3: a loop over Python floats and a comparison of float32 tensors agree.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import torch
from torch import Generator, Tensor

from autograder.answers import misconceptions
from autograder.exercise import Case, Exercise
from autograder.standing import boxes, empty, standing
from autograder.student.other_device import on_other_device
from course import checks
from course.checks import lab2_anchors as hints
from course.checks.sampling import repeats
from solutions.lab2_anchors import anchors as reference

NEW_TENSORS = "Empty input must give empty output of the right shape, dtype and device: shape (0, {}) here."
WEIGHTS = (10.0, 10.0, 5.0, 5.0)
ODD_WEIGHTS = (2.0, 3.0, 4.0, 8.0)
FRACTIONS = (10.1, 9.7, 4.7, 5.3)  # which float32 rounds by 2e-8 to 4e-8


def _shapes(generator: Generator, count: int) -> Tensor:
    """Widths and heights between 8 and 100 pixels, in steps of half a pixel."""
    return (8 + torch.rand(count, 2, generator=generator) * 92).mul(2).round().div(2)


ANCHOR_SHAPES = Exercise(
    "anchor_shapes",
    3,
    checks.anchor_shapes,
    reference.anchor_shapes,
    (
        Case(
            "the lecture's nine shapes",
            lambda g: (16, (8, 16, 32), (0.5, 1, 2)),
            "Width is base_size * scale / sqrt(ratio), height is base_size * scale * sqrt(ratio).",
            weight=2,
            core=True,
        ),
        Case(
            "as many scales as ratios, another base size",
            lambda g: (10, (2, 3.5), (0.25, 3)),
            hints.SCALE_OUTER,
            core=True,
        ),
        Case("four scales and two ratios", lambda g: (4, (1, 2, 4, 8), (1.5, 0.7)), hints.SCALE_OUTER),
        Case("one scale and five ratios", lambda g: (32, (3,), (0.2, 0.5, 1, 2, 5)), hints.NO_ROOT),
        Case(
            "anchors below a pixel",
            lambda g: (1, (0.25, 0.5), (0.5, 1, 2)),
            "Anchors are not rounded: sides may be fractions of a pixel.",
            weight=0.5,
        ),
        Case(
            "the dtype of the answer",
            lambda g: (16, (8, 16, 32), (0.5, 1, 2)),
            "The shapes are float32: torch.tensor(...) makes that of Python floats by itself, NumPy makes float64.",
            weight=0.5,
            exact_dtype=True,
            any_hint=True,
        ),
        Case("no scales", lambda g: (16, (), (0.5, 1, 2)), NEW_TENSORS.format(2), weight=0.25),
        Case("no ratios", lambda g: (16, (8, 16), ()), NEW_TENSORS.format(2), weight=0.25),
    ),
    misconceptions("lab2_anchors", "anchor_shapes"),
)

GRID_ANCHORS = Exercise(
    "grid_anchors",
    6,
    checks.grid_anchors,
    reference.grid_anchors,
    (
        Case(
            "a wide feature map, one shape",
            lambda g: ((3, 7), 16, _shapes(g, 1)),
            "Centres are (column + 0.5) * stride and (row + 0.5) * stride, row by row.",
            weight=2,
            core=True,
        ),
        Case("a high feature map, three shapes", lambda g: ((6, 4), 8, _shapes(g, 3)), hints.SHAPE_OUTER, 2, core=True),
        Case("a square feature map", lambda g: ((4, 4), 16, _shapes(g, 2)), hints.COLUMN_MAJOR),
        Case("a single cell", lambda g: ((1, 1), 32, _shapes(g, 4)), hints.CORNER, weight=0.5),
        Case(
            "an odd stride",
            lambda g: ((2, 3), 5, _shapes(g, 2)),
            "Half of an odd stride is no whole number: use / 2 or + 0.5, not // 2.",
        ),
        Case(
            "the lecture's 22,500 anchors",
            lambda g: ((50, 50), 16, reference.anchor_shapes(16, (8, 16, 32), (0.5, 1, 2))),
            "800 / 16 = 50: there are 50 · 50 cells, with nine anchors each.",
            rtol=1e-4,  # sums in another order round differently by a 20,000th of a pixel
            atol=1e-3,
        ),
        empty("no cells", lambda g: ((0, 5), 16, _shapes(g, 2)), weight=0.25),
        empty("no shapes", lambda g: ((2, 3), 16, torch.zeros(0, 2)), weight=0.25),
        *standing(lambda g: ((3, 5), 16, _shapes(g, 3)), lambda g: ((20, 30), 16, _shapes(g, 3))),
    ),
    misconceptions("lab2_anchors", "grid_anchors"),
)


def _around_border(generator: Generator, size: tuple[int, int]) -> Tensor:
    """Boxes inside, and boxes beyond exactly one edge of the image, by a quarter pixel or more, in random order."""
    height, width = size
    inside = boxes(generator, 20, size)
    x1, y1, x2, y2 = boxes(generator, 20, size).unbind(1)
    beyond = torch.rand(20, generator=generator).mul(40).round().div(4) + 0.25
    edge = torch.arange(20) % 4
    outside = torch.stack(
        [
            torch.where(edge == 0, -beyond, x1),
            torch.where(edge == 1, -beyond, y1),
            torch.where(edge == 2, width + beyond, x2),
            torch.where(edge == 3, height + beyond, y2),
        ],
        dim=1,
    )
    together = torch.cat([inside, outside])
    return together[torch.randperm(40, generator=generator)]


def _on_border(generator: Generator, size: tuple[int, int]) -> Tensor:
    """Boxes that end exactly on one, two or all edges of the image, and as many that end a quarter pixel beyond."""
    height, width = size
    own = boxes(generator, 9, size, least=1)
    for row, columns in enumerate(([0], [1], [2], [3], [0, 1], [2, 3], [0, 3], [0, 1, 2, 3])):
        for column in columns:
            own[row, column] = (0, 0, width, height)[column]
    beyond = own[:4].clone()
    for column, step in enumerate((-0.25, -0.25, 0.25, 0.25)):
        beyond[column, column] += step
    return torch.cat([own, beyond])


INSIDE_IMAGE = Exercise(
    "inside_image",
    2,
    checks.inside_image,
    reference.inside_image,
    (
        Case(
            "a wide image",
            lambda g: (_around_border(g, (90, 180)), (90, 180)),
            hints.SIZE_SWAPPED,
            weight=2,
            core=True,
        ),
        Case("a high image", lambda g: (_around_border(g, (200, 120)), (200, 120)), hints.SIZE_SWAPPED, core=True),
        Case("boxes that end on the border", lambda g: (_on_border(g, (90, 180)), (90, 180)), hints.STRICT_BORDER),
        Case(
            "boxes wholly outside, and some inside",
            lambda g: (torch.cat([boxes(g, 4) + 600, boxes(g, 4) - 600, boxes(g, 4)]), (300, 500)),
            "A box that does not even touch the image is outside.",
            weight=0.5,
        ),
        empty("no boxes", lambda g: (torch.zeros(0, 4), (300, 500))),
        *standing(lambda g: (_around_border(g, (90, 180)), (90, 180)), lambda g: (boxes(g, 2000) * 2, (300, 500))),
    ),
    misconceptions("lab2_anchors", "inside_image"),
)


def _table(generator: Generator, *bests: tuple[int, int], others: int = 24) -> Tensor:
    """An IoU table with one column for each (best IoU in 64ths, number of anchors that tie for it), rows shuffled.

    Each column's best anchors have little IoU with the other columns. ``others`` rows have in every column either 0 or
    less than its best.
    """
    limits = torch.tensor([max(best - 1, 0) for best, _ in bests])
    places = [(column, best) for column, (best, ties) in enumerate(bests) for _ in range(ties)]
    first = torch.randint(0, 4, (len(places), len(bests)), generator=generator).minimum(limits)
    for row, (column, best) in zip(first, places, strict=True):
        row[column] = best
    less = (torch.rand(others, len(bests), generator=generator) * (limits + 1)).long()
    less *= torch.rand(others, len(bests), generator=generator) < 0.6
    rows = torch.cat([first, less])
    steps = rows[torch.randperm(len(rows), generator=generator)]
    return torch.where(steps > 0, steps / 64 + torch.arange(len(bests)) / 4096, 0.0)


def _clear(generator: Generator) -> Tensor:
    """Each ground truth has several anchors above 0.7; all the others are below 0.3."""
    rows = torch.randint(0, 3, (30,), generator=generator)
    own = torch.where(
        torch.rand(30, generator=generator) < 0.5,
        torch.randint(46, 62, (30,), generator=generator),
        torch.randint(1, 18, (30,), generator=generator),
    )
    own[:3], rows[:3] = torch.tensor([60, 62, 61]), torch.arange(3)  # each has one that is high enough
    table = torch.zeros(30, 3)
    table[torch.arange(30), rows] = own / 64
    return table[torch.randperm(30, generator=generator)]


def _spread(generator: Generator) -> Tensor:
    """Anchors of which each overlaps two ground truths, above, between and below the thresholds; no ties of rows."""
    return _table(generator, (55, 1), (58, 1), (50, 1), others=60)


LABEL_ANCHORS = Exercise(
    "label_anchors",
    8,
    checks.label_anchors,
    reference.label_anchors,
    (
        Case(
            "anchors that fit well or hardly at all",
            lambda g: (_clear(g),),
            "1 for at least 0.7, 0 for below 0.3; matched is the column of the largest IoU.",
            weight=1.5,
            core=True,
        ),
        Case(
            "anchors of all kinds, also between the thresholds",
            lambda g: (_spread(g),),
            hints.NO_IGNORE,
            weight=1.5,
            core=True,
        ),
        Case(
            "a ground truth whose best IoU is between the thresholds",
            lambda g: (_table(g, (55, 1), (30, 1), (26, 1)),),
            hints.NO_BEST,
            weight=1.5,
        ),
        Case(
            "a ground truth whose best IoU is below 0.3", lambda g: (_table(g, (55, 1), (9, 1)),), hints.BEST_LOST, 1.5
        ),
        Case("several anchors tie for the best", lambda g: (_table(g, (40, 3), (9, 4), (50, 2)),), hints.TIES, 1.5),
        Case(
            "a ground truth that no anchor touches",
            lambda g: (_table(g, (50, 1), (0, 0), (12, 2)),),
            hints.UNTOUCHED,
            weight=1.5,
        ),
        Case(
            "no anchor touches anything",
            lambda g: (torch.zeros(12, 3),),
            hints.UNTOUCHED,
            weight=0.5,
        ),
        Case(
            "the best anchor of one ground truth overlaps another one more",
            lambda g: (_rivals(g),),
            hints.FORCED,
        ),
        Case(
            "exactly on the thresholds",
            lambda g: (_on_thresholds(g), 0.625, 0.25),
            "At least pos_threshold is 1 (>=), below neg_threshold is 0 (<); in between is -1.",
        ),
        Case(
            "other thresholds",
            lambda g: (_spread(g), 0.4, 0.1),
            "The thresholds are arguments: 0.7 and 0.3 are only their defaults.",
            weight=0.5,
        ),
        Case("a single ground truth", lambda g: (_table(g, (30, 2)),), hints.NO_BEST, weight=0.5),
        Case("a single anchor", lambda g: (_table(g, (12, 1), others=0),), hints.BEST_LOST, weight=0.5),
        dataclasses.replace(empty("no ground truth", lambda g: (torch.zeros(5, 0),)), hint=hints.NO_TRUTH),
        empty("no anchors", lambda g: (torch.zeros(0, 3),), weight=0.25),
        *standing(
            lambda g: (_table(g, (50, 2), (9, 1), (0, 0)),),
            lambda g: (_table(g, (50, 2), (9, 1), (30, 4), (60, 1), others=2000),),
        ),
    ),
    misconceptions("lab2_anchors", "label_anchors"),
)


def _rivals(generator: Generator) -> Tensor:
    """Column 1's best anchor overlaps column 0 more, column 2's best anchor column 1."""
    table = _table(generator, (60, 1), (40, 1), (20, 1)).clone()
    fresh = torch.tensor([[55.0, 45.0, 0.0], [0.0, 42.0, 25.0]]) / 64
    return torch.cat([table[:5], fresh, table[5:]])


def _on_thresholds(generator: Generator) -> Tensor:
    """One column: a best anchor, and pairs of anchors on each threshold, 1/64 below and 1/64 above, shuffled."""
    steps = torch.tensor([55] + 2 * [39, 40, 41, 15, 16, 17])
    return (steps[torch.randperm(len(steps), generator=generator)] / 64)[:, None]


def _labels(generator: Generator, positive: int, negative: int, ignored: int) -> Tensor:
    """So many labels of each kind in random order."""
    labels = torch.tensor([1] * positive + [0] * negative + [-1] * ignored, dtype=torch.int64)
    return labels[torch.randperm(len(labels), generator=generator)]


def verdict(args: tuple, sampled: Any) -> Any:
    """What is wrong with a sample; zeros when nothing is: shape; dtype; −2, −1, 0, 1, 2 for far too few to far too many
    labels 1, labels 0, labels −1 (1 is off by one); labels that changed into something else than −1.

    Coarse on purpose: two answers with the same mistake get the same verdict, whatever their random numbers.
    """
    labels, batch_size, fraction = args
    if not isinstance(sampled, Tensor):
        return sampled
    if sampled.shape != labels.shape:
        return torch.tensor([1, 0, 0, 0, 0, 0])
    positive, negative = int((labels == 1).sum()), int((labels == 0).sum())
    ones = min(positive, int(batch_size * fraction))
    zeros = min(negative, batch_size - ones)
    surplus = torch.tensor(
        [
            int((sampled == 1).sum()) - ones,
            int((sampled == 0).sum()) - zeros,
            int((sampled == -1).sum()) - (len(labels) - ones - zeros),
        ]
    )
    changed = bool(((sampled != labels) & (sampled != -1)).any())
    return torch.tensor([0, int(sampled.dtype != labels.dtype), *surplus.clamp(-2, 2).tolist(), int(changed)])


def sampled(function: Callable, args: tuple) -> Any:
    """The verdict on a sample drawn with a generator; ``args`` are the labels, batch size, fraction and a seed."""
    *most, seed = args
    untouched = most[0].clone()  # the function might write into its argument
    drawn = function(*most, Generator().manual_seed(seed))
    return verdict((untouched, *most[1:]), drawn)


def defaults(function: Callable, args: tuple) -> Any:
    """The verdict on two samples with all arguments left out, and whether they differ."""
    (labels,) = args
    drawn = [function(labels.clone()) for _ in range(2)]
    verdicts = tuple(verdict((labels, 256, 0.5), sample) for sample in drawn)
    if not all(isinstance(sample, Tensor) and sample.shape == labels.shape for sample in drawn):
        return verdicts
    return (*verdicts, torch.tensor(bool((drawn[0] != drawn[1]).any())))


def sampled_and_argument(function: Callable, args: tuple) -> Any:
    """The verdict, and the labels as the call left them."""
    labels = args[0]
    untouched = labels.clone()
    drawn = function(labels, *args[1:-1], Generator().manual_seed(args[-1]))
    return verdict((untouched, *args[1:-1]), drawn), labels


def sampled_elsewhere(function: Callable, args: tuple) -> Any:
    """The verdict on a sample of labels on another device."""
    return sampled(on_other_device(function), args)


DRAWS = 35
TOLERATED = 16


def fair(function: Callable, args: tuple) -> Any:
    """Whether each of 12 labels 1 and 24 labels 0 stays as often as it goes, in 35 draws of half of them; and whether
    hardly any sample comes twice.

    How often one of them stays is binomial, n = 35 and p = 1/2. Less than twice, or more than 33 times, has a
    probability of 2.1e-9 (exact sum of both tails), 7.5e-8 for any of the 36: one false alarm in 13 million. Whoever
    always keeps the same ones, or draws from one half only, has some that never stay.

    There are C(12, 6) · C(24, 12) = 2.5e9 samples: that a pair of the 35 is equal has a probability of 2.4e-7, and that
    two are is out of the question. Of the labels 1 alone there are 924: 0.6 pairs are equal on average, and more than 8
    samples that have come before have a probability of 2.9e-8. Whoever has few samples to choose from, such as rows of
    neighbours, repeats most of them.
    """
    labels, batch_size, fraction, seed = args
    seeds = torch.randint(2**31, (DRAWS,), generator=Generator().manual_seed(seed)).tolist()
    kept = torch.zeros(2, len(labels))
    samples, ones = set(), set()
    for one in seeds:
        drawn = function(labels.clone(), batch_size, fraction, Generator().manual_seed(one))
        if not isinstance(drawn, Tensor) or drawn.shape != labels.shape:
            return verdict((labels, batch_size, fraction), drawn)
        kept[0] += drawn == 1
        kept[1] += drawn == 0
        samples.add(tuple(drawn.tolist()))
        ones.add(tuple((drawn == 1).tolist()))
    expected = torch.stack([labels == 1, labels == 0]) * DRAWS / 2
    as_often = ((kept - expected).abs() <= TOLERATED).all(dim=1)
    return torch.cat([as_often, torch.tensor([len(samples) >= DRAWS - 1 and len(ones) >= DRAWS - 8])])


def _sampling(positive: int, negative: int, ignored: int, *rest: Any) -> Callable[[Generator], tuple]:
    """Makes the arguments of :func:`sampled`: shuffled labels, batch size, fraction, and a seed."""

    def inputs(generator: Generator) -> tuple:
        labels = _labels(generator, positive, negative, ignored)
        return (labels, *rest, int(torch.randint(2**31, (), generator=generator)))

    return inputs


_PLENTY = _sampling(400, 3000, 90, 256, 0.5)
_STANDING = {case.title: case for case in standing(_sampling(40, 60, 9, 16, 0.5), _sampling(400, 8000, 90, 256, 0.5))}

SAMPLE_LABELS = Exercise(
    "sample_labels",
    6,
    checks.sample_labels,
    reference.sample_labels,
    (
        Case(
            "more than enough of both: 128 and 128",
            _PLENTY,
            "Of 256 labels at most 128 may be 1, and labels 0 fill up; all others are -1.",
            weight=2,
            run=sampled,
            core=True,
        ),
        Case(
            "few labels 1: labels 0 fill up",
            _sampling(25, 3000, 90, 256, 0.5),
            hints.NOT_FILLED,
            weight=1.5,
            run=sampled,
            core=True,
        ),
        Case(
            "another batch size and fraction",
            _sampling(90, 200, 9, 64, 0.25),
            "batch_size and positive_fraction are arguments: 256 and 0.5 are only their defaults.",
            run=sampled,
        ),
        Case(
            "a fraction of the batch that is not whole",
            _sampling(20, 60, 5, 11, 0.25),  # 2.75: at most 2
            "At most int(batch_size * positive_fraction) labels 1: rounded down.",
            weight=0.5,
            run=sampled,
        ),
        Case(
            "few labels 0: the batch stays short",
            _sampling(300, 20, 400, 256, 0.5),
            "Where there are too few labels 0 the batch stays smaller: neither labels 1 nor -1 fill it up.",
            run=sampled,
        ),
        Case("no labels 1", _sampling(0, 900, 40, 256, 0.5), hints.NOT_FILLED, weight=0.5, run=sampled),
        Case(
            "fewer than the batch: nothing to drop",
            _sampling(9, 30, 12, 256, 0.5),
            hints.IGNORED_DRAWN,
            weight=0.5,
            run=sampled,
        ),
        Case(
            "equal seeds give equal samples, other seeds others",
            lambda g: (_labels(g, 60, 200, 12), 32, 0.5),
            "All random numbers must come from the generator handed over: torch.randperm(n, generator=generator).",
            run=repeats,
        ),
        Case(
            "without a generator, and with all defaults",
            lambda g: (_labels(g, 200, 900, 40),),
            "generator=None means torch's own random numbers: torch.randperm accepts None too.",
            run=defaults,
        ),
        Case(
            "every label has the same chance to stay",
            _sampling(12, 24, 3, 18, 1 / 3),
            "The labels that stay must be drawn at random, each with the same chance.",
            run=fair,
        ),
        empty("no labels", lambda g: (torch.zeros(0, dtype=torch.int64),)),
        dataclasses.replace(_STANDING["the arguments are left as they were"], run=sampled_and_argument),
        dataclasses.replace(_STANDING["tensors on another device"], run=sampled_elsewhere),
        dataclasses.replace(_STANDING["many boxes in good time"], run=sampled),
    ),
    misconceptions("lab2_anchors", "sample_labels"),
)


def _pairs(generator: Generator, count: int, least: float = 16) -> tuple[Tensor, Tensor]:
    """Ground truths and anchors with sides of at least 16 pixels."""
    return boxes(generator, count, least=least), boxes(generator, count, least=least)


_OWN = torch.tensor([[10.0, 20.0, 50.0, 44.0], [100.0, 40.0, 116.0, 140.0]])


def _coded(generator: Generator, count: int, weights: tuple[float, ...] = (1, 1, 1, 1)) -> tuple[Tensor, Tensor]:
    """Deltas such as occur, times their weights, and anchors."""
    deltas = torch.randn(count, 4, generator=generator) * torch.tensor([0.6, 0.6, 0.5, 0.5])
    return deltas * torch.tensor(weights), boxes(generator, count, least=16)


def _within(rtol: float, atol: float, *cases: Case) -> tuple[Case, ...]:
    """The cases with another tolerance than usual, those in float64 with 2e-8: a small number against 0 / 0 is fine."""
    return tuple(
        dataclasses.replace(case, rtol=rtol, atol=atol)
        if case.rtol > 1e-9
        else dataclasses.replace(case, rtol=2e-8, atol=2e-8)
        for case in cases
    )


ENCODE_BOXES = Exercise(
    "encode_boxes",
    5,
    checks.encode_boxes,
    reference.encode_boxes,
    (
        *_within(
            1e-4,  # logarithms and quotients in float32
            1e-5,
            Case(
                "boxes and anchors anywhere",
                lambda g: _pairs(g, 9),
                "Centres are x1 + w / 2; dx = shift / anchor width; dw = log(width / anchor width).",
                weight=2,
                core=True,
            ),
            Case("exactly four boxes", lambda g: _pairs(g, 4), hints.CENTRES, core=True),
            Case("the second stage's weights", lambda g: (*_pairs(g, 6), WEIGHTS), hints.WEIGHTS_IGNORED, 1.5),
            Case("four different weights", lambda g: (*_pairs(g, 6), ODD_WEIGHTS), hints.WEIGHTS_IGNORED),
            Case(
                "a box that is its own anchor, and others",
                lambda g: (torch.cat([boxes(g, 3, least=16), _OWN]), torch.cat([boxes(g, 3, least=16), _OWN])),
                "An anchor that fits exactly has deltas 0.",
                weight=0.5,
            ),
            Case(
                "boxes beyond the image",
                lambda g: tuple(some - 250 for some in _pairs(g, 5)),
                "Coordinates may be negative: anchors reach beyond the image.",
                weight=0.5,
            ),
            empty("no boxes", lambda g: (torch.zeros(0, 4), torch.zeros(0, 4))),
            *standing(lambda g: (*_pairs(g, 5, least=100), FRACTIONS), lambda g: _pairs(g, 2000)),
        ),
        Case(
            "sides below a pixel",
            lambda g: tuple(some / 512 for some in _pairs(g, 6)),
            "Sides below a pixel are sides like any other: whoever guards against 0 takes a tiny number, not a pixel.",
            weight=0.5,
            rtol=1e-3,
            atol=1e-3,  # such a number may show
        ),
    ),
    misconceptions("lab2_anchors", "encode_boxes"),
)


DECODE_BOXES = Exercise(
    "decode_boxes",
    5,
    checks.decode_boxes,
    reference.decode_boxes,
    _within(
        1e-5,  # pixels: a thousandth
        1e-3,
        Case(
            "deltas such as occur",
            lambda g: _coded(g, 9),
            "New centre: anchor's centre + dx * anchor's width. New width: anchor's width * exp(dw).",
            weight=2,
            core=True,
        ),
        Case("exactly four boxes", lambda g: _coded(g, 4), hints.CENTRES, core=True),
        Case(
            "the second stage's weights",
            lambda g: (*_coded(g, 6, WEIGHTS), WEIGHTS),
            "Divide dx, dy, dw and dh by their weights before anything else.",
            weight=1.5,
        ),
        Case(
            "four different weights",
            lambda g: (*_coded(g, 6, ODD_WEIGHTS), ODD_WEIGHTS),
            "Each of the four deltas has its own weight.",
        ),
        Case("dw and dh far too large", lambda g: _wild(g), hints.NO_LIMIT, 1.5),
        Case(
            "dw and dh far too large, with weights",
            lambda g: (_wild(g)[0] * torch.tensor(WEIGHTS), _wild(g)[1], WEIGHTS),
            "The limit is for dw and dh after they were divided by their weights.",
        ),
        Case(
            "large shifts and very negative dw",
            lambda g: _far(g),
            "Only large dw and dh are cut: dx, dy and negative values have no limit.",
            weight=0.5,
        ),
        empty("no boxes", lambda g: (torch.zeros(0, 4), torch.zeros(0, 4))),
        *(
            dataclasses.replace(case) if case.rtol > 1e-9 else case
            for case in standing(
                lambda g: (*_coded(g, 5, FRACTIONS), FRACTIONS),
                lambda g: _coded(g, 2000),
            )
        ),
    ),
    misconceptions("lab2_anchors", "decode_boxes"),
)


def _wild(generator: Generator) -> tuple[Tensor, Tensor]:
    """Deltas of which dw and dh lie around the limit, up to far beyond it, and ordinary ones."""
    deltas, own = _coded(generator, 6)
    deltas[:4, 2] = torch.tensor([4.0, 4.5, 30.0, 0.2])
    deltas[:4, 3] = torch.tensor([4.5, 4.0, 0.1, 200.0])
    return deltas, own


def _far(generator: Generator) -> tuple[Tensor, Tensor]:
    """Deltas with shifts of several anchors and sides that shrink to nearly nothing."""
    deltas, own = _coded(generator, 6)
    deltas[:3, :2] = torch.tensor([[6.0, -7.0], [-9.0, 5.0], [4.5, 4.25]])
    deltas[3:5, 2:] = torch.tensor([[-6.0, -4.5], [-5.0, -8.0]])
    return deltas, own


EXERCISES = (
    ANCHOR_SHAPES,
    GRID_ANCHORS,
    INSIDE_IMAGE,
    LABEL_ANCHORS,
    SAMPLE_LABELS,
    ENCODE_BOXES,
    DECODE_BOXES,
)
