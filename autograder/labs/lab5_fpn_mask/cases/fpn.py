"""Hidden cases of lab 5's first half: the feature pyramid, and which of its levels an ROI is read from."""

import dataclasses
from collections.abc import Callable
from typing import Any

import torch
from torch import Generator, Tensor

from autograder.grader import module_cases as modules
from autograder.grader.common_cases import each, empty, standing
from autograder.grader.exercise import Case, Exercise
from autograder.labs.lab5_fpn_mask.hints import MILLIONTH, ODD
from course import checks
from course.checking.random_inputs import boxes
from course.labs.lab5_fpn_mask.checks import fpn as hints
from course.labs.lab5_fpn_mask.checks.fpn import maps, pyramid
from course.labs.lab5_fpn_mask.samples import SAMPLES, boxes_of_all_sizes, pyramid_inputs, stretched
from solutions.lab5_fpn_mask import fpn as reference

VALUES: dict[str, Any] = {"rtol": 1e-4, "atol": 1e-5}
BY_HAND = (
    "Go through two levels by hand: 1 × 1 convolution of both; enlarge the coarser one to the finer one's size, each "
    "cell copied, and add; 3 × 3 convolution of both sums; last, every second cell of the coarsest output."
)
BY_FORMULA = (
    "Work one box out by hand: the square root of its area, divided by 224, log2, plus 4, rounded down, limited."
)

HALVED = ((13, 9), (7, 5), (4, 3))  # each half of the one before, rounded up, as a backbone's stages are


def _largest(generator: Generator) -> tuple:
    """Weights and inputs that lift every number far above 0, but for the laterals of the coarsest map, far below."""
    arguments, weights, features = pyramid_inputs([2, 3, 2], HALVED)(generator)
    weights["inner_blocks.2.bias"] -= 9
    weights["layer_blocks.2.bias"] -= 9
    return arguments, weights, features


def _steady(module: Callable, args: tuple) -> Any:
    """The pyramid, the same at a second call."""
    return maps(modules.steady_outputs(module, args))


def _both_times(module: Callable, args: tuple) -> Any:
    """The pyramids of two calls in a row: the second has the same list."""
    arguments, weights, features = args
    made = modules.with_weights(module, arguments, weights)
    return maps(made(features)), maps(made(features))


FPN = Exercise(
    checks.FPN,
    reference.FPN,
    (
        Case(
            "three maps of different widths",
            pyramid_inputs([3, 2, 4], ((16, 12), (8, 6), (4, 3))),
            BY_HAND,
            weight=2,
            run=_steady,
            core=True,
            **VALUES,
        ),
        Case(
            "odd heights and widths, two images",
            pyramid_inputs([2, 4, 3], HALVED, batch=2),
            ODD,
            weight=2,
            run=_steady,
            core=True,
            any_hint=True,
            **VALUES,
        ),
        Case(
            "four maps, as in ResNet-50",
            pyramid_inputs([2, 3, 4, 5], ((26, 17), (13, 9), (7, 5), (4, 3)), width=3),
            "However many maps come in, each gets the knowledge of all coarser ones: loop from the second coarsest to "
            "the finest.",
            run=pyramid,
            any_hint=True,
            **VALUES,
        ),
        Case(
            "a single map",
            pyramid_inputs([3], ((5, 7),)),
            "One map alone has nothing above it: 1 × 1, 3 × 3, and every second cell of that.",
            weight=0.5,
            run=pyramid,
            any_hint=True,
            **VALUES,
        ),
        Case(
            "maps half as large again as the next",
            pyramid_inputs([2, 3, 2], ((9, 10), (6, 7), (4, 4))),
            "Enlarge to the size of the finer map, whatever it is: F.interpolate(…, size=…, mode='nearest').",
            weight=0.5,
            run=pyramid,
            any_hint=True,
            **VALUES,
        ),
        Case("negative laterals", _largest, hints.RELU, weight=0.5, run=pyramid, **VALUES),
        Case(
            "gradients reach every map and every weight",
            pyramid_inputs([3, 2, 3], HALVED, width=3),
            "The outputs are right and the gradients are not: .detach(), .data or no_grad cut the way back.",
            weight=1.5,
            run=modules.gradients,
            any_hint=True,
            rtol=1e-3,
            atol=1e-4,
        ),
        Case(
            "the same list twice",
            pyramid_inputs([2, 3, 2], HALVED),
            "A second call with the same list gives something else: leave the caller's list as it is.",
            weight=0.5,
            run=_both_times,
            any_hint=True,
            asks="calls",
            **VALUES,
        ),
        dataclasses.replace(
            empty("no images", pyramid_inputs([2, 3], ((6, 5), (3, 3)), batch=0), weight=0.25),
            run=modules.outputs_elsewhere,
        ),
        *modules.standing(
            pyramid_inputs([2, 3, 2], HALVED),
            pyramid_inputs([16, 32, 64, 128], ((64, 48), (32, 24), (16, 12), (8, 6)), width=16),
        ),
    ),
)


