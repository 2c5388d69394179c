"""Wrong answers to lab 6, each with the hint that its author must get."""

from autograder.answers import changed
from autograder.answers.lab6_keypoints import right
from course.checks import lab6_keypoints as hints

# KeypointHead

_LAST = 'return torch.nn.functional.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)'


KeypointHead__slides_end = changed(right.KeypointHead__plain, "slides_end", hints.SLIDE_ENDS, (_LAST, "return x"))


KeypointHead__nearest = changed(
    right.KeypointHead__plain,
    "nearest",
    hints.NEAREST_CELL,
    (_LAST, "return torch.nn.functional.interpolate(x, scale_factor=2)"),
)


KeypointHead__corners = changed(
    right.KeypointHead__plain, "corners", hints.CORNERS, ("align_corners=False", "align_corners=True")
)


KeypointHead__bicubic = changed(
    right.KeypointHead__plain,
    "bicubic",
    "The head enlarges with bilinear interpolation; bicubic comes later, when keypoints are read.",
    ("bilinear", "bicubic"),
)


KeypointHead__no_relu = changed(
    right.KeypointHead__plain, "no_relu", hints.NO_RELU, ("torch.nn.ReLU()", "torch.nn.Identity()")
)


KeypointHead__seven_relus = changed(
    right.KeypointHead__plain,
    "seven_relus",
    "A ReLU also follows the eighth convolution, before the transposed one.",
    ("layers.append(torch.nn.ReLU())", "layers.append(torch.nn.ReLU() if number < 7 else torch.nn.Identity())"),
)


KeypointHead__last_relu = changed(
    right.KeypointHead__plain,
    "last_relu",
    hints.LAST_RELU,
    ("x = self.kps_score_lowres(x)", "x = self.kps_score_lowres(x).relu()"),
)


KeypointHead__softmax = changed(
    right.KeypointHead__plain,
    "softmax",
    "Logits are wanted, not probabilities: the loss applies the softmax itself.",
    (_LAST, _LAST.replace("return ", "x = ") + "\n        return x.flatten(2).softmax(2).reshape(x.shape)"),
)


KeypointHead__enlarged_first = changed(
    right.KeypointHead__plain,
    "enlarged_first",
    "First the transposed convolution, then the interpolation: yours come the other way round.",
    (
        "x = self.kps_score_lowres(x)",
        'x = torch.nn.functional.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)',
    ),
    (_LAST, "return self.kps_score_lowres(x)"),
)


KeypointHead__no_padding = changed(
    right.KeypointHead__plain,
    "no_padding",
    "The transposed convolution has padding 1, which cuts its border off: H becomes exactly 2 H.",
    ("4, stride=2, padding=1", "4, stride=2"),
)


KeypointHead__default_start = changed(
    right.KeypointHead__plain,
    "default_start",
    hints.START,
    ("for layer in [*self.convs[0:16:2], self.kps_score_lowres]:", "for layer in []:"),
)


KeypointHead__fan_in = changed(
    right.KeypointHead__plain,
    "fan_in",
    'kaiming_normal_ counts inputs unless it is told otherwise: mode="fan_out".',
    ('mode="fan_out"', 'mode="fan_in"'),
)


KeypointHead__deconv_forgotten = changed(
    right.KeypointHead__plain,
    "deconv_forgotten",
    "The convolutions begin as they should; kps_score_lowres keeps PyTorch's own start.",
    ("[*self.convs[0:16:2], self.kps_score_lowres]", "self.convs[0:16:2]"),
)


KeypointHead__no_gradient = changed(
    right.KeypointHead__plain,
    "no_gradient",
    "Your forward cuts the gradient off: the backbone learns through this head, so no .detach(), .data or no_grad.",
    ("self.convs(features)", "self.convs(features.detach())"),
)


# keypoints_to_heatmap


keypoints_to_heatmap__v0_counted = changed(
    right.keypoints_to_heatmap__axes, "v0_counted", hints.UNLABELLED, (" & (v > 0)", "")
)


