"""Wrong answers to lab 6, each with the hint that its author must get."""

from autograder.grader import module_cases as modules
from autograder.grader.answers import variants
from autograder.labs.lab6_keypoints import right
from autograder.labs.lab6_keypoints.hints import NONSENSE
from course.labs.lab6_keypoints import checks as hints

# KeypointHead

_LAST = 'torch.nn.functional.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)'


KEYPOINT_HEAD = variants(
    right.KeypointHead__plain,
    slides_end=(hints.SLIDE_ENDS, (_LAST, "x")),
    nearest=(hints.NEAREST_CELL, (', mode="bilinear", align_corners=False', "")),
    corners=(hints.CORNERS, ("align_corners=False", "align_corners=True")),
    bicubic=(
        "The head enlarges with bilinear interpolation; bicubic comes later, when keypoints are read.",
        ("bilinear", "bicubic"),
    ),
    no_relu=(hints.NO_RELU, ("torch.nn.ReLU()", "torch.nn.Identity()")),
    seven_relus=(
        "A ReLU also follows the eighth convolution, before the transposed one.",
        ("torch.nn.ReLU()", "torch.nn.ReLU() if number < 7 else torch.nn.Identity()"),
    ),
    last_relu=(hints.LAST_RELU, ("lowres(x)", "lowres(x).relu()")),
    softmax=(
        "Give logits, not probabilities: the loss applies the softmax itself.",
        (f"return {_LAST}", f"x = {_LAST}\n        return x.flatten(2).softmax(2).reshape(x.shape)"),
    ),
    enlarged_first=(
        "First the transposed convolution, then the interpolation: yours come the other way round.",
        ("self.kps_score_lowres(x)", _LAST),
        (f"return {_LAST}", "return self.kps_score_lowres(x)"),
    ),
    no_padding=(
        "The transposed convolution has padding 1, which cuts its border off: H becomes exactly 2 H.",
        ("stride=2, padding=1", "stride=2"),
    ),
    default_start=(hints.START, ("[*self.convs[0:16:2], self.kps_score_lowres]", "[]")),
    fan_in=('kaiming_normal_ counts inputs unless it is told otherwise: mode="fan_out".', ("fan_out", "fan_in")),
    deconv_forgotten=(
        "The convolutions begin as they should; kps_score_lowres keeps PyTorch's own start.",
        ("[*self.convs[0:16:2], self.kps_score_lowres]", "self.convs[0:16:2]"),
    ),
    dropout=(
        "It fails with ValueError: two calls with the same input gave different outputs: forward draws nothing at "
        "random, as dropout does, and keeps nothing from call to call.",
        ("self.convs(features)", "torch.nn.functional.dropout(self.convs(features))"),
    ),
    seeded=(modules.SEEDED, ("super().__init__()", "super().__init__()\n        torch.manual_seed(0)")),
    one_layer_where_it_fits=(
        "If hidden equals in_channels, your eight convolutions are one layer: each has weights of its own.",
        (
            "        self.convs = torch.nn.Sequential(*layers)",
            "        if in_channels == hidden:\n"
            "            layers = layers[:2] * 8\n"
            "        self.convs = torch.nn.Sequential(*layers)",
        ),
    ),
    no_gradient=(
        "Your forward cuts the gradient off: the backbone learns through this head, so no .detach(), .data or no_grad.",
        ("self.convs(features)", "self.convs(features.detach())"),
    ),
)


# keypoints_to_heatmap

_NO_EDGE = (
    ("    column = torch.where(x == x2, size - 1, column)\n", ""),
    ("    row = torch.where(y == y2, size - 1, row)\n", ""),
)


