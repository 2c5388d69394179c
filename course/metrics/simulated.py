"""Predictions for want of a trained detector, with every kind of mistake in them."""

from collections.abc import Sequence

import torch
from torch import Generator, Tensor

from course.metrics.coco_format import Picture

FOUND = 0.85  # this share of the objects is found,
DOUBLED = 0.15  # as much again is found twice,
CONFUSED = 0.12  # and of these boxes so many get another class,
OFF = 0.15  # and so many lie badly
NOTHING = 1.5  # boxes a picture, on average, where nothing is


def made_up_predictions(targets: Sequence[Picture], size: tuple[int, int], seed: int = 0) -> list[dict[str, Tensor]]:
    """What a middling detector might say: mostly right, and every kind of mistake.

    Args:
        targets: ``boxes`` (N, 4) and ``labels`` (N,) of each picture.
        size: (height, width) of the pictures, in pixels.
        seed: the same one gives the same predictions on every machine.

    Returns:
        for each picture ``boxes`` (D, 4), ``labels`` (D,) and ``scores`` (D,), best first.
    """
    generator = Generator().manual_seed(seed)
    classes = torch.cat([target["labels"] for target in targets]).unique().cpu() if len(targets) else torch.zeros(0)
    return [_picture(target["boxes"].cpu(), target["labels"].cpu(), classes, size, generator) for target in targets]


def _picture(
    boxes: Tensor, labels: Tensor, classes: Tensor, size: tuple[int, int], generator: Generator
) -> dict[str, Tensor]:
    def chance(count: int) -> Tensor:
        return torch.rand(count, generator=generator)

    found = (chance(len(boxes)) < FOUND).nonzero()[:, 0]
    again = found[chance(len(found)) < DOUBLED]
    rows = torch.cat((found, again))

    sides = (boxes[rows, 2:] - boxes[rows, :2]).repeat(1, 2)  # [D, 4]
    badly = (chance(len(rows)) < OFF)[:, None]
    moved = boxes[rows] + sides * torch.randn(len(rows), 4, generator=generator) * torch.where(badly, 0.22, 0.05)
    confused = chance(len(rows)) < CONFUSED
    other = classes[torch.randint(len(classes), (len(rows),), generator=generator)] if len(rows) else labels[:0]
    sure = 0.45 + 0.55 * chance(len(rows)) - 0.2 * (confused | badly[:, 0])
    sure[len(found) :] *= 0.8

    many = int(torch.poisson(torch.tensor(NOTHING), generator=generator)) if len(classes) else 0
    tall, wide = size
    corner = torch.rand(many, 2, generator=generator) * torch.tensor([0.8 * wide, 0.8 * tall])
    nothing = torch.cat(
        (corner, corner + 0.1 * min(size) + 0.15 * min(size) * torch.rand(many, 2, generator=generator)), 1
    )
    kinds = classes[torch.randint(max(len(classes), 1), (many,), generator=generator)]

    scores = torch.cat((sure, 0.75 * chance(many) ** 2))
    ranks = scores.argsort(descending=True, stable=True)
    return {
        "boxes": torch.cat((moved, nothing))[ranks],
        "labels": torch.cat((torch.where(confused, other, labels[rows]), kinds)).long()[ranks],
        "scores": scores[ranks],
    }
