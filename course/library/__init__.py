"""Ready-made parts under the names and signatures of the labs, backed by torchvision and pycocotools.

Later labs take what earlier ones built from here, so that one lab's mistake never spoils the next. Boxes are
``(N, 4)`` float tensors ``(x1, y1, x2, y2)`` in pixels, continuous coordinates; sizes are ``(height, width)``. Every
function keeps device and dtype, leaves its inputs unchanged and answers empty input with empty output.
"""

# Written by `make release` from course/labs/: do not edit.

from course.labs.lab1_boxes.library import box_area, box_iou, clip_boxes_to_image, remove_small_boxes, yxyx_to_xyxy
from course.labs.lab2_anchors.library import (
    anchor_shapes,
    decode_boxes,
    encode_boxes,
    grid_anchors,
    inside_image,
    label_anchors,
    sample_labels,
)
from course.labs.lab3_rpn.library import RPNHead, make_proposals, nms, rpn_loss
from course.labs.lab4_roi_heads.library import (
    BoxHead,
    bilinear_sample,
    detection_loss,
    postprocess_detections,
    roi_align,
    roi_pool,
    sample_rois,
)
from course.labs.lab5_fpn_mask.library.fpn import FPN, roi_level
from course.labs.lab5_fpn_mask.library.mask import (
    MaskHead,
    mask_loss,
    mask_targets,
    paste_mask,
    upsample_1d,
    upsample_2d,
)
from course.labs.lab6_keypoints.library import KeypointHead, heatmaps_to_keypoints, keypoint_loss, keypoints_to_heatmap
from course.labs.lab7_capstone.library.average_precision import average_precision
from course.labs.lab7_capstone.library.photo_losses import photo_losses

__all__ = [
    "FPN",
    "BoxHead",
    "KeypointHead",
    "MaskHead",
    "RPNHead",
    "anchor_shapes",
    "average_precision",
    "bilinear_sample",
    "box_area",
    "box_iou",
    "clip_boxes_to_image",
    "decode_boxes",
    "detection_loss",
    "encode_boxes",
    "grid_anchors",
    "heatmaps_to_keypoints",
    "inside_image",
    "keypoint_loss",
    "keypoints_to_heatmap",
    "label_anchors",
    "make_proposals",
    "mask_loss",
    "mask_targets",
    "nms",
    "paste_mask",
    "photo_losses",
    "postprocess_detections",
    "remove_small_boxes",
    "roi_align",
    "roi_level",
    "roi_pool",
    "rpn_loss",
    "sample_labels",
    "sample_rois",
    "upsample_1d",
    "upsample_2d",
    "yxyx_to_xyxy",
]
