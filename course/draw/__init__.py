"""Pictures for the notebooks, drawn where possible by the student's own functions.

Each function here shows one figure with a text alternative and returns nothing. Where a picture needs a
student's function that is unwritten or broken, one friendly line stands in its place; while nbgrader
grades or validates, nothing is drawn.
"""

# Written by `make release` from course/labs/: do not edit.

from typing import TYPE_CHECKING

from course.lazily import lazily

if TYPE_CHECKING:
    from course.labs.lab0_tour.draw.five_tasks import five_tasks
    from course.labs.lab1_boxes.draw.clip_and_filter import clip_rule, clipping, size_rule, small_boxes, swapped_size
    from course.labs.lab1_boxes.draw.coordinates import areas, axis_order, box_anatomy, converted, grid_lines
    from course.labs.lab1_boxes.draw.iou_matrix import iou_heatmap, iou_while_sliding
    from course.labs.lab1_boxes.draw.iou_mistakes import missing_clamp, plus_one
    from course.labs.lab1_boxes.draw.overlap import overlap, overlap_cases
    from course.labs.lab2_anchors.draw.anchors import (
        anchor_order,
        cell_centres,
        inside_anchors,
        nine_anchors,
        ratio_rule,
    )
    from course.labs.lab2_anchors.draw.box_deltas import delta_anatomy, deltas, round_trip, size_limit
    from course.labs.lab2_anchors.draw.label_mistakes import label_trap, sampling_trap, sixteen_squared
    from course.labs.lab2_anchors.draw.labels import iou_histogram, label_rule, labelled, sampled
    from course.labs.lab3_rpn.draw.loss_curves import losses, objectness, smooth_l1
    from course.labs.lab3_rpn.draw.proposals import leaving, logit_or_probability, proposals, sieve, sorted_twice
    from course.labs.lab3_rpn.draw.rpn_head import linear_or_not, rpn_head, tagged_channels
    from course.labs.lab3_rpn.draw.suppression import nms_race, nms_rule, nms_steps
    from course.labs.lab4_roi_heads.draw.pooling import bilinear_weights, pool_and_align, pooled_cells, roi_mistakes
    from course.labs.lab4_roi_heads.draw.rois import detections, sampled_rois
    from course.labs.lab5_fpn_mask.draw.levels import level_rule, rois_by_level
    from course.labs.lab5_fpn_mask.draw.masks import (
        mask_head_plan,
        mask_target,
        masks_on_the_way,
        off_the_image,
        there_and_back,
    )
    from course.labs.lab5_fpn_mask.draw.pyramid import (
        missing_lateral,
        outputs_added,
        pyramid_levels,
        pyramid_plan,
        who_hears_whom,
    )
    from course.labs.lab5_fpn_mask.draw.upsampling import checkerboard, enlarged, unfolded
    from course.labs.lab6_keypoints.draw.heatmaps import heatmaps_and_skeleton, loss_at_work
    from course.labs.lab6_keypoints.draw.keypoint_head import keypoint_head, last_enlargement
    from course.labs.lab6_keypoints.draw.keypoint_mistakes import grid_error, keypoint_mistakes
    from course.labs.lab6_keypoints.draw.keypoints import keypoint_cells
    from course.labs.lab6_keypoints.draw.seventeen_keypoints import seventeen_keypoints
    from course.labs.lab7_capstone.draw.assembled import assembled
    from course.labs.lab7_capstone.draw.errors import errors_by_kind
    from course.labs.lab7_capstone.draw.losses_on_photo import losses_on_photo
    from course.labs.lab7_capstone.draw.precision import precision_by_iou, precision_recall, precision_recall_rule
    from course.labs.lab7_capstone.draw.training_curves import LiveCurves, before_and_after

