"""Hidden cases of transposed convolutions, along one axis and two."""

from collections.abc import Callable

from torch import Generator

from autograder.grader.common_cases import each, empty, standing
from autograder.grader.exercise import Case, Exercise
from autograder.labs.lab5_fpn_mask.cases.comparing import GRADIENT, VALUES, gradient, in_float32
from course import checks
from course.labs.lab5_fpn_mask.checks import mask as hints
from course.labs.lab5_fpn_mask.samples import SAMPLES, map_to_upsample, row_to_upsample
from solutions.lab5_fpn_mask import mask as reference

BY_HAND_UP = (
    "Write one copy after the other on paper: x[i] times the whole kernel, beginning at i · stride; then add up what "
    "lies in the same place."
)


def _rows(*sizes: tuple[int, int, int]) -> Callable[[Generator], tuple]:
    return lambda g: tuple(row_to_upsample(*size)(g) for size in sizes)


UPSAMPLE_1D = Exercise(
    checks.upsample_1d,
    reference.upsample_1d,
    (
        Case("kernel 3, stride 2", row_to_upsample(7, 3, 2), BY_HAND_UP, weight=2, core=True, **VALUES),
        Case(
            "larger kernels, strides 1 to 3",
            _rows((5, 4, 1), (6, 5, 2), (4, 7, 3)),
            hints.OVERLAP_ADDS,
            weight=1.5,
            run=each(),
            core=True,
            any_hint=True,
            **VALUES,
        ),
        Case(
            "a stride as large as the kernel, or larger",
            _rows((5, 2, 2), (4, 2, 5), (6, 1, 3)),
            "Copies that don't meet leave zeros between them; nothing follows after the last copy.",
            run=each(),
            any_hint=True,
            **VALUES,
        ),
        Case(
            "a single number, and a kernel of one",
            _rows((1, 4, 3), (6, 1, 1)),
            hints.TAIL,
            weight=0.5,
            run=each(),
            any_hint=True,
            **VALUES,
        ),
        Case(
            "gradients by the numbers and by the kernel",
            row_to_upsample(6, 3, 2),
            hints.NO_GRADIENT,
            run=gradient(2),
            any_hint=True,
            **GRADIENT,
        ),
        empty("no numbers", row_to_upsample(0, 3, 2)),
        *in_float32(*standing(SAMPLES["upsample_1d"], row_to_upsample(400, 8, 4))),
    ),
)


def _maps(*ways: tuple) -> Callable[[Generator], tuple]:
    return lambda g: tuple(map_to_upsample(*way)(g) for way in ways)


UPSAMPLE_2D = Exercise(
    checks.upsample_2d,
    reference.upsample_2d,
    (
        Case(
            "kernel 2, stride 2, as in the mask head",
            map_to_upsample(3, 4, (5, 7), 2, 2),
            BY_HAND_UP,
            1.5,
            core=True,
            **VALUES,
        ),
        Case(
            "kernel 3, stride 2: copies overlap",
            map_to_upsample(2, 3, (4, 6), 3, 2),
            hints.OVERLAP_ADDS,
            weight=1.5,
            core=True,
            any_hint=True,
            **VALUES,
        ),
        Case(
            "as many channels out as in",
            map_to_upsample(3, 3, (5, 4), 2, 1),
            hints.IN_AND_OUT,
            any_hint=True,
            **VALUES,
        ),
        Case(
            "other kernels and strides, gaps between copies",
            _maps((1, 1, (3, 5), 5, 2), (2, 1, (2, 4), 2, 3), (1, 2, (6, 1), 1, 2), (2, 2, (1, 1), 4, 3)),
            "The answer is (H - 1) · stride + k high and (W - 1) · stride + k wide; where no copy lands it is 0.",
            run=each(),
            any_hint=True,
            **VALUES,
        ),
        Case(
            "gradients by the map and by the kernels",
            map_to_upsample(2, 3, (3, 4), 3, 2),
            hints.NO_GRADIENT,
            run=gradient(2),
            any_hint=True,
            **GRADIENT,
        ),
        empty("a map without rows", map_to_upsample(2, 3, (0, 4), 2, 2), weight=0.25),
        empty("a map without columns", map_to_upsample(2, 3, (4, 0), 3, 1), weight=0.25),
        *in_float32(*standing(SAMPLES["upsample_2d"], map_to_upsample(6, 5, (14, 12), 2, 2))),
    ),
)
