"""Hidden cases of lab 5's second half: transposed convolutions and masks.

Masks are never close to 0.5 at a pixel's middle, nor a middle close to a box's border, unless the case is about that.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import torch
from torch import Generator, Tensor

from autograder.grader import module_cases as modules
from autograder.grader.common_cases import each, empty, standing
from autograder.grader.exercise import Case, Exercise, answer
from autograder.grader.module_cases import gradients_of
from autograder.labs.lab5_fpn_mask.hints import CONSTANT
from course import checks
from course.labs.lab5_fpn_mask.checks import mask as hints
from course.labs.lab5_fpn_mask.samples import (
    CLEAR,
    SAMPLES,
    map_to_upsample,
    mask_head,
    mask_to_paste,
    masks_to_cut,
    masks_to_learn,
    row_to_upsample,
    soft_mask,
    values_and_border,
)
from solutions.lab5_fpn_mask import mask as reference

VALUES: dict[str, Any] = {"rtol": 1e-4, "atol": 1e-5}
GRADIENT: dict[str, Any] = {"rtol": 1e-4, "atol": 1e-4}  # of sums of dozens of terms of order 1 in float32
BY_HAND_UP = (
    "Write one copy after the other on paper: x[i] times the whole kernel, beginning at i · stride; then add up what "
    "lies in the same place."
)
BY_HAND_TARGETS = (
    "Look at one ROI: it is cut out of masks[matched], all of it, at scale 1, into size × size cells, by roi_align."
)
BY_HAND_LOSS = (
    "Work out one ROI by hand: its own class's mask, cell by cell the binary cross-entropy of sigmoid(logit) and "
    "target; the mean over all cells of all ROIs."
)
BY_HAND_PASTE = (
    "Go through one pixel by hand: its middle, whether that is in the box, its place in the mask, the bilinear value "
    "there, and is that at least 0.5?"
)


def _in_float32(*cases: Case) -> tuple[Case, ...]:
    """Standing cases with the tolerance that this lab's float32 numbers need; float64 keeps its own."""
    return tuple(case if "float64" in case.title else dataclasses.replace(case, **VALUES) for case in cases)


def gradient(count: int) -> Callable[[Callable, tuple], Any]:
    """A run that gives the gradients of a fixed mixture of the answer by the first ``count`` arguments."""

    def run(function: Callable, args: tuple) -> Any:
        leaves = [value.clone().requires_grad_() for value in args[:count]]
        came = function(*leaves, *args[count:])
        # cosines of 0, 1, 2, …: every number counts differently, so that none can stand in for another
        return gradients_of((came.flatten() * torch.arange(came.numel()).to(came).cos()).sum(), leaves)

    return run


# --- up-sampling ---


def _rows(*sizes: tuple[int, int, int]) -> Callable[[Generator], tuple]:
    return lambda g: tuple(row_to_upsample(*size)(g) for size in sizes)


UPSAMPLE_1D = Exercise(
    checks.upsample_1d,
    reference.upsample_1d,
    (
        Case("kernel 3, stride 2", row_to_upsample(7, 3, 2), BY_HAND_UP, weight=2, core=True, **VALUES),
        Case(
            "larger kernels, strides 1 to 3",
            _rows((5, 4, 1), (6, 5, 2), (4, 7, 3)),
            hints.OVERLAP_ADDS,
            weight=1.5,
            run=each(),
            core=True,
            any_hint=True,
            **VALUES,
        ),
        Case(
            "a stride as large as the kernel, or larger",
            _rows((5, 2, 2), (4, 2, 5), (6, 1, 3)),
            "Copies that don't meet leave zeros between them; behind the last copy nothing follows.",
            run=each(),
            any_hint=True,
            **VALUES,
        ),
        Case(
            "a single number, and a kernel of one",
            _rows((1, 4, 3), (6, 1, 1)),
            hints.TAIL,
            weight=0.5,
            run=each(),
            any_hint=True,
            **VALUES,
        ),
        Case(
            "gradients by the numbers and by the kernel",
            row_to_upsample(6, 3, 2),
            hints.NO_GRADIENT,
            run=gradient(2),
            any_hint=True,
            **GRADIENT,
        ),
        empty("no numbers", row_to_upsample(0, 3, 2)),
        *_in_float32(*standing(SAMPLES["upsample_1d"], row_to_upsample(400, 8, 4))),
    ),
)


def _maps(*ways: tuple) -> Callable[[Generator], tuple]:
    return lambda g: tuple(map_to_upsample(*way)(g) for way in ways)


