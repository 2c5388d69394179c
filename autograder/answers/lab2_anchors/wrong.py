"""Wrong answers to lab 2, each with the hint that its author must get.

The ones called ``slides`` are the lecture's printed code, adapted to our signatures.
"""

import torch
from torch import Tensor

from autograder.answers import wrong
from course.checks import lab2_anchors as hints

# anchor_shapes


@wrong(hints.RATIO_INVERTED)
def anchor_shapes__ratio_inverted(base_size, scales, ratios):
    return torch.tensor([[base_size * s * r**0.5, base_size * s / r**0.5] for r in ratios for s in scales]).reshape(
        -1, 2
    )


@wrong(hints.NO_ROOT)
def anchor_shapes__no_root(base_size, scales, ratios):
    return torch.tensor([[base_size * s / r, base_size * s * r] for r in ratios for s in scales]).reshape(-1, 2)


@wrong("Only the height is stretched: then the area grows with the ratio. Width and height change by the same root.")
def anchor_shapes__area_grows(base_size, scales, ratios):
    return torch.tensor([[base_size * s, base_size * s * r] for r in ratios for s in scales]).float().reshape(-1, 2)


@wrong(hints.SCALE_OUTER)
def anchor_shapes__scale_outer(base_size, scales, ratios):
    return torch.tensor([[base_size * s / r**0.5, base_size * s * r**0.5] for s in scales for r in ratios]).reshape(
        -1, 2
    )


@wrong("Sides are not rounded: an anchor of ratio 0.5 is 181.02 wide, not 181. (torchvision rounds; we don't.)")
def anchor_shapes__rounded(base_size, scales, ratios):
    r = torch.tensor(ratios, dtype=torch.float32).sqrt()[:, None]
    s = base_size * torch.tensor(scales, dtype=torch.float32)
    return torch.stack([s / r, s * r], dim=2).reshape(-1, 2).round()


@wrong("Every scale goes with every ratio: two nested loops, not one loop over pairs.")
def anchor_shapes__zip(base_size, scales, ratios):
    pairs = [[base_size * s / r**0.5, base_size * s * r**0.5] for r, s in zip(ratios, scales)]
    return torch.tensor(pairs).reshape(-1, 2)


@wrong("base_size is missing: a scale is a multiple of it, 8 · 16 = 128 pixels.")
def anchor_shapes__no_base(base_size, scales, ratios):
    return torch.tensor([[s / r**0.5, s * r**0.5] for r in ratios for s in scales]).reshape(-1, 2)


# grid_anchors


@wrong(
    "The slide's 16 · 16 = 2500 is a slip: 16 is the stride. feature_size says how many cells there are: 50 · 50 here."
)
def grid_anchors__slides(feature_size, stride, shapes):
    middle = (torch.arange(stride, dtype=shapes.dtype, device=shapes.device) + 0.5) * stride
    cy, cx = torch.meshgrid(middle, middle, indexing="ij")
    half = shapes / 2
    center = torch.stack([cx, cy], dim=-1)[:, :, None]
    return torch.cat([center - half, center + half], dim=-1).reshape(-1, 4)


@wrong(hints.CORNER)
def grid_anchors__corner(feature_size, stride, shapes):
    y = torch.arange(feature_size[0], dtype=shapes.dtype, device=shapes.device) * stride
    x = torch.arange(feature_size[1], dtype=shapes.dtype, device=shapes.device) * stride
    cy, cx = torch.meshgrid(y, x, indexing="ij")
    center = torch.stack([cx, cy], dim=-1)[:, :, None]
    return torch.cat([center - shapes / 2, center + shapes / 2], dim=-1).reshape(-1, 4)


@wrong(hints.COLUMN_MAJOR)
def grid_anchors__column_major(feature_size, stride, shapes):
    y = (torch.arange(feature_size[0], dtype=shapes.dtype, device=shapes.device) + 0.5) * stride
    x = (torch.arange(feature_size[1], dtype=shapes.dtype, device=shapes.device) + 0.5) * stride
    cx, cy = torch.meshgrid(x, y, indexing="ij")
    center = torch.stack([cx, cy], dim=-1)[:, :, None]
    return torch.cat([center - shapes / 2, center + shapes / 2], dim=-1).reshape(-1, 4)


