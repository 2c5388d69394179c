"""Wrong answers to lab 4, each with the hint that its author must get.

The ones called ``slides`` are the lecture's printed code, and where the slides print none, that of the tutorial which
they follow, adapted to our signatures.
"""

import torch
from torch import Tensor

from autograder.answers import changed, wrong
from autograder.answers.lab4_roi_heads import right
from course.checks import lab4_roi_heads as hints

# sample_rois

sample_rois__no_truth = changed(
    right.sample_rois__plain, "no_truth", hints.TRUTH_JOINS, ("torch.cat([proposals, gt_boxes])", "proposals")
)


@wrong(
    "The slides' tutorial leaves the true boxes out of the candidates and draws with NumPy, whose random numbers no "
    "generator of ours steers. Join the true boxes, and shuffle with torch.randperm(…, generator=generator)."
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


sample_rois__no_limit = changed(
    right.sample_rois__plain,
    "no_limit",
    hints.AT_MOST,
    ("min(int(batch_size * positive_fraction), len(pos))", "min(batch_size, len(pos))"),
)


sample_rois__quota = changed(
    right.sample_rois__plain,
    "quota",
    hints.FILL_UP,
    ("min(batch_size - n_pos, len(neg))", "min(batch_size - int(batch_size * positive_fraction), len(neg))"),
)


sample_rois__one_class = changed(right.sample_rois__plain, "one_class", hints.OWN_CLASS, ("gt_labels[matched]", "1"))


sample_rois__strict = changed(
    right.sample_rois__plain, "strict", hints.AT_LEAST, ("iou >= iou_threshold", "iou > iou_threshold")
)


sample_rois__fixed_threshold = changed(
    right.sample_rois__plain,
    "fixed_threshold",
    "You compare with a fixed 0.5: use the argument iou_threshold.",
    ("iou >= iou_threshold", "iou >= 0.5"),
)


sample_rois__unweighted = changed(
    right.sample_rois__plain,
    "unweighted",
    hints.WEIGHTS,
    (
        "targets[: len(pos)] = encode_boxes(gt_boxes[matched[pos]], boxes[pos], (10, 10, 5, 5))",
        "targets[: len(pos)] = encode_boxes(gt_boxes[matched[pos]], boxes[pos], (1, 1, 1, 1))",
    ),
)


sample_rois__backwards = changed(
    right.sample_rois__plain,
    "backwards",
    hints.DIRECTION,
    (
        "targets[: len(pos)] = encode_boxes(gt_boxes[matched[pos]], boxes[pos], (10, 10, 5, 5))",
        "targets[: len(pos)] = encode_boxes(boxes[pos], gt_boxes[matched[pos]], (10, 10, 5, 5))",
    ),
)


sample_rois__replacement = changed(
    right.sample_rois__plain,
    "replacement",
    (
        "Some ROIs were drawn twice, as torch.randint draws: shuffle the indices (torch.randperm) and take the "
        "first ones."
    ),
    (
        "pos[torch.randperm(len(pos), generator=generator)[:n_pos]]",
        "pos[torch.randint(max(len(pos), 1), (n_pos,), generator=generator)]",
    ),
    (
        "neg[torch.randperm(len(neg), generator=generator)[:n_neg]]",
        "neg[torch.randint(max(len(neg), 1), (n_neg,), generator=generator)]",
    ),
)


sample_rois__first_ones = changed(
    right.sample_rois__plain,
    "first_ones",
    (
        "Your sample is always the same, such as the first ones of a list: draw at random, so that every candidate "
        "gets its turn."
    ),
    ("pos[torch.randperm(len(pos), generator=generator)[:n_pos]]", "pos[:n_pos]"),
    ("neg[torch.randperm(len(neg), generator=generator)[:n_neg]]", "neg[:n_neg]"),
)


sample_rois__global_generator = changed(
    right.sample_rois__plain,
    "global_generator",
    ("You draw from torch's global generator: pass generator=generator on, so that a seed repeats a training."),
    ("pos[torch.randperm(len(pos), generator=generator)[:n_pos]]", "pos[torch.randperm(len(pos))[:n_pos]]"),
    ("neg[torch.randperm(len(neg), generator=generator)[:n_neg]]", "neg[torch.randperm(len(neg))[:n_neg]]"),
)


sample_rois__no_objects = changed(
    right.sample_rois__plain, "no_objects", hints.NO_OBJECTS, ("if len(gt_boxes):", "if True:")
)


sample_rois__any_match = changed(
    right.sample_rois__plain,
    "any_match",
    "A candidate belongs to the true box with which its IoU is best: yours goes to the first that is good enough.",
    (
        "iou, matched = box_iou(boxes, gt_boxes).max(1)",
        "table = box_iou(boxes, gt_boxes)\n"
        "        iou, matched = table.amax(1), (table >= iou_threshold).int().argmax(1)",
    ),
)


sample_rois__rounded_up = changed(
    right.sample_rois__plain,
    "rounded_up",
    "You round the number of objects up: int(batch_size · positive_fraction) cuts off, 5 of 11 · 0.5.",
    ("int(batch_size * positive_fraction)", "int(batch_size * positive_fraction + 0.9)"),
)


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


roi_pool__truncated = changed(
    right.roi_pool__slices,
    "truncated",
    hints.ROUND,
    ("[math.floor(v * spatial_scale + 0.5) for v in roi[1:]]", "[math.floor(v * spatial_scale) for v in roi[1:]]"),
)


roi_pool__half_to_even = changed(
    right.roi_pool__slices,
    "half_to_even",
    hints.HALVES,
    ("[math.floor(v * spatial_scale + 0.5) for v in roi[1:]]", "[round(v * spatial_scale) for v in roi[1:]]"),
)


roi_pool__no_scale = changed(
    right.roi_pool__slices,
    "no_scale",
    hints.NO_SCALE,
    ("[math.floor(v * spatial_scale + 0.5) for v in roi[1:]]", "[math.floor(v + 0.5) for v in roi[1:]]"),
)


roi_pool__swapped = changed(right.roi_pool__slices, "swapped", hints.SWAPPED, ("x1, y1, x2, y2", "y1, x1, y2, x2"))


roi_pool__last_excluded = changed(
    right.roi_pool__slices,
    "last_excluded",
    hints.LAST_INCLUDED,
    ("max(y2 - y1 + 1, 1), max(x2 - x1 + 1, 1)", "max(y2 - y1, 1), max(x2 - x1, 1)"),
)


roi_pool__mean = changed(
    right.roi_pool__slices,
    "mean",
    hints.MAXIMUM,
    (
        "part.amax(1) if part.numel() else features.new_zeros(features.shape[1])",
        "part.mean(1) if part.numel() else features.new_zeros(features.shape[1])",
    ),
)


roi_pool__first_image = changed(right.roi_pool__slices, "first_image", hints.FIRST_IMAGE, ("int(roi[0])", "0"))


roi_pool__no_gradient = changed(
    right.roi_pool__slices,
    "no_gradient",
    hints.NO_GRADIENT,
    (
        "part.amax(1) if part.numel() else features.new_zeros(features.shape[1])",
        "part.data.amax(1) if part.numel() else features.new_zeros(features.shape[1])",
    ),
)


roi_pool__clipped_first = changed(
    right.roi_pool__slices,
    "clipped_first",
    (
        "You cut the ROI off at the map before you divide it into bins. Divide first, then cut each bin: an ROI "
        "at the border of the image ends one cell off the map."
    ),
    (
        "[math.floor(v * spatial_scale + 0.5) for v in roi[1:]]",
        "[math.floor(v * spatial_scale + 0.5) for v in roi[1:]]\n"
        "        x1, x2 = min(max(x1, 0), width), min(max(x2, -1), width - 1)\n"
        "        y1, y2 = min(max(y1, 0), height), min(max(y2, -1), height - 1)",
    ),
)


roi_pool__floor_ends = changed(
    right.roi_pool__slices,
    "floor_ends",
    ("Bins end at the ceiling of (k + 1) · side / n: with floor, the bins of a small ROI hold no cell at all."),
    ("math.ceil((i + 1) * tall / high)", "math.floor((i + 1) * tall / high)"),
    ("math.ceil((j + 1) * broad / wide)", "math.floor((j + 1) * broad / wide)"),
)


roi_pool__minus_infinity = changed(
    right.roi_pool__slices,
    "minus_infinity",
    hints.EMPTY_BINS,
    (
        "part.amax(1) if part.numel() else features.new_zeros(features.shape[1])",
        'part.amax(1) if part.numel() else features.new_full((features.shape[1],), float("-inf"))',
    ),
)


roi_pool__from_zero = changed(
    right.roi_pool__slices,
    "from_zero",
    ("Your maximum starts at 0, so that negative features come out as 0: start with the first cell of the bin."),
    (
        "part.amax(1) if part.numel() else features.new_zeros(features.shape[1])",
        "part.amax(1).clamp(min=0) if part.numel() else features.new_zeros(features.shape[1])",
    ),
)


roi_pool__size_swapped = changed(
    right.roi_pool__slices, "size_swapped", hints.SIZE_SWAPPED, ("high, wide = output_size", "wide, high = output_size")
)


roi_pool__wrapped = changed(
    right.roi_pool__slices,
    "wrapped",
    "A slice that begins or ends below 0 counts from the other end of the map: cut each bin off with max(…, 0).",
    ("max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)", "top:bottom, left:right"),
)


# bilinear_sample


@wrong(hints.NEAREST)
def bilinear_sample__nearest(feature: Tensor, y: Tensor, x: Tensor) -> Tensor:
    height, width = feature.shape[1:]
    gone = (y < -1) | (y > height) | (x < -1) | (x > width)
    rows, columns = y.round().long().clamp(0, height - 1), x.round().long().clamp(0, width - 1)
    return feature[:, rows, columns].masked_fill(gone, 0)


bilinear_sample__far_weights = changed(
    right.bilinear_sample__four_corners,
    "far_weights",
    hints.FAR_WEIGHTS,
    ("y - y0, x - x0", "1 - (y - y0), 1 - (x - x0)"),
)


bilinear_sample__swapped = changed(
    right.bilinear_sample__four_corners,
    "swapped",
    hints.Y_AND_X,
    ("height, width = feature.shape[1:]", "height, width = feature.shape[1:]\n    y, x = x, y"),
)


bilinear_sample__half_pixel = changed(
    right.bilinear_sample__four_corners,
    "half_pixel",
    (
        "Whole numbers are the middles of cells here already: the half pixel is roi_align's business, not this "
        "function's."
    ),
    ("height, width = feature.shape[1:]", "height, width = feature.shape[1:]\n    y, x = y - 0.5, x - 0.5"),
)


bilinear_sample__never_gone = changed(
    right.bilinear_sample__four_corners,
    "never_gone",
    (
        "More than one cell off the map there is nothing to read: 0. Clamping alone reads the border however far "
        "away the point is."
    ),
    ("mixed.masked_fill(gone, 0)", "mixed"),
)


bilinear_sample__strictly_inside = changed(
    right.bilinear_sample__four_corners,
    "strictly_inside",
    "A point up to one cell off the map reads the nearest place on it; only those further away give 0.",
    ("mixed.masked_fill(gone, 0)", "mixed.masked_fill((y_ < 0) | (y_ > height - 1) | (x_ < 0) | (x_ > width - 1), 0)"),
    ("height, width = feature.shape[1:]", "height, width = feature.shape[1:]\n    y_, x_ = y, x"),
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


roi_align__no_half_pixel = changed(
    right.roi_align__roi_by_roi,
    "no_half_pixel",
    hints.HALF_PIXEL,
    ("roi[1:] * spatial_scale - 0.5", "roi[1:] * spatial_scale"),
)


roi_align__legacy = changed(
    right.roi_align__roi_by_roi,
    "legacy",
    (
        "This is roi_align with aligned=False: no half pixel, and ROIs made at least one cell large. Subtract 0.5"
        " and leave the size alone."
    ),
    ("roi[1:] * spatial_scale - 0.5", "roi[1:] * spatial_scale"),
    ("y2 - y1, x2 - x1", "(y2 - y1).clamp(min=1), (x2 - x1).clamp(min=1)"),
)


roi_align__at_least_one_cell = changed(
    right.roi_align__roi_by_roi,
    "at_least_one_cell",
    (
        "The ROI is made at least one cell large: nothing is rounded or enlarged here, also where an ROI is "
        "smaller than a cell."
    ),
    ("y2 - y1, x2 - x1", "(y2 - y1).clamp(min=1), (x2 - x1).clamp(min=1)"),
)


roi_align__half_pixel_first = changed(
    right.roi_align__roi_by_roi,
    "half_pixel_first",
    hints.HALF_PIXEL_FIRST,
    ("roi[1:] * spatial_scale - 0.5", "(roi[1:] - 0.5) * spatial_scale"),
)


roi_align__no_scale = changed(
    right.roi_align__roi_by_roi, "no_scale", hints.NO_SCALE, ("roi[1:] * spatial_scale - 0.5", "roi[1:] - 0.5")
)


roi_align__slides = changed(
    right.roi_align__roi_by_roi,
    "slides",
    hints.NO_ROUNDING,
    ("roi[1:] * spatial_scale - 0.5", "torch.floor(roi[1:] * spatial_scale + 0.5) - 0.5"),
)


roi_align__swapped = changed(
    right.roi_align__roi_by_roi, "swapped", hints.SWAPPED, ("x1, y1, x2, y2", "y1, x1, y2, x2")
)


roi_align__maximum = changed(
    right.roi_align__roi_by_roi,
    "maximum",
    hints.MEAN,
    ("values.reshape(-1, high, n, wide, n).mean((2, 4))", "values.reshape(-1, high, n, wide, n).amax((2, 4))"),
)


roi_align__one_sample = changed(
    right.roi_align__roi_by_roi,
    "one_sample",
    (
        "You read one point in the middle of each bin: sampling_ratio × sampling_ratio points are wanted, and "
        "their mean."
    ),
    ("n = sampling_ratio", "n = 1"),
)


roi_align__corners = changed(right.roi_align__roi_by_roi, "corners", hints.MIDDLES, (" + 0.5", ""))


roi_align__first_image = changed(
    right.roi_align__roi_by_roi,
    "first_image",
    hints.FIRST_IMAGE,
    (
        "bilinear_sample(features[int(roi[0])], grid_y.flatten(), grid_x.flatten())",
        "bilinear_sample(features[0], grid_y.flatten(), grid_x.flatten())",
    ),
)


roi_align__no_gradient = changed(
    right.roi_align__roi_by_roi,
    "no_gradient",
    hints.NO_GRADIENT,
    (
        "bilinear_sample(features[int(roi[0])], grid_y.flatten(), grid_x.flatten())",
        "bilinear_sample(features.data[int(roi[0])], grid_y.flatten(), grid_x.flatten())",
    ),
)


roi_align__clamped = changed(
    right.roi_align__roi_by_roi,
    "clamped",
    (
        "You push points that lie far off the map back onto it. Leave them where they are: bilinear_sample reads "
        "0 there."
    ),
    (
        "bilinear_sample(features[int(roi[0])], grid_y.flatten(), grid_x.flatten())",
        "bilinear_sample(\n            features[int(roi[0])],\n"
        "            grid_y.flatten().clamp(0, features.shape[2] - 1),\n"
        "            grid_x.flatten().clamp(0, features.shape[3] - 1),\n        )",
    ),
)


roi_align__mixed_blocks = changed(
    right.roi_align__roi_by_roi,
    "mixed_blocks",
    "A bin's samples do not all lie together in memory: reshape to (C, n, r, m, r), then the mean over both r.",
    (".reshape(-1, high, n, wide, n).mean((2, 4))", ".reshape(-1, high, wide, n, n).mean((3, 4))"),
)


roi_align__to_the_ends = changed(
    right.roi_align__roi_by_roi,
    "to_the_ends",
    "Your points run from one border of the ROI to the other, as linspace does: take the middles of equal parts.",
    (
        "y1 + (torch.arange(high * n, device=rois.device, dtype=rois.dtype) + 0.5) * tall / (high * n)",
        "y1 + torch.linspace(0, 1, high * n, device=rois.device, dtype=rois.dtype) * tall",
    ),
    (
        "x1 + (torch.arange(wide * n, device=rois.device, dtype=rois.dtype) + 0.5) * broad / (wide * n)",
        "x1 + torch.linspace(0, 1, wide * n, device=rois.device, dtype=rois.dtype) * broad",
    ),
)


roi_align__sorted_by_image = changed(
    right.roi_align__roi_by_roi,
    "sorted_by_image",
    "Your answer is in the order of the images: row r must belong to ROI r, in the order that they came in.",
    ("for roi in rois:", "for roi in rois[rois[:, 0].argsort(stable=True)]:"),
)


# BoxHead


BoxHead__slides = changed(
    right.BoxHead__plain,
    "slides",
    hints.NO_RELU,
    ("x = self.fc6(x).relu()", "x = self.fc6(x)"),
    ("x = self.fc7(x).relu()", "x = self.fc7(x)"),
)


BoxHead__two_classes = changed(
    right.BoxHead__plain,
    "two_classes",
    hints.TWO_CLASSES,
    ("torch.nn.Linear(hidden, 4 * num_classes)", "torch.nn.Linear(hidden, 2 * 4)"),
)


BoxHead__one_relu = changed(
    right.BoxHead__plain,
    "one_relu",
    "ReLU is missing after one of the two hidden layers: fc6 and fc7 are each followed by one.",
    ("x = self.fc7(x).relu()", "x = self.fc7(x)"),
)


BoxHead__softmax = changed(
    right.BoxHead__plain,
    "softmax",
    ("Logits are wanted, not probabilities: cross-entropy and postprocessing apply the softmax themselves."),
    ("return self.cls_score(x), self.bbox_pred(x)", "return self.cls_score(x).softmax(1), self.bbox_pred(x)"),
)


BoxHead__relu_on_deltas = changed(
    right.BoxHead__plain,
    "relu_on_deltas",
    "No ReLU after the last layers: deltas and logits may be negative.",
    ("return self.cls_score(x), self.bbox_pred(x)", "return self.cls_score(x), self.bbox_pred(x).relu()"),
)


BoxHead__default_start = changed(
    right.BoxHead__plain,
    "default_start",
    hints.START,
    ("for layer in (self.cls_score, self.bbox_pred):", "for layer in ():"),
)


BoxHead__answers_swapped = changed(
    right.BoxHead__plain,
    "answers_swapped",
    "Logits first, then deltas: yours come the other way round.",
    ("return self.cls_score(x), self.bbox_pred(x)", "return self.bbox_pred(x), self.cls_score(x)"),
)


BoxHead__no_gradient = changed(
    right.BoxHead__plain,
    "no_gradient",
    "Your forward cuts the gradient off: the backbone learns through this head, so no .detach(), .data or no_grad.",
    ("pooled.flatten(1)", "pooled.detach().flatten(1)"),
)


# detection_loss


detection_loss__first_four = changed(
    right.detection_loss__plain,
    "first_four",
    hints.OWN_FOUR,
    ("deltas.unflatten(1, (-1, 4))[objects, labels[objects]]", "deltas[objects, :4]"),
)


detection_loss__slides = changed(
    right.detection_loss__plain,
    "slides",
    (
        "This divides by the number of objects and uses β = 1, as the slides' RPN loss does: here β is 1/9, and "
        "the sum is divided by the number of all ROIs."
    ),
    ("beta=1 / 9", "beta=1"),
    ("loc_loss / count", "loc_loss / max(len(objects), 1)"),
)


detection_loss__best_class = changed(
    right.detection_loss__plain,
    "best_class",
    hints.BEST_CLASS,
    (
        "deltas.unflatten(1, (-1, 4))[objects, labels[objects]]",
        "deltas.unflatten(1, (-1, 4))[objects, logits[objects].argmax(1)]",
    ),
)


detection_loss__per_object = changed(
    right.detection_loss__plain, "per_object", hints.ALL_ROIS, ("loc_loss / count", "loc_loss / max(len(objects), 1)")
)


detection_loss__beta_one = changed(right.detection_loss__plain, "beta_one", hints.BETA, ("beta=1 / 9", "beta=1"))


detection_loss__background_too = changed(
    right.detection_loss__plain,
    "background_too",
    "Background has no true box: only ROIs with a label above 0 count in the box loss.",
    ("torch.where(labels > 0)[0]", "torch.arange(len(labels), device=labels.device)"),
)


detection_loss__four_by_class = changed(
    right.detection_loss__plain,
    "four_by_class",
    "The four numbers of one class lie side by side: reshape to (R, K, 4), not to (R, 4, K).",
    (
        "deltas.unflatten(1, (-1, 4))[objects, labels[objects]]",
        "deltas.unflatten(1, (4, -1))[objects, :, labels[objects]]",
    ),
)


detection_loss__softmax_twice = changed(
    right.detection_loss__plain,
    "softmax_twice",
    "cross_entropy applies the softmax itself: give it the logits as they are.",
    (
        'torch.nn.functional.cross_entropy(logits, labels, reduction="sum") / count',
        'torch.nn.functional.cross_entropy(logits.softmax(1), labels, reduction="sum") / count',
    ),
)


detection_loss__no_rois = changed(
    right.detection_loss__plain,
    "no_rois",
    "Without any ROI both losses are 0: a mean over nothing is NaN. Divide by at least 1.",
    (
        'torch.nn.functional.cross_entropy(logits, labels, reduction="sum") / count',
        "torch.nn.functional.cross_entropy(logits, labels)",
    ),
    ("loc_loss / count", "loc_loss / len(labels)"),
)


detection_loss__without_background = changed(
    right.detection_loss__plain,
    "without_background",
    "Background has four columns too, the first ones: class k begins at column 4 · k, not at 4 · (k - 1).",
    ("[objects, labels[objects]]", "[objects, labels[objects] - 1]"),
)


detection_loss__mean = changed(
    right.detection_loss__plain,
    "mean",
    'reduction="mean" divides the box loss by the number of its numbers, four for each object: sum, and divide by R.',
    (
        'beta=1 / 9, reduction="sum")\n    return cls_loss, loc_loss / count',
        'beta=1 / 9, reduction="sum")\n    return cls_loss, loc_loss / max(own.numel(), 1)',
    ),
)


# postprocess_detections


postprocess_detections__background = changed(
    right.postprocess_detections__flat,
    "background",
    hints.NO_BACKGROUND,
    ("(labels > 0) & (scores > score_threshold)", "scores > score_threshold"),
)


postprocess_detections__one_per_roi = changed(
    right.postprocess_detections__flat,
    "one_per_roi",
    hints.EVERY_CLASS,
    (
        "(labels > 0) & (scores > score_threshold)",
        "(labels > 0) & (scores > score_threshold) & (labels == logits.argmax(1).repeat_interleave(k))",
    ),
)


postprocess_detections__nms_over_all = changed(
    right.postprocess_detections__flat,
    "nms_over_all",
    hints.PER_CLASS,
    (
        "batched_nms(boxes, scores, labels, nms_threshold)[:max_detections]",
        "batched_nms(boxes, scores, torch.zeros_like(labels), nms_threshold)[:max_detections]",
    ),
)


postprocess_detections__unweighted = changed(
    right.postprocess_detections__flat,
    "unweighted",
    hints.WEIGHTS,
    (
        "decode_boxes(deltas.reshape(-1, 4), wide, (10, 10, 5, 5))",
        "decode_boxes(deltas.reshape(-1, 4), wide, (1, 1, 1, 1))",
    ),
)


postprocess_detections__not_clipped = changed(
    right.postprocess_detections__flat,
    "not_clipped",
    "Boxes leave the image: clip them to size.",
    ("boxes = clip_boxes_to_image(boxes, size)", "boxes = boxes"),
)


postprocess_detections__size_swapped = changed(
    right.postprocess_detections__flat,
    "size_swapped",
    "size is (height, width): x ends at the width, y at the height.",
    ("boxes = clip_boxes_to_image(boxes, size)", "boxes = clip_boxes_to_image(boxes, (size[1], size[0]))"),
)


postprocess_detections__raw_logits = changed(
    right.postprocess_detections__flat,
    "raw_logits",
    "You compare and rank raw logits: scores are probabilities, by softmax over the classes.",
    ("logits.softmax(1).flatten()", "logits.flatten()"),
)


postprocess_detections__sigmoid = changed(
    right.postprocess_detections__flat,
    "sigmoid",
    "Softmax over the classes gives the scores, not a sigmoid of each logit.",
    ("logits.softmax(1).flatten()", "logits.sigmoid().flatten()"),
)


postprocess_detections__no_limit = changed(
    right.postprocess_detections__flat,
    "no_limit",
    "max_detections is not kept: of all classes together the best that many stay.",
    (
        "batched_nms(boxes, scores, labels, nms_threshold)[:max_detections]",
        "batched_nms(boxes, scores, labels, nms_threshold)",
    ),
)


postprocess_detections__torchvision_order = changed(
    right.postprocess_detections__flat,
    "torchvision_order",
    "The order is boxes, labels, scores (torchvision's own method gives the scores before the labels).",
    ("return boxes[keep], labels[keep], scores[keep]", "return boxes[keep], scores[keep], labels[keep]"),
)


postprocess_detections__limit_first = changed(
    right.postprocess_detections__flat,
    "limit_first",
    "You take the best max_detections before NMS: it throws some of them out, and their places stay empty.",
    (
        "    keep = batched_nms(",
        "    best = scores.argsort(descending=True)[:max_detections]\n"
        "    boxes, scores, labels = boxes[best], scores[best], labels[best]\n"
        "    keep = batched_nms(",
    ),
)


postprocess_detections__class_by_class = changed(
    right.postprocess_detections__flat,
    "class_by_class",
    "Your detections come class by class: sort all of them together by their scores, best first.",
    ("    return boxes[keep]", "    keep = keep[labels[keep].argsort(stable=True)]\n    return boxes[keep]"),
)


postprocess_detections__fixed_threshold = changed(
    right.postprocess_detections__flat,
    "fixed_threshold",
    "You compare scores with a fixed 0.05: use the argument score_threshold.",
    ("scores > score_threshold", "scores > 0.05"),
)


postprocess_detections__off_by_one = changed(
    right.postprocess_detections__flat,
    "off_by_one",
    "Labels begin at 1: class 0 is background, also when you leave its column out first.",
    ("return boxes[keep], labels[keep], scores[keep]", "return boxes[keep], labels[keep] - 1, scores[keep]"),
)