UPSAMPLE_2D = Exercise(
    checks.upsample_2d,
    reference.upsample_2d,
    (
        Case(
            "kernel 2, stride 2, as in the mask head",
            map_to_upsample(3, 4, (5, 7), 2, 2),
            BY_HAND_UP,
            1.5,
            core=True,
            **VALUES,
        ),
        Case(
            "kernel 3, stride 2: copies overlap",
            map_to_upsample(2, 3, (4, 6), 3, 2),
            hints.OVERLAP_ADDS,
            weight=1.5,
            core=True,
            any_hint=True,
            **VALUES,
        ),
        Case(
            "as many channels out as in",
            map_to_upsample(3, 3, (5, 4), 2, 1),
            hints.IN_AND_OUT,
            any_hint=True,
            **VALUES,
        ),
        Case(
            "other kernels and strides, gaps between copies",
            _maps((1, 1, (3, 5), 5, 2), (2, 1, (2, 4), 2, 3), (1, 2, (6, 1), 1, 2), (2, 2, (1, 1), 4, 3)),
            "The answer is (H - 1) · stride + k high and (W - 1) · stride + k wide; where nobody writes it is 0.",
            run=each(),
            any_hint=True,
            **VALUES,
        ),
        Case(
            "gradients by the map and by the kernels",
            map_to_upsample(2, 3, (3, 4), 3, 2),
            hints.NO_GRADIENT,
            run=gradient(2),
            any_hint=True,
            **GRADIENT,
        ),
        empty("a map without rows", map_to_upsample(2, 3, (0, 4), 2, 2), weight=0.25),
        empty("a map without columns", map_to_upsample(2, 3, (4, 0), 3, 1), weight=0.25),
        *_in_float32(*standing(SAMPLES["upsample_2d"], map_to_upsample(6, 5, (14, 12), 2, 2))),
    ),
)

# --- the head ---


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
            "Each of the four convolutions takes its turn once, with its own weights, also where two have one shape.",
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

# --- targets ---


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
        *_in_float32(*standing(SAMPLES["mask_targets"], masks_to_cut(60, 28, (120, 160), 6))),
    ),
)

# --- the loss ---

TO_1E_6: dict[str, Any] = {"rtol": 2e-6, "atol": 1e-6}  # float32 itself is good for 1e-7 of each term


def _sure(generator: Generator) -> tuple:
    """Logits of 30 to 300, of either sign, right and wrong."""
    logits, labels, targets = masks_to_learn(3, soft=False)(generator)
    return logits.sign() * (30 + 270 * torch.rand(logits.shape, generator=generator)), labels, targets


def _loss_and_gradient(function: Callable, args: tuple) -> Any:
    """The loss, its gradient by the logits, and whether it has one, which it must even without ROIs."""
    logits = args[0].clone().requires_grad_()
    loss = function(logits, *args[1:])
    if not isinstance(loss, Tensor):
        return loss
    return (loss, *gradients_of(loss, (logits,)), torch.tensor(loss.requires_grad))


MASK_LOSS = Exercise(
    checks.mask_loss,
    reference.mask_loss,
    (
        Case("five ROIs, four classes", masks_to_learn(5), BY_HAND_LOSS, weight=2, core=True, **TO_1E_6),
        Case("one class and background", masks_to_learn(6, 2, 5), BY_HAND_LOSS, core=True, **TO_1E_6),
        Case(
            "28 × 28 cells, masks of 0 and 1, and a single cell",
            lambda g: (masks_to_learn(3, 5, 28, soft=False)(g), masks_to_learn(4, 5, 1)(g), masks_to_learn(1, 3, 7)(g)),
            hints.PER_ROI,
            run=each(),
            **TO_1E_6,
        ),
        Case("many classes", masks_to_learn(8, 30, 3), hints.OWN_MASK, run=answer, **TO_1E_6),
        Case("very sure answers", _sure, hints.STABLE, run=_loss_and_gradient, any_hint=True, rtol=1e-5, atol=1e-6),
        Case(
            "the gradient reaches the true class's mask only",
            masks_to_learn(4, 3, 4),
            "The loss is right and its gradient is not: stay with tensor operations, and touch no other class's mask.",
            weight=1.5,
            run=_loss_and_gradient,
            any_hint=True,
            rtol=1e-5,
            atol=1e-6,
        ),
        Case(
            "no ROIs, with gradient",
            masks_to_learn(0),
            hints.NO_ROIS,
            weight=0.5,
            run=_loss_and_gradient,
            any_hint=True,
            misreadings={CONSTANT: (torch.tensor(0.0), torch.zeros(0, 4, 6, 6), torch.tensor(False))},
        ),
        empty("no ROIs, on another device", masks_to_learn(0, 3, 28), weight=0.25),
        *_in_float32(*standing(SAMPLES["mask_loss"], masks_to_learn(32, 6, 28))),
    ),
)

# --- pasting ---


def _several(*ways: Callable[[Generator], tuple]) -> Callable[[Generator], tuple]:
    return lambda g: tuple(way(g) for way in ways)


