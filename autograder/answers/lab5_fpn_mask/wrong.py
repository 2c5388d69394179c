"""Wrong answers to lab 5, each with the hint that its author must get."""

import torch
import torch.nn.functional as F

from autograder.answers import changed, wrong
from autograder.answers.lab5_fpn_mask import right
from course.checks import lab5_fpn, lab5_mask

# FPN

FPN__outputs_added = changed(
    right.FPN__by_index,
    "outputs_added",
    lab5_fpn.OUTPUTS_ADDED,
    ("F.interpolate(last, size=lateral.shape[-2:])", "F.interpolate(results[0], size=lateral.shape[-2:])"),
)

FPN__factor_two = changed(
    right.FPN__by_index,
    "factor_two",
    lab5_fpn.FACTOR_TWO,
    ("F.interpolate(last, size=lateral.shape[-2:])", "F.interpolate(last, scale_factor=2)"),
)

FPN__cut_to_size = changed(
    right.FPN__by_index,
    "cut_to_size",
    "You enlarge by 2 and cut off what is too much: right where maps halve, but enlarge to the size of the finer map, "
    "whatever it is.",
    (
        "F.interpolate(last, size=lateral.shape[-2:])",
        "F.interpolate(last, scale_factor=2)[:, :, : lateral.shape[2], : lateral.shape[3]]",
    ),
)

FPN__no_top_down = changed(
    right.FPN__by_index,
    "no_top_down",
    lab5_fpn.NO_TOP_DOWN,
    ("lateral + F.interpolate(last, size=lateral.shape[-2:])", "lateral"),
)

FPN__no_lateral = changed(
    right.FPN__by_index,
    "no_lateral",
    lab5_fpn.NO_LATERAL,
    ("lateral + F.interpolate", "F.interpolate"),
)

FPN__only_the_next = changed(
    right.FPN__recursive,
    "only_the_next",
    "Each output knows its own stage and the next coarser one only: what goes on downwards is the merged map, with all "
    "that came from above, not the lateral.",
    ("self.enlarge(self.merged(features, k + 1)", "self.enlarge(self.inner_blocks[k + 1](features[k + 1])"),
)

FPN__relu = changed(
    right.FPN__by_index,
    "relu",
    lab5_fpn.RELU,
    ("self.inner_blocks[k](features[k])", "self.inner_blocks[k](features[k]).relu()"),
    ("self.inner_blocks[-1](features[-1])", "self.inner_blocks[-1](features[-1]).relu()"),
)

FPN__relu_behind = changed(
    right.FPN__by_index,
    "relu_behind",
    "There is a ReLU behind your 3 × 3 convolutions: the pyramid's outputs may be negative, the heads have ReLUs of "
    "their own.",
    ("self.layer_blocks[k](last)", "self.layer_blocks[k](last).relu()"),
    ("self.layer_blocks[-1](last)", "self.layer_blocks[-1](last).relu()"),
)

FPN__bilinear = changed(
    right.FPN__by_index,
    "bilinear",
    lab5_fpn.NEAREST,
    ("size=lateral.shape[-2:])", 'size=lateral.shape[-2:], mode="bilinear")'),
)

FPN__coarse_first = changed(
    right.FPN__by_index,
    "coarse_first",
    lab5_fpn.COARSE_FIRST,
    ("results.insert(0, self.layer_blocks[k](last))", "results.append(self.layer_blocks[k](last))"),
    ("results.append(results[-1][", "results.append(results[0]["),
)

FPN__no_extra = changed(
    right.FPN__by_index,
    "no_extra",
    lab5_fpn.NO_EXTRA,
    ("        results.append(results[-1][:, :, ::2, ::2])\n", ""),
)

FPN__pool_of_two = changed(
    right.FPN__by_index,
    "pool_of_two",
    lab5_fpn.EXTRA_POOL,
    ("results[-1][:, :, ::2, ::2]", "F.max_pool2d(results[-1], 2, 2, ceil_mode=True)"),
)

FPN__pooled_too_early = changed(
    right.FPN__by_index,
    "pooled_too_early",
    lab5_fpn.EXTRA_FROM,
    ("        results = [", "        top = last\n        results = ["),
    ("results.append(results[-1][", "results.append(top["),
)

FPN__no_smoothing = changed(
    right.FPN__by_index,
    "no_smoothing",
    "The merged maps come out as they are: each goes through its own 3 × 3 convolution of layer_blocks first.",
    ("[self.layer_blocks[-1](last)]", "[last]"),
    ("self.layer_blocks[k](last)", "last"),
)

FPN__no_padding = changed(
    right.FPN__by_index,
    "no_padding",
    "Your maps lose a row and a column on each side: a 3 × 3 convolution needs padding=1 to keep the size.",
    ("out_channels, 3, padding=1)", "out_channels, 3)"),
)

