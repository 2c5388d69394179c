"""Hidden cases of lab 4: from proposals to detections."""

import dataclasses
from collections.abc import Callable
from typing import Any

import torch
from torch import Generator, Tensor

from autograder.grader import module_cases as modules
from autograder.grader.common_cases import each, empty, ordinary, standing
from autograder.grader.exercise import Case, Exercise
from autograder.labs.lab4_roi_heads import inputs
from autograder.labs.lab4_roi_heads.hints import LEFT_OUT, NEIGHBOURS
from course import checks
from course.labs.lab4_roi_heads import checks as hints
from course.labs.lab4_roi_heads.samples import (
    DEFAULTS,
    SAMPLES,
    aligned,
    box_head,
    detections,
    losses,
    maps,
    points,
    pooling,
    rois,
    scene,
)
from course.library import clip_boxes_to_image, decode_boxes
from solutions.lab4_roi_heads import roi_heads as reference

BY_HAND_POOL = (
    "Go through one ROI by hand: round the scaled corners to the nearest cells, count the cells from first to last, "
    "cut them into bins (floor where one begins, ceiling where it ends), take the largest value of each."
)
BY_HAND_ALIGN = (
    "Go through one ROI by hand: scale, subtract ½, cut each side into bins × sampling_ratio equal parts, read their "
    "middles, take the mean of each bin."
)
WHICH_MAP = "Look at which image each ROI belongs to, at the order of the ROIs, and at which axis is x and which y."
BY_HAND_LOSS = (
    "Work out two ROIs by hand, one of them background: the mean cross-entropy of both; the smooth L1 (β = 1/9) of the "
    "object's own four numbers, divided by 2."
)
BY_HAND_DETECTIONS = (
    "Go through the steps one by one, and print what is left after each: softmax, each class's own four deltas, clip, "
    "both filters, NMS class by class, all classes together, best first."
)
POOL_OFF_MAP = (
    "ROIs may leave the map: corners below 0 are rounded to the nearest cell too, the whole ROI is cut into bins, and "
    "only then each bin is cut off at the border; one without a cell gives 0."
)
OFF_MAP = (
    "ROIs may leave the map: the whole ROI is cut into bins, each with all its points, and those more than a cell off "
    "the map count as 0."
)
SMALLER = "An ROI may be smaller than the grid: neighbouring bins then share cells."
NOT_ROUNDED = "Coordinates stay as they are, with the half pixel: nothing is rounded, enlarged or cut off."
RATIO = "sampling_ratio × sampling_ratio points per bin, at the middles of equal parts."
GRADIENT: dict[str, Any] = {"rtol": 1e-4, "atol": 1e-5}  # of sums of hundreds of terms of order 1 in float32
# the rounding error of a coordinate, 2e-6 cells, times a slope of up to 5
VALUES: dict[str, Any] = {"rtol": 1e-4, "atol": 1e-5}


def _none() -> Tensor:
    return torch.zeros(0, 4)


def _no_truth() -> tuple[Tensor, Tensor]:
    return _none(), torch.zeros(0, dtype=torch.int64)


def _sampled(*cases: Case) -> tuple[Case, ...]:
    """Standing cases for answers that are drawn at random."""
    return tuple(case.with_runs(inputs.sampled(case.run), plain=inputs.sampled()) for case in cases)


def _in_float32(*cases: Case) -> tuple[Case, ...]:
    """Standing cases with the tolerance that this lab's float32 numbers need; float64 keeps its own."""
    return tuple(case if "float64" in case.title else dataclasses.replace(case, **VALUES) for case in cases)


def _tiny(generator: Generator) -> tuple:
    """Boxes of a quarter to half a pixel; 1/256 is exact, so that every IoU is what it was."""
    proposals, truth, classes = scene(generator, 9, 9, 12)
    return proposals / 256, truth / 256, classes, 400, 0.25, 0.2


