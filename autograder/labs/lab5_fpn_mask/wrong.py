"""Wrong answers to lab 5, each with the hint that its author must get."""

import torch
import torch.nn.functional as F

from autograder.grader import module_cases as modules
from autograder.grader.answers import variants, wrong
from autograder.labs.lab5_fpn_mask import right
from autograder.labs.lab5_fpn_mask.hints import CONSTANT, MILLIONTH, ODD
from course.labs.lab5_fpn_mask.checks import fpn as lab5_fpn
from course.labs.lab5_fpn_mask.checks import mask as lab5_mask

# FPN

FPN = variants(
    right.FPN__by_index,
    outputs_added=(lab5_fpn.OUTPUTS_ADDED, ("F.interpolate(last", "F.interpolate(results[0]")),
    factor_two=(ODD, ("size=lateral.shape[-2:]", "scale_factor=2")),
    cut_to_size=(
        "You enlarge by 2 and cut off what is too much: right where maps halve, but enlarge to the size of the finer "
        "map, whatever it is.",
        ("size=lateral.shape[-2:])", "scale_factor=2)[:, :, : lateral.shape[2], : lateral.shape[3]]"),
    ),
    no_top_down=(lab5_fpn.NO_TOP_DOWN, ("lateral + F.interpolate(last, size=lateral.shape[-2:])", "lateral")),
    no_lateral=(lab5_fpn.NO_LATERAL, ("lateral + F", "F")),
    relu=(lab5_fpn.RELU, ("(features[k])", "(features[k]).relu()"), ("(features[-1])", "(features[-1]).relu()")),
    relu_behind=(
        "There is a ReLU after your 3 × 3 convolutions: the pyramid's outputs may be negative, and the heads have "
        "ReLUs of their own.",
        ("](last)", "](last).relu()"),
    ),
    bilinear=(lab5_fpn.NEAREST, ("size=lateral.shape[-2:]", 'size=lateral.shape[-2:], mode="bilinear"')),
    nearest_exact=(
        'mode="nearest-exact" copies other cells where sizes don\'t halve exactly: use mode="nearest".',
        ("size=lateral.shape[-2:]", 'size=lateral.shape[-2:], mode="nearest-exact"'),
    ),
    one_layer_for_all=(
        "One 3 × 3 convolution serves all your maps: each has its own in layer_blocks.",
        (
            "self.layer_blocks.append(nn.Conv2d(out_channels, out_channels, 3, padding=1))",
            "self.layer_blocks.append(self.layer_blocks[0] if len(self.layer_blocks) else "
            "nn.Conv2d(out_channels, out_channels, 3, padding=1))",
        ),
    ),
    seeded=(modules.SEEDED, ("super().__init__()", "super().__init__()\n        torch.manual_seed(42)")),
    coarse_first=(lab5_fpn.COARSE_FIRST, ("results.insert(0, ", "results.append("), ("results[-1]", "results[0]")),
    no_extra=(lab5_fpn.NO_EXTRA, ("        results.append(results[-1][:, :, ::2, ::2])\n", "")),
    pool_of_two=(
        lab5_fpn.EXTRA_POOL,
        ("results[-1][:, :, ::2, ::2]", "F.max_pool2d(results[-1], 2, 2, ceil_mode=True)"),
    ),
    pooled_too_early=(
        lab5_fpn.EXTRA_FROM,
        ("        results = [", "        top = last\n        results = ["),
        ("results[-1]", "top"),
    ),
    no_smoothing=(
        "The merged maps come out as they are: each goes through its own 3 × 3 convolution of layer_blocks first.",
        ("[self.layer_blocks[-1](last)]", "[last]"),
        ("self.layer_blocks[k](last)", "last"),
    ),
    no_padding=(
        "Your maps lose a row and a column on each side: a 3 × 3 convolution needs padding=1 to keep the size.",
        (", 3, padding=1", ", 3"),
    ),
    in_place=(
        "Your pyramid writes its laterals into the caller's list: make a list of your own.",
        ("last = self", "features[-1] = last = self"),
        ("lateral = self", "features[k] = lateral = self"),
    ),
    no_gradient=(
        "Right values, but no gradient flows back along the top-down path: no .detach() and no .data on the way down.",
        ("F.interpolate(last", "F.interpolate(last.detach()"),
    ),
)


FPN_RECURSIVE = variants(
    right.FPN__recursive,
    only_the_next=(
        "Each output knows its own stage and the next coarser one only: what goes on downwards is the merged map, "
        "with all that came from above, not the lateral.",
        ("self.merged(features, k + 1)", "self.inner_blocks[k + 1](features[k + 1])"),
    ),
)


