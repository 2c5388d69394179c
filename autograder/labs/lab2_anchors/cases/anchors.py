"""Hidden cases of lab 2's anchors: their shapes, where they lie, and which of them are inside the image."""

import torch
from torch import Generator, Tensor

from autograder.grader.common_cases import empty, standing
from autograder.grader.exercise import Case, Exercise
from course import checks
from course.checking.random_inputs import boxes
from course.labs.lab2_anchors import checks as hints
from course.labs.lab2_anchors.samples import SAMPLES, around_border, shapes
from solutions.lab2_anchors import anchors as reference

NEW_TENSORS = "Empty input must give empty output of the right shape, dtype and device: shape (0, {}) here."
MIDDLES = "Centres are (column + 0.5) * stride and (row + 0.5) * stride, row by row and in a row cell by cell."
INSIDE = "Inside means all four: x1 >= 0, y1 >= 0, x2 <= width and y2 <= height; size is (height, width)."


ANCHOR_SHAPES = Exercise(
    checks.anchor_shapes,
    reference.anchor_shapes,
    (
        Case(
            "the lecture's nine shapes",
            lambda g: (16, (8, 16, 32), (0.5, 1, 2)),
            "Width is base_size * scale / sqrt(ratio), height is base_size * scale * sqrt(ratio).",
            weight=2,
            core=True,
        ),
        Case(
            "as many scales as ratios, another base size",
            lambda g: (10, (2, 3.5), (0.25, 3)),
            "base_size, scales and ratios are arguments, used as they come. " + hints.SCALE_OUTER,
            core=True,
        ),
        Case("four scales and two ratios", lambda g: (4, (1, 2, 4, 8), (1.5, 0.7)), hints.SCALE_OUTER),
        Case("one scale and five ratios", lambda g: (32, (3,), (0.2, 0.5, 1, 2, 5)), hints.NO_ROOT),
        Case(
            "anchors below a pixel",
            lambda g: (1, (0.25, 0.5), (0.5, 1, 2)),
            "Anchors are not rounded: sides may be fractions of a pixel.",
            weight=0.5,
        ),
        Case(
            "the dtype of the answer",
            lambda g: (16, (8, 16, 32), (0.5, 1, 2)),
            "The shapes are float32: torch.tensor(...) gives that for Python floats by itself, NumPy gives float64.",
            weight=0.5,
            exact_dtype=True,
            any_hint=True,
            asks="dtype",
        ),
        Case("no scales", lambda g: (16, (), (0.5, 1, 2)), NEW_TENSORS.format(2), weight=0.25),
        Case("no ratios", lambda g: (16, (8, 16), ()), NEW_TENSORS.format(2), weight=0.25),
    ),
)


GRID_ANCHORS = Exercise(
    checks.grid_anchors,
    reference.grid_anchors,
    (
        Case(
            "a wide feature map, one shape",
            lambda g: ((3, 7), 16, shapes(g, 1)),
            f"{MIDDLES} An anchor reaches half its width and half its height to each side, also beyond the image.",
            weight=2,
            core=True,
        ),
        Case(
            "a high feature map, three shapes",
            lambda g: ((6, 4), 8, shapes(g, 3)),
            f"{hints.SHAPE_OUTER} stride is an argument, in pixels.",
            weight=2,
            core=True,
        ),
        Case("a square feature map", lambda g: ((4, 4), 16, shapes(g, 2)), MIDDLES),
        Case("a single cell", lambda g: ((1, 1), 32, shapes(g, 4)), MIDDLES, weight=0.5),
        Case(
            "an odd stride",
            lambda g: ((2, 3), 5, shapes(g, 2)),
            "The middle of a cell may be half a pixel: use / 2 or + 0.5, not // 2.",
        ),
        Case(
            "the lecture's 22,500 anchors",
            lambda g: ((50, 50), 16, reference.anchor_shapes(16, (8, 16, 32), (0.5, 1, 2))),
            "800 / 16 = 50: there are 50 · 50 cells, with nine anchors each.",
            rtol=1e-4,  # sums in another order round differently by a 20,000th of a pixel
            atol=1e-3,
        ),
        *standing(SAMPLES["grid_anchors"], lambda g: ((20, 30), 16, shapes(g, 3))),
        empty("no cells", lambda g: ((0, 5), 16, shapes(g, 2)), weight=0.25),
        empty("no shapes", lambda g: ((2, 3), 16, torch.zeros(0, 2)), weight=0.25),
    ),
)


def _on_border(generator: Generator, size: tuple[int, int]) -> Tensor:
    """Boxes that end exactly on one, two or all edges of the image, and as many that end a quarter pixel beyond."""
    height, width = size
    own = boxes(generator, 9, size, least=1)
    for row, columns in enumerate(([0], [1], [2], [3], [0, 1], [2, 3], [0, 3], [0, 1, 2, 3])):
        for column in columns:
            own[row, column] = (0, 0, width, height)[column]
    beyond = own[:4].clone()
    for column, step in enumerate((-0.25, -0.25, 0.25, 0.25)):
        beyond[column, column] += step
    return torch.cat([own, beyond])


INSIDE_IMAGE = Exercise(
    checks.inside_image,
    reference.inside_image,
    (
        Case(
            "a wide image",
            SAMPLES["inside_image"],
            INSIDE,
            weight=2,
            core=True,
        ),
        Case("a high image", lambda g: (around_border(g, (200, 120)), (200, 120)), INSIDE, core=True),
        Case(
            "boxes that end on the border",
            lambda g: (_on_border(g, (90, 180)), (90, 180)),
            "A box that ends exactly on the border is inside, one that ends a quarter of a pixel beyond it is not: "
            "compare with >= 0 and with <=, and round nothing.",
        ),
        Case(
            "boxes wholly outside, and some inside",
            lambda g: (torch.cat([boxes(g, 4) + 600, boxes(g, 4) - 600, boxes(g, 4)]), (300, 500)),
            "A box that does not even touch the image is outside.",
            weight=0.5,
        ),
        *standing(SAMPLES["inside_image"], lambda g: (boxes(g, 2000) * 2, (300, 500))),
        empty("no boxes", lambda g: (torch.zeros(0, 4), (300, 500))),
    ),
)