def _half_covered(generator: Generator) -> tuple:
    """For each of three true boxes a proposal that covers exactly half of it, and one a quarter pixel smaller."""
    _, truth, classes = scene(generator, 0, 0, 0)
    truth = truth.mul(4).round().div(4)
    halves = truth.clone()
    halves[:, 3] = (truth[:, 1] + truth[:, 3]) / 2
    return torch.cat([halves, halves - torch.tensor([0.0, 0.0, 0.0, 0.25])]), truth, classes, *DEFAULTS


SAMPLE_ROIS = Exercise(
    checks.sample_rois,
    reference.sample_rois,
    (
        Case(
            "all candidates fit",
            SAMPLES["sample_rois"],
            "Where everything fits, all proposals and all true boxes come, each once, with its own class and deltas.",
            weight=2,
            run=inputs.sampled(),
            core=True,
        ),
        Case(
            "2,000 proposals: 32 objects, 96 background",
            lambda g: scene(g, 60, 140, 1800),
            hints.AT_MOST,
            weight=2,
            run=inputs.sampled(),
            core=True,
        ),
        Case(
            "few objects: background fills up",
            lambda g: (*scene(g, 2, 30, 170), *DEFAULTS),
            hints.FILL_UP,
            run=inputs.sampled(),
        ),
        Case(
            "little background: fewer ROIs come",
            lambda g: (*scene(g, 50, 4, 6), 64, 0.25, 0.5),
            "Objects never take more than their share: where background is short, fewer ROIs come.",
            run=inputs.sampled(),
        ),
        Case(
            "other batch sizes and fractions",
            lambda g: tuple((*scene(g, 20, 20, 20), *options, 0.5) for options in ((11, 0.5), (3, 0.25))),
            "batch_size and positive_fraction are arguments, and int(batch_size · positive_fraction) rounds down: 5 of "
            "11 · 0.5, none of 3 · 0.25.",
            weight=0.5,
            run=each(inputs.sampled()),
        ),
        Case(
            "another threshold, boxes smaller than a pixel",
            _tiny,
            "Compare the IoU with iou_threshold; boxes may be smaller than a pixel.",
            weight=0.5,
            run=inputs.sampled(),
        ),
        Case(
            "true boxes that overlap each other",
            lambda g: (*inputs.crossing_truth(g), *DEFAULTS),
            "An ROI belongs to the true box with which its IoU is best, not to any that reaches the threshold.",
            run=inputs.sampled(),
        ),
        Case("an IoU of exactly the threshold", _half_covered, hints.AT_LEAST, run=inputs.sampled()),
        Case(
            "an image that shows background only",
            lambda g: (scene(g, 0, 0, 200)[0], *_no_truth(), *DEFAULTS),
            hints.NO_OBJECTS,
            run=inputs.sampled(),
            any_hint=True,
        ),
        Case(
            "the same seed gives the same sample, another seed another",
            lambda g: (*scene(g, 60, 40, 100), *DEFAULTS),
            "Draw with the generator that comes as an argument, and with nothing else.",
            run=hints.repeats,
            asks="seed",
        ),
        Case(
            "the same seed, without true boxes",
            lambda g: (scene(g, 0, 0, 100)[0], *_no_truth(), 30, 0.25, 0.5),
            "Without true boxes the sample comes from the generator as well: pass it on there too.",
            weight=0.25,
            run=hints.repeats,
            asks="seed",
            plain=ordinary(lambda g: (scene(g, 0, 0, 100)[0], *_no_truth(), 30, 0.25, 0.5), inputs.sampled()),
        ),
        Case(
            "called with three arguments alone",
            lambda g: scene(g, 60, 140, 1800),
            "With all options left out 128 ROIs come, at most 32 of them objects; torch's own random numbers choose "
            "them, so that the next call gives others and torch.manual_seed repeats them.",
            weight=0.5,
            run=inputs.by_default,
            any_hint=True,
            asks="defaults",
            plain=ordinary(lambda g: (*scene(g, 60, 140, 1800), *DEFAULTS), inputs.sampled()),
        ),
        Case(
            "every candidate has the same chance",
            lambda g: (*scene(g, 9, 0, 12), 12, 0.5, 0.5),
            "Each candidate needs the same chance, whatever the others do: shuffle the objects, shuffle the "
            "background, take the first of each.",
            run=inputs.drawn_evenly,
            asks="chance",
            plain=ordinary(lambda g: (*scene(g, 9, 0, 12), 12, 0.5, 0.5), inputs.sampled()),
            misreadings={NEIGHBOURS: torch.tensor([True, False])},
        ),
        Case(
            "thousands of proposals, and none is left out",
            lambda g: (*scene(g, 2000, 0, 4000), 256, 0.5, 0.5),
            LEFT_OUT,
            run=inputs.from_everywhere,
            asks="number",
            plain=ordinary(lambda g: (*scene(g, 2000, 0, 4000), 256, 0.5, 0.5), inputs.sampled()),
        ),
        Case(
            "no proposals but the true boxes",
            lambda g: (_none(), *scene(g, 0, 0, 0)[1:], *DEFAULTS),
            hints.TRUTH_JOINS,
            weight=0.5,
            run=inputs.sampled(),
        ),
        *_sampled(
            empty("no candidates", lambda g: (_none(), *_no_truth(), *DEFAULTS)),
            *standing(SAMPLES["sample_rois"], lambda g: (*scene(g, 60, 140, 800), *DEFAULTS)),
        ),
    ),
)


