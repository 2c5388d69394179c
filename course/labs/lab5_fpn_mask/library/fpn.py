"""The first half of lab 5: the feature pyramid."""

from collections import OrderedDict

import torch
from torch import Tensor, nn
from torchvision.ops import FeaturePyramidNetwork
from torchvision.ops.feature_pyramid_network import LastLevelMaxPool
from torchvision.ops.poolers import LevelMapper


class FPN(FeaturePyramidNetwork):
    """A feature pyramid of maps that have ``out_channels`` each; torchvision's, on lists in place of dictionaries.

    ``FPN(in_channels, out_channels)``; maps ``(B, in_channels[k], H_k, W_k)``, fine to coarse, give as many of the same
    sizes and one more.
    """

    def __init__(self, in_channels: list[int], out_channels: int) -> None:
        super().__init__(in_channels, out_channels, LastLevelMaxPool())
        # torchvision wraps each convolution once more; without, the names are those that the lecture prints
        for blocks in ("inner_blocks", "layer_blocks"):
            setattr(self, blocks, nn.ModuleList(next(block.children()) for block in getattr(self, blocks)))

    _load_from_state_dict = nn.Module._load_from_state_dict  # torchvision's renames what it takes for old weights

    def forward(self, features: list[Tensor]) -> list[Tensor]:
        """The pyramid, fine to coarse."""
        named = OrderedDict((str(level), feature) for level, feature in enumerate(features))
        return list(super().forward(named).values())


def roi_level(boxes: Tensor, k_min: int = 2, k_max: int = 5) -> Tensor:
    """Levels ``(N,)``, int64, from which ROIs ``(N, 4)`` are read; by torchvision's ``LevelMapper``."""
    with torch.device(boxes.device):  # where it makes its small number
        return LevelMapper(k_min, k_max)([boxes]) + k_min
