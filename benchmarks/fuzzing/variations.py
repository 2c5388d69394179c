"""Variations of samples: each is made with the places of the arguments that it changes.

``fewer(0, 1)(generator, args)`` gives the arguments with some rows of the first two.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Generator, Tensor
from torch.utils._pytree import tree_leaves, tree_map

Change = Callable[[Generator, tuple], tuple]


def pick(g: Generator, *values: Any) -> Any:
    """One of the values."""
    return values[int(torch.randint(len(values), (), generator=g))]


def on(places: tuple[int, ...], change: Callable[[Generator, Tensor], Tensor]) -> Change:
    """A variation of the tensors at those places."""

    def vary(g: Generator, args: tuple) -> tuple:
        one = lambda leaf: change(g, leaf) if isinstance(leaf, Tensor) else leaf  # noqa: E731
        return tuple(tree_map(one, arg) if place in places else arg for place, arg in enumerate(args))

    return vary


def fewer(*places: int, least: int = 0, dim: int = 0) -> Change:
    """Some rows, or columns, in any order: of tensors with equally many the same ones."""

    def vary(g: Generator, args: tuple) -> tuple:
        count = tree_leaves(args[places[0]])[0].shape[dim]
        size = min(max(least, pick(g, 0, 1, 2, count // 2, count)), count)
        rows = torch.randperm(count, generator=g)[:size]
        return on(places, lambda _, values: values.index_select(dim, rows))(g, args)

    return vary


def cropped(*places: int, least: int = 1) -> Change:
    """Maps with a share of their rows and columns."""

    def vary(g: Generator, args: tuple) -> tuple:
        high, wide = torch.rand(2, generator=g).tolist()

        def crop(_: Generator, values: Tensor) -> Tensor:
            rows, columns = (
                max(least, round(share * n)) for share, n in zip((high, wide), values.shape[-2:], strict=True)
            )
            return values[..., :rows, :columns]

        return on(places, crop)(g, args)

    return vary


def scaled(*places: int, by: tuple[float, ...] = (2**-9, 2**-3, 8)) -> Change:
    """All numbers times one factor."""

    def vary(g: Generator, args: tuple) -> tuple:
        factor = pick(g, *by)
        return on(places, lambda _, values: values * factor)(g, args)

    return vary


def gridded(*places: int, unit: int = 1) -> Change:
    """Numbers that are multiples of one step, a unit times a power of two; boxes keep sides above 0."""

    def vary(g: Generator, args: tuple) -> tuple:
        largest = max(max(args[place].flatten().abs().tolist(), default=0) for place in places) or 1
        step = unit * 2.0 ** round(torch.tensor(largest / pick(g, 4, 8, 16) / unit).log2().item())
        return on(places, lambda _, values: _on_grid(values, step))(g, args)

    return vary


def _on_grid(values: Tensor, step: float) -> Tensor:
    rounded = (values / step).round() * step
    if values.dim() == 2 and values.shape[1] in (4, 5) and (values[:, -2:] > values[:, -4:-2]).all():
        sides = rounded[:, -2:] - rounded[:, -4:-2]
        rounded[:, -2:] += torch.where(sides <= 0, step - sides, 0)
    return rounded


def flat(*places: int) -> Change:
    """Boxes of which every third has no width."""

    def change(_: Generator, boxes: Tensor) -> Tensor:
        found = boxes.clone()
        found[::3, 2] = found[::3, 0]
        return found

    return on(places, change)


def moved(*places: int) -> Change:
    """Boxes moved by whole pixels."""
    return on(places, lambda g, boxes: boxes + torch.randint(-30, 31, (2,), generator=g).repeat(2))


def filled(place: int, *values: Any) -> Change:
    """One value everywhere."""
    return on((place,), lambda g, one: torch.full_like(one, pick(g, *values)))


def option(place: int, *values: Any) -> Change:
    """Another value of an argument, or one where its default was left."""
    return lambda g, args: args if place > len(args) else (*args[:place], pick(g, *values), *args[place + 1 :])


def unsure(g: Generator, args: tuple) -> tuple:
    """Detections: the first ROI's probability of its only likely class is exactly the threshold."""
    logits = args[0].clone()
    logits[:1] = torch.tensor([0.0, 0, -99, -99])
    return (logits, *args[1:4], 0.5, *args[5:])


def between_cells(g: Generator, args: tuple) -> tuple:
    """Keypoints and ROIs at multiples of 8 pixels, with sides of 16 or 64: on edges, and between two cells."""
    keypoints, rois, *rest = args
    places, corner = (values.div(8).round() * 8 for values in (keypoints[..., :2], rois[:, :2]))
    return torch.cat([places, keypoints[..., 2:]], dim=2), torch.cat([corner, corner + pick(g, 16, 64)], dim=1), *rest


def few_marks(g: Generator, args: tuple) -> tuple:
    """A photo with some of its marks, or none."""
    coco, *rest = args
    return ({**coco, "annotations": coco["annotations"][: pick(g, 0, 1, 3)]}, *rest)
