"""Hidden cases of the way from joints to cells of a map."""

import torch
from torch import Generator

from autograder.grader.common_cases import each, empty, standing
from autograder.grader.exercise import Case, Exercise
from autograder.labs.lab6_keypoints import inputs
from course import checks
from course.labs.lab6_keypoints import checks as hints
from course.labs.lab6_keypoints.samples import SAMPLES, grid, joints, persons
from solutions.lab6_keypoints import keypoints as reference

BY_HAND_CELLS = (
    "Go through one keypoint by hand: subtract the ROI's corner, times size, divided by the ROI's side, floor; then "
    "row · size + column."
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
