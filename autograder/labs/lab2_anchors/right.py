"""Right answers to lab 2, in styles as different as students are."""

import torch
from torch import Tensor

from autograder.grader.answers import right

# anchor_shapes


@right
def anchor_shapes__loop(base_size, scales, ratios):
    shapes = []
    for ratio in ratios:
        for scale in scales:
            side = base_size * scale
            shapes.append([side / ratio**0.5, side * ratio**0.5])
    return torch.tensor(shapes).reshape(-1, 2)


@right
def anchor_shapes__grid(base_size, scales, ratios):
    r, s = torch.meshgrid(torch.tensor(ratios).float(), torch.tensor(scales).float(), indexing="ij")
    area = (base_size * s) ** 2
    height = torch.sqrt(area * r)
    width = torch.sqrt(area / r)
    return torch.stack([width.flatten(), height.flatten()], dim=1)


@right
def anchor_shapes__numpy(base_size, scales, ratios):
    import numpy as np

    ratios, scales = np.array(ratios, dtype=float), np.array(scales, dtype=float)
    w = base_size * np.outer(1 / np.sqrt(ratios), scales)
    h = base_size * np.outer(np.sqrt(ratios), scales)
    return torch.from_numpy(np.stack([w.ravel(), h.ravel()], axis=1)).float()


# grid_anchors


@right
def grid_anchors__meshgrid(feature_size, stride, shapes):
    rows = torch.arange(feature_size[0], device=shapes.device).to(shapes.dtype)
    columns = torch.arange(feature_size[1], device=shapes.device).to(shapes.dtype)
    cy, cx = torch.meshgrid(rows * stride + stride / 2, columns * stride + stride / 2, indexing="ij")
    cy, cx = cy[..., None], cx[..., None]
    w, h = shapes[:, 0] / 2, shapes[:, 1] / 2
    return torch.stack([cx - w, cy - h, cx + w, cy + h], dim=-1).reshape(-1, 4)


@right
def grid_anchors__loop(feature_size, stride, shapes):
    boxes = []
    sides = shapes.tolist()
    for row in range(feature_size[0]):
        for column in range(feature_size[1]):
            x, y = (column + 0.5) * stride, (row + 0.5) * stride
            for w, h in sides:
                boxes.append([x - w / 2, y - h / 2, x + w / 2, y + h / 2])
    return torch.tensor(boxes, dtype=shapes.dtype, device=shapes.device).reshape(-1, 4)


