"""Hidden cases of lab 3: the head, its loss, non-maximum suppression and proposals.

Decisions (who is better, above the threshold or not, large enough or not) are never close to their limit unless the
case is about the limit, so that rounding in another style of computing turns none of them.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Generator, Tensor

from autograder.answers import misconceptions
from autograder.exercise import Case, Exercise, answer
from autograder.modules import NAMES_AND_SHAPES, gradients, initial, module_inputs, outputs, slopes
from autograder.modules import standing as module_standing
from autograder.standing import boxes, empty, standing
from course import library
from course.checks import calling
from course.checks import lab3_rpn as checks
from course.checks.lab3_rpn import (
    AT_THE_THRESHOLD,
    BEFORE_NMS,
    BEST_FIRST,
    GONE_IS_GONE,
    IN_THE_INPUT,
    MEAN_OVER_COUNTED,
    NO_POSITIVES,
    NO_RELU,
    NO_WEIGHT,
    POSITIVES_ONLY,
    PROBABILITY,
    SMALL,
    SMALL_FIRST,
    SMOOTH_L1,
    START,
    STEP_BY_STEP,
    SUM_BY_POSITIVES,
    TIES,
    TOGETHER,
    TOO_SLOW,
)
from course.library import rpn as lab3
from course.library.anchors import decode_boxes
from solutions.lab3_rpn import rpn as reference


def _head(arguments: tuple[int, int, int], *size: int) -> Callable[[Generator], tuple]:
    """Makes a head's arguments, its weights and features of ``size``, which have either sign."""
    return lambda g: module_inputs(reference.RPNHead, arguments, g, torch.randn(*size, generator=g))


def _all_positive(arguments: tuple[int, int, int], *size: int) -> Callable[[Generator], tuple]:
    """As :func:`_head`, with biases in the first layer that lift all of its values above 0."""

    def make(generator: Generator) -> tuple:
        made = _head(arguments, *size)(generator)
        made[1]["conv.bias"] += 9
        return made

    return make


def _part(index: int) -> Callable[[Callable, tuple], Any]:
    """A run that looks at one of several answers only."""

    def run(function: Callable, args: tuple) -> Any:
        return function(*args)[index]

    return run


