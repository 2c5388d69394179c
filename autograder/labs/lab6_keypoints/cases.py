"""Hidden cases of lab 6: from aligned features to joints."""

import dataclasses
from typing import Any

import torch
from torch import Generator, Tensor

from autograder.grader import module_cases as modules
from autograder.grader.common_cases import each, empty, standing
from autograder.grader.exercise import Case, Exercise, answer
from autograder.labs.lab6_keypoints import inputs
from autograder.labs.lab6_keypoints.hints import NONSENSE
from course import checks
from course.labs.lab6_keypoints import checks as hints
from course.labs.lab6_keypoints.samples import SAMPLES, decoding, grid, joints, keypoint_head, losses, persons
from solutions.lab6_keypoints import keypoints as reference

LAYERS = (
    "Eight times convolution and ReLU, then the transposed convolution (4 × 4, stride 2, padding 1) without ReLU, then "
    "bilinear × 2, align_corners=False."
)
BY_HAND_CELLS = (
    "Go through one keypoint by hand: subtract the ROI's corner, times size, divided by the ROI's side, floor; then "
    "row · size + column."
)
BY_HAND_LOSS = (
    "Work out two keypoints by hand: the probability of the true cell among all S · S of its map, minus log, mean."
)
BY_HAND_PLACE = (
    "Go through one map by hand: resize it to the ROI's height and width in pixels, find the hottest one, add ½, times "
    "w / ⌈w⌉, plus x1; the same with y."
)
SCORE = (
    "The score is the value of the hottest pixel of the resized map as it is: no probability, no mean, and not the "
    "value of the map as it came."
)
SIZES = "Maps and ROIs have all shapes: take sizes from the tensors, and keep height and width apart."
VALUES: dict[str, Any] = {"rtol": 1e-4, "atol": 1e-4}  # float32, places of up to 320 pixels, sums over ten layers


def _close(*cases: Case, double: bool = False) -> tuple[Case, ...]:
    """Standing cases with this lab's tolerance; with ``double`` in float64 as well, which else keeps its own."""
    return tuple(
        dataclasses.replace(case, **VALUES) if double or "float64" not in case.title else case for case in cases
    )


def _lowered(maps: Tensor, rois: Tensor) -> tuple[Tensor, Tensor]:
    """The maps with all their numbers below 0."""
    return maps - 20, rois


KEYPOINT_HEAD = Exercise(
    checks.KeypointHead,
    reference.KeypointHead,
    (
        Case(
            "square features",
            keypoint_head((3, 6, 5), 2, 3, 6, 6),
            LAYERS,
            weight=2,
            run=modules.steady_outputs,
            core=True,
            **VALUES,
        ),
        Case(
            "features of other sizes, 17 keypoints by default",
            keypoint_head((4, 5), 3, 4, 5, 3),
            "The head works on features of any size, and has 17 keypoints unless it is told otherwise.",
            weight=1.5,
            run=modules.outputs,
            any_hint=True,
            **VALUES,
        ),
        Case(
            "features of a single cell, as many channels as inside",
            keypoint_head((6, 6, 2), 2, 6, 1, 1),
            "Each of the eight convolutions takes its turn once, with its own weights, also where all have one shape.",
            weight=0.5,
            run=modules.outputs,
            **VALUES,
        ),
        Case(
            "gradients reach the features and every weight",
            SAMPLES["KeypointHead"],
            "The outputs are right and the gradients are not: .detach(), .data or no_grad cut the way back.",
            weight=1.5,
            run=modules.gradients,
            rtol=1e-3,
            atol=1e-4,
        ),
        Case(
            "weights and biases to begin with",
            keypoint_head((24, 24, 17), 1, 24, 1, 1),
            hints.START,
            weight=1.5,
            run=inputs.begins,
        ),
        dataclasses.replace(empty("no ROIs", keypoint_head((3, 5, 4), 0, 3, 4, 5)), run=modules.outputs_elsewhere),
        *modules.standing(SAMPLES["KeypointHead"], keypoint_head((16, 24, 17), 8, 16, 14, 14)),
    ),
)


