"""Visible checks: ``checks.box_iou(box_iou)`` says what is wrong with a student's function, and what that may mean."""

from course.checks.check import CheckFailed
from course.checks.lab1_boxes import box_area, box_iou, clip_boxes_to_image, remove_small_boxes, yxyx_to_xyxy
from course.checks.lab2_anchors import (
    anchor_shapes,
    decode_boxes,
    encode_boxes,
    grid_anchors,
    inside_image,
    label_anchors,
    sample_labels,
)

__all__ = [
    "CheckFailed",
    "anchor_shapes",
    "box_area",
    "box_iou",
    "clip_boxes_to_image",
    "decode_boxes",
    "encode_boxes",
    "grid_anchors",
    "inside_image",
    "label_anchors",
    "remove_small_boxes",
    "sample_labels",
    "yxyx_to_xyxy",
]
