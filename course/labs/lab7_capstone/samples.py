"""Typical inputs of lab 7's functions.

The number of objects shares no factor with 100: then a recall, found ÷ num_gt, is never one of the 101 but for 0 and 1,
and no answer depends on how 0.35 is rounded.
"""

from collections.abc import Callable

import torch
from torch import Generator, Tensor


def predictions(generator: Generator, count: int, num_gt: int, hits: int) -> tuple[Tensor, Tensor, int]:
    """Predictions of which ``hits`` are right, better ones more often; in no order, no two scores equal, none 0.

    Unless all are right, the best one is wrong and the next two are right, so that precision rises at least once.
    """
    scores = (1 + torch.randperm(4 * count, generator=generator)[:count]) / (4 * count + 1)
    noisy = scores + 0.5 * torch.rand(count, generator=generator)
    noisy[scores.argsort(descending=True)[:3]] = torch.tensor([-1.0, 2.0, 2.0])[:count]
    matched = torch.zeros_like(scores, dtype=torch.bool)
    matched[noisy.argsort(descending=True)[:hits]] = True
    return scores, matched, num_gt


SIZE = (120, 200)  # not square, so that height and width cannot be confused


def seen(
    generator: Generator,
    marks: int = 4,
    classes: int = 3,
    near: int = 6,
    far: int = 20,
    ids: tuple[int, ...] | None = None,
) -> tuple:
    """A marked photo and what a detector says of it.

    Args:
        generator: of all that is random.
        marks: how many boxes.
        classes: how many categories; with ``ids`` of their own, else 1, 2, ….
        near: how many anchors, and how many ROIs, there are to each mark, from a close fit to a loose one.
        far: how many others, of which some of the anchors leave the photo.
        ids: the categories' numbers.
    """
    height, width = SIZE
    extent = torch.tensor([width, height], dtype=torch.float32)
    sides = 20 + torch.rand(marks, 2, generator=generator) * (extent / 2 - 20)
    corner = torch.rand(marks, 2, generator=generator) * (extent - sides)
    truth = torch.cat((corner, corner + sides), dim=1)
    numbers = ids or tuple(range(1, classes + 1))
    coco = {
        "images": [{"id": 5, "file_name": "photo.jpg", "height": height, "width": width}],
        "annotations": [
            {"id": place + 1, "image_id": 5, "category_id": numbers[(place + 1) % classes], "bbox": bbox}
            for place, bbox in enumerate(torch.cat((corner, sides), dim=1).tolist())
        ],
        "categories": [{"id": number, "name": f"thing {place}"} for place, number in enumerate(numbers)],
    }
    anchors, rois = (around(generator, truth, near, far) for _ in range(2))
    rois[:, 0::2], rois[:, 1::2] = rois[:, 0::2].clamp(0, width), rois[:, 1::2].clamp(0, height)
    return (
        coco,
        anchors,
        torch.randn(len(anchors), 2, generator=generator) * 2,
        torch.randn(len(anchors), 4, generator=generator),
        rois,
        torch.randn(len(rois), classes + 1, generator=generator) * 2,
        torch.randn(len(rois), 4 * (classes + 1), generator=generator),
    )


def around(generator: Generator, truth: Tensor, near: int, far: int) -> Tensor:
    """Boxes near to each true one, ever less so, and others anywhere, some of which leave the photo; in no order."""
    height, width = SIZE
    sides = (truth[:, 2:] - truth[:, :2]).repeat(near, 2)
    share = torch.linspace(0.02, 0.35, near).repeat_interleave(len(truth))[:, None]
    close = truth.repeat(near, 1) + share * sides * (2 * torch.rand(len(sides), 4, generator=generator) - 1)
    extent = 10 + 50 * torch.rand(far, 2, generator=generator)
    middle = torch.rand(far, 2, generator=generator) * torch.tensor([width, height])
    others = torch.cat((middle - extent / 2, middle + extent / 2), dim=1)
    return torch.cat((close, others))[torch.randperm(len(close) + far, generator=generator)]


SAMPLES: dict[str, Callable[[Generator], tuple]] = {
    "average_precision": lambda g: predictions(g, 30, 17, 12),
    "photo_losses": seen,
}