def _between_cells(generator: Generator) -> tuple:
    """ROIs whose corners lie exactly between two cells, inside the map."""
    first = torch.randint(0, 6, (8, 2), generator=generator) + 0.5
    last = first + torch.randint(1, 6, (8, 2), generator=generator)
    return maps(generator), torch.cat([torch.zeros(8, 1), first * 16, last * 16], dim=1), (3, 4), 1 / 16


def _beside(found: Tensor) -> Tensor:
    """ROIs for a scale of ½, moved off the map in turn to the right, the left, below and above."""
    away = torch.tensor([[80.0, 0.0], [-80.0, 0.0], [0.0, 60.0], [0.0, -60.0]]).repeat(1, 2)
    return torch.cat([found[:, :1], found[:, 1:] + away[torch.arange(len(found)) % 4]], dim=1)


ROI_POOL = Exercise(
    checks.roi_pool,
    reference.roi_pool,
    (
        Case("7 × 7 bins at 1/16", pooling(9, 1 / 16, (7, 7), smallest=4), BY_HAND_POOL, weight=2, core=True),
        Case(
            "two images, bins in 3 rows and 5 columns",
            pooling(8, 0.25, (3, 5), 2, smallest=4),
            WHICH_MAP,
            weight=1.5,
            core=True,
        ),
        Case("ROIs smaller than the grid", pooling(8, 1 / 8, (6, 7), smallest=0.2, largest=0.3), SMALLER),
        Case(
            "ROIs smaller than a cell",
            pooling(12, 1 / 8, (2, 3), smallest=0.05, largest=0.01),
            "An ROI covers at least one cell, and where that is all, every bin reads it.",
            weight=0.5,
        ),
        Case("ROIs that leave the map", pooling(16, 1 / 16, (4, 3), beyond=5, smallest=6), POOL_OFF_MAP),
        Case(
            "ROIs off the map, on all sides",
            lambda g: (maps(g, size=(13, 1)), _beside(rois(g, 8, 0.5, size=(13, 1))), (2, 2), 0.5),
            hints.EMPTY_BINS,
            weight=0.5,
        ),
        Case(
            "corners halfway between two cells",
            _between_cells,
            hints.HALVES,
            weight=0.5,
        ),
        Case(
            "nothing but negative features",
            lambda g: (-maps(g).abs() - 1, rois(g, 5, 1.0), (2, 3), 1.0),
            "The largest of negative numbers is negative: don't start from 0.",
            weight=0.5,
        ),
        Case(
            "gradients reach the features",
            pooling(6, 0.1, (3, 2), 2, smallest=3),
            hints.NO_GRADIENT,
            run=inputs.gradient,
            any_hint=True,
            **GRADIENT,
        ),
        empty("no ROIs", lambda g: (maps(g, 2), torch.zeros(0, 5), (7, 5), 0.5)),
        *standing(SAMPLES["roi_pool"], pooling(24, 0.25, (7, 7))),
    ),
)


