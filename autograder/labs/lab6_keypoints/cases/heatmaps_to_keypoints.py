"""Hidden cases of the way from maps back to joints."""

import torch
from torch import Tensor

from autograder.grader.common_cases import each, empty, standing
from autograder.grader.exercise import Case, Exercise, answer
from autograder.labs.lab6_keypoints import inputs
from autograder.labs.lab6_keypoints.cases.comparing import VALUES, close
from autograder.labs.lab6_keypoints.hints import SIZES
from course import checks
from course.labs.lab6_keypoints import checks as hints
from course.labs.lab6_keypoints.samples import SAMPLES, decoding
from solutions.lab6_keypoints import keypoints as reference

BY_HAND_PLACE = (
    "Go through one map by hand: resize it to the ROI's height and width in pixels, find the hottest one, add ½, times "
    "w / ⌈w⌉, plus x1; the same with y."
)
SCORE = (
    "The score is the value of the hottest pixel of the resized map as it is: no probability, no mean, and not the "
    "value of the map as it came."
)


def _lowered(maps: Tensor, rois: Tensor) -> tuple[Tensor, Tensor]:
    """The maps with all their numbers below 0."""
    return maps - 20, rois


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
            "narrow ROIs whose sides are not whole numbers",
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
            "If several are equal, the first in reading order counts: row by row, from the left.",
            weight=0.25,
            **VALUES,
        ),
        empty("no ROIs", lambda g: (torch.zeros(0, 17, 56, 56), torch.zeros(0, 4))),
        # a whole number plus ½ is float32 in PyTorch, and a place that is computed from it may stay so
        *close(
            *standing(SAMPLES["heatmaps_to_keypoints"], lambda g: decoding(g, 8, (56, 56), 17, 60, 100)), double=True
        ),
    ),
)