KEYPOINTS_TO_HEATMAP = variants(
    right.keypoints_to_heatmap__axes,
    v0_counted=(hints.UNLABELLED, (" & (v > 0)", "")),
    hidden_dropped=(hints.HIDDEN, ("(v > 0)", "(v > 1)")),
    edge_dropped=(hints.EDGE, *_NO_EDGE),
    edge_wraps=(
        "A keypoint on the right edge gets column `size`, which is column 0 of the next row; on the lower edge the "
        "index lies beyond the map. They belong to the last column and row.",
        *_NO_EDGE,
        (
            "(column >= 0) & (column < size) & (row >= 0) & (row < size)",
            "(x >= x1) & (x <= x2) & (y >= y1) & (y <= y2)",
        ),
    ),
    beyond_the_edge=(
        "clamp(max=size - 1) also catches keypoints that lie beyond the right and lower edge: those do not count.",
        *_NO_EDGE,
        ("    valid =", "    column, row = column.clamp(max=size - 1), row.clamp(max=size - 1)\n    valid ="),
    ),
    swapped=(hints.ROW_FIRST, ("row * size + column", "column * size + row")),
    truncated=(hints.TRUNCATED, (".floor()", "")),
    rounded=(hints.ROUNDED, (".floor()", ".round()")),
    one_scale=(hints.OWN_SIDES, ("size / (y2 - y1)", "size / (x2 - x1)")),
    no_corner=(hints.ROI_CORNER, ("(x - x1)", "(x)"), ("(y - y1)", "(y)")),
    first_cells_dropped=(
        "Cells of column 0 and row 0 belong to the ROI: a column is inside from 0 on, >= 0.",
        ("(column >= 0)", "(column > 0)"),
        ("(row >= 0)", "(row > 0)"),
    ),
    cut_at_the_image=(
        "You cut the ROI off at the border of the image: the grid is stretched over the whole ROI, wherever it lies.",
        ("    column =", "    x1, y1 = x1.clamp(min=0), y1.clamp(min=0)\n    column ="),
    ),
    pulled_inside=(
        hints.OUTSIDE,
        ("    valid =", "    column, row = column.clamp(0, size - 1), row.clamp(0, size - 1)\n    valid ="),
    ),
    last_is_size_minus_one=(
        "The grid has size cells, not size - 1: times size / width, and only the edge itself is special.",
        ("* size /", "* (size - 1) /"),
    ),
    always_56=(
        "Your grid is always 56 × 56: use the argument size.",
        ("    x1, y1", "    size = 56\n    x1, y1"),
    ),
    valid_as_numbers=(
        "valid is True or False: give torch.bool, as a comparison does, not numbers.",
        ("torch.where(valid, index, 0), valid", "torch.where(valid, index, 0), valid.long()"),
    ),
    index_left=(hints.ZERO_INDEX, ("torch.where(valid, index, 0)", "index")),
)


# keypoint_loss

_COSTS = 'torch.nn.functional.cross_entropy(logits, index[valid], reduction="sum")'


KEYPOINT_LOSS = variants(
    right.keypoint_loss__plain,
    v0_counted=(hints.COUNTED_ONLY, ("    logits =", "    valid = torch.ones_like(valid)\n    logits =")),
    nan=(hints.NONE_COUNTS, ('index[valid], reduction="sum") / count', "index[valid])")),
    all_maps_times_zero=(
        "When nothing counts, you add all maps up and multiply by 0: infinity times 0 is NaN. A sum over no rows is "
        "0 as well, and has a gradient.",
        ("    logits =", "    if not valid.any():\n        return heatmaps.sum() * 0\n    logits ="),
    ),
    constant=(
        "When nothing counts, you give a new tensor without gradient, and backward() stops: a sum over no rows is 0 "
        "and has a gradient.",
        ("    logits =", "    if not valid.any():\n        return heatmaps.new_zeros(())\n    logits ="),
    ),
    divided_by_all=(hints.DIVIDED, ("int(valid.sum())", "valid.numel()")),
    sum=("You give the sum over the keypoints: take the mean.", (" / count", "")),
    per_person=(
        "You take a mean for each person and then the mean of these. The keypoint of a person who shows only one "
        "then counts 17 times as much: take one mean over all.",
        (
            f"{_COSTS} / count",
            'sum(torch.nn.functional.cross_entropy(m.flatten(1)[v], i[v], reduction="sum") / v.sum().clamp(min=1)'
            " for m, i, v in zip(heatmaps, index, valid)) / max(int(valid.any(1).sum()), 1) + logits.sum() * 0",
        ),
    ),
    over_keypoints=(
        "Your softmax runs over the keypoints in each cell: the cells of one map compete, not the maps.",
        (_COSTS, "-heatmaps.flatten(2).log_softmax(1).gather(2, index[..., None])[..., 0][valid].sum()"),
    ),
    tiny_number=(
        "You add a tiny number before the logarithm, which bends small probabilities: log_softmax and cross_entropy "
        "need none.",
        (_COSTS, "-(logits.softmax(1) + 1e-9).log()[range(len(logits)), index[valid]].sum()"),
    ),
    softmax_twice=(
        "cross_entropy applies the softmax itself: give it the logits as they are.",
        ("cross_entropy(logits", "cross_entropy(logits.softmax(1)"),
    ),
    yes_or_no=(
        "You ask of every cell whether it is the one (a sigmoid each, as in the mask loss). Here the cells compete: "
        "one softmax over all of them.",
        (
            _COSTS,
            "torch.nn.functional.binary_cross_entropy_with_logits(logits, torch.nn.functional.one_hot(index[valid], "
            'logits.shape[1]).to(logits), reduction="sum")',
        ),
    ),
    transposed=(
        "Your maps lie on their sides: the index counts row by row, so flatten rows first, without a transpose.",
        ("heatmaps.flatten", "heatmaps.transpose(2, 3).flatten"),
    ),
    no_gradient=(
        "Right values, but without gradient: .data, .detach(), .item() or torch.tensor(…) on heat maps cut the head "
        "off from its loss.",
        ("heatmaps.flatten", "heatmaps.detach().flatten"),
    ),
)


