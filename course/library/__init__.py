"""Ready-made parts under the names and signatures of the labs, backed by torchvision and pycocotools.

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
from course.library.capstone import average_precision
from course.library.fpn import FPN, roi_level
from course.library.keypoints import KeypointHead, heatmaps_to_keypoints, keypoint_loss, keypoints_to_heatmap
from course.library.mask import MaskHead, mask_loss, mask_targets, paste_mask, upsample_1d, upsample_2d
from course.library.photo import photo_losses
from course.library.roi_heads import (
    BoxHead,
    bilinear_sample,
    detection_loss,
    postprocess_detections,
    roi_align,
    roi_pool,
    sample_rois,
)
from course.library.rpn import RPNHead, make_proposals, nms, rpn_loss

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