def _border(generator: Generator) -> tuple:
    """Points less than a cell off a map of 7 × 11 cells, over each edge and corner."""
    out = 0.1 + 0.8 * torch.rand(8, generator=generator)
    y = torch.stack([-out[0], 6 + out[1], *points(generator, 2)[0], -out[4], -out[5], 6 + out[6], 6 + out[7]])
    x = torch.stack([*points(generator, 2)[1], -out[2], 10 + out[3], -out[5], 10 + out[4], -out[7], 10 + out[6]])
    return maps(generator, size=(7, 11))[0], y, x


def _edges(generator: Generator) -> tuple:
    """Points exactly one cell off the map, which still count, and whole cells."""
    y = torch.tensor([-1.0, 7.0, 2.0, 3.0, 0.0, 6.0, 5.0])
    x = torch.tensor([4.0, 5.0, -1.0, 11.0, 0.0, 10.0, 2.0])
    return maps(generator, size=(7, 11))[0], y, x


BILINEAR_SAMPLE = Exercise(
    checks.bilinear_sample,
    reference.bilinear_sample,
    (
        Case(
            "points between the cells",
            lambda g: (maps(g, size=(7, 11))[0], *points(g, 30)),
            "Each of the four cells around a point counts by (1 - distance in y) · (1 - distance in x).",
            weight=2,
            core=True,
            **VALUES,
        ),
        Case(
            "points up to a cell off the map",
            _border,
            "Up to one cell off the map the border counts in full.",
            **VALUES,
        ),
        Case(
            "points further away",
            lambda g: (maps(g, size=(7, 11))[0], *points(g, 40, -1.2, 2.2)),
            "More than one cell off the map, in y or in x, there is 0.",
            **VALUES,
        ),
        Case(
            "points in the middle of a cell, or exactly one cell off",
            _edges,
            "Whole numbers read the cell itself; −1 and the size itself still read the border.",
            weight=0.5,
            **VALUES,
        ),
        Case(
            "gradients reach the features",
            lambda g: (maps(g, size=(7, 11))[0], *points(g, 20)),
            hints.NO_GRADIENT,
            weight=0.5,
            run=inputs.gradient,
            any_hint=True,
            **GRADIENT,
        ),
        empty("no points", lambda g: (maps(g)[0], torch.zeros(0), torch.zeros(0))),
        *_in_float32(*standing(SAMPLES["bilinear_sample"], lambda g: (maps(g)[0], *points(g, 2000)))),
    ),
)


def _beside_the_map(generator: Generator) -> tuple:
    """Every other ROI is wholly off the map, to the right, the left, below or above."""
    features, found, *rest = aligned(8, 0.5, (2, 3), 2, smallest=3)(generator)
    found[::2] = _beside(found[::2])
    return (features, found, *rest)


ROI_ALIGN = Exercise(
    checks.roi_align,
    reference.roi_align,
    (
        Case(
            "7 × 7 bins at 1/16, 2 × 2 points a bin by default",
            lambda g: aligned(7, 1 / 16, (7, 7), smallest=3)(g)[:4],
            BY_HAND_ALIGN,
            weight=2,
            core=True,
            **VALUES,
        ),
        Case(
            "two images, bins in 3 rows and 5 columns",
            aligned(8, 0.25, (3, 5), 2, smallest=3),
            WHICH_MAP,
            weight=1.5,
            core=True,
            **VALUES,
        ),
        Case("three points along each side of a bin", aligned(6, 0.25, (2, 3), ratio=3, smallest=3), RATIO, **VALUES),
        Case("one point per bin", aligned(6, 0.25, (2, 3), ratio=1, smallest=3), RATIO, weight=0.5, **VALUES),
        Case(
            "ROIs smaller than a cell",
            aligned(8, 1 / 8, (3, 2), smallest=0.1, largest=0.06),
            NOT_ROUNDED,
            **VALUES,
        ),
        Case("ROIs that leave the map", aligned(10, 1 / 16, (4, 3), beyond=6, smallest=8), OFF_MAP, **VALUES),
        Case(
            "ROIs off the map, among others",
            _beside_the_map,
            "A point more than a cell off the map counts as 0 in its bin's mean: no ROI is left out, none is moved.",
            weight=0.5,
            **VALUES,
        ),
        Case(
            "gradients reach the features",
            aligned(6, 0.1, (3, 2), 2, smallest=3),
            hints.NO_GRADIENT,
            run=inputs.gradient,
            any_hint=True,
            **GRADIENT,
        ),
        empty("no ROIs", lambda g: (maps(g, 2), torch.zeros(0, 5), (7, 5), 0.5, 2)),
        # 3 and 5 bins: where float32 computes the middles of their parts, they are rounded, and float64 shows it
        *_in_float32(*standing(aligned(4, 0.25, (3, 5), smallest=3), aligned(12, 0.25, (7, 7)))),
    ),
)


