"""Wrong answers to lab 4, each with the hint that its author must get.

The ones called ``slides`` are the lecture's printed code, and where the slides print none, that of the tutorial which
they follow, adapted to our signatures.
"""

import torch
from torch import Tensor

from autograder.grader import module_cases as modules
from autograder.grader.answers import variants, wrong
from autograder.labs.lab4_roi_heads import right
from autograder.labs.lab4_roi_heads.hints import LEFT_OUT, NEIGHBOURS
from course.labs.lab4_roi_heads import checks as hints

# sample_rois

SAMPLE_ROIS = variants(
    right.sample_rois__plain,
    no_truth=(hints.TRUTH_JOINS, ("torch.cat([proposals, gt_boxes])", "proposals")),
    no_limit=(hints.AT_MOST, ("min(int(batch_size * positive_fraction)", "min(batch_size")),
    quota=(hints.FILL_UP, ("batch_size - n_pos", "batch_size - int(batch_size * positive_fraction)")),
    one_class=(hints.OWN_CLASS, ("gt_labels[matched]", "1")),
    strict=(hints.AT_LEAST, ("iou >= iou_threshold", "iou > iou_threshold")),
    fixed_threshold=(
        "You compare with a fixed 0.5: use the argument iou_threshold.",
        ("iou >= iou_threshold", "iou >= 0.5"),
    ),
    unweighted=(hints.WEIGHTS, ("10, 10, 5, 5", "1, 1, 1, 1")),
    backwards=(hints.DIRECTION, ("gt_boxes[matched[pos]], boxes[pos]", "boxes[pos], gt_boxes[matched[pos]]")),
    replacement=(
        "Some ROIs were drawn twice, as torch.randint draws: shuffle the indices (torch.randperm) and take the first "
        "ones.",
        (
            "torch.randperm(len(pos), generator=generator)[:n_pos]",
            "torch.randint(max(len(pos), 1), (n_pos,), generator=generator)",
        ),
        (
            "torch.randperm(len(neg), generator=generator)[:n_neg]",
            "torch.randint(max(len(neg), 1), (n_neg,), generator=generator)",
        ),
    ),
    own_seed=(
        "You draw from a generator of your own that starts afresh each time, so every call gives the same sample: "
        "draw from the generator that comes as an argument.",
        ("    boxes =", "    generator = torch.Generator().manual_seed(0)\n    boxes ="),
    ),
    first_ones=(
        "Your sample is always the same, such as the first ones of a list: draw at random, so that every candidate "
        "gets its turn.",
        ("torch.randperm(len(pos), generator=generator)[:n_pos]", ":n_pos"),
        ("torch.randperm(len(neg), generator=generator)[:n_neg]", ":n_neg"),
    ),
    global_generator=(
        "You draw from torch's global generator: pass generator=generator on, so that a seed repeats a training.",
        (", generator=generator", ""),
    ),
    no_objects=(hints.NO_OBJECTS, ("if len(gt_boxes):", "if True:")),
    first_part=(
        LEFT_OUT,
        (
            "    n_pos =",
            "    pos, neg = pos[pos < 4 * batch_size], neg[neg < 4 * batch_size]\n    n_pos =",
        ),
    ),
    first_400_objects=(LEFT_OUT, ("    n_pos =", "    pos = pos[:400]\n    n_pos =")),
    first_100_objects=(LEFT_OUT, ("    n_pos =", "    pos = pos[:100]\n    n_pos =")),
    window=(
        NEIGHBOURS,
        (
            "pos[torch.randperm(len(pos), generator=generator)[:n_pos]]",
            "pos.roll(int(torch.randint(max(len(pos), 1), (), generator=generator)))[:n_pos]",
        ),
        (
            "neg[torch.randperm(len(neg), generator=generator)[:n_neg]]",
            "neg.roll(int(torch.randint(max(len(neg), 1), (), generator=generator)))[:n_neg]",
        ),
    ),
    half_objects=(
        "positive_fraction is 0.25 unless the call says otherwise: leave the defaults as the notebook has them.",
        ("positive_fraction: float = 0.25", "positive_fraction: float = 0.5"),
    ),
    always_a_generator=(
        "Without a generator you make one that starts afresh at each call, so all samples are the same: pass None on "
        "to torch.randperm, which then takes torch's own.",
        (
            "    boxes =",
            "    if generator is None:\n        generator = torch.Generator().manual_seed(0)\n    boxes =",
        ),
    ),
    fixed_batch=(
        "You always fill up to 128 ROIs: use the argument batch_size.",
        ("batch_size - n_pos", "128 - n_pos"),
    ),
    hard_background=(
        "You leave out proposals that hit next to nothing, as Fast R-CNN's paper does with an IoU below 0.1. Here "
        "every ROI that is not an object is background, even with an IoU of 0.",
        ("torch.where(labels == 0)[0]", "torch.where((labels == 0) & (iou >= 0.1))[0]"),
        ("    if len(gt_boxes):", "    iou = gt_boxes.new_ones(len(boxes))\n    if len(gt_boxes):"),
    ),
    nan_for_background=(
        "The targets of background rows are NaN: they are never used, but they must be finite, such as 0. Encode the "
        "objects alone.",
        ("torch.zeros_like(boxes[keep])", 'torch.full_like(boxes[keep], float("nan"))'),
    ),
    targets_left_behind=(
        "ROIs and labels are shuffled, their targets are not: encode after you have chosen, each ROI with its own true "
        "box.",
        (
            "    keep = torch.cat([pos, neg])\n",
            "    first = torch.where(labels > 0)[0][:n_pos]\n    keep = torch.cat([pos, neg])\n",
        ),
        ("gt_boxes[matched[pos]], boxes[pos]", "gt_boxes[matched[first]], boxes[first]"),
    ),
    any_match=(
        "A candidate belongs to the true box with the best IoU: yours goes to the first that is good enough.",
        (
            "iou, matched = box_iou(boxes, gt_boxes).max(1)",
            "table = box_iou(boxes, gt_boxes)\n"
            "        iou, matched = table.amax(1), (table >= iou_threshold).int().argmax(1)",
        ),
    ),
    rounded_up=(
        "You round the number of objects up: int(batch_size · positive_fraction) cuts off, 5 of 11 · 0.5.",
        ("int(batch_size * positive_fraction)", "int(batch_size * positive_fraction + 0.9)"),
    ),
)