# roi_level

ROI_LEVEL = variants(
    right.roi_level__formula,
    area=(lab5_fpn.AREA, ("(w * h) ** 0.5", "(w * h)")),
    nearest=(lab5_fpn.FLOOR, (".floor()", ".round()")),
    upwards=(
        "You round up: an ROI of 300 pixels is level 4, it has not reached the 448 of level 5.",
        (".floor()", ".ceil()"),
    ),
    place=(lab5_fpn.PLACE_IN_LIST, (".to(torch.int64)", ".to(torch.int64) - k_min")),
    longer_side=(lab5_fpn.LONGER_SIDE, ("(w * h) ** 0.5", "torch.maximum(w, h)")),
    shorter_side=(lab5_fpn.SHORTER_SIDE, ("(w * h) ** 0.5", "torch.minimum(w, h)")),
    natural=(lab5_fpn.NATURAL, ("torch.log2", "torch.log")),
    always_2_to_5=(lab5_fpn.FIXED_LIMITS, ("min=k_min, max=k_max", "min=2, max=5")),
    no_millionth=(MILLIONTH, (" + 1e-6", "")),
    three_thousandths=(MILLIONTH, ("1e-6", "3e-3")),
    a_hundredth=(MILLIONTH, ("1e-6", "1e-2")),
    plus_one=(
        "You add 1 to the sides: coordinates are continuous here, a side is x2 - x1.",
        (
            "boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]",
            "boxes[:, 2] - boxes[:, 0] + 1, boxes[:, 3] - boxes[:, 1] + 1",
        ),
    ),
    int32=(
        "Coordinates keep the dtype that comes in (float32 here); indices and labels are int64.",
        ("torch.int64", "torch.int32"),
    ),
)
ROI_LEVEL_ONE_BY_ONE = variants(
    right.roi_level__one_by_one,
    unlimited=(lab5_fpn.NOT_LIMITED, ("min(max(k, k_min), k_max)", "k")),
)


@wrong("Your levels are floating-point numbers: they choose a map, so make them int64 with .long().")
def roi_level__float(boxes, k_min=2, k_max=5):
    w, h = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    return torch.floor(4 + torch.log2(torch.sqrt(w * h) / 224) + 1e-6).clamp(k_min, k_max)


# upsample_1d

UPSAMPLE_1D = variants(
    right.upsample_1d__copies,
    overwritten=(lab5_mask.OVERLAP_ADDS, ("+= x[i]", "= x[i]")),
    no_tail=(lab5_mask.TAIL, ("    return y", "    return y[: len(x) * stride]")),
)
UPSAMPLE_1D_ZEROS_BETWEEN = variants(
    right.upsample_1d__zeros_between,
    flipped=(lab5_mask.FLIPPED, ("weight.flip(0)", "weight")),
)
UPSAMPLE_1D_INDEX_ADD = variants(
    right.upsample_1d__index_add,
    always_two=("stride is an argument: 2 is only one of its values.", ("[:, None] * stride", "[:, None] * 2")),
)


@wrong(lab5_mask.AS_IT_IS)
def upsample_1d__repeated(x, weight, stride):
    if len(x) == 0:
        return x
    length = (len(x) - 1) * stride + len(weight)
    return F.interpolate(x[None, None], size=length, mode="nearest")[0, 0]


@wrong(lab5_mask.NO_GRADIENT)
def upsample_1d__no_gradient(x, weight, stride):
    if len(x) == 0:
        return x.clone()
    y = torch.zeros((len(x) - 1) * stride + len(weight), dtype=x.dtype, device=x.device)
    for i, value in enumerate(x.tolist()):
        y[i * stride : i * stride + len(weight)] += value * weight.data
    return y


# upsample_2d

UPSAMPLE_2D = variants(
    right.upsample_2d__cells,
    overwritten=(lab5_mask.OVERLAP_ADDS, ("+= square", "= square")),
    columns_first=(lab5_mask.ROWS_AND_COLUMNS, ("weight, dims", "weight.transpose(2, 3), dims")),
    out_and_in=(
        lab5_mask.IN_AND_OUT,
        ("weight, dims", "weight.transpose(0, 1), dims"),
        ("K, k = weight.shape[1]", "K, k = weight.shape[0]"),
    ),
    square_map=(
        "A map need not be square: H rows, W columns, each with its own range.",
        ("range(W)", "range(min(H, W))"),
    ),
    no_gradient=(lab5_mask.NO_GRADIENT, ("x[:, r, q]", "x.data[:, r, q]")),
)
UPSAMPLE_2D_ZEROS_BETWEEN = variants(
    right.upsample_2d__zeros_between,
    flipped=(lab5_mask.FLIPPED, ("weight.flip(2, 3)", "weight")),
)


