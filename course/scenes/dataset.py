"""Scenes as a torch dataset."""

from typing import Any

from torch import Tensor
from torch.utils.data import Dataset

from course.scenes.render import Size, as_size, scene

APART = 1_000_000  # seeds between two datasets, so that two of them never share a picture


class Scenes(Dataset[tuple[Tensor, dict[str, Any]]]):
    """``count`` scenes, made when they are asked for.

    Datasets with different seeds have no picture in common: item ``index`` is ``scene(seed * 1_000_000 + index)``, and
    its ``image_id`` is that scene's seed. In a ``DataLoader``, pass ``collate_fn=lambda batch: tuple(zip(*batch))``:
    targets differ in length.

    Args:
        count: how many, 0 to 1,000,000.
        size: the side of square pictures, or (height, width).
        seed: which dataset.
    """

    def __init__(self, count: int, size: Size = 128, seed: int = 0) -> None:
        if not 0 <= count <= APART:
            raise ValueError(f"The number of scenes should be 0 to {APART:,}. Got {count:,}.")
        if seed < 0:
            raise ValueError(f"The seed of a dataset should be 0 or more. Got {seed}.")
        self.count, self.size, self.seed = count, as_size(size), seed

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> tuple[Tensor, dict[str, Any]]:
        """The scene at ``index``; negative ones count from the end."""
        if not -self.count <= index < self.count:
            raise IndexError(f"There are {self.count} scenes. Got index {index}.")
        return scene(self.seed * APART + index % self.count, self.size)
