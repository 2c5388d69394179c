"""Visible checks: ``checks.box_iou(box_iou)`` says what is wrong with a student's function, and what that may mean."""

from course.checks.check import CheckFailed
from course.checks.lab1_boxes import box_area, box_iou, clip_boxes_to_image, remove_small_boxes, yxyx_to_xyxy

__all__ = [
    "CheckFailed",
    "box_area",
    "box_iou",
    "clip_boxes_to_image",
    "remove_small_boxes",
    "yxyx_to_xyxy",
]