@wrong(lab5_mask.EVERY_CHANNEL)
def upsample_2d__channel_by_channel(x, weight, stride):
    (C, H, W), (_, K, k, _) = x.shape, weight.shape
    if H == 0 or W == 0:
        return x.new_zeros(K, 0, 0)
    y = x.new_zeros(K, (H - 1) * stride + k, (W - 1) * stride + k)
    for c in range(min(C, K)):
        for i in range(k):
            for j in range(k):
                part = x[c] * weight[c, c, i, j]
                y[c, i : i + (H - 1) * stride + 1 : stride, j : j + (W - 1) * stride + 1 : stride] += part
    return y


# MaskHead

MASK_HEAD = variants(
    right.MaskHead__functional,
    no_relu_on_conv5=(lab5_mask.NO_RELU_5, ("F.relu(self.conv5_mask(x))", "self.conv5_mask(x)")),
    no_relu=(lab5_mask.NO_RELU, ("F.relu(", "(")),
    sigmoid=(lab5_mask.NO_SIGMOID, ("self.mask_fcn_logits(x)", "self.mask_fcn_logits(x).sigmoid()")),
    softmax=(
        "A softmax lets the classes compete for each cell. The head gives logits; the loss asks each mask by itself.",
        ("self.mask_fcn_logits(x)", "self.mask_fcn_logits(x).softmax(dim=1)"),
    ),
    relu_at_the_end=(lab5_mask.RELU_AT_THE_END, ("self.mask_fcn_logits(x)", "self.mask_fcn_logits(x).relu()")),
    dropout=(
        "It fails with ValueError: two calls with the same input gave different outputs: forward draws nothing at "
        "random, as dropout does, and keeps nothing from call to call.",
        ("F.relu(self.conv5_mask(x))", "F.dropout(F.relu(self.conv5_mask(x)))"),
    ),
    one_left_out=(
        "mask_fcn4 is made and never used: all four convolutions take their turn in forward.",
        ("        x = F.relu(self.mask_fcn4(x))\n", ""),
    ),
    first_used_twice=(
        "mask_fcn1 is used twice, which fails unless hidden equals in_channels: each of the four convolutions takes "
        "its turn once.",
        ("self.mask_fcn2(x)", "self.mask_fcn1(x)"),
    ),
    first_used_twice_where_it_fits=(
        "If hidden equals in_channels, your mask_fcn1 and mask_fcn2 are one layer: each has weights of its own.",
        (
            "        self.mask_fcn3",
            "        self.mask_fcn2 = self.mask_fcn1 if in_channels == hidden else self.mask_fcn2\n"
            "        self.mask_fcn3",
        ),
    ),
    seeded=(modules.SEEDED, ("super().__init__()", "super().__init__()\n        torch.manual_seed(0)")),
    one_used_again=(
        "mask_fcn2 is used three times: each of the four convolutions has weights of its own.",
        ("fcn3(x)", "fcn2(x)"),
        ("fcn4(x)", "fcn2(x)"),
    ),
    no_padding=(
        "Your maps shrink by two cells in each 3 × 3 convolution: padding=1 keeps their size, and 14 becomes 28.",
        (", 3, padding=1", ", 3"),
    ),
    no_gradient=(
        "Right values, but without gradient for the convolutions: .detach() and .data cut them off from the loss.",
        ("conv5_mask(x)", "conv5_mask(x.detach())"),
    ),
)

# mask_targets

MASK_TARGETS = variants(
    right.mask_targets__torchvision,
    not_aligned=(lab5_mask.HALF_PIXEL, (", aligned=True", "")),
    own_number=(
        lab5_mask.WHICH_MASK,
        ("matched.to(rois.dtype)", "torch.arange(len(rois)).to(rois).clamp(max=len(masks) - 1)"),
    ),
    first_mask=(
        "You read mask 0 for every ROI: matched says which one belongs to it.",
        ("matched.to(rois.dtype)", "torch.zeros_like(rois[:, 0])"),
    ),
    zeros_and_ones=(lab5_mask.SOFT, (".squeeze(1)", ".squeeze(1).round()")),
    y_first=(lab5_mask.X_FIRST, (".unsqueeze(1), rois)", ".unsqueeze(1), rois[:, [1, 0, 3, 2]])")),
    always_28=(lab5_mask.SIZE_FIXED, ("rois, size, sampling", "rois, 28, sampling")),
    one_sample=(
        "You read one point in the middle of each cell: roi_align's 2 × 2 points (its default here) see small parts "
        "too.",
        ("sampling_ratio=2", "sampling_ratio=1"),
    ),
    cut_to_the_image=(
        "You clip the ROIs to the image first: then target and features show different parts. Leave ROIs as they are.",
        (
            "    features =",
            "    limit = rois.new_tensor(\n"
            "        [len(rois) + len(masks), masks.shape[2], masks.shape[1], masks.shape[2], masks.shape[1]]\n"
            "    )\n"
            "    rois = rois.clamp(min=0).minimum(limit)\n"
            "    features =",
        ),
    ),
)


