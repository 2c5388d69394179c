"""Hidden cases of the mask head's loss and its gradient."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Generator, Tensor

from autograder.grader.common_cases import each, empty, standing
from autograder.grader.exercise import Case, Exercise, answer
from autograder.grader.module_cases import gradients_of
from autograder.labs.lab5_fpn_mask.cases.comparing import in_float32
from autograder.labs.lab5_fpn_mask.hints import CONSTANT
from course import checks
from course.labs.lab5_fpn_mask.checks import mask as hints
from course.labs.lab5_fpn_mask.samples import SAMPLES, masks_to_learn
from solutions.lab5_fpn_mask import mask as reference

BY_HAND_LOSS = (
    "Work out one ROI by hand: its own class's mask, cell by cell the binary cross-entropy of sigmoid(logit) and "
    "target; the mean over all cells of all ROIs."
)
TO_1E_6: dict[str, Any] = {"rtol": 2e-6, "atol": 1e-6}  # float32 itself is good for 1e-7 of each term


def _sure(generator: Generator) -> tuple:
    """Logits of 30 to 300, of either sign, right and wrong."""
    logits, labels, targets = masks_to_learn(3, soft=False)(generator)
    return logits.sign() * (30 + 270 * torch.rand(logits.shape, generator=generator)), labels, targets


def _loss_and_gradient(function: Callable, args: tuple) -> Any:
    """The loss, its gradient by the logits, and whether it has one, which it must even without ROIs."""
    logits = args[0].clone().requires_grad_()
    loss = function(logits, *args[1:])
    if not isinstance(loss, Tensor):
        return loss
    return (loss, *gradients_of(loss, (logits,)), torch.tensor(loss.requires_grad))


MASK_LOSS = Exercise(
    checks.mask_loss,
    reference.mask_loss,
    (
        Case("five ROIs, four classes", masks_to_learn(5), BY_HAND_LOSS, weight=2, core=True, **TO_1E_6),
        Case("one class and background", masks_to_learn(6, 2, 5), BY_HAND_LOSS, core=True, **TO_1E_6),
        Case(
            "28 × 28 cells, masks of 0 and 1, and a single cell",
            lambda g: (masks_to_learn(3, 5, 28, soft=False)(g), masks_to_learn(4, 5, 1)(g), masks_to_learn(1, 3, 7)(g)),
            hints.PER_ROI,
            run=each(),
            **TO_1E_6,
        ),
        Case("many classes", masks_to_learn(8, 30, 3), hints.OWN_MASK, run=answer, **TO_1E_6),
        Case("very sure answers", _sure, hints.STABLE, run=_loss_and_gradient, any_hint=True, rtol=1e-5, atol=1e-6),
        Case(
            "the gradient reaches the true class's mask only",
            masks_to_learn(4, 3, 4),
            "The loss is right and its gradient is not: stay with tensor operations, and touch no other class's mask.",
            weight=1.5,
            run=_loss_and_gradient,
            any_hint=True,
            rtol=1e-5,
            atol=1e-6,
        ),
        Case(
            "no ROIs, with gradient",
            masks_to_learn(0),
            hints.NO_ROIS,
            weight=0.5,
            run=_loss_and_gradient,
            any_hint=True,
            misreadings={CONSTANT: (torch.tensor(0.0), torch.zeros(0, 4, 6, 6), torch.tensor(False))},
        ),
        empty("no ROIs, on another device", masks_to_learn(0, 3, 28), weight=0.25),
        *in_float32(*standing(SAMPLES["mask_loss"], masks_to_learn(32, 6, 28))),
    ),
)
