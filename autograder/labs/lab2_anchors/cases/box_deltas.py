"""Hidden cases of the way from an anchor to its ground truth, and back: encoding and decoding."""

import dataclasses

import torch
from torch import Generator, Tensor

from autograder.grader.common_cases import empty, standing
from autograder.grader.exercise import Case, Exercise
from course import checks
from course.checking.random_inputs import boxes
from course.labs.lab2_anchors import checks as hints
from course.labs.lab2_anchors.samples import FRACTIONS, SAMPLES, pairs
from solutions.lab2_anchors import anchors as reference

OWN_WEIGHT = "Each of the four deltas is multiplied by its own weight: dx, dy, dw and dh, in this order."
WEIGHTS = (10.0, 10.0, 5.0, 5.0)
ODD_WEIGHTS = (2.0, 3.0, 4.0, 8.0)
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
            "Sides below a pixel are sides like any other: if you guard against 0, take a tiny number, not a pixel.",
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