@wrong(hints.SHAPE_OUTER)
def grid_anchors__shape_outer(feature_size, stride, shapes):
    y = (torch.arange(feature_size[0], dtype=shapes.dtype, device=shapes.device) + 0.5) * stride
    x = (torch.arange(feature_size[1], dtype=shapes.dtype, device=shapes.device) + 0.5) * stride
    cy, cx = torch.meshgrid(y, x, indexing="ij")
    center = torch.stack([cx, cy], dim=-1)
    half = (shapes / 2)[:, None, None]
    return torch.cat([center - half, center + half], dim=-1).reshape(-1, 4)


@wrong("feature_size is (height, width) in cells: the first number counts rows, the second one columns.")
def grid_anchors__size_swapped(feature_size, stride, shapes):
    y = (torch.arange(feature_size[1], dtype=shapes.dtype, device=shapes.device) + 0.5) * stride
    x = (torch.arange(feature_size[0], dtype=shapes.dtype, device=shapes.device) + 0.5) * stride
    cy, cx = torch.meshgrid(y, x, indexing="ij")
    center = torch.stack([cx, cy], dim=-1)[:, :, None]
    return torch.cat([center - shapes / 2, center + shapes / 2], dim=-1).reshape(-1, 4)


@wrong(
    "An anchor is (x1, y1, x2, y2), x first, and yours begins with y. Such a detector trains to half the precision: "
    "the loss barely tells."
)
def grid_anchors__yxyx(feature_size, stride, shapes):
    y = (torch.arange(feature_size[0], dtype=shapes.dtype, device=shapes.device) + 0.5) * stride
    x = (torch.arange(feature_size[1], dtype=shapes.dtype, device=shapes.device) + 0.5) * stride
    cy, cx = torch.meshgrid(y, x, indexing="ij")
    center = torch.stack([cy, cx], dim=-1)[:, :, None]
    half = shapes.flip(1) / 2
    return torch.cat([center - half, center + half], dim=-1).reshape(-1, 4)


@wrong(hints.SIDES)
def grid_anchors__whole_sides(feature_size, stride, shapes):
    y = (torch.arange(feature_size[0], dtype=shapes.dtype, device=shapes.device) + 0.5) * stride
    x = (torch.arange(feature_size[1], dtype=shapes.dtype, device=shapes.device) + 0.5) * stride
    cy, cx = torch.meshgrid(y, x, indexing="ij")
    center = torch.stack([cx, cy], dim=-1)[:, :, None]
    return torch.cat([center - shapes, center + shapes], dim=-1).reshape(-1, 4)


@wrong("stride // 2 rounds down: with an odd stride all centres are half a pixel off. Use / 2.")
def grid_anchors__whole_half(feature_size, stride, shapes):
    y = torch.arange(feature_size[0], dtype=shapes.dtype, device=shapes.device) * stride + stride // 2
    x = torch.arange(feature_size[1], dtype=shapes.dtype, device=shapes.device) * stride + stride // 2
    cy, cx = torch.meshgrid(y, x, indexing="ij")
    center = torch.stack([cx, cy], dim=-1)[:, :, None]
    return torch.cat([center - shapes / 2, center + shapes / 2], dim=-1).reshape(-1, 4)


# inside_image


@wrong(hints.STRICT_BORDER)
def inside_image__strict(boxes, size):
    x1, y1, x2, y2 = boxes.unbind(1)
    return (x1 > 0) & (y1 > 0) & (x2 < size[1]) & (y2 < size[0])


@wrong(hints.SIZE_SWAPPED)
def inside_image__size_swapped(boxes, size):
    x1, y1, x2, y2 = boxes.unbind(1)
    return (x1 >= 0) & (y1 >= 0) & (x2 <= size[0]) & (y2 <= size[1])


@wrong("Only the far borders are looked at: a box can also leave the image at the left or at the top, below 0.")
def inside_image__far_borders(boxes, size):
    return (boxes[:, 2] <= size[1]) & (boxes[:, 3] <= size[0])


@wrong("All of the box must be inside: yours also says yes to boxes that only overlap the image.")
def inside_image__overlaps(boxes, size):
    x1, y1, x2, y2 = boxes.unbind(1)
    return (x2 > 0) & (y2 > 0) & (x1 < size[1]) & (y1 < size[0])


@wrong(
    "The lecture's index_inside holds numbers of boxes, for one image of 800 × 800: here a True or False for each box "
    "is wanted, and the size is an argument."
)
def inside_image__slides(boxes, size):
    inside = (boxes[:, 0] >= 0) & (boxes[:, 1] >= 0) & (boxes[:, 2] <= 800) & (boxes[:, 3] <= 800)
    return torch.where(inside)[0]


