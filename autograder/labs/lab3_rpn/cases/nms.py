"""Hidden cases of non-maximum suppression.

Decisions (which is better, above the threshold or not, large enough or not) are never close to their limit unless the
case is about the limit, so that rounding in another style of computing turns none of them.
"""

from collections.abc import Callable

import torch
from torch import Generator, Tensor

from autograder.grader.common_cases import each, empty, standing
from autograder.grader.exercise import Case, Exercise
from course.checking import calling, limits
from course.checking.random_inputs import boxes
from course.labs.lab3_rpn import checks
from course.labs.lab3_rpn.checks import BEST_FIRST, GONE_IS_GONE, TIES, TOO_SLOW
from course.labs.lab3_rpn.samples import clusters, far_from, unequal
from solutions.lab3_rpn import rpn as reference

THRESHOLD = (
    "iou_threshold is an argument: a box goes if its IoU with a kept one is greater than that, low or high, and only "
    "then."
)


def _in_order(generator: Generator) -> tuple[Tensor, Tensor, float]:
    crowd, scores, threshold = clusters(generator, 30, 0.5)
    return crowd, scores.sort(descending=True).values, threshold


def _row(generator: Generator) -> tuple[Tensor, Tensor, float]:
    """Chains of boxes: each overlaps its two neighbours too much, and no other; the best comes first."""
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
    """Whether the answer, right or wrong, comes within the seconds that nms's docstring allows.

    Measured for these boxes: loops over boxes 0.1 s, over pairs of plain numbers 0.2 s, or 0.6 s while a guard watches,
    over pairs of tensors 9 s. So a machine may be four times slower or faster, and no verdict changes.
    """
    try:
        with calling.in_time(2.0):
            function(*args)
    except limits.OutOfTimeError:
        return torch.tensor(False)
    return torch.tensor(True)


NMS = Exercise(
    checks.nms,
    reference.nms,
    (
        Case(
            "clusters of boxes, the best first already",
            _in_order,
            "Keep the best box, remove those whose IoU with it (intersection over union, as in lab 1) is greater "
            "than the threshold, and repeat with the boxes that are left, down to the last.",
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
            "A score may be any number, even 0 or a negative one: no box goes because of its score, and no number "
            "such as 0 or -1 can mark the boxes that are gone.",
        ),
        Case("a high threshold", lambda g: clusters(g, 40, 0.8), THRESHOLD),
        Case("chains, in which a removed box removes no other", _row, GONE_IS_GONE),
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
            "stays, and removes no other.",
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
