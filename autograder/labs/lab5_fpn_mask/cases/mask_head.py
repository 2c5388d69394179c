"""Hidden cases of lab 5's mask head."""

import dataclasses

from autograder.grader import module_cases as modules
from autograder.grader.common_cases import empty
from autograder.grader.exercise import Case, Exercise
from autograder.labs.lab5_fpn_mask.cases.comparing import VALUES
from course import checks
from course.labs.lab5_fpn_mask.samples import SAMPLES, mask_head
from solutions.lab5_fpn_mask import mask as reference

MASK_HEAD = Exercise(
    checks.MaskHead,
    reference.MaskHead,
    (
        Case(
            "14 × 14 cells become 28 × 28",
            mask_head((3, 6, 3), 2, 3, 14, 14),
            "Four times 3 × 3 and ReLU, the transposed convolution and ReLU, then the logits, as they are.",
            weight=2,
            run=modules.steady_outputs,
            core=True,
            **VALUES,
        ),
        Case(
            "one channel, many classes, another size",
            mask_head((1, 6, 9), 3, 1, 5, 7),
            "Nothing is hard-coded: channels, hidden, classes, height and width all come from outside.",
            weight=1.5,
            run=modules.steady_outputs,
            core=True,
            any_hint=True,
            **VALUES,
        ),
        Case(
            "as many channels in as inside",
            mask_head((6, 6, 2), 4, 6, 3, 4),
            "Each of the four convolutions takes its turn once, with its own weights, even if two have the same shape.",
            run=modules.outputs,
            **VALUES,
        ),
        Case(
            "gradients reach the features and every weight",
            mask_head((2, 7, 2), 2, 2, 4, 3),
            "The outputs are right and the gradients are not: .detach(), .data or no_grad cut the way back.",
            weight=1.5,
            run=modules.gradients,
            any_hint=True,
            rtol=1e-3,
            atol=1e-4,
        ),
        dataclasses.replace(empty("no ROIs", mask_head((2, 3, 4), 0, 2, 7, 5)), run=modules.outputs_elsewhere),
        *modules.standing(SAMPLES["MaskHead"], mask_head((8, 12, 5), 24, 8, 14, 14)),
    ),
)
