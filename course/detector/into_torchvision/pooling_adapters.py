"""ROI pooling over the pyramid as in torchvision's detectors, by ``roi_level`` and ``roi_align``."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torchvision.ops import poolers


def unaligned(roi_align: Callable[..., Any]) -> Callable[..., Any]:
    """Torchvision's ``roi_align`` with ``aligned=False``, as its detectors use it, by an aligned one.

    The unaligned one takes the pixel coordinate p for p · scale on the map, half a cell too far, and makes an ROI that
    is less than a cell wide or high as large as a cell. So ROIs are moved by that half cell here, and widened.
    """

    def pooled(
        features: Tensor, rois: Tensor, output_size: tuple[int, int], spatial_scale: float, sampling_ratio: int
    ) -> Any:
        cell = 1 / spatial_scale
        first = rois[:, 1:3] + cell / 2
        sides = (rois[:, 3:] - rois[:, 1:3]).clamp(min=cell)
        moved = torch.cat((rois[:, :1], first, first + sides), dim=1)
        return roi_align(features, moved, output_size, spatial_scale, sampling_ratio)

    return pooled


class LevelMapper(poolers.LevelMapper):
    """Torchvision's choice of a level for each ROI, by ``roi_level``."""

    def __init__(self, before: poolers.LevelMapper, roi_level: Callable[..., Any]) -> None:
        super().__init__(before.k_min, before.k_max, before.s0, before.lvl0, before.eps)
        self.roi_level = roi_level

    def __call__(self, boxlists: list[Tensor]) -> Tensor:
        """The place of each ROI's level in the list of maps: level ``k_min`` comes first."""
        return self.roi_level(torch.cat(boxlists), self.k_min, self.k_max) - self.k_min


def setup_scales(roi_level: Callable[..., Any]) -> Callable[..., tuple[Any, LevelMapper]]:
    """Torchvision's choice of each map's scale, and :class:`LevelMapper` in place of its own."""

    def setup(*settings: Any) -> tuple[Any, LevelMapper]:
        scales, mapper = poolers._setup_scales(*settings)
        return scales, LevelMapper(mapper, roi_level)

    return setup
