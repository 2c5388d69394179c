"""Hidden cases of lab 3: the head, its loss, non-maximum suppression and proposals.

Decisions (who is better, above the threshold or not, large enough or not) are never close to their limit unless the
case is about the limit, so that rounding in another style of computing turns none of them.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Generator, Tensor

from autograder.grader.common_cases import each, empty, standing
from autograder.grader.exercise import Case, Exercise
from autograder.grader.module_cases import NAMES_AND_SHAPES, gradients, gradients_of, initial, outputs
from autograder.grader.module_cases import standing as module_standing
from course import library
from course.checking import calling, limits
from course.checking.random_inputs import boxes
from course.labs.lab2_anchors.library import decode_boxes
from course.labs.lab3_rpn import checks
from course.labs.lab3_rpn.checks import (
    BEFORE_NMS,
    BEST_FIRST,
    GONE_IS_GONE,
    MEAN_OVER_COUNTED,
    NO_RELU,
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
from course.labs.lab3_rpn.samples import (
    SAMPLES,
    SIZE,
    clusters,
    far_from,
    loss_inputs,
    network,
    rpn_head,
    unequal,
    unequal_logits,
)
from solutions.lab3_rpn import rpn as reference

THRESHOLD = (
    "iou_threshold is an argument: a box goes if its IoU with a kept one is greater than it, be it low or high, and "
    "only then."
)


def _all_positive(arguments: tuple[int, int, int], *size: int) -> Callable[[Generator], tuple]:
    """As :func:`rpn_head`, with biases in the first layer that lift all of its values above 0."""

    def make(generator: Generator) -> tuple:
        made = rpn_head(arguments, *size)(generator)
        made[1]["conv.bias"] += 9
        return made

    return make


def _losses(function: Callable, args: tuple) -> Any:
    """The three losses."""
    answers = function(*args)
    if not isinstance(answers, tuple | list) or len(answers) != 3:
        found = len(answers) if isinstance(answers, tuple | list) else type(answers).__name__
        raise TypeError(f"expected three answers, (total, cls_loss, loc_loss), got {found}")
    return tuple(answers)


def _part(index: int) -> Callable[[Callable, tuple], Any]:
    """A run that looks at one of the three losses only."""

    def run(function: Callable, args: tuple) -> Any:
        return _losses(function, args)[index]

    return run


def _total_and_parts(function: Callable, args: tuple) -> Any:
    """How far the total is from what it should be with these parts, be they right or not."""
    total, classification, localisation = _losses(function, args)
    return total - classification - (args[4] if len(args) > 4 else 10.0) * localisation


def _gradients(function: Callable, args: tuple) -> Any:
    """The gradients of each of the three losses by logits and deltas, and whether it has any."""
    objectness, deltas = args[0].clone().requires_grad_(), args[1].clone().requires_grad_()
    answers = _losses(function, (objectness, deltas, *args[2:]))
    found = [gradient for loss in answers for gradient in gradients_of(loss, (objectness, deltas))]
    return (*found, torch.tensor([bool(loss.requires_grad) for loss in answers]))


def _losses_and_gradients(function: Callable, args: tuple) -> Any:
    """The three losses and their gradients, which must be there also where a loss is 0 whatever the network says."""
    return (*_losses(function, args), *_gradients(function, args))


def _nothing_elsewhere(generator: Generator, *args: int, **kinds: int) -> tuple:
    """As :func:`loss_inputs`, with enormous numbers in targets of labels 0 and -1, and in logits of labels -1."""
    objectness, deltas, labels, targets = loss_inputs(generator, *args, **kinds)
    return (
        torch.where(labels[:, None] < 0, objectness * 1000, objectness),
        deltas,
        labels,
        torch.where(labels[:, None] == 1, targets, targets * 1e6),
    )


def _in_order(generator: Generator) -> tuple[Tensor, Tensor, float]:
    crowd, scores, threshold = clusters(generator, 30, 0.5)
    return crowd, scores.sort(descending=True).values, threshold


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
    scores = torch.cat([0.8 + torch.rand(4, generator=generator) / 10, unequal(generator, 12) / 2])
    return torch.cat([whole, upper, left, most])[shuffled], scores[shuffled], 0.5


def _apart(generator: Generator) -> tuple[Tensor, Tensor, float]:
    """Boxes along a diagonal, which touch at most: apart in x and in y."""
    sides = 8 + torch.randint(1, 60, (9, 2), generator=generator).float()
    corner = sides.cumsum(dim=0)
    return torch.cat([corner - sides, corner], dim=1), unequal(generator, 9), 0.1


def _ties(generator: Generator) -> tuple[Tensor, Tensor, float]:
    """Boxes with only three different scores; so many that a sort which is not stable mixes them up."""
    crowd, scores, threshold = clusters(generator, 80, 0.4)
    return crowd, scores.mul(3).ceil().div(4), threshold


def _small(generator: Generator) -> tuple[Tensor, Tensor, float]:
    """Boxes of 4 to 8 pixels, so that a pixel more or less counts."""
    crowd, scores, _ = clusters(generator, 40, 0.31)
    crowd = torch.cat([crowd[:, :2], crowd[:, :2] + 4 + crowd[:, 2:] % 4], dim=1) / 4
    crowd = far_from(0.31, crowd)
    return crowd, scores[: len(crowd)], 0.31


def _many(generator: Generator) -> tuple[Tensor, Tensor, float]:
    """700 boxes as a network gives them before NMS; most of them stay."""
    return boxes(generator, 700, size=(500, 500)), unequal(generator, 700), 0.7


def _few_places(generator: Generator) -> tuple[Tensor, Tensor, float]:
    """5,000 boxes at eight places far apart; the last two places have only the lowest scores, and the last box."""
    count = 5000
    ranked = torch.cat([torch.randint(6, (count - 2,), generator=generator), torch.tensor([6, 7])])
    corner = torch.stack([ranked % 4, ranked // 4], dim=1) * 100.0
    jitter = torch.randint(3, (count, 4), generator=generator).float()  # IoUs within a place are above 0.8
    crowd = torch.cat([corner, corner + 60], dim=1) + jitter
    shuffled = torch.cat([torch.randperm(count - 1, generator=generator), torch.tensor([count - 1])])
    return crowd[shuffled], torch.linspace(0.99, 0.01, count)[shuffled], 0.5


def _far_apart(generator: Generator) -> tuple[Tensor, Tensor, float]:
    """120 boxes, all of which stay; few enough for a loop over pairs of tensors, which has its own case."""
    corner = torch.cartesian_prod(torch.arange(10.0), torch.arange(12.0)) * torch.tensor([30.0, 20.0])
    return torch.cat([corner, corner + torch.tensor([25.0, 12.0])], dim=1), unequal(generator, 120), 0.3


def _signed(generator: Generator) -> tuple[Tensor, Tensor, float]:
    """Boxes in clusters whose scores lie around 0, and three far from all others with scores of 0 and below."""
    crowd, scores, threshold = clusters(generator, 40, 0.5)
    signed = scores.argsort().argsort().float() - len(scores) // 2 + 0.5
    alone = boxes(generator, 3) + 1000 * torch.arange(1.0, 4)[:, None]
    shuffled = torch.randperm(len(crowd) + 3, generator=generator)
    every = torch.cat([signed, torch.tensor([0.0, -0.75, -30])])
    return torch.cat([crowd, alone])[shuffled], every[shuffled], threshold


def _flat(generator: Generator) -> tuple[Tensor, Tensor, float]:
    """Ordinary boxes, and each also without width, without height and without both, twice."""
    own = boxes(generator, 3)
    thin, low, points = own.clone(), own.clone(), own.clone()
    thin[:, 2], low[:, 3], points[:, 2:] = own[:, 0], own[:, 1], own[:, :2]
    every = far_from(0.5, torch.cat([own, own + 1]))
    every = torch.cat([every, *[thin, low, points] * 2])
    return every, unequal(generator, len(every)), 0.5


def _in_time(function: Callable, args: tuple) -> Tensor:
    """Whether the answer, be it right or not, comes within the seconds that nms's docstring allows.

    Measured for these boxes: loops over boxes 0.1 s, over pairs of plain numbers 0.2 s, or 0.6 s while a guard watches,
    over pairs of tensors 9 s. So a machine may be four times slower or faster, and no verdict changes.
    """
    try:
        with calling.in_time(2.0):
            function(*args)
    except limits.OutOfTimeError:
        return torch.tensor(False)
    return torch.tensor(True)


def _within(generator: Generator) -> tuple:
    """As :func:`network`, but no box is small and none leaves the image."""
    logits, deltas, base, size, *options = network(generator, 200, 70, 25, 0.5, 16, allowed=0.5, grow=0.1)
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
    return unequal_logits(generator, len(every)), torch.zeros(len(every), 4), every, SIZE


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
    return unequal_logits(generator, 9), torch.zeros(9, 4), every, SIZE


def _off_the_image(generator: Generator) -> tuple:
    """Four questions about one box each, wholly off the image on one side: on its border, with a side of 0.

    One each, for the IoU of two such boxes would be 0 / 0.
    """
    wide, high = SIZE[1], SIZE[0]
    corner = 40 + 200 * torch.rand(4, 2, generator=generator)
    every = torch.cat([corner, corner + 20 + 20 * torch.rand(4, 2, generator=generator)], dim=1)
    every += torch.tensor([[-wide, 0.0], [wide, 0], [0, -high], [0, high]]).repeat(1, 2)
    logits = unequal_logits(generator, 4)
    return tuple((logits[k, None], torch.zeros(1, 4), every[k, None], SIZE, 10, 10, 0.7, 0) for k in range(4))


def _enormous(generator: Generator) -> tuple:
    """Small anchors far apart whose dw and dh are beyond the clamp, in a large image."""
    place = torch.cartesian_prod(torch.arange(3.0), torch.arange(3.0)) * 520 + 300
    sides = 6 + torch.randint(1, 4, (9, 2), generator=generator).float()
    every = torch.cat([place - sides / 2, place + sides / 2], dim=1)
    deltas = torch.zeros(9, 4)
    deltas[:, 2:] = 4.5 + 4 * torch.rand(9, 2, generator=generator)
    deltas[::4, 2] = 200.0  # exp of this is infinite in float32
    return unequal_logits(generator, 9), deltas, every, (1700, 1800)


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
            rpn_head((5, 7, 3), 1, 5, 4, 6),
            NO_RELU,
            weight=1.5,
            run=outputs,
            rtol=1e-4,
            atol=1e-5,
        ),
        Case(
            "a batch of maps that are higher than wide",
            rpn_head((6, 4, 9), 3, 6, 7, 2),
            "Keep the batch: (B, H·W·A, 2) and (B, H·W·A, 4), each map with its own answers.",
            run=outputs,
            rtol=1e-4,
            atol=1e-5,
        ),
        Case(
            "one anchor, one place",
            rpn_head((3, 5, 1), 1, 3, 1, 1),
            NAMES_AND_SHAPES,
            weight=0.5,
            run=outputs,
            rtol=1e-4,
            atol=1e-5,
        ),
        Case(
            "gradients reach the features and every weight",
            SAMPLES["RPNHead"],
            "Gradients must reach every layer and the features: no .detach(), .data or NumPy on the way.",
            run=gradients,
            rtol=1e-3,
            atol=1e-4,
        ),
        Case(
            "weights and biases to begin with",
            rpn_head((64, 256, 9), 1, 64, 1, 1),
            START,
            weight=1.5,
            run=initial(0.01),
            core=True,
        ),
        *module_standing(SAMPLES["RPNHead"], rpn_head((64, 64, 9), 1, 64, 50, 50)),
    ),
)

RPN_LOSS = Exercise(
    checks.rpn_loss,
    reference.rpn_loss,
    (
        Case(
            "classification loss: positives, negatives and anchors that don't count",
            lambda g: _nothing_elsewhere(g, 40),
            f"Cross-entropy of the two logits, (background, object), and its mean. {MEAN_OVER_COUNTED}",
            weight=2,
            run=_part(1),
            core=True,
        ),
        Case(
            "localisation loss: errors below and above 1",
            lambda g: loss_inputs(g, 24, positives=12, counted=24),
            f"{SMOOTH_L1} {SUM_BY_POSITIVES}",
            weight=1.5,
            run=_part(2),
            core=True,
        ),
        Case(
            "localisation loss: a single positive",
            lambda g: _nothing_elsewhere(g, 12, positives=1, counted=7),
            POSITIVES_ONLY,
            run=_part(2),
            core=True,
        ),
        Case(
            "the total of the two losses",
            lambda g: loss_inputs(g, 30),
            "The answer is (total, cls_loss, loc_loss), and the total is cls_loss + loc_weight * loc_loss.",
            weight=1.5,
            run=_total_and_parts,
            atol=1e-4,
        ),
        Case(
            "another weight",
            lambda g: (*loss_inputs(g, 20), 2.5),
            "The total uses loc_weight, whatever it is: 10 is only its default.",
            run=_total_and_parts,
            atol=1e-4,
        ),
        Case(
            "gradients of the three losses",
            lambda g: loss_inputs(g, 30),
            "The network learns from gradients, and each of the three answers has its own: no .detach(), .data, "
            ".item() or NumPy on the way to any of them.",
            weight=1.5,
            run=_gradients,
        ),
        Case(
            "no positive, values and gradients",
            lambda g: _nothing_elsewhere(g, 12, positives=0, counted=8),
            "Without positives loc_loss is 0, not NaN: divide by at least 1. It stays part of the graph all the same, "
            "as a sum over no rows does and a new tensor does not.",
            weight=1.5,
            run=_losses_and_gradients,
            any_hint=True,
        ),
        Case(
            "nothing that counts, and no anchors",
            lambda g: (loss_inputs(g, 5, positives=0, counted=0), loss_inputs(g, 0)),
            "If no label counts, or there is none, all three losses are 0, not NaN: divide by at least 1. They stay "
            "part of the graph all the same, as a sum over no rows does and a new tensor does not.",
            run=each(_losses_and_gradients),
            any_hint=True,
        ),
        *(
            replace(case, title="very many anchors in good time") if case.title.startswith("many") else case
            for case in standing(SAMPLES["rpn_loss"], lambda g: loss_inputs(g, 22_500, positives=128, counted=256))
        ),
    ),
)

NMS = Exercise(
    checks.nms,
    reference.nms,
    (
        Case(
            "clusters of boxes, the best first already",
            _in_order,
            "Keep the best box, remove those whose IoU with it (intersection over union, as in lab 1) is greater than "
            "the threshold, and so on with what is left, down to the last.",
            weight=2,
            core=True,
        ),
        Case(
            "clusters of boxes, in any order",
            lambda g: clusters(g, 40, 0.5),
            f"{BEST_FIRST} An index is a place in `boxes` as they came.",
            weight=2,
            core=True,
        ),
        Case("a low threshold", lambda g: clusters(g, 30, 0.2), THRESHOLD, core=True),
        Case(
            "scores of 0 and below",
            _signed,
            "A score may be any number, also 0 or a negative one: no box goes because of its score, and no number such "
            "as 0 or -1 can mark the boxes that are gone.",
        ),
        Case("a high threshold", lambda g: clusters(g, 40, 0.8), THRESHOLD),
        Case("chains, in which a removed box removes nobody", _row, GONE_IS_GONE),
        Case(
            "IoU of exactly the threshold, or hardly above it",
            lambda g: (_halves(g), (*_halves(g)[:2], 0.4999)),
            "A box goes only when its IoU is greater than the threshold, and then always: compare with >, round "
            "nothing, and add nothing.",
            run=each(),
        ),
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
        Case("a single box", lambda g: clusters(g, 1, 0.5), "One box stays: indices of shape (1,).", weight=0.5),
        Case(
            "boxes without area, some of them equal",
            _flat,
            "A box without area overlaps nothing, not even an equal one: the IoU is 0, where 0 / 0 would be NaN. So it "
            "stays, and removes nobody.",
            weight=0.5,
        ),
        *standing(lambda g: clusters(g, 12, 0.5), lambda g: clusters(g, 60, 0.5))[:4],
        empty("no boxes", lambda g: (torch.zeros(0, 4), torch.zeros(0), 0.5), weight=0.5),
        Case(
            "5,000 boxes at a few places, and 120 far apart",
            lambda g: (_few_places(g), _far_apart(g)),
            "Every box takes part, however many there are, and however many stay.",
            weight=0.5,
            run=each(),
        ),
        Case("700 boxes within 2 seconds", _many, TOO_SLOW, run=_in_time, expected=torch.tensor(True)),
    ),
)

MAKE_PROPOSALS = Exercise(
    checks.make_proposals,
    reference.make_proposals,
    (
        Case(
            "a wide image",
            lambda g: network(g, 120, 60, 20, 0.7, 16),
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
            lambda g: network(g, 120, 100, 50, 0.4, 16, size=(500, 220), allowed=0.4),
            STEP_BY_STEP,
            weight=1.5,
            run=_options,
            rtol=1e-4,
            atol=1e-3,
        ),
        Case(
            "scores from both logits",
            lambda g: network(g, 60),
            f"{PROBABILITY} No box goes because of a low one.",
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
            lambda g: network(g, 80, 80, 80, 0.7, 40, least=40),
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
            lambda g: network(g, 1, least=30, grow=0.01),
            "One anchor gives one proposal, shapes (1, 4) and (1,), or none.",
            weight=0.5,
            rtol=1e-4,
            atol=1e-3,
        ),
        *(
            case if case.rtol == 1e-9 else replace(case, rtol=1e-4, atol=1e-3)
            for case in standing(SAMPLES["make_proposals"], lambda g: network(g, 300, 200, 100))
        ),
        empty(
            "no anchors",
            lambda g: (torch.zeros(0, 2), torch.zeros(0, 4), torch.zeros(0, 4), SIZE),
            weight=0.25,
        ),
        empty("none is large enough", lambda g: network(g, 6, 6, 6, 0.7, 1000), weight=0.25),
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
)