def _small(generator: Generator) -> tuple:
    """ROIs smaller than the grid, some smaller than a pixel."""
    rois = persons(generator, 5, 3, 12)
    rois[-1, 2:] = rois[-1, :2] + torch.tensor([0.5, 0.25])
    return joints(generator, rois, 28, beyond=5), rois, 28


def _off_image(generator: Generator) -> tuple:
    rois = persons(generator, 5, around=100)
    rois[0] -= rois[0, :1] + 9.25  # over the left edge
    rois[1] -= rois[1, 1:2] + 7.5  # over the upper one
    return joints(generator, rois, 56, beyond=9, visible=(1, 2)), rois, 56


KEYPOINTS_TO_HEATMAP = Exercise(
    checks.keypoints_to_heatmap,
    reference.keypoints_to_heatmap,
    (
        Case(
            "all keypoints seen, all inside",
            inputs.everywhere,
            BY_HAND_CELLS,
            weight=2,
            run=inputs.cells,
            core=True,
        ),
        Case(
            "v = 0, 1 and 2",
            lambda g: grid(g, 5, visible=(0, 1, 2)),
            "v = 0 does not count, v = 1 and v = 2 do.",
            weight=1.5,
            run=inputs.cells,
        ),
        Case(
            "v = 0 at (0, 0), in an ROI at the corner of the image",
            inputs.corner_of_the_image,
            hints.UNLABELLED,
            weight=0.5,
            run=inputs.cells,
        ),
        Case(
            "keypoints outside their ROI, on all sides",
            lambda g: grid(g, 6, 14, 23, beyond=12),
            hints.OUTSIDE,
            weight=1.5,
            run=inputs.cells,
        ),
        Case(
            "less than a cell outside",
            lambda g: grid(g, 6, 7, beyond=1),
            hints.TRUNCATED,
            run=inputs.cells,
        ),
        Case("exactly on the edges of the ROI, and just off them", inputs.edges, hints.EDGE, 1.5, run=inputs.cells),
        Case(
            "exactly between two cells",
            inputs.whole_cells,
            "A keypoint between two cells belongs to the later one: floor.",
            weight=0.5,
            run=inputs.cells,
        ),
        Case(
            "other grids, odd ones too",
            lambda g: (grid(g, 3, 28), grid(g, 3, 57, 4), grid(g, 3, 1), (*grid(g, 3)[:2],)),
            "size is an argument, 56 by default; the last column is size - 1.",
            run=each(inputs.cells),
            any_hint=True,
        ),
        Case("ROIs smaller than the grid", _small, "Nothing is rounded before the floor.", 0.5, run=inputs.cells),
        Case("ROIs that leave the image", _off_image, hints.ROI_CORNER, weight=0.5, run=inputs.cells),
        Case(
            "the index of what does not count",
            lambda g: grid(g, 4, 28, beyond=9, visible=(0, 1, 2)),
            hints.ZERO_INDEX,
            weight=0.5,
        ),
        empty("no ROIs", lambda g: (torch.zeros(0, 17, 3), torch.zeros(0, 4), 56)),
        *standing(SAMPLES["keypoints_to_heatmap"], lambda g: grid(g, 300, beyond=9, visible=(0, 1, 2))),
    ),
)

