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
from course.checks.lab3_rpn import RPNHead, make_proposals, nms, rpn_loss
from course.checks.lab4_roi_heads import (
    BoxHead,
    bilinear_sample,
    detection_loss,
    postprocess_detections,
    roi_align,
    roi_pool,
    sample_rois,
)
from course.checks.lab5_fpn import FPN, roi_level
from course.checks.lab5_mask import MaskHead, mask_loss, mask_targets, paste_mask, upsample_1d, upsample_2d
from course.checks.lab6_keypoints import (
    KeypointHead,
    heatmaps_to_keypoints,
    keypoint_loss,
    keypoints_to_heatmap,
)
from course.checks.lab7_buglab import culprit
from course.checks.lab7_capstone import average_precision
from course.checks.lab7_detect import detect
from course.checks.lab7_photo import photo_losses

__all__ = [
    "FPN",
    "BoxHead",
    "CheckFailed",
    "KeypointHead",
    "MaskHead",
    "RPNHead",
    "anchor_shapes",
    "average_precision",
    "bilinear_sample",
    "box_area",
    "box_iou",
    "clip_boxes_to_image",
    "culprit",
    "decode_boxes",
    "detect",
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
