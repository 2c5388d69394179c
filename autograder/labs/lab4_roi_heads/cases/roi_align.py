"""Hidden cases of reading a map between its cells: bilinear_sample and roi_align."""

import torch
from torch import Generator

from autograder.grader.common_cases import empty, standing
from autograder.grader.exercise import Case, Exercise
from autograder.labs.lab4_roi_heads import inputs
from autograder.labs.lab4_roi_heads.cases.tolerances import GRADIENT, VALUES, in_float32
from autograder.labs.lab4_roi_heads.hints import WHICH_MAP
from course import checks
from course.labs.lab4_roi_heads import checks as hints
from course.labs.lab4_roi_heads.samples import SAMPLES, aligned, maps, points
from solutions.lab4_roi_heads import roi_heads as reference

BY_HAND_ALIGN = (
    "Go through one ROI by hand: scale, subtract ½, cut each side into bins × sampling_ratio equal parts, read their "
    "middles, take the mean of each bin."
)
OFF_MAP = (
    "ROIs may leave the map: the whole ROI is cut into bins, each with all its points, and those more than a cell off "
    "the map count as 0."
)
NOT_ROUNDED = "Coordinates stay as they are, with the half pixel: nothing is rounded, enlarged or cut off."
RATIO = "sampling_ratio × sampling_ratio points per bin, at the middles of equal parts."


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
        *in_float32(*standing(SAMPLES["bilinear_sample"], lambda g: (maps(g)[0], *points(g, 2000)))),
    ),
)


def _beside_the_map(generator: Generator) -> tuple:
    """Every other ROI is wholly off the map, to the right, the left, below or above."""
    features, found, *rest = aligned(8, 0.5, (2, 3), 2, smallest=3)(generator)
    found[::2] = inputs.off_the_map(found[::2])
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
        *in_float32(*standing(aligned(4, 0.25, (3, 5), smallest=3), aligned(12, 0.25, (7, 7)))),
    ),
)
