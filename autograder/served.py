"""What the judge computes for students' processes of this course: the library's functions, and torchvision's of boxes.

A compiled operator reads where it is told to. Those that are told by tensors are served behind checks, since what they
read in the judge's memory would be on its way to a student's process.
"""

from collections.abc import Callable
from inspect import signature
from typing import Any

from torch import Tensor
from torchvision import ops

from course import library

LARGEST = 1e6  # pixels: of no photo, and far from where numbers overflow
MOST = 50_000_000  # samples of one call
BOXES = (
    "batched_nms", "box_area", "box_convert", "box_iou", "clip_boxes_to_image", "complete_box_iou", "distance_box_iou",
    "generalized_box_iou", "masks_to_boxes", "nms", "remove_small_boxes",
)  # fmt: skip


def _bounded(function: Callable[..., Any], check: Callable[..., None]) -> Callable[..., Any]:
    """``function``, after ``check`` has looked at its arguments; it takes those that it names."""
    parameters = signature(function)

    def bounded(*args: Any, **kwargs: Any) -> Any:
        bound = parameters.bind(*args, **kwargs)
        bound.apply_defaults()
        check(**bound.arguments)
        return function(*args, **kwargs)

    return bounded


def _pooling(
    features: Tensor, rois: Any, output_size: Any, spatial_scale: float = 1.0, sampling_ratio: int = 2, **others: Any
) -> None:
    """What ``roi_align`` and ``roi_pool`` of the library and of torchvision are given.

    Raises:
        ValueError: they would read outside of the features, or for ever.
    """
    if features.dim() != 4:
        raise ValueError(f"expected features (B, C, H, W), got a shape of {tuple(features.shape)}")
    sides = output_size if isinstance(output_size, tuple | list) else (output_size, output_size)
    if len(sides) != 2 or not all(isinstance(side, int) and 0 < side <= 1000 for side in sides):
        raise ValueError(f"expected an output size of two sides, got {output_size}")
    if not isinstance(rois, Tensor):
        for number, each in enumerate(rois):
            _boxes(each)
            if number >= len(features):
                raise ValueError(f"expected ROIs of {len(features)} images, got more")
        count = sum(map(len, rois))
    else:
        if rois.dim() != 2 or rois.shape[1] != 5:
            raise ValueError(f"expected ROIs (R, 5), got a shape of {tuple(rois.shape)}")
        _places(rois[:, 0], len(features))
        _boxes(rois[:, 1:])
        count = len(rois)
    if not 0 < float(spatial_scale) <= 10 or not isinstance(sampling_ratio, int) or sampling_ratio > 100:
        raise ValueError("expected a spatial scale up to 10 and a sampling ratio up to 100")
    per_bin = max(sampling_ratio, 1) ** 2 if sampling_ratio > 0 else features[0, 0].numel()
    if count * sides[0] * sides[1] * per_bin * features.shape[1] > MOST:
        raise ValueError("too many samples for one call")


def _boxes(boxes: Tensor) -> None:
    if boxes.dim() != 2 or boxes.shape[1] != 4 or not bool((boxes.abs() <= LARGEST).all()):
        raise ValueError(f"expected finite boxes (N, 4), got a shape of {tuple(boxes.shape)}")


def _places(places: Tensor, count: int) -> None:
    if not bool(((places >= 0) & (places < count)).all()):
        raise ValueError(f"expected numbers from 0 to {count - 1}, got others")


def _mask_targets(masks: Tensor, rois: Tensor, matched: Tensor, size: int) -> None:
    _boxes(rois)
    _places(matched, len(masks))
    if len(matched) != len(rois) or not 0 < size <= 1000 or masks.dim() != 3:
        raise ValueError("expected masks (M, H, W), and a matched mask for each ROI")


def _mask_loss(logits: Tensor, labels: Tensor, targets: Tensor) -> None:
    if logits.dim() != 4 or targets.dim() != 3 or not len(logits) == len(labels) == len(targets):
        raise ValueError("expected logits (R, K, S, S), and a label and a target for each")
    if logits.shape[-2:] != targets.shape[-2:]:
        raise ValueError("expected targets of the logits' size")


def _align(input: Tensor, boxes: Any, **others: Any) -> None:  # torchvision's own names
    _pooling(input, boxes, **others)


_CHECKS: dict[str, Callable[..., None]] = {
    "roi_align": _pooling,
    "roi_pool": _pooling,
    "mask_targets": _mask_targets,
    "mask_loss": _mask_loss,
}
_FUNCTIONS = [name for name in library.__all__ if not isinstance(getattr(library, name), type)]

SERVED: dict[str, Callable[..., Any]] = {
    **{f"torchvision.ops.boxes.{name}": getattr(ops, name) for name in BOXES if hasattr(ops, name)},
    "torchvision.ops.roi_align.roi_align": _bounded(ops.roi_align, _align),
    "torchvision.ops.roi_pool.roi_pool": _bounded(ops.roi_pool, _align),
    **{
        f"course.library.{name}": _bounded(function, _CHECKS[name]) if name in _CHECKS else function
        for name, function in ((name, getattr(library, name)) for name in _FUNCTIONS)
    },
}