@wrong("The far border is at x = width and y = height, not at - 1: coordinates are continuous.")
def inside_image__minus_one(boxes, size):
    x1, y1, x2, y2 = boxes.unbind(1)
    return (x1 >= 0) & (y1 >= 0) & (x2 <= size[1] - 1) & (y2 <= size[0] - 1)


# label_anchors


@wrong(
    "The lecture's last line writes the 0 of the background over the 1 of best anchors below 0.3: label the background "
    "first. Its NumPy also leaves the device, and stops where there is no ground truth."
)
def label_anchors__slides(iou: Tensor, pos_threshold: float = 0.7, neg_threshold: float = 0.3):
    import numpy as np

    ious = np.asarray(iou)
    gt_argmax_iou = ious.argmax(axis=0)
    gt_max_iou = ious[gt_argmax_iou, np.arange(ious.shape[1])]
    gt_argmax_iou = np.where(ious == gt_max_iou)[0]
    argmax_iou = ious.argmax(axis=1)
    max_iou = ious[np.arange(len(ious)), argmax_iou]
    label = np.empty((len(ious),), dtype=np.int64)
    label.fill(-1)
    label[gt_argmax_iou] = 1
    label[max_iou >= pos_threshold] = 1
    label[max_iou < neg_threshold] = 0
    return torch.from_numpy(label), torch.from_numpy(argmax_iou)


@wrong(hints.BEST_LOST)
def label_anchors__background_last(iou, pos_threshold=0.7, neg_threshold=0.3):
    labels = torch.full((len(iou),), -1, device=iou.device)
    if iou.numel() == 0:
        return torch.zeros_like(labels), torch.zeros_like(labels)
    best, matched = iou.max(dim=1)
    top = iou.amax(dim=0)
    labels[((iou == top) & (iou > 0)).any(dim=1)] = 1
    labels[best >= pos_threshold] = 1
    labels[best < neg_threshold] = 0
    return labels, matched


@wrong(hints.UNTOUCHED)
def label_anchors__untouched(iou, pos_threshold=0.7, neg_threshold=0.3):
    labels = torch.full((len(iou),), -1, device=iou.device)
    if iou.numel() == 0:
        return torch.zeros_like(labels), torch.zeros_like(labels)
    best, matched = iou.max(dim=1)
    labels[best < neg_threshold] = 0
    labels[(iou == iou.amax(dim=0)).any(dim=1)] = 1
    labels[best >= pos_threshold] = 1
    return labels, matched


@wrong(hints.NO_BEST)
def label_anchors__thresholds_only(iou, pos_threshold=0.7, neg_threshold=0.3):
    labels = torch.full((len(iou),), -1, device=iou.device)
    if iou.numel() == 0:
        return torch.zeros_like(labels), torch.zeros_like(labels)
    best, matched = iou.max(dim=1)
    labels[best < neg_threshold] = 0
    labels[best >= pos_threshold] = 1
    return labels, matched


@wrong(hints.TIES)
def label_anchors__argmax(iou, pos_threshold=0.7, neg_threshold=0.3):
    labels = torch.full((len(iou),), -1, device=iou.device)
    if iou.numel() == 0:
        return torch.zeros_like(labels), torch.zeros_like(labels)
    best, matched = iou.max(dim=1)
    top, winner = iou.max(dim=0)
    labels[best < neg_threshold] = 0
    labels[winner[top > 0]] = 1
    labels[best >= pos_threshold] = 1
    return labels, matched


@wrong(hints.NO_IGNORE)
def label_anchors__no_ignore(iou, pos_threshold=0.7, neg_threshold=0.3):
    labels = torch.zeros(len(iou), dtype=torch.int64, device=iou.device)
    if iou.numel() == 0:
        return labels, labels.clone()
    best, matched = iou.max(dim=1)
    labels[((iou == iou.amax(dim=0)) & (iou > 0)).any(dim=1)] = 1
    labels[best >= pos_threshold] = 1
    return labels, matched


@wrong("Exactly pos_threshold is enough: compare with >=, not with >.")
def label_anchors__strict(iou, pos_threshold=0.7, neg_threshold=0.3):
    labels = torch.full((len(iou),), -1, device=iou.device)
    if iou.numel() == 0:
        return torch.zeros_like(labels), torch.zeros_like(labels)
    best, matched = iou.max(dim=1)
    labels[best < neg_threshold] = 0
    labels[((iou == iou.amax(dim=0)) & (iou > 0)).any(dim=1)] = 1
    labels[best > pos_threshold] = 1
    return labels, matched


