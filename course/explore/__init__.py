"""Pictures that move, drawn by the student's own functions; still ones where widgets do not run.

Each function here shows controls above one picture with a text alternative, and returns nothing. Every change asks the
student's function again. As long as that is unwritten, the library's stands in and a note says so; where it is broken,
one line says why. While nbgrader grades or validates, nothing is shown.
"""

# Written by `make release` from course/labs/: do not edit.

from typing import TYPE_CHECKING

from course.lazily import lazily

if TYPE_CHECKING:
    from course.labs.lab1_boxes.explore.iou import iou
    from course.labs.lab2_anchors.explore.anchors import anchors
    from course.labs.lab2_anchors.explore.deltas import deltas
    from course.labs.lab2_anchors.explore.labels import labels
    from course.labs.lab3_rpn.explore.funnel import funnel
    from course.labs.lab3_rpn.explore.suppression import suppression
    from course.labs.lab4_roi_heads.explore.pooling import pooling
    from course.labs.lab4_roi_heads.explore.sampling import sampling
    from course.labs.lab5_fpn_mask.explore.cut_out import cut_out
    from course.labs.lab5_fpn_mask.explore.levels import levels
    from course.labs.lab5_fpn_mask.explore.upsampling import upsampling
    from course.labs.lab6_keypoints.explore.heatmap import heatmap
    from course.labs.lab6_keypoints.explore.skeletons import skeletons
    from course.labs.lab7_capstone.explore.detections import detections

__all__ = [
    "anchors",
    "cut_out",
    "deltas",
    "detections",
    "funnel",
    "heatmap",
    "iou",
    "labels",
    "levels",
    "pooling",
    "sampling",
    "skeletons",
    "suppression",
    "upsampling",
]

MODULES = {
    "anchors": "course.labs.lab2_anchors.explore.anchors",
    "cut_out": "course.labs.lab5_fpn_mask.explore.cut_out",
    "deltas": "course.labs.lab2_anchors.explore.deltas",
    "detections": "course.labs.lab7_capstone.explore.detections",
    "funnel": "course.labs.lab3_rpn.explore.funnel",
    "heatmap": "course.labs.lab6_keypoints.explore.heatmap",
    "iou": "course.labs.lab1_boxes.explore.iou",
    "labels": "course.labs.lab2_anchors.explore.labels",
    "levels": "course.labs.lab5_fpn_mask.explore.levels",
    "pooling": "course.labs.lab4_roi_heads.explore.pooling",
    "sampling": "course.labs.lab4_roi_heads.explore.sampling",
    "skeletons": "course.labs.lab6_keypoints.explore.skeletons",
    "suppression": "course.labs.lab3_rpn.explore.suppression",
    "upsampling": "course.labs.lab5_fpn_mask.explore.upsampling",
}

if not TYPE_CHECKING:  # editors and mypy know the names above
    __getattr__, __dir__ = lazily(__name__, MODULES)
