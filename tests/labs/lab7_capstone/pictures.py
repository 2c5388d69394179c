"""Lab 7's pictures, and how each is made."""

from collections.abc import Callable

import torch

from course import draw, metrics, scenes

SIZE = (96, 128)
IMAGES, TARGETS = zip(*scenes.Scenes(8, SIZE, seed=1), strict=True)
PREDICTIONS = metrics.made_up_predictions(TARGETS, SIZE, seed=5)
PEOPLE = metrics.matched(PREDICTIONS, TARGETS)[1]

STUDENTS: dict[str, tuple[str, Callable]] = {
    "precision_recall": ("average_precision", lambda fn: draw.precision_recall(*PEOPLE, fn)),
    "precision_by_iou": ("average_precision", lambda fn: draw.precision_by_iou(PREDICTIONS, TARGETS, fn)),
}
PLAIN: dict[str, Callable] = {
    "precision_recall_rule": lambda: draw.precision_recall_rule(),
    "errors_by_kind": lambda: draw.errors_by_kind(IMAGES, PREDICTIONS, TARGETS, scenes.CLASSES),
    "losses_on_photo": lambda: draw.losses_on_photo(
        IMAGES[0], TARGETS[0], scenes.CLASSES[1:], (0.5, 0.25, 1, 0.125), torch.tensor([0.1, 0.2, 0.3, 0.4])
    ),
}
