"""Hidden cases of ROI pooling."""

import torch
from torch import Generator

from autograder.grader.common_cases import empty, standing
from autograder.grader.exercise import Case, Exercise
from autograder.labs.lab4_roi_heads import inputs
from autograder.labs.lab4_roi_heads.cases.tolerances import GRADIENT
from autograder.labs.lab4_roi_heads.hints import WHICH_MAP
from course import checks
from course.labs.lab4_roi_heads import checks as hints
from course.labs.lab4_roi_heads.samples import SAMPLES, maps, pooling, rois
from solutions.lab4_roi_heads import roi_heads as reference

BY_HAND_POOL = (
    "Go through one ROI by hand: round the scaled corners to the nearest cells, count the cells from first to last, "
    "cut them into bins (floor where one begins, ceiling where it ends), take the largest value of each."
)
POOL_OFF_MAP = (
    "ROIs may leave the map: corners below 0 are rounded to the nearest cell too, the whole ROI is cut into bins, and "
    "only then each bin is cut off at the border; one without a cell gives 0."
)
SMALLER = "An ROI may be smaller than the grid: neighbouring bins then share cells."


def _between_cells(generator: Generator) -> tuple:
    """ROIs whose corners lie exactly between two cells, inside the map."""
    first = torch.randint(0, 6, (8, 2), generator=generator) + 0.5
    last = first + torch.randint(1, 6, (8, 2), generator=generator)
    return maps(generator), torch.cat([torch.zeros(8, 1), first * 16, last * 16], dim=1), (3, 4), 1 / 16


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
            lambda g: (maps(g, size=(13, 1)), inputs.off_the_map(rois(g, 8, 0.5, size=(13, 1))), (2, 2), 0.5),
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