@wrong("Exactly neg_threshold is not below it: compare with <, not with <=.")
def label_anchors__background_too_wide(iou, pos_threshold=0.7, neg_threshold=0.3):
    labels = torch.full((len(iou),), -1, device=iou.device)
    if iou.numel() == 0:
        return torch.zeros_like(labels), torch.zeros_like(labels)
    best, matched = iou.max(dim=1)
    labels[best <= neg_threshold] = 0
    labels[((iou == iou.amax(dim=0)) & (iou > 0)).any(dim=1)] = 1
    labels[best >= pos_threshold] = 1
    return labels, matched


@wrong("The thresholds are arguments, and 0.7 and 0.3 only their defaults: you have written the numbers into the code.")
def label_anchors__fixed_thresholds(iou, pos_threshold=0.7, neg_threshold=0.3):
    labels = torch.full((len(iou),), -1, device=iou.device)
    if iou.numel() == 0:
        return torch.zeros_like(labels), torch.zeros_like(labels)
    best, matched = iou.max(dim=1)
    labels[best < 0.3] = 0
    labels[((iou == iou.amax(dim=0)) & (iou > 0)).any(dim=1)] = 1
    labels[best >= 0.7] = 1
    return labels, matched


@wrong(hints.FORCED)
def label_anchors__forced(iou, pos_threshold=0.7, neg_threshold=0.3):
    labels = torch.full((len(iou),), -1, device=iou.device)
    if iou.numel() == 0:
        return torch.zeros_like(labels), torch.zeros_like(labels)
    best, matched = iou.max(dim=1)
    rows, columns = torch.where((iou == iou.amax(dim=0)) & (iou > 0))
    labels[best < neg_threshold] = 0
    labels[best >= pos_threshold] = 1
    labels[rows] = 1
    matched[rows] = columns
    return labels, matched


@wrong(
    "matched is the column of an anchor's best IoU for every anchor, also for background and ignored ones: never -1."
)
def label_anchors__objects_only(iou, pos_threshold=0.7, neg_threshold=0.3):
    labels = torch.full((len(iou),), -1, device=iou.device)
    if iou.numel() == 0:
        return torch.zeros_like(labels), torch.zeros_like(labels)
    best, matched = iou.max(dim=1)
    labels[best < neg_threshold] = 0
    labels[((iou == iou.amax(dim=0)) & (iou > 0)).any(dim=1)] = 1
    labels[best >= pos_threshold] = 1
    matched[labels != 1] = -1
    return labels, matched


@wrong(hints.NO_TRUTH)
def label_anchors__no_truth(iou, pos_threshold=0.7, neg_threshold=0.3):
    best, matched = iou.max(dim=1)
    labels = torch.full_like(matched, -1)
    labels[best < neg_threshold] = 0
    for j in range(iou.shape[1]):
        if len(iou) and iou[:, j].max() > 0:
            labels[iou[:, j] == iou[:, j].max()] = 1
    labels[best >= pos_threshold] = 1
    return labels, matched


@wrong("Right labels, but you write into iou: the caller's table is changed too. Work on a copy, or combine masks.")
def label_anchors__in_place(iou, pos_threshold=0.7, neg_threshold=0.3):
    labels = torch.full((len(iou),), -1, device=iou.device)
    if iou.numel() == 0:
        return torch.zeros_like(labels), torch.zeros_like(labels)
    best, matched = iou.max(dim=1)
    top = iou.amax(dim=0)
    iou[iou == 0] = -1
    labels[best < neg_threshold] = 0
    labels[(iou == top).any(dim=1)] = 1
    labels[best >= pos_threshold] = 1
    return labels, matched


# sample_labels


@wrong(
    "Three slips of the lecture's code: n_pos is a float, which stops np.random.choice past 128 objects; n_neg "
    "multiplies where it should subtract; the labels are changed in place. And its random numbers are NumPy's."
)
def sample_labels__slides(labels, batch_size=256, positive_fraction=0.5, generator=None):
    import numpy as np

    label = labels.numpy()
    n_sample = batch_size
    pos_ratio = positive_fraction
    n_pos = pos_ratio * n_sample

    pos_index = np.where(label == 1)[0]
    if len(pos_index) > n_pos:
        disable_index = np.random.choice(pos_index, size=(len(pos_index) - n_pos), replace=False)
        label[disable_index] = -1

    n_neg = n_sample * np.sum(label == 0)
    neg_index = np.where(label == 0)[0]
    if len(neg_index) > n_neg:
        disable_index = np.random.choice(neg_index, size=(len(neg_index) - n_neg), replace=False)
        label[disable_index] = -1
    return labels


