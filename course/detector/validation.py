"""What a detector is given, looked at where it comes in."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from course.errors import PlainError


class DetectorError(PlainError):
    """Images or targets that cannot be meant; the message says what it expected and what it got."""


def check_images(images: Any) -> None:
    """Raise :class:`DetectorError` unless these are pictures ``(3, H, W)`` of floating-point numbers."""
    if isinstance(images, Tensor):
        raise DetectorError(f"expected a list of images (3, H, W), got one tensor of shape {tuple(images.shape)}")
    for number, image in enumerate(images):
        if image.dim() != 3 or image.shape[0] != 3 or 0 in image.shape:
            raise DetectorError(f"image {number}: expected shape (3, height, width), got {tuple(image.shape)}")
        if not image.is_floating_point():
            raise DetectorError(f"image {number}: expected numbers from 0 to 1 as float32, got {image.dtype}")


def check_targets(detector: Any, images: Sequence[Tensor], targets: Sequence[dict[str, Any]] | None) -> None:
    """Raise :class:`DetectorError` unless there is a target for each image that this detector can learn from."""
    if targets is None or len(targets) != len(images):
        came = "none" if targets is None else str(len(targets))
        raise DetectorError(f"training wants a target for each of the {len(images)} images, got {came}")
    if not images:
        raise DetectorError("training wants at least one image, got none")
    for number, target in enumerate(targets):
        _check(f"target {number}", detector, images[number], target)


def _check(where: str, detector: Any, image: Tensor, target: dict[str, Any]) -> None:
    wanted: dict[str, tuple[Any, ...]] = {"boxes": (4,), "labels": ()}
    if detector.mask_head is not None:
        wanted["masks"] = tuple(image.shape[1:])
    if detector.keypoint_head is not None:
        wanted["keypoints"] = (17, 3)
    for key, shape in wanted.items():
        if key not in target:
            raise DetectorError(f"{where}: expected {', '.join(wanted)}, but {key} is missing")
        came = tuple(target[key].shape)
        if came != (len(target["boxes"]), *shape):
            raise DetectorError(f"{where}: expected {key} of shape {(len(target['boxes']), *shape)}, got {came}")
    boxes, labels = target["boxes"], target["labels"]
    thin = (boxes[:, 2:] <= boxes[:, :2]).any(dim=1) | ~boxes.isfinite().all(dim=1)
    if thin.any():
        box = int(thin.nonzero()[0])
        raise DetectorError(f"{where}: box {box} has no area: {boxes[box].tolist()}; expected x1 < x2 and y1 < y2")
    classes = detector.num_classes
    if labels.dtype != torch.int64 or ((labels < 1) | (labels >= classes)).any():
        raise DetectorError(
            f"{where}: expected labels from 1 to {classes - 1} as int64 (0 is background), got {labels.tolist()}"
        )
