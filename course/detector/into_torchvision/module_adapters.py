"""Our networks as torchvision's detectors call them."""

from collections import OrderedDict
from typing import Any

from torch import Tensor, nn


class Pyramid(nn.Module):
    """An ``FPN``, which takes and gives a list, where torchvision passes dictionaries from name to map."""

    def __init__(self, part: nn.Module) -> None:
        super().__init__()
        self.part = part

    def forward(self, maps: dict[str, Tensor]) -> dict[str, Tensor]:
        """One map for each of ``maps``, under its name, and "pool"."""
        return OrderedDict(zip([*maps, "pool"], self.part(list(maps.values())), strict=True))


class Head(nn.Module):
    """A network that torchvision calls as we do."""

    def __init__(self, part: nn.Module) -> None:
        super().__init__()
        self.part = part

    def forward(self, features: Tensor) -> Any:
        """What the part gives."""
        return self.part(features)


class ProposalHead(nn.Module):
    """An ``RPNHead`` where torchvision wants one logit per anchor, as a map, and all levels of the pyramid at once.

    Two logits (a, b) are worth the one logit b - a: softmax of the two is the sigmoid of the one.
    """

    def __init__(self, part: nn.Module) -> None:
        super().__init__()
        self.part = part

    def forward(self, levels: list[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        """Logits ``(B, A, H, W)`` and deltas ``(B, 4 A, H, W)`` of each level ``(B, C, H, W)``."""
        logits: list[Tensor] = []
        deltas: list[Tensor] = []
        for features in levels:
            batch, _, height, width = features.shape
            objectness, moves = self.part(features)  # [B, H · W · A, 2], [B, H · W · A, 4]
            single = objectness[..., 1] - objectness[..., 0]
            for answer, maps in ((single, logits), (moves, deltas)):
                maps.append(answer.reshape(batch, height, width, -1).permute(0, 3, 1, 2))
        return logits, deltas
