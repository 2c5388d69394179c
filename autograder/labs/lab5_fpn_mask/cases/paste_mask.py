"""Hidden cases of pasting a mask into an image.

Masks are never close to 0.5 at a pixel's middle, nor a middle close to a box's border, unless the case is about that.
"""

from collections.abc import Callable

import torch
from torch import Generator

from autograder.grader.common_cases import each, empty, standing
from autograder.grader.exercise import Case, Exercise
from course import checks
from course.labs.lab5_fpn_mask.checks import mask as hints
from course.labs.lab5_fpn_mask.samples import CLEAR, SAMPLES, mask_to_paste, soft_mask, values_and_border
from solutions.lab5_fpn_mask import mask as reference

BY_HAND_PASTE = (
    "Go through one pixel by hand: its middle, whether that is in the box, its place in the mask, the bilinear value "
    "there, and is that at least 0.5?"
)


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