def _leaving(generator: Generator) -> tuple:
    """Boxes that leave an image of 30 × 44 over the left, the top, the right, the bottom, a corner, and all sides."""
    places = (
        (-9, 5, 17, 25),
        (8, -13, 40, 14),
        (30, 3, 61, 22),
        (5, 20, 30, 47),
        (-12, -8, 20, 15),
        (-20, -15, 70, 50),
    )
    found = []
    for place in places:
        for _ in range(200):
            box = torch.tensor(place) + torch.rand(4, generator=generator)
            mask = soft_mask(generator, (28, 28))
            values, border = values_and_border(mask, box, (30, 44))
            if ((values - 0.5).abs() > CLEAR).all() and (border > 1e-3).all():
                found.append((mask, box, (30, 44)))
                break
    return tuple(found)


def _off(generator: Generator) -> tuple:
    """Full masks in boxes wholly off the image, on each side, one of them touching it."""
    places = ((-30, 2, -4, 9), (3, -20, 11, -1), (20, 3, 41, 9), (2, 14, 9, 40), (-8, 3, 0, 9), (18, 12, 30, 20))
    return tuple((torch.rand(5, 4, generator=generator) + 0.6, torch.tensor(p).float(), (12, 18)) for p in places)


def _at_half(generator: Generator) -> tuple:
    """A mask of quarters, four pixels a cell, in a box that leaves the image on all sides: exactly 0.5 is common.

    Places are multiples of a quarter cell, which no way to compute rounds, and no middle is on the box's border.
    """
    mask = torch.randint(0, 5, (4, 8), generator=generator) / 4
    mask[1:3, 3:5] = 0.5
    corner = -1.5 - torch.randint(0, 3, (2,), generator=generator)
    return mask, torch.cat([corner, corner + torch.tensor([32.0, 16.0])]), (11, 26)


def _edges(generator: Generator) -> tuple:
    """Full masks in boxes with corners anywhere: what counts is which pixels have their middles inside."""
    found: list[tuple] = []
    while len(found) < 6:
        corner = torch.rand(2, generator=generator) * 6
        side = 0.4 + torch.rand(2, generator=generator) * 6
        box = torch.cat([corner, corner + side])
        box += 0.02 * ((box - 0.5) % 1 < 0.01) - 0.02 * ((box - 0.5) % 1 > 0.99)  # not at a middle
        found.append((torch.ones(3, 2), box, (9, 14)))
    return tuple(found)


def _flat(generator: Generator) -> tuple:
    """A full mask in a box without width, without height, without both, none of them at the middle of a pixel."""
    x, y = torch.randint(1, 6, (2,), generator=generator) + 0.25 * torch.rand(2, generator=generator)
    return tuple(
        (torch.ones(4, 4), torch.stack(box), (9, 8)) for box in ((x, y, x, y + 2), (x, y, x + 2, y), (x, y, x, y))
    )


PASTE_MASK = Exercise(
    checks.paste_mask,
    reference.paste_mask,
    (
        Case("28 × 28 into a wide image", mask_to_paste((40, 70)), BY_HAND_PASTE, weight=2, core=True),
        Case(
            "high and wide boxes in a high image",
            _several(mask_to_paste((60, 34)), mask_to_paste((60, 34), sides=(0.3, 0.5)), mask_to_paste((25, 61))),
            hints.SIZE_SWAPPED,
            run=each(),
            core=True,
            any_hint=True,
        ),
        Case(
            "boxes that leave the image on each side",
            _leaving,
            hints.SQUEEZED,
            weight=2,
            run=each(),
            any_hint=True,
        ),
        Case(
            "boxes wholly off the image",
            _off,
            "No pixel of the image is in such a box: the answer is all False, without an error.",
            run=each(),
            any_hint=True,
        ),
        Case("boxes with corners anywhere", _edges, hints.ROUNDED, run=each(), any_hint=True),
        Case("exactly 0.5", _at_half, hints.AT_LEAST, any_hint=True),
        Case(
            "masks smaller and larger than their boxes, not square",
            _several(
                mask_to_paste((30, 50), (5, 9)),
                mask_to_paste((20, 16), (40, 24), sides=(0.5, 0.8)),
                mask_to_paste((25, 33), (1, 7)),
            ),
            "The mask has its own height and width: count places with them, not with 28.",
            run=each(),
            any_hint=True,
        ),
        Case(
            "a box without width, without height, without both",
            _flat,
            "A box without area holds no pixel: the answer is all False.",
            weight=0.5,
            run=each(),
            any_hint=True,
        ),
        empty("an image without pixels", lambda g: (*mask_to_paste((30, 40))(g)[:2], (0, 5)), weight=0.25),
        *standing(SAMPLES["paste_mask"], mask_to_paste((120, 160))),
    ),
)
