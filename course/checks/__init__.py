"""Visible checks: ``checks.box_iou(box_iou)`` says what is wrong with a student's function, and what that may mean."""

# Written by `make release` from course/labs/: do not edit.

from course.checking.check import CheckFailed
from course.labs.lab1_boxes.checks import box_area, box_iou, clip_boxes_to_image, remove_small_boxes, yxyx_to_xyxy
from course.labs.lab2_anchors.checks import (
    anchor_shapes,
    decode_boxes,
    encode_boxes,
    grid_anchors,
    inside_image,
    label_anchors,
    sample_labels,
)
from course.labs.lab3_rpn.checks import RPNHead, make_proposals, nms, rpn_loss
from course.labs.lab4_roi_heads.checks import (
    BoxHead,
    bilinear_sample,
    detection_loss,
    postprocess_detections,
    roi_align,
    roi_pool,
    sample_rois,
)
from course.labs.lab5_fpn_mask.checks.fpn import FPN, roi_level
from course.labs.lab5_fpn_mask.checks.mask import (
    MaskHead,
    mask_loss,
    mask_targets,
    paste_mask,
    upsample_1d,
    upsample_2d,
)
from course.labs.lab6_keypoints.checks import KeypointHead, heatmaps_to_keypoints, keypoint_loss, keypoints_to_heatmap
from course.labs.lab7_capstone.checks.average_precision import average_precision
from course.labs.lab7_capstone.checks.culprit import culprit
from course.labs.lab7_capstone.checks.detect import detect
from course.labs.lab7_capstone.checks.photo_losses import photo_losses

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
