"""Hidden cases of lab 7: your own detector, measured.

Most cases have a number of objects that shares no factor with 100: then a recall, found ÷ num_gt, is never one of the
101 but for 0 and 1, and no answer depends on how 0.35 is rounded.
"""

import dataclasses
from collections.abc import Callable

import torch
from torch import Generator, Tensor

from autograder.grader.common_cases import each, empty, standing
from autograder.grader.exercise import Case, Exercise, answer
from autograder.labs.lab7_capstone.hints import ANY_NUMBER
from course import checks
from course.labs.lab7_capstone.checks import average_precision as hints
from course.labs.lab7_capstone.samples import SAMPLES, predictions
from solutions.lab7_capstone import capstone as reference

BY_HAND = (
    "Go through a few predictions by hand: sort, count the right ones so far, precision = right ÷ all so far, recall = "
    "right ÷ num_gt; from the right, no precision below what follows; read it where recall first reaches r, for each "
    "of 0, 0.01, …, 1; mean of the 101."
)
ALL_FOUND = (
    "If every object is found and nothing else is, all 101 recalls have precision 1; recall 1 is the last of them."
)
NO_HIT = "No prediction is right: precision is 0 everywhere, and so is the answer."

# The standing cases in words of this exercise.
SAID: dict[str, str] = {
    "the dtype of the answer": "The answer is a tensor with a single number, shape (), in the dtype of scores.",
    "float64 in, float64 out": "A quotient of whole numbers is float32: bring counts to the dtype of scores, or to "
    "float64, before you divide.",
    "tensors on another device": "This breaks on a GPU: make new tensors with device=scores.device, and stay clear of "
    "NumPy and .cpu().",
    "many boxes in good time": "A few predictions come out right and many do not: look for what you assume about their "
    "number.",
}


def falling(generator: Generator, num_gt: int) -> tuple[Tensor, Tensor, int]:
    """Best first: all objects are found, the first at once, each other after a longer wait than the one before.

    So from one right prediction to the next precision only falls: the envelope changes nothing.
    """
    waits = torch.arange(num_gt) * 2 + torch.randint(2, (num_gt,), generator=generator)
    waits[0] = 0
    places = waits.cumsum(0) + torch.arange(num_gt)
    count = int(places[-1]) + 1
    matched = torch.zeros(count, dtype=torch.bool)
    matched[places] = True
    return torch.linspace(0.9, 0.1, count), matched, num_gt


def _shuffled(generator: Generator) -> tuple:
    scores, matched, num_gt = falling(generator, 7)
    order = torch.randperm(len(scores), generator=generator)
    return scores[order], matched[order], num_gt


def _sorted(generator: Generator) -> tuple:
    scores, matched, num_gt = predictions(generator, 60, 21, 17)
    best_first = scores.argsort(descending=True)
    return scores[best_first], matched[best_first], num_gt


def _rounded(generator: Generator, count: int, num_gt: int, hits: int, steps: int = 10) -> tuple:
    """Predictions that share their scores with others: there are but ``steps`` scores."""
    scores, matched, num_gt = predictions(generator, count, num_gt, hits)
    return scores.mul(steps).ceil().div(steps), matched, num_gt


def _logits(generator: Generator) -> tuple:
    scores, matched, num_gt = predictions(generator, 30, 17, 13)
    return 20 * scores - 16, matched, num_gt


def _several(*sizes: tuple[int, int, int]) -> Callable[[Generator], tuple]:
    """Arguments of several calls, each of (predictions, objects, right ones)."""
    return lambda g: tuple(predictions(g, *size) for size in sizes)


AVERAGE_PRECISION = Exercise(
    checks.average_precision,
    reference.average_precision,
    (
        Case("predictions in any order", lambda g: predictions(g, 40, 13, 11), BY_HAND, weight=2, core=True),
        Case("every object is found, precision only falls", _shuffled, BY_HAND, core=True),
        Case("predictions that are sorted already", _sorted, BY_HAND),
        Case(
            "far more predictions than objects",
            _several((300, 11, 9), (150, 3, 3), (50, 1, 1)),
            BY_HAND,
            run=each(answer),
            any_hint=True,
        ),
        Case(
            "objects that nobody found",
            _several((9, 37, 8), (30, 77, 12), (5, 9, 1)),
            hints.NEVER_REACHED,
            weight=1.5,
            run=each(answer),
            any_hint=True,
        ),
        Case("all found, and nothing else", _several((13, 13, 13), (1, 1, 1)), ALL_FOUND, run=each(answer)),
        Case("all predictions right, not all found", lambda g: predictions(g, 17, 31, 17), hints.NEVER_REACHED),
        Case("no prediction right", lambda g: predictions(g, 20, 7, 0), NO_HIT, weight=0.5),
        Case("recalls that are reached exactly: ¼, ½, ¾, 1", lambda g: falling(g, 4), hints.LEFT),
        Case(
            "equal scores",
            lambda g: (_rounded(g, 60, 23, 19), _rounded(g, 12, 9, 7, steps=1)),
            hints.TIES,
            1.5,
            each(answer),
        ),
        Case("scores that are not probabilities", _logits, ANY_NUMBER, weight=0.5),
        Case(
            "no objects: there is nothing to find",
            lambda g: (predictions(g, 12, 0, 0), predictions(g, 1, 0, 0), predictions(g, 0, 0, 0)),
            hints.NO_OBJECTS,
            run=each(answer),
            any_hint=True,
        ),
        dataclasses.replace(
            empty("no objects, in float64 and on another device", lambda g: predictions(g, 12, 0, 0), weight=0.25),
            hint="NaN comes in the dtype and on the device of scores, too: scores.new_full((), torch.nan).",
        ),
        dataclasses.replace(empty("no predictions", lambda g: predictions(g, 0, 7, 0)), hint=hints.NOTHING_FOUND),
        *(
            dataclasses.replace(case, hint=SAID.get(case.title, case.hint))
            for case in standing(SAMPLES["average_precision"], lambda g: predictions(g, 2000, 303, 250))
        ),
    ),
)
