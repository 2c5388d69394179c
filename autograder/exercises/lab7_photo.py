"""Hidden cases of lab 7's losses on one photo: marks, anchors and ROIs of which some fit, some half, and some not."""

import dataclasses
from collections.abc import Callable
from typing import Any

import torch
from torch import Generator, Tensor

from autograder.answers import misconceptions
from autograder.exercise import Case, Exercise
from autograder.standing import empty, standing
from course import checks
from course.checks import lab7_photo as hints
from solutions.lab7_capstone import capstone as reference

SIZE = (120, 200)  # not square, so that height and width cannot be confused
VALUES: dict[str, Any] = {"rtol": 1e-4, "atol": 1e-5}  # means of some hundred float32 numbers

# The standing cases in words of this exercise.
SAID = {
    "the dtype of the answer": "Four tensors with a single number each, shape (), in the dtype of the predictions.",
    "float64 in, float64 out": "Numbers of the file become tensors in the dtype of anchors: torch.tensor(…, "
    "dtype=anchors.dtype).",
    "tensors on another device": "This breaks on a GPU: what you make of the file's numbers must be on anchors.device.",
    "many boxes in good time": "A few anchors come out right and many do not: look for what you assume about their "
    "number.",
}


def seen(
    generator: Generator,
    marks: int = 4,
    classes: int = 3,
    near: int = 6,
    far: int = 20,
    ids: tuple[int, ...] | None = None,
) -> tuple:
    """A marked photo and what a detector says of it.

    Args:
        generator: of all that is random.
        marks: how many boxes.
        classes: how many categories; with ``ids`` of their own, else 1, 2, ….
        near: how many anchors, and how many ROIs, there are to each mark, from a close fit to a loose one.
        far: how many others, of which some of the anchors leave the photo.
        ids: the categories' numbers.
    """
    height, width = SIZE
    extent = torch.tensor([width, height], dtype=torch.float32)
    sides = 20 + torch.rand(marks, 2, generator=generator) * (extent / 2 - 20)
    corner = torch.rand(marks, 2, generator=generator) * (extent - sides)
    truth = torch.cat((corner, corner + sides), dim=1)
    numbers = ids or tuple(range(1, classes + 1))
    coco = {
        "images": [{"id": 5, "file_name": "photo.jpg", "height": height, "width": width}],
        "annotations": [
            {"id": place + 1, "image_id": 5, "category_id": numbers[(place + 1) % classes], "bbox": bbox}
            for place, bbox in enumerate(torch.cat((corner, sides), dim=1).tolist())
        ],
        "categories": [{"id": number, "name": f"thing {place}"} for place, number in enumerate(numbers)],
    }
    anchors, rois = (_around(generator, truth, near, far) for _ in range(2))
    rois[:, 0::2], rois[:, 1::2] = rois[:, 0::2].clamp(0, width), rois[:, 1::2].clamp(0, height)
    return (
        coco,
        anchors,
        torch.randn(len(anchors), 2, generator=generator) * 2,
        torch.randn(len(anchors), 4, generator=generator),
        rois,
        torch.randn(len(rois), classes + 1, generator=generator) * 2,
        torch.randn(len(rois), 4 * (classes + 1), generator=generator),
    )


def _around(generator: Generator, truth: Tensor, near: int, far: int) -> Tensor:
    """Boxes near to each true one, ever less so, and others anywhere, some of which leave the photo; in no order."""
    height, width = SIZE
    sides = (truth[:, 2:] - truth[:, :2]).repeat(near, 2)
    share = torch.linspace(0.02, 0.35, near).repeat_interleave(len(truth))[:, None]
    close = truth.repeat(near, 1) + share * sides * (2 * torch.rand(len(sides), 4, generator=generator) - 1)
    extent = 10 + 50 * torch.rand(far, 2, generator=generator)
    middle = torch.rand(far, 2, generator=generator) * torch.tensor([width, height])
    others = torch.cat((middle - extent / 2, middle + extent / 2), dim=1)
    return torch.cat((close, others))[torch.randperm(len(close) + far, generator=generator)]


def losses_and_gradients(function: Callable, args: tuple) -> Any:
    """The losses, and the gradients of a weighted sum of them by all predictions."""
    coco, anchors, objectness, deltas, rois, logits, moves = args
    leaves = [leaf.clone().requires_grad_() for leaf in (objectness, deltas, logits, moves)]
    losses = function(coco, anchors, leaves[0], leaves[1], rois, *leaves[2:])
    total = sum(weight * loss for weight, loss in zip((1, 2, 3, 4), losses, strict=True))
    return (*losses, *torch.autograd.grad(total, leaves, materialize_grads=True))


def _unmarked(generator: Generator) -> tuple:
    coco, *rest = seen(generator)
    return ({**coco, "annotations": []}, *rest)


def _all_far(generator: Generator) -> tuple:
    """No ROI comes near a mark."""
    coco, anchors, objectness, deltas, rois, logits, moves = seen(generator)
    rois = torch.cat((rois[:, :2], rois[:, :2] + 3), dim=1)
    return coco, anchors, objectness, deltas, rois, logits, moves


PHOTO_LOSSES = Exercise(
    "photo_losses",
    4,
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
        Case("losses and gradients", seen, hints.GRADIENT, run=losses_and_gradients, any_hint=True, **VALUES),
        *(
            dataclasses.replace(case, hint=SAID.get(case.title, case.hint), **({} if "64" in case.title else VALUES))
            for case in standing(seen, lambda g: seen(g, 8, 5, near=8, far=300))
        ),
    ),
    misconceptions("lab7_capstone", "photo_losses"),
)

EXERCISES = (PHOTO_LOSSES,)