__all__ = [
    "LiveCurves",
    "anchor_order",
    "areas",
    "assembled",
    "axis_order",
    "before_and_after",
    "bilinear_weights",
    "box_anatomy",
    "cell_centres",
    "checkerboard",
    "clip_rule",
    "clipping",
    "converted",
    "delta_anatomy",
    "deltas",
    "detections",
    "enlarged",
    "errors_by_kind",
    "five_tasks",
    "grid_error",
    "grid_lines",
    "heatmaps_and_skeleton",
    "inside_anchors",
    "iou_heatmap",
    "iou_histogram",
    "iou_while_sliding",
    "keypoint_cells",
    "keypoint_head",
    "keypoint_mistakes",
    "label_rule",
    "label_trap",
    "labelled",
    "last_enlargement",
    "leaving",
    "level_rule",
    "linear_or_not",
    "logit_or_probability",
    "loss_at_work",
    "losses",
    "losses_on_photo",
    "mask_head_plan",
    "mask_target",
    "masks_on_the_way",
    "missing_clamp",
    "missing_lateral",
    "nine_anchors",
    "nms_race",
    "nms_rule",
    "nms_steps",
    "objectness",
    "off_the_image",
    "outputs_added",
    "overlap",
    "overlap_cases",
    "plus_one",
    "pool_and_align",
    "pooled_cells",
    "precision_by_iou",
    "precision_recall",
    "precision_recall_rule",
    "proposals",
    "pyramid_levels",
    "pyramid_plan",
    "ratio_rule",
    "roi_mistakes",
    "rois_by_level",
    "round_trip",
    "rpn_head",
    "sampled",
    "sampled_rois",
    "sampling_trap",
    "seventeen_keypoints",
    "sieve",
    "sixteen_squared",
    "size_limit",
    "size_rule",
    "small_boxes",
    "smooth_l1",
    "sorted_twice",
    "swapped_size",
    "tagged_channels",
    "there_and_back",
    "unfolded",
    "who_hears_whom",
]

