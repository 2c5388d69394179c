"""Wrong answers to lab 3, each with the hint that its author must get.

The ones called ``slides`` are the lecture's printed code, adapted to our signatures. What is called ``base`` is no
answer: it is right, and its variants are made of it.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from autograder.grader.answers import variants, wrong
from autograder.labs.lab3_rpn import right
from course.labs.lab2_anchors.library import decode_boxes
from course.labs.lab3_rpn import checks as hints
from course.labs.lab3_rpn.library import nms
from course.library import box_iou, clip_boxes_to_image, remove_small_boxes

# RPNHead


@wrong(
    "The slides' layers, one after the other. The ReLU after the first convolution is missing, so that convolution "
    "adds nothing: two linear maps in a row are one linear map."
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


class RPNHead__base(nn.Module):
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
        return cls.reshape(len(x), -1, 2), loc.reshape(len(x), -1, 4)


_PERMUTED = "cls, loc = self.cls_logits(x).permute(0, 2, 3, 1), self.bbox_pred(x).permute(0, 2, 3, 1)"

RPN_HEAD = variants(
    RPNHead__base,
    no_permute=(
        hints.PERMUTE,
        (f"        {_PERMUTED}\n", ""),
        ("return cls", "return self.cls_logits(x)"),
        ("loc.reshape", "self.bbox_pred(x).reshape"),
    ),
    columns_first=(
        "Height and width have changed places: permute(0, 2, 3, 1) gives y, x, channel; (0, 3, 2, 1) gives x, y, "
        "channel.",
        ("self.conv(features))", "self.conv(features)).permute(0, 1, 3, 2)"),
    ),
    classes_outside=(
        hints.PAIRS,
        ("        self.conv =", "        self.num_anchors = num_anchors\n        self.conv ="),
        (
            _PERMUTED,
            "B, _, H, W = x.shape\n"
            "        cls = self.cls_logits(x).view(B, 2, self.num_anchors, H, W).permute(0, 3, 4, 2, 1)\n"
            "        loc = self.bbox_pred(x).view(B, 4, self.num_anchors, H, W).permute(0, 3, 4, 2, 1)",
        ),
        ("reshape(len(x),", "reshape(B,"),
    ),
    anchors_outside=(
        hints.ROW_MAJOR,
        ("        self.conv =", "        self.num_anchors = num_anchors\n        self.conv ="),
        (
            _PERMUTED,
            "B, _, H, W = x.shape\n"
            "        cls = self.cls_logits(x).view(B, self.num_anchors, 2, H, W).permute(0, 1, 3, 4, 2)\n"
            "        loc = self.bbox_pred(x).view(B, self.num_anchors, 4, H, W).permute(0, 1, 3, 4, 2)",
        ),
        ("reshape(len(x),", "reshape(B,"),
    ),
    torchs_start=(
        hints.START,
        (
            "        for layer in self.children():\n"
            "            nn.init.normal_(layer.weight, std=0.01)\n"
            "            nn.init.zeros_(layer.bias)\n",
            "",
        ),
    ),
    biases_left=(
        "The weights start as they should, but the biases keep torch's random start: set them to 0, in every layer.",
        ("            nn.init.zeros_(layer.bias)\n", ""),
    ),
    leaky=(
        "A leaky ReLU lets a hundredth of the negative numbers through: a plain ReLU sets them to 0.",
        ("F.relu", "F.leaky_relu"),
    ),
    zeros_in_one_layer_only=(
        hints.START,
        ("self.children()", "[self.conv]"),
    ),
    dropout=(
        "There is dropout between the layers: the head is convolution, ReLU and two 1 × 1 convolutions, nothing else.",
        ("F.relu(self.conv(features))", "F.dropout(F.relu(self.conv(features)), 0.5)"),
    ),
    relu_behind=(
        "No ReLU after the last layers: logits and deltas may be negative.",
        ("= self.cls_logits(x)", "= F.relu(self.cls_logits(x))"),
        ("self.bbox_pred(x).permute", "F.relu(self.bbox_pred(x)).permute"),
    ),
    mirrored_border=(
        "The border of the map is padded with zeros, as Conv2d does by itself: leave padding_mode out.",
        ("padding=1", 'padding=1, padding_mode="replicate"'),
    ),
    deltas_cut_off=(
        "Gradients must reach every layer and the features: no .detach(), .data or NumPy on the way.",
        ("self.bbox_pred(x)", "self.bbox_pred(x.detach())"),
    ),
    no_padding=(hints.PADDING, (", padding=1", "")),
    softmax=(
        "The head gives logits: the softmax belongs to the loss and to make_proposals, and both apply it themselves.",
        ("-1, 2)", "-1, 2).softmax(dim=2)"),
    ),
    batch_of_one=(
        "The batch is lost: view(1, -1, 4) puts all images into one row. Keep the first dimension, len(features).",
        ("reshape(len(x)", "reshape(1"),
    ),
)


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


def rpn_loss__base(objectness, deltas, labels, targets, loc_weight=10.0):
    counted = labels >= 0
    cls_loss = F.cross_entropy(objectness[counted], labels[counted], reduction="sum") / counted.sum().clamp(min=1)
    positive = labels == 1
    loc_loss = F.smooth_l1_loss(deltas[positive], targets[positive], reduction="sum") / positive.sum().clamp(min=1)
    return cls_loss + loc_weight * loc_loss, cls_loss, loc_loss


RPN_LOSS = variants(
    rpn_loss__base,
    nan=(hints.NO_POSITIVES, ("positive.sum().clamp(min=1)", "positive.sum()")),
    nothing_counts=(
        "Right but for one thing: when no label counts, cross_entropy's mean is 0 / 0 = NaN. Divide by at least 1 "
        "there.",
        ("    counted = labels >= 0\n", ""),
        (
            'objectness[counted], labels[counted], reduction="sum") / counted.sum().clamp(min=1)',
            "objectness, labels, ignore_index=-1)",
        ),
    ),
    ignored_as_background=(
        "Anchors with label -1 are taken for background: they are neither, and must not count at all.",
        ("    counted = labels >= 0\n", ""),
        (
            'objectness[counted], labels[counted], reduction="sum") / counted.sum().clamp(min=1)',
            'objectness, labels.clamp(min=0), reduction="sum") / max(len(labels), 1)',
        ),
    ),
    divided_by_all=(
        "You divide by all anchors, even those with label -1: only labels 0 and 1 count.",
        ("    counted = labels >= 0\n", ""),
        (
            'objectness[counted], labels[counted], reduction="sum") / counted.sum().clamp(min=1)',
            'objectness, labels, ignore_index=-1, reduction="sum") / max(len(labels), 1)',
        ),
    ),
    boxes_of_background=(
        hints.POSITIVES_ONLY,
        ("deltas[positive], targets[positive]", "deltas[counted], targets[counted]"),
    ),
    mean_of_numbers=(
        "smooth_l1_loss's own mean divides by four numbers a box: add all up, and divide by the number of positives.",
        ("positive.sum()", "(4 * positive.sum())"),
    ),
    divided_by_sampled=(
        "The localisation loss is divided by all sampled anchors, as in torchvision: here it is the positives, N_reg.",
        ("positive.sum()", "counted.sum()"),
    ),
    no_weight=(hints.NO_WEIGHT, ("loc_weight * ", "")),
    always_ten=(
        "The weight is 10 by default, but not always: multiply by the argument loc_weight.",
        ("loc_weight *", "10 *"),
    ),
    weighted_part=(
        "The third answer is the localisation loss itself: the weight goes into the total only.",
        ("cls_loss, loc_loss", "cls_loss, loc_weight * loc_loss"),
    ),
    l1=(
        "That is |x|, with its kink at 0: smooth L1 is x²/2 where |x| < 1 and |x| - 1/2 beyond.",
        ("smooth_l1_loss", "l1_loss"),
    ),
    beta=(
        "Smooth L1 changes over at |x| = 1 here (beta=1), as in Fast R-CNN; 1/9 is torchvision's choice for its RPN.",
        (
            'targets[positive], reduction="sum") /',
            'targets[positive], beta=1 / 9, reduction="sum")\n    loc_loss = loc_loss /',
        ),
    ),
    softmax_twice=(
        "cross_entropy takes logits and does the softmax itself: here it is done twice, and the loss can never be "
        "small.",
        ("    cls_loss =", "    probabilities = objectness.softmax(dim=1)\n    cls_loss ="),
        ("(objectness[", "(probabilities["),
    ),
    not_background=(
        "Labels -1 are not positives: compare with == 1, not with != 0.",
        ("labels == 1", "labels != 0"),
    ),
    squares=(
        "These are squares: smooth L1 is x²/2 where |x| < 1 and |x| - 1/2 beyond.",
        ("smooth_l1_loss", "mse_loss"),
    ),
    one_more=(
        "You divide by one more than there are: divide by the number of positives, or by 1 if there is none.",
        ("positive.sum().clamp(min=1)", "(positive.sum() + 1)"),
    ),
    columns_swapped=(
        "The logits are (background, object): the second column belongs to label 1.",
        ("objectness[counted]", "objectness[counted].flip(1)"),
    ),
    total_last=(
        "The total comes first: (total, cls_loss, loc_loss).",
        (
            "cls_loss + loc_weight * loc_loss, cls_loss, loc_loss",
            "cls_loss, loc_loss, cls_loss + loc_weight * loc_loss",
        ),
    ),
    weight_on_the_other=(
        "loc_weight belongs to the localisation loss: cls_loss + loc_weight * loc_loss.",
        ("cls_loss + loc_weight * loc_loss", "loc_weight * cls_loss + loc_loss"),
    ),
    parts_cut_off=(
        "The total has its gradient, but cls_loss or loc_loss has none: leave .detach() out, all three are part of "
        "the graph.",
        ("* loc_loss, cls_loss, loc_loss", "* loc_loss, cls_loss.detach(), loc_loss.detach()"),
    ),
    classification_cut_off=(
        "The total has its gradient, but cls_loss or loc_loss has none: leave .detach() out, all three are part of "
        "the graph.",
        ("* loc_loss, cls_loss, loc_loss", "* loc_loss, cls_loss.detach(), loc_loss"),
    ),
    localisation_cut_off=(
        "The total has its gradient, but cls_loss or loc_loss has none: leave .detach() out, all three are part of "
        "the graph.",
        ("* loc_loss, cls_loss, loc_loss", "* loc_loss, cls_loss, loc_loss.detach()"),
    ),
    constant_without_positives=(
        "Without positives your loc_loss is a new tensor, without gradient: a sum over no rows is 0, too, and part of "
        "the graph.",
        (
            "    return cls",
            "    if not positive.any():\n"
            "        loc_loss = torch.zeros((), dtype=deltas.dtype, device=deltas.device)\n"
            "    return cls",
        ),
    ),
    constants_where_nothing_counts=(
        "When nothing counts you give new tensors without gradient, and backward() stops: a sum over no rows is 0, "
        "too, and part of the graph.",
        (
            "    return cls",
            "    if not counted.any():\n"
            "        zero = torch.zeros((), dtype=deltas.dtype, device=deltas.device)\n"
            "        return zero, zero, zero\n"
            "    return cls",
        ),
    ),
    cut_off=(
        "The numbers are right, but they are cut off from the network: .data, .detach() or .item() stop the gradients.",
        ("deltas[positive]", "deltas.data[positive]"),
        ('targets[positive], reduction="sum") /', 'targets[positive], reduction="sum")\n    loc_loss = loc_loss /'),
    ),
)


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


def nms__base(boxes, scores, iou_threshold):
    order = scores.argsort(descending=True, stable=True)
    keep = []
    while order.numel() > 0:
        keep.append(order[0])
        order = order[1:][box_iou(boxes[order[:1]], boxes[order[1:]])[0] <= iou_threshold]
    return torch.stack(keep) if keep else order


_LOST = (
    "Boxes with scores of 0 or below get lost: you leave them out, or 0 or -1 marks boxes that are gone. A score may "
    "be any number, and marks belong into a tensor of their own."
)

NMS = variants(
    nms__base,
    at_the_threshold=(hints.AT_THE_THRESHOLD, ("<= iou", "< iou")),
    argsort_of_order=(
        "The slides sort twice: `order` is sorted already, and its argsort ranks box numbers, not scores. Sort once.",
        (", stable=True)", ")\n    order = order.argsort().flip(0)"),
    ),
    plus_one=(
        "The + 1 of the slides counts pixels. Our sides are x2 - x1 and y2 - y1, as in lab 1.",
        (
            "    keep = []",
            "    wider = boxes + torch.tensor([0, 0, 1, 1], dtype=boxes.dtype, device=boxes.device)\n    keep = []",
        ),
        ("boxes[order", "wider[order"),
    ),
    assumes_sorted=(
        "You take the boxes in the order in which they came: they are not sorted yet. Start with the best score.",
        ("scores.argsort(descending=True, stable=True)", "torch.arange(len(boxes), device=boxes.device)"),
    ),
    worst_first=(
        "You begin with the worst score, so that the worst box of each group is kept: argsort needs descending=True.",
        ("descending=True, stable=True", ""),
    ),
    places_in_the_ranking=(
        hints.IN_THE_INPUT,
        (
            "order = scores.argsort(descending=True, stable=True)",
            "ranked = boxes[scores.argsort(descending=True, stable=True)]\n"
            "    order = torch.arange(len(boxes), device=boxes.device)",
        ),
        ("boxes[order", "ranked[order"),
    ),
    keeps_the_copies=(
        "The comparison is the wrong way round: boxes that overlap little are removed, and the copies stay.",
        ("<= iou", "> iou"),
    ),
    ties_reversed=(hints.TIES, ("descending=True, stable=True", "stable=True).flip(0")),
    ascending=(
        "The right boxes, but in the order of the list: give the indices best first, as they were picked.",
        ("torch.stack(keep)", "torch.stack(keep).sort().values"),
    ),
    first_thousand=(
        "Every box takes part, however many there are, and however many stay.",
        ("    keep = []", "    order = order[:1000]\n    keep = []"),
    ),
    at_most_100=(
        "Every box takes part, however many there are, and however many stay.",
        ("torch.stack(keep)", "torch.stack(keep[:100])"),
    ),
    positive_only=(_LOST, ("    keep = []", "    order = order[scores[order] > 0]\n    keep = []")),
    not_negative_only=(_LOST, ("    keep = []", "    order = order[scores[order] >= 0]\n    keep = []")),
    not_sure_enough=(
        "You drop boxes with a low score: NMS removes boxes only for their overlap.",
        ("    keep = []", "    order = order[scores[order] > 0.05]\n    keep = []"),
    ),
    half=("The threshold is an argument: 0.5 is not always right.", ("<= iou_threshold", "<= 0.5")),
    a_little_more=(
        "A box goes only when its IoU is greater than the threshold, and then always: compare with >, round nothing, "
        "and add nothing.",
        ("<= iou_threshold", "<= iou_threshold + 1e-3"),
    ),
    last_one_lost=("The last box that is left stays, too: go on until no box is left.", ("numel() > 0", "numel() > 1")),
    mask=(
        "You return yes/no values: give the numbers of the boxes that stay, int64, best first.",
        ("keep = []", "mask = torch.zeros(len(boxes), dtype=torch.bool, device=boxes.device)"),
        ("keep.append(order[0])", "mask[order[0]] = True"),
        ("torch.stack(keep) if keep else order", "mask"),
    ),
)


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


@wrong(hints.NEVER)
def nms__never(boxes, scores, iou_threshold):
    return scores.argsort(descending=True, stable=True)


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


def nms__measured(boxes, scores, iou_threshold):
    x1, y1, x2, y2 = boxes.unbind(1)
    areas = (x2 - x1) * (y2 - y1)
    order = scores.argsort(descending=True, stable=True)
    keep = []
    while order.numel() > 0:
        i, order = order[0], order[1:]
        keep.append(i)
        w = (torch.minimum(x2[i], x2[order]) - torch.maximum(x1[i], x1[order])).clamp(min=0)
        h = (torch.minimum(y2[i], y2[order]) - torch.maximum(y1[i], y1[order])).clamp(min=0)
        union = areas[i] + areas[order] - w * h
        order = order[~(w * h / union > iou_threshold)]
    return torch.stack(keep) if keep else order


NMS_MEASURED = variants(
    nms__measured,
    zero_by_zero=(
        "0 / 0 is NaN, and NaN <= threshold is False: of two equal boxes without area the second goes. Their IoU is 0, "
        "so it stays.",
        ("~(w * h / union > iou_threshold)", "w * h / union <= iou_threshold"),
    ),
    smaller_area=(
        "You divide the overlap by the smaller box: then a small box inside a large one always goes. Divide by the "
        "union, as in lab 1.",
        ("areas[i] + areas[order] - w * h", "torch.minimum(areas[i], areas[order])"),
    ),
    best_area=(
        "You divide the overlap by the area of the better box alone: divide by the union of both, as in lab 1.",
        ("areas[i] + areas[order] - w * h", "areas[i]"),
    ),
    other_area=(
        "You divide the overlap by the area of the other box alone: divide by the union of both, as in lab 1.",
        ("areas[i] + areas[order] - w * h", "areas[order]"),
    ),
    union_too_large=(
        "The sum of both areas counts the overlap twice: the union is area1 + area2 - intersection, as in lab 1.",
        (" - w * h\n", "\n"),
    ),
)


NMS_MARKS = variants(
    right.nms__crossed_out,
    zero_marks=(_LOST, ('-float("inf")', "0")),
    minus_one_marks=(_LOST, ('-float("inf")', "-1")),
)


NMS_NO_CLAMP = variants(
    nms__no_clamp,
    maximum_twice=(
        "The overlap ends at the smaller of the two x2 and y2: with maximum it is the box around both.",
        ("torch.minimum(", "(torch.maximum("),
        ("[order])\n", "[order])).clamp(min=0)\n"),
    ),
)


@wrong(hints.GONE_IS_GONE)
def nms__removed_ones_remove(boxes, scores, iou_threshold):
    order = scores.argsort(descending=True, stable=True)
    overlap = (box_iou(boxes[order], boxes[order]) > iou_threshold).triu(diagonal=1)
    return order[~overlap.any(dim=0)]


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


def make_proposals__base(
    objectness, deltas, anchors, size, pre_nms_top_n=12000, post_nms_top_n=2000, nms_threshold=0.7, min_size=16
):
    scores = objectness.softmax(1)[:, 1]
    boxes = clip_boxes_to_image(decode_boxes(deltas, anchors), size)
    keep = remove_small_boxes(boxes, min_size)
    boxes, scores = boxes[keep], scores[keep]
    order = scores.argsort(descending=True)[:pre_nms_top_n]
    boxes, scores = boxes[order], scores[order]
    keep = nms(boxes, scores, nms_threshold)[:post_nms_top_n]
    return boxes[keep], scores[keep]


_DROP_SMALL = "    keep = remove_small_boxes(boxes, min_size)\n    boxes, scores = boxes[keep], scores[keep]\n"
_SORT = "    boxes, scores = boxes[order], scores[order]\n"
_BEST = f"    order = scores.argsort(descending=True)[:pre_nms_top_n]\n{_SORT}"
_NMS = "    keep = nms(boxes, scores, nms_threshold)[:post_nms_top_n]\n"

MAKE_PROPOSALS = variants(
    make_proposals__base,
    no_clip=(hints.CLIP, ("clip_boxes_to_image(decode_boxes(deltas, anchors), size)", "decode_boxes(deltas, anchors)")),
    size_swapped=(hints.SIZE_SWAPPED, ("anchors), size)", "anchors), (size[1], size[0]))")),
    ranks_by_logit=(
        "You rank by the logit of the object alone; what counts is how much larger it is than that of background: "
        "softmax.",
        ("scores = objectness", "probabilities = objectness"),
        (
            "scores = boxes[keep], scores[keep]",
            "scores, probabilities = boxes[keep], objectness[keep, 1], probabilities[keep]",
        ),
        (
            "scores = boxes[order], scores[order]",
            "scores, probabilities = boxes[order], scores[order], probabilities[order]",
        ),
        ("return boxes[keep], scores", "return boxes[keep], probabilities"),
    ),
    logit=(
        "A score is a probability: the softmax of both logits, second column. Yours is the logit of the object alone.",
        ("objectness.softmax(1)[:, 1]", "objectness[:, 1]"),
    ),
    sigmoid_of_one=(
        "The sigmoid of one logit leaves the other out: the probability is the softmax of both, second column.",
        ("objectness.softmax(1)[:, 1]", "objectness[:, 1].sigmoid()"),
    ),
    logarithms=(
        "These are logarithms of probabilities: softmax, not log_softmax.",
        ("softmax(1)", "log_softmax(1)"),
    ),
    worst_first=("You pick the worst: argsort needs descending=True, for the best first.", ("descending=True", "")),
    always_07=("nms_threshold is an argument: 0.7 is only its default.", ("scores, nms_threshold", "scores, 0.7")),
    limits_swapped=(
        "pre_nms_top_n counts what goes into NMS, post_nms_top_n what comes out of it: you let in only as many as "
        "may come out.",
        ("[:pre_nms_top_n]", "[:BEFORE]"),
        ("[:post_nms_top_n]", "[:pre_nms_top_n]"),
        ("BEFORE", "post_nms_top_n"),
    ),
    anchors_measured=(
        "You measure the anchors: measure the boxes, decoded and clipped. Their sides must be at least min_size.",
        ("remove_small_boxes(boxes", "remove_small_boxes(anchors"),
    ),
    anchors_clipped=(
        "You clip the anchors before decoding: clip the boxes that come out of it.",
        (
            "clip_boxes_to_image(decode_boxes(deltas, anchors), size)",
            "decode_boxes(deltas, clip_boxes_to_image(anchors, size))",
        ),
    ),
    clipped_last=(
        "Clip at once, before you measure and compare: NMS and min_size are about the boxes inside the image.",
        ("clip_boxes_to_image(decode_boxes(deltas, anchors), size)", "decode_boxes(deltas, anchors)"),
        ("return boxes[keep]", "return clip_boxes_to_image(boxes[keep], size)"),
    ),
    one_pixel_less=(
        "The right border is at x = width and the lower one at y = height, not at - 1: coordinates are continuous.",
        ("anchors), size)", "anchors), (size[0] - 1, size[1] - 1))"),
    ),
    weighted=(
        "The network's deltas have no weights here: (10, 10, 5, 5) belong to the second stage.",
        ("decode_boxes(deltas, anchors)", "decode_boxes(deltas, anchors, (10.0, 10.0, 5.0, 5.0))"),
    ),
    sure_ones_only=(
        "No proposal goes because of a low score: the best are picked, as many as the options say.",
        (
            "    keep = remove",
            "    sure = scores > 0.05\n    boxes, scores = boxes[sure], scores[sure]\n    keep = remove",
        ),
    ),
    surer_ones_only=(
        "No proposal goes because of a low score: the best are picked, as many as the options say.",
        (
            "    keep = remove",
            "    sure = scores > 0.5\n    boxes, scores = boxes[sure], scores[sure]\n    keep = remove",
        ),
    ),
    anchors_inside_only=(
        "Anchors beyond the image take part here: only their boxes are clipped. (Training leaves them out.)",
        (
            "    keep = remove",
            "    inside = (anchors[:, :2] >= 0).all(1) & (anchors[:, 2] <= size[1]) & (anchors[:, 3] <= size[0])\n"
            "    boxes, scores = boxes[inside], scores[inside]\n"
            "    keep = remove",
        ),
    ),
    background=("Column 1 holds the objects: you rank by the probability of background.", ("[:, 1]", "[:, 0]")),
    scores_left_behind=(
        hints.TOGETHER,
        (_SORT, "    boxes = boxes[order]\n"),
        ("nms(boxes, scores,", "nms(boxes, scores[order],"),
    ),
    wrong_array=(
        "NMS gives places in the list that it was handed, the sorted one: you use them on the list as it was before.",
        (_SORT, ""),
        ("nms(boxes, scores,", "nms(boxes[order], scores[order],"),
    ),
    small_before_clip=(
        "You look for small boxes before you clip: a large box that is almost outside ends up as a sliver.",
        ("clip_boxes_to_image(decode_boxes(deltas, anchors), size)", "decode_boxes(deltas, anchors)"),
        ("= boxes[keep],", "= clip_boxes_to_image(boxes[keep], size),"),
    ),
    small_stay=("Small boxes stay: drop those with a side below min_size, boxes and scores alike.", (_DROP_SMALL, "")),
    all_into_nms=("pre_nms_top_n is missing: only that many of the best go into NMS.", (_BEST, "")),
    all_out_of_nms=(
        "post_nms_top_n is missing: only that many of the best that come out of NMS are proposals.",
        ("[:post_nms_top_n]", ""),
    ),
    no_nms=(
        "NMS is missing: hundreds of your proposals show the same thing.",
        ("[:pre_nms_top_n]", "[:pre_nms_top_n][:post_nms_top_n]"),
        (_SORT + _NMS, ""),
        ("return boxes[keep], scores[keep]", "return boxes[order], scores[order]"),
    ),
    anchors=(
        "The anchors themselves came back: decode_boxes(deltas, anchors) moves and scales them first.",
        ("decode_boxes(deltas, anchors)", "anchors"),
    ),
    exploding=(
        "exp(dw) has no limit in your decoding: decode_boxes cuts dw and dh at log(1000 / 16), a factor of 62.5.",
        (
            "    boxes = clip",
            "    sides = anchors[:, 2:] - anchors[:, :2]\n"
            "    centres = anchors[:, :2] + sides / 2 + deltas[:, :2] * sides\n"
            "    sides = sides * deltas[:, 2:].exp()\n"
            "    boxes = clip",
        ),
        ("decode_boxes(deltas, anchors)", "torch.cat([centres - sides / 2, centres + sides / 2], dim=1)"),
    ),
    fixed_options=(
        "Clipped, sorted and so on, but not by the options: 12000, 2000, 0.7 and 16 are only their defaults.",
        ("boxes, min_size)", "boxes, 16)"),
        (":pre_nms_top_n", ":12000"),
        ("nms_threshold)[:post_nms_top_n]", "0.7)[:2000]"),
    ),
    best_before_small=(
        "You pick the best before you drop the small ones, as torchvision does: here small boxes go first, so that "
        "they take no place among the best.",
        (_DROP_SMALL + _BEST, _BEST + _DROP_SMALL),
    ),
    small_after_nms=(
        "You drop small boxes after NMS: by then a small one may have removed a larger one, and both are gone.",
        (_DROP_SMALL, ""),
        (
            "nms_threshold)[",
            "nms_threshold)\n"
            "    boxes, scores = boxes[keep], scores[keep]\n"
            "    keep = remove_small_boxes(boxes, min_size)[",
        ),
    ),
    softmax_over_anchors=(
        "softmax(0) shares one probability among all anchors: each anchor has its own two, softmax(1).",
        ("softmax(1)", "softmax(0)"),
    ),
)
