"""Pictures for a detector, and what it finds in them."""

from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from tqdm.auto import tqdm

from course import metrics

Example = tuple[Tensor, dict[str, Any]]


def ready(data: Any, *, progress: bool = True) -> list[Example]:
    """All pictures and targets of a dataset, made once and kept: a detector looks at each many times."""
    return [data[index] for index in tqdm(range(len(data)), desc="pictures", disable=not progress, leave=False)]


def to_device(examples: Iterable[Example], device: torch.device) -> tuple[list[Tensor], list[dict[str, Any]]]:
    """Images and targets, as a detector takes them, on its device."""
    images, targets = [], []
    for image, target in examples:
        images.append(image.to(device))
        targets.append({key: value.to(device) if isinstance(value, Tensor) else value for key, value in target.items()})
    return images, targets


@torch.no_grad()
def predict(detector: nn.Module, images: Sequence[Tensor], batch_size: int = 8) -> list[dict[str, Tensor]]:
    """What a detector finds in each image, on the CPU; afterwards it is in the mode that it was in."""
    before = detector.training
    device = next(detector.parameters()).device
    detector.eval()
    try:
        found = []
        for start in range(0, len(images), batch_size):
            answers = detector([image.to(device) for image in images[start : start + batch_size]])
            found += [{key: value.cpu() for key, value in answer.items()} for answer in answers]
        return found
    finally:
        detector.train(before)


def evaluate(
    detector: nn.Module, examples: Sequence[Example], kinds: Sequence[str] = ("boxes",)
) -> dict[str, dict[str, float]]:
    """COCO's AP of a detector on pictures with known truth; see :func:`course.metrics.coco_ap`."""
    found = predict(detector, [image for image, _ in examples])
    return metrics.coco_ap(found, [target for _, target in examples], kinds)
