"""Hidden cases of lab 7's losses on one photo: marks, anchors and ROIs of which some fit, some half, and some not."""

import dataclasses
from collections.abc import Callable
from typing import Any

import torch
from torch import Generator, Tensor

from autograder.grader.common_cases import empty, ordinary, standing
from autograder.grader.exercise import Case, Exercise
from autograder.grader.module_cases import gradients_of
from autograder.labs.lab7_capstone.hints import CONSTANT
from course import checks
from course.labs.lab7_capstone.checks import photo_losses as hints
from course.labs.lab7_capstone.samples import SAMPLES, seen
from solutions.lab7_capstone import capstone as reference

VALUES: dict[str, Any] = {"rtol": 1e-4, "atol": 1e-5}  # means of some hundred float32 numbers


# The standing cases in words of this exercise.
SAID = {
    "the dtype of the answer": "Four tensors with a single number each, shape (), in the dtype of the predictions.",
    "float64 in, float64 out": "Turn the file's numbers into tensors with the dtype of anchors: torch.tensor(…, "
    "dtype=anchors.dtype).",
    "tensors on another device": "This breaks on a GPU: what you make of the file's numbers must be on anchors.device.",
    "many boxes in good time": "A few anchors come out right and many do not: look for what you assume about their "
    "number.",
}


def losses_and_gradients(function: Callable, args: tuple) -> Any:
    """The losses, the gradients of a weighted sum of them by all predictions, and whether each has one."""
    coco, anchors, objectness, deltas, rois, logits, moves = args
    leaves = [leaf.clone().requires_grad_() for leaf in (objectness, deltas, logits, moves)]
    found = function(coco, anchors, leaves[0], leaves[1], rois, *leaves[2:])
    if not (isinstance(found, tuple | list) and len(found) == 4 and all(isinstance(loss, Tensor) for loss in found)):
        return found
    total = found[0] + 2 * found[1] + 3 * found[2] + 4 * found[3]
    return (*found, *gradients_of(total, leaves), torch.tensor([loss.requires_grad for loss in found]))


def _unmarked(generator: Generator) -> tuple:
    coco, *rest = seen(generator)
    return ({**coco, "annotations": []}, *rest)


def _all_far(generator: Generator) -> tuple:
    """No ROI comes near a mark."""
    coco, anchors, objectness, deltas, rois, logits, moves = seen(generator)
    rois = torch.cat((rois[:, :2], rois[:, :2] + 3), dim=1)
    return coco, anchors, objectness, deltas, rois, logits, moves


PHOTO_LOSSES = Exercise(
    checks.photo_losses,
    reference.photo_losses,
    (
        Case("a photo with boxes of three classes", seen, hints.BY_PARTS, weight=2, core=True, **VALUES),
        Case("one box, one class", lambda g: seen(g, 1, 1), hints.BY_PARTS, core=True, **VALUES),
        Case(
            "categories with numbers of their own, as in COCO",
            lambda g: seen(g, ids=(44, 3, 90)),
            hints.NUMBER,
            weight=2,
            any_hint=True,
            **VALUES,
        ),
        Case("boxes everywhere", lambda g: seen(g, 9, 5), hints.BY_PARTS, **VALUES),
        Case("no ROI is near a box", _all_far, hints.HALF, weight=0.5, **VALUES),
        Case("nothing is marked", _unmarked, hints.NOTHING, any_hint=True, **VALUES),
        dataclasses.replace(
            empty("nothing is marked, in float64 and on another device", _unmarked, weight=0.25), hint=hints.NOTHING
        ),
        Case(
            "losses and gradients",
            seen,
            hints.GRADIENT,
            run=losses_and_gradients,
            any_hint=True,
            asks="gradients",
            plain=ordinary(seen),
            **VALUES,
        ),
        Case(
            "gradients where nothing is marked",
            _unmarked,
            CONSTANT,
            weight=0.5,
            run=losses_and_gradients,
            any_hint=True,
            asks="gradients",
            plain=ordinary(_unmarked),
            **VALUES,
        ),
        *(
            dataclasses.replace(case, hint=SAID.get(case.title, case.hint), **({} if "64" in case.title else VALUES))
            for case in standing(SAMPLES["photo_losses"], lambda g: seen(g, 8, 5, near=8, far=300))
        ),
    ),
)
