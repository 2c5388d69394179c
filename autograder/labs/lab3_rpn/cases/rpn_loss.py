"""Hidden cases of the RPN's loss, its two parts and their gradients."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Generator

from autograder.grader.common_cases import each, standing
from autograder.grader.exercise import Case, Exercise
from autograder.grader.module_cases import gradients_of
from course.labs.lab3_rpn import checks
from course.labs.lab3_rpn.checks import MEAN_OVER_COUNTED, POSITIVES_ONLY, SMOOTH_L1, SUM_BY_POSITIVES
from course.labs.lab3_rpn.samples import SAMPLES, loss_inputs
from solutions.lab3_rpn import rpn as reference


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
    """How far the total is from what it should be with these parts, right or wrong."""
    total, classification, localisation = _losses(function, args)
    return total - classification - (args[4] if len(args) > 4 else 10.0) * localisation


def _gradients(function: Callable, args: tuple) -> Any:
    """The gradients of each of the three losses by logits and deltas, and whether it has any."""
    objectness, deltas = args[0].clone().requires_grad_(), args[1].clone().requires_grad_()
    answers = _losses(function, (objectness, deltas, *args[2:]))
    found = [gradient for loss in answers for gradient in gradients_of(loss, (objectness, deltas))]
    return (*found, torch.tensor([bool(loss.requires_grad) for loss in answers]))


def _losses_and_gradients(function: Callable, args: tuple) -> Any:
    """The three losses and their gradients, which must be there even if a loss is 0 whatever the network says."""
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
            "Without positives loc_loss is 0, not NaN: divide by at least 1. It must still be part of the graph: a "
            "sum over no rows is, a new tensor is not.",
            weight=1.5,
            run=_losses_and_gradients,
            any_hint=True,
        ),
        Case(
            "nothing that counts, and no anchors",
            lambda g: (loss_inputs(g, 5, positives=0, counted=0), loss_inputs(g, 0)),
            "If no label counts, or there is none, all three losses are 0, not NaN: divide by at least 1. They must "
            "still be part of the graph: a sum over no rows is, a new tensor is not.",
            run=each(_losses_and_gradients),
            any_hint=True,
        ),
        *(
            replace(case, title="very many anchors in good time") if case.title.startswith("many") else case
            for case in standing(SAMPLES["rpn_loss"], lambda g: loss_inputs(g, 22_500, positives=128, counted=256))
        ),
    ),
)
