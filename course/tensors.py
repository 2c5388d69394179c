"""Pictures, boxes, labels and masks as they are given: taken as tensors, or refused in one line.

What detectors, metrics and pictures take goes through here, so that a NumPy array, a list, a PIL picture, float64 and a
PNG's mask of 0 and 255 mean the same everywhere. Each function names ``where`` the value stands in its error.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from course.errors import PlainError

BRIGHTEST = 1.5  # a little above 1 comes of resizing; 255 and normalised colours are another scale
CORNERS = (
    "expected x1 < x2 and y1 < y2. If these are x, y, width, height: torchvision.ops.box_convert(boxes, 'xywh', 'xyxy')"
)


class TensorError(PlainError):
    """Numbers that make no sense; the message says where they stand, what it expected and what it got."""


def tensor(value: Any, where: str) -> Tensor:
    """A tensor, an array or a list of numbers as a tensor; a tensor stays the one that it is."""
    if isinstance(value, Tensor):
        return value
    try:
        array = np.asarray(value)
        if array.dtype.kind in "biuf":
            return torch.from_numpy(np.array(array, dtype=array.dtype.newbyteorder("="), order="C"))
    except (ValueError, TypeError, RuntimeError):  # lists of several lengths, kinds of numbers that torch has not
        pass
    raise TensorError(f"{where}: expected numbers as a tensor, an array or a list, got {_kind(value)}")


def picture(value: Any, where: str) -> Tensor:
    """A picture ``(3, H, W)``, float32 in [0, 1]; floats of other widths, arrays and PIL's pictures are converted."""
    if isinstance(value, Image.Image):
        value = np.asarray(value.convert("RGB"), dtype=np.float32).transpose(2, 0, 1) / 255
    image = tensor(value, where)
    if image.dim() != 3 or image.shape[0] != 3 or 0 in image.shape:
        raise TensorError(f"{where}: expected shape (3, height, width), got {tuple(image.shape)}")
    if not image.is_floating_point():
        raise TensorError(f"{where}: expected numbers from 0 to 1 as float32, got {image.dtype}")
    low, high = torch.stack(image.detach().aminmax()).tolist()
    if not (high <= BRIGHTEST and low > -float("inf")):  # true for NaN as well
        raise TensorError(f"{where}: expected numbers from 0 to 1, got {low:.4g} to {high:.4g}")
    return image.to(torch.float32)


def boxes(value: Any, where: str) -> Tensor:
    """Boxes ``(N, 4)`` of finite numbers, floats of the width that came; whole numbers become float32."""
    found = tensor(value, where)
    if found.numel() == 0 and found.dim() == 1:
        found = found.reshape(0, 4)
    if found.dim() != 2 or found.shape[1] != 4:
        raise TensorError(f"{where}: expected boxes of shape (N, 4), got {tuple(found.shape)}")
    return finite(found if found.is_floating_point() else found.float(), where, "boxes")


def in_order(found: Tensor, where: str, *, strict: bool) -> Tensor:
    """The boxes ``(N, 4)``, if all have their corners in order; ``strict`` asks for an area, too."""
    low, high = found[:, :2], found[:, 2:]
    wrong = ((high <= low) if strict else (high < low)).any(dim=1)
    if wrong.any():
        place = int(wrong.nonzero()[0])
        raise TensorError(f"{where}: box {place} has no area: {found[place].tolist()}; {CORNERS}")
    return found


def labels(value: Any, where: str) -> Tensor:
    """Labels ``(N,)`` as int64; 1.0 is 1."""
    found = tensor(value, where)
    if found.dim() != 1:
        raise TensorError(f"{where}: expected labels of shape (N,), got {tuple(found.shape)}")
    whole = found.to(torch.int64)
    if found.dtype == torch.bool or (found.is_floating_point() and not torch.equal(whole.to(found), found)):
        raise TensorError(f"{where}: expected labels as whole numbers (int64), got {found.dtype} {_few(found)}")
    return whole


def masks(value: Any, where: str) -> Tensor:
    """Masks of 0 and 1, or of probabilities, in any shape; 0 and 255, as PNG files have it, become 0 and 1."""
    found = tensor(value, where)
    if found.dtype == torch.bool or not found.numel():
        return found.to(torch.uint8) if found.dtype == torch.bool else found
    low, high = torch.stack(found.detach().aminmax()).tolist()
    if low >= 0 and high <= 1:
        return found
    if not ((found == 0) | (found == 255)).all():
        raise TensorError(f"{where}: expected masks of 0 and 1, or of 0 and 255, got numbers from {low:g} to {high:g}")
    return (found == 255).to(torch.uint8)


def finite(found: Tensor, where: str, what: str) -> Tensor:
    """The tensor, if it holds neither NaN nor infinity."""
    if not torch.isfinite(found).all():
        raise TensorError(f"{where}: {what} hold NaN or infinity")
    return found


def detections(answer: Any, size: Sequence[int], categories: Sequence[str], where: str = "answer") -> dict[str, Tensor]:
    """A detector's answer for one picture, ready to be drawn: on the CPU, without gradients.

    Args:
        answer: ``boxes`` (N, 4), ``labels``, ``scores`` (N,); ``masks`` (N, 1, H, W) and ``keypoints`` (N, K, 3) with
            ``keypoints_scores`` (N, K), if it has some.
        size: (height, width) of the picture.
        categories: the names of the labels.
        where: what errors call it.
    """
    if not isinstance(answer, Mapping):
        raise TensorError(f"{where}: expected a dictionary with boxes, labels and scores, got {_kind(answer)}")
    for key in ("boxes", "labels", "scores", *(["keypoints_scores"] if "keypoints" in answer else [])):
        if key not in answer:
            raise TensorError(f"{where}: expected boxes, labels and scores, but {key} is missing")
    found = {"boxes": in_order(boxes(answer["boxes"], where), where, strict=False)}
    found["labels"] = labels(answer["labels"], where)
    for key in ("scores", "keypoints", "keypoints_scores"):
        if key in answer:
            found[key] = finite(tensor(answer[key], where), where, key)
    if "masks" in answer:
        found["masks"] = masks(answer["masks"], where)
    count = len(found["boxes"])
    joints = tuple(found["keypoints"].shape[1:2]) if "keypoints" in found else ()
    shapes = {"masks": (1, *size), "keypoints": (*joints, 3), "keypoints_scores": joints}
    for key, each in found.items():
        wanted = (count, *shapes.get(key, each.shape[1:] if key == "boxes" else ()))
        if tuple(each.shape) != wanted:
            raise TensorError(f"{where}: expected {key} of shape {wanted}, got {tuple(each.shape)}")
    wrong = (found["labels"] < 0) | (found["labels"] >= len(categories))
    if wrong.any():
        label = int(found["labels"][wrong][0])
        raise TensorError(f"{where}: there is a label {label}, but names for 0 to {len(categories) - 1} only")
    return {key: each.detach().cpu() for key, each in found.items()}


def _kind(value: Any) -> str:
    return "none" if value is None else f"{type(value).__name__} {value!r:.40}"


def _few(found: Tensor) -> str:
    return f"{found.tolist()!s:.60}"