def _beginning(module: Callable, args: tuple) -> Any:
    """Whether the last two layers begin as they should; how the hidden ones do is left to each."""
    return modules.initial(0.01)(module, args)[4:]


BOX_HEAD = Exercise(
    checks.BoxHead,
    reference.BoxHead,
    (
        Case(
            "one class and background, as in the lecture",
            box_head((24, 9, 2), 6, 6, 2, 2),
            "Flatten, fc6, ReLU, fc7, ReLU; then cls_score and bbox_pred side by side, both on the same numbers.",
            weight=2,
            run=modules.steady_outputs,
            core=True,
            **VALUES,
        ),
        Case(
            "five classes, flat features",
            box_head((10, 7, 5), 4, 10),
            hints.TWO_CLASSES,
            weight=1.5,
            run=modules.outputs,
            any_hint=True,
            **VALUES,
        ),
        Case(
            "as many features in as hidden ones",
            box_head((8, 8, 3), 4, 2, 2, 2),
            "fc6 and fc7 are two layers, each with weights of its own, also where they have the same shape.",
            run=modules.outputs,
            **VALUES,
        ),
        Case(
            "gradients reach the features and every weight",
            SAMPLES["BoxHead"],
            "The outputs are right and the gradients are not: .detach(), .data or no_grad cut the way back.",
            run=modules.gradients,
            rtol=1e-3,
            atol=1e-4,
        ),
        Case("weights and biases to begin with", box_head((4, 250, 20), 1, 4), hints.START, run=_beginning),
        dataclasses.replace(
            empty("no ROIs", box_head((12, 7, 2), 0, 3, 2, 2)),
            run=modules.outputs_elsewhere,
        ),
        *modules.standing(SAMPLES["BoxHead"], box_head((490, 64, 2), 128, 10, 7, 7)),
    ),
)


def _sure(generator: Generator) -> tuple:
    """Logits of hundreds, right and wrong ones."""
    logits, *rest = losses(generator, 9)
    return (100 * logits, *rest)


DETECTION_LOSS = Exercise(
    checks.detection_loss,
    reference.detection_loss,
    (
        Case("four classes", lambda g: losses(g, 24), BY_HAND_LOSS, weight=2, core=True, **VALUES),
        Case("one class and background", lambda g: losses(g, 12, 2), BY_HAND_LOSS, core=True, **VALUES),
        Case(
            "many classes, mostly background, and a single ROI",
            lambda g: (losses(g, 64, 21, 0.75), losses(g, 1, 21, 0.0)),
            hints.ALL_ROIS,
            run=each(),
            **VALUES,
        ),
        Case(
            "very sure logits",
            lambda g: _sure(g),
            "exp overflows, and the logarithm of 0 is minus infinity: cross_entropy or log_softmax, not the log of a "
            "softmax.",
            weight=0.5,
            **VALUES,
        ),
        Case(
            "not a single object",
            lambda g: losses(g, 9, 3, 1.0),
            "Without objects the box loss is 0, never NaN.",
            weight=0.5,
            **VALUES,
        ),
        Case(
            "losses and gradients",
            lambda g: losses(g, 16),
            "The losses are right and their gradients are not: stay with tensor operations, and change neither logits "
            "nor deltas on the way.",
            weight=1.5,
            run=inputs.losses_and_gradients,
            any_hint=True,
            asks="gradients",
            plain=ordinary(lambda g: losses(g, 16)),
            **GRADIENT,
        ),
        Case(
            "gradients without objects, and without any ROI",
            lambda g: (losses(g, 9, 3, 1.0), losses(g, 0)),
            "A loss of 0 has a gradient too, of 0: the sum over no rows has one; a new tensor or a plain 0 has none, "
            "and backward() stops there.",
            weight=0.5,
            run=each(inputs.losses_and_gradients),
            any_hint=True,
            asks="gradients",
            plain=ordinary(lambda g: (losses(g, 9, 3, 1.0), losses(g, 0)), each()),
            **GRADIENT,
        ),
        empty("no ROIs", lambda g: losses(g, 0)),
        *_in_float32(*standing(SAMPLES["detection_loss"], lambda g: losses(g, 512, 21))),
    ),
)