def _exact(generator: Generator) -> Tensor:
    """Boxes whose √area is exactly 56, 112, 224 or 448, some of them four times as wide as high."""
    side = 56 * 2.0 ** torch.arange(4).repeat(3)
    stretch = torch.tensor([1.0, 2.0, 0.5]).repeat_interleave(4)
    corner = torch.randint(-20, 99, (12, 2), generator=generator).float()
    return stretched(corner, side, stretch)


def _hair(generator: Generator) -> tuple[tuple[Tensor], ...]:
    """Boxes 2·10⁻⁷ under a level, in √area, which 10⁻⁶ lifts; 5·10⁻⁶ to 10⁻³ and nearly a pixel under it, which stay.

    At (0, 0), so that float32 has their sides; no way to compute in it is off by more than 10⁻⁷ · 5 in the logarithm.
    """
    side = 56 * 2.0 ** torch.arange(1, 4).repeat(3)
    stretch = torch.tensor([1.0, 2.0, 0.5])[torch.randint(3, (9,), generator=generator)]
    under = torch.tensor([1e-3, 1e-4, 5e-6]).repeat_interleave(3)
    found = [side * (1 - 2e-7), side * (1 - under), 0 * side + 112 - 0.9]
    return tuple((stretched(torch.zeros(9, 2), each_side, stretch),) for each_side in found)


def _flat(generator: Generator) -> Tensor:
    """Boxes without width, without height, and without both."""
    found = boxes(generator, 6)
    found[::2, 2] = found[::2, 0]
    found[::3, 3] = found[::3, 1]
    return found


ROI_LEVEL = Exercise(
    checks.roi_level,
    reference.roi_level,
    (
        Case("ROIs of all sizes", lambda g: (boxes_of_all_sizes(g, 60),), BY_FORMULA, weight=2, core=True),
        Case(
            "very small and very large ones",
            lambda g: (torch.cat([boxes_of_all_sizes(g, 9, 0.5, 20), boxes_of_all_sizes(g, 9, 900, 9000)]),),
            hints.NOT_LIMITED,
        ),
        Case("wide and high ones", lambda g: (_exact(g) + torch.tensor([0.0, 0, 1, 1]),), hints.LONGER_SIDE),
        Case(
            "an area of exactly 56², 112², 224² and 448²",
            lambda g: (_exact(g),),
            "A side of exactly 224 is level 4 already: round down, with the 10⁻⁶ against rounding errors.",
        ),
        Case("a hair under them", _hair, MILLIONTH, run=each()),
        Case(
            "other levels",
            lambda g: (boxes_of_all_sizes(g, 30), 3, 6),
            hints.FIXED_LIMITS,
            any_hint=True,
        ),
        Case(
            "levels from 0",
            lambda g: (boxes_of_all_sizes(g, 30, 4), 0, 4),
            hints.FIXED_LIMITS,
            weight=0.5,
            any_hint=True,
        ),
        Case(
            "boxes without a side",
            lambda g: (_flat(g),),
            "log2(0) is minus infinity: limit, then convert.",
            weight=0.5,
        ),
        empty("no boxes", lambda g: (torch.zeros(0, 4), 2, 5)),
        *standing(SAMPLES["roi_level"], lambda g: (boxes_of_all_sizes(g, 2000),)),
    ),
)