keypoints_to_heatmap__hidden_dropped = changed(
    right.keypoints_to_heatmap__axes, "hidden_dropped", hints.HIDDEN, ("(v > 0)", "(v > 1)")
)


keypoints_to_heatmap__edge_dropped = changed(
    right.keypoints_to_heatmap__axes,
    "edge_dropped",
    hints.EDGE,
    ("    column = torch.where(x == x2, size - 1, column)\n", ""),
    ("    row = torch.where(y == y2, size - 1, row)\n", ""),
)


keypoints_to_heatmap__edge_wraps = changed(
    keypoints_to_heatmap__edge_dropped,
    "edge_wraps",
    "A keypoint on the right edge gets column `size`, which is column 0 of the next row; on the lower edge the index "
    "lies behind the map. They belong to the last column and row.",
    ("(column >= 0) & (column < size) & (row >= 0) & (row < size)", "(x >= x1) & (x <= x2) & (y >= y1) & (y <= y2)"),
)


keypoints_to_heatmap__beyond_the_edge = changed(
    keypoints_to_heatmap__edge_dropped,
    "beyond_the_edge",
    "clamp(max=size - 1) also catches keypoints that lie beyond the right and lower edge: those do not count.",
    (
        "    valid =",
        "    column, row = column.clamp(max=size - 1), row.clamp(max=size - 1)\n    valid =",
    ),
)


keypoints_to_heatmap__swapped = changed(
    right.keypoints_to_heatmap__axes, "swapped", hints.ROW_FIRST, ("row * size + column", "column * size + row")
)


keypoints_to_heatmap__truncated = changed(
    right.keypoints_to_heatmap__axes, "truncated", hints.TRUNCATED, (".floor().long()", ".long()")
)


keypoints_to_heatmap__rounded = changed(
    right.keypoints_to_heatmap__axes, "rounded", hints.ROUNDED, (".floor().long()", ".round().long()")
)


keypoints_to_heatmap__one_scale = changed(
    right.keypoints_to_heatmap__axes, "one_scale", hints.OWN_SIDES, ("size / (y2 - y1)", "size / (x2 - x1)")
)


keypoints_to_heatmap__no_corner = changed(
    right.keypoints_to_heatmap__axes,
    "no_corner",
    hints.ROI_CORNER,
    ("((x - x1)", "((x)"),
    ("((y - y1)", "((y)"),
)


keypoints_to_heatmap__clamped = changed(
    right.keypoints_to_heatmap__axes,
    "clamped",
    hints.OUTSIDE,
    ("    valid =", "    column, row = column.clamp(0, size - 1), row.clamp(0, size - 1)\n    valid ="),
)


keypoints_to_heatmap__last_is_size_minus_one = changed(
    right.keypoints_to_heatmap__axes,
    "last_is_size_minus_one",
    "The grid has size cells, not size - 1: times size / width, and only the edge itself is special.",
    ("* size / (x2 - x1)", "* (size - 1) / (x2 - x1)"),
    ("* size / (y2 - y1)", "* (size - 1) / (y2 - y1)"),
)


keypoints_to_heatmap__always_56 = changed(
    right.keypoints_to_heatmap__axes,
    "always_56",
    "The grid is 56 × 56 whatever is asked for: use the argument size.",
    ("    x1, y1", "    size = 56\n    x1, y1"),
)


keypoints_to_heatmap__index_left = changed(
    right.keypoints_to_heatmap__axes, "index_left", hints.ZERO_INDEX, ("torch.where(valid, index, 0)", "index")
)


# keypoint_loss


keypoint_loss__v0_counted = changed(
    right.keypoint_loss__plain,
    "v0_counted",
    hints.COUNTED_ONLY,
    ("    logits =", "    valid = torch.ones_like(valid)\n    logits ="),
)


keypoint_loss__nan = changed(
    right.keypoint_loss__plain,
    "nan",
    hints.NONE_COUNTS,
    ('index[valid], reduction="sum") / count', "index[valid])"),
)