def _high(generator: Generator) -> tuple:
    """A high image, and other thresholds than by default; clipped or not, no side of a likely box is under 17 pixels.

    So whoever drops small boxes in a way of his own is not told of thresholds.
    """
    while True:
        logits, deltas, rois, size, low, *rest = detections(generator, 16, 3, (125, 190), 0.3, 0.2, beyond=0)
        place = [1, 0, 3, 2]  # x and y change places
        rois, deltas = rois[:, place], deltas.unflatten(1, (-1, 4))[..., place]
        boxes = [decode_boxes(deltas[:, kind], rois, (10.0, 10.0, 5.0, 5.0)) for kind in (1, 2)]
        found = clip_boxes_to_image(torch.stack(boxes, dim=1)[logits.softmax(dim=1)[:, 1:] > low], size[::-1])
        if (found[:, 2:] - found[:, :2] > 17).all():
            return (logits, deltas.flatten(1), rois, size[::-1], low, *rest)


def _crossing(generator: Generator) -> tuple:
    """Every ROI is likely of two classes, with the same box for both."""
    _, deltas, *rest = detections(generator, 6, 3)
    likely = torch.rand(6, 2, generator=generator)
    return (torch.cat([torch.full((6, 1), -3.0), likely], dim=1), deltas[:, :4].repeat(1, 3) * 0, *rest)


def _outside(generator: Generator) -> tuple:
    """Some ROIs lie right of the image or below it; of three others half a pixel, or 0.003 pixels, is left in it.

    One in it is 0.004 pixels wide before anything is clipped.
    """
    logits, deltas, rois, *rest = detections(generator, 12)
    away = torch.tensor([[300.0, 0.0], [0.0, 300.0]]).repeat(2, 2)
    rois[::3] += away
    slivers = torch.tensor([[-40.0, 5.0, 0.5, 25.0], [150.0, -30.0, 180.0, 0.5], [-40.0, 60.0, 0.003, 90.0]])
    slivers = torch.cat([slivers, torch.tensor([[60.0, 40.0, 60.004, 70.0]])])
    likely = torch.randn(4, 4, generator=generator)
    return (torch.cat([logits, likely]), torch.cat([deltas, torch.zeros(4, 16)]), torch.cat([rois, slivers]), *rest)


def _twice(generator: Generator) -> tuple:
    """Every ROI comes twice, with the same answers."""
    logits, deltas, rois, *rest = detections(generator, 9)
    return (*(torch.cat([values, values]) for values in (logits, deltas, rois)), *rest)


