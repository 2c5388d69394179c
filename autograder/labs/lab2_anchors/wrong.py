"""Wrong answers to lab 2, each with the hint that its author must get.

The ones called ``slides`` are the lecture's printed code, adapted to our signatures. What is called ``base`` is no
answer: it is right, and its variants are made of it.
"""

import torch
from torch import Tensor

from autograder.grader.answers import variants, wrong
from course.labs.lab2_anchors import checks as hints

# anchor_shapes


def anchor_shapes__base(base_size, scales, ratios):
    return torch.tensor([[base_size * s / r**0.5, base_size * s * r**0.5] for r in ratios for s in scales]).reshape(
        -1, 2
    )


ANCHOR_SHAPES = variants(
    anchor_shapes__base,
    ratio_inverted=(hints.RATIO_INVERTED, ("/ r**0.5, base_size * s *", "* r**0.5, base_size * s /")),
    no_root=(hints.NO_ROOT, ("r**0.5", "r")),
    area_grows=(
        "Only the height is stretched: then the area grows with the ratio. Width and height change by the same root.",
        (" / r**0.5", ""),
        ("r**0.5", "r"),
        ("scales])", "scales]).float()"),
    ),
    scale_outer=(hints.SCALE_OUTER, ("r in ratios for s in scales", "s in scales for r in ratios")),
    always_16=("base_size is an argument: 16 is the lecture's.", ("base_size *", "16 *")),
    whole=(
        "Sides are not rounded, neither down nor to the nearest: an anchor of ratio 0.5 is 181.02 wide, not 181.",
        ("    return torch.tensor(", "    return torch.floor(torch.tensor("),
        ("scales]).reshape(", "scales])).reshape("),
    ),
    no_base=("base_size is missing: a scale is a multiple of it, 8 · 16 = 128 pixels.", ("base_size * ", "")),
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


def grid_anchors__base(feature_size, stride, shapes):
    y = (torch.arange(feature_size[0], dtype=shapes.dtype, device=shapes.device) + 0.5) * stride
    x = (torch.arange(feature_size[1], dtype=shapes.dtype, device=shapes.device) + 0.5) * stride
    cy, cx = torch.meshgrid(y, x, indexing="ij")
    center = torch.stack([cx, cy], dim=-1)[:, :, None]
    return torch.cat([center - shapes / 2, center + shapes / 2], dim=-1).reshape(-1, 4)


GRID_ANCHORS = variants(
    grid_anchors__base,
    corner=(hints.CORNER, ("(torch.arange", "torch.arange"), (" + 0.5)", "")),
    column_major=(hints.COLUMN_MAJOR, ("cy, cx = torch.meshgrid(y, x", "cx, cy = torch.meshgrid(x, y")),
    shape_outer=(
        hints.SHAPE_OUTER,
        ("shapes / 2", "half"),
        ("[:, :, None]", "\n    half = (shapes / 2)[:, None, None]"),
    ),
    size_swapped=(
        "feature_size is (height, width) in cells: the first number counts rows, the second one columns.",
        ("y = (torch.arange(feature_size[0]", "y = (torch.arange(feature_size[1]"),
        ("x = (torch.arange(feature_size[1]", "x = (torch.arange(feature_size[0]"),
    ),
    yxyx=(
        "An anchor is (x1, y1, x2, y2), x first, and yours begins with y. A detector with such anchors reaches half "
        "the precision, and the loss barely shows it.",
        ("[cx, cy]", "[cy, cx]"),
        ("shapes / 2", "half"),
        ("    return", "    half = shapes.flip(1) / 2\n    return"),
    ),
    always_16=("stride is an argument: 16 is the lecture's.", ("* stride", "* 16")),
    clipped=(
        "Anchors may leave the image: you cut them, at 0. Whether an anchor is inside is inside_image's question.",
        ("reshape(-1, 4)", "reshape(-1, 4).clamp(min=0)"),
    ),
    from_the_middle=(
        "Your anchors begin at the middle of the cell: their own middle must be there.",
        ("center - shapes / 2, center + shapes / 2", "center + 0 * shapes, center + shapes"),
    ),
    rounded=(
        "Anchors are not rounded: an anchor 45.5 wide reaches 22.75 to each side. (torchvision rounds; we don't.)",
        ("reshape(-1, 4)", "reshape(-1, 4).round()"),
    ),
    whole_sides=(hints.SIDES, ("shapes / 2", "shapes")),
    whole_half=(
        "stride // 2 rounds down: with an odd stride all centres are half a pixel off. Use / 2.",
        ("(torch.arange", "torch.arange"),
        (" + 0.5) * stride", " * stride + stride // 2"),
    ),
)


# inside_image


def inside_image__base(boxes, size):
    x1, y1, x2, y2 = boxes.unbind(1)
    return (x1 >= 0) & (y1 >= 0) & (x2 <= size[1]) & (y2 <= size[0])


INSIDE_IMAGE = variants(
    inside_image__base,
    strict=(hints.STRICT_BORDER, (">=", ">"), ("<=", "<")),
    size_swapped=(hints.SIZE_SWAPPED, ("size[1]) & (y2 <= size[0]", "size[0]) & (y2 <= size[1]")),
    overlaps=(
        "All of the box must be inside: yours also says yes to boxes that only overlap the image.",
        ("x1 >= 0) & (y1 >= 0", "x2 > 0) & (y2 > 0"),
        ("x2 <=", "x1 <"),
        ("y2 <=", "y1 <"),
    ),
    centre=(
        "You look at the middle of each box: all of it must be inside, so all four sides count.",
        ("boxes.unbind(1)", "((boxes + boxes[:, [2, 3, 0, 1]]) / 2).unbind(1)"),
    ),
    rounded=(
        "A box that ends exactly on the border is inside, one that ends a quarter of a pixel beyond it is not: compare "
        "with >= 0 and with <=, and round nothing.",
        ("boxes.unbind(1)", "boxes.round().unbind(1)"),
    ),
    along_x=(
        "You look at x only: a box can also leave the image at the top or at the bottom.",
        (" & (y1 >= 0)", ""),
        (" & (y2 <= size[0])", ""),
    ),
    outside=(
        "Yours is True for boxes that leave the image: True is for those that are inside.",
        (">= 0", "< 0"),
        ("<= size", "> size"),
        (") & (", ") | ("),
    ),
    minus_one=(
        "The far border is at x = width and y = height, not at - 1: coordinates are continuous.",
        ("size[1]", "size[1] - 1"),
        ("size[0]", "size[0] - 1"),
    ),
)


@wrong("Only the far borders are looked at: a box can also leave the image at the left or at the top, below 0.")
def inside_image__far_borders(boxes, size):
    return (boxes[:, 2] <= size[1]) & (boxes[:, 3] <= size[0])


@wrong(
    "The lecture's index_inside holds numbers of boxes, for one image of 800 × 800: here each box gets a True or "
    "False, and the size is an argument."
)
def inside_image__slides(boxes, size):
    inside = (boxes[:, 0] >= 0) & (boxes[:, 1] >= 0) & (boxes[:, 2] <= 800) & (boxes[:, 3] <= 800)
    return torch.where(inside)[0]


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


def label_anchors__base(iou, pos_threshold=0.7, neg_threshold=0.3):
    labels = torch.full((len(iou),), -1, device=iou.device)
    if iou.numel() == 0:
        return torch.zeros_like(labels), torch.zeros_like(labels)
    best, matched = iou.max(dim=1)
    labels[best < neg_threshold] = 0
    labels[((iou == iou.amax(dim=0)) & (iou > 0)).any(dim=1)] = 1
    labels[best >= pos_threshold] = 1
    return labels, matched


LABEL_ANCHORS = variants(
    label_anchors__base,
    background_last=(
        hints.BEST_LOST,
        ("    labels[best < neg_threshold] = 0\n", "    top = iou.amax(dim=0)\n"),
        ("iou.amax(dim=0)) &", "top) &"),
        ("    return labels,", "    labels[best < neg_threshold] = 0\n    return labels,"),
    ),
    untouched=(hints.UNTOUCHED, (" & (iou > 0)", "")),
    thresholds_only=(hints.NO_BEST, ("    labels[((iou == iou.amax(dim=0)) & (iou > 0)).any(dim=1)] = 1\n", "")),
    argmax=(
        hints.TIES,
        ("    labels[best <", "    top, winner = iou.max(dim=0)\n    labels[best <"),
        ("((iou == iou.amax(dim=0)) & (iou > 0)).any(dim=1)", "winner[top > 0]"),
    ),
    no_ignore=(
        hints.NO_IGNORE,
        ("full((len(iou),), -1,", "zeros(len(iou), dtype=torch.int64,"),
        ("torch.zeros_like(labels), torch.zeros_like(labels)", "labels, labels.clone()"),
        ("    labels[best < neg_threshold] = 0\n", ""),
    ),
    strict=("Exactly pos_threshold is enough: compare with >=, not with >.", ("best >=", "best >")),
    background_too_wide=("Exactly neg_threshold is not below it: compare with <, not with <=.", ("best <", "best <=")),
    fixed_thresholds=(
        "The thresholds are arguments, and 0.7 and 0.3 only their defaults: you have written the numbers into the "
        "code.",
        ("< neg_threshold", "< 0.3"),
        (">= pos_threshold", ">= 0.7"),
    ),
    forced=(
        hints.FORCED,
        ("    labels[((iou == iou.amax(dim=0)) & (iou > 0)).any(dim=1)] = 1\n", ""),
        (
            "    labels[best <",
            "    rows, columns = torch.where((iou == iou.amax(dim=0)) & (iou > 0))\n    labels[best <",
        ),
        ("    return labels,", "    labels[rows] = 1\n    matched[rows] = columns\n    return labels,"),
    ),
    last_of_equals=(
        "matched is the column of an anchor's largest IoU, even for background and ignored anchors. If several are "
        "equal it is the first, so 0 for an anchor that touches nothing.",
        ("    labels[best <", "    matched = iou.shape[1] - 1 - iou.flip(1).argmax(dim=1)\n    labels[best <"),
    ),
    last_of_equals_above_0=(
        "Of equal IoUs in a row the first column counts: yours is the last one.",
        (
            "    labels[best <",
            "    last = iou.shape[1] - 1 - iou.flip(1).argmax(dim=1)\n"
            "    matched = torch.where(best > 0, last, 0)\n"
            "    labels[best <",
        ),
    ),
    nearly_ties=(
        "A tie is an equal IoU: an anchor that is a thousandth below a ground truth's best is not its best. Compare "
        "with ==.",
        ("iou == iou.amax(dim=0)", "iou >= iou.amax(dim=0) - 0.01"),
    ),
    close_ties=(
        "A tie is an equal IoU: an anchor that is a thousandth below a ground truth's best is not its best. Compare "
        "with ==.",
        ("iou == iou.amax(dim=0)", "torch.isclose(iou, iou.amax(dim=0), atol=1e-3)"),
    ),
    best_above_a_tenth=(
        "Every ground truth gets its best anchor, however low the IoU, as long as it is above 0: the background is "
        "labelled before, not after.",
        ("iou > 0", "iou > 0.1"),
    ),
    one_best_of_all=(
        "Each ground truth has its own best anchor, the largest IoU of its column: yours is the largest of the whole "
        "table.",
        ("iou.amax(dim=0)", "iou.amax()"),
    ),
    between_last=(
        "A best anchor stays 1, even between the thresholds: you write the -1 over it. Put the 1 last.",
        (
            "    return labels,",
            "    labels[(best >= neg_threshold) & (best < pos_threshold)] = -1\n    return labels,",
        ),
    ),
    objects_only=(
        "matched is the column of an anchor's best IoU for every anchor, even for background and ignored ones: never "
        "-1.",
        ("    return labels,", "    matched[labels != 1] = -1\n    return labels,"),
    ),
    in_place=(
        "Right labels, but you write into iou: the caller's table is changed too. Work on a copy, or combine masks.",
        ("    labels[best <", "    top = iou.amax(dim=0)\n    iou[iou == 0] = -1\n    labels[best <"),
        ("(iou == iou.amax(dim=0)) & (iou > 0)", "iou == top"),
    ),
)


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


def sample_labels__base(labels, batch_size=256, positive_fraction=0.5, generator=None):
    ones, zeros = torch.where(labels == 1)[0], torch.where(labels == 0)[0]
    k = min(len(ones), int(batch_size * positive_fraction))
    out = torch.full_like(labels, -1)
    out[ones[torch.randperm(len(ones), generator=generator)[:k]]] = 1
    out[zeros[torch.randperm(len(zeros), generator=generator)[: batch_size - k]]] = 0
    return out


SAMPLE_LABELS = variants(
    sample_labels__base,
    first_ones=(
        "The same labels stay every time, whatever the generator. They must be drawn at random: torch.randperm, with "
        "the generator.",
        ("torch.randperm(len(ones), generator=generator)[:k]", ":k"),
        ("torch.randperm(len(zeros), generator=generator)[: batch_size - k]", ": batch_size - k"),
    ),
    seeded_anew=(
        "You seed the generator again, so every call draws the same sample: use it as it comes.",
        (
            "    ones, zeros = torch",
            "    if generator is not None:\n"
            "        generator = torch.Generator().manual_seed(generator.initial_seed())\n"
            "    ones, zeros = torch",
        ),
    ),
    set_back=(
        "You seed the generator again, so every call draws the same sample: use it as it comes.",
        (
            "    ones, zeros = torch",
            "    if generator is not None:\n"
            "        generator.manual_seed(generator.initial_seed())\n"
            "    ones, zeros = torch",
        ),
    ),
    torch_seeded=(
        "You seed torch's own random numbers, and so change all code that runs afterwards. Leave them alone, and "
        "draw from the generator.",
        (
            "    ones, zeros = torch",
            "    if generator is not None:\n"
            "        torch.manual_seed(int(torch.randint(2**31, (), generator=generator)))\n"
            "    ones, zeros = torch",
        ),
        (", generator=generator)[", ")["),
    ),
    four_batches=(
        "Draw from all labels 1 and from all labels 0: some of yours stay rarely or never, such as those late in the "
        "list.",
        ("    k = min(", "    ones, zeros = ones[: 4 * batch_size], zeros[: 4 * batch_size]\n    k = min("),
    ),
    first_400=(
        "Draw from all labels 1 and from all labels 0: some of yours stay rarely or never, such as those late in the "
        "list.",
        ("    k = min(", "    ones = ones[:400]\n    k = min("),
    ),
    late_ones_sooner=(
        "Draw from all labels 1 and from all labels 0: some of yours stay rarely or never, such as those late in the "
        "list.",
        (
            "torch.randperm(len(zeros), generator=generator)",
            "(torch.rand(len(zeros), generator=generator) * torch.linspace(1, 2, len(zeros))).argsort(descending=True)",
        ),
    ),
    mask=(
        "You return yes/no values: give the labels themselves, all N, with -1 for those that don't stay.",
        ("return out", "return out >= 0"),
    ),
    ignored_drawn=(hints.IGNORED_DRAWN, ("zeros", "others"), ("labels == 0", "labels != 1")),
    global_random=(
        "The generator is not used: your sample cannot be repeated. Pass it on: torch.randperm(n, "
        "generator=generator).",
        (", generator=generator", ""),
    ),
    no_limit=(
        "At most a share of positive_fraction of the batch may be 1: yours keeps as many as there are.",
        ("int(batch_size * positive_fraction)", "batch_size"),
    ),
    rounded_up=(
        "int rounds down, as it should; yours rounds 2.75 up to 3, and then more than the allowed share is 1.",
        ("int(", "round("),
    ),
)


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


@wrong("Right sample, but written into the argument: the caller's labels are lost. Work on labels.clone().")
def sample_labels__in_place(labels, batch_size=256, positive_fraction=0.5, generator=None):
    ones, zeros = torch.where(labels == 1)[0], torch.where(labels == 0)[0]
    k = min(len(ones), int(batch_size * positive_fraction))
    labels[ones[torch.randperm(len(ones), generator=generator)[k:]]] = -1
    labels[zeros[torch.randperm(len(zeros), generator=generator)[batch_size - k :]]] = -1
    return labels


@wrong("You return the numbers of the labels that stay: give the labels themselves, all N, with -1 for the others.")
def sample_labels__positions(labels, batch_size=256, positive_fraction=0.5, generator=None):
    ones, zeros = torch.where(labels == 1)[0], torch.where(labels == 0)[0]
    k = min(len(ones), int(batch_size * positive_fraction))
    ones = ones[torch.randperm(len(ones), generator=generator)[:k]]
    zeros = zeros[torch.randperm(len(zeros), generator=generator)[: batch_size - k]]
    return torch.cat([ones, zeros])


# encode_boxes


@wrong(hints.DY_FIRST)
def encode_boxes__dy_first(gt_boxes, anchors, weights=(1, 1, 1, 1)):
    wa, ha = (anchors[:, 2:] - anchors[:, :2]).unbind(1)
    w, h = (gt_boxes[:, 2:] - gt_boxes[:, :2]).unbind(1)
    dx = (gt_boxes[:, 0] + w / 2 - anchors[:, 0] - wa / 2) / wa
    dy = (gt_boxes[:, 1] + h / 2 - anchors[:, 1] - ha / 2) / ha
    wx, wy, ww, wh = weights
    return torch.stack([wy * dy, wx * dx, wh * torch.log(h / ha), ww * torch.log(w / wa)], dim=1)


def encode_boxes__base(gt_boxes, anchors, weights=(1, 1, 1, 1)):
    size, anchor_size = gt_boxes[:, 2:] - gt_boxes[:, :2], anchors[:, 2:] - anchors[:, :2]
    shift = gt_boxes[:, :2] + size / 2 - anchors[:, :2] - anchor_size / 2
    deltas = torch.cat([shift / anchor_size, torch.log(size / anchor_size)], dim=1)
    return deltas * torch.tensor(weights, dtype=deltas.dtype, device=deltas.device)


ENCODE_BOXES = variants(
    encode_boxes__base,
    weights_ignored=(
        hints.WEIGHTS_IGNORED,
        ("deltas = torch", "return torch"),
        ("    return deltas * torch.tensor(weights, dtype=deltas.dtype, device=deltas.device)\n", ""),
    ),
    weights_divided=(
        "Encoding multiplies by the weights; it is decoding that divides by them.",
        ("deltas *", "deltas /"),
    ),
    log2=("The logarithm is the natural one, torch.log: exp undoes it.", ("torch.log(", "torch.log2(")),
    two_weights=(
        "Each of the four deltas is multiplied by its own weight: dx, dy, dw and dh, in this order.",
        ("(weights,", "((weights[0], weights[0], weights[2], weights[2]),"),
    ),
    wider_and_higher=(
        "Widths and heights are x2 - x1 and y2 - y1, without + 1, as in lab 1.",
        (":2], anchors", ":2] + 1, anchors"),
        ("anchors[:, :2]\n", "anchors[:, :2] + 1\n"),
    ),
    no_log=(hints.NO_LOG, ("torch.log(size / anchor_size)", "size / anchor_size")),
    pixels=(hints.PIXELS, ("shift / anchor_size", "shift")),
    roles_swapped=(
        hints.ROLES_SWAPPED,
        (
            "gt_boxes[:, :2] + size / 2 - anchors[:, :2] - anchor_size / 2",
            "anchors[:, :2] + anchor_size / 2 - gt_boxes[:, :2] - size / 2",
        ),
        ("shift / anchor_size, torch.log(size / anchor_size)", "shift / size, torch.log(anchor_size / size)"),
    ),
    corners=(
        hints.CENTRES,
        ("    shift = gt_boxes[:, :2] + size / 2 - anchors[:, :2] - anchor_size / 2\n", ""),
        ("[shift", "[(gt_boxes[:, :2] - anchors[:, :2])"),
    ),
    truths_size=(
        "dx and dy are measured in sides of the anchor: you divide by those of the ground truth.",
        ("shift / anchor_size", "shift / size"),
    ),
)


@wrong(
    "The lecture's formulas are right (its dy comes first because its boxes have y first), but it uses no weights, "
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


# decode_boxes


def decode_boxes__base(deltas, anchors, weights=(1, 1, 1, 1)):
    import math

    d = deltas / torch.tensor(weights, dtype=deltas.dtype, device=deltas.device)
    size = anchors[:, 2:] - anchors[:, :2]
    middle = anchors[:, :2] + size / 2 + d[:, :2] * size
    size = size * d[:, 2:].clamp(max=math.log(1000 / 16)).exp()
    return torch.cat([middle - size / 2, middle + size / 2], dim=1)


_SIDES = "size * d[:, 2:].clamp(max=math.log(1000 / 16)).exp()"

DECODE_BOXES = variants(
    decode_boxes__base,
    no_limit=(hints.NO_LIMIT, ("    import math\n\n", ""), (".clamp(max=math.log(1000 / 16)).exp", ".exp")),
    weights_multiplied=(
        "Decoding divides by the weights: yours multiplies, or leaves them out, and a round trip ends elsewhere.",
        ("deltas /", "deltas *"),
    ),
    new_width=(
        "The shift is measured in sizes of the anchor, not of the new box: multiply dx by the anchor's width.",
        (" + d[:, :2] * size\n", "\n"),
        ("    return", "    middle = middle + d[:, :2] * size\n    return"),
    ),
    whole_sides=(
        "A box reaches half its width to each side of its centre, and half its height up and down.",
        ("middle - size / 2, middle + size / 2", "middle - size, middle + size"),
    ),
    clipped=(
        "Decoded boxes may leave the image: you cut them, at 0. That is clip_boxes_to_image's work.",
        (
            "[middle - size / 2, middle + size / 2]",
            "[(middle - size / 2).clamp(min=0), (middle + size / 2).clamp(min=0)]",
        ),
    ),
    no_exp=(hints.EXP_MISSING, (".exp()", "")),
    centre_and_size=(
        "You give centre and size: go back to corners, x - w / 2 and x + w / 2.",
        (f"    size = {_SIDES}\n", ""),
        ("middle - size / 2, middle + size / 2", f"middle, {_SIDES}"),
    ),
    corners=(
        "The shift counts from the anchor's centre, and yours from its corner. If your encode goes from corner to "
        "corner too, the round trip works out, and both are wrong.",
        ("middle = anchors[:, :2] + size / 2", "corner = anchors[:, :2]"),
        (f"    size = {_SIDES}\n", ""),
        ("middle - size / 2, middle + size / 2", f"corner, corner + {_SIDES}"),
    ),
    limit_first=(
        "The limit comes after the division by the weights: yours cuts dw and dh while they are still weighted.",
        (
            "    d = deltas /",
            "    d = deltas.clone()\n    d[:, 2:] = d[:, 2:].clamp(max=math.log(1000 / 16))\n    d = d /",
        ),
        (".clamp(max=math.log(1000 / 16)).exp", ".exp"),
    ),
    all_limited=(
        "Only large dw and dh are cut: shifts, and negative values, have no limit. Cut columns 2 and 3 with "
        "clamp(max=…).",
        ("d = deltas /", "limit = math.log(1000 / 16)\n    d = (deltas /"),
        ("deltas.device)", "deltas.device)).clamp(-limit, limit)"),
        (".clamp(max=math.log(1000 / 16)).exp", ".exp"),
    ),
)


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
