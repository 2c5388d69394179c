"""Wrong answers to lab 7's losses on one photo, each with the hint that its author must get."""

from autograder.answers import changed
from autograder.answers.lab7_capstone import right_photo as right
from course.checks import lab7_photo as hints

# photo_losses

_BEST = "torch.where(best >= 0.5, labels[matched], torch.zeros_like(matched))"


photo_losses__sizes_as_corners = changed(
    right.photo_losses__stage_by_stage,
    "sizes_as_corners",
    hints.SIZE_NOT_CORNER,
    ("[x, y, x + w, y + h]", "[x, y, w, h]"),
)


photo_losses__middle = changed(
    right.photo_losses__stage_by_stage,
    "middle",
    "COCO's (x, y) is the left upper corner of a box, not its middle.",
    ("[x, y, x + w, y + h]", "[x - w / 2, y - h / 2, x + w / 2, y + h / 2]"),
)


photo_losses__from_0 = changed(
    right.photo_losses__stage_by_stage,
    "from_0",
    hints.FROM_0,
    ('ids.index(mark["category_id"]) + 1', 'ids.index(mark["category_id"])'),
)


photo_losses__number_is_class = changed(
    right.photo_losses__stage_by_stage,
    "number_is_class",
    hints.NUMBER,
    ('ids.index(mark["category_id"]) + 1', 'mark["category_id"]'),
)


photo_losses__every_anchor = changed(
    right.photo_losses__stage_by_stage,
    "every_anchor",
    hints.LEAVE,
    ("inside_image(anchors, size).nonzero().squeeze(1)", "torch.arange(len(anchors), device=anchors.device)"),
)


photo_losses__size_turned = changed(
    right.photo_losses__stage_by_stage,
    "size_turned",
    "inside_image wants (height, width): you give it (width, height).",
    ('(image["height"], image["width"])', '(image["width"], image["height"])'),
)


photo_losses__with_factor = changed(
    right.photo_losses__stage_by_stage,
    "with_factor",
    "rpn_loss gives the sum first: you give it as the loss of objectness. Its second and third numbers are wanted.",
    ("_, loss_objectness, loss_rpn_box_reg = rpn_loss", "loss_objectness, _, loss_rpn_box_reg = rpn_loss"),
)


photo_losses__ten_times = changed(
    right.photo_losses__stage_by_stage,
    "ten_times",
    "Your RPN's box loss is ten times as large: no factor is wanted between the two.",
    ("return loss_objectness, loss_rpn_box_reg,", "return loss_objectness, 10 * loss_rpn_box_reg,"),
)


photo_losses__any_overlap = changed(
    right.photo_losses__stage_by_stage, "any_overlap", hints.HALF, ("best >= 0.5", "best > 0")
)


photo_losses__no_background = changed(
    right.photo_losses__stage_by_stage,
    "no_background",
    "Every ROI gets the class of its best box, however little it overlaps: below an IoU of 0.5 it is background, 0.",
    (_BEST, "labels[matched]"),
)


photo_losses__no_weights = changed(
    right.photo_losses__stage_by_stage,
    "no_weights",
    hints.WEIGHTS,
    ("encode_boxes(boxes[matched], rois, (10, 10, 5, 5))", "encode_boxes(boxes[matched], rois)"),
)


photo_losses__other_way = changed(
    right.photo_losses__stage_by_stage,
    "other_way",
    "encode_boxes(boxes, anchors) leads from the anchors to the boxes: you turn the two round.",
    ("encode_boxes(boxes[matched], anchors)", "encode_boxes(anchors, boxes[matched])"),
    ("encode_boxes(boxes[matched], rois,", "encode_boxes(rois, boxes[matched],"),
)


photo_losses__sums = changed(
    right.photo_losses__stage_by_stage,
    "sums",
    "Cross-entropy is a mean over the anchors, and over the ROIs, that are judged: you give the sum.",
    ("return loss_objectness,", "return loss_objectness * (anchor_label >= 0).sum(),"),
    ("loss_rpn_box_reg, loss_classifier,", "loss_rpn_box_reg, loss_classifier * len(rois),"),
)


photo_losses__per_object = changed(
    right.photo_losses__stage_by_stage,
    "per_object",
    "The head's box loss is the sum over the objects, divided by all ROIs, background too: you divide by the objects.",
    (
        "loss_classifier, loss_box_reg\n",
        "loss_classifier, loss_box_reg * len(rois) / max(int((roi_label > 0).sum()), 1)\n",
    ),
)


photo_losses__ignored_judged = changed(
    right.photo_losses__stage_by_stage,
    "ignored_judged",
    "Anchors of label −1 are neither object nor background: they do not count. You take them for background.",
    (
        "rpn_loss(objectness, deltas, anchor_label, targets)",
        "rpn_loss(objectness, deltas, anchor_label.clamp(min=0), targets)",
    ),
)


photo_losses__crashes_unmarked = changed(
    right.photo_losses__stage_by_stage,
    "crashes_unmarked",
    hints.NOTHING,
    ("    if len(boxes):\n        iou", "    if True:\n        iou"),
)


photo_losses__no_gradient = changed(
    right.photo_losses__stage_by_stage,
    "no_gradient",
    hints.GRADIENT,
    ("rpn_loss(objectness, deltas,", "rpn_loss(objectness.detach(), deltas.detach(),"),
    ("detection_loss(logits, roi_deltas,", "detection_loss(logits.detach(), roi_deltas.detach(),"),
)
