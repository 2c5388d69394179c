"""What a detector finds in a picture, down to a score that a slider sets."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from course.drawing.detections_overlay import draw_detections
from course.drawing.figure import Drawing
from course.exploring.controls import slider
from course.exploring.explorer import explore


def detections(image: Tensor, model: Callable, categories: Sequence[str], threshold: float = 0.6) -> None:
    """Show a detector's boxes, masks and skeletons in a picture, with a slider for the score.

    The detector looks once; moving the slider only draws.

    Args:
        image: the picture ``(3, H, W)`` in [0, 1].
        model: a detector in evaluation mode, called as torchvision's are.
        categories: the names of its labels.
        threshold: the score at which the slider begins.
    """
    answers: list[dict[str, Tensor]] = []

    def draw(score: float) -> Drawing:
        if not answers:
            with torch.no_grad():
                answers.extend(model([image]))
        return draw_detections(image, answers[0], categories, score)

    explore(draw, lambda: {"score": slider("score at least", threshold, 0.05, 0.95, 0.05)})
