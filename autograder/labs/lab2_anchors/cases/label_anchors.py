"""Hidden cases of the anchors' labels.

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
from course import checks
from course.labs.lab2_anchors import checks as hints
from solutions.lab2_anchors import anchors as reference


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
            "A label is 1 from pos_threshold up, 0 below neg_threshold, and -1 in between.",
            weight=1.5,
            run=_labels,
            core=True,
        ),
        Case(
            "a ground truth whose best IoU is between the thresholds",
            lambda g: (_table(g, (55, 1), (30, 1), (26, 1)),),
            "Every ground truth gets its best anchor, even if none reaches pos_threshold: the label is 1.",
            weight=1.5,
            run=_labels,
        ),
        Case(
            "a ground truth whose best IoU is below 0.3, or hardly above 0",
            lambda g: ((_table(g, (55, 1), (9, 1)),), (_table(g, (55, 1), (2, 1)) * torch.tensor([1, 1 / 1024]),)),
            "Every ground truth gets its best anchor, however low the IoU, as long as it is above 0: the background "
            "is labelled before, not after.",
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
            "matched is the column of an anchor's largest IoU, even for background and ignored anchors. If several "
            "are equal it is the first, so 0 for an anchor that touches nothing.",
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
