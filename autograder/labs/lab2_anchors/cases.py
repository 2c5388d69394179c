"""Hidden cases of lab 2: anchors, their labels, and the way from an anchor to its ground truth.

IoU tables hold multiples of 1/64 (in column j plus j/4096), so that ties within a column are common and exact, no row
has ties above 0, and no value lies on 0.7 or 0.3: a loop over Python floats and a comparison of float32 tensors agree.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import torch
from torch import Generator, Tensor

from autograder.grader.common_cases import each, empty, standing
from autograder.grader.exercise import Case, Exercise
from autograder.student.fake_cuda import on_other_device
from course import checks
from course.checking.random_inputs import boxes
from course.checking.sampling import repeats
from course.labs.lab2_anchors import checks as hints
from course.labs.lab2_anchors.samples import (
    FRACTIONS,
    SAMPLES,
    around_border,
    pairs,
    shapes,
    shuffled_labels,
)
from solutions.lab2_anchors import anchors as reference

NEW_TENSORS = "Empty input must give empty output of the right shape, dtype and device: shape (0, {}) here."
OWN_WEIGHT = "Each of the four deltas is multiplied by its own weight: dx, dy, dw and dh, in this order."
MIDDLES = "Centres are (column + 0.5) * stride and (row + 0.5) * stride, row by row and in a row cell by cell."
INSIDE = "Inside means all four: x1 >= 0, y1 >= 0, x2 <= width and y2 <= height; size is (height, width)."
WEIGHTS = (10.0, 10.0, 5.0, 5.0)
ODD_WEIGHTS = (2.0, 3.0, 4.0, 8.0)


ANCHOR_SHAPES = Exercise(
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
            "base_size, scales and ratios are arguments, used as they come. " + hints.SCALE_OUTER,
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
            asks="dtype",
        ),
        Case("no scales", lambda g: (16, (), (0.5, 1, 2)), NEW_TENSORS.format(2), weight=0.25),
        Case("no ratios", lambda g: (16, (8, 16), ()), NEW_TENSORS.format(2), weight=0.25),
    ),
)

GRID_ANCHORS = Exercise(
    checks.grid_anchors,
    reference.grid_anchors,
    (
        Case(
            "a wide feature map, one shape",
            lambda g: ((3, 7), 16, shapes(g, 1)),
            f"{MIDDLES} An anchor reaches half its width and half its height to each side, also beyond the image.",
            weight=2,
            core=True,
        ),
        Case(
            "a high feature map, three shapes",
            lambda g: ((6, 4), 8, shapes(g, 3)),
            f"{hints.SHAPE_OUTER} stride is an argument, in pixels.",
            weight=2,
            core=True,
        ),
        Case("a square feature map", lambda g: ((4, 4), 16, shapes(g, 2)), MIDDLES),
        Case("a single cell", lambda g: ((1, 1), 32, shapes(g, 4)), MIDDLES, weight=0.5),
        Case(
            "an odd stride",
            lambda g: ((2, 3), 5, shapes(g, 2)),
            "The middle of a cell may be half a pixel: use / 2 or + 0.5, not // 2.",
        ),
        Case(
            "the lecture's 22,500 anchors",
            lambda g: ((50, 50), 16, reference.anchor_shapes(16, (8, 16, 32), (0.5, 1, 2))),
            "800 / 16 = 50: there are 50 · 50 cells, with nine anchors each.",
            rtol=1e-4,  # sums in another order round differently by a 20,000th of a pixel
            atol=1e-3,
        ),
        *standing(SAMPLES["grid_anchors"], lambda g: ((20, 30), 16, shapes(g, 3))),
        empty("no cells", lambda g: ((0, 5), 16, shapes(g, 2)), weight=0.25),
        empty("no shapes", lambda g: ((2, 3), 16, torch.zeros(0, 2)), weight=0.25),
    ),
)


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
    checks.inside_image,
    reference.inside_image,
    (
        Case(
            "a wide image",
            SAMPLES["inside_image"],
            INSIDE,
            weight=2,
            core=True,
        ),
        Case("a high image", lambda g: (around_border(g, (200, 120)), (200, 120)), INSIDE, core=True),
        Case(
            "boxes that end on the border",
            lambda g: (_on_border(g, (90, 180)), (90, 180)),
            "A box that ends exactly on the border is inside, one that ends a quarter of a pixel beyond it is not: "
            "compare with >= 0 and with <=, and round nothing.",
        ),
        Case(
            "boxes wholly outside, and some inside",
            lambda g: (torch.cat([boxes(g, 4) + 600, boxes(g, 4) - 600, boxes(g, 4)]), (300, 500)),
            "A box that does not even touch the image is outside.",
            weight=0.5,
        ),
        *standing(SAMPLES["inside_image"], lambda g: (boxes(g, 2000) * 2, (300, 500))),
        empty("no boxes", lambda g: (torch.zeros(0, 4), (300, 500))),
    ),
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


def _answer(index: int) -> Callable[[Callable, tuple], Any]:
    """A run that looks at the labels alone (0) or at the numbers alone (1), so that each speaks for itself."""

    def run(function: Callable, args: tuple) -> Any:
        answers = function(*args)
        if not (isinstance(answers, tuple | list) and len(answers) == 2):
            raise TypeError(f"expected two answers, (labels, matched), got {type(answers).__name__}")
        return answers[index]

    return run


_labels, _matched = _answer(0), _answer(1)


LABEL_ANCHORS = Exercise(
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
            "From pos_threshold on a label is 1, below neg_threshold it is 0, and in between -1.",
            weight=1.5,
            run=_labels,
            core=True,
        ),
        Case(
            "a ground truth whose best IoU is between the thresholds",
            lambda g: (_table(g, (55, 1), (30, 1), (26, 1)),),
            "Every ground truth gets its best anchor, also where none reaches pos_threshold: the label is 1.",
            weight=1.5,
            run=_labels,
        ),
        Case(
            "a ground truth whose best IoU is below 0.3, or hardly above 0",
            lambda g: ((_table(g, (55, 1), (9, 1)),), (_table(g, (55, 1), (2, 1)) * torch.tensor([1, 1 / 1024]),)),
            "Every ground truth gets its best anchor, however low the IoU, so long as it is above 0: the background is "
            "labelled before, not after.",
            weight=1.5,
            run=each(_labels),
        ),
        Case(
            "several anchors tie for the best",
            lambda g: (_table(g, (40, 3), (9, 4), (50, 2)),),
            hints.TIES,
            weight=1.5,
            run=_labels,
        ),
        Case(
            "anchors that are nearly the best",
            lambda g: (_nearly(g),),
            "A tie is an equal IoU: an anchor that is a thousandth below a ground truth's best is not its best. "
            "Compare with ==.",
            run=_labels,
        ),
        Case(
            "a ground truth that no anchor touches",
            lambda g: (_table(g, (50, 1), (0, 0), (12, 2)),),
            hints.UNTOUCHED,
            weight=1.5,
            run=_labels,
        ),
        Case(
            "no anchor touches anything",
            lambda g: (torch.zeros(12, 3),),
            hints.UNTOUCHED,
            weight=0.5,
            run=_labels,
        ),
        Case(
            "the best anchor of one ground truth overlaps another one more",
            lambda g: (_rivals(g),),
            hints.FORCED,
            run=_matched,
        ),
        Case(
            "anchors that overlap several ground truths equally, or none",
            lambda g: ((_spread(g),), (_equal_in_rows(g),)),
            "matched is the column of an anchor's largest IoU, also for background and ignored anchors; of equal ones "
            "it is the first, so 0 for an anchor that touches nothing.",
            run=each(_matched),
        ),
        Case(
            "exactly on the thresholds",
            lambda g: (_on_thresholds(g), 0.625, 0.25),
            "At least pos_threshold is 1 (>=), below neg_threshold is 0 (<); in between is -1.",
            run=_labels,
        ),
        Case(
            "other thresholds",
            lambda g: (_spread(g), 0.4, 0.1),
            "The thresholds are arguments: 0.7 and 0.3 are only their defaults.",
            weight=0.5,
            run=_labels,
        ),
        Case(
            "a single ground truth, a single anchor",
            lambda g: ((_table(g, (30, 2)),), (_table(g, (12, 1), others=0),)),
            "A table of one column or one row is a table like any other: its best anchor is 1.",
            weight=0.5,
            run=each(),
            any_hint=True,
        ),
        *standing(
            lambda g: (_table(g, (50, 2), (9, 1), (0, 0)),),
            lambda g: (_table(g, (50, 2), (9, 1), (30, 4), (60, 1), others=2000),),
        ),
        dataclasses.replace(empty("no ground truth", lambda g: (torch.zeros(5, 0),)), hint=hints.NO_TRUTH),
        empty("no anchors", lambda g: (torch.zeros(0, 3),), weight=0.25),
    ),
)


def _nearly(generator: Generator) -> Tensor:
    """Ground truths with one best anchor each, and anchors whose IoU is less by 1/4096 to 1/128."""
    table = _table(generator, (40, 1), (9, 1), (30, 1), others=4)
    less = table.amax(dim=0) - torch.tensor([[4096.0, 1024, 256], [512, 4096, 128]]).reciprocal()
    near = torch.zeros(6, 3)
    for row in range(6):
        near[row, row % 3] = less[row // 3, row % 3]
    return torch.cat([near[:3], table, near[3:]])


def _equal_in_rows(generator: Generator) -> Tensor:
    """Anchors whose largest IoU stands in two or three of four columns, and some that touch nothing."""
    table = torch.randint(0, 20, (12, 4), generator=generator)
    for row in range(12):
        columns = torch.randperm(4, generator=generator)[: 2 + row % 2]
        table[row, columns] = int(torch.randint(20, 62, (), generator=generator))
    table[::5] = 0
    return table / 64


def _rivals(generator: Generator) -> Tensor:
    """Column 1's best anchor overlaps column 0 more, column 2's best anchor column 1."""
    table = _table(generator, (60, 1), (40, 1), (20, 1)).clone()
    fresh = torch.tensor([[55.0, 45.0, 0.0], [0.0, 42.0, 25.0]]) / 64
    return torch.cat([table[:5], fresh, table[5:]])


def _on_thresholds(generator: Generator) -> Tensor:
    """One column: a best anchor, and pairs of anchors on each threshold, 1/64 below and 1/64 above, shuffled."""
    steps = torch.tensor([55] + 2 * [39, 40, 41, 15, 16, 17])
    return (steps[torch.randperm(len(steps), generator=generator)] / 64)[:, None]


def verdict(args: tuple, sampled: Any) -> Any:
    """What is wrong with a sample; zeros when nothing is: shape; −2, −1, 0, 1, 2 for far too few to far too many
    labels 1, labels 0, labels −1 (1 is off by one); labels that changed into something else than −1.

    Coarse on purpose: two answers with the same mistake get the same verdict, whatever their random numbers.
    """
    labels, batch_size, fraction = args
    if not isinstance(sampled, Tensor):
        return sampled
    if sampled.shape != labels.shape:
        return torch.tensor([1, 0, 0, 0, 0])
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
    return torch.tensor([0, *surplus.clamp(-2, 2).tolist(), int(changed)])


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


def sampled_and_dtype(function: Callable, args: tuple) -> Any:
    """The verdict, and the sample's dtype as that of an empty tensor."""
    *most, seed = args
    drawn = function(*most, Generator().manual_seed(seed))
    return verdict(tuple(most), drawn), drawn[:0] if isinstance(drawn, Tensor) and drawn.dim() else drawn


