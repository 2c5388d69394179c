"""Pictures that move, drawn by the student's own functions; still ones where widgets do not run.

Each function here shows controls above one picture with a text alternative, and returns nothing. Every change asks the
student's function again. As long as that is unwritten, the library's stands in and a note says so; where it is broken,
one line says why. While nbgrader grades or validates, nothing is shown.
"""

from course.explore.anchors import anchors
from course.explore.cut_out import cut_out
from course.explore.deltas import deltas
from course.explore.detections import detections
from course.explore.funnel import funnel
from course.explore.heatmap import heatmap
from course.explore.iou import iou
from course.explore.labels import labels
from course.explore.levels import levels
from course.explore.pooling import pooling
from course.explore.sampling import sampling
from course.explore.skeletons import skeletons
from course.explore.suppression import suppression
from course.explore.upsampling import upsampling

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