@right
def grid_anchors__repeat(feature_size, stride, shapes):
    height, width = feature_size
    count = len(shapes)
    number = torch.arange(height * width, device=shapes.device)
    center = torch.stack([number % width, number // width], dim=1).to(shapes.dtype) * stride + stride / 2
    center = center.repeat_interleave(count, dim=0)
    half = shapes.repeat(height * width, 1) / 2
    return torch.cat([center - half, center + half], dim=1)


# inside_image


@right
def inside_image__comparisons(boxes, size):
    left = boxes[:, 0] >= 0
    top = boxes[:, 1] >= 0
    right = boxes[:, 2] <= size[1]
    bottom = boxes[:, 3] <= size[0]
    return left & top & right & bottom


@right
def inside_image__loop(boxes, size):
    height, width = size
    inside = [x1 >= 0 and y1 >= 0 and x2 <= width and y2 <= height for x1, y1, x2, y2 in boxes.tolist()]
    return torch.tensor(inside, dtype=torch.bool, device=boxes.device)


@right
def inside_image__clipped(boxes, size):
    limits = torch.tensor([size[1], size[0]] * 2, dtype=boxes.dtype, device=boxes.device)
    return (torch.minimum(boxes.clamp(min=0), limits) == boxes).all(dim=1)


# label_anchors


@right
def label_anchors__masks(iou: Tensor, pos_threshold: float = 0.7, neg_threshold: float = 0.3):
    n, m = iou.shape
    labels = -torch.ones(n, dtype=torch.int64, device=iou.device)
    if n == 0 or m == 0:
        return labels * 0, labels * 0
    best, matched = torch.max(iou, dim=1)
    top = iou.max(dim=0).values
    labels[best < neg_threshold] = 0
    rows, columns = torch.where(iou == top)
    labels[rows[top[columns] > 0]] = 1
    labels[best >= pos_threshold] = 1
    return labels, matched


@right
def label_anchors__loop(iou, pos_threshold=0.7, neg_threshold=0.3):
    table = iou.tolist()
    count = iou.shape[1]
    tops = [max((row[j] for row in table), default=0) for j in range(count)]
    labels, matched = [], []
    for row in table:
        best, where = 0.0, 0
        for j, value in enumerate(row):
            if value > best:
                best, where = value, j
        label = -1
        if best < neg_threshold or count == 0:
            label = 0
        if best >= pos_threshold and count > 0:
            label = 1
        for j, value in enumerate(row):
            if value > 0 and value == tops[j]:
                label = 1
        labels.append(label)
        matched.append(where)
    as_tensor = lambda numbers: torch.tensor(numbers, dtype=torch.int64, device=iou.device)  # noqa: E731
    return as_tensor(labels), as_tensor(matched)


@right
def label_anchors__where(iou, pos_threshold=0.7, neg_threshold=0.3):
    n, m = iou.shape
    if m == 0 or n == 0:
        return iou.new_zeros(n, dtype=torch.long), iou.new_zeros(n, dtype=torch.long)
    matched = iou.argmax(dim=1)
    best = iou.gather(1, matched[:, None])[:, 0]
    champion = torch.zeros(n, dtype=torch.bool, device=iou.device)
    for j in range(m):
        column = iou[:, j]
        if column.max() > 0:
            champion |= column == column.max()
    labels = torch.where(best >= pos_threshold, 1, torch.where(best < neg_threshold, 0, -1))
    return torch.where(champion, 1, labels), matched


# sample_labels


@right
def sample_labels__keep(labels, batch_size=256, positive_fraction=0.5, generator=None):
    ones = torch.where(labels == 1)[0]
    zeros = torch.where(labels == 0)[0]
    k = min(ones.numel(), int(batch_size * positive_fraction))
    n = min(zeros.numel(), batch_size - k)
    ones = ones[torch.randperm(ones.numel(), generator=generator, device=labels.device)[:k]]
    zeros = zeros[torch.randperm(zeros.numel(), generator=generator, device=labels.device)[:n]]
    out = torch.full_like(labels, -1)
    out[ones] = 1
    out[zeros] = 0
    return out


@right
def sample_labels__disable(labels, batch_size=256, positive_fraction=0.5, generator=None):
    # the lecture's way, mended: cross out what is too much
    labels = labels.clone()
    n_pos = int(positive_fraction * batch_size)
    pos_index = torch.where(labels == 1)[0]
    if len(pos_index) > n_pos:
        order = torch.randperm(len(pos_index), generator=generator)
        labels[pos_index[order[: len(pos_index) - n_pos]]] = -1
    n_neg = batch_size - int((labels == 1).sum())
    neg_index = torch.where(labels == 0)[0]
    if len(neg_index) > n_neg:
        order = torch.randperm(len(neg_index), generator=generator)
        labels[neg_index[order[: len(neg_index) - n_neg]]] = -1
    return labels


@right
def sample_labels__scores(labels, batch_size=256, positive_fraction=0.5, generator=None):
    # a random number for each label; the largest stay
    lots = torch.rand(len(labels), generator=generator, device=labels.device)
    out = -torch.ones_like(labels)
    room = batch_size
    for value, most in ((1, int(batch_size * positive_fraction)), (0, batch_size)):
        candidates = labels == value
        k = min(most, room, int(candidates.sum()))
        best = torch.where(candidates, lots, -1.0).topk(k).indices
        out[best] = value
        room -= k
    return out


@right
def sample_labels__python(labels, batch_size=256, positive_fraction=0.5, generator=None):
    import random

    rng = random.Random(int(torch.randint(2**40, (1,), generator=generator)))
    values = labels.tolist()
    ones = [i for i, value in enumerate(values) if value == 1]
    zeros = [i for i, value in enumerate(values) if value == 0]
    ones = rng.sample(ones, min(len(ones), int(batch_size * positive_fraction)))
    zeros = rng.sample(zeros, min(len(zeros), batch_size - len(ones)))
    out = [-1] * len(values)
    for i in ones:
        out[i] = 1
    for i in zeros:
        out[i] = 0
    return torch.tensor(out, dtype=labels.dtype, device=labels.device)


# encode_boxes


@right
def encode_boxes__columns(gt_boxes, anchors, weights=(1, 1, 1, 1)):
    wa = anchors[:, 2] - anchors[:, 0]
    ha = anchors[:, 3] - anchors[:, 1]
    xa = anchors[:, 0] + 0.5 * wa
    ya = anchors[:, 1] + 0.5 * ha
    w = gt_boxes[:, 2] - gt_boxes[:, 0]
    h = gt_boxes[:, 3] - gt_boxes[:, 1]
    x = gt_boxes[:, 0] + 0.5 * w
    y = gt_boxes[:, 1] + 0.5 * h
    dx, dy = (x - xa) / wa, (y - ya) / ha
    dw, dh = torch.log(w / wa), torch.log(h / ha)
    return torch.stack([dx * weights[0], dy * weights[1], dw * weights[2], dh * weights[3]], dim=1)


@right
def encode_boxes__pairs(gt_boxes, anchors, weights=(1, 1, 1, 1)):
    eps = 1e-7

    def middle_and_size(boxes):
        return (boxes[:, :2] + boxes[:, 2:]) / 2, (boxes[:, 2:] - boxes[:, :2]).clamp(min=eps)

    middle, size = middle_and_size(gt_boxes)
    anchor_middle, anchor_size = middle_and_size(anchors)
    deltas = torch.cat([(middle - anchor_middle) / anchor_size, size.log() - anchor_size.log()], dim=1)
    return deltas * torch.tensor(weights, dtype=deltas.dtype, device=deltas.device)


@right
def encode_boxes__loop(gt_boxes, anchors, weights=(1, 1, 1, 1)):
    from math import log

    rows = []
    for (x1, y1, x2, y2), (a1, b1, a2, b2) in zip(gt_boxes.tolist(), anchors.tolist()):
        w, h, wa, ha = x2 - x1, y2 - y1, a2 - a1, b2 - b1
        rows.append(
            [
                weights[0] * (x1 + w / 2 - a1 - wa / 2) / wa,
                weights[1] * (y1 + h / 2 - b1 - ha / 2) / ha,
                weights[2] * log(w / wa),
                weights[3] * log(h / ha),
            ]
        )
    return torch.tensor(rows, dtype=anchors.dtype, device=anchors.device).reshape(-1, 4)


# decode_boxes


@right
def decode_boxes__columns(deltas, anchors, weights=(1, 1, 1, 1)):
    limit = torch.log(torch.tensor(1000.0 / 16)).item()
    wa = anchors[:, 2] - anchors[:, 0]
    ha = anchors[:, 3] - anchors[:, 1]
    x = anchors[:, 0] + 0.5 * wa + deltas[:, 0] / weights[0] * wa
    y = anchors[:, 1] + 0.5 * ha + deltas[:, 1] / weights[1] * ha
    w = wa * torch.exp(torch.clamp(deltas[:, 2] / weights[2], max=limit))
    h = ha * torch.exp(torch.clamp(deltas[:, 3] / weights[3], max=limit))
    return torch.stack([x - w / 2, y - h / 2, x + w / 2, y + h / 2], dim=1)


@right
def decode_boxes__pairs(deltas, anchors, weights=(1, 1, 1, 1)):
    shift, change = (deltas / torch.tensor(weights, dtype=deltas.dtype, device=deltas.device)).split(2, dim=1)
    size = anchors[:, 2:] - anchors[:, :2]
    middle = (anchors[:, :2] + anchors[:, 2:]) / 2 + shift * size
    size = size * change.exp().clamp(max=1000 / 16)
    return torch.cat([middle - size / 2, middle + size / 2], dim=1)


@right
def decode_boxes__loop(deltas, anchors, weights=(1, 1, 1, 1)):
    import math

    boxes = torch.empty_like(deltas)
    for i, (d, (x1, y1, x2, y2)) in enumerate(zip(deltas.tolist(), anchors.tolist())):
        dx, dy, dw, dh = (value / weight for value, weight in zip(d, weights))
        w, h = x2 - x1, y2 - y1
        x, y = x1 + w / 2 + dx * w, y1 + h / 2 + dy * h
        w *= math.exp(min(dw, math.log(62.5)))
        h *= math.exp(min(dh, math.log(62.5)))
        boxes[i] = torch.tensor([x - w / 2, y - h / 2, x + w / 2, y + h / 2], dtype=boxes.dtype)
    return boxes
