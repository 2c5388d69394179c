"""Lab 4's pictures, and how each is made."""

from collections.abc import Callable

import torch
from torch import Tensor

from course import draw, lecture, library

HELMETS = torch.tensor(lecture.HELMETS)
CLASSES = torch.tensor([1, 1])
SMALL = ((48, 27, 84, 88), (7, 9), (4, 3), 1 / 16)
PHOTO = torch.rand(3, 320, 480, generator=torch.Generator().manual_seed(0))
ROIS = torch.tensor([[140.0, 150, 240, 265], [150, 160, 230, 255], [300, 130, 350, 210]])
LOGITS = torch.tensor([[0.0, 3, -3], [0, 2, -3], [0, -3, 2]])
NAMES = ("background", "helmet", "worker")


def proposals() -> Tensor:
    points = torch.rand(300, 2, 2, generator=torch.Generator().manual_seed(1)) * 800
    return torch.cat([points.amin(1), points.amax(1)], dim=1)


# Every picture of a student's function, as a function of that function.
STUDENTS: dict[str, tuple[str, Callable]] = {
    "sampled_rois": ("sample_rois", lambda fn: draw.sampled_rois(proposals(), HELMETS, CLASSES, fn)),
    "pooled_cells": ("roi_pool", lambda fn: draw.pooled_cells(*SMALL, fn)),
    "bilinear_weights": ("bilinear_sample", lambda fn: draw.bilinear_weights(0.75, 2.4, fn)),
    "pool_and_align": ("roi_align", lambda fn: draw.pool_and_align(*SMALL, library.roi_pool, fn)),
    "roi_mistakes": ("roi_align", lambda fn: draw.roi_mistakes(PHOTO, lecture.HELMETS[1], fn)),
    "detections": ("postprocess_detections", lambda fn: draw.detections(LOGITS, torch.zeros(3, 12), ROIS, NAMES, fn)),
}
PLAIN: dict[str, Callable] = {}