@wrong(hints.ALL_NEGATIVES)
def sample_labels__all_negatives(labels, batch_size=256, positive_fraction=0.5, generator=None):
    labels = labels.clone()
    for value, most in ((1, int(batch_size * positive_fraction)), (0, batch_size * int((labels == 0).sum()))):
        index = torch.where(labels == value)[0]
        labels[index[torch.randperm(len(index), generator=generator)[most:]]] = -1
    return labels


@wrong(hints.NOT_FILLED)
def sample_labels__not_filled(labels, batch_size=256, positive_fraction=0.5, generator=None):
    labels = labels.clone()
    most = int(batch_size * positive_fraction)
    for value, count in ((1, most), (0, batch_size - most)):
        index = torch.where(labels == value)[0]
        labels[index[torch.randperm(len(index), generator=generator)[count:]]] = -1
    return labels


@wrong("Always the first labels stay, those at the top of the image. They must be drawn at random: torch.randperm.")
def sample_labels__first_ones(labels, batch_size=256, positive_fraction=0.5, generator=None):
    ones, zeros = torch.where(labels == 1)[0], torch.where(labels == 0)[0]
    k = min(len(ones), int(batch_size * positive_fraction))
    out = torch.full_like(labels, -1)
    out[ones[:k]] = 1
    out[zeros[: batch_size - k]] = 0
    return out


@wrong("Only neighbours stay, wherever their row begins: draw each label by itself, with torch.randperm.")
def sample_labels__neighbours(labels, batch_size=256, positive_fraction=0.5, generator=None):
    labels = labels.clone()
    most = int(batch_size * positive_fraction)
    for value in (1, 0):
        index = torch.where(labels == value)[0]
        most = most if value else batch_size - int((labels == 1).sum())
        if len(index) > most:
            begin = int(torch.randint(len(index), (), generator=generator))
            labels[index.roll(begin)[most:]] = -1
    return labels


@wrong(
    "torch.randint draws some labels twice, so that fewer stay than should: draw without replacement, with randperm."
)
def sample_labels__with_replacement(labels, batch_size=256, positive_fraction=0.5, generator=None):
    ones, zeros = torch.where(labels == 1)[0], torch.where(labels == 0)[0]
    k = min(len(ones), int(batch_size * positive_fraction))
    n = min(len(zeros), batch_size - k)
    out = torch.full_like(labels, -1)
    if k:
        out[ones[torch.randint(len(ones), (k,), generator=generator)]] = 1
    if n:
        out[zeros[torch.randint(len(zeros), (n,), generator=generator)]] = 0
    return out


@wrong(hints.IGNORED_DRAWN)
def sample_labels__ignored_drawn(labels, batch_size=256, positive_fraction=0.5, generator=None):
    ones, others = torch.where(labels == 1)[0], torch.where(labels != 1)[0]
    k = min(len(ones), int(batch_size * positive_fraction))
    out = torch.full_like(labels, -1)
    out[ones[torch.randperm(len(ones), generator=generator)[:k]]] = 1
    out[others[torch.randperm(len(others), generator=generator)[: batch_size - k]]] = 0
    return out


@wrong("Right sample, but written into the argument: the caller's labels are lost. Work on labels.clone().")
def sample_labels__in_place(labels, batch_size=256, positive_fraction=0.5, generator=None):
    ones, zeros = torch.where(labels == 1)[0], torch.where(labels == 0)[0]
    k = min(len(ones), int(batch_size * positive_fraction))
    labels[ones[torch.randperm(len(ones), generator=generator)[k:]]] = -1
    labels[zeros[torch.randperm(len(zeros), generator=generator)[batch_size - k :]]] = -1
    return labels


@wrong("The generator is not used: your sample cannot be repeated. Pass it on: torch.randperm(n, generator=generator).")
def sample_labels__global_random(labels, batch_size=256, positive_fraction=0.5, generator=None):
    ones, zeros = torch.where(labels == 1)[0], torch.where(labels == 0)[0]
    k = min(len(ones), int(batch_size * positive_fraction))
    out = torch.full_like(labels, -1)
    out[ones[torch.randperm(len(ones))[:k]]] = 1
    out[zeros[torch.randperm(len(zeros))[: batch_size - k]]] = 0
    return out