FPN__in_place = changed(
    right.FPN__by_index,
    "in_place",
    "Your pyramid writes its laterals into the caller's list: make a list of your own.",
    ("        last = self.inner", "        features[-1] = last = self.inner"),
    ("            lateral = self.inner", "            features[k] = lateral = self.inner"),
)

FPN__no_gradient = changed(
    right.FPN__by_index,
    "no_gradient",
    "Right values, but the top-down way is cut off from its gradients: no .detach() and no .data on what goes down.",
    ("F.interpolate(last, ", "F.interpolate(last.detach(), "),
)

# roi_level

roi_level__area = changed(right.roi_level__formula, "area", lab5_fpn.AREA, ("(w * h) ** 0.5", "(w * h)"))
roi_level__nearest = changed(right.roi_level__formula, "nearest", lab5_fpn.FLOOR, (".floor()", ".round()"))
roi_level__upwards = changed(
    right.roi_level__formula,
    "upwards",
    "You round up: an ROI of 300 pixels is level 4, it has not reached the 448 of level 5.",
    (".floor()", ".ceil()"),
)
roi_level__unlimited = changed(
    right.roi_level__one_by_one, "unlimited", lab5_fpn.NOT_LIMITED, ("min(max(k, k_min), k_max)", "k")
)
roi_level__place = changed(
    right.roi_level__formula, "place", lab5_fpn.PLACE_IN_LIST, (".to(torch.int64)", ".to(torch.int64) - k_min")
)
roi_level__longer_side = changed(
    right.roi_level__formula, "longer_side", lab5_fpn.LONGER_SIDE, ("(w * h) ** 0.5", "torch.maximum(w, h)")
)
roi_level__shorter_side = changed(
    right.roi_level__formula, "shorter_side", lab5_fpn.SHORTER_SIDE, ("(w * h) ** 0.5", "torch.minimum(w, h)")
)
roi_level__natural = changed(right.roi_level__formula, "natural", lab5_fpn.NATURAL, ("torch.log2(", "torch.log("))
roi_level__always_2_to_5 = changed(
    right.roi_level__formula, "always_2_to_5", lab5_fpn.FIXED_LIMITS, ("min=k_min, max=k_max", "min=2, max=5")
)


@wrong("Your levels are floating-point numbers: they choose a map, so make them int64 with .long().")
def roi_level__float(boxes, k_min=2, k_max=5):
    w, h = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    return torch.floor(4 + torch.log2(torch.sqrt(w * h) / 224) + 1e-6).clamp(k_min, k_max)


# upsample_1d

