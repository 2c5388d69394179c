"""Predictions and targets as they are given: looked through, and put into COCO's own format."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from pycocotools import mask as coco_masks
from torch import Tensor

from course.errors import PlainError
from course.scenes.names import KEYPOINTS

Picture = Mapping[str, Any]
KINDS = {"boxes": "bbox", "masks": "segm", "keypoints": "keypoints"}  # our names → pycocotools' "iouType"


class MetricsError(PlainError):
    """Predictions cannot be measured; the message says what it expected and what it got."""


def check(predictions: Sequence[Picture], targets: Sequence[Picture], kinds: Sequence[str] = ("boxes",)) -> None:
    """Raise :class:`MetricsError` unless there is what measuring these kinds needs, in the right shapes."""
    for kind in kinds:
        if kind not in KINDS:
            raise MetricsError(f"the kinds are {', '.join(KINDS)}; got {kind!r}.")
    if len(predictions) != len(targets):
        raise MetricsError(f"expected a prediction for each of {len(targets)} targets; got {len(predictions)}.")
    for number, (prediction, target) in enumerate(zip(predictions, targets, strict=True)):
        _check_picture(f"prediction {number}", prediction, ("boxes", "labels", "scores", *kinds))
        _check_picture(f"target {number}", target, ("boxes", "labels", *kinds))
        if "masks" in kinds and prediction["masks"].shape[-2:] != target["masks"].shape[-2:]:
            sizes = [" × ".join(map(str, each["masks"].shape[-2:])) for each in (target, prediction)]
            raise MetricsError(
                f"picture {number}: expected masks of {sizes[0]} pixels, as the target has; got {sizes[1]}."
            )


def _check_picture(whose: str, picture: Picture, keys: Sequence[str]) -> None:
    for key in keys:
        if key not in picture:
            raise MetricsError(f"{whose} should have {key!r}; it has {', '.join(map(repr, picture)) or 'nothing'}.")
    count = len(picture["labels"])
    for key in keys:
        shape = tuple(picture[key].shape)
        wanted = (count, *{"boxes": (4,), "masks": shape[-2:], "keypoints": (len(KEYPOINTS), 3)}.get(key, ()))
        one_channel = key == "masks" and shape == (count, 1, *shape[-2:])
        if shape != wanted and not one_channel:
            raise MetricsError(f"{whose}: {key} of {count} objects should have shape {wanted}; got {shape}.")
        if key != "masks" and not torch.isfinite(picture[key]).all():
            raise MetricsError(f"{whose}: {key} hold NaN or infinity.")


def annotations(pictures: Sequence[Picture], kind: str) -> list[dict[str, Any]]:
    """COCO's annotations of targets, or results of predictions.

    Pictures are numbered by their place in the list from 0, objects by their place in all pictures together from 1.
    """
    found: list[dict[str, Any]] = []
    for number, picture in enumerate(pictures):
        boxes = picture["boxes"].detach().double()
        width_height = boxes[:, 2:] - boxes[:, :2]
        columns = {
            "category_id": picture["labels"].tolist(),
            "bbox": torch.cat((boxes[:, :2], width_height), dim=1).tolist(),
            "area": picture.get("area", width_height.prod(dim=1)).tolist(),
            "iscrowd": picture.get("iscrowd", torch.zeros(len(boxes), dtype=torch.int64)).tolist(),
        }
        if "scores" in picture:
            columns["score"] = picture["scores"].tolist()
        if kind == "masks":
            columns["segmentation"] = run_lengths(picture["masks"])
        if kind == "keypoints":
            columns["keypoints"] = picture["keypoints"].double().flatten(1).tolist()
            columns["num_keypoints"] = (picture["keypoints"][..., 2] > 0).sum(dim=1).tolist()
        for row in zip(*columns.values(), strict=True):
            # COCO takes annotation 0 for "no match", so they count from 1.
            found.append({"id": len(found) + 1, "image_id": number, **dict(zip(columns, row, strict=True))})
    return found


def run_lengths(masks: Tensor) -> list[dict[str, Any]]:
    """Masks ``(N, H, W)`` or ``(N, 1, H, W)``, 0 and 1 or probabilities, in COCO's compressed form."""
    bits = (masks > 0.5).reshape(len(masks), *masks.shape[-2:]).cpu().numpy().view(np.uint8)
    found: list[dict[str, Any]] = coco_masks.encode(np.asfortranarray(bits.transpose(1, 2, 0)))
    return found