@wrong("At most a share of positive_fraction of the batch may be 1: yours keeps as many as there are.")
def sample_labels__no_limit(labels, batch_size=256, positive_fraction=0.5, generator=None):
    ones, zeros = torch.where(labels == 1)[0], torch.where(labels == 0)[0]
    k = min(len(ones), batch_size)
    out = torch.full_like(labels, -1)
    out[ones[torch.randperm(len(ones), generator=generator)[:k]]] = 1
    out[zeros[torch.randperm(len(zeros), generator=generator)[: batch_size - k]]] = 0
    return out


@wrong("You give the numbers of the labels that stay: wanted are the labels themselves, all N, with -1 for the others.")
def sample_labels__positions(labels, batch_size=256, positive_fraction=0.5, generator=None):
    ones, zeros = torch.where(labels == 1)[0], torch.where(labels == 0)[0]
    k = min(len(ones), int(batch_size * positive_fraction))
    ones = ones[torch.randperm(len(ones), generator=generator)[:k]]
    zeros = zeros[torch.randperm(len(zeros), generator=generator)[: batch_size - k]]
    return torch.cat([ones, zeros])


@wrong("int rounds down, as wanted; yours rounds 2.75 up to 3, and then more than the allowed share is 1.")
def sample_labels__rounded_up(labels, batch_size=256, positive_fraction=0.5, generator=None):
    ones, zeros = torch.where(labels == 1)[0], torch.where(labels == 0)[0]
    k = min(len(ones), round(batch_size * positive_fraction))
    out = torch.full_like(labels, -1)
    out[ones[torch.randperm(len(ones), generator=generator)[:k]]] = 1
    out[zeros[torch.randperm(len(zeros), generator=generator)[: batch_size - k]]] = 0
    return out


# encode_boxes


@wrong(hints.DY_FIRST)
def encode_boxes__dy_first(gt_boxes, anchors, weights=(1, 1, 1, 1)):
    wa, ha = (anchors[:, 2:] - anchors[:, :2]).unbind(1)
    w, h = (gt_boxes[:, 2:] - gt_boxes[:, :2]).unbind(1)
    dx = (gt_boxes[:, 0] + w / 2 - anchors[:, 0] - wa / 2) / wa
    dy = (gt_boxes[:, 1] + h / 2 - anchors[:, 1] - ha / 2) / ha
    wx, wy, ww, wh = weights
    return torch.stack([wy * dy, wx * dx, wh * torch.log(h / ha), ww * torch.log(w / wa)], dim=1)


@wrong(hints.WEIGHTS_IGNORED)
def encode_boxes__weights_ignored(gt_boxes, anchors, weights=(1, 1, 1, 1)):
    size, anchor_size = gt_boxes[:, 2:] - gt_boxes[:, :2], anchors[:, 2:] - anchors[:, :2]
    shift = gt_boxes[:, :2] + size / 2 - anchors[:, :2] - anchor_size / 2
    return torch.cat([shift / anchor_size, torch.log(size / anchor_size)], dim=1)


@wrong(
    "The lecture's formulas are right (its dy stands first because its boxes have y first), but it knows no weights, "
    "and its NumPy takes the tensors off their device."
)
def encode_boxes__slides(gt_boxes, anchors, weights=(1, 1, 1, 1)):
    import numpy as np

    valid_anchor_boxes, max_iou_bbox = np.asarray(anchors), np.asarray(gt_boxes)
    height = valid_anchor_boxes[:, 2] - valid_anchor_boxes[:, 0]
    width = valid_anchor_boxes[:, 3] - valid_anchor_boxes[:, 1]
    ctr_y = valid_anchor_boxes[:, 0] + 0.5 * height
    ctr_x = valid_anchor_boxes[:, 1] + 0.5 * width
    base_height = max_iou_bbox[:, 2] - max_iou_bbox[:, 0]
    base_width = max_iou_bbox[:, 3] - max_iou_bbox[:, 1]
    base_ctr_y = max_iou_bbox[:, 0] + 0.5 * base_height
    base_ctr_x = max_iou_bbox[:, 1] + 0.5 * base_width
    eps = np.finfo(height.dtype).eps
    height = np.maximum(height, eps)
    width = np.maximum(width, eps)
    dy = (base_ctr_y - ctr_y) / height
    dx = (base_ctr_x - ctr_x) / width
    dh = np.log(base_height / height)
    dw = np.log(base_width / width)
    anchor_locs = np.vstack((dy, dx, dh, dw)).transpose()
    return torch.from_numpy(anchor_locs)


