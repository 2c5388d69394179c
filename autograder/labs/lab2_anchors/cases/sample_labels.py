"""Hidden cases of the labels that are drawn for a batch."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Generator

from autograder.grader.common_cases import empty, standing
from autograder.grader.exercise import Case, Exercise
from autograder.labs.lab2_anchors.cases.random_samples import (
    defaults,
    fair,
    goes_on,
    reaches,
    sampled,
    sampled_and_argument,
    sampled_and_dtype,
    sampled_elsewhere,
)
from course import checks
from course.checking.sampling import repeats
from course.labs.lab2_anchors import checks as hints
from course.labs.lab2_anchors.samples import SAMPLES, shuffled_labels
from solutions.lab2_anchors import anchors as reference


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
            "Each call draws new numbers and goes on where the generator (or torch's own, without one) stands: "
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
            "Draw from all labels 1 and from all labels 0: some of yours stay rarely or never, such as those late in "
            "the list.",
            run=reaches,
        ),
        _STANDING["the dtype of the answer"].with_runs(sampled_and_dtype, plain=sampled),
        _STANDING["the arguments are left as they were"].with_runs(sampled_and_argument, plain=sampled),
        _STANDING["tensors on another device"].with_runs(sampled_elsewhere, plain=sampled),
        _STANDING["many boxes in good time"].with_runs(sampled, plain=sampled),
        empty("no labels", lambda g: (torch.zeros(0, dtype=torch.int64),)),
    ),
)
