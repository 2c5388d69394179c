"""Hidden cases of the keypoint head's loss and its gradient."""

import torch

from autograder.grader.common_cases import each, empty, standing
from autograder.grader.exercise import Case, Exercise, answer
from autograder.labs.lab6_keypoints import inputs
from autograder.labs.lab6_keypoints.cases.comparing import VALUES, close
from autograder.labs.lab6_keypoints.hints import NONSENSE, SIZES
from course import checks
from course.labs.lab6_keypoints.samples import losses
from solutions.lab6_keypoints import keypoints as reference

BY_HAND_LOSS = (
    "Work out two keypoints by hand: the probability of the true cell among all S · S of its map, minus log, mean."
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
            "Every keypoint that counts weighs the same, whichever person has it: take one mean over all of them.",
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
        *close(*standing(lambda g: losses(g, 3, 7), lambda g: losses(g, 16, 56, 17))),
    ),
)