@wrong("Encoding multiplies by the weights; it is decoding that divides by them.")
def encode_boxes__weights_divided(gt_boxes, anchors, weights=(1, 1, 1, 1)):
    size, anchor_size = gt_boxes[:, 2:] - gt_boxes[:, :2], anchors[:, 2:] - anchors[:, :2]
    shift = gt_boxes[:, :2] + size / 2 - anchors[:, :2] - anchor_size / 2
    deltas = torch.cat([shift / anchor_size, torch.log(size / anchor_size)], dim=1)
    return deltas / torch.tensor(weights, dtype=deltas.dtype, device=deltas.device)


@wrong(hints.NO_LOG)
def encode_boxes__no_log(gt_boxes, anchors, weights=(1, 1, 1, 1)):
    size, anchor_size = gt_boxes[:, 2:] - gt_boxes[:, :2], anchors[:, 2:] - anchors[:, :2]
    shift = gt_boxes[:, :2] + size / 2 - anchors[:, :2] - anchor_size / 2
    deltas = torch.cat([shift / anchor_size, size / anchor_size], dim=1)
    return deltas * torch.tensor(weights, dtype=deltas.dtype, device=deltas.device)


@wrong(hints.PIXELS)
def encode_boxes__pixels(gt_boxes, anchors, weights=(1, 1, 1, 1)):
    size, anchor_size = gt_boxes[:, 2:] - gt_boxes[:, :2], anchors[:, 2:] - anchors[:, :2]
    shift = gt_boxes[:, :2] + size / 2 - anchors[:, :2] - anchor_size / 2
    deltas = torch.cat([shift, torch.log(size / anchor_size)], dim=1)
    return deltas * torch.tensor(weights, dtype=deltas.dtype, device=deltas.device)


@wrong(hints.ROLES_SWAPPED)
def encode_boxes__roles_swapped(gt_boxes, anchors, weights=(1, 1, 1, 1)):
    size, anchor_size = gt_boxes[:, 2:] - gt_boxes[:, :2], anchors[:, 2:] - anchors[:, :2]
    shift = anchors[:, :2] + anchor_size / 2 - gt_boxes[:, :2] - size / 2
    deltas = torch.cat([shift / size, torch.log(anchor_size / size)], dim=1)
    return deltas * torch.tensor(weights, dtype=deltas.dtype, device=deltas.device)


@wrong(hints.CENTRES)
def encode_boxes__corners(gt_boxes, anchors, weights=(1, 1, 1, 1)):
    size, anchor_size = gt_boxes[:, 2:] - gt_boxes[:, :2], anchors[:, 2:] - anchors[:, :2]
    deltas = torch.cat([(gt_boxes[:, :2] - anchors[:, :2]) / anchor_size, torch.log(size / anchor_size)], dim=1)
    return deltas * torch.tensor(weights, dtype=deltas.dtype, device=deltas.device)


@wrong("dx and dy are measured in sides of the anchor: you divide by those of the ground truth.")
def encode_boxes__truths_size(gt_boxes, anchors, weights=(1, 1, 1, 1)):
    size, anchor_size = gt_boxes[:, 2:] - gt_boxes[:, :2], anchors[:, 2:] - anchors[:, :2]
    shift = gt_boxes[:, :2] + size / 2 - anchors[:, :2] - anchor_size / 2
    deltas = torch.cat([shift / size, torch.log(size / anchor_size)], dim=1)
    return deltas * torch.tensor(weights, dtype=deltas.dtype, device=deltas.device)


# decode_boxes


@wrong(hints.NO_LIMIT)
def decode_boxes__no_limit(deltas, anchors, weights=(1, 1, 1, 1)):
    d = deltas / torch.tensor(weights, dtype=deltas.dtype, device=deltas.device)
    size = anchors[:, 2:] - anchors[:, :2]
    middle = anchors[:, :2] + size / 2 + d[:, :2] * size
    size = size * d[:, 2:].exp()
    return torch.cat([middle - size / 2, middle + size / 2], dim=1)


