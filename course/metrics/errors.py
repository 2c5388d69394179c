"""What a detector's mistakes are: sorted by kind, as Bolya et al. do in *TIDE* (2020)."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torchvision.ops import box_iou

from course.metrics.coco import evaluated
from course.metrics.coco_format import Picture, checked

FOREGROUND, BACKGROUND = 0.5, 0.1  # from the one IoU a box is in the right place, below the other it is nowhere near
RIGHT, MISSED = "right", "missed"
CLASSIFICATION, LOCALISATION, BOTH, DUPLICATE, NOTHING = (
    "classification",
    "localisation",
    "both",
    "duplicate",
    "background",
)
KINDS = (RIGHT, CLASSIFICATION, LOCALISATION, BOTH, DUPLICATE, NOTHING, MISSED)


class Finding(NamedTuple):
    """A prediction that is right or wrong, or an object that was missed.

    Attributes:
        picture: which one, by its place in the list.
        prediction: the row in that picture's predictions; ``None`` for a missed object.
        truth: the row in its target that the prediction is compared with; ``None`` for a box on the background.
        iou: of the two boxes; 0 where one of them is missing.
    """

    picture: int
    prediction: int | None
    truth: int | None
    iou: float


def errors(
    predictions: Sequence[Picture], targets: Sequence[Picture], min_score: float = 0.5
) -> dict[str, list[Finding]]:
    """Sort predictions and objects by what is right or wrong with them.

    Boxes are matched as in :func:`course.metrics.matched` at an IoU of 0.5. Of a wrong one the first of these holds:

    - ``localisation``: the right class, but an IoU of 0.1 to 0.5 with the object that it fits best;
    - ``classification``: in the right place (IoU from 0.5), but the object is of another class;
    - ``duplicate``: right, but a better prediction has found the object already;
    - ``background``: no object has an IoU of 0.1 or more with it;
    - ``both``: an object of another class, with an IoU of 0.1 to 0.5.

    ``missed`` are the objects that no prediction found, nor got wrong in class or place only. Crowds don't count.

    Args:
        predictions: as for :func:`course.metrics.coco_ap`; of each class and picture the best 100 count.
        targets: as for :func:`course.metrics.coco_ap`.
        min_score: predictions with a lower score are left out, as a user would not see them.

    Returns:
        for each kind, ``right`` first and ``missed`` last, its findings, picture by picture.

    Raises:
        MetricsError: something is missing or has another shape, or holds NaN.

    Source: Bolya et al., *TIDE: A General Toolbox for Identifying Object Detection Errors* (2020), section 2.2; the
    order is that of their program.
    """
    predictions, targets = checked(predictions, targets)
    rows = [(each["scores"] >= min_score).nonzero()[:, 0].cpu() for each in predictions]
    shown = [
        {key: each[key].detach().cpu()[row] for key in ("boxes", "labels", "scores")}
        for each, row in zip(predictions, rows, strict=True)
    ]
    found: dict[str, list[Finding]] = {kind: [] for kind in KINDS}
    for picture, matches in enumerate(_matches(shown, targets)):
        _sort(found, picture, shown[picture], targets[picture], matches, rows[picture].tolist())
    return found


def _matches(predictions: Sequence[Picture], targets: Sequence[Picture]) -> list[dict[int, int | None]]:
    """For each picture: predictions that count, and the object that each has found, or ``None``."""
    evaluator = evaluated(predictions, targets, "boxes", np.array([FOREGROUND]))
    first_prediction, first_truth = _firsts(predictions), _firsts(targets)
    found: list[dict[int, int | None]] = [{} for _ in targets]
    for each in evaluator.evalImgs:
        if each is None:  # a class that this picture has not
            continue
        picture = each["image_id"]
        for number, truth, ignored in zip(each["dtIds"], each["dtMatches"][0], each["dtIgnore"][0], strict=True):
            if not ignored:
                row = int(truth) - first_truth[picture] if truth else None
                found[picture][number - first_prediction[picture]] = row
    return found


def _firsts(pictures: Sequence[Picture]) -> list[int]:
    """The number of each picture's first object, counted through all pictures from 1."""
    counts = [0, *(len(picture["labels"]) for picture in pictures)]
    return (np.cumsum(counts) + 1).tolist()


def _sort(
    found: dict[str, list[Finding]],
    picture: int,
    prediction: Picture,
    target: Picture,
    matches: dict[int, int | None],
    rows: list[int],
) -> None:
    """Add one picture's findings; ``rows`` are its predictions' numbers in what was handed in."""
    labels, boxes = target["labels"].cpu(), target["boxes"].detach().cpu()
    crowd = target["iscrowd"].cpu().bool() if "iscrowd" in target else torch.zeros(len(labels), dtype=torch.bool)
    overlaps = box_iou(prediction["boxes"].to(boxes), boxes).masked_fill(crowd, 0)  # [D, N]
    explained = {truth for truth in matches.values() if truth is not None}
    for row, truth in sorted(matches.items()):
        kind = RIGHT
        if truth is None:
            kind, truth = _what_is_wrong(overlaps[row], labels == prediction["labels"][row])
        if kind in (LOCALISATION, CLASSIFICATION) and truth is not None:
            explained.add(truth)
        iou = 0.0 if truth is None else float(overlaps[row, truth])
        found[kind].append(Finding(picture, rows[row], truth, iou))
    missed = set((~crowd).nonzero()[:, 0].tolist()) - explained
    found[MISSED] += [Finding(picture, None, truth, 0.0) for truth in sorted(missed)]


def _what_is_wrong(overlaps: Tensor, same_class: Tensor) -> tuple[str, int | None]:
    """The kind of a wrong prediction, and the object that it is compared with, given its IoU ``(N,)`` with all."""
    same, same_at = _best(overlaps.masked_fill(~same_class, 0))
    other, other_at = _best(overlaps.masked_fill(same_class, 0))
    if BACKGROUND <= same < FOREGROUND:
        return LOCALISATION, same_at
    if other >= FOREGROUND:
        return CLASSIFICATION, other_at
    if same >= FOREGROUND:
        return DUPLICATE, same_at
    return (BOTH, other_at) if other >= BACKGROUND else (NOTHING, None)


def _best(overlaps: Tensor) -> tuple[float, int]:
    """The largest of ``(N,)`` and its place; 0 where there is none."""
    return (float(overlaps.max()), int(overlaps.argmax())) if len(overlaps) else (0.0, 0)