upsample_1d__overwritten = changed(
    right.upsample_1d__copies, "overwritten", lab5_mask.OVERLAP_ADDS, ("+= x[i] * weight", "= x[i] * weight")
)
upsample_1d__flipped = changed(
    right.upsample_1d__zeros_between, "flipped", lab5_mask.FLIPPED, ("weight.flip(0)", "weight")
)
upsample_1d__no_tail = changed(
    right.upsample_1d__copies, "no_tail", lab5_mask.TAIL, ("    return y", "    return y[: len(x) * stride]")
)
upsample_1d__always_two = changed(
    right.upsample_1d__index_add,
    "always_two",
    "stride is an argument: 2 is only one of its values.",
    ("[:, None] * stride", "[:, None] * 2"),
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

upsample_2d__overwritten = changed(
    right.upsample_2d__cells,
    "overwritten",
    lab5_mask.OVERLAP_ADDS,
    ("] += square", "] = square"),
)
upsample_2d__flipped = changed(
    right.upsample_2d__zeros_between, "flipped", lab5_mask.FLIPPED, ("weight.flip(2, 3)", "weight")
)
upsample_2d__columns_first = changed(
    right.upsample_2d__cells,
    "columns_first",
    lab5_mask.ROWS_AND_COLUMNS,
    ("tensordot(x[:, r, q], weight, dims=1)", "tensordot(x[:, r, q], weight.transpose(2, 3), dims=1)"),
)
upsample_2d__out_and_in = changed(
    right.upsample_2d__cells,
    "out_and_in",
    lab5_mask.IN_AND_OUT,
    ("tensordot(x[:, r, q], weight, dims=1)", "tensordot(x[:, r, q], weight.transpose(0, 1), dims=1)"),
    ("weight.shape[1], weight", "weight.shape[0], weight"),
)
upsample_2d__square_map = changed(
    right.upsample_2d__cells,
    "square_map",
    "A map need not be square: H rows, W columns, each with its own range.",
    ("for q in range(W)", "for q in range(min(H, W))"),
)
upsample_2d__no_gradient = changed(
    right.upsample_2d__cells,
    "no_gradient",
    lab5_mask.NO_GRADIENT,
    ("tensordot(x[:, r, q]", "tensordot(x.data[:, r, q]"),
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

MaskHead__no_relu_on_conv5 = changed(
    right.MaskHead__functional,
    "no_relu_on_conv5",
    lab5_mask.NO_RELU_5,
    ("F.relu(self.conv5_mask(x))", "self.conv5_mask(x)"),
)
MaskHead__no_relu = changed(
    right.MaskHead__functional,
    "no_relu",
    lab5_mask.NO_RELU,
    *(
        (f"F.relu(self.{name}(x))", f"self.{name}(x)")
        for name in [f"mask_fcn{k}" for k in range(1, 5)] + ["conv5_mask"]
    ),
)
MaskHead__sigmoid = changed(
    right.MaskHead__functional,
    "sigmoid",
    lab5_mask.NO_SIGMOID,
    ("return self.mask_fcn_logits(x)", "return self.mask_fcn_logits(x).sigmoid()"),
)
MaskHead__softmax = changed(
    right.MaskHead__functional,
    "softmax",
    "A softmax lets the classes compete for each cell. The head gives logits; the loss asks each mask by itself.",
    ("return self.mask_fcn_logits(x)", "return self.mask_fcn_logits(x).softmax(dim=1)"),
)
MaskHead__relu_at_the_end = changed(
    right.MaskHead__functional,
    "relu_at_the_end",
    lab5_mask.RELU_AT_THE_END,
    ("return self.mask_fcn_logits(x)", "return self.mask_fcn_logits(x).relu()"),
)
MaskHead__one_left_out = changed(
    right.MaskHead__functional,
    "one_left_out",
    "mask_fcn4 is made and never used: all four convolutions take their turn in forward.",
    ("        x = F.relu(self.mask_fcn4(x))\n", ""),
)
MaskHead__one_used_again = changed(
    right.MaskHead__functional,
    "one_used_again",
    "mask_fcn2 is used three times: each of the four convolutions has weights of its own.",
    ("self.mask_fcn3(x)", "self.mask_fcn2(x)"),
    ("self.mask_fcn4(x)", "self.mask_fcn2(x)"),
)
MaskHead__no_padding = changed(
    right.MaskHead__functional,
    "no_padding",
    "Your maps shrink by two cells in each 3 × 3 convolution: padding=1 keeps their size, and 14 becomes 28.",
    *((f"{inner}, hidden, 3, padding=1)", f"{inner}, hidden, 3)") for inner in ("in_channels", "hidden")),
)
MaskHead__no_gradient = changed(
    right.MaskHead__functional,
    "no_gradient",
    "Right values, but without gradient for the convolutions: .detach() and .data cut them off from the loss.",
    ("self.conv5_mask(x)", "self.conv5_mask(x.detach())"),
)

# mask_targets

mask_targets__not_aligned = changed(
    right.mask_targets__torchvision, "not_aligned", lab5_mask.HALF_PIXEL, (", aligned=True", "")
)
mask_targets__own_number = changed(
    right.mask_targets__torchvision,
    "own_number",
    lab5_mask.WHICH_MASK,
    ("matched.to(rois.dtype)", "torch.arange(len(rois)).to(rois).clamp(max=len(masks) - 1)"),
)
mask_targets__first_mask = changed(
    right.mask_targets__torchvision,
    "first_mask",
    "You read mask 0 for every ROI: matched says which one belongs to it.",
    ("matched.to(rois.dtype)", "torch.zeros_like(rois[:, 0])"),
)
mask_targets__zeros_and_ones = changed(
    right.mask_targets__torchvision, "zeros_and_ones", lab5_mask.SOFT, (".squeeze(1)", ".squeeze(1).round()")
)
mask_targets__y_first = changed(
    right.mask_targets__torchvision,
    "y_first",
    lab5_mask.X_FIRST,
    (".unsqueeze(1), rois))", ".unsqueeze(1), rois[:, [1, 0, 3, 2]]))"),
)
mask_targets__always_28 = changed(
    right.mask_targets__torchvision, "always_28", lab5_mask.SIZE_FIXED, ("rois, size, sampling", "rois, 28, sampling")
)
mask_targets__one_sample = changed(
    right.mask_targets__torchvision,
    "one_sample",
    "You read one point in the middle of each cell: roi_align's 2 × 2 points (its default here) see small parts too.",
    ("sampling_ratio=2", "sampling_ratio=1"),
)
mask_targets__cut_to_the_image = changed(
    right.mask_targets__torchvision,
    "cut_to_the_image",
    "You clip the ROIs to the image first: then target and features show different parts. Leave ROIs as they are.",
    (
        "    features =",
        "    limit = rois.new_tensor([len(rois) + len(masks), masks.shape[2], masks.shape[1], masks.shape[2], "
        "masks.shape[1]])\n    rois = rois.clamp(min=0).minimum(limit)\n    features =",
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

mask_loss__every_class = changed(
    right.mask_loss__softplus,
    "every_class",
    lab5_mask.ALL_MASKS,
    ("z = logits[range(len(labels)), labels]", "z = logits"),
    ("z * targets", "z * targets[:, None]"),
)
mask_loss__channel_one = changed(
    right.mask_loss__softplus,
    "channel_one",
    lab5_mask.FIRST_CLASS,
    ("logits[range(len(labels)), labels]", "logits[:, 1]"),
)
mask_loss__off_by_one = changed(
    right.mask_loss__softplus,
    "off_by_one",
    "Labels count from 0, with the background, as the channels do: class 2 is channel 2, not channel 1.",
    ("logits[range(len(labels)), labels]", "logits[range(len(labels)), labels - 1]"),
)
mask_loss__likeliest = changed(
    right.mask_loss__softplus,
    "likeliest",
    "You take the largest of the K masks: the one of the true class is to learn, whichever is largest now.",
    ("logits[range(len(labels)), labels]", "logits.amax(dim=1)"),
)
mask_loss__summed = changed(right.mask_loss__softplus, "summed", lab5_mask.MEAN, (".mean()", ".sum()"))
mask_loss__by_rois = changed(
    right.mask_loss__softplus, "by_rois", lab5_mask.PER_ROI, (".mean()", ".sum() / len(labels)")
)
mask_loss__rounded_targets = changed(
    right.mask_loss__softplus,
    "rounded_targets",
    "Targets between 0 and 1 are meant so, half inside is half sure: don't round them.",
    ("z * targets", "z * targets.round()"),
)
mask_loss__sigmoid_twice = changed(
    right.mask_loss__softplus,
    "sigmoid_twice",
    lab5_mask.TWICE,
    ("logits[range(len(labels)), labels]", "logits[range(len(labels)), labels].sigmoid()"),
)


@wrong(lab5_mask.NO_ROIS)
def mask_loss__empty_mean(logits, labels, targets):
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

paste_mask__above_half = changed(
    right.paste_mask__every_pixel, "above_half", lab5_mask.AT_LEAST, ("(value >= 0.5)", "(value > 0.5)")
)
paste_mask__everywhere = changed(
    right.paste_mask__every_pixel,
    "everywhere",
    lab5_mask.OUTSIDE,
    (" & (x > x1) & (x < x2) & (y > y1) & (y < y2)", ""),
)
paste_mask__squeezed = changed(
    right.paste_mask__two_steps,
    "squeezed",
    lab5_mask.SQUEEZED,
    (
        "    out = torch.zeros",
        "    x1, x2 = min(max(x1, 0), size[1]), min(max(x2, 0), size[1])\n"
        "    y1, y2 = min(max(y1, 0), size[0]), min(max(y2, 0), size[0])\n    out = torch.zeros",
    ),
)
paste_mask__corners = changed(
    right.paste_mask__every_pixel,
    "corners",
    lab5_mask.MIDDLES,
    ("device=mask.device) + 0.5,\n        torch", "device=mask.device),\n        torch"),
    ("device=mask.device) + 0.5,\n        indexing", "device=mask.device),\n        indexing"),
)
paste_mask__half_a_cell = changed(
    right.paste_mask__every_pixel,
    "half_a_cell",
    "The half cell is missing: whole places are the middles of cells, so subtract ½ after multiplying by the number of "
    "cells.",
    ("* h - 0.5", "* h"),
    ("* w - 0.5", "* w"),
)
paste_mask__corner_to_corner = changed(
    right.paste_mask__every_pixel,
    "corner_to_corner",
    "You spread the mask's outermost middles over the whole box: the box ends where the outermost cells end, half a "
    "cell further out.",
    ("* h - 0.5", "* (h - 1)"),
    ("* w - 0.5", "* (w - 1)"),
)
paste_mask__too_early = changed(
    right.paste_mask__every_pixel, "too_early", lab5_mask.TOO_EARLY, ("mask[None]", "(mask >= 0.5).to(mask)[None]")
)
paste_mask__faded = changed(
    right.paste_mask__grid_sample, "faded", lab5_mask.NO_FADING, ('padding_mode="border"', 'padding_mode="zeros"')
)
paste_mask__nearest_cell = changed(
    right.paste_mask__grid_sample, "nearest_cell", lab5_mask.NEAREST_CELL, ("align_corners=False", 'mode="nearest"')
)
paste_mask__numbers = changed(
    right.paste_mask__every_pixel,
    "numbers",
    lab5_mask.BOOL,
    ("& (y < y2)", "& (y < y2)).to(mask.dtype)"),
    ("return (", "return (("),
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
