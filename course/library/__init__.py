"""Ready-made parts under the names and signatures of the labs, backed by torchvision.

Later labs take what earlier ones built from here, so that one lab's mistake never spoils the next. Boxes are
``(N, 4)`` float tensors ``(x1, y1, x2, y2)`` in pixels, continuous coordinates; sizes are ``(height, width)``. Every
function keeps device and dtype, leaves its inputs unchanged and answers empty input with empty output.
"""

from course.library.anchors import (
    anchor_shapes,
    decode_boxes,
    encode_boxes,
    grid_anchors,
    inside_image,
    label_anchors,
    sample_labels,
)
from course.library.boxes import box_area, box_iou, clip_boxes_to_image, remove_small_boxes, yxyx_to_xyxy

__all__ = [
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