KEYPOINT_LOSS = Exercise(
    checks.keypoint_loss,
    reference.keypoint_loss,
    (
        Case("some keypoints count", lambda g: losses(g, 4), BY_HAND_LOSS, weight=2, core=True, **VALUES),
        Case(
            "all 17 count, maps of 56 × 56",
            lambda g: losses(g, 2, 56, 17, 2.0),
            BY_HAND_LOSS,
            core=True,
            **VALUES,
        ),
        Case(
            "persons with all keypoints, with a single one, with none",
            lambda g: (inputs.uneven(g), inputs.single(g)),
            "Every keypoint that counts weighs the same, whoever's it is: one mean over all of them.",
            run=each(answer),
            **VALUES,
        ),
        Case(
            "not a single keypoint counts",
            lambda g: (*losses(g, 3)[:2], torch.zeros(3, 5, dtype=torch.bool)),
            "The loss is 0 then, and must stay part of the graph: a gradient of 0, no NaN and no new tensor.",
            run=inputs.loss_and_gradient,
            any_hint=True,
        ),
        Case(
            "index and maps hold nonsense where nothing counts",
            inputs.nonsense,
            NONSENSE,
            run=each(inputs.loss_and_gradient_where_valid),
            any_hint=True,
            asks="nonsense",
            **VALUES,
        ),
        Case(
            "gradients",
            lambda g: losses(g, 4, 7),
            "The loss is right and its gradient is not: stay with tensor operations, on heatmaps itself.",
            weight=1.5,
            run=inputs.loss_and_gradient,
            any_hint=True,
            **VALUES,
        ),
        Case(
            "very sure maps",
            lambda g: losses(g, 3, scale=300.0),
            "exp overflows: log_softmax or cross_entropy, not the log of a softmax.",
            weight=0.5,
            **VALUES,
        ),
        Case(
            "maps of odd sizes, another number of keypoints",
            lambda g: (losses(g, 2, 13, 3), losses(g, 1, 1, 4), losses(g, 5, 4, 1)),
            SIZES,
            weight=0.5,
            run=each(answer),
            any_hint=True,
            **VALUES,
        ),
        Case(
            "no ROIs, with gradient",
            lambda g: losses(g, 0),
            "Without ROIs the loss is 0 and must stay part of the graph: the sum over no rows is, a new tensor is not.",
            weight=0.25,
            run=inputs.loss_and_gradient,
            any_hint=True,
        ),
        empty("no ROIs", lambda g: losses(g, 0), weight=0.25),
        *_close(*standing(lambda g: losses(g, 3, 7), lambda g: losses(g, 16, 56, 17))),
    ),
)

HEATMAPS_TO_KEYPOINTS = Exercise(
    checks.heatmaps_to_keypoints,
    reference.heatmaps_to_keypoints,
    (
        Case(
            "places in ROIs larger than the maps",
            lambda g: decoding(g, 4),
            BY_HAND_PLACE,
            weight=2,
            run=inputs.places,
            core=True,
            **VALUES,
        ),
        Case(
            "scores",
            lambda g: decoding(g, 4),
            SCORE,
            weight=1.5,
            run=inputs.scores,
            **VALUES,
        ),
        Case(
            "ROIs smaller than the maps",
            lambda g: decoding(g, 5, (19, 19), least=4, most=17),
            "A small ROI makes the maps smaller, by the same call.",
            **VALUES,
        ),
        Case(
            "narrow ROIs whose sides are no whole numbers",
            lambda g: decoding(g, 8, (7, 7), least=2, most=5),
            hints.SQUEEZED,
            **VALUES,
        ),
        Case(
            "ROIs below a pixel, or without width or height",
            inputs.tiny,
            hints.TINY,
            weight=0.5,
            any_hint=True,
            **VALUES,
        ),
        Case(
            "ROIs that leave the image",
            lambda g: decoding(g, 4, (9, 9), around=90),
            hints.IMAGE_PLACE,
            weight=0.5,
            **VALUES,
        ),
        Case(
            "maps that are not square, odd sizes, other numbers of keypoints",
            lambda g: (decoding(g, 3, (5, 11), 17), decoding(g, 1, (13, 3), 1), decoding(g, 2, (1, 1), 2, 0.25, 0.9)),
            SIZES,
            weight=0.5,
            run=each(answer),
            any_hint=True,
            **VALUES,
        ),
        Case(
            "nothing but negative logits",
            lambda g: _lowered(*decoding(g, 3)),
            "The hottest of negative numbers is negative: don't start from 0.",
            weight=0.5,
            **VALUES,
        ),
        Case(
            "several hottest pixels",
            inputs.ties,
            "Of several equal ones the first in reading order counts: row by row, from the left.",
            weight=0.25,
            **VALUES,
        ),
        empty("no ROIs", lambda g: (torch.zeros(0, 17, 56, 56), torch.zeros(0, 4))),
        # a whole number plus ½ is float32 in PyTorch, and a place that is computed from it may stay so
        *_close(
            *standing(SAMPLES["heatmaps_to_keypoints"], lambda g: decoding(g, 8, (56, 56), 17, 60, 100)), double=True
        ),
    ),
)
