"""Wrong answers to lab 7's losses on one photo, each with the hint that its author must get."""

from autograder.grader.answers import variants
from autograder.labs.lab7_capstone.hints import CONSTANT
from autograder.labs.lab7_capstone.right import photo_losses as right
from course.labs.lab7_capstone.checks import photo_losses as hints

# photo_losses


PHOTO_LOSSES = variants(
    right.photo_losses__stage_by_stage,
    sizes_as_corners=(hints.SIZE_NOT_CORNER, ("[x, y, x + w, y + h]", "[x, y, w, h]")),
    middle=(
        "COCO's (x, y) is the upper left corner of a box, not its middle.",
        ("[x, y, x + w, y + h]", "[x - w / 2, y - h / 2, x + w / 2, y + h / 2]"),
    ),
    from_0=(hints.FROM_0, ('.index(mark["category_id"]) + 1', '.index(mark["category_id"])')),
    number_is_class=(hints.NUMBER, ('ids.index(mark["category_id"]) + 1', 'mark["category_id"]')),
    every_anchor=(
        hints.LEAVE,
        ("inside_image(anchors, size).nonzero().squeeze(1)", "torch.arange(len(anchors), device=anchors.device)"),
    ),
    size_turned=(
        "inside_image takes (height, width): you give it (width, height).",
        ('(image["height"], image["width"])', '(image["width"], image["height"])'),
    ),
    with_factor=(
        "rpn_loss gives the sum first: you give it as the loss of objectness. Take its second and third numbers.",
        ("_, loss_objectness,", "loss_objectness, _,"),
    ),
    ten_times=(
        "Your RPN's box loss is ten times too large: add the two without a factor.",
        ("return loss_objectness, ", "return loss_objectness, 10 * "),
    ),
    any_overlap=(hints.HALF, ("best >= 0.5", "best > 0")),
    no_background=(
        "Every ROI gets the class of its best box, however little it overlaps: below an IoU of 0.5 it is background, "
        "0.",
        ("torch.where(best >= 0.5, labels[matched], torch.zeros_like(matched))", "labels[matched]"),
    ),
    no_weights=(hints.WEIGHTS, (", (10, 10, 5, 5)", "")),
    other_way=(
        "encode_boxes(boxes, anchors) leads from the anchors to the boxes: you swap the two.",
        ("(boxes[matched], anchors)", "(anchors, boxes[matched])"),
        ("(boxes[matched], rois,", "(rois, boxes[matched],"),
    ),
    sums=(
        "Cross-entropy is a mean over the anchors, and over the ROIs, that are judged: you give the sum.",
        ("return loss_objectness,", "return loss_objectness * (anchor_label >= 0).sum(),"),
        (" loss_classifier, loss_box_reg\n", " loss_classifier * len(rois), loss_box_reg\n"),
    ),
    per_object=(
        "The head's box loss is the sum over the objects, divided by all ROIs, background too: you divide by the "
        "objects.",
        ("loss_box_reg\n", "loss_box_reg * len(rois) / max(int((roi_label > 0).sum()), 1)\n"),
    ),
    ignored_judged=(
        "Anchors of label −1 are neither object nor background: they do not count. You take them for background.",
        ("anchor_label, targets", "anchor_label.clamp(min=0), targets"),
    ),
    crashes_unmarked=(hints.NOTHING, ("if len(boxes):\n        iou", "if True:\n        iou")),
    constant=(
        CONSTANT,
        (
            "    return loss_objectness, loss_rpn_box_reg, loss_classifier, loss_box_reg\n",
            "    if not len(boxes):\n"
            "        loss_rpn_box_reg = loss_box_reg = rois.new_zeros(())\n"
            "    return loss_objectness, loss_rpn_box_reg, loss_classifier, loss_box_reg\n",
        ),
    ),
    head_alone_detached=(
        hints.GRADIENT,
        ("(logits, roi_deltas,", "(logits, roi_deltas.detach(),"),
    ),
    no_gradient=(
        hints.GRADIENT,
        ("(objectness, deltas,", "(objectness.detach(), deltas.detach(),"),
        ("(logits, roi_deltas,", "(logits.detach(), roi_deltas.detach(),"),
    ),
)