MODULES = {
    "LiveCurves": "course.labs.lab7_capstone.draw.training_curves",
    "anchor_order": "course.labs.lab2_anchors.draw.anchors",
    "areas": "course.labs.lab1_boxes.draw.coordinates",
    "assembled": "course.labs.lab7_capstone.draw.assembled",
    "axis_order": "course.labs.lab1_boxes.draw.coordinates",
    "before_and_after": "course.labs.lab7_capstone.draw.training_curves",
    "bilinear_weights": "course.labs.lab4_roi_heads.draw.pooling",
    "box_anatomy": "course.labs.lab1_boxes.draw.coordinates",
    "cell_centres": "course.labs.lab2_anchors.draw.anchors",
    "checkerboard": "course.labs.lab5_fpn_mask.draw.upsampling",
    "clip_rule": "course.labs.lab1_boxes.draw.clip_and_filter",
    "clipping": "course.labs.lab1_boxes.draw.clip_and_filter",
    "converted": "course.labs.lab1_boxes.draw.coordinates",
    "delta_anatomy": "course.labs.lab2_anchors.draw.box_deltas",
    "deltas": "course.labs.lab2_anchors.draw.box_deltas",
    "detections": "course.labs.lab4_roi_heads.draw.rois",
    "enlarged": "course.labs.lab5_fpn_mask.draw.upsampling",
    "errors_by_kind": "course.labs.lab7_capstone.draw.errors",
    "five_tasks": "course.labs.lab0_tour.draw.five_tasks",
    "grid_error": "course.labs.lab6_keypoints.draw.keypoint_mistakes",
    "grid_lines": "course.labs.lab1_boxes.draw.coordinates",
    "heatmaps_and_skeleton": "course.labs.lab6_keypoints.draw.heatmaps",
    "inside_anchors": "course.labs.lab2_anchors.draw.anchors",
    "iou_heatmap": "course.labs.lab1_boxes.draw.iou_matrix",
    "iou_histogram": "course.labs.lab2_anchors.draw.labels",
    "iou_while_sliding": "course.labs.lab1_boxes.draw.iou_matrix",
    "keypoint_cells": "course.labs.lab6_keypoints.draw.keypoints",
    "keypoint_head": "course.labs.lab6_keypoints.draw.keypoint_head",
    "keypoint_mistakes": "course.labs.lab6_keypoints.draw.keypoint_mistakes",
    "label_rule": "course.labs.lab2_anchors.draw.labels",
    "label_trap": "course.labs.lab2_anchors.draw.label_mistakes",
    "labelled": "course.labs.lab2_anchors.draw.labels",
    "last_enlargement": "course.labs.lab6_keypoints.draw.keypoint_head",
    "leaving": "course.labs.lab3_rpn.draw.proposals",
    "level_rule": "course.labs.lab5_fpn_mask.draw.levels",
    "linear_or_not": "course.labs.lab3_rpn.draw.rpn_head",
    "logit_or_probability": "course.labs.lab3_rpn.draw.proposals",
    "loss_at_work": "course.labs.lab6_keypoints.draw.heatmaps",
    "losses": "course.labs.lab3_rpn.draw.loss_curves",
    "losses_on_photo": "course.labs.lab7_capstone.draw.losses_on_photo",
    "mask_head_plan": "course.labs.lab5_fpn_mask.draw.masks",
    "mask_target": "course.labs.lab5_fpn_mask.draw.masks",
    "masks_on_the_way": "course.labs.lab5_fpn_mask.draw.masks",
    "missing_clamp": "course.labs.lab1_boxes.draw.iou_mistakes",
    "missing_lateral": "course.labs.lab5_fpn_mask.draw.pyramid",
    "nine_anchors": "course.labs.lab2_anchors.draw.anchors",
    "nms_race": "course.labs.lab3_rpn.draw.suppression",
    "nms_rule": "course.labs.lab3_rpn.draw.suppression",
    "nms_steps": "course.labs.lab3_rpn.draw.suppression",
    "objectness": "course.labs.lab3_rpn.draw.loss_curves",
    "off_the_image": "course.labs.lab5_fpn_mask.draw.masks",
    "outputs_added": "course.labs.lab5_fpn_mask.draw.pyramid",
    "overlap": "course.labs.lab1_boxes.draw.overlap",
    "overlap_cases": "course.labs.lab1_boxes.draw.overlap",
    "plus_one": "course.labs.lab1_boxes.draw.iou_mistakes",
    "pool_and_align": "course.labs.lab4_roi_heads.draw.pooling",
    "pooled_cells": "course.labs.lab4_roi_heads.draw.pooling",
    "precision_by_iou": "course.labs.lab7_capstone.draw.precision",
    "precision_recall": "course.labs.lab7_capstone.draw.precision",
    "precision_recall_rule": "course.labs.lab7_capstone.draw.precision",
    "proposals": "course.labs.lab3_rpn.draw.proposals",
    "pyramid_levels": "course.labs.lab5_fpn_mask.draw.pyramid",
    "pyramid_plan": "course.labs.lab5_fpn_mask.draw.pyramid",
    "ratio_rule": "course.labs.lab2_anchors.draw.anchors",
    "roi_mistakes": "course.labs.lab4_roi_heads.draw.pooling",
    "rois_by_level": "course.labs.lab5_fpn_mask.draw.levels",
    "round_trip": "course.labs.lab2_anchors.draw.box_deltas",
    "rpn_head": "course.labs.lab3_rpn.draw.rpn_head",
    "sampled": "course.labs.lab2_anchors.draw.labels",
    "sampled_rois": "course.labs.lab4_roi_heads.draw.rois",
    "sampling_trap": "course.labs.lab2_anchors.draw.label_mistakes",
    "seventeen_keypoints": "course.labs.lab6_keypoints.draw.seventeen_keypoints",
    "sieve": "course.labs.lab3_rpn.draw.proposals",
    "sixteen_squared": "course.labs.lab2_anchors.draw.label_mistakes",
    "size_limit": "course.labs.lab2_anchors.draw.box_deltas",
    "size_rule": "course.labs.lab1_boxes.draw.clip_and_filter",
    "small_boxes": "course.labs.lab1_boxes.draw.clip_and_filter",
    "smooth_l1": "course.labs.lab3_rpn.draw.loss_curves",
    "sorted_twice": "course.labs.lab3_rpn.draw.proposals",
    "swapped_size": "course.labs.lab1_boxes.draw.clip_and_filter",
    "tagged_channels": "course.labs.lab3_rpn.draw.rpn_head",
    "there_and_back": "course.labs.lab5_fpn_mask.draw.masks",
    "unfolded": "course.labs.lab5_fpn_mask.draw.upsampling",
    "who_hears_whom": "course.labs.lab5_fpn_mask.draw.pyramid",
}

if not TYPE_CHECKING:  # editors and mypy know the names above
    __getattr__, __dir__ = lazily(__name__, MODULES)
