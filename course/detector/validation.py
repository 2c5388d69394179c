"""What a detector is given, looked at where it comes in."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from torch import Tensor

from course import tensors
from course.errors import PlainError, told_as
from course.tensors import TensorError


class DetectorError(PlainError):
    """Images or targets that make no sense; the message says what it expected and what it got."""


def as_images(images: Any) -> list[Tensor]:
    """Pictures ``(3, H, W)``, float32; see :func:`course.tensors.picture` for what may be given in their place.

    Raises:
        DetectorError: they make no sense.
    """
    if isinstance(images, Tensor | np.ndarray):
        raise DetectorError(f"expected a list of images (3, H, W), got one tensor of shape {tuple(images.shape)}")
    if not isinstance(images, Sequence) or isinstance(images, str):
        raise DetectorError(f"expected a list of images (3, H, W), got {type(images).__name__}")
    with told_as(DetectorError, TensorError):
        return [tensors.picture(image, f"image {number}") for number, image in enumerate(images)]


def as_targets(detector: Any, images: Sequence[Tensor], targets: Any) -> list[dict[str, Any]]:
    """A target for each image, as this detector learns from it: tensors on the image's device, masks of 0 and 1.

    Raises:
        DetectorError: they make no sense.
    """
    if targets is None or not isinstance(targets, Sequence) or len(targets) != len(images):
        came = "none" if targets is None else str(len(targets)) if isinstance(targets, Sequence) else repr(targets)
        raise DetectorError(f"training needs a target for each of the {len(images)} images, got {came}")
    if not images:
        raise DetectorError("training needs at least one image, got none")
    with told_as(DetectorError, TensorError):
        pairs = enumerate(zip(images, targets, strict=True))
        return [_target(f"target {number}", detector, image, target) for number, (image, target) in pairs]


def _target(where: str, detector: Any, image: Tensor, target: Any) -> dict[str, Any]:
    if not isinstance(target, Mapping):
        raise DetectorError(f"{where}: expected a dictionary with boxes and labels, got {type(target).__name__}")
    shapes: dict[str, tuple[Any, ...]] = {"boxes": (4,), "labels": ()}
    if detector.mask_head is not None:
        shapes["masks"] = tuple(image.shape[1:])
    if detector.keypoint_head is not None:
        shapes["keypoints"] = (17, 3)
    for key in shapes:
        if key not in target:
            raise DetectorError(f"{where}: expected {', '.join(shapes)}, but {key} is missing")
    boxes = tensors.boxes(target["boxes"], where)
    read = {"boxes": boxes.float(), "labels": tensors.labels(target["labels"], where)}
    if "masks" in shapes:
        read["masks"] = tensors.masks(target["masks"], where)
    if "keypoints" in shapes:
        read["keypoints"] = tensors.finite(tensors.tensor(target["keypoints"], where), where, "keypoints").float()
    for key, shape in shapes.items():
        if tuple(read[key].shape) != (len(boxes), *shape):
            came = tuple(read[key].shape)
            raise DetectorError(f"{where}: expected {key} of shape {(len(boxes), *shape)}, got {came}")
    tensors.in_order(boxes, where, strict=True)
    labels, classes = read["labels"], detector.num_classes
    if ((labels < 1) | (labels >= classes)).any():
        raise DetectorError(
            f"{where}: expected labels from 1 to {classes - 1} as int64 (0 is background), got {labels.tolist()}"
        )
    given = {key: value if isinstance(target[key], Tensor) else value.to(image.device) for key, value in read.items()}
    return {**target, **given}
