"""Pictures for the notebooks, drawn where possible by the student's own functions.

Each function here shows one figure with a text alternative and returns nothing. Where a picture needs a
student's function that is unwritten or broken, one friendly line stands in its place; while nbgrader grades,
nothing is drawn.
"""

from course.draw.anchors import anchor_order, cell_centres, inside_anchors, nine_anchors, ratio_rule
from course.draw.cleaning import clip_rule, clipping, size_rule, small_boxes, swapped_size
from course.draw.coding import delta_anatomy, deltas, round_trip, size_limit
from course.draw.coordinates import areas, axis_order, box_anatomy, converted, grid_lines
from course.draw.label_traps import label_trap, sampling_trap, sixteen_squared
from course.draw.labels import iou_histogram, label_rule, labelled, sampled
from course.draw.many import iou_heatmap, iou_while_sliding
from course.draw.overlap import overlap, overlap_cases
from course.draw.traps import missing_clamp, plus_one

__all__ = [
    "anchor_order",
    "areas",
    "axis_order",
    "box_anatomy",
    "cell_centres",
    "clip_rule",
    "clipping",
    "converted",
    "delta_anatomy",
    "deltas",
    "grid_lines",
    "inside_anchors",
    "iou_heatmap",
    "iou_histogram",
    "iou_while_sliding",
    "label_rule",
    "label_trap",
    "labelled",
    "missing_clamp",
    "nine_anchors",
    "overlap",
    "overlap_cases",
    "plus_one",
    "ratio_rule",
    "round_trip",
    "sampled",
    "sampling_trap",
    "sixteen_squared",
    "size_limit",
    "size_rule",
    "small_boxes",
    "swapped_size",
]
