"""Wrong answers to lab 5's first half, each with the hint that its author must get."""

import torch

from autograder.answers import changed, wrong
from autograder.answers.lab5_fpn_mask import right
from course.checks import lab5_fpn as hints

# FPN

FPN__outputs_added = changed(
    right.FPN__by_index,
    "outputs_added",
    hints.OUTPUTS_ADDED,
    ("F.interpolate(last, size=lateral.shape[-2:])", "F.interpolate(results[0], size=lateral.shape[-2:])"),
)

FPN__factor_two = changed(
    right.FPN__by_index,
    "factor_two",
    hints.FACTOR_TWO,
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
    hints.NO_TOP_DOWN,
    ("lateral + F.interpolate(last, size=lateral.shape[-2:])", "lateral"),
)

FPN__no_lateral = changed(
    right.FPN__by_index,
    "no_lateral",
    hints.NO_LATERAL,
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
    hints.RELU,
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
    hints.NEAREST,
    ("size=lateral.shape[-2:])", 'size=lateral.shape[-2:], mode="bilinear")'),
)

FPN__coarse_first = changed(
    right.FPN__by_index,
    "coarse_first",
    hints.COARSE_FIRST,
    ("results.insert(0, self.layer_blocks[k](last))", "results.append(self.layer_blocks[k](last))"),
    ("results.append(results[-1][", "results.append(results[0]["),
)

FPN__no_extra = changed(
    right.FPN__by_index,
    "no_extra",
    hints.NO_EXTRA,
    ("        results.append(results[-1][:, :, ::2, ::2])\n", ""),
)

FPN__pool_of_two = changed(
    right.FPN__by_index,
    "pool_of_two",
    hints.EXTRA_POOL,
    ("results[-1][:, :, ::2, ::2]", "F.max_pool2d(results[-1], 2, 2, ceil_mode=True)"),
)

FPN__pooled_too_early = changed(
    right.FPN__by_index,
    "pooled_too_early",
    hints.EXTRA_FROM,
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

roi_level__area = changed(right.roi_level__formula, "area", hints.AREA, ("(w * h) ** 0.5", "(w * h)"))
roi_level__nearest = changed(right.roi_level__formula, "nearest", hints.FLOOR, (".floor()", ".round()"))
roi_level__upwards = changed(
    right.roi_level__formula,
    "upwards",
    "You round up: an ROI of 300 pixels is level 4, it has not reached the 448 of level 5.",
    (".floor()", ".ceil()"),
)
roi_level__unlimited = changed(
    right.roi_level__one_by_one, "unlimited", hints.NOT_LIMITED, ("min(max(k, k_min), k_max)", "k")
)
roi_level__place = changed(
    right.roi_level__formula, "place", hints.PLACE_IN_LIST, (".to(torch.int64)", ".to(torch.int64) - k_min")
)
roi_level__longer_side = changed(
    right.roi_level__formula, "longer_side", hints.LONGER_SIDE, ("(w * h) ** 0.5", "torch.maximum(w, h)")
)
roi_level__shorter_side = changed(
    right.roi_level__formula, "shorter_side", hints.SHORTER_SIDE, ("(w * h) ** 0.5", "torch.minimum(w, h)")
)
roi_level__natural = changed(right.roi_level__formula, "natural", hints.NATURAL, ("torch.log2(", "torch.log("))
roi_level__always_2_to_5 = changed(
    right.roi_level__formula, "always_2_to_5", hints.FIXED_LIMITS, ("min=k_min, max=k_max", "min=2, max=5")
)


@wrong("Your levels are floating-point numbers: they choose a map, so make them int64 with .long().")
def roi_level__float(boxes, k_min=2, k_max=5):
    w, h = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    return torch.floor(4 + torch.log2(torch.sqrt(w * h) / 224) + 1e-6).clamp(k_min, k_max)
