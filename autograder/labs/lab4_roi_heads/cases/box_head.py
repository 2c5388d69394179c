"""Hidden cases of the network behind the pooling."""

import dataclasses
from collections.abc import Callable
from typing import Any

from autograder.grader import module_cases as modules
from autograder.grader.common_cases import empty
from autograder.grader.exercise import Case, Exercise
from autograder.labs.lab4_roi_heads.cases.tolerances import VALUES
from course import checks
from course.labs.lab4_roi_heads import checks as hints
from course.labs.lab4_roi_heads.samples import SAMPLES, box_head
from solutions.lab4_roi_heads import roi_heads as reference


def _beginning(module: Callable, args: tuple) -> Any:
    """Whether the last two layers begin as they should; how the hidden ones do is left to each."""
    return modules.initial(0.01)(module, args)[4:]


BOX_HEAD = Exercise(
    checks.BoxHead,
    reference.BoxHead,
    (
        Case(
            "one class and background, as in the lecture",
            box_head((24, 9, 2), 6, 6, 2, 2),
            "Flatten, fc6, ReLU, fc7, ReLU; then cls_score and bbox_pred side by side, both on the same numbers.",
            weight=2,
            run=modules.steady_outputs,
            core=True,
            **VALUES,
        ),
        Case(
            "five classes, flat features",
            box_head((10, 7, 5), 4, 10),
            hints.TWO_CLASSES,
            weight=1.5,
            run=modules.outputs,
            any_hint=True,
            **VALUES,
        ),
        Case(
            "as many features in as hidden ones",
            box_head((8, 8, 3), 4, 2, 2, 2),
            "fc6 and fc7 are two layers, each with weights of its own, even if they have the same shape.",
            run=modules.outputs,
            **VALUES,
        ),
        Case(
            "gradients reach the features and every weight",
            SAMPLES["BoxHead"],
            "The outputs are right and the gradients are not: .detach(), .data or no_grad cut the way back.",
            run=modules.gradients,
            rtol=1e-3,
            atol=1e-4,
        ),
        Case("weights and biases to begin with", box_head((4, 250, 20), 1, 4), hints.START, run=_beginning),
        dataclasses.replace(
            empty("no ROIs", box_head((12, 7, 2), 0, 3, 2, 2)),
            run=modules.outputs_elsewhere,
        ),
        *modules.standing(SAMPLES["BoxHead"], box_head((490, 64, 2), 128, 10, 7, 7)),
    ),
)