keypoint_loss__constant = changed(
    right.keypoint_loss__plain,
    "constant",
    "Where nothing counts you give a new tensor without gradient, and backward() stops: a sum over no rows is 0 and "
    "has one.",
    ("    logits =", "    if not valid.any():\n        return heatmaps.new_zeros(())\n    logits ="),
)


keypoint_loss__divided_by_all = changed(
    right.keypoint_loss__plain, "divided_by_all", hints.DIVIDED, ("int(valid.sum())", "valid.numel()")
)


keypoint_loss__sum = changed(
    right.keypoint_loss__plain,
    "sum",
    "You give the sum over the keypoints: the mean is wanted.",
    (" / count", ""),
)


keypoint_loss__per_person = changed(
    right.keypoint_loss__plain,
    "per_person",
    "You take a mean for each person and then the mean of these: a keypoint of somebody who shows only one then counts "
    "17 times as much. One mean over all.",
    (
        'torch.nn.functional.cross_entropy(logits, index[valid], reduction="sum") / count',
        'sum(torch.nn.functional.cross_entropy(m.flatten(1)[v], i[v], reduction="sum") / v.sum().clamp(min=1)'
        " for m, i, v in zip(heatmaps, index, valid)) / max(int(valid.any(1).sum()), 1) + logits.sum() * 0",
    ),
)


keypoint_loss__over_keypoints = changed(
    right.keypoint_loss__plain,
    "over_keypoints",
    "Your softmax runs over the keypoints in each cell: the cells of one map compete, not the maps.",
    (
        'torch.nn.functional.cross_entropy(logits, index[valid], reduction="sum")',
        "-heatmaps.flatten(2).log_softmax(1).gather(2, index[..., None])[..., 0][valid].sum()",
    ),
)


keypoint_loss__softmax_twice = changed(
    right.keypoint_loss__plain,
    "softmax_twice",
    "cross_entropy applies the softmax itself: give it the logits as they are.",
    ("cross_entropy(logits,", "cross_entropy(logits.softmax(1),"),
)


keypoint_loss__yes_or_no = changed(
    right.keypoint_loss__plain,
    "yes_or_no",
    "You ask of every cell whether it is the one (a sigmoid each, as in the mask loss). Here the cells compete: one "
    "softmax over all of them.",
    (
        'torch.nn.functional.cross_entropy(logits, index[valid], reduction="sum")',
        "torch.nn.functional.binary_cross_entropy_with_logits(logits, torch.nn.functional.one_hot(index[valid], "
        'logits.shape[1]).to(logits), reduction="sum")',
    ),
)


keypoint_loss__transposed = changed(
    right.keypoint_loss__plain,
    "transposed",
    "Your maps lie on their sides: the index counts row by row, so flatten rows first, without a transpose.",
    ("heatmaps.flatten(2)", "heatmaps.transpose(2, 3).flatten(2)"),
)


keypoint_loss__overflow = changed(
    right.keypoint_loss__by_hand,
    "overflow",
    "log(softmax) breaks where a map is very sure: a probability of 0 has no logarithm. log_softmax and cross_entropy "
    "are exact there.",
    (
        "costs = flat.logsumexp(2) - own",
        "costs = -flat.softmax(2).gather(2, index[..., None])[..., 0].log()",
    ),
)


keypoint_loss__no_gradient = changed(
    right.keypoint_loss__plain,
    "no_gradient",
    "Right values, but without gradient: .data, .detach(), .item() or torch.tensor(…) on heat maps cut the head off "
    "from its loss.",
    ("heatmaps.flatten(2)", "heatmaps.detach().flatten(2)"),
)


# heatmaps_to_keypoints

_LARGE = 'torch.nn.functional.interpolate(heatmaps[r : r + 1], (high, wide), mode="bicubic")[0]'


heatmaps_to_keypoints__no_half = changed(
    right.heatmaps_to_keypoints__loop,
    "no_half",
    hints.HALF,
    ("(column + 0.5)", "column"),
    ("(row + 0.5)", "row"),
)


