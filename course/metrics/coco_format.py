"""Predictions and targets as they are given: looked through, and put into COCO's own format."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from pycocotools import mask as coco_masks
from torch import Tensor

from course import tensors
from course.errors import PlainError, told_as
from course.scenes.names import KEYPOINTS
from course.tensors import TensorError

Picture = Mapping[str, Any]
KINDS = {"boxes": "bbox", "masks": "segm", "keypoints": "keypoints"}  # our names → pycocotools' "iouType"


class MetricsError(PlainError):
    """Predictions cannot be measured; the message says what it expected and what it got."""


def checked(
    predictions: Iterable[Picture], targets: Iterable[Picture], kinds: Sequence[str] = ("boxes",)
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Predictions and targets as tensors on the CPU, if there is what measuring these kinds needs, in the right shapes.

    Raises:
        MetricsError: there is not.
    """
    for kind in kinds:
        if kind not in KINDS:
            raise MetricsError(f"the kinds are {', '.join(KINDS)}; got {kind!r}.")
    for name, each in (("predictions", predictions), ("targets", targets)):
        if isinstance(each, Mapping | str) or not isinstance(each, Iterable):
            raise MetricsError(f"expected {name} as a list of dictionaries, one a picture; got {type(each).__name__}.")
    predictions, targets = list(predictions), list(targets)
    if len(predictions) != len(targets):
        raise MetricsError(f"expected a prediction for each of {len(targets)} targets; got {len(predictions)}.")
    found: tuple[list[dict[str, Any]], list[dict[str, Any]]] = [], []
    for number, (prediction, target) in enumerate(zip(predictions, targets, strict=True)):
        found[0].append(_picture(f"prediction {number}", prediction, ("boxes", "labels", "scores", *kinds)))
        found[1].append(_picture(f"target {number}", target, ("boxes", "labels", *kinds)))
        with told_as(MetricsError, TensorError):
            tensors.in_order(found[1][-1]["boxes"], f"target {number}", strict=False)
        if "masks" in kinds and found[0][-1]["masks"].shape[-2:] != found[1][-1]["masks"].shape[-2:]:
            sizes = [" × ".join(map(str, each[-1]["masks"].shape[-2:])) for each in found[::-1]]
            raise MetricsError(
                f"picture {number}: expected masks of {sizes[0]} pixels, as the target has; got {sizes[1]}."
            )
    return found


def _picture(whose: str, picture: Any, keys: Sequence[str]) -> dict[str, Any]:
    if not isinstance(picture, Mapping):
        raise MetricsError(f"{whose} should be a dictionary; got {type(picture).__name__}.")
    for key in keys:
        if key not in picture:
            raise MetricsError(f"{whose} should have {key!r}; it has {', '.join(map(repr, picture)) or 'nothing'}.")
    found: dict[str, Any] = {}
    with told_as(MetricsError, TensorError):
        found["labels"] = tensors.labels(picture["labels"], whose).cpu()
        for key in dict.fromkeys((*keys, *(each for each in ("area", "iscrowd") if each in picture))):
            if key != "labels":
                read = tensors.masks if key == "masks" else tensors.tensor
                found[key] = read(picture[key], whose).detach().cpu()
    if found["boxes"].dtype != torch.float64:
        found["boxes"] = found["boxes"].float()
    count = len(found["labels"])
    for key, value in found.items():
        if not count and value.dim() == 1 and not len(value):  # an empty list has one dimension, whatever is meant
            found[key] = value = value.reshape(0, *{"boxes": (4,), "keypoints": (len(KEYPOINTS), 3)}.get(key, ()))
        shape = tuple(value.shape)
        wanted = (count, *{"boxes": (4,), "masks": shape[-2:], "keypoints": (len(KEYPOINTS), 3)}.get(key, ()))
        one_channel = key == "masks" and shape == (count, 1, *shape[-2:])
        if shape != wanted and not one_channel:
            raise MetricsError(f"{whose}: {key} of {count} objects should have shape {wanted}; got {shape}.")
        with told_as(MetricsError, TensorError):
            tensors.finite(value, whose, key)
    return found


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