def _exactly(generator: Generator) -> tuple:
    """Whatever has a limit is exactly at it, or far from it, in whole pixels, which no way to compute rounds.

    Three boxes, each with one that covers half of it: IoU 1/2. Two narrow ones and two flat ones a pixel apart. Four
    with a probability of exactly the threshold, 1/2, which no way to compute it exceeds.
    """
    corner = torch.tensor([[4.0, 8.0], [44.0, 8.0], [84.0, 8.0]])
    sides = 8.0 + 2 * torch.randint(0, 9, (3, 2), generator=generator)
    half = sides * torch.tensor([[1.0, 0.5], [0.5, 1.0], [1.0, 0.5]])
    thin = torch.tensor([[130.0, 8, 131, 24], [132, 8, 133, 24], [150, 8, 166, 9], [150, 10, 166, 11]])
    unlikely = torch.tensor([[4.0, 60, 24, 80], [44, 60, 64, 80], [84, 60, 104, 80], [124, 60, 144, 80]])
    pairs = [torch.cat([corner, corner + side], dim=1) for side in (sides, half)]
    logits = torch.zeros(14, 2)
    logits[:10, 1] = 0.5 + 0.25 * torch.randperm(10, generator=generator)
    shuffled = torch.randperm(14, generator=generator)
    return (
        logits[shuffled],
        torch.zeros(14, 8),
        torch.cat([*pairs, thin, unlikely])[shuffled],
        (120, 200),
        0.5,
        0.5,
        100,
    )


def _enormous(generator: Generator) -> tuple:
    """Small ROIs far apart in a large image, whose dw and dh are beyond the limit."""
    place = torch.cartesian_prod(torch.arange(3.0), torch.arange(3.0)) * 520 + 300
    sides = 6 + torch.randint(1, 4, (9, 2), generator=generator)
    rois = torch.cat([place - sides / 2, place + sides / 2], dim=1)
    deltas = torch.zeros(9, 2, 4)
    deltas[:, 1, 2:] = 22.5 + 20 * torch.rand(9, 2, generator=generator)
    deltas[::4, 1, 2] = 1000.0  # exp of a fifth of this is infinite in float32
    logits = torch.stack([torch.zeros(9), 0.25 * torch.randperm(9, generator=generator)], dim=1)
    return logits, deltas.flatten(start_dim=1), rois, (1700, 1700), 0.05, 0.5, 100


POSTPROCESS_DETECTIONS = Exercise(
    checks.postprocess_detections,
    reference.postprocess_detections,
    (
        Case("three classes in a wide image", lambda g: detections(g, 16), BY_HAND_DETECTIONS, 2, core=True, **VALUES),
        Case(
            "other thresholds, a high image",
            _high,
            "score_threshold, nms_threshold and size are arguments.",
            core=True,
            any_hint=True,
            **VALUES,
        ),
        Case("one ROI as two classes", _crossing, hints.PER_CLASS, any_hint=True, **VALUES),
        Case(
            "no more than a handful",
            inputs.crowded,
            "The best max_detections of what NMS leaves stay, all classes together, best first.",
            any_hint=True,
            **VALUES,
        ),
        Case(
            "ROIs off the image, and some of which little is left",
            _outside,
            "Clip first. Then drop boxes with a side under 0.01, and only those; filter boxes and scores alike.",
            weight=0.5,
            any_hint=True,
            **VALUES,
        ),
        Case(
            "every ROI twice",
            _twice,
            "Of two equal boxes with equal scores one stays.",
            weight=0.25,
            any_hint=True,
            **VALUES,
        ),
        Case(
            "a probability of exactly score_threshold, an IoU of exactly nms_threshold",
            _exactly,
            "A detection needs a probability above score_threshold, and only an IoU above nms_threshold removes it: "
            "compare with >, not with >=.",
            weight=0.25,
            any_hint=True,
            **VALUES,
        ),
        Case(
            "enormous deltas",
            _enormous,
            "exp(dw) explodes: decode_boxes limits dw and dh at log(1000 / 16), and so must whatever stands in for it.",
            weight=0.25,
            rtol=1e-4,
            atol=1e-2,  # pixels: in float32 a side of exp(log(62.5)) · 9 is off by 1e-3 at most
        ),
        Case("one class and background", lambda g: detections(g, 12, 2), hints.NO_BACKGROUND, weight=0.5, **VALUES),
        empty("nothing is likely enough", lambda g: detections(g, 8, score_threshold=0.99999), weight=0.25),
        empty("no ROIs", lambda g: detections(g, 0), weight=0.25),
        *_in_float32(*standing(lambda g: detections(g, 8), inputs.plenty)),
    ),
)