@wrong(lab5_mask.WHOLE_IMAGE)
def mask_targets__whole_image(masks, rois, matched, size=28):
    chosen = masks[matched].to(rois)
    return (
        F.interpolate(chosen[:, None], size=(size, size), mode="area")[:, 0]
        if len(rois)
        else chosen.new_zeros(0, size, size)
    )


@wrong(
    "You round the ROI to whole pixels, cut it out and resize it: the old rounding error. roi_align does both without "
    "rounding."
)
def mask_targets__sliced(masks, rois, matched, size=28):
    targets = rois.new_zeros(len(rois), size, size)
    for r, (x1, y1, x2, y2) in enumerate(rois.round().long().tolist()):
        part = masks[matched[r], max(y1, 0) : y2, max(x1, 0) : x2]
        if part.numel() > 0:
            targets[r] = F.interpolate(part[None, None].to(rois), size=(size, size), mode="bilinear")[0, 0]
    return targets


# mask_loss

MASK_LOSS = variants(
    right.mask_loss__softplus,
    every_class=(
        lab5_mask.ALL_MASKS,
        ("z = logits[range(len(labels)), labels]", "z = logits"),
        ("z * targets", "z * targets[:, None]"),
    ),
    channel_one=(lab5_mask.FIRST_CLASS, ("logits[range(len(labels)), labels]", "logits[:, 1]")),
    off_by_one=(
        "Labels count from 0, with the background, as the channels do: class 2 is channel 2, not channel 1.",
        ("logits[range(len(labels)), labels]", "logits[range(len(labels)), labels - 1]"),
    ),
    likeliest=(
        "You take the largest of the K masks: the mask of the true class should learn, whichever is largest now.",
        ("logits[range(len(labels)), labels]", "logits.amax(dim=1)"),
    ),
    summed=(lab5_mask.MEAN, (".mean()", ".sum()")),
    by_rois=(lab5_mask.PER_ROI, (".mean()", ".sum() / len(labels)")),
    rounded_targets=(
        "Targets between 0 and 1 are intended, half inside is half sure: don't round them.",
        ("z * targets", "z * targets.round()"),
    ),
    sigmoid_twice=(
        lab5_mask.TWICE,
        ("logits[range(len(labels)), labels]", "logits[range(len(labels)), labels].sigmoid()"),
    ),
)


@wrong(lab5_mask.NO_ROIS)
def mask_loss__empty_mean(logits, labels, targets):
    own = logits[torch.arange(len(labels), device=labels.device), labels]
    return F.binary_cross_entropy_with_logits(own, targets)


@wrong(CONSTANT)
def mask_loss__constant(logits, labels, targets):
    if len(labels) == 0:
        return logits.new_zeros(())
    own = logits[torch.arange(len(labels), device=labels.device), labels]
    return F.binary_cross_entropy_with_logits(own, targets)


@wrong(lab5_mask.STABLE)
def mask_loss__two_logarithms(logits, labels, targets):
    if len(labels) == 0:
        return logits.sum()
    p = logits[torch.arange(len(labels), device=labels.device), labels].sigmoid()
    return -(targets * p.log() + (1 - targets) * (1 - p).log()).mean()


@wrong(
    "F.binary_cross_entropy of a sigmoid stops at 100 and loses its gradient for sure answers: use "
    "F.binary_cross_entropy_with_logits on the logits."
)
def mask_loss__stops_at_100(logits, labels, targets):
    if len(labels) == 0:
        return logits.sum()
    own = logits[torch.arange(len(labels), device=labels.device), labels]
    return F.binary_cross_entropy(own.sigmoid(), targets)


@wrong(lab5_mask.SIGMOID)
def mask_loss__over_classes(logits, labels, targets):
    if len(labels) == 0:
        return logits.sum()
    p = logits.softmax(dim=1)[torch.arange(len(labels), device=labels.device), labels]
    return F.binary_cross_entropy(p, targets)


