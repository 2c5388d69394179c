"""Hidden cases of the second stage's two losses, and of their gradients."""

from torch import Generator

from autograder.grader.common_cases import each, empty, ordinary, standing
from autograder.grader.exercise import Case, Exercise
from autograder.labs.lab4_roi_heads import inputs
from autograder.labs.lab4_roi_heads.cases.tolerances import GRADIENT, VALUES, in_float32
from course import checks
from course.labs.lab4_roi_heads import checks as hints
from course.labs.lab4_roi_heads.samples import SAMPLES, losses
from solutions.lab4_roi_heads import roi_heads as reference

BY_HAND_LOSS = (
    "Work out two ROIs by hand, one of them background: the mean cross-entropy of both; the smooth L1 (β = 1/9) of the "
    "object's own four numbers, divided by 2."
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
            "A loss of 0 has a gradient too, which is 0. A sum over no rows has one; a new tensor or a plain 0 has "
            "none, and backward() stops there.",
            weight=0.5,
            run=each(inputs.losses_and_gradients),
            any_hint=True,
            asks="gradients",
            plain=ordinary(lambda g: (losses(g, 9, 3, 1.0), losses(g, 0)), each()),
            **GRADIENT,
        ),
        empty("no ROIs", lambda g: losses(g, 0)),
        *in_float32(*standing(SAMPLES["detection_loss"], lambda g: losses(g, 512, 21))),
    ),
)
