"""Hidden cases of lab 1: boxes and their overlap.

Where a case is about one property (boxes that touch, zero area), ordinary boxes stand beside it, so that a constant
never passes.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Generator, Tensor

from autograder.grader.common_cases import answer_and_arguments, empty, standing, twice
from autograder.grader.exercise import Case, Exercise
from course import checks
from course.checking.random_inputs import boxes
from course.labs.lab1_boxes.checks import NO_CLAMP, STRICT
from course.labs.lab1_boxes.samples import BETWEEN, SAMPLES, off_image
from solutions.lab1_boxes import boxes as reference

FOUR = "Rows are boxes, columns are coordinates: index columns with boxes[:, k], even when there are just four boxes."
ONE = "One box is a list of one: squeeze() and indexing drop the dimension that you need."
SAME_NUMBER = (
    "As many boxes on both sides still give every pair: an (N, N) table, rows for boxes1 and columns for boxes2, as "
    "everywhere."
)
WITHOUT_AREA = (
    "A box without area overlaps nothing: its IoU is 0 with every box, even with itself or an equal one, where 0 / 0 "
    "would be NaN."
)
TINY = "Nothing here depends on scale: boxes smaller than a pixel count like all others."
LARGE = (4000, 6000)
BORDERS = "x belongs between 0 and the width, size[1], and y between 0 and the height, size[0]; no box is dropped."
OFF_IMAGE = "Coordinates may be negative: predicted boxes reach beyond the image."


def _none() -> Tensor:
    return torch.zeros(0, 4)


def _flat(generator: Generator) -> Tensor:
    """Six boxes: ordinary ones in between those without width, without height and without both."""
    flat = boxes(generator, 6)
    flat[1, 2], flat[3, 3], flat[5, 2:] = flat[1, 0], flat[3, 1], flat[5, :2]
    return flat


def _flat_on_both_sides(generator: Generator) -> tuple[Tensor, Tensor]:
    """Boxes some of which are flat, against others of the kind and against the flat ones themselves."""
    own = _flat(generator)
    return own, torch.cat([_flat(generator), own[1::2]])


def _crowd(generator: Generator, count: int) -> Tensor:
    """Boxes that all contain (150, 80), so that every two overlap; wider than high."""
    spread = torch.rand(count, 4, generator=generator).mul(240).round().div(4)
    return torch.tensor([145.0, 78.0, 155.0, 82.0]) + spread * torch.tensor([-2.0, -1.0, 2.0, 1.0])


def _tiny(generator: Generator, count: int) -> Tensor:
    """Boxes with sides of half a pixel up to one, around the same place."""
    corner = torch.rand(count, 2, generator=generator) * 0.4
    return torch.cat([corner, corner + 0.5 + torch.rand(count, 2, generator=generator) / 2], dim=1)


def _touching(generator: Generator) -> tuple[Tensor, Tensor]:
    """Three boxes against: themselves, and each moved by its own width, height and both, so that they only touch.

    All of them lie within the image: what an answer does with negative coordinates is another case's question.
    """
    own = boxes(generator, 3) + 300
    (width, height), zero = (own[:, 2:] - own[:, :2]).unbind(1), torch.zeros(3)
    moves = [torch.stack(move * 2, dim=1) for move in ((width, zero), (zero, -height), (-width, height))]
    return own, torch.cat([own, *[own + move for move in moves]])


def _nested(generator: Generator) -> tuple[Tensor, Tensor]:
    """Boxes, and for each the box at half its size inside it."""
    outer = boxes(generator, 5, least=16)
    quarter = (outer[:, 2:] - outer[:, :2]) / 4
    return outer, torch.cat([outer[:, :2] + quarter, outer[:, 2:] - quarter], dim=1)


def _sides(generator: Generator, side: float) -> Tensor:
    """Nine boxes: both sides ``side``, or a quarter pixel less, or a quarter pixel more, in all combinations."""
    steps = torch.tensor([-0.25, 0.0, 0.25])
    corner = boxes(generator, 9)[:, :2]
    return torch.cat([corner, corner + side + torch.cartesian_prod(steps, steps)], dim=1)


def _near_copies(generator: Generator) -> tuple[Tensor, Tensor]:
    """Boxes, and each a sixteenth of a pixel further on, which float16 cannot tell apart."""
    own = _crowd(generator, 4)
    return own, own + 0.0625


def _answer_in_a_new_tensor(function: Callable, args: tuple) -> Any:
    """The answer, the arguments after the call, and whether the answer shares its memory with one of them."""
    given, *after = answer_and_arguments(function, args)
    memory = {leaf.untyped_storage().data_ptr() for leaf in after}
    return (given, *after, torch.tensor(given.untyped_storage().data_ptr() in memory))


YXYX_TO_XYXY = Exercise(
    checks.yxyx_to_xyxy,
    reference.yxyx_to_xyxy,
    (
        Case(
            "a handful of boxes",
            lambda g: (boxes(g, 7),),
            "Within each corner, (y, x) becomes (x, y); the corners keep their order.",
            weight=2,
            rtol=0,
            core=True,
        ),
        Case("exactly four boxes", lambda g: (boxes(g, 4),), FOUR, rtol=0),
        Case("a single box beyond the image", lambda g: (off_image(g, 1),), OFF_IMAGE, weight=0.5, rtol=0),
        twice(lambda g: (boxes(g, 5),)),
        *standing(SAMPLES["yxyx_to_xyxy"], lambda g: (boxes(g, 2000, LARGE),)),
        empty("no boxes", lambda g: (_none(),)),
    ),
)

BOX_AREA = Exercise(
    checks.box_area,
    reference.box_area,
    (
        Case(
            "a handful of boxes",
            lambda g: (boxes(g, 7),),
            "The area is (x2 - x1) * (y2 - y1), one number for each box.",
            weight=2,
            core=True,
        ),
        Case("exactly four boxes", lambda g: (boxes(g, 4),), FOUR),
        Case("boxes beyond the image", lambda g: (off_image(g, 9),), OFF_IMAGE, weight=0.5),
        Case("boxes without width or height", lambda g: (_flat(g),), "A box without width or height has area 0."),
        Case("a single box", lambda g: (boxes(g, 1),), ONE, weight=0.5, any_hint=True),
        Case("boxes smaller than a pixel", lambda g: (_tiny(g, 4),), TINY, weight=0.5),
        twice(lambda g: (boxes(g, 5),)),
        *standing(SAMPLES["box_area"], lambda g: (boxes(g, 2000, LARGE),)),
        empty("no boxes", lambda g: (_none(),)),
    ),
)

BOX_IOU = Exercise(
    checks.box_iou,
    reference.box_iou,
    (
        Case(
            "boxes that all overlap",
            lambda g: (_crowd(g, 7), _crowd(g, 5)),
            "Intersection over union: both in square pixels, with x2 - x1 as the width of a box.",
            weight=2,
            core=True,
        ),
        Case("boxes anywhere, near and far", lambda g: (boxes(g, 12), boxes(g, 9)), NO_CLAMP, weight=2),
        Case("as many boxes on both sides", lambda g: (_crowd(g, 4), _crowd(g, 4)), SAME_NUMBER, core=True),
        Case("one box against one", lambda g: (_crowd(g, 1), _crowd(g, 1)), ONE, weight=0.5, any_hint=True),
        Case("many boxes against one", lambda g: (_crowd(g, 5), _crowd(g, 1)), ONE, weight=0.5, any_hint=True),
        Case(
            "boxes that almost coincide",
            _near_copies,
            "Almost equal boxes stay a little below 1, and a sixteenth of a pixel counts: round nothing, and compute "
            "in the dtype that comes in (float16 has three digits).",
            weight=1.25,
        ),
        Case(
            "boxes that only touch",
            _touching,
            "Boxes that only touch share a line, which has no area: IoU exactly 0. The IoU of a box with itself is "
            "exactly 1.",
        ),
        Case(
            "a box inside another",
            _nested,
            "For a box inside another the intersection is the inner box: its area over the outer one's.",
        ),
        Case("boxes without area", _flat_on_both_sides, WITHOUT_AREA),
        Case(
            "boxes smaller than a pixel",
            lambda g: (_tiny(g, 4), _tiny(g, 3)),
            TINY,
            weight=0.5,
            rtol=1e-4,  # a small number added against 0 / 0, up to 1e-5, is fine; the union is at least a quarter
        ),
        Case("boxes beyond the image", lambda g: (off_image(g, 6), off_image(g, 8)), OFF_IMAGE),
        twice(lambda g: (_crowd(g, 5), _crowd(g, 3))),
        *standing(
            SAMPLES["box_iou"],
            lambda g: (boxes(g, 400, LARGE), boxes(g, 25, LARGE)),
        ),
        empty("no boxes on the left", lambda g: (_none(), boxes(g, 3)), weight=0.25),
        empty("no boxes on the right", lambda g: (boxes(g, 3), _none()), weight=0.25),
    ),
)

CLIP_BOXES_TO_IMAGE = Exercise(
    checks.clip_boxes_to_image,
    reference.clip_boxes_to_image,
    (
        Case("a wide image", lambda g: (off_image(g, 12), (90, 180)), BORDERS, weight=1.5, core=True),
        Case("a high image", lambda g: (off_image(g, 12), (130, 70)), BORDERS, weight=1.5, core=True),
        Case(
            "boxes wholly outside",
            lambda g: (torch.cat([boxes(g, 3) + 600, boxes(g, 3) - 600, boxes(g, 3)]), (400, 550)),
            "A box wholly outside is pressed flat against the border; it is not dropped.",
        ),
        Case(
            "boxes wholly inside, up to the border",
            lambda g: (torch.cat([boxes(g, 4), torch.tensor([[0.0, 0.0, 500.0, 300.0]])]), (300, 500)),
            "A box inside the image stays as it is, even at the border, in a new tensor: x ends at the width itself.",
            run=_answer_in_a_new_tensor,
        ),
        Case("a single box", lambda g: (off_image(g, 1), (90, 180)), ONE, weight=0.5, any_hint=True),
        twice(lambda g: (off_image(g, 5), (90, 180))),
        *standing(
            SAMPLES["clip_boxes_to_image"],
            lambda g: (boxes(g, 2000, LARGE) - 500, (3000, 5000)),
        ),
        empty("no boxes", lambda g: (_none(), (300, 500))),
    ),
)

REMOVE_SMALL_BOXES = Exercise(
    checks.remove_small_boxes,
    reference.remove_small_boxes,
    (
        Case(
            "boxes of all sizes",
            lambda g: (boxes(g, 40), BETWEEN),
            "A box stays when its width and its height are both at least min_size.",
            weight=2,
            core=True,
        ),
        Case(
            "sides of exactly min_size",
            lambda g: (_sides(g, 16.0), 16),
            "A side of exactly min_size is large enough, and one that is a quarter of a pixel shorter is not: compare "
            "sides as they are, with >=.",
            misreadings={STRICT: torch.tensor([8])},
        ),
        Case(
            "a min_size between whole pixels",
            lambda g: (_sides(g, 16.5), 16.5),
            "min_size and sides may be fractions of a pixel: compare both as they are, without int() or rounding.",
            weight=0.5,
            misreadings={STRICT: torch.tensor([8])},
        ),
        Case("boxes beyond the image", lambda g: (off_image(g, 20), 50.125), OFF_IMAGE, weight=0.5),
        Case(
            "one large box among small ones",
            lambda g: (torch.cat([_sides(g, 8.0), boxes(g, 1, least=30), _sides(g, 8.0)]), 29),
            "A single box that stays gives a list of one, too, of shape (1,): squeeze() drops this dimension.",
            any_hint=True,
        ),
        Case(
            "boxes that are equal",
            lambda g: (boxes(g, 4, least=70).repeat(3, 1), BETWEEN),
            "Two equal boxes are two boxes: their numbers are their positions, not where an equal one is found first.",
            weight=0.5,
        ),
        Case("boxes smaller than a pixel", lambda g: (_tiny(g, 12), 0.75), TINY, weight=0.5),
        Case(
            "min_size 0 keeps all",
            lambda g: (_flat(g), 0),
            "With min_size 0 every box stays, even one without width or height: a side of 0 is at least 0.",
            weight=0.5,
        ),
        twice(lambda g: (boxes(g, 15), BETWEEN)),
        *standing(SAMPLES["remove_small_boxes"], lambda g: (boxes(g, 2000, LARGE), 700.125)),
        empty("none is large enough", lambda g: (boxes(g, 5), 1000), weight=0.25),
        empty("no boxes", lambda g: (_none(), 16), weight=0.25),
    ),
)