KEYPOINT_LOSS_BY_HAND = variants(
    right.keypoint_loss__by_hand,
    every_index=(
        NONSENSE,
        ("index.where(valid, 0)", "index"),
    ),
    masked_by_product=(
        "You multiply what does not count by 0, and infinity or NaN times 0 is NaN: choose the rows that count.",
        ("torch.where(valid, costs, 0)", "(costs * valid)"),
    ),
    overflow=(
        "log(softmax) breaks where a map is very sure: a probability of 0 has no logarithm. log_softmax and "
        "cross_entropy are exact there.",
        ("flat.logsumexp(2) - own", "-flat.softmax(2).gather(2, index[..., None])[..., 0].log()"),
    ),
)


# heatmaps_to_keypoints

_LARGE = 'torch.nn.functional.interpolate(heatmaps[r : r + 1], (high, wide), mode="bicubic")[0]'


HEATMAPS_TO_KEYPOINTS = variants(
    right.heatmaps_to_keypoints__loop,
    no_half=(hints.HALF, ("(column + 0.5)", "column"), ("(row + 0.5)", "row")),
    swapped=(hints.COLUMN_FIRST, ("column, row = place", "row, column = place")),
    divided_by_height=(
        "place = row · width + column: divide by the width of the resized map, not by its height.",
        ("% wide, place // wide", "% high, place // high"),
    ),
    not_resized=(hints.ENLARGE, (_LARGE, "heatmaps[r]\n        high, wide = large.shape[1:]")),
    bilinear=(hints.BICUBIC, ("bicubic", "bilinear")),
    corners=(
        "align_corners=True pulls the map to the corners of the ROI: align_corners=False.",
        ('mode="bicubic"', 'mode="bicubic", align_corners=True'),
    ),
    no_corner=(hints.IMAGE_PLACE, ("x1 + ", ""), ("y1 + ", "")),
    sigmoid=(hints.LOGIT, ("flatten(1).amax", "sigmoid().flatten(1).amax")),
    average=(
        "You take the mean of the map for its score: take the value of its hottest pixel.",
        ("large.flatten(1).amax(1)", "large.flatten(1).mean(1)"),
    ),
    rounded_to_the_nearest=(
        "You round sides to the nearest whole number: a side of 3.2 gives 4 pixels, always up.",
        (".ceil()", ".round()"),
    ),
    probability=(hints.LOGIT, ("flatten(1).amax", "flatten(1).softmax(1).amax")),
    score_before=(hints.FROM_ENLARGED, ("large.flatten(1).amax", "heatmaps[r].flatten(1).amax")),
    ones=(hints.ONES, ("large.flatten(1).amax(1)", "1")),
    rounded_down=(hints.CEILING, (".ceil()", "")),
    not_squeezed=(hints.SQUEEZED, (" * w / wide", ""), (" * h / high", "")),
    no_size=(hints.TINY, ("(x2 - x1).clamp(min=1), (y2 - y1).clamp(min=1)", "x2 - x1, y2 - y1")),
    size_swapped=(
        "interpolate takes (height, width): your maps are as high as the ROI is wide.",
        ("(high, wide), mode", "(wide, high), mode"),
        ("large = ", "high, wide = high, wide\n        large = "),
    ),
    first_roi=(
        "All maps are resized to the size of the first ROI: each has its own.",
        ("(x2 - x1).clamp(min=1), (y2 - y1)", "(rois[0, 2] - rois[0, 0]).clamp(min=1), (rois[0, 3] - rois[0, 1])"),
    ),
    last_peak=(
        "Of several equally hot pixels take the first in reading order; you take the last.",
        ("large.flatten(1).argmax(1)", "wide * high - 1 - large.flatten(1).flip(1).argmax(1)"),
    ),
)