@wrong("Right values, but without gradient: .item(), .data, .detach() and torch.tensor(…) cut the head off.")
def mask_loss__no_gradient(logits, labels, targets):
    own = logits.detach()[torch.arange(len(labels), device=labels.device), labels]
    return F.binary_cross_entropy_with_logits(own, targets, reduction="sum") / max(own.numel(), 1)


# paste_mask

PASTE_MASK = variants(
    right.paste_mask__every_pixel,
    above_half=(lab5_mask.AT_LEAST, ("(value >= 0.5)", "(value > 0.5)")),
    everywhere=(lab5_mask.OUTSIDE, (" & (x > x1) & (x < x2) & (y > y1) & (y < y2)", "")),
    corners=(lab5_mask.MIDDLES, (" + 0.5", "")),
    half_a_cell=(
        "The half cell is missing: whole places are the middles of cells, so subtract ½ after multiplying by the "
        "number of cells.",
        ("* h - 0.5", "* h"),
        ("* w - 0.5", "* w"),
    ),
    corner_to_corner=(
        "You spread the mask's outermost middles over the whole box: the box ends where the outermost cells end, "
        "half a cell further out.",
        ("* h - 0.5", "* (h - 1)"),
        ("* w - 0.5", "* (w - 1)"),
    ),
    too_early=(lab5_mask.TOO_EARLY, ("mask[None]", "(mask >= 0.5).to(mask)[None]")),
    numbers=(lab5_mask.BOOL, ("& (y < y2)", "& (y < y2)).to(mask.dtype)"), ("return (", "return ((")),
)
PASTE_MASK_TWO_STEPS = variants(
    right.paste_mask__two_steps,
    squeezed=(
        lab5_mask.SQUEEZED,
        (
            "    out =",
            "    x1, x2 = min(max(x1, 0), size[1]), min(max(x2, 0), size[1])\n"
            "    y1, y2 = min(max(y1, 0), size[0]), min(max(y2, 0), size[0])\n"
            "    out =",
        ),
    ),
)
PASTE_MASK_GRID_SAMPLE = variants(
    right.paste_mask__grid_sample,
    faded=(lab5_mask.NO_FADING, ('padding_mode="border"', 'padding_mode="zeros"')),
    nearest_cell=(lab5_mask.NEAREST_CELL, ("align_corners=False", 'mode="nearest"')),
)


@wrong(
    "torchvision's way: it pads the mask, rounds the box, adds a pixel and resizes. Here nothing is rounded or added: "
    "ask each pixel at its middle."
)
def paste_mask__torchvisions(mask, box, size):
    h, w = mask.shape
    mask = F.pad(mask, (1, 1, 1, 1))
    x1, y1, x2, y2 = box.tolist()
    dx, dy = (x2 - x1) / w, (y2 - y1) / h
    x1, y1, x2, y2 = int(x1 - dx), int(y1 - dy), int(x2 + dx), int(y2 + dy)
    wide, high = max(x2 - x1 + 1, 1), max(y2 - y1 + 1, 1)
    large = F.interpolate(mask[None, None], size=(high, wide), mode="bilinear", align_corners=False)[0, 0]
    out = torch.zeros(size, dtype=torch.bool, device=mask.device)
    a, b, c, d = max(x1, 0), max(y1, 0), min(x2 + 1, size[1]), min(y2 + 1, size[0])
    if a < c and b < d:
        out[b:d, a:c] = large[b - y1 : d - y1, a - x1 : c - x1] >= 0.5
    return out


@wrong(lab5_mask.ROUNDED)
def paste_mask__whole_box(mask, box, size):
    x1, y1, x2, y2 = box.round().long().tolist()
    out = torch.zeros(size, dtype=torch.bool, device=mask.device)
    a, b, c, d = max(x1, 0), max(y1, 0), min(x2, size[1]), min(y2, size[0])
    if a < c and b < d:
        large = F.interpolate(mask[None, None], size=(y2 - y1, x2 - x1), mode="bilinear", align_corners=False)[0, 0]
        out[b:d, a:c] = large[b - y1 : d - y1, a - x1 : c - x1] >= 0.5
    return out


@wrong(
    "Your slice begins below 0 where the box leaves the image, and Python counts from the end there: ask the pixels of "
    "the image, none beyond it."
)
def paste_mask__negative_slices(mask, box, size):
    x1, y1, x2, y2 = box.round().long().tolist()
    out = torch.zeros(size, dtype=torch.bool, device=mask.device)
    large = F.interpolate(mask[None, None], size=(max(y2 - y1, 1), max(x2 - x1, 1)), mode="bilinear")[0, 0] >= 0.5
    place = out[y1:y2, x1:x2]
    out[y1:y2, x1:x2] = large[: place.shape[0], : place.shape[1]]
    return out
