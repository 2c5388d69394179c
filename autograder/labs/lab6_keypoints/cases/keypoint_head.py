"""Hidden cases of lab 6's network."""

import dataclasses

from autograder.grader import module_cases as modules
from autograder.grader.common_cases import empty
from autograder.grader.exercise import Case, Exercise
from autograder.labs.lab6_keypoints import inputs
from autograder.labs.lab6_keypoints.cases.comparing import VALUES
from course import checks
from course.labs.lab6_keypoints import checks as hints
from course.labs.lab6_keypoints.samples import SAMPLES, keypoint_head
from solutions.lab6_keypoints import keypoints as reference

LAYERS = (
    "Eight times convolution and ReLU, then the transposed convolution (4 × 4, stride 2, padding 1) without ReLU, then "
    "bilinear × 2, align_corners=False."
)


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
            "Each of the eight convolutions takes its turn once, with its own weights, even if all have one shape.",
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
