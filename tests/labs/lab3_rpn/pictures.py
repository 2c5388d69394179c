"""Lab 3's pictures, and how each is made."""

from collections.abc import Callable

import torch
from torch import Tensor

from course import draw, lecture, library

PHOTO = torch.rand(3, 800, 800, generator=torch.Generator().manual_seed(0))
HELMETS = torch.tensor(lecture.HELMETS)
SIZE = (800, 800)
CHAIN = torch.tensor([[8.0, 0, 18, 10], [0, 0, 10, 10], [4, 0, 14, 10], [30, 0, 40, 10]])
SCORES = torch.tensor([0.7, 0.9, 0.8, 0.1])


def network() -> tuple[Tensor, Tensor, Tensor]:
    """Answers for 10 × 10 places with 3 anchors: the surest sit on the helmets, some boxes leave the image."""
    shapes = library.anchor_shapes(16, (4, 8, 16), (1,))
    anchors = library.grid_anchors((10, 10), 80, shapes)
    g = torch.Generator().manual_seed(1)
    objectness = torch.randn(len(anchors), 2, generator=g)
    objectness[:, 1] += 4 * library.box_iou(anchors, HELMETS).amax(dim=1)
    return objectness, 0.1 * torch.randn(len(anchors), 4, generator=g), anchors


def slide_order(scores: Tensor) -> Tensor:
    return scores.argsort(descending=True)[:12000].argsort().flip(0)


# Every picture of a student's function, as a function of that function.
STUDENTS: dict[str, tuple[str, Callable]] = {
    "tagged_channels": ("RPNHead", lambda fn: draw.tagged_channels(fn)),
    "linear_or_not": ("RPNHead", lambda fn: draw.linear_or_not(fn)),
    "nms_steps": ("nms", lambda fn: draw.nms_steps(CHAIN, SCORES, 0.4, fn)),
    "nms_race": ("nms", lambda fn: draw.nms_race(fn, library.nms, count=50)),
    "sorted_twice": ("nms", lambda fn: draw.sorted_twice(PHOTO, *network(), SIZE, slide_order, fn)),
    "proposals": ("make_proposals", lambda fn: draw.proposals(PHOTO, *network(), SIZE, fn)),
    "leaving": ("make_proposals", lambda fn: draw.leaving(PHOTO, *network(), SIZE, fn)),
}
PLAIN: dict[str, Callable] = {
    "rpn_head": lambda: draw.rpn_head(),
    "smooth_l1": lambda: draw.smooth_l1(),
    "losses": lambda: draw.losses([(1.7, 0.7, 0.1), (0.9, 0.4, 0.05)]),
    "objectness": lambda: draw.objectness(PHOTO, {0: torch.zeros(300, 2), 5: network()[0]}, (10, 10)),
    "nms_rule": lambda: draw.nms_rule(),
    "sieve": lambda: draw.sieve(),
    "logit_or_probability": lambda: draw.logit_or_probability(torch.tensor([[7.0, 5], [-3, 1], [0, 2], [0, -9]]), 2),
}
# Pictures of a function with two answers, of which Python itself says that there were more or fewer.
UNPACKED = ("proposals", "leaving")
