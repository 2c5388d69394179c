"""Hidden cases of the way from the head's answers to proposals.

Decisions (which is better, above the threshold or not, large enough or not) are never close to their limit unless the
case is about the limit, so that rounding in another style of computing turns none of them.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Generator

from autograder.grader.common_cases import empty, standing
from autograder.grader.exercise import Case, Exercise
from course import library
from course.labs.lab2_anchors.library import decode_boxes
from course.labs.lab3_rpn import checks
from course.labs.lab3_rpn.checks import BEFORE_NMS, PROBABILITY, SMALL, SMALL_FIRST, STEP_BY_STEP, TOGETHER
from course.labs.lab3_rpn.samples import SAMPLES, SIZE, network, unequal_logits
from solutions.lab3_rpn import rpn as reference


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

    One each, because the IoU of two such boxes would be 0 / 0.
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
            "min_size is the smallest side that a proposal may have: one of exactly that size stays.",
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
            "exp(dw) explodes: decode_boxes limits dw and dh at log(1000 / 16). If you decode in another way, limit "
            "them too.",
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
