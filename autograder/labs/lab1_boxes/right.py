"""Right answers to lab 1, in styles as different as students are."""

import torch
from torch import Tensor

from autograder.grader.answers import right

# yxyx_to_xyxy


@right
def yxyx_to_xyxy__columns(boxes: Tensor) -> Tensor:
    return boxes[:, [1, 0, 3, 2]]


@right
def yxyx_to_xyxy__unbind(boxes: Tensor) -> Tensor:
    top, left, bottom, right = boxes.unbind(dim=1)
    return torch.stack([left, top, right, bottom], dim=1)


@right
def yxyx_to_xyxy__loop(boxes: Tensor) -> Tensor:
    out = torch.zeros_like(boxes)
    for i in range(boxes.shape[0]):
        y1, x1, y2, x2 = boxes[i].tolist()
        out[i] = torch.tensor([x1, y1, x2, y2], dtype=boxes.dtype)
    return out


# box_area


@right
def box_area__columns(boxes: Tensor) -> Tensor:
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])


@right
def box_area__product(boxes: Tensor) -> Tensor:
    return (boxes[:, 2:] - boxes[:, :2]).prod(dim=1)


@right
def box_area__loop(boxes: Tensor) -> Tensor:
    areas = boxes.new_zeros(len(boxes))
    for i, (x1, y1, x2, y2) in enumerate(boxes.tolist()):
        areas[i] = (x2 - x1) * (y2 - y1)
    return areas


# box_iou


@right
def box_iou__corners(boxes1: Tensor, boxes2: Tensor) -> Tensor:
    top_left = torch.maximum(boxes1[:, None, :2], boxes2[None, :, :2])
    bottom_right = torch.minimum(boxes1[:, None, 2:], boxes2[None, :, 2:])
    overlap = (bottom_right - top_left).clamp(min=0).prod(dim=2)
    area1 = (boxes1[:, 2:] - boxes1[:, :2]).prod(dim=1)
    area2 = (boxes2[:, 2:] - boxes2[:, :2]).prod(dim=1)
    together = area1[:, None] + area2[None, :] - overlap
    return torch.where(together > 0, overlap / together, torch.zeros_like(together))


@right
def box_iou__double_loop(boxes1: Tensor, boxes2: Tensor) -> Tensor:
    iou = torch.zeros(len(boxes1), len(boxes2), dtype=boxes1.dtype, device=boxes1.device)
    for i, a in enumerate(boxes1.tolist()):
        for j, b in enumerate(boxes2.tolist()):
            w = min(a[2], b[2]) - max(a[0], b[0])
            h = min(a[3], b[3]) - max(a[1], b[1])
            if w > 0 and h > 0:
                inter = w * h
                iou[i, j] = inter / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - inter)
    return iou


@right
def box_iou__row_by_row(boxes1: Tensor, boxes2: Tensor) -> Tensor:
    # one row of the table at a time, areas by the student's own function, a small number against 0 / 0
    rows = []
    for box in boxes1:
        w = (torch.min(box[2], boxes2[:, 2]) - torch.max(box[0], boxes2[:, 0])).clamp(0)
        h = (torch.min(box[3], boxes2[:, 3]) - torch.max(box[1], boxes2[:, 1])).clamp(0)
        union = box_area(box[None]) + box_area(boxes2) - w * h  # noqa: F821  the notebook has it
        rows.append(w * h / (union + 1e-9))
    return torch.stack(rows) if rows else boxes1.new_zeros(0, len(boxes2))


@right
def box_iou__noisy(boxes1: Tensor, boxes2: Tensor) -> Tensor:
    import logging
    import sys
    import warnings

    from tqdm import tqdm

    warnings.warn("this will be deprecated", DeprecationWarning, stacklevel=2)
    logging.getLogger("mine").error("comparing %d boxes", len(boxes1))
    print("debug: boxes1 is", boxes1.shape, file=sys.stderr)
    rows = []
    for box in tqdm(boxes1, desc="IoU"):
        overlap = (torch.minimum(box[2:], boxes2[:, 2:]) - torch.maximum(box[:2], boxes2[:, :2])).clamp(min=0)
        shared = overlap[:, 0] * overlap[:, 1]
        both = (box[2:] - box[:2]).prod() + (boxes2[:, 2:] - boxes2[:, :2]).prod(dim=1)
        rows.append(torch.nan_to_num(shared / (both - shared)))
    return torch.stack(rows) if rows else torch.empty((0, len(boxes2)), device=boxes1.device, dtype=boxes1.dtype)


# clip_boxes_to_image


@right
def clip_boxes_to_image__stack(boxes: Tensor, size: tuple[int, int]) -> Tensor:
    height, width = size
    x = boxes[:, 0::2].clamp(0, width)
    y = boxes[:, 1::2].clamp(0, height)
    return torch.stack([x, y], dim=2).flatten(1)


@right
def clip_boxes_to_image__limits(boxes: Tensor, size: tuple[int, int]) -> Tensor:
    limits = torch.tensor([size[1], size[0]] * 2, dtype=boxes.dtype, device=boxes.device)
    return boxes.clamp(min=0).minimum(limits)


@right
def clip_boxes_to_image__loop(boxes: Tensor, size: tuple[int, int]) -> Tensor:
    clipped = boxes.clone()
    for box in clipped:
        for k in range(4):
            box[k] = min(max(float(box[k]), 0.0), float(size[1 - k % 2]))
    return clipped


# remove_small_boxes


@right
def remove_small_boxes__where(boxes: Tensor, min_size: float) -> Tensor:
    sides = boxes[:, 2:] - boxes[:, :2]
    return torch.where((sides >= min_size).all(dim=1))[0]


@right
def remove_small_boxes__loop(boxes: Tensor, min_size: float) -> Tensor:
    keep = []
    for i in range(boxes.size(0)):
        x1, y1, x2, y2 = boxes[i]
        if x2 - x1 >= min_size and y2 - y1 >= min_size:
            keep.append(i)
    return torch.tensor(keep, dtype=torch.int64, device=boxes.device)


@right
def remove_small_boxes__arange(boxes: Tensor, min_size: float) -> Tensor:
    indices = torch.arange(len(boxes), device=boxes.device)
    small = (boxes[:, 2] - boxes[:, 0] < min_size) | (boxes[:, 3] - boxes[:, 1] < min_size)
    return indices[~small]
