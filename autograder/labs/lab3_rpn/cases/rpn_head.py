"""Hidden cases of lab 3's network: the head that looks at every place of a feature map."""

from collections.abc import Callable

from torch import Generator

from autograder.grader.exercise import Case, Exercise
from autograder.grader.module_cases import NAMES_AND_SHAPES, gradients, initial, outputs
from autograder.grader.module_cases import standing as module_standing
from course.labs.lab3_rpn import checks
from course.labs.lab3_rpn.checks import NO_RELU, START
from course.labs.lab3_rpn.samples import SAMPLES, rpn_head
from solutions.lab3_rpn import rpn as reference


def _all_positive(arguments: tuple[int, int, int], *size: int) -> Callable[[Generator], tuple]:
    """As :func:`rpn_head`, with biases in the first layer that lift all of its values above 0."""

    def make(generator: Generator) -> tuple:
        made = rpn_head(arguments, *size)(generator)
        made[1]["conv.bias"] += 9
        return made

    return make


RPN_HEAD = Exercise(
    checks.RPNHead,
    reference.RPNHead,
    (
        Case(
            "a map that is wider than high, where the ReLU has nothing to do",
            _all_positive((5, 7, 3), 1, 5, 4, 6),
            "Convolution, ReLU, both 1 × 1 layers; then channels last, and rows of 2 or 4 in the order y, x, anchor: "
            "compare step by step.",
            weight=2,
            run=outputs,
            rtol=1e-4,
            atol=1e-4,
            core=True,
        ),
        Case(
            "a map that is wider than high",
            rpn_head((5, 7, 3), 1, 5, 4, 6),
            NO_RELU,
            weight=1.5,
            run=outputs,
            rtol=1e-4,
            atol=1e-5,
        ),
        Case(
            "a batch of maps that are higher than wide",
            rpn_head((6, 4, 9), 3, 6, 7, 2),
            "Keep the batch: (B, H·W·A, 2) and (B, H·W·A, 4), each map with its own answers.",
            run=outputs,
            rtol=1e-4,
            atol=1e-5,
        ),
        Case(
            "one anchor, one place",
            rpn_head((3, 5, 1), 1, 3, 1, 1),
            NAMES_AND_SHAPES,
            weight=0.5,
            run=outputs,
            rtol=1e-4,
            atol=1e-5,
        ),
        Case(
            "gradients reach the features and every weight",
            SAMPLES["RPNHead"],
            "Gradients must reach every layer and the features: no .detach(), .data or NumPy on the way.",
            run=gradients,
            rtol=1e-3,
            atol=1e-4,
        ),
        Case(
            "weights and biases to begin with",
            rpn_head((64, 256, 9), 1, 64, 1, 1),
            START,
            weight=1.5,
            run=initial(0.01),
            core=True,
        ),
        *module_standing(SAMPLES["RPNHead"], rpn_head((64, 64, 9), 1, 64, 50, 50)),
    ),
)
