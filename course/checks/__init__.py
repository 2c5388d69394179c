"""Visible checks: ``checks.box_iou(box_iou)`` says what is wrong with a student's function, and what that may mean."""

# Written by `make release` from course/labs/: do not edit.

from typing import TYPE_CHECKING

from course.lazily import lazily

if TYPE_CHECKING:
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
    from course.labs.lab6_keypoints.checks import (
        KeypointHead,
        heatmaps_to_keypoints,
        keypoint_loss,
        keypoints_to_heatmap,
    )
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

MODULES = {
    "FPN": "course.labs.lab5_fpn_mask.checks.fpn",
    "BoxHead": "course.labs.lab4_roi_heads.checks",
    "CheckFailed": "course.checking.check",
    "KeypointHead": "course.labs.lab6_keypoints.checks",
    "MaskHead": "course.labs.lab5_fpn_mask.checks.mask",
    "RPNHead": "course.labs.lab3_rpn.checks",
    "anchor_shapes": "course.labs.lab2_anchors.checks",
    "average_precision": "course.labs.lab7_capstone.checks.average_precision",
    "bilinear_sample": "course.labs.lab4_roi_heads.checks",
    "box_area": "course.labs.lab1_boxes.checks",
    "box_iou": "course.labs.lab1_boxes.checks",
    "clip_boxes_to_image": "course.labs.lab1_boxes.checks",
    "culprit": "course.labs.lab7_capstone.checks.culprit",
    "decode_boxes": "course.labs.lab2_anchors.checks",
    "detect": "course.labs.lab7_capstone.checks.detect",
    "detection_loss": "course.labs.lab4_roi_heads.checks",
    "encode_boxes": "course.labs.lab2_anchors.checks",
    "grid_anchors": "course.labs.lab2_anchors.checks",
    "heatmaps_to_keypoints": "course.labs.lab6_keypoints.checks",
    "inside_image": "course.labs.lab2_anchors.checks",
    "keypoint_loss": "course.labs.lab6_keypoints.checks",
    "keypoints_to_heatmap": "course.labs.lab6_keypoints.checks",
    "label_anchors": "course.labs.lab2_anchors.checks",
    "make_proposals": "course.labs.lab3_rpn.checks",
    "mask_loss": "course.labs.lab5_fpn_mask.checks.mask",
    "mask_targets": "course.labs.lab5_fpn_mask.checks.mask",
    "nms": "course.labs.lab3_rpn.checks",
    "paste_mask": "course.labs.lab5_fpn_mask.checks.mask",
    "photo_losses": "course.labs.lab7_capstone.checks.photo_losses",
    "postprocess_detections": "course.labs.lab4_roi_heads.checks",
    "remove_small_boxes": "course.labs.lab1_boxes.checks",
    "roi_align": "course.labs.lab4_roi_heads.checks",
    "roi_level": "course.labs.lab5_fpn_mask.checks.fpn",
    "roi_pool": "course.labs.lab4_roi_heads.checks",
    "rpn_loss": "course.labs.lab3_rpn.checks",
    "sample_labels": "course.labs.lab2_anchors.checks",
    "sample_rois": "course.labs.lab4_roi_heads.checks",
    "upsample_1d": "course.labs.lab5_fpn_mask.checks.mask",
    "upsample_2d": "course.labs.lab5_fpn_mask.checks.mask",
    "yxyx_to_xyxy": "course.labs.lab1_boxes.checks",
}

if not TYPE_CHECKING:  # editors and mypy know the names above
    __getattr__, __dir__ = lazily(__name__, MODULES)
