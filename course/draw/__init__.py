"""Pictures for the notebooks, drawn where possible by the student's own functions.

Each function here shows one figure with a text alternative and returns nothing. Where a picture needs a
student's function that is unwritten or broken, one friendly line stands in its place; while nbgrader grades,
nothing is drawn.
"""

from course.draw.cleaning import clip_rule, clipping, size_rule, small_boxes, swapped_size
from course.draw.coordinates import areas, axis_order, box_anatomy, converted, grid_lines
from course.draw.many import iou_heatmap, iou_while_sliding
from course.draw.overlap import overlap, overlap_cases
from course.draw.traps import missing_clamp, plus_one

__all__ = [
    "areas",
    "axis_order",
    "box_anatomy",
    "clip_rule",
    "clipping",
    "converted",
    "grid_lines",
    "iou_heatmap",
    "iou_while_sliding",
    "missing_clamp",
    "overlap",
    "overlap_cases",
    "plus_one",
    "size_rule",
    "small_boxes",
    "swapped_size",
]