def sampled_elsewhere(function: Callable, args: tuple) -> Any:
    """The verdict on a sample of labels on another device."""
    return sampled(on_other_device(function), args)


DRAWS = 45
TOLERATED = 20.5


def fair(function: Callable, args: tuple) -> Any:
    """Whether each of 12 labels 1 and 24 labels 0 stays as often as it goes, in 45 draws of half of them; and whether
    hardly any sample comes twice.

    How often one of them stays is binomial, n = 45 and p = 1/2. Less than twice, or more than 43 times, has a
    probability of 2.6e-12 (exact sum of both tails), 9.4e-11 for any of the 36. Whoever always keeps the same ones, or
    draws from one half only, has some that never stay.

    There are C(12, 6) · C(24, 12) = 2.5e9 samples: that two of the 45 have come before has a probability of 8e-14. Of
    the labels 1 alone there are 924: that fewer than 34 different ones come has a probability of 3.2e-11 (exact).
    Whoever has few samples to choose from, such as rows of neighbours, repeats most of them. So one false alarm in 8
    billion.
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
    return torch.cat([as_often, torch.tensor([len(samples) >= DRAWS - 1 and len(ones) >= DRAWS - 11])])


REACH_DRAWS = 6
REACH_TOLERATED = 90


def reaches(function: Callable, args: tuple) -> Any:
    """Whether labels stay from everywhere: in six draws of 128 of 2,400 labels 1 and 128 of 9,600 labels 0, from each
    24th of either, and from either half about as many.

    Exact, by sums of hypergeometric probabilities: that some 24th is missed has a probability of 3.6e-13; that more
    than 90 more or less than 384 stay from a half 2e-11 for labels 1 and 4e-11 for labels 0. So one false alarm in 16
    billion. Whoever looks at the first hundred, or thousand, or 4 · 256 only, never keeps any of the others.
    """
    labels, batch_size, fraction, seed = args
    random_numbers = Generator().manual_seed(seed)
    kept = torch.zeros(2, len(labels), dtype=torch.bool)
    halves = torch.zeros(2)
    found = []
    for _ in range(REACH_DRAWS):
        drawn = function(labels.clone(), batch_size, fraction, random_numbers)
        if not isinstance(drawn, Tensor) or drawn.shape != labels.shape:
            return verdict((labels, batch_size, fraction), drawn)
        for row, value in enumerate((1, 0)):
            stays = (drawn == value)[labels == value]
            kept[row, : len(stays)] |= stays
            halves[row] += int(stays[: len(stays) // 2].sum())
    for row, value in enumerate((1, 0)):
        count = int((labels == value).sum())
        found.append(bool(kept[row, :count].reshape(24, -1).any(dim=1).all()))
        found.append(bool((halves[row] - REACH_DRAWS * 64).abs() <= REACH_TOLERATED))
    return torch.tensor(found)


def goes_on(function: Callable, args: tuple) -> Any:
    """Whether ten draws with one generator are ten samples, and whether torch's own random numbers go on, too, when a
    draw with a generator of the same seed comes in between.

    Of 60 labels 1 there are 1.5e14 samples of 16: two equal ones have a probability of 3e-13.
    """
    labels, batch_size, fraction, seed = args
    one = Generator().manual_seed(seed)
    draws = [function(labels.clone(), batch_size, fraction, one) for _ in range(10)]
    own = []
    for _ in ("first", "second"):
        function(labels.clone(), batch_size, fraction, Generator().manual_seed(seed))
        own.append(function(labels.clone(), batch_size, fraction))
    for drawn in (*draws, *own):
        if not isinstance(drawn, Tensor) or drawn.shape != labels.shape:
            return verdict((labels, batch_size, fraction), drawn)
    return torch.tensor([len({tuple(drawn.tolist()) for drawn in part}) == len(part) for part in (draws, own)])


def _sampling(positive: int, negative: int, ignored: int, *rest: Any) -> Callable[[Generator], tuple]:
    """Makes the arguments of :func:`sampled`: shuffled labels, batch size, fraction, and a seed."""
    return _seeded(lambda g: (shuffled_labels(g, positive, negative, ignored), *rest))


def _seeded(inputs: Callable[[Generator], tuple]) -> Callable[[Generator], tuple]:
    """The inputs, and a seed."""
    return lambda g: (*inputs(g), int(torch.randint(2**31, (), generator=g)))


_PLENTY = _sampling(400, 3000, 90, 256, 0.5)
_STANDING = {
    case.title: case for case in standing(_seeded(SAMPLES["sample_labels"]), _sampling(400, 8000, 90, 256, 0.5))
}

SAMPLE_LABELS = Exercise(
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
            lambda g: (shuffled_labels(g, 60, 200, 12), 32, 0.5),
            "All random numbers must come from the generator handed over: torch.randperm(n, generator=generator).",
            run=repeats,
        ),
        Case(
            "without a generator, and with all defaults",
            lambda g: (shuffled_labels(g, 200, 900, 40),),
            "generator=None means torch's own random numbers: torch.randperm accepts None too.",
            run=defaults,
        ),
        Case(
            "one generator, several calls",
            _sampling(60, 200, 12, 32, 0.5),
            "Each call draws anew, going on where the generator, or without one torch's own random numbers, stand: "
            "seed neither of them.",
            run=goes_on,
        ),
        Case(
            "every label has the same chance to stay",
            _sampling(12, 24, 3, 18, 1 / 3),
            "The labels that stay must be drawn at random, each with the same chance.",
            run=fair,
        ),
        Case(
            "labels stay from everywhere, however many there are",
            _sampling(2400, 9600, 100, 256, 0.5),
            "Draw from all labels 1 and from all labels 0: some of yours hardly ever stay, or never, such as those "
            "that come late in the list.",
            run=reaches,
        ),
        _STANDING["the dtype of the answer"].with_runs(sampled_and_dtype, plain=sampled),
        _STANDING["the arguments are left as they were"].with_runs(sampled_and_argument, plain=sampled),
        _STANDING["tensors on another device"].with_runs(sampled_elsewhere, plain=sampled),
        _STANDING["many boxes in good time"].with_runs(sampled, plain=sampled),
        empty("no labels", lambda g: (torch.zeros(0, dtype=torch.int64),)),
    ),
)


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
    checks.encode_boxes,
    reference.encode_boxes,
    (
        *_within(
            1e-4,  # logarithms and quotients in float32
            1e-5,
            Case(
                "boxes and anchors anywhere",
                lambda g: pairs(g, 9),
                "Centres are x1 + w / 2; dx = shift / anchor width; dw = log(width / anchor width).",
                weight=2,
                core=True,
            ),
            Case("exactly four boxes", lambda g: pairs(g, 4), hints.CENTRES, core=True),
            Case("the second stage's weights", lambda g: (*pairs(g, 6), WEIGHTS), OWN_WEIGHT, 1.5),
            Case("four different weights", lambda g: (*pairs(g, 6), ODD_WEIGHTS), OWN_WEIGHT),
            Case(
                "a box that is its own anchor, and others",
                lambda g: (torch.cat([boxes(g, 3, least=16), _OWN]), torch.cat([boxes(g, 3, least=16), _OWN])),
                "An anchor that fits exactly has deltas 0.",
                weight=0.5,
            ),
            Case(
                "boxes beyond the image",
                lambda g: tuple(some - 250 for some in pairs(g, 5)),
                "Coordinates may be negative: anchors reach beyond the image.",
                weight=0.5,
            ),
            *standing(SAMPLES["encode_boxes"], lambda g: pairs(g, 2000)),
            empty("no boxes", lambda g: (torch.zeros(0, 4), torch.zeros(0, 4))),
        ),
        Case(
            "sides below a pixel",
            lambda g: tuple(some / 512 for some in pairs(g, 6)),
            "Sides below a pixel are sides like any other: whoever guards against 0 takes a tiny number, not a pixel.",
            weight=0.5,
            rtol=1e-3,
            atol=1e-3,  # such a number may show
        ),
    ),
)


DECODE_BOXES = Exercise(
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
        *standing(
            lambda g: (*_coded(g, 5, FRACTIONS), FRACTIONS),
            lambda g: _coded(g, 2000),
        ),
        empty("no boxes", lambda g: (torch.zeros(0, 4), torch.zeros(0, 4))),
    ),
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