@wrong(
    "The slides' tutorial leaves the true boxes out of the candidates and draws with NumPy, whose random numbers "
    "ignore the generator. Join the true boxes, and shuffle with torch.randperm(…, generator=generator)."
)
def sample_rois__slides(
    proposals: Tensor,
    gt_boxes: Tensor,
    gt_labels: Tensor,
    batch_size: int = 128,
    positive_fraction: float = 0.25,
    iou_threshold: float = 0.5,
    generator: torch.Generator | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    import numpy as np

    roi, bbox = np.asarray(proposals), np.asarray(gt_boxes)
    ious = np.zeros((len(roi), len(bbox)), dtype=np.float32)
    for i, (ya1, xa1, ya2, xa2) in enumerate(roi):
        area = (ya2 - ya1) * (xa2 - xa1)
        for j, (yb1, xb1, yb2, xb2) in enumerate(bbox):
            height = max(0.0, min(ya2, yb2) - max(ya1, yb1))
            width = max(0.0, min(xa2, xb2) - max(xa1, xb1))
            ious[i, j] = height * width / (area + (yb2 - yb1) * (xb2 - xb1) - height * width)
    gt_assignment = ious.argmax(axis=1)
    max_iou = ious.max(axis=1)
    gt_roi_label = np.asarray(gt_labels)[gt_assignment]
    pos_roi_per_image = batch_size * positive_fraction
    pos_index = np.where(max_iou >= iou_threshold)[0]
    pos_roi_per_this_image = int(min(pos_roi_per_image, pos_index.size))
    if pos_index.size > 0:
        pos_index = np.random.choice(pos_index, size=pos_roi_per_this_image, replace=False)
    neg_index = np.where((max_iou < iou_threshold) & (max_iou >= 0))[0]
    neg_roi_per_this_image = int(min(batch_size - pos_roi_per_this_image, neg_index.size))
    if neg_index.size > 0:
        neg_index = np.random.choice(neg_index, size=neg_roi_per_this_image, replace=False)
    keep_index = np.append(pos_index, neg_index)
    gt_roi_labels = gt_roi_label[keep_index]
    gt_roi_labels[pos_roi_per_this_image:] = 0
    sample_roi = roi[keep_index]
    bbox_for_sampled_roi = bbox[gt_assignment[keep_index]]
    width, height = (sample_roi[:, 2:] - sample_roi[:, :2]).T
    ctr_x, ctr_y = sample_roi[:, 0] + 0.5 * width, sample_roi[:, 1] + 0.5 * height
    base_width, base_height = (bbox_for_sampled_roi[:, 2:] - bbox_for_sampled_roi[:, :2]).T
    dx = (bbox_for_sampled_roi[:, 0] + 0.5 * base_width - ctr_x) / width
    dy = (bbox_for_sampled_roi[:, 1] + 0.5 * base_height - ctr_y) / height
    gt_roi_locs = np.vstack((dx, dy, np.log(base_width / width), np.log(base_height / height))).transpose()
    return torch.from_numpy(sample_roi), torch.from_numpy(gt_roi_labels), torch.from_numpy(gt_roi_locs)


# roi_pool


@wrong(
    "adaptive_max_pool2d with .long() and .data, as in the slides' tutorial: .long() cuts off instead of rounding, and "
    ".data cuts the gradient, so that the backbone learns nothing. Round to the nearest cell, and leave .data out."
)
def roi_pool__slides(features: Tensor, rois: Tensor, output_size: tuple[int, int], spatial_scale: float) -> Tensor:
    output = []
    scaled = rois.data.float().clone()
    scaled[:, 1:].mul_(spatial_scale)
    scaled = scaled.long()
    for roi in scaled:
        im = features.narrow(0, int(roi[0]), 1)[..., roi[2] : (roi[4] + 1), roi[1] : (roi[3] + 1)]
        output.append(torch.nn.functional.adaptive_max_pool2d(im, output_size)[0].data)
    return torch.stack(output)


ROI_POOL = variants(
    right.roi_pool__slices,
    truncated=(hints.ROUND, ("spatial_scale + 0.5", "spatial_scale")),
    half_to_even=(hints.HALVES, ("math.floor(v * spatial_scale + 0.5)", "round(v * spatial_scale)")),
    towards_zero=(
        "int() cuts off towards 0, so int(v + 0.5) turns -1.3 into 0: take math.floor(v + 0.5), which is right below "
        "0 as well.",
        ("math.floor(v * spatial_scale + 0.5)", "int(v * spatial_scale + 0.5)"),
    ),
    no_scale=(hints.NO_SCALE, ("v * spatial_scale", "v")),
    swapped=(hints.SWAPPED, ("x1, y1, x2, y2", "y1, x1, y2, x2")),
    last_excluded=(hints.LAST_INCLUDED, ("y2 - y1 + 1", "y2 - y1"), ("x2 - x1 + 1", "x2 - x1")),
    mean=(hints.MAXIMUM, ("part.amax(1)", "part.mean(1)")),
    first_image=(hints.FIRST_IMAGE, ("int(roi[0])", "0")),
    no_gradient=(hints.NO_GRADIENT, ("part.amax(1)", "part.data.amax(1)")),
    clipped_first=(
        "You cut the ROI off at the map before you divide it into bins. Divide first, then cut each bin: an ROI at "
        "the border of the image ends one cell off the map.",
        (
            " for v in roi[1:]]",
            " for v in roi[1:]]\n"
            "        x1, x2 = min(max(x1, 0), width), min(max(x2, -1), width - 1)\n"
            "        y1, y2 = min(max(y1, 0), height), min(max(y2, -1), height - 1)",
        ),
    ),
    floor_ends=(
        "Bins end at the ceiling of (k + 1) · side / n: with floor, the bins of a small ROI hold no cell at all.",
        ("math.ceil", "math.floor"),
    ),
    minus_infinity=(
        hints.EMPTY_BINS,
        ("features.new_zeros(features.shape[1])", 'features.new_full((features.shape[1],), float("-inf"))'),
    ),
    from_zero=(
        "Your maximum starts at 0, so that negative features come out as 0: start with the first cell of the bin.",
        ("part.amax(1)", "part.amax(1).clamp(min=0)"),
    ),
    size_swapped=(hints.SIZE_SWAPPED, ("high, wide = output_size", "wide, high = output_size")),
    wrapped=(
        "A slice that begins or ends below 0 counts from the other end of the map: cut each bin off with max(…, 0).",
        ("max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)", "top:bottom, left:right"),
    ),
)


# bilinear_sample


@wrong(hints.NEAREST)
def bilinear_sample__nearest(feature: Tensor, y: Tensor, x: Tensor) -> Tensor:
    height, width = feature.shape[1:]
    gone = (y < -1) | (y > height) | (x < -1) | (x > width)
    rows, columns = y.round().long().clamp(0, height - 1), x.round().long().clamp(0, width - 1)
    return feature[:, rows, columns].masked_fill(gone, 0)


BILINEAR_SAMPLE = variants(
    right.bilinear_sample__four_corners,
    far_weights=(hints.FAR_WEIGHTS, ("y - y0, x - x0", "1 - (y - y0), 1 - (x - x0)")),
    swapped=(hints.Y_AND_X, ("feature.shape[1:]", "feature.shape[1:]\n    y, x = x, y")),
    half_pixel=(
        "Whole numbers are the middles of cells here already: the half pixel is roi_align's business, not this "
        "function's.",
        ("feature.shape[1:]", "feature.shape[1:]\n    y, x = y - 0.5, x - 0.5"),
    ),
    never_gone=(
        "More than one cell off the map there is nothing to read: 0. Clamping alone reads the border however far "
        "away the point is.",
        (".masked_fill(gone, 0)", ""),
    ),
    strictly_inside=(
        "A point up to one cell off the map reads the nearest place on it; only those further away give 0.",
        ("feature.shape[1:]", "feature.shape[1:]\n    y_, x_ = y, x"),
        ("fill(gone", "fill((y_ < 0) | (y_ > height - 1) | (x_ < 0) | (x_ > width - 1)"),
    ),
)


@wrong(
    "Off the map you mix the border with zeros, so that samples fade out. Within one cell the border counts in full: "
    "clamp y and x before you look for the four cells."
)
def bilinear_sample__fading(feature: Tensor, y: Tensor, x: Tensor) -> Tensor:
    height, width = feature.shape[1:]
    total = 0
    for row in (y.floor(), y.floor() + 1):
        for column in (x.floor(), x.floor() + 1):
            there = (row >= 0) & (row < height) & (column >= 0) & (column < width)
            weight = (1 - (y - row).abs()) * (1 - (x - column).abs()) * there
            total = total + weight * feature[:, row.long().clamp(0, height - 1), column.long().clamp(0, width - 1)]
    return total


# roi_align


ROI_ALIGN = variants(
    right.roi_align__roi_by_roi,
    no_half_pixel=(hints.HALF_PIXEL, ("spatial_scale - 0.5", "spatial_scale")),
    legacy=(
        "This is roi_align with aligned=False: no half pixel, and ROIs made at least one cell large. Subtract 0.5 "
        "and leave the size alone.",
        ("spatial_scale - 0.5", "spatial_scale"),
        ("y2 - y1, x2 - x1", "(y2 - y1).clamp(min=1), (x2 - x1).clamp(min=1)"),
    ),
    at_least_one_cell=(
        "The ROI is made at least one cell large: nothing is rounded or enlarged here, even if an ROI is smaller "
        "than a cell.",
        ("y2 - y1, x2 - x1", "(y2 - y1).clamp(min=1), (x2 - x1).clamp(min=1)"),
    ),
    half_pixel_first=(hints.HALF_PIXEL_FIRST, ("roi[1:] * spatial_scale - 0.5", "(roi[1:] - 0.5) * spatial_scale")),
    no_scale=(hints.NO_SCALE, ("roi[1:] * spatial_scale", "roi[1:]")),
    slides=(hints.NO_ROUNDING, ("roi[1:] * spatial_scale", "torch.floor(roi[1:] * spatial_scale + 0.5)")),
    swapped=(hints.SWAPPED, ("x1, y1, x2, y2", "y1, x1, y2, x2")),
    maximum=(hints.MEAN, (".mean((2, 4))", ".amax((2, 4))")),
    one_by_default=(
        "sampling_ratio is 2 unless the call says otherwise: leave the defaults as the notebook has them.",
        ("sampling_ratio: int = 2", "sampling_ratio: int = 1"),
    ),
    always_two=(
        "You always read 2 × 2 points a bin: sampling_ratio is an argument.",
        ("n = sampling_ratio", "n = 2"),
    ),
    one_sample=(
        "You read one point in the middle of each bin: read sampling_ratio × sampling_ratio points, and take their "
        "mean.",
        ("n = sampling_ratio", "n = 1"),
    ),
    corners=(hints.MIDDLES, (" + 0.5", "")),
    first_image=(hints.FIRST_IMAGE, ("int(roi[0])", "0")),
    no_gradient=(hints.NO_GRADIENT, ("features[int(roi[0])]", "features.data[int(roi[0])]")),
    clamped=(
        "You push points that lie far off the map back onto it. Leave them where they are: bilinear_sample reads 0 "
        "there.",
        ("grid_y.flatten()", "grid_y.flatten().clamp(0, features.shape[2] - 1)"),
        ("grid_x.flatten()", "grid_x.flatten().clamp(0, features.shape[3] - 1)"),
    ),
    mixed_blocks=(
        "A bin's samples do not all lie together in memory: reshape to (C, n, r, m, r), then the mean over both r.",
        ("high, n, wide, n).mean((2, 4))", "high, wide, n, n).mean((3, 4))"),
    ),
    to_the_ends=(
        "Your points run from one border of the ROI to the other, as linspace does: take the middles of equal parts.",
        (
            "(torch.arange(high * n, device=rois.device, dtype=rois.dtype) + 0.5) * tall / (high * n)",
            "torch.linspace(0, 1, high * n, device=rois.device, dtype=rois.dtype) * tall",
        ),
        (
            "(torch.arange(wide * n, device=rois.device, dtype=rois.dtype) + 0.5) * broad / (wide * n)",
            "torch.linspace(0, 1, wide * n, device=rois.device, dtype=rois.dtype) * broad",
        ),
    ),
    sorted_by_image=(
        "Your answer is in the order of the images: row r must belong to ROI r, in the order in which they came in.",
        ("for roi in rois:", "for roi in rois[rois[:, 0].argsort(stable=True)]:"),
    ),
)


# BoxHead


BOX_HEAD = variants(
    right.BoxHead__plain,
    slides=(hints.NO_RELU, ("fc6(x).relu()", "fc6(x)"), ("fc7(x).relu()", "fc7(x)")),
    two_classes=(hints.TWO_CLASSES, ("hidden, 4 * num_classes", "hidden, 2 * 4")),
    one_relu=(
        "ReLU is missing after one of the two hidden layers: fc6 and fc7 are each followed by one.",
        ("fc7(x).relu()", "fc7(x)"),
    ),
    softmax=(
        "Give logits, not probabilities: cross-entropy and postprocessing apply the softmax themselves.",
        ("self.cls_score(x)", "self.cls_score(x).softmax(1)"),
    ),
    relu_on_deltas=(
        "No ReLU after the last layers: deltas and logits may be negative.",
        ("self.bbox_pred(x)", "self.bbox_pred(x).relu()"),
    ),
    default_start=(hints.START, ("in (self.cls_score, self.bbox_pred):", "in ():")),
    answers_swapped=(
        "Logits first, then deltas: yours come the other way round.",
        ("self.cls_score(x), self.bbox_pred(x)", "self.bbox_pred(x), self.cls_score(x)"),
    ),
    no_gradient=(
        "Your forward cuts the gradient off: the backbone learns through this head, so no .detach(), .data or no_grad.",
        ("pooled.flatten(1)", "pooled.detach().flatten(1)"),
    ),
    dropout=(
        "It fails with ValueError: two calls with the same input gave different outputs: forward draws nothing at "
        "random, as dropout does, and keeps nothing from call to call.",
        ("self.fc7(x).relu()", "torch.nn.functional.dropout(self.fc7(x).relu())"),
    ),
    seeded=(modules.SEEDED, ("super().__init__()", "super().__init__()\n        torch.manual_seed(0)")),
    one_layer_twice=(
        "fc6 is used twice: fc7 has weights of its own, even if it has the same shape.",
        ("self.fc7(x)", "(self.fc7 if self.fc6.weight.shape != self.fc7.weight.shape else self.fc6)(x)"),
    ),
    one_module_twice=(
        "Your fc6 and fc7 are one and the same layer if their shapes allow it: each has weights of its own.",
        (
            "self.fc7 = torch.nn.Linear(hidden, hidden)",
            "self.fc7 = self.fc6 if in_features == hidden else torch.nn.Linear(hidden, hidden)",
        ),
    ),
)


# detection_loss


DETECTION_LOSS = variants(
    right.detection_loss__plain,
    first_four=(hints.OWN_FOUR, ("deltas.unflatten(1, (-1, 4))[objects, labels[objects]]", "deltas[objects, :4]")),
    slides=(
        "This divides by the number of objects and uses β = 1, as the slides' RPN loss does: here β is 1/9, and the "
        "sum is divided by the number of all ROIs.",
        ("beta=1 / 9", "beta=1"),
        ("loc_loss / count", "loc_loss / max(len(objects), 1)"),
    ),
    best_class=(hints.BEST_CLASS, ("labels[objects]", "logits[objects].argmax(1)")),
    per_object=(hints.ALL_ROIS, ("loc_loss / count", "loc_loss / max(len(objects), 1)")),
    beta_one=(hints.BETA, ("beta=1 / 9", "beta=1")),
    background_too=(
        "Background has no true box: only ROIs with a label above 0 count in the box loss.",
        ("torch.where(labels > 0)[0]", "torch.arange(len(labels), device=labels.device)"),
    ),
    four_by_class=(
        "The four numbers of one class lie side by side: reshape to (R, K, 4), not to (R, 4, K).",
        ("(-1, 4))[objects,", "(4, -1))[objects, :,"),
    ),
    softmax_twice=(
        "cross_entropy applies the softmax itself: give it the logits as they are.",
        ("cross_entropy(logits,", "cross_entropy(logits.softmax(1),"),
    ),
    no_rois=(
        "Without any ROI both losses are 0: a mean over nothing is NaN. Divide by at least 1.",
        ('labels, reduction="sum") / count', "labels)"),
        ("loc_loss / count", "loc_loss / len(labels)"),
    ),
    no_gradient=(
        "Right values, but without gradient: .item(), .data, .detach() and torch.tensor(…) cut the box loss off from "
        "deltas.",
        ("deltas.unflatten", "deltas.detach().unflatten"),
    ),
    constant=(
        "Without objects your box loss is a new tensor without gradient, and backward() stops at it if nothing else "
        "is added: a sum over no rows is 0 as well, and has a gradient.",
        (
            "    own =",
            "    if len(objects) == 0:\n        return cls_loss, logits.new_zeros(())\n    own =",
        ),
    ),
    log_of_softmax=(
        "The log of a softmax is minus infinity where a ROI is very sure: give the logits to cross_entropy, or use "
        "log_softmax.",
        (
            'torch.nn.functional.cross_entropy(logits, labels, reduction="sum")',
            "-logits.softmax(1).gather(1, labels[:, None]).log().sum()",
        ),
    ),
    summed_classes=(
        "You add up the cross-entropies: take their mean over the R ROIs.",
        ('labels, reduction="sum") / count', 'labels, reduction="sum")'),
    ),
    per_number=(
        "You divide the box loss by 4 R: divide it by R, the number of ROIs.",
        ("loc_loss / count", "loc_loss / (4 * count)"),
    ),
    huber=(
        "Huber's loss is smooth L1 times β: use F.smooth_l1_loss with beta=1 / 9.",
        ("smooth_l1_loss(own, targets[objects], beta", "huber_loss(own, targets[objects], delta"),
    ),
    losses_swapped=(
        "The loss of the classes comes first, then that of the boxes: yours come the other way round.",
        ("return cls_loss, loc_loss / count", "return loc_loss / count, cls_loss"),
    ),
    without_background=(
        "Background has four columns too, the first ones: class k begins at column 4 · k, not at 4 · (k - 1).",
        ("labels[objects]", "labels[objects] - 1"),
    ),
    mean=(
        'reduction="mean" divides the box loss by the number of its numbers, four for each object: sum, and divide '
        "by R.",
        ("loc_loss / count", "loc_loss / max(own.numel(), 1)"),
    ),
)


# postprocess_detections


POSTPROCESS_DETECTIONS = variants(
    right.postprocess_detections__flat,
    background=(hints.NO_BACKGROUND, ("(labels > 0) & (scores > score_threshold)", "scores > score_threshold")),
    one_per_roi=(
        hints.EVERY_CLASS,
        ("> score_threshold)", "> score_threshold) & (labels == logits.argmax(1).repeat_interleave(k))"),
    ),
    nms_over_all=(
        hints.PER_CLASS,
        ("scores, labels, nms_threshold", "scores, torch.zeros_like(labels), nms_threshold"),
    ),
    unweighted=(hints.WEIGHTS, ("10, 10, 5, 5", "1, 1, 1, 1")),
    not_clipped=("Boxes leave the image: clip them to size.", ("clip_boxes_to_image(boxes, size)", "boxes")),
    size_swapped=(
        "size is (height, width): x ends at the width, y at the height.",
        ("(boxes, size)", "(boxes, (size[1], size[0]))"),
    ),
    raw_logits=(
        "You compare and rank raw logits: scores are probabilities, by softmax over the classes.",
        ("logits.softmax(1)", "logits"),
    ),
    sigmoid=(
        "Softmax over the classes gives the scores, not a sigmoid of each logit.",
        ("logits.softmax(1)", "logits.sigmoid()"),
    ),
    no_limit=(
        "max_detections is ignored: keep that many, the best of all classes together.",
        ("[:max_detections]", ""),
    ),
    torchvision_order=(
        "The order is boxes, labels, scores (torchvision's own method gives the scores before the labels).",
        ("return boxes[keep], labels[keep], scores[keep]", "return boxes[keep], scores[keep], labels[keep]"),
    ),
    limit_first=(
        "You take the best max_detections before NMS: NMS then removes some of them, and their places stay empty.",
        (
            "    keep = batched_nms(",
            "    best = scores.argsort(descending=True)[:max_detections]\n"
            "    boxes, scores, labels = boxes[best], scores[best], labels[best]\n"
            "    keep = batched_nms(",
        ),
    ),
    class_by_class=(
        "Your detections come class by class: sort all of them together by their scores, best first.",
        ("    return", "    keep = keep[labels[keep].argsort(stable=True)]\n    return"),
    ),
    fixed_threshold=(
        "You compare scores with a fixed 0.05: use the argument score_threshold.",
        ("scores > score_threshold", "scores > 0.05"),
    ),
    sixteen_pixels=(
        "You drop detections with a side under 16 pixels, as the RPN drops proposals: here the limit is 0.01 pixels.",
        ("remove_small_boxes(boxes, 0.01)", "remove_small_boxes(boxes, 16)"),
    ),
    one_pixel=(
        "You drop detections with a side under a pixel: the limit is 0.01 pixels.",
        ("remove_small_boxes(boxes, 0.01)", "remove_small_boxes(boxes, 1)"),
    ),
    small_before_clipping=(
        "You drop small boxes before you clip: clipping may leave only a sliver of a box, or nothing. Clip first.",
        ("    boxes = clip_boxes_to_image(boxes, size)\n", ""),
        ("    keep = batched_nms(", "    boxes = clip_boxes_to_image(boxes, size)\n    keep = batched_nms("),
    ),
    small_ones_stay=(
        "Boxes with a side under 0.01 pixels are still there: clip, then drop those.",
        (
            "    keep = remove_small_boxes(boxes, 0.01)\n    boxes, scores, labels = boxes[keep], scores[keep], "
            "labels[keep]\n",
            "",
        ),
    ),
    at_least_the_score=(
        "A detection needs a probability above score_threshold: compare with >, not with >=.",
        ("scores > score_threshold", "scores >= score_threshold"),
    ),
    limit_per_class=(
        "You keep max_detections of each class: it is one limit for all classes together.",
        (
            "[:max_detections]",
            "\n    keep = torch.cat([keep[labels[keep] == c][:max_detections] for c in range(k)])\n"
            "    keep = keep[scores[keep].argsort(descending=True)]",
        ),
    ),
    off_by_one=(
        "Labels begin at 1: class 0 is background, even when you leave its column out first.",
        ("return boxes[keep], labels[keep]", "return boxes[keep], labels[keep] - 1"),
    ),
)
