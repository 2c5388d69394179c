"""Right answers to lab 7's losses on one photo."""

import torch
from torch.nn import functional as F

from autograder.grader.answers import right
from course.library import (
    box_iou,
    detection_loss,
    encode_boxes,
    inside_image,
    label_anchors,
    rpn_loss,
)

# photo_losses


@right
def photo_losses__stage_by_stage(coco, anchors, objectness, deltas, rois, logits, roi_deltas):
    image = coco["images"][0]
    size = (image["height"], image["width"])
    ids = [c["id"] for c in coco["categories"]]
    boxes = torch.zeros(len(coco["annotations"]), 4, dtype=anchors.dtype, device=anchors.device)
    labels = torch.zeros(len(boxes), dtype=torch.int64, device=anchors.device)
    for k, mark in enumerate(coco["annotations"]):
        x, y, w, h = mark["bbox"]
        boxes[k] = torch.tensor([x, y, x + w, y + h], dtype=anchors.dtype, device=anchors.device)
        labels[k] = ids.index(mark["category_id"]) + 1

    keep = inside_image(anchors, size).nonzero().squeeze(1)
    anchors, objectness, deltas = anchors[keep], objectness[keep], deltas[keep]
    anchor_label, matched = label_anchors(box_iou(anchors, boxes))
    if len(boxes):
        targets = encode_boxes(boxes[matched], anchors)
    else:
        targets = torch.zeros_like(anchors)
    _, loss_objectness, loss_rpn_box_reg = rpn_loss(objectness, deltas, anchor_label, targets)

    if len(boxes):
        iou = box_iou(rois, boxes)
        best, matched = iou.max(1)
        roi_label = torch.where(best >= 0.5, labels[matched], torch.zeros_like(matched))
        roi_targets = encode_boxes(boxes[matched], rois, (10, 10, 5, 5))
    else:
        roi_label = torch.zeros(len(rois), dtype=torch.int64, device=rois.device)
        roi_targets = torch.zeros_like(rois)
    loss_classifier, loss_box_reg = detection_loss(logits, roi_deltas, roi_label, roi_targets)
    return loss_objectness, loss_rpn_box_reg, loss_classifier, loss_box_reg


@right
def photo_losses__corners(coco, anchors, objectness, deltas, rois, logits, roi_deltas):
    """A box of background that nothing overlaps stands behind the others, so that there is always one."""
    place = {c["id"]: k for k, c in enumerate(coco["categories"], 1)}
    rows = [m["bbox"] for m in coco["annotations"]] + [[-9e5, -9e5, 1, 1]]
    boxes = torch.tensor(rows).to(anchors)
    boxes = torch.stack([boxes[:, 0], boxes[:, 1], boxes[:, 0] + boxes[:, 2], boxes[:, 1] + boxes[:, 3]], 1)
    kinds = torch.tensor([place[m["category_id"]] for m in coco["annotations"]] + [0]).to(rois.device)
    inside = inside_image(anchors, (coco["images"][0]["height"], coco["images"][0]["width"]))
    label, who = label_anchors(box_iou(anchors[inside], boxes))
    rpn = rpn_loss(objectness[inside], deltas[inside], label, encode_boxes(boxes[who], anchors[inside]))
    best, who = box_iou(rois, boxes).max(1)
    return (
        *rpn[1:],
        *detection_loss(logits, roi_deltas, kinds[who] * (best >= 0.5), encode_boxes(boxes[who], rois, (10, 10, 5, 5))),
    )


@right
def photo_losses__loops(coco, anchors, objectness, deltas, rois, logits, roi_deltas):
    """Loss by loss without the ready-made ones: cross-entropies and distances are collected and added up."""
    height, width = coco["images"][0]["height"], coco["images"][0]["width"]
    names = [c["id"] for c in coco["categories"]]
    truth = []
    for m in coco["annotations"]:
        x, y, w, h = m["bbox"]
        truth.append([x, y, x + w, y + h])
    boxes = torch.tensor(truth, dtype=anchors.dtype, device=anchors.device).reshape(len(truth), 4)
    rows = [i for i, (a, b, c, d) in enumerate(anchors.tolist()) if a >= 0 and b >= 0 and c <= width and d <= height]
    label, matched = label_anchors(box_iou(anchors[rows], boxes))
    entropies, ways = [], []
    for i, sort, m in zip(rows, label.tolist(), matched.tolist()):
        if sort >= 0:
            entropies.append(-objectness[i].log_softmax(0)[sort])
        if sort == 1:
            ways.append(
                F.smooth_l1_loss(deltas[i], encode_boxes(boxes[m : m + 1], anchors[i : i + 1])[0], reduction="sum")
            )
    head, moves = [], []
    table = box_iou(rois, boxes)
    for r in range(len(rois)):
        k, m = 0, -1
        if len(truth) and table[r].max() >= 0.5:
            m = int(table[r].argmax())
            k = names.index(coco["annotations"][m]["category_id"]) + 1
        head.append(-logits[r].log_softmax(0)[k])
        if k:
            way = encode_boxes(boxes[m : m + 1], rois[r : r + 1], (10, 10, 5, 5))[0]
            moves.append(F.smooth_l1_loss(roi_deltas[r, 4 * k : 4 * k + 4], way, reduction="sum", beta=1 / 9))
    return (
        sum(entropies) / len(entropies),
        sum(ways, deltas.sum() * 0) / max(len(ways), 1),
        sum(head) / len(head),
        sum(moves, roi_deltas.sum() * 0) / len(rois),
    )
