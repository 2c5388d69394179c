"""Wrong answers to lab 3, each with the hint that its author must get.

The ones called ``slides`` are the lecture's printed code, adapted to our signatures.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from autograder.answers import wrong
from course.checks import lab3_rpn as hints
from course.library import box_iou, clip_boxes_to_image, remove_small_boxes
from course.library.anchors import decode_boxes
from course.library.rpn import nms

# RPNHead


@wrong(
    "The slides' layers, one after the other: a ReLU is missing behind the first convolution, and with it all that the "
    "first one could add. Two linear maps are one linear map."
)
class RPNHead__slides(nn.Module):
    def __init__(self, in_channels: int, mid_channels: int, num_anchors: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, mid_channels, 3, 1, 1)
        self.conv.weight.data.normal_(0, 0.01)
        self.conv.bias.data.zero_()
        self.bbox_pred = nn.Conv2d(mid_channels, num_anchors * 4, 1, 1, 0)
        self.bbox_pred.weight.data.normal_(0, 0.01)
        self.bbox_pred.bias.data.zero_()
        self.cls_logits = nn.Conv2d(mid_channels, num_anchors * 2, 1, 1, 0)
        self.cls_logits.weight.data.normal_(0, 0.01)
        self.cls_logits.bias.data.zero_()

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        x = self.conv(features)
        pred_anchor_locs = self.bbox_pred(x)
        pred_cls_scores = self.cls_logits(x)
        pred_anchor_locs = pred_anchor_locs.permute(0, 2, 3, 1).contiguous().view(x.size(0), -1, 4)
        pred_cls_scores = pred_cls_scores.permute(0, 2, 3, 1).contiguous().view(x.size(0), -1, 2)
        return pred_cls_scores, pred_anchor_locs


@wrong(hints.PERMUTE)
class RPNHead__no_permute(nn.Module):
    def __init__(self, in_channels, mid_channels, num_anchors):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, mid_channels, 3, padding=1)
        self.cls_logits = nn.Conv2d(mid_channels, 2 * num_anchors, 1)
        self.bbox_pred = nn.Conv2d(mid_channels, 4 * num_anchors, 1)
        for layer in self.children():
            nn.init.normal_(layer.weight, std=0.01)
            nn.init.zeros_(layer.bias)

    def forward(self, features):
        x = F.relu(self.conv(features))
        return self.cls_logits(x).reshape(len(x), -1, 2), self.bbox_pred(x).reshape(len(x), -1, 4)


@wrong(
    "Height and width have changed places: permute(0, 2, 3, 1) gives y, x, channel; (0, 3, 2, 1) gives x, y, channel."
)
class RPNHead__columns_first(nn.Module):
    def __init__(self, in_channels, mid_channels, num_anchors):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, mid_channels, 3, padding=1)
        self.cls_logits = nn.Conv2d(mid_channels, 2 * num_anchors, 1)
        self.bbox_pred = nn.Conv2d(mid_channels, 4 * num_anchors, 1)
        for layer in self.children():
            nn.init.normal_(layer.weight, std=0.01)
            nn.init.zeros_(layer.bias)

    def forward(self, features):
        x = F.relu(self.conv(features)).permute(0, 1, 3, 2)
        cls, loc = self.cls_logits(x).permute(0, 2, 3, 1), self.bbox_pred(x).permute(0, 2, 3, 1)
        return cls.reshape(len(x), -1, 2), loc.reshape(len(x), -1, 4)


@wrong(hints.PAIRS)
class RPNHead__classes_outside(nn.Module):
    def __init__(self, in_channels, mid_channels, num_anchors):
        super().__init__()
        self.num_anchors = num_anchors
        self.conv = nn.Conv2d(in_channels, mid_channels, 3, padding=1)
        self.cls_logits = nn.Conv2d(mid_channels, 2 * num_anchors, 1)
        self.bbox_pred = nn.Conv2d(mid_channels, 4 * num_anchors, 1)
        for layer in self.children():
            nn.init.normal_(layer.weight, std=0.01)
            nn.init.zeros_(layer.bias)

    def forward(self, features):
        x = F.relu(self.conv(features))
        B, _, H, W = x.shape
        cls = self.cls_logits(x).view(B, 2, self.num_anchors, H, W).permute(0, 3, 4, 2, 1)
        loc = self.bbox_pred(x).view(B, 4, self.num_anchors, H, W).permute(0, 3, 4, 2, 1)
        return cls.reshape(B, -1, 2), loc.reshape(B, -1, 4)


@wrong(hints.ROW_MAJOR)
class RPNHead__anchors_outside(nn.Module):
    def __init__(self, in_channels, mid_channels, num_anchors):
        super().__init__()
        self.num_anchors = num_anchors
        self.conv = nn.Conv2d(in_channels, mid_channels, 3, padding=1)
        self.cls_logits = nn.Conv2d(mid_channels, 2 * num_anchors, 1)
        self.bbox_pred = nn.Conv2d(mid_channels, 4 * num_anchors, 1)
        for layer in self.children():
            nn.init.normal_(layer.weight, std=0.01)
            nn.init.zeros_(layer.bias)

    def forward(self, features):
        x = F.relu(self.conv(features))
        B, _, H, W = x.shape
        cls = self.cls_logits(x).view(B, self.num_anchors, 2, H, W).permute(0, 1, 3, 4, 2)
        loc = self.bbox_pred(x).view(B, self.num_anchors, 4, H, W).permute(0, 1, 3, 4, 2)
        return cls.reshape(B, -1, 2), loc.reshape(B, -1, 4)


@wrong(hints.START)
class RPNHead__torchs_start(nn.Module):
    def __init__(self, in_channels, mid_channels, num_anchors):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, mid_channels, 3, padding=1)
        self.cls_logits = nn.Conv2d(mid_channels, 2 * num_anchors, 1)
        self.bbox_pred = nn.Conv2d(mid_channels, 4 * num_anchors, 1)

    def forward(self, features):
        x = F.relu(self.conv(features))
        cls, loc = self.cls_logits(x).permute(0, 2, 3, 1), self.bbox_pred(x).permute(0, 2, 3, 1)
        return cls.reshape(len(x), -1, 2), loc.reshape(len(x), -1, 4)


@wrong("The weights start as they should, but the biases keep torch's random start: set them to 0, in every layer.")
class RPNHead__biases_left(nn.Module):
    def __init__(self, in_channels, mid_channels, num_anchors):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, mid_channels, 3, padding=1)
        self.cls_logits = nn.Conv2d(mid_channels, 2 * num_anchors, 1)
        self.bbox_pred = nn.Conv2d(mid_channels, 4 * num_anchors, 1)
        for layer in self.children():
            nn.init.normal_(layer.weight, std=0.01)

    def forward(self, features):
        x = F.relu(self.conv(features))
        cls, loc = self.cls_logits(x).permute(0, 2, 3, 1), self.bbox_pred(x).permute(0, 2, 3, 1)
        return cls.reshape(len(x), -1, 2), loc.reshape(len(x), -1, 4)


@wrong(hints.PADDING)
class RPNHead__no_padding(nn.Module):
    def __init__(self, in_channels, mid_channels, num_anchors):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, mid_channels, 3)
        self.cls_logits = nn.Conv2d(mid_channels, 2 * num_anchors, 1)
        self.bbox_pred = nn.Conv2d(mid_channels, 4 * num_anchors, 1)
        for layer in self.children():
            nn.init.normal_(layer.weight, std=0.01)
            nn.init.zeros_(layer.bias)

    def forward(self, features):
        x = F.relu(self.conv(features))
        cls, loc = self.cls_logits(x).permute(0, 2, 3, 1), self.bbox_pred(x).permute(0, 2, 3, 1)
        return cls.reshape(len(x), -1, 2), loc.reshape(len(x), -1, 4)


@wrong("The head gives logits: the softmax belongs to the loss and to make_proposals, which both apply it themselves.")
class RPNHead__softmax(nn.Module):
    def __init__(self, in_channels, mid_channels, num_anchors):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, mid_channels, 3, padding=1)
        self.cls_logits = nn.Conv2d(mid_channels, 2 * num_anchors, 1)
        self.bbox_pred = nn.Conv2d(mid_channels, 4 * num_anchors, 1)
        for layer in self.children():
            nn.init.normal_(layer.weight, std=0.01)
            nn.init.zeros_(layer.bias)

    def forward(self, features):
        x = F.relu(self.conv(features))
        cls, loc = self.cls_logits(x).permute(0, 2, 3, 1), self.bbox_pred(x).permute(0, 2, 3, 1)
        return cls.reshape(len(x), -1, 2).softmax(dim=2), loc.reshape(len(x), -1, 4)


@wrong("The batch is lost: view(1, -1, 4) puts all images into one row. Keep the first dimension, len(features).")
class RPNHead__batch_of_one(nn.Module):
    def __init__(self, in_channels, mid_channels, num_anchors):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, mid_channels, 3, padding=1)
        self.cls_logits = nn.Conv2d(mid_channels, 2 * num_anchors, 1)
        self.bbox_pred = nn.Conv2d(mid_channels, 4 * num_anchors, 1)
        for layer in self.children():
            nn.init.normal_(layer.weight, std=0.01)
            nn.init.zeros_(layer.bias)

    def forward(self, features):
        x = F.relu(self.conv(features))
        cls, loc = self.cls_logits(x).permute(0, 2, 3, 1), self.bbox_pred(x).permute(0, 2, 3, 1)
        return cls.reshape(1, -1, 2), loc.reshape(1, -1, 4)


# rpn_loss


@wrong(
    "The slides' lines. Without positives they divide 0 by 0, and without labels that count so does cross_entropy: one "
    "NaN, and all weights are NaN. Divide by at least 1, both times. (The .cpu() in them is only slow.)"
)
def rpn_loss__slides(
    objectness: Tensor, deltas: Tensor, labels: Tensor, targets: Tensor, loc_weight: float = 10.0
) -> tuple[Tensor, Tensor, Tensor]:
    rpn_cls_loss = F.cross_entropy(objectness, labels.long(), ignore_index=-1)
    pos = labels > 0
    mask = pos.unsqueeze(1).expand_as(deltas)
    mask_loc_preds = deltas[mask].view(-1, 4)
    mask_loc_targets = targets[mask].view(-1, 4)
    x = torch.abs(mask_loc_targets.cpu() - mask_loc_preds.cpu())
    rpn_loc_loss = ((x < 1).float() * 0.5 * x**2) + ((x >= 1).float() * (x - 0.5))
    N_reg = (labels > 0).float().sum()
    rpn_loc_loss = rpn_loc_loss.sum() / N_reg
    return rpn_cls_loss + (loc_weight * rpn_loc_loss), rpn_cls_loss, rpn_loc_loss


@wrong(hints.NO_POSITIVES)
def rpn_loss__nan(objectness, deltas, labels, targets, loc_weight=10.0):
    counted = labels >= 0
    cls_loss = F.cross_entropy(objectness[counted], labels[counted], reduction="sum") / counted.sum().clamp(min=1)
    positive = labels == 1
    loc_loss = F.smooth_l1_loss(deltas[positive], targets[positive], reduction="sum") / positive.sum()
    return cls_loss + loc_weight * loc_loss, cls_loss, loc_loss


@wrong(
    "Right but for one thing: where no label counts, cross_entropy's mean is 0 / 0 = NaN. Divide by at least 1 there."
)
def rpn_loss__nothing_counts(objectness, deltas, labels, targets, loc_weight=10.0):
    cls_loss = F.cross_entropy(objectness, labels, ignore_index=-1)
    positive = labels == 1
    loc_loss = F.smooth_l1_loss(deltas[positive], targets[positive], reduction="sum") / positive.sum().clamp(min=1)
    return cls_loss + loc_weight * loc_loss, cls_loss, loc_loss


@wrong("Anchors with label -1 are taken for background: they are neither, and must not count at all.")
def rpn_loss__ignored_as_background(objectness, deltas, labels, targets, loc_weight=10.0):
    cls_loss = F.cross_entropy(objectness, labels.clamp(min=0), reduction="sum") / max(len(labels), 1)
    positive = labels == 1
    loc_loss = F.smooth_l1_loss(deltas[positive], targets[positive], reduction="sum") / positive.sum().clamp(min=1)
    return cls_loss + loc_weight * loc_loss, cls_loss, loc_loss


@wrong("You divide by all anchors, also by those with label -1: only labels 0 and 1 count.")
def rpn_loss__divided_by_all(objectness, deltas, labels, targets, loc_weight=10.0):
    cls_loss = F.cross_entropy(objectness, labels, ignore_index=-1, reduction="sum") / max(len(labels), 1)
    positive = labels == 1
    loc_loss = F.smooth_l1_loss(deltas[positive], targets[positive], reduction="sum") / positive.sum().clamp(min=1)
    return cls_loss + loc_weight * loc_loss, cls_loss, loc_loss


@wrong(hints.POSITIVES_ONLY)
def rpn_loss__boxes_of_background(objectness, deltas, labels, targets, loc_weight=10.0):
    counted = labels >= 0
    cls_loss = F.cross_entropy(objectness[counted], labels[counted], reduction="sum") / counted.sum().clamp(min=1)
    positive = labels == 1
    loc_loss = F.smooth_l1_loss(deltas[counted], targets[counted], reduction="sum") / positive.sum().clamp(min=1)
    return cls_loss + loc_weight * loc_loss, cls_loss, loc_loss


@wrong("smooth_l1_loss's own mean divides by four numbers a box: add all up, and divide by the number of positives.")
def rpn_loss__mean_of_numbers(objectness, deltas, labels, targets, loc_weight=10.0):
    counted = labels >= 0
    cls_loss = F.cross_entropy(objectness[counted], labels[counted], reduction="sum") / counted.sum().clamp(min=1)
    positive = labels == 1
    loc_loss = F.smooth_l1_loss(deltas[positive], targets[positive], reduction="sum") / (4 * positive.sum()).clamp(
        min=1
    )
    return cls_loss + loc_weight * loc_loss, cls_loss, loc_loss


@wrong("The localisation loss is divided by all sampled anchors, as in torchvision: here it is the positives, N_reg.")
def rpn_loss__divided_by_sampled(objectness, deltas, labels, targets, loc_weight=10.0):
    counted = labels >= 0
    cls_loss = F.cross_entropy(objectness[counted], labels[counted], reduction="sum") / counted.sum().clamp(min=1)
    positive = labels == 1
    loc_loss = F.smooth_l1_loss(deltas[positive], targets[positive], reduction="sum") / counted.sum().clamp(min=1)
    return cls_loss + loc_weight * loc_loss, cls_loss, loc_loss


@wrong(hints.NO_WEIGHT)
def rpn_loss__no_weight(objectness, deltas, labels, targets, loc_weight=10.0):
    counted = labels >= 0
    cls_loss = F.cross_entropy(objectness[counted], labels[counted], reduction="sum") / counted.sum().clamp(min=1)
    positive = labels == 1
    loc_loss = F.smooth_l1_loss(deltas[positive], targets[positive], reduction="sum") / positive.sum().clamp(min=1)
    return cls_loss + loc_loss, cls_loss, loc_loss


@wrong("The weight is 10 by default, but not always: multiply by the argument loc_weight.")
def rpn_loss__always_ten(objectness, deltas, labels, targets, loc_weight=10.0):
    counted = labels >= 0
    cls_loss = F.cross_entropy(objectness[counted], labels[counted], reduction="sum") / counted.sum().clamp(min=1)
    positive = labels == 1
    loc_loss = F.smooth_l1_loss(deltas[positive], targets[positive], reduction="sum") / positive.sum().clamp(min=1)
    return cls_loss + 10 * loc_loss, cls_loss, loc_loss


@wrong("The third answer is the localisation loss itself: the weight goes into the total only.")
def rpn_loss__weighted_part(objectness, deltas, labels, targets, loc_weight=10.0):
    counted = labels >= 0
    cls_loss = F.cross_entropy(objectness[counted], labels[counted], reduction="sum") / counted.sum().clamp(min=1)
    positive = labels == 1
    loc_loss = F.smooth_l1_loss(deltas[positive], targets[positive], reduction="sum") / positive.sum().clamp(min=1)
    return cls_loss + loc_weight * loc_loss, cls_loss, loc_weight * loc_loss


@wrong("That is |x|, with its kink at 0: smooth L1 is x²/2 where |x| < 1 and |x| - 1/2 beyond.")
def rpn_loss__l1(objectness, deltas, labels, targets, loc_weight=10.0):
    counted = labels >= 0
    cls_loss = F.cross_entropy(objectness[counted], labels[counted], reduction="sum") / counted.sum().clamp(min=1)
    positive = labels == 1
    loc_loss = F.l1_loss(deltas[positive], targets[positive], reduction="sum") / positive.sum().clamp(min=1)
    return cls_loss + loc_weight * loc_loss, cls_loss, loc_loss


@wrong("Smooth L1 changes over at |x| = 1 here (beta=1), as in Fast R-CNN; 1/9 is torchvision's choice for its RPN.")
def rpn_loss__beta(objectness, deltas, labels, targets, loc_weight=10.0):
    counted = labels >= 0
    cls_loss = F.cross_entropy(objectness[counted], labels[counted], reduction="sum") / counted.sum().clamp(min=1)
    positive = labels == 1
    loc_loss = F.smooth_l1_loss(deltas[positive], targets[positive], beta=1 / 9, reduction="sum")
    loc_loss = loc_loss / positive.sum().clamp(min=1)
    return cls_loss + loc_weight * loc_loss, cls_loss, loc_loss


@wrong(
    "cross_entropy takes logits and does the softmax itself: here it is done twice, and the loss can never be small."
)
def rpn_loss__softmax_twice(objectness, deltas, labels, targets, loc_weight=10.0):
    counted = labels >= 0
    probabilities = objectness.softmax(dim=1)
    cls_loss = F.cross_entropy(probabilities[counted], labels[counted], reduction="sum") / counted.sum().clamp(min=1)
    positive = labels == 1
    loc_loss = F.smooth_l1_loss(deltas[positive], targets[positive], reduction="sum") / positive.sum().clamp(min=1)
    return cls_loss + loc_weight * loc_loss, cls_loss, loc_loss


@wrong("The numbers are right, but they are cut off from the network: .data, .detach() or .item() stop the gradients.")
def rpn_loss__cut_off(objectness, deltas, labels, targets, loc_weight=10.0):
    counted = labels >= 0
    cls_loss = F.cross_entropy(objectness[counted], labels[counted], reduction="sum") / counted.sum().clamp(min=1)
    positive = labels == 1
    loc_loss = F.smooth_l1_loss(deltas.data[positive], targets[positive], reduction="sum")
    loc_loss = loc_loss / positive.sum().clamp(min=1)
    return cls_loss + loc_weight * loc_loss, cls_loss, loc_loss


# nms


@wrong(hints.TOO_SLOW)
def nms__double_loop(boxes: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    order = sorted(range(len(boxes)), key=lambda i: -scores[i])
    keep = []
    for i in order:
        good = True
        for j in keep:
            w = min(boxes[i, 2], boxes[j, 2]) - max(boxes[i, 0], boxes[j, 0])
            h = min(boxes[i, 3], boxes[j, 3]) - max(boxes[i, 1], boxes[j, 1])
            if w > 0 and h > 0:
                area_i = (boxes[i, 2] - boxes[i, 0]) * (boxes[i, 3] - boxes[i, 1])
                area_j = (boxes[j, 2] - boxes[j, 0]) * (boxes[j, 3] - boxes[j, 1])
                if w * h / (area_i + area_j - w * h) > iou_threshold:
                    good = False
                    break
        if good:
            keep.append(i)
    return torch.tensor(keep, dtype=torch.int64, device=boxes.device)


@wrong(hints.AT_THE_THRESHOLD)
def nms__at_the_threshold(boxes, scores, iou_threshold):
    order = scores.argsort(descending=True, stable=True)
    keep = []
    while order.numel() > 0:
        keep.append(order[0])
        order = order[1:][box_iou(boxes[order[:1]], boxes[order[1:]])[0] < iou_threshold]
    return torch.stack(keep) if keep else order


@wrong(
    "The slides sort twice: `order` is sorted already, and its argsort ranks box numbers, not scores. They also add "
    "1 to every side. Sort the scores once, and measure as in lab 1."
)
def nms__slides(boxes: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    x1, y1, x2, y2 = boxes.unbind(dim=1)
    areas = (x2 - x1 + 1) * (y2 - y1 + 1)
    order = scores.argsort(descending=True)
    order = order.argsort().flip(0)
    keep = []
    while order.numel() > 0:
        i = order[0]
        keep.append(i)
        xx1 = torch.maximum(x1[i], x1[order[1:]])
        yy1 = torch.maximum(y1[i], y1[order[1:]])
        xx2 = torch.minimum(x2[i], x2[order[1:]])
        yy2 = torch.minimum(y2[i], y2[order[1:]])
        w = (xx2 - xx1 + 1).clamp(min=0)
        h = (yy2 - yy1 + 1).clamp(min=0)
        inter = w * h
        ovr = inter / (areas[i] + areas[order[1:]] - inter)
        order = order[1:][ovr <= iou_threshold]
    return torch.stack(keep) if keep else order


@wrong("The slides sort twice: `order` is sorted already, and its argsort ranks box numbers, not scores. Sort once.")
def nms__argsort_of_order(boxes, scores, iou_threshold):
    order = scores.argsort(descending=True)
    order = order.argsort().flip(0)
    keep = []
    while order.numel() > 0:
        keep.append(order[0])
        order = order[1:][box_iou(boxes[order[:1]], boxes[order[1:]])[0] <= iou_threshold]
    return torch.stack(keep) if keep else order


@wrong("The + 1 of the slides counts pixels. Our sides are x2 - x1 and y2 - y1, as in lab 1.")
def nms__plus_one(boxes, scores, iou_threshold):
    order = scores.argsort(descending=True, stable=True)
    wider = boxes + torch.tensor([0, 0, 1, 1], dtype=boxes.dtype, device=boxes.device)
    keep = []
    while order.numel() > 0:
        keep.append(order[0])
        order = order[1:][box_iou(wider[order[:1]], wider[order[1:]])[0] <= iou_threshold]
    return torch.stack(keep) if keep else order


@wrong("You take the boxes in the order in which they came: nobody has sorted them for you. Start with the best score.")
def nms__assumes_sorted(boxes, scores, iou_threshold):
    order = torch.arange(len(boxes), device=boxes.device)
    keep = []
    while order.numel() > 0:
        keep.append(order[0])
        order = order[1:][box_iou(boxes[order[:1]], boxes[order[1:]])[0] <= iou_threshold]
    return torch.stack(keep) if keep else order


@wrong("You begin with the worst score, so that the worst box of each group is kept: argsort needs descending=True.")
def nms__worst_first(boxes, scores, iou_threshold):
    order = scores.argsort()
    keep = []
    while order.numel() > 0:
        keep.append(order[0])
        order = order[1:][box_iou(boxes[order[:1]], boxes[order[1:]])[0] <= iou_threshold]
    return torch.stack(keep) if keep else order


@wrong(hints.IN_THE_INPUT)
def nms__places_in_the_ranking(boxes, scores, iou_threshold):
    ranked = boxes[scores.argsort(descending=True, stable=True)]
    order = torch.arange(len(boxes), device=boxes.device)
    keep = []
    while order.numel() > 0:
        keep.append(order[0])
        order = order[1:][box_iou(ranked[order[:1]], ranked[order[1:]])[0] <= iou_threshold]
    return torch.stack(keep) if keep else order


@wrong(hints.NEVER)
def nms__never(boxes, scores, iou_threshold):
    return scores.argsort(descending=True, stable=True)


@wrong("The comparison is the wrong way round: boxes that overlap little are removed, and the copies stay.")
def nms__keeps_the_copies(boxes, scores, iou_threshold):
    order = scores.argsort(descending=True, stable=True)
    keep = []
    while order.numel() > 0:
        keep.append(order[0])
        order = order[1:][box_iou(boxes[order[:1]], boxes[order[1:]])[0] > iou_threshold]
    return torch.stack(keep) if keep else order


@wrong("The overlap ends at the smaller of the two x2 and y2: with maximum it is the box around both.")
def nms__maximum_twice(boxes, scores, iou_threshold):
    x1, y1, x2, y2 = boxes.unbind(1)
    areas = (x2 - x1) * (y2 - y1)
    order = scores.argsort(descending=True, stable=True)
    keep = []
    while order.numel() > 0:
        i, order = order[0], order[1:]
        keep.append(i)
        w = (torch.maximum(x2[i], x2[order]) - torch.maximum(x1[i], x1[order])).clamp(min=0)
        h = (torch.maximum(y2[i], y2[order]) - torch.maximum(y1[i], y1[order])).clamp(min=0)
        order = order[w * h / (areas[i] + areas[order] - w * h) <= iou_threshold]
    return torch.stack(keep) if keep else order


@wrong("Overlap without a clamp at 0: two boxes that are apart in x and in y get minus times minus, a large overlap.")
def nms__no_clamp(boxes, scores, iou_threshold):
    x1, y1, x2, y2 = boxes.unbind(1)
    areas = (x2 - x1) * (y2 - y1)
    order = scores.argsort(descending=True, stable=True)
    keep = []
    while order.numel() > 0:
        i, order = order[0], order[1:]
        keep.append(i)
        w = torch.minimum(x2[i], x2[order]) - torch.maximum(x1[i], x1[order])
        h = torch.minimum(y2[i], y2[order]) - torch.maximum(y1[i], y1[order])
        order = order[w * h / (areas[i] + areas[order] - w * h) <= iou_threshold]
    return torch.stack(keep) if keep else order


@wrong(hints.GONE_IS_GONE)
def nms__removed_ones_remove(boxes, scores, iou_threshold):
    order = scores.argsort(descending=True, stable=True)
    overlap = (box_iou(boxes[order], boxes[order]) > iou_threshold).triu(diagonal=1)
    return order[~overlap.any(dim=0)]


@wrong(hints.TIES)
def nms__ties_reversed(boxes, scores, iou_threshold):
    order = scores.argsort(stable=True).flip(0)
    keep = []
    while order.numel() > 0:
        keep.append(order[0])
        order = order[1:][box_iou(boxes[order[:1]], boxes[order[1:]])[0] <= iou_threshold]
    return torch.stack(keep) if keep else order


@wrong("The right boxes, but in the order of the list: give the indices best first, as they were picked.")
def nms__ascending(boxes, scores, iou_threshold):
    order = scores.argsort(descending=True, stable=True)
    keep = []
    while order.numel() > 0:
        keep.append(order[0])
        order = order[1:][box_iou(boxes[order[:1]], boxes[order[1:]])[0] <= iou_threshold]
    return torch.stack(keep).sort().values if keep else order


@wrong("You give yes/no values: the numbers of the boxes that stay are wanted, int64, best first.")
def nms__mask(boxes, scores, iou_threshold):
    order = scores.argsort(descending=True, stable=True)
    mask = torch.zeros(len(boxes), dtype=torch.bool, device=boxes.device)
    while order.numel() > 0:
        mask[order[0]] = True
        order = order[1:][box_iou(boxes[order[:1]], boxes[order[1:]])[0] <= iou_threshold]
    return mask


# make_proposals


@wrong(
    "The slides' steps: nothing is clipped, exp(dw) has no limit, scores are logits, and they are not reordered with "
    "the boxes. Each costs something; take the steps one by one."
)
def make_proposals__slides(
    objectness: Tensor,
    deltas: Tensor,
    anchors: Tensor,
    size: tuple[int, int],
    pre_nms_top_n: int = 12000,
    post_nms_top_n: int = 2000,
    nms_threshold: float = 0.7,
    min_size: float = 16,
) -> tuple[Tensor, Tensor]:
    anc_width, anc_height = (anchors[:, 2:] - anchors[:, :2]).unbind(1)
    ctr_x = deltas[:, 0] * anc_width + anchors[:, 0] + 0.5 * anc_width
    ctr_y = deltas[:, 1] * anc_height + anchors[:, 1] + 0.5 * anc_height
    w = torch.exp(deltas[:, 2]) * anc_width
    h = torch.exp(deltas[:, 3]) * anc_height
    roi = torch.stack([ctr_x - 0.5 * w, ctr_y - 0.5 * h, ctr_x + 0.5 * w, ctr_y + 0.5 * h], dim=1)
    score = objectness[:, 1]
    keep = torch.where((w >= min_size) & (h >= min_size))[0]
    roi = roi[keep, :]
    score = score[keep]
    order = score.ravel().argsort(descending=True)
    order = order[:pre_nms_top_n]
    roi = roi[order, :]
    keep = nms(roi, score[: len(roi)], nms_threshold)
    keep = keep[:post_nms_top_n]
    return roi[keep], score[keep]


@wrong(hints.CLIP)
def make_proposals__no_clip(
    objectness, deltas, anchors, size, pre_nms_top_n=12000, post_nms_top_n=2000, nms_threshold=0.7, min_size=16
):
    scores = objectness.softmax(1)[:, 1]
    boxes = decode_boxes(deltas, anchors)
    keep = remove_small_boxes(boxes, min_size)
    boxes, scores = boxes[keep], scores[keep]
    order = scores.argsort(descending=True)[:pre_nms_top_n]
    boxes, scores = boxes[order], scores[order]
    keep = nms(boxes, scores, nms_threshold)[:post_nms_top_n]
    return boxes[keep], scores[keep]


@wrong(hints.SIZE_SWAPPED)
def make_proposals__size_swapped(
    objectness, deltas, anchors, size, pre_nms_top_n=12000, post_nms_top_n=2000, nms_threshold=0.7, min_size=16
):
    scores = objectness.softmax(1)[:, 1]
    boxes = clip_boxes_to_image(decode_boxes(deltas, anchors), (size[1], size[0]))
    keep = remove_small_boxes(boxes, min_size)
    boxes, scores = boxes[keep], scores[keep]
    order = scores.argsort(descending=True)[:pre_nms_top_n]
    boxes, scores = boxes[order], scores[order]
    keep = nms(boxes, scores, nms_threshold)[:post_nms_top_n]
    return boxes[keep], scores[keep]


@wrong(
    "You rank by the logit of the object alone; what counts is how much larger it is than that of background: softmax."
)
def make_proposals__ranks_by_logit(
    objectness, deltas, anchors, size, pre_nms_top_n=12000, post_nms_top_n=2000, nms_threshold=0.7, min_size=16
):
    probabilities = objectness.softmax(1)[:, 1]
    boxes = clip_boxes_to_image(decode_boxes(deltas, anchors), size)
    keep = remove_small_boxes(boxes, min_size)
    boxes, scores, probabilities = boxes[keep], objectness[keep, 1], probabilities[keep]
    order = scores.argsort(descending=True)[:pre_nms_top_n]
    boxes, scores, probabilities = boxes[order], scores[order], probabilities[order]
    keep = nms(boxes, scores, nms_threshold)[:post_nms_top_n]
    return boxes[keep], probabilities[keep]


@wrong("Column 1 holds the objects: you rank by the probability of background.")
def make_proposals__background(
    objectness, deltas, anchors, size, pre_nms_top_n=12000, post_nms_top_n=2000, nms_threshold=0.7, min_size=16
):
    scores = objectness.softmax(1)[:, 0]
    boxes = clip_boxes_to_image(decode_boxes(deltas, anchors), size)
    keep = remove_small_boxes(boxes, min_size)
    boxes, scores = boxes[keep], scores[keep]
    order = scores.argsort(descending=True)[:pre_nms_top_n]
    boxes, scores = boxes[order], scores[order]
    keep = nms(boxes, scores, nms_threshold)[:post_nms_top_n]
    return boxes[keep], scores[keep]


@wrong(hints.TOGETHER)
def make_proposals__scores_left_behind(
    objectness, deltas, anchors, size, pre_nms_top_n=12000, post_nms_top_n=2000, nms_threshold=0.7, min_size=16
):
    scores = objectness.softmax(1)[:, 1]
    boxes = clip_boxes_to_image(decode_boxes(deltas, anchors), size)
    keep = remove_small_boxes(boxes, min_size)
    boxes, scores = boxes[keep], scores[keep]
    order = scores.argsort(descending=True)[:pre_nms_top_n]
    boxes = boxes[order]
    keep = nms(boxes, scores[order], nms_threshold)[:post_nms_top_n]
    return boxes[keep], scores[keep]


@wrong("NMS gives places in the list that it was handed, the sorted one: you use them on the list as it was before.")
def make_proposals__wrong_array(
    objectness, deltas, anchors, size, pre_nms_top_n=12000, post_nms_top_n=2000, nms_threshold=0.7, min_size=16
):
    scores = objectness.softmax(1)[:, 1]
    boxes = clip_boxes_to_image(decode_boxes(deltas, anchors), size)
    keep = remove_small_boxes(boxes, min_size)
    boxes, scores = boxes[keep], scores[keep]
    order = scores.argsort(descending=True)[:pre_nms_top_n]
    keep = nms(boxes[order], scores[order], nms_threshold)[:post_nms_top_n]
    return boxes[keep], scores[keep]


@wrong("You look for small boxes before you clip: a large box that is almost outside ends up as a sliver.")
def make_proposals__small_before_clip(
    objectness, deltas, anchors, size, pre_nms_top_n=12000, post_nms_top_n=2000, nms_threshold=0.7, min_size=16
):
    scores = objectness.softmax(1)[:, 1]
    boxes = decode_boxes(deltas, anchors)
    keep = remove_small_boxes(boxes, min_size)
    boxes, scores = clip_boxes_to_image(boxes[keep], size), scores[keep]
    order = scores.argsort(descending=True)[:pre_nms_top_n]
    boxes, scores = boxes[order], scores[order]
    keep = nms(boxes, scores, nms_threshold)[:post_nms_top_n]
    return boxes[keep], scores[keep]


@wrong("Small boxes stay: drop those with a side below min_size, boxes and scores alike.")
def make_proposals__small_stay(
    objectness, deltas, anchors, size, pre_nms_top_n=12000, post_nms_top_n=2000, nms_threshold=0.7, min_size=16
):
    scores = objectness.softmax(1)[:, 1]
    boxes = clip_boxes_to_image(decode_boxes(deltas, anchors), size)
    order = scores.argsort(descending=True)[:pre_nms_top_n]
    boxes, scores = boxes[order], scores[order]
    keep = nms(boxes, scores, nms_threshold)[:post_nms_top_n]
    return boxes[keep], scores[keep]


@wrong("pre_nms_top_n is missing: only so many of the best go into NMS.")
def make_proposals__all_into_nms(
    objectness, deltas, anchors, size, pre_nms_top_n=12000, post_nms_top_n=2000, nms_threshold=0.7, min_size=16
):
    scores = objectness.softmax(1)[:, 1]
    boxes = clip_boxes_to_image(decode_boxes(deltas, anchors), size)
    keep = remove_small_boxes(boxes, min_size)
    boxes, scores = boxes[keep], scores[keep]
    keep = nms(boxes, scores, nms_threshold)[:post_nms_top_n]
    return boxes[keep], scores[keep]


@wrong("post_nms_top_n is missing: of what comes out of NMS only so many of the best are proposals.")
def make_proposals__all_out_of_nms(
    objectness, deltas, anchors, size, pre_nms_top_n=12000, post_nms_top_n=2000, nms_threshold=0.7, min_size=16
):
    scores = objectness.softmax(1)[:, 1]
    boxes = clip_boxes_to_image(decode_boxes(deltas, anchors), size)
    keep = remove_small_boxes(boxes, min_size)
    boxes, scores = boxes[keep], scores[keep]
    order = scores.argsort(descending=True)[:pre_nms_top_n]
    boxes, scores = boxes[order], scores[order]
    keep = nms(boxes, scores, nms_threshold)
    return boxes[keep], scores[keep]


@wrong("NMS is missing: hundreds of your proposals show the same thing.")
def make_proposals__no_nms(
    objectness, deltas, anchors, size, pre_nms_top_n=12000, post_nms_top_n=2000, nms_threshold=0.7, min_size=16
):
    scores = objectness.softmax(1)[:, 1]
    boxes = clip_boxes_to_image(decode_boxes(deltas, anchors), size)
    keep = remove_small_boxes(boxes, min_size)
    boxes, scores = boxes[keep], scores[keep]
    order = scores.argsort(descending=True)[:pre_nms_top_n][:post_nms_top_n]
    return boxes[order], scores[order]


@wrong("The anchors themselves came back: decode_boxes(deltas, anchors) moves and scales them first.")
def make_proposals__anchors(
    objectness, deltas, anchors, size, pre_nms_top_n=12000, post_nms_top_n=2000, nms_threshold=0.7, min_size=16
):
    scores = objectness.softmax(1)[:, 1]
    boxes = clip_boxes_to_image(anchors, size)
    keep = remove_small_boxes(boxes, min_size)
    boxes, scores = boxes[keep], scores[keep]
    order = scores.argsort(descending=True)[:pre_nms_top_n]
    boxes, scores = boxes[order], scores[order]
    keep = nms(boxes, scores, nms_threshold)[:post_nms_top_n]
    return boxes[keep], scores[keep]


@wrong("exp(dw) has no limit in your decoding: decode_boxes cuts dw and dh at log(1000 / 16), a factor of 62.5.")
def make_proposals__exploding(
    objectness, deltas, anchors, size, pre_nms_top_n=12000, post_nms_top_n=2000, nms_threshold=0.7, min_size=16
):
    scores = objectness.softmax(1)[:, 1]
    sides = anchors[:, 2:] - anchors[:, :2]
    centres = anchors[:, :2] + sides / 2 + deltas[:, :2] * sides
    sides = sides * deltas[:, 2:].exp()
    boxes = clip_boxes_to_image(torch.cat([centres - sides / 2, centres + sides / 2], dim=1), size)
    keep = remove_small_boxes(boxes, min_size)
    boxes, scores = boxes[keep], scores[keep]
    order = scores.argsort(descending=True)[:pre_nms_top_n]
    boxes, scores = boxes[order], scores[order]
    keep = nms(boxes, scores, nms_threshold)[:post_nms_top_n]
    return boxes[keep], scores[keep]


@wrong("Clipped, sorted and so on, but not by the options: 12000, 2000, 0.7 and 16 are only their defaults.")
def make_proposals__fixed_options(
    objectness, deltas, anchors, size, pre_nms_top_n=12000, post_nms_top_n=2000, nms_threshold=0.7, min_size=16
):
    scores = objectness.softmax(1)[:, 1]
    boxes = clip_boxes_to_image(decode_boxes(deltas, anchors), size)
    keep = remove_small_boxes(boxes, 16)
    boxes, scores = boxes[keep], scores[keep]
    order = scores.argsort(descending=True)[:12000]
    boxes, scores = boxes[order], scores[order]
    keep = nms(boxes, scores, 0.7)[:2000]
    return boxes[keep], scores[keep]


@wrong(
    "You pick the best before you drop the small ones, as torchvision does: here small boxes go first, so that they "
    "take nobody's place among the best."
)
def make_proposals__best_before_small(
    objectness, deltas, anchors, size, pre_nms_top_n=12000, post_nms_top_n=2000, nms_threshold=0.7, min_size=16
):
    scores = objectness.softmax(1)[:, 1]
    boxes = clip_boxes_to_image(decode_boxes(deltas, anchors), size)
    order = scores.argsort(descending=True)[:pre_nms_top_n]
    boxes, scores = boxes[order], scores[order]
    keep = remove_small_boxes(boxes, min_size)
    boxes, scores = boxes[keep], scores[keep]
    keep = nms(boxes, scores, nms_threshold)[:post_nms_top_n]
    return boxes[keep], scores[keep]


@wrong("You drop small boxes after NMS: by then a small one may have removed a larger one, and both are gone.")
def make_proposals__small_after_nms(
    objectness, deltas, anchors, size, pre_nms_top_n=12000, post_nms_top_n=2000, nms_threshold=0.7, min_size=16
):
    scores = objectness.softmax(1)[:, 1]
    boxes = clip_boxes_to_image(decode_boxes(deltas, anchors), size)
    order = scores.argsort(descending=True)[:pre_nms_top_n]
    boxes, scores = boxes[order], scores[order]
    keep = nms(boxes, scores, nms_threshold)
    boxes, scores = boxes[keep], scores[keep]
    keep = remove_small_boxes(boxes, min_size)[:post_nms_top_n]
    return boxes[keep], scores[keep]


@wrong("softmax(0) shares one probability among all anchors: each anchor has its own two, softmax(1).")
def make_proposals__softmax_over_anchors(
    objectness, deltas, anchors, size, pre_nms_top_n=12000, post_nms_top_n=2000, nms_threshold=0.7, min_size=16
):
    scores = objectness.softmax(0)[:, 1]
    boxes = clip_boxes_to_image(decode_boxes(deltas, anchors), size)
    keep = remove_small_boxes(boxes, min_size)
    boxes, scores = boxes[keep], scores[keep]
    order = scores.argsort(descending=True)[:pre_nms_top_n]
    boxes, scores = boxes[order], scores[order]
    keep = nms(boxes, scores, nms_threshold)[:post_nms_top_n]
    return boxes[keep], scores[keep]