def _anchors(
    generator: Generator, count: int, *, positives: int | None = None, counted: int | None = None
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Inputs of the loss: errors on both sides of 1, as many positives and as many that count as asked for."""
    positives = count // 4 if positives is None else positives
    counted = count // 2 if counted is None else counted
    labels = torch.full((count,), -1)
    places = torch.randperm(count, generator=generator)
    labels[places[:counted]] = 0
    labels[places[:positives]] = 1
    objectness, deltas, targets = (2 * torch.randn(count, k, generator=generator) for k in (2, 4, 4))
    return objectness, deltas, labels, targets


def _gradients(loss: Callable, args: tuple) -> Any:
    """The gradients of the total by the logits and the deltas, and those of the localisation loss by the deltas."""
    objectness, deltas = args[0].clone().requires_grad_(), args[1].clone().requires_grad_()
    total, _, localisation = loss(objectness, deltas, *args[2:])
    return (*slopes(total, (objectness, deltas)), *slopes(localisation, (deltas,)))


def _gradients_without_positives(loss: Callable, args: tuple) -> Any:
    """The losses, and the gradient of the total by the logits: there must be one, and the deltas have none or 0."""
    objectness = args[0].clone().requires_grad_()
    deltas = args[1].clone().requires_grad_()
    total, *parts = loss(objectness, deltas, *args[2:])
    return (total, *parts, *slopes(total, (objectness, deltas)))


def _crowd(generator: Generator, count: int, threshold: float) -> tuple[Tensor, Tensor, float]:
    """Boxes in a few clusters with unequal scores, in any order; no IoU is within 1e-3 of the threshold."""
    centres = boxes(generator, 4)
    spread = torch.rand(6 * count, 4, generator=generator).mul(120).round().div(4) - 15
    crowd = centres[torch.randint(4, (6 * count,), generator=generator)] + spread
    crowd = crowd[((crowd[:, 2:] - crowd[:, :2]) >= 4).all(1)]
    crowd = _far_from(threshold, crowd)[:count]
    return crowd, _unequal(generator, len(crowd)), threshold


def _in_order(generator: Generator) -> tuple[Tensor, Tensor, float]:
    crowd, scores, threshold = _crowd(generator, 30, 0.5)
    return crowd, scores.sort(descending=True).values, threshold


def _far_from(threshold: float, candidates: Tensor) -> Tensor:
    """The candidates without those whose IoU with an earlier one is within 1e-3 of the threshold."""
    close = (library.box_iou(candidates, candidates) - threshold).abs() < 1e-3
    return candidates[~close.triu(1).any(dim=0)]


def _unequal(generator: Generator, count: int) -> Tensor:
    """Scores in (0, 1) with equal steps, shuffled."""
    return (torch.randperm(count, generator=generator) + 1.0) / (count + 1)


def _row(generator: Generator) -> tuple[Tensor, Tensor, float]:
    """Chains of boxes of which each overlaps its two neighbours too much, and nobody else; best in front."""
    start = boxes(generator, 1, size=(100, 100))[0, :2].repeat(2)
    steps = torch.arange(7.0)[:, None] * torch.tensor([4.0, 0, 4, 0])
    chain = start + torch.tensor([0.0, 0, 10, 30]) + steps
    scores = torch.linspace(0.9, 0.3, 7)
    shuffled = torch.randperm(7, generator=generator)
    return chain[shuffled], scores[shuffled], 0.4


def _halves(generator: Generator) -> tuple[Tensor, Tensor, float]:
    """Boxes far from each other, and for each its upper half, its left half and three quarters: IoU 1/2, 1/2, 3/4."""
    whole = boxes(generator, 4, size=(100, 100)) + torch.arange(4.0)[:, None] * 200
    whole = whole.div(8).round().mul(8) + torch.tensor([0.0, 0, 8, 8])
    width, height = (whole[:, 2:] - whole[:, :2]).unbind(1)
    upper, left, most = whole.clone(), whole.clone(), whole.clone()
    upper[:, 3] -= height / 2
    left[:, 2] -= width / 2
    most[:, 3] -= height / 4
    shuffled = torch.randperm(16, generator=generator)
    scores = torch.cat([0.8 + torch.rand(4, generator=generator) / 10, _unequal(generator, 12) / 2])
    return torch.cat([whole, upper, left, most])[shuffled], scores[shuffled], 0.5


def _apart(generator: Generator) -> tuple[Tensor, Tensor, float]:
    """Boxes along a diagonal, which touch at most: apart in x and in y."""
    sides = 8 + torch.randint(1, 60, (9, 2), generator=generator).float()
    corner = sides.cumsum(dim=0)
    return torch.cat([corner - sides, corner], dim=1), _unequal(generator, 9), 0.1


def _ties(generator: Generator) -> tuple[Tensor, Tensor, float]:
    """Boxes with only three different scores; so many that a sort which is not stable mixes them up."""
    crowd, scores, threshold = _crowd(generator, 80, 0.4)
    return crowd, scores.mul(3).ceil().div(4), threshold


def _small(generator: Generator) -> tuple[Tensor, Tensor, float]:
    """Boxes of 4 to 8 pixels, so that a pixel more or less counts."""
    crowd, scores, _ = _crowd(generator, 40, 0.31)
    crowd = torch.cat([crowd[:, :2], crowd[:, :2] + 4 + crowd[:, 2:] % 4], dim=1) / 4
    crowd = _far_from(0.31, crowd)
    return crowd, scores[: len(crowd)], 0.31


def _many(generator: Generator) -> tuple[Tensor, Tensor, float]:
    """2,000 boxes as a network gives them before NMS; most of them stay."""
    crowd = boxes(generator, 2000, size=(800, 800))
    return crowd, _unequal(generator, 2000), 0.7


class TooSlowError(Exception):
    """A right answer, perhaps, but not in good time."""


def _in_time(function: Callable, args: tuple) -> Any:
    """The answer, if no Python loop goes through pairs of boxes for it.

    Such a loop calls ``min`` and ``max``, or a function of its own, for every pair: four times as often as there are
    pairs. Loops over boxes call less than a tenth as often as that, on every machine. A loop that calls nothing gets
    away with plain numbers, which are quick; with tensors it takes thousands of times as much computing as torchvision.
    The limit is 150 times; the reference takes 12 times as much, the slowest loop over boxes that we met 30 times.
    The time is the process's own, so that a busy machine changes no verdict.
    """
    count, guard = len(args[0]), getattr(function, "guard", None)
    limit = 150 * min(_seconds(lab3.nms, args) for _ in range(2))
    before = guard.calls if guard else 0
    try:
        with calling.time_limit(limit, busy=True):
            found = answer(function, args)
        if not guard or guard.calls - before < count**2 // 2:
            return found
    except calling.OutOfTimeError:
        pass
    raise TooSlowError(f"{count:,} boxes take too long: they are compared one pair at a time")


def _seconds(function: Callable, args: tuple) -> float:
    start = time.process_time()
    function(*args)
    return time.process_time() - start


SIZE = (300, 500)


def _network(
    generator: Generator,
    count: int,
    *options: float,
    size: tuple[int, int] = SIZE,
    allowed: float = 0.7,
    least: float = 16,
    grow: float = 0.3,
) -> tuple:
    """Arguments of ``make_proposals``: what a network may give for ``count`` anchors, some of them beyond the image.

    Logits of background are random, so that the probability has another order than the logit. No box that comes out of
    decoding and clipping is within 0.01 pixels of ``least``, and no IoU of two within 1e-3 of ``allowed``.
    """
    most = 3 * count
    base = boxes(generator, most, size=size, least=least) + 40 * torch.randn(most, 1, generator=generator).round()
    base += 20 * torch.randn(most, 4, generator=generator).round() * torch.tensor([1.0, 1, 0, 0])
    base = base[((base[:, 2:] - base[:, :2]) >= 8).all(1)]
    deltas = grow * torch.randn(len(base), 4, generator=generator)
    decoded = library.clip_boxes_to_image(decode_boxes(deltas, base), size)
    clear = ((decoded[:, 2:] - decoded[:, :2] - least).abs() > 0.01).all(dim=1)
    base, deltas, decoded = base[clear], deltas[clear], decoded[clear]
    close = (library.box_iou(decoded, decoded) - allowed).abs() < 1e-3
    clear = ~close.triu(1).any(dim=0)
    base, deltas = base[clear][:count], deltas[clear][:count]
    return (_logits(generator, len(base)), deltas, base, size, *options)


def _logits(generator: Generator, count: int) -> Tensor:
    """Two logits for each: those of background anything, the differences in equal steps from -4 to 4, shuffled."""
    background = 2 * torch.randn(count, generator=generator)
    step = torch.linspace(-4, 4, count)[torch.randperm(count, generator=generator)]
    return torch.stack([background, background + step], dim=1)


def _within(generator: Generator) -> tuple:
    """As :func:`_network`, but no box is small and none leaves the image."""
    logits, deltas, base, size, *options = _network(generator, 200, 70, 25, 0.5, 16, allowed=0.5, grow=0.1)
    decoded = decode_boxes(deltas, base)
    inside = (decoded == library.clip_boxes_to_image(decoded, (min(size), min(size)))).all(dim=1)
    inside &= (decoded[:, 2:] - decoded[:, :2] > 20).all(dim=1)
    return (logits[inside], deltas[inside], base[inside], size, *options)


def _border(generator: Generator) -> tuple:
    """Anchors half outside: with 16 pixels or more before clipping, and around 16 after it."""
    high, wide = SIZE
    along = torch.randperm(8, generator=generator)[:, None] * torch.tensor([0.0, 30, 0, 30])
    left = torch.tensor([-30.0, 4, 0, 30]) + along
    left[:, 2] = torch.tensor([9.0, 15, 15.5, 16.5, 17, 24, 31, 42])
    right = left[:, [2, 1, 0, 3]] * torch.tensor([-1.0, 1, -1, 1]) + torch.tensor([wide, 0.0, wide, 0])
    above = torch.tensor([100.0, -20, 130, 0]) + along[:, [1, 0, 1, 0]]
    above[:, 3] = left[:, 2]
    every = torch.cat([left, right, above]).clamp(max=high + 200)
    return _logits(generator, len(every)), torch.zeros(len(every), 4), every, SIZE


def _sure_but_small(generator: Generator) -> tuple:
    """Places far apart with a large box at each, and at most of them a surer one that is a little too small.

    The small ones are more than go into NMS, and each overlaps its neighbour by more than the threshold.
    """
    count = 12
    corner = torch.arange(float(count))[:, None] * torch.tensor([40.0, 0]) + torch.tensor([8.0, 100])
    sides = 17 + torch.randint(0, 3, (count, 2), generator=generator).float()
    large = torch.cat([corner, corner + sides], dim=1)
    small = large[:8].clone()
    small[:, 2] = small[:, 0] + 15.5
    both = torch.cat([large, small])
    logits = torch.zeros(len(both), 2)
    logits[0, 1] = 1.5  # the best of the large ones shares its place with a small one
    logits[1:count, 1] = torch.linspace(-3, 1, count - 1)[torch.randperm(count - 1, generator=generator)]
    logits[count:, 1] = torch.linspace(2, 4, 8)[torch.randperm(8, generator=generator)]
    shuffled = torch.randperm(len(both), generator=generator)
    return logits[shuffled], torch.zeros(len(both), 4), both[shuffled], SIZE, 10, 9, 0.7, 16


def _exactly(generator: Generator) -> tuple:
    """Boxes far apart with sides of 15, 16 or 17 whole pixels, as they come out of decoding: the deltas are 0."""
    corner = torch.arange(9.0)[:, None] * 48 + torch.tensor([4.0, 20])
    sides = torch.cartesian_prod(torch.arange(15.0, 18), torch.arange(15.0, 18))
    every = torch.cat([corner, corner + sides[torch.randperm(9, generator=generator)]], dim=1)
    return _logits(generator, 9), torch.zeros(9, 4), every, SIZE


def _off_the_image(generator: Generator) -> tuple:
    """Four questions about one box each, wholly off the image on one side: on its border, with a side of 0.

    One each, for the IoU of two such boxes would be 0 / 0.
    """
    wide, high = SIZE[1], SIZE[0]
    corner = 40 + 200 * torch.rand(4, 2, generator=generator)
    every = torch.cat([corner, corner + 20 + 20 * torch.rand(4, 2, generator=generator)], dim=1)
    every += torch.tensor([[-wide, 0.0], [wide, 0], [0, -high], [0, high]]).repeat(1, 2)
    logits = _logits(generator, 4)
    return tuple((logits[k, None], torch.zeros(1, 4), every[k, None], SIZE, 10, 10, 0.7, 0) for k in range(4))


def _enormous(generator: Generator) -> tuple:
    """Small anchors far apart whose dw and dh are beyond the clamp, in a large image."""
    place = torch.cartesian_prod(torch.arange(3.0), torch.arange(3.0)) * 520 + 300
    sides = 6 + torch.randint(1, 4, (9, 2), generator=generator).float()
    every = torch.cat([place - sides / 2, place + sides / 2], dim=1)
    deltas = torch.zeros(9, 4)
    deltas[:, 2:] = 4.5 + 4 * torch.rand(9, 2, generator=generator)
    deltas[::4, 2] = 200.0  # exp of this is infinite in float32
    return _logits(generator, 9), deltas, every, (1700, 1800)


def _grid(generator: Generator, count: int, each: int = 1) -> tuple:
    """``each`` boxes nearly on top of each other at ``count`` places, best places first, with default options."""
    across = 60
    place = torch.stack([torch.arange(count) % across, torch.arange(count) // across], dim=1).float() * 24
    corners = torch.cat([place, place + 20], dim=1).repeat_interleave(each, dim=0)
    total = count * each
    corners += torch.randint(0, 2, (total, 1), generator=generator) / 4
    step = torch.linspace(4, -4, total, dtype=torch.float64)
    logits = torch.stack([-step / 2, step / 2], dim=1).float()
    return logits, torch.zeros(total, 4), corners, (24 * (count // across + 1), 24 * across)


def _options(function: Callable, args: tuple) -> Any:
    """The answer with the options by name, as the notebooks give them."""
    names = ("pre_nms_top_n", "post_nms_top_n", "nms_threshold", "min_size")
    return function(*args[:4], **dict(zip(names, args[4:], strict=False)))


def _each(function: Callable, args: tuple) -> Any:
    """The answers to several tuples of arguments."""
    return tuple(_options(function, one) for one in args)


def _boxes_alone(function: Callable, args: tuple) -> Any:
    return _options(function, args)[0]


RPN_HEAD = Exercise(
    "RPNHead",
    8,
    checks.RPNHead,
    reference.RPNHead,
    (
        Case(
            "a map that is wider than high, where the ReLU has nothing to do",
            _all_positive((5, 7, 3), 1, 5, 4, 6),
            "Convolution, ReLU, both 1 × 1 layers; then channels last, and rows of 2 or 4 in the order y, x, anchor: "
            "compare step by step.",
            weight=2,
            run=outputs,
            rtol=1e-4,
            atol=1e-4,
            core=True,
        ),
        Case(
            "a map that is wider than high",
            _head((5, 7, 3), 1, 5, 4, 6),
            NO_RELU,
            weight=1.5,
            run=outputs,
            rtol=1e-4,
            atol=1e-5,
        ),
        Case(
            "a batch of maps that are higher than wide",
            _head((6, 4, 9), 3, 6, 7, 2),
            "Keep the batch: (B, H·W·A, 2) and (B, H·W·A, 4), each map with its own answers.",
            run=outputs,
            rtol=1e-4,
            atol=1e-5,
        ),
        Case(
            "one anchor, one place",
            _head((3, 5, 1), 1, 3, 1, 1),
            NAMES_AND_SHAPES,
            weight=0.5,
            run=outputs,
            rtol=1e-4,
            atol=1e-5,
        ),
        Case(
            "gradients reach the features and every weight",
            _head((5, 7, 3), 2, 5, 3, 4),
            "Gradients must reach every layer and the features: no .detach(), .data or NumPy on the way.",
            run=gradients,
            rtol=1e-3,
            atol=1e-4,
        ),
        Case(
            "weights and biases to begin with",
            _head((64, 256, 9), 1, 64, 1, 1),
            START,
            weight=1.5,
            run=initial(0.01),
            core=True,
        ),
        *module_standing(_head((5, 7, 3), 2, 5, 3, 4), _head((64, 64, 9), 1, 64, 50, 50)),
    ),
    misconceptions("lab3_rpn", "RPNHead"),
)

RPN_LOSS = Exercise(
    "rpn_loss",
    9,
    checks.rpn_loss,
    reference.rpn_loss,
    (
        Case(
            "classification loss: positives, negatives and anchors that don't count",
            lambda g: _anchors(g, 40),
            f"Cross-entropy of the two logits, (background, object), and its mean. {MEAN_OVER_COUNTED}",
            weight=2,
            run=_part(1),
            core=True,
        ),
        Case(
            "localisation loss: errors below and above 1",
            lambda g: _anchors(g, 24, positives=12, counted=24),
            f"{SMOOTH_L1} {SUM_BY_POSITIVES}",
            weight=1.5,
            run=_part(2),
            core=True,
        ),
        Case(
            "localisation loss: a single positive",
            lambda g: _anchors(g, 12, positives=1, counted=7),
            POSITIVES_ONLY,
            run=_part(2),
            core=True,
        ),
        Case("all three losses", lambda g: _anchors(g, 30), NO_WEIGHT, weight=1.5, core=True),
        Case(
            "another weight",
            lambda g: (*_anchors(g, 20), 2.5),
            "The total uses loc_weight, whatever it is: 10 is only its default.",
        ),
        Case(
            "gradients of the loss",
            lambda g: _anchors(g, 30),
            "The network learns from gradients: no .detach(), .data, .item() or NumPy on the way to the loss.",
            weight=1.5,
            run=_gradients,
        ),
        Case(
            "no positive, values and gradients",
            lambda g: _anchors(g, 12, positives=0, counted=8),
            NO_POSITIVES,
            weight=1.5,
            run=_gradients_without_positives,
        ),
        Case(
            "nothing that counts",
            lambda g: _anchors(g, 5, positives=0, counted=0),
            "If no label counts, both losses are 0, not NaN: divide by at least 1.",
            weight=0.5,
        ),
        *(
            replace(case, title="very many anchors in good time") if case.title.startswith("many") else case
            for case in standing(lambda g: _anchors(g, 16), lambda g: _anchors(g, 22_500, positives=128, counted=256))
        ),
    ),
    misconceptions("lab3_rpn", "rpn_loss"),
)

NMS = Exercise(
    "nms",
    9,
    checks.nms,
    reference.nms,
    (
        Case("clusters of boxes, in any order", lambda g: _crowd(g, 40, 0.5), BEST_FIRST, weight=2, core=True),
        Case(
            "clusters of boxes, the best first already",
            _in_order,
            "Keep the best box, remove what overlaps it by more than the threshold, and so on with what is left.",
            core=True,
        ),
        Case("a low threshold", lambda g: _crowd(g, 30, 0.2), IN_THE_INPUT, core=True),
        Case("a high threshold", lambda g: _crowd(g, 40, 0.8), IN_THE_INPUT),
        Case("chains, in which a removed box removes nobody", _row, GONE_IS_GONE),
        Case("IoU of exactly the threshold", _halves, AT_THE_THRESHOLD),
        Case(
            "small boxes",
            _small,
            "Sides are x2 - x1 and y2 - y1, without + 1: small boxes feel the difference.",
        ),
        Case(
            "boxes that lie apart or only touch",
            _apart,
            "The overlap ends at the smaller x2 and the smaller y2, and its sides are at least 0.",
        ),
        Case("equal scores", _ties, TIES, weight=0.5),
        Case("a single box", lambda g: _crowd(g, 1, 0.5), "One box stays: indices of shape (1,).", weight=0.5),
        *standing(lambda g: _crowd(g, 12, 0.5), lambda g: _crowd(g, 60, 0.5))[:4],
        empty("no boxes", lambda g: (torch.zeros(0, 4), torch.zeros(0), 0.5), weight=0.5),
        Case(
            "2,000 boxes in good time",
            _many,
            TOO_SLOW,
            run=_in_time,
            any_hint=True,
        ),
    ),
    misconceptions("lab3_rpn", "nms"),
)

MAKE_PROPOSALS = Exercise(
    "make_proposals",
    9,
    checks.make_proposals,
    reference.make_proposals,
    (
        Case(
            "a wide image",
            lambda g: _network(g, 120, 60, 20, 0.7, 16),
            STEP_BY_STEP,
            weight=2,
            run=_options,
            rtol=1e-4,
            atol=1e-3,
            core=True,
        ),
        Case(
            "a crowd within the image: the boxes",
            _within,
            STEP_BY_STEP,
            weight=1.5,
            run=_boxes_alone,
            rtol=1e-4,
            atol=1e-3,
            core=True,
        ),
        Case(
            "a crowd within the image: boxes and scores",
            _within,
            TOGETHER,
            run=_options,
            rtol=1e-4,
            atol=1e-3,
            core=True,
        ),
        Case(
            "a high image and a lower threshold",
            lambda g: _network(g, 120, 100, 50, 0.4, 16, size=(500, 220), allowed=0.4),
            TOGETHER,
            weight=1.5,
            run=_options,
            rtol=1e-4,
            atol=1e-3,
        ),
        Case(
            "scores from both logits",
            lambda g: _network(g, 60),
            PROBABILITY,
            rtol=1e-4,
            atol=1e-3,
        ),
        Case("boxes that clipping makes small", _border, SMALL, rtol=1e-4, atol=1e-3),
        Case(
            "small boxes that are sure of themselves", _sure_but_small, SMALL_FIRST, run=_options, rtol=1e-4, atol=1e-3
        ),
        Case(
            "a side of exactly min_size",
            _exactly,
            "min_size is the smallest side that a proposal may have: one of exactly so much stays.",
            weight=0.5,
            rtol=1e-4,
            atol=1e-3,
        ),
        Case(
            "boxes off the image on every side, with min_size 0",
            _off_the_image,
            "Clip both ends of a box on both sides: one that is wholly off the image ends on its border, with a side "
            "of 0, which is enough for a min_size of 0.",
            weight=0.25,
            run=_each,
            rtol=1e-4,
            atol=1e-3,
        ),
        Case(
            "another min_size",
            lambda g: _network(g, 80, 80, 80, 0.7, 40, least=40),
            "min_size is an argument: 16 is only its default.",
            weight=0.5,
            run=_options,
            rtol=1e-4,
            atol=1e-3,
        ),
        Case(
            "enormous deltas",
            _enormous,
            "exp(dw) explodes: decode_boxes limits dw and dh at log(1000 / 16), and so must whatever stands in for it.",
            weight=0.5,
            rtol=1e-4,
            atol=1e-2,
        ),
        Case(
            "one anchor",
            lambda g: _network(g, 1, least=30, grow=0.01),
            "One anchor gives one proposal, shapes (1, 4) and (1,), or none.",
            weight=0.5,
            rtol=1e-4,
            atol=1e-3,
        ),
        empty(
            "no anchors",
            lambda g: (torch.zeros(0, 2), torch.zeros(0, 4), torch.zeros(0, 4), SIZE),
            weight=0.25,
        ),
        empty("none is large enough", lambda g: _network(g, 6, 6, 6, 0.7, 1000), weight=0.25),
        *(
            case if case.rtol == 1e-9 else replace(case, rtol=1e-4, atol=1e-3)
            for case in standing(lambda g: _network(g, 30), lambda g: _network(g, 300, 200, 100))
        ),
        Case(
            "12,000 of 12,100 go into NMS",
            lambda g: _grid(g, 121, 100),
            BEFORE_NMS,
            weight=0.5,
            run=_options,
            rtol=1e-4,
            atol=1e-3,
        ),
        Case(
            "2,000 of 2,100 come out of NMS",
            lambda g: _grid(g, 2100),
            BEFORE_NMS,
            weight=0.5,
            run=_options,
            rtol=1e-4,
            atol=1e-3,
        ),
    ),
    misconceptions("lab3_rpn", "make_proposals"),
)

EXERCISES = (RPN_HEAD, RPN_LOSS, NMS, MAKE_PROPOSALS)
