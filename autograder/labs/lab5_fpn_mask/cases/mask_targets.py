"""Hidden cases of the masks that the head learns.

Masks are never close to 0.5 at a pixel's middle, nor a middle close to a box's border, unless the case is about that.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Generator

from autograder.grader.common_cases import each, empty, standing
from autograder.grader.exercise import Case, Exercise
from autograder.labs.lab5_fpn_mask.cases.comparing import VALUES, in_float32
from course import checks
from course.labs.lab5_fpn_mask.checks import mask as hints
from course.labs.lab5_fpn_mask.samples import SAMPLES, masks_to_cut
from solutions.lab5_fpn_mask import mask as reference

BY_HAND_TARGETS = (
    "Look at one ROI: it is cut out of masks[matched], all of it, at scale 1, into size × size cells, by roi_align."
)


def _float_masks(generator: Generator) -> tuple:
    """The same masks as truth values, as float32, float64 and int64."""
    masks, *rest = masks_to_cut(5, 9)(generator)
    return tuple((masks.to(kind), *rest) for kind in (torch.bool, torch.float32, torch.float64, torch.int64))


def _corners(generator: Generator) -> tuple:
    """A checkered mask and ROIs at quarter pixels, where half a pixel more or less changes every cell."""
    checkers = (torch.arange(30)[:, None] // 3 + torch.arange(20) // 3) % 2
    corner = torch.randint(0, 40, (4, 2), generator=generator) / 4
    return checkers[None].to(torch.uint8), torch.cat([corner, corner + 8.25], dim=1), torch.zeros(4).long(), 6


def _beside(generator: Generator) -> tuple:
    """ROIs off the image on each side."""
    masks, rois, matched, size = masks_to_cut(4, 5)(generator)
    away = torch.tensor([[90.0, 0], [-90, 0], [0, 70], [0, -70]]).repeat(1, 2)
    return torch.ones_like(masks), rois + away, matched, size


def _masks_and_rois(function: Callable, args: tuple) -> Any:
    """The targets of float masks, whose numbers may be any."""
    masks, *rest = args
    return function(masks.float() * 0.7 + 0.1, *rest)


MASK_TARGETS = Exercise(
    checks.mask_targets,
    reference.mask_targets,
    (
        Case(
            "28 × 28 by default, several masks",
            lambda g: masks_to_cut(7)(g)[:3],
            BY_HAND_TARGETS,
            weight=2,
            core=True,
            **VALUES,
        ),
        Case(
            "another size, a high image",
            masks_to_cut(5, 9, (70, 30)),
            hints.SIZE_FIXED,
            core=True,
            any_hint=True,
            **VALUES,
        ),
        Case(
            "many ROIs for few masks, and more masks than ROIs",
            lambda g: (masks_to_cut(9, 7, masks=2)(g), masks_to_cut(2, 7, masks=6)(g)),
            hints.WHICH_MASK,
            weight=1.5,
            run=each(),
            any_hint=True,
            **VALUES,
        ),
        Case("a fine pattern", _corners, hints.HALF_PIXEL, any_hint=True, **VALUES),
        Case(
            "ROIs that leave the image, and some off it",
            lambda g: (masks_to_cut(8, 10, beyond=25)(g), _beside(g)),
            "Outside of the image there is no object: roi_align gives 0 there; no ROI is clipped or left out.",
            run=each(),
            any_hint=True,
            **VALUES,
        ),
        Case(
            "ROIs smaller than a pixel, and larger than the image",
            lambda g: (masks_to_cut(6, 4, sides=(0.005, 0.02))(g), masks_to_cut(4, 14, sides=(1.1, 1.6), beyond=30)(g)),
            "Nothing is enlarged or rounded: an ROI may be smaller than a pixel, or larger than the image.",
            weight=0.5,
            run=each(),
            any_hint=True,
            **VALUES,
        ),
        Case(
            "masks of other types",
            _float_masks,
            "Masks may be uint8, bool or float: convert them to the dtype of the ROIs.",
            weight=0.5,
            run=each(),
            any_hint=True,
            **VALUES,
        ),
        Case("soft masks", masks_to_cut(4, 6), hints.SOFT, weight=0.5, run=_masks_and_rois, **VALUES),
        empty("no ROIs", masks_to_cut(0, 7), weight=0.25),
        empty(
            "no ROIs and no masks",
            lambda g: (torch.zeros(0, 9, 5, dtype=torch.uint8), torch.zeros(0, 4), torch.zeros(0).long(), 28),
            weight=0.25,
        ),
        *in_float32(*standing(SAMPLES["mask_targets"], masks_to_cut(60, 28, (120, 160), 6))),
    ),
)
