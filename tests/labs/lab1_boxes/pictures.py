"""Lab 1's pictures, and how each is made."""

from collections.abc import Callable

import torch

from course import draw, pipeline

SLIDE_BOXES = torch.tensor([[160.0, 147.0, 260.0, 234.0], [139.0, 312.0, 200.0, 348.0]])
HELMETS = torch.tensor([[147.0, 160.0, 234.0, 260.0], [312.0, 139.0, 348.0, 200.0]])
OUTSIDE = [[-60.0, -50.0, 140.0, 90.0], [940.0, 80.0, 1020.0, 200.0]]
TOUCHING = ((0, 0, 8, 8), (8, 0, 16, 8))
DIAGONAL = ((100, 100, 200, 200), (300, 300, 400, 400))


def wrong_iou(a, b):
    return 0.0588


# Every picture of a student's function, as a function of that function.
STUDENTS: dict[str, tuple[str, Callable]] = {
    "converted": ("yxyx_to_xyxy", lambda fn: draw.converted(SLIDE_BOXES, fn)),
    "axis_order": ("yxyx_to_xyxy", lambda fn: draw.axis_order(SLIDE_BOXES, fn)),
    "areas": ("box_area", lambda fn: draw.areas(HELMETS, fn)),
    "iou_heatmap": ("box_iou", lambda fn: draw.iou_heatmap([[120, 152, 248, 280]], HELMETS, fn)),
    "iou_while_sliding": ("box_iou", lambda fn: draw.iou_while_sliding((0, 0, 100, 60), fn)),
    "plus_one": ("box_iou", lambda fn: draw.plus_one(*TOUCHING, wrong_iou, fn)),
    "missing_clamp": ("box_iou", lambda fn: draw.missing_clamp([DIAGONAL], wrong_iou, fn)),
    "clipping": ("clip_boxes_to_image", lambda fn: draw.clipping(OUTSIDE, (600, 901), fn)),
    "swapped_size": ("clip_boxes_to_image", lambda fn: draw.swapped_size(OUTSIDE, (600, 901), fn)),
    "small_boxes": ("remove_small_boxes", lambda fn: draw.small_boxes(HELMETS, 40, fn)),
}
PLAIN: dict[str, Callable] = {
    "box_anatomy": draw.box_anatomy,
    "grid_lines": draw.grid_lines,
    "overlap": lambda: draw.overlap((72, 104, 200, 232), (147, 160, 234, 260)),
    "overlap_cases": draw.overlap_cases,
    "clip_rule": draw.clip_rule,
    "size_rule": draw.size_rule,
    "pipeline": lambda: pipeline.show("boxes"),
}
