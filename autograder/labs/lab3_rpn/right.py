"""Right answers to lab 3, in styles as different as students are."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from autograder.grader.answers import right
from course.labs.lab2_anchors.library import decode_boxes
from course.labs.lab3_rpn.library import nms
from course.library import box_iou, clip_boxes_to_image, remove_small_boxes

# RPNHead


@right
class RPNHead__reshape(nn.Module):
    def __init__(self, in_channels: int, mid_channels: int, num_anchors: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, mid_channels, 3, 1, 1)
        self.cls_logits = nn.Conv2d(mid_channels, num_anchors * 2, 1)
        self.bbox_pred = nn.Conv2d(mid_channels, num_anchors * 4, 1)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                torch.nn.init.normal_(module.weight, mean=0.0, std=0.01)
                torch.nn.init.constant_(module.bias, 0)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        x = torch.relu(self.conv(features))
        B, _, H, W = features.shape
        cls = self.cls_logits(x)
        loc = self.bbox_pred(x)
        A = cls.shape[1] // 2
        cls = cls.view(B, A, 2, H, W).permute(0, 3, 4, 1, 2).reshape(B, H * W * A, 2)
        loc = loc.view(B, A, 4, H, W).permute(0, 3, 4, 1, 2).reshape(B, H * W * A, 4)
        return cls, loc


@right
class RPNHead__slides_mended(nn.Module):
    def __init__(self, in_channels, mid_channels, num_anchors):
        super().__init__()
        self.relu = nn.ReLU(inplace=True)
        self.conv = nn.Conv2d(in_channels, mid_channels, 3, 1, 1)
        self.conv.weight.data.normal_(0, 0.01)
        self.conv.bias.data.zero_()
        self.bbox_pred = nn.Conv2d(mid_channels, num_anchors * 4, 1, 1, 0)
        self.bbox_pred.weight.data.normal_(0, 0.01)
        self.bbox_pred.bias.data.zero_()
        self.cls_logits = nn.Conv2d(mid_channels, num_anchors * 2, 1, 1, 0)
        self.cls_logits.weight.data.normal_(0, 0.01)
        self.cls_logits.bias.data.zero_()

    def forward(self, features):
        x = self.relu(self.conv(features))
        pred_anchor_locs = self.bbox_pred(x)
        pred_cls_scores = self.cls_logits(x)
        pred_anchor_locs = pred_anchor_locs.permute(0, 2, 3, 1).contiguous().view(len(x), -1, 4)
        pred_cls_scores = pred_cls_scores.permute(0, 2, 3, 1).contiguous().view(len(x), -1, 2)
        return pred_cls_scores, pred_anchor_locs


@right
class RPNHead__linear_per_place(nn.Module):
    # a 1 × 1 convolution is a linear layer at every place
    def __init__(self, in_channels, mid_channels, num_anchors):
        super().__init__()
        self.conv = self.layer(in_channels, mid_channels, 3)
        self.cls_logits = self.layer(mid_channels, 2 * num_anchors, 1)
        self.bbox_pred = self.layer(mid_channels, 4 * num_anchors, 1)

    @staticmethod
    def layer(before, after, side):
        conv = nn.Conv2d(before, after, side, padding="same")
        nn.init.normal_(conv.weight, 0, 0.01)
        nn.init.zeros_(conv.bias)
        return conv

    def forward(self, features):
        rows = F.relu(self.conv(features)).movedim(1, -1)
        answers = []
        for head, each in ((self.cls_logits, 2), (self.bbox_pred, 4)):
            out = F.linear(rows, head.weight.flatten(1), head.bias)
            answers.append(out.unflatten(-1, (-1, each)).flatten(1, 3))
        return tuple(answers)


@right
class RPNHead__sequential(nn.Module):
    # each layer has two names: its own, and one in a sequence
    def __init__(self, in_channels: int, mid_channels: int, num_anchors: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, mid_channels, kernel_size=3, padding=1)
        self.cls_logits = nn.Conv2d(mid_channels, num_anchors * 2, kernel_size=1)
        self.bbox_pred = nn.Conv2d(mid_channels, num_anchors * 4, kernel_size=1)
        for layer in (self.conv, self.cls_logits, self.bbox_pred):
            nn.init.normal_(layer.weight, 0, 0.01)
            nn.init.zeros_(layer.bias)
        self.shared = nn.Sequential(self.conv, nn.ReLU())
        self.objects, self.moves = (
            nn.Sequential(self.shared, self.cls_logits),
            nn.Sequential(self.shared, self.bbox_pred),
        )

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        last = [answer(features).permute(0, 2, 3, 1) for answer in (self.objects, self.moves)]
        return last[0].reshape(len(features), -1, 2), last[1].reshape(len(features), -1, 4)


# rpn_loss


@right
def rpn_loss__ignore_index(
    objectness: Tensor, deltas: Tensor, labels: Tensor, targets: Tensor, loc_weight: float = 10.0
) -> tuple[Tensor, Tensor, Tensor]:
    if (labels >= 0).any():
        cls_loss = F.cross_entropy(objectness, labels, ignore_index=-1)
    else:
        cls_loss = objectness.sum() * 0
    pos = labels > 0
    diff = (deltas[pos] - targets[pos]).abs()
    loc_loss = torch.where(diff < 1, 0.5 * diff**2, diff - 0.5).sum() / max(1, int(pos.sum()))
    return cls_loss + loc_weight * loc_loss, cls_loss, loc_loss


@right
def rpn_loss__by_hand(objectness, deltas, labels, targets, loc_weight=10.0):
    # the formula term by term, with masks as weights
    log_p = objectness - objectness.logsumexp(dim=1, keepdim=True)
    counts = (labels != -1).to(objectness.dtype)
    chosen = log_p.gather(1, labels.clamp(min=0)[:, None])[:, 0]
    cls_loss = -(chosen * counts).sum() / counts.sum().clamp(min=1)
    positive = (labels == 1).to(deltas.dtype)
    x = (deltas - targets).abs()
    smooth = (x < 1).to(x.dtype) * 0.5 * x**2 + (x >= 1).to(x.dtype) * (x - 0.5)
    loc_loss = (smooth.sum(dim=1) * positive).sum() / positive.sum().clamp(min=1)
    return (cls_loss + loc_weight * loc_loss, cls_loss, loc_loss)


@right
def rpn_loss__loop(objectness, deltas, labels, targets, loc_weight=10.0):
    cls_loss, loc_loss = objectness.sum() * 0, deltas.sum() * 0
    counted = positives = 0
    for i, label in enumerate(labels.tolist()):
        if label < 0:
            continue
        counted += 1
        cls_loss = cls_loss + torch.logsumexp(objectness[i], 0) - objectness[i, label]
        if label == 1:
            positives += 1
            loc_loss = loc_loss + F.smooth_l1_loss(deltas[i], targets[i], reduction="sum")
    cls_loss = cls_loss / max(counted, 1)
    loc_loss = loc_loss / max(positives, 1)
    return cls_loss + loc_weight * loc_loss, cls_loss, loc_loss


# nms


@right
def nms__while_loop(boxes: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    _, order = scores.sort(descending=True, stable=True)
    keep = []
    while order.numel() > 0:
        i = order[0].item()
        keep.append(i)
        if order.numel() == 1:
            break
        rest = order[1:]
        lt = torch.maximum(boxes[i, :2], boxes[rest, :2])
        rb = torch.minimum(boxes[i, 2:], boxes[rest, 2:])
        inter = (rb - lt).clamp(min=0).prod(dim=1)
        area = (boxes[i, 2:] - boxes[i, :2]).prod()
        areas = (boxes[rest, 2:] - boxes[rest, :2]).prod(dim=1)
        order = rest[~(inter / (area + areas - inter) > iou_threshold)]  # 0 / 0 is not greater
    return torch.tensor(keep, dtype=torch.int64, device=boxes.device)


@right
def nms__numpy_mended(boxes, scores, iou_threshold):
    # the slide's loop: sorted once, without + 1, and back to a tensor
    import numpy as np

    array = boxes.detach().cpu().numpy()
    x1, y1, x2, y2 = array.T
    areas = (x2 - x1) * (y2 - y1)
    order = np.argsort(-scores.detach().cpu().numpy(), kind="stable")
    keep = []
    while order.size > 0:
        i = order[0]
        keep.append(int(i))
        xx1 = np.maximum(x1[i], x1[order[1:]])
        yy1 = np.maximum(y1[i], y1[order[1:]])
        xx2 = np.minimum(x2[i], x2[order[1:]])
        yy2 = np.minimum(y2[i], y2[order[1:]])
        inter = np.maximum(0.0, xx2 - xx1) * np.maximum(0.0, yy2 - yy1)
        ovr = inter / (areas[i] + areas[order[1:]] - inter)
        inds = np.where(~(ovr > iou_threshold))[0]
        order = order[inds + 1]
    return torch.tensor(keep, dtype=torch.long, device=boxes.device)


@right
def nms__flags(boxes, scores, iou_threshold):
    # one flag a box: walk down the ranking, and strike out what a kept box overlaps
    order = torch.sort(scores, descending=True, stable=True).indices
    ranked = boxes[order]
    alive = torch.ones(len(order), dtype=torch.bool, device=boxes.device)
    for i in range(len(order)):
        if alive[i]:
            alive[i + 1 :] &= box_iou(ranked[i : i + 1], ranked[i + 1 :])[0] <= iou_threshold
    return order[alive]


@right
def nms__crossed_out(boxes, scores, iou_threshold):
    # the best of all again and again; minus infinity crosses out
    left = scores.double().clone()
    keep = []
    while bool((left > -float("inf")).any()):
        best = int(left.argmax())
        keep.append(best)
        left[box_iou(boxes[best : best + 1], boxes)[0] > iou_threshold] = -float("inf")
        left[best] = -float("inf")
    return torch.tensor(keep, dtype=torch.int64, device=boxes.device)


# make_proposals


@right
def make_proposals__steps(
    objectness: Tensor,
    deltas: Tensor,
    anchors: Tensor,
    size: tuple[int, int],
    pre_nms_top_n: int = 12000,
    post_nms_top_n: int = 2000,
    nms_threshold: float = 0.7,
    min_size: float = 16,
) -> tuple[Tensor, Tensor]:
    prob = F.softmax(objectness, dim=1)[:, 1]
    proposals = decode_boxes(deltas, anchors)
    proposals = clip_boxes_to_image(proposals, size)
    keep = remove_small_boxes(proposals, min_size)
    proposals = proposals[keep]
    prob = prob[keep]
    prob, order = prob.topk(min(pre_nms_top_n, len(prob)))
    proposals = proposals[order]
    keep = nms(proposals, prob, nms_threshold)
    keep = keep[:post_nms_top_n]
    return proposals[keep], prob[keep]


@right
def make_proposals__sort_first(
    objectness, deltas, anchors, size, pre_nms_top_n=12000, post_nms_top_n=2000, nms_threshold=0.7, min_size=16
):
    # everything in the order of the scores from the start; decoding and clipping by hand
    scores = torch.sigmoid(objectness[:, 1] - objectness[:, 0])
    order = torch.argsort(scores, descending=True)
    scores, deltas, anchors = scores[order], deltas[order], anchors[order]
    w, h = anchors[:, 2] - anchors[:, 0], anchors[:, 3] - anchors[:, 1]
    cx, cy = anchors[:, 0] + 0.5 * w + deltas[:, 0] * w, anchors[:, 1] + 0.5 * h + deltas[:, 1] * h
    limit = torch.log(torch.tensor(1000 / 16)).item()
    w, h = w * deltas[:, 2].clamp(max=limit).exp(), h * deltas[:, 3].clamp(max=limit).exp()
    x1, x2 = (cx - 0.5 * w).clamp(0, size[1]), (cx + 0.5 * w).clamp(0, size[1])
    y1, y2 = (cy - 0.5 * h).clamp(0, size[0]), (cy + 0.5 * h).clamp(0, size[0])
    boxes = torch.stack([x1, y1, x2, y2], dim=1)
    mask = (x2 - x1 >= min_size) & (y2 - y1 >= min_size)
    boxes, scores = boxes[mask][:pre_nms_top_n], scores[mask][:pre_nms_top_n]
    keep = nms(boxes, scores, nms_threshold)
    return boxes[keep][:post_nms_top_n], scores[keep][:post_nms_top_n]