@wrong(
    "The lecture's proposals: NumPy leaves the device, no limit keeps dw and dh from exploding, no weights are used."
)
def decode_boxes__slides(deltas, anchors, weights=(1, 1, 1, 1)):
    import numpy as np

    anc, loc = np.asarray(anchors), np.asarray(deltas)
    w, h = anc[:, 2] - anc[:, 0], anc[:, 3] - anc[:, 1]
    x, y = anc[:, 0] + 0.5 * w, anc[:, 1] + 0.5 * h
    x, y = loc[:, 0] * w + x, loc[:, 1] * h + y
    w, h = np.exp(loc[:, 2]) * w, np.exp(loc[:, 3]) * h
    return torch.from_numpy(np.stack([x - 0.5 * w, y - 0.5 * h, x + 0.5 * w, y + 0.5 * h], axis=1))


@wrong("Decoding divides by the weights: yours multiplies, or leaves them out, and a round trip ends elsewhere.")
def decode_boxes__weights_multiplied(deltas, anchors, weights=(1, 1, 1, 1)):
    import math

    d = deltas * torch.tensor(weights, dtype=deltas.dtype, device=deltas.device)
    size = anchors[:, 2:] - anchors[:, :2]
    middle = anchors[:, :2] + size / 2 + d[:, :2] * size
    size = size * d[:, 2:].clamp(max=math.log(1000 / 16)).exp()
    return torch.cat([middle - size / 2, middle + size / 2], dim=1)


@wrong(hints.EXP_MISSING)
def decode_boxes__no_exp(deltas, anchors, weights=(1, 1, 1, 1)):
    import math

    d = deltas / torch.tensor(weights, dtype=deltas.dtype, device=deltas.device)
    size = anchors[:, 2:] - anchors[:, :2]
    middle = anchors[:, :2] + size / 2 + d[:, :2] * size
    size = size * d[:, 2:].clamp(max=math.log(1000 / 16))
    return torch.cat([middle - size / 2, middle + size / 2], dim=1)


@wrong("You give centre and size: go back to corners, x - w / 2 and x + w / 2.")
def decode_boxes__centre_and_size(deltas, anchors, weights=(1, 1, 1, 1)):
    import math

    d = deltas / torch.tensor(weights, dtype=deltas.dtype, device=deltas.device)
    size = anchors[:, 2:] - anchors[:, :2]
    middle = anchors[:, :2] + size / 2 + d[:, :2] * size
    return torch.cat([middle, size * d[:, 2:].clamp(max=math.log(1000 / 16)).exp()], dim=1)


@wrong(
    "The shift counts from the anchor's centre, and yours from its corner. With an encode that goes from corner to "
    "corner the round trip works out, and both are wrong."
)
def decode_boxes__corners(deltas, anchors, weights=(1, 1, 1, 1)):
    import math

    d = deltas / torch.tensor(weights, dtype=deltas.dtype, device=deltas.device)
    size = anchors[:, 2:] - anchors[:, :2]
    corner = anchors[:, :2] + d[:, :2] * size
    return torch.cat([corner, corner + size * d[:, 2:].clamp(max=math.log(1000 / 16)).exp()], dim=1)


@wrong("The limit comes after the division by the weights: yours cuts dw and dh while they are still weighted.")
def decode_boxes__limit_first(deltas, anchors, weights=(1, 1, 1, 1)):
    import math

    d = deltas.clone()
    d[:, 2:] = d[:, 2:].clamp(max=math.log(1000 / 16))
    d = d / torch.tensor(weights, dtype=deltas.dtype, device=deltas.device)
    size = anchors[:, 2:] - anchors[:, :2]
    middle = anchors[:, :2] + size / 2 + d[:, :2] * size
    size = size * d[:, 2:].exp()
    return torch.cat([middle - size / 2, middle + size / 2], dim=1)


@wrong(
    "Only large dw and dh are cut: shifts, and negative values, have no limit. Cut columns 2 and 3 with clamp(max=…)."
)
def decode_boxes__all_limited(deltas, anchors, weights=(1, 1, 1, 1)):
    import math

    limit = math.log(1000 / 16)
    d = (deltas / torch.tensor(weights, dtype=deltas.dtype, device=deltas.device)).clamp(-limit, limit)
    size = anchors[:, 2:] - anchors[:, :2]
    middle = anchors[:, :2] + size / 2 + d[:, :2] * size
    size = size * d[:, 2:].exp()
    return torch.cat([middle - size / 2, middle + size / 2], dim=1)
