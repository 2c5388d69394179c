"""Hidden cases of lab 5's first half: the feature pyramid, and which of its levels an ROI is read from."""

import dataclasses
from collections.abc import Callable
from typing import Any

import torch
from torch import Generator, Tensor

from autograder import modules
from autograder.answers import misconceptions
from autograder.exercise import Case, Exercise
from autograder.standing import boxes, empty, standing
from course import checks
from course.checks import lab5_fpn as hints
from course.checks.lab5_fpn import maps, pyramid
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


def _features(
    generator: Generator, channels: list[int], sizes: tuple[tuple[int, int], ...], batch: int
) -> list[Tensor]:
    return [torch.randn(batch, c, *size, generator=generator) for c, size in zip(channels, sizes, strict=True)]


def _pyramid(
    channels: list[int], sizes: tuple[tuple[int, int], ...], width: int = 4, batch: int = 1
) -> Callable[[Generator], tuple]:
    """A pyramid's arguments, weights, and random maps of these sizes, fine to coarse."""
    return lambda g: modules.module_inputs(reference.FPN, (channels, width), g, _features(g, channels, sizes, batch))


def _largest(generator: Generator) -> tuple:
    """Weights and inputs that lift every number far above 0, but for the laterals of the coarsest map, far below."""
    arguments, weights, features = _pyramid([2, 3, 2], HALVED)(generator)
    weights["inner_blocks.2.bias"] -= 9
    weights["layer_blocks.2.bias"] -= 9
    return arguments, weights, features


def _both_times(module: Callable, args: tuple) -> Any:
    """The pyramids of two calls in a row: the second has the same list."""
    arguments, weights, features = args
    made = modules.with_weights(module, arguments, weights)
    return maps(made(features)), maps(made(features))


FPN = Exercise(
    "FPN",
    7,
    checks.FPN,
    reference.FPN,
    (
        Case(
            "three maps of different widths",
            _pyramid([3, 2, 4], ((16, 12), (8, 6), (4, 3))),
            BY_HAND,
            weight=2,
            run=pyramid,
            core=True,
            **VALUES,
        ),
        Case(
            "odd heights and widths, two images",
            _pyramid([2, 4, 3], HALVED, batch=2),
            hints.FACTOR_TWO,
            weight=2,
            run=pyramid,
            core=True,
            any_hint=True,
            **VALUES,
        ),
        Case(
            "four maps, as in ResNet-50",
            _pyramid([2, 3, 4, 5], ((26, 17), (13, 9), (7, 5), (4, 3)), width=3),
            "However many maps come in, each gets the knowledge of all coarser ones: loop from the second coarsest to "
            "the finest.",
            run=pyramid,
            any_hint=True,
            **VALUES,
        ),
        Case(
            "a single map",
            _pyramid([3], ((5, 7),)),
            "One map alone has nothing above it: 1 × 1, 3 × 3, and every second cell of that.",
            weight=0.5,
            run=pyramid,
            any_hint=True,
            **VALUES,
        ),
        Case(
            "maps half as large again as the next",
            _pyramid([2, 3, 2], ((9, 10), (6, 7), (4, 4))),
            "Enlarge to the size of the finer map, whatever it is: F.interpolate(…, size=…, mode='nearest').",
            weight=0.5,
            run=pyramid,
            any_hint=True,
            **VALUES,
        ),
        Case("negative laterals", _largest, hints.RELU, weight=0.5, run=pyramid, **VALUES),
        Case(
            "gradients reach every map and every weight",
            _pyramid([3, 2, 3], HALVED, width=3),
            "The outputs are right and the gradients are not: .detach(), .data or no_grad cut the way back.",
            weight=1.5,
            run=modules.gradients,
            any_hint=True,
            rtol=1e-3,
            atol=1e-4,
        ),
        Case(
            "the same list twice",
            _pyramid([2, 3, 2], HALVED),
            "A second call with the same list gives something else: leave the caller's list as it is.",
            weight=0.5,
            run=_both_times,
            any_hint=True,
            **VALUES,
        ),
        dataclasses.replace(
            empty("no images", _pyramid([2, 3], ((6, 5), (3, 3)), batch=0), weight=0.25),
            run=modules.outputs_elsewhere,
        ),
        *modules.standing(
            _pyramid([2, 3, 2], HALVED),
            _pyramid([16, 32, 64, 128], ((64, 48), (32, 24), (16, 12), (8, 6)), width=16),
        ),
    ),
    misconceptions("lab5_fpn_mask", "FPN"),
)


def _sides(generator: Generator, count: int, low: float = 8.0, high: float = 900.0) -> Tensor:
    """Boxes anywhere whose √area is spread evenly over the levels and no closer than 1 % to where one ends."""
    octave = torch.rand(count, generator=generator) * 0.96 + 0.02
    first, last = int(torch.tensor(low / 224).log2().floor()), int(torch.tensor(high / 224).log2().floor())
    side = 224 * 2.0 ** (torch.randint(first, last + 1, (count,), generator=generator) + octave)
    stretch = 2.0 ** (2 * torch.rand(count, generator=generator) - 1)
    corner = torch.rand(count, 2, generator=generator) * 500 - 100
    return torch.cat([corner, corner + torch.stack([side * stretch, side / stretch], dim=1)], dim=1)


def _exact(generator: Generator) -> Tensor:
    """Boxes whose √area is exactly 56, 112, 224 or 448, some of them four times as wide as high."""
    side = 56 * 2.0 ** torch.arange(4).repeat(3)
    stretch = torch.tensor([1.0, 2.0, 0.5]).repeat_interleave(4)
    corner = torch.randint(-20, 99, (12, 2), generator=generator).float()
    return torch.cat([corner, corner + torch.stack([side * stretch, side / stretch], dim=1)], dim=1)


def _flat(generator: Generator) -> Tensor:
    """Boxes without width, without height, and without both."""
    found = boxes(generator, 6)
    found[::2, 2] = found[::2, 0]
    found[::3, 3] = found[::3, 1]
    return found


ROI_LEVEL = Exercise(
    "roi_level",
    3,
    checks.roi_level,
    reference.roi_level,
    (
        Case("ROIs of all sizes", lambda g: (_sides(g, 60),), BY_FORMULA, weight=2, core=True),
        Case(
            "very small and very large ones",
            lambda g: (torch.cat([_sides(g, 9, 0.5, 20), _sides(g, 9, 900, 9000)]),),
            hints.NOT_LIMITED,
        ),
        Case("wide and high ones", lambda g: (_exact(g) + torch.tensor([0.0, 0, 1, 1]),), hints.LONGER_SIDE),
        Case(
            "an area of exactly 56², 112², 224² and 448²",
            lambda g: (_exact(g),),
            "A side of exactly 224 is level 4 already: round down, with the 10⁻⁶ against rounding errors.",
        ),
        Case(
            "other levels",
            lambda g: (_sides(g, 30), 3, 6),
            hints.FIXED_LIMITS,
            any_hint=True,
        ),
        Case("levels from 0", lambda g: (_sides(g, 30, 4), 0, 4), hints.FIXED_LIMITS, weight=0.5, any_hint=True),
        Case(
            "boxes without area", lambda g: (_flat(g),), "log2(0) is minus infinity: limit, then convert.", weight=0.5
        ),
        empty("no boxes", lambda g: (torch.zeros(0, 4), 2, 5)),
        *standing(lambda g: (_sides(g, 20),), lambda g: (_sides(g, 2000),)),
    ),
    misconceptions("lab5_fpn_mask", "roi_level"),
)

EXERCISES = (FPN, ROI_LEVEL)