heatmaps_to_keypoints__swapped = changed(
    right.heatmaps_to_keypoints__loop,
    "swapped",
    hints.COLUMN_FIRST,
    ("column, row = place", "row, column = place"),
)


heatmaps_to_keypoints__divided_by_height = changed(
    right.heatmaps_to_keypoints__loop,
    "divided_by_height",
    "place = row · width + column: divide by the width of the resized map, not by its height.",
    ("place % wide, place // wide", "place % high, place // high"),
)


heatmaps_to_keypoints__not_resized = changed(
    right.heatmaps_to_keypoints__loop,
    "not_resized",
    hints.ENLARGE,
    (_LARGE, "heatmaps[r]\n        high, wide = large.shape[1:]"),
)


heatmaps_to_keypoints__bilinear = changed(
    right.heatmaps_to_keypoints__loop, "bilinear", hints.BICUBIC, ("bicubic", "bilinear")
)


heatmaps_to_keypoints__corners = changed(
    right.heatmaps_to_keypoints__loop,
    "corners",
    "align_corners=True pulls the map to the corners of the ROI: align_corners=False.",
    ('mode="bicubic"', 'mode="bicubic", align_corners=True'),
)


heatmaps_to_keypoints__no_corner = changed(
    right.heatmaps_to_keypoints__loop, "no_corner", hints.IMAGE_PLACE, ("x1 + (", "("), ("y1 + (", "(")
)


heatmaps_to_keypoints__probability = changed(
    right.heatmaps_to_keypoints__loop,
    "probability",
    hints.LOGIT,
    ("large.flatten(1).amax(1)", "large.flatten(1).softmax(1).amax(1)"),
)


heatmaps_to_keypoints__score_before = changed(
    right.heatmaps_to_keypoints__loop,
    "score_before",
    hints.FROM_ENLARGED,
    ("large.flatten(1).amax(1)", "heatmaps[r].flatten(1).amax(1)"),
)


heatmaps_to_keypoints__ones = changed(
    right.heatmaps_to_keypoints__loop, "ones", hints.ONES, ("large.flatten(1).amax(1)", "1")
)


heatmaps_to_keypoints__rounded_down = changed(
    right.heatmaps_to_keypoints__loop,
    "rounded_down",
    hints.CEILING,
    ("int(w.ceil()), int(h.ceil())", "int(w), int(h)"),
)


heatmaps_to_keypoints__not_squeezed = changed(
    right.heatmaps_to_keypoints__loop, "not_squeezed", hints.SQUEEZED, (" * w / wide", ""), (" * h / high", "")
)


heatmaps_to_keypoints__no_size = changed(
    right.heatmaps_to_keypoints__loop,
    "no_size",
    hints.TINY,
    ("(x2 - x1).clamp(min=1), (y2 - y1).clamp(min=1)", "x2 - x1, y2 - y1"),
)


heatmaps_to_keypoints__size_swapped = changed(
    right.heatmaps_to_keypoints__loop,
    "size_swapped",
    "interpolate wants (height, width): your maps are as high as the ROI is wide.",
    ("(high, wide), mode", "(wide, high), mode"),
    ("large = ", "high, wide = high, wide\n        large = "),
)


heatmaps_to_keypoints__first_roi = changed(
    right.heatmaps_to_keypoints__loop,
    "first_roi",
    "All maps are resized to the size of the first ROI: each has its own.",
    (
        "w, h = (x2 - x1).clamp(min=1), (y2 - y1).clamp(min=1)",
        "w, h = (rois[0, 2] - rois[0, 0]).clamp(min=1), (rois[0, 3] - rois[0, 1]).clamp(min=1)",
    ),
)


heatmaps_to_keypoints__last_peak = changed(
    right.heatmaps_to_keypoints__loop,
    "last_peak",
    "Of several equally hot pixels the first in reading order is wanted; you take the last.",
    ("large.flatten(1).argmax(1)", "wide * high - 1 - large.flatten(1).flip(1).argmax(1)"),
)
