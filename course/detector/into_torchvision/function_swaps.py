"""Where in torchvision's detectors each of our functions takes the place of theirs."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from types import MethodType
from typing import Any

import torch
from torchvision.models.detection import FasterRCNN, roi_heads
from torchvision.ops import boxes, poolers

from course.detector.into_torchvision import function_adapters as functions
from course.detector.into_torchvision import pooling_adapters as pooling
from course.detector.into_torchvision.rebind import changed, rebound
from course.parts import Parts

Put = Callable[[torch.nn.Module, str, Any], None]  # gives a module of the model another method or attribute


@dataclass(frozen=True)
class FunctionSwap:
    """Functions of ours that go to their places together.

    Attributes:
        parts: their names.
        put: puts them into a model.
        obstacle: why they cannot be put into this model, or "".
        has_place: whether the model calls such functions at all.
    """

    parts: tuple[str, ...]
    put: Callable[[FasterRCNN, Parts, Put], None]
    obstacle: Callable[[FasterRCNN], str] = lambda model: ""
    has_place: Callable[[FasterRCNN], bool] = lambda model: True


def _overlap(model: FasterRCNN, parts: Parts, put: Put) -> None:
    rpn, heads = model.rpn, model.roi_heads
    put(rpn, "box_similarity", parts.box_iou)
    box_ops = changed(boxes, {"box_iou": parts.box_iou})
    put(heads, "assign_targets_to_proposals", rebound(heads.assign_targets_to_proposals, box_ops=box_ops))


def _labels(model: FasterRCNN, parts: Parts, put: Put) -> None:
    put(model.rpn, "proposal_matcher", functions.Matcher(model.rpn.proposal_matcher, parts.label_anchors))


def _coding(model: FasterRCNN, parts: Parts, put: Put) -> None:
    for owner in (model.rpn, model.roi_heads):
        put(owner, "box_coder", functions.BoxCoder(owner.box_coder, parts))


def _other_limit(model: FasterRCNN) -> str:
    limits = {owner.box_coder.bbox_xform_clip for owner in (model.rpn, model.roi_heads)}
    return "" if limits == {math.log(1000 / 16)} else "this model has another limit of dw and dh than log(1000 / 16)"


def _proposals(model: FasterRCNN, parts: Parts, put: Put) -> None:
    ours = {name: parts[name] for name in ("clip_boxes_to_image", "remove_small_boxes")}
    box_ops = changed(boxes, {**ours, "batched_nms": functions.batched(parts.nms)})
    put(model.rpn, "filter_proposals", rebound(model.rpn.filter_proposals, box_ops=box_ops))


def _detections(model: FasterRCNN, parts: Parts, put: Put) -> None:
    method = MethodType(functions.postprocess_detections(parts), model.roi_heads)
    put(model.roi_heads, "postprocess_detections", method)


def _other_weights(model: FasterRCNN) -> str:
    weights = tuple(model.roi_heads.box_coder.weights)
    return "" if weights == (10, 10, 5, 5) else f"this model's deltas have the weights {weights}, not (10, 10, 5, 5)"


def _pools(model: FasterRCNN) -> list[Any]:
    heads = model.roi_heads
    return [pool for pool in (heads.box_roi_pool, heads.mask_roi_pool, heads.keypoint_roi_pool) if pool is not None]


def _align(model: FasterRCNN, parts: Parts, put: Put) -> None:
    for pool in _pools(model):
        align = rebound(poolers._multiscale_roi_align, roi_align=pooling.unaligned(parts.roi_align))
        put(pool, "forward", rebound(pool.forward, _multiscale_roi_align=align))


def _adaptive(model: FasterRCNN) -> str:
    fixed = all(pool.sampling_ratio > 0 for pool in _pools(model))
    return "" if fixed else "this model takes more sample points from larger ROIs"


def _levels(model: FasterRCNN, parts: Parts, put: Put) -> None:
    for pool in _pools(model):
        put(pool, "forward", rebound(pool.forward, _setup_scales=pooling.setup_scales(parts.roi_level)))
        # The pool keeps what it has worked out at its first call.
        put(pool, "scales", pool.scales)
        put(pool, "map_levels", pool.map_levels and pooling.LevelMapper(pool.map_levels, parts.roi_level))


def _other_levels(model: FasterRCNN) -> str:
    usual = all((pool.canonical_scale, pool.canonical_level) == (224, 4) for pool in _pools(model))
    return "" if usual else "this model has another canonical level than 4 at 224 pixels"


def _heads_name(name: str, make: Callable[[Parts], Any]) -> Callable[[FasterRCNN, Parts, Put], None]:
    """Puts what ``make`` makes of the parts where ``RoIHeads.forward`` says ``name``."""

    def put_name(model: FasterRCNN, parts: Parts, put: Put) -> None:
        put(model.roi_heads, "forward", rebound(model.roi_heads.forward, **{name: make(parts)}))

    return put_name


def _keypoints(parts: Parts) -> Any:
    read = functions.heatmaps_to_keypoints(parts)
    return rebound(roi_heads.keypointrcnn_inference, heatmaps_to_keypoints=read)


def _has_mask(model: FasterRCNN) -> bool:
    return bool(model.roi_heads.has_mask())


def _has_keypoint(model: FasterRCNN) -> bool:
    return bool(model.roi_heads.has_keypoint())


FUNCTION_SWAPS = (
    FunctionSwap(("box_iou",), _overlap),
    FunctionSwap(("label_anchors",), _labels),
    FunctionSwap(("encode_boxes", "decode_boxes"), _coding, _other_limit),
    FunctionSwap(("clip_boxes_to_image", "remove_small_boxes", "nms"), _proposals),
    FunctionSwap(("roi_level",), _levels, _other_levels),
    FunctionSwap(("roi_align",), _align, _adaptive),
    FunctionSwap(("detection_loss",), _heads_name("fastrcnn_loss", functions.fastrcnn_loss)),
    FunctionSwap(("postprocess_detections",), _detections, _other_weights),
    FunctionSwap(("mask_loss",), _heads_name("maskrcnn_loss", functions.maskrcnn_loss), has_place=_has_mask),
    FunctionSwap(
        ("keypoints_to_heatmap", "keypoint_loss"),
        _heads_name("keypointrcnn_loss", functions.keypointrcnn_loss),
        has_place=_has_keypoint,
    ),
    FunctionSwap(
        ("heatmaps_to_keypoints",),
        _heads_name("keypointrcnn_inference", _keypoints),
        has_place=_has_keypoint,
    ),
)
