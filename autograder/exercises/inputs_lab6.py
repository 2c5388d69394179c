"""What goes into lab 6's hidden cases, and what of the answers is compared.

Keypoints keep a fifth of a cell away from where cells end, unless a case is about that; of each resized heat map one
pixel is clearly the hottest: so every order of computing gives the same answer.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Generator, Tensor
from torch.nn.functional import interpolate

from autograder import modules

CLEAR = 1e-3  # by so much the hottest pixel of a resized map beats every other
IMAGE = (240.0, 320.0)


def persons(generator: Generator, count: int, least: float = 20, most: float = 120, around: float = 0.0) -> Tensor:
    """ROIs ``(count, 4)`` of all shapes in an image, or up to ``around`` pixels off it, in quarter pixels."""
    height, width = IMAGE
    sides = least + torch.rand(count, 2, generator=generator) * (most - least)
    reach = torch.tensor([width, height]) + 2 * around
    corner = torch.rand(count, 2, generator=generator) * (reach - sides) - around
    return torch.cat([corner, corner + sides], dim=1).mul(4).round().div(4)


def joints(
    generator: Generator, rois: Tensor, size: int, count: int = 17, beyond: int = 0, visible: Sequence[int] = (2,)
) -> Tensor:
    """Keypoints ``(R, count, 3)`` in the cells of a grid over each ROI, or up to ``beyond`` cells off it."""
    cell = torch.randint(-beyond, size + beyond, (len(rois), count, 2), generator=generator)
    inside = 0.2 + 0.6 * torch.rand(cell.shape, generator=generator)
    place = rois[:, None, :2] + (cell + inside) * (rois[:, None, 2:] - rois[:, None, :2]) / size
    which = torch.randint(len(visible), (len(rois), count, 1), generator=generator)
    return torch.cat([place, torch.tensor(visible)[which].float()], dim=2)


def grid(
    generator: Generator,
    count: int,
    size: int = 56,
    keypoints: int = 17,
    beyond: int = 0,
    visible: Sequence[int] = (2,),
) -> tuple[Tensor, Tensor, int]:
    """Arguments of ``keypoints_to_heatmap``."""
    rois = persons(generator, count)
    return joints(generator, rois, size, keypoints, beyond, visible), rois, size


def edges(generator: Generator) -> tuple:
    """Keypoints on each corner and each edge of their ROI, and a quarter pixel off each edge."""
    rois = persons(generator, 4)
    x1, y1, x2, y2 = rois.unbind(1)
    x, y = joints(generator, rois, 14, 1)[:, 0, :2].unbind(1)
    quarter = 0.25
    places = [(x1, y1), (x2, y1), (x1, y2), (x2, y2), (x2, y), (x, y2), (x1, y), (x, y1)]
    places += [(x1 - quarter, y), (x2 + quarter, y), (x, y1 - quarter), (x, y2 + quarter)]
    return _labelled(places), rois, 14


def corner_of_the_image(generator: Generator) -> tuple:
    """ROIs that begin at or above the corner of the image; keypoints that nobody labelled, at (0, 0), lie in them."""
    rois = persons(generator, 3)
    rois[:, :2] = -rois[:, :2].remainder(8)
    keypoints = joints(generator, rois, 28, 9)
    keypoints[:, ::2] = 0.0
    return keypoints, rois, 28


def whole_cells(generator: Generator) -> tuple:
    """Keypoints exactly between two cells, in ROIs whose cells are 4 wide and 8 high, or 2 wide and 1 high."""
    corner = torch.randint(0, 50, (2, 2), generator=generator).float()
    cells = torch.tensor([[4.0, 8.0], [2.0, 1.0]])
    rois = torch.cat([corner, corner + 16 * cells], dim=1)
    step = torch.randint(1, 16, (2, 9, 2), generator=generator)
    return _labelled([corner[:, None] + step * cells[:, None]]), rois, 16


def _labelled(places: Sequence[Any]) -> Tensor:
    """Keypoints (R, K, 3) with v = 2 of places: one tensor (R, K, 2), or pairs of x and y (R,)."""
    if len(places) == 1:
        (xy,) = places
    else:
        xy = torch.stack([torch.stack(place, dim=1) for place in places], dim=1)
    return torch.cat([xy, torch.full_like(xy[..., :1], 2.0)], dim=2)


def cells(function: Callable, args: tuple) -> Any:
    """Cells and what counts; as index where it counts only, and true for any number but 0.

    So that another dtype, or another index where nothing counts, costs its own case and not all.
    """
    came = function(*args)
    if not isinstance(came, tuple | list) or len(came) != 2 or not all(isinstance(part, Tensor) for part in came):
        return came
    index, valid = came
    if index.shape != valid.shape:
        return came
    valid = valid.to(torch.bool)
    return index.masked_fill(~valid, 0), valid


def places(function: Callable, args: tuple) -> Any:
    """The places alone, without scores."""
    return function(*args)[..., :2]


def scores(function: Callable, args: tuple) -> Any:
    """The scores alone."""
    return function(*args)[..., 2]


def each(run: Callable[[Callable, tuple], Any]) -> Callable[[Callable, tuple], Any]:
    """``run`` for each of several tuples of arguments."""

    def several(function: Callable, args: tuple) -> Any:
        return tuple(run(function, one) for one in args)

    several.__name__ = f"each_{run.__name__}"
    return several


def heatmaps(
    generator: Generator, rois: Tensor, size: tuple[int, int], keypoints: int = 5, scale: float = 1.0
) -> Tensor:
    """Random maps ``(R, keypoints, *size)``, drawn anew until each has one hottest pixel in its ROI."""
    maps = scale * torch.randn(len(rois), keypoints, *size, generator=generator)
    pixels = (rois[:, 2:] - rois[:, :2]).clamp(min=1).ceil().int().tolist()
    for roi, (width, height) in enumerate(pixels):
        while True:
            large = interpolate(maps[None, roi].double(), (height, width), mode="bicubic", align_corners=False)[0]
            best = large.flatten(start_dim=1).topk(min(2, height * width), dim=1).values
            close = best[:, 0] - best[:, -1] < CLEAR * scale
            if height * width == 1 or not close.any():
                break
            maps[roi, close] = scale * torch.randn(int(close.sum()), *size, generator=generator)
    return maps


def decoding(
    generator: Generator,
    count: int,
    size: tuple[int, int] = (14, 14),
    keypoints: int = 5,
    least: float = 20,
    most: float = 60,
    around: float = 0.0,
) -> tuple[Tensor, Tensor]:
    """Arguments of ``heatmaps_to_keypoints``: maps and ROIs."""
    rois = persons(generator, count, least, most, around)
    return heatmaps(generator, rois, size, keypoints), rois


def tiny(generator: Generator) -> tuple[Tensor, Tensor]:
    """ROIs without width, height or both, or with sides below a pixel."""
    corner = persons(generator, 5)[:, :2]
    sides = torch.tensor([[0.0, 0.0], [0.25, 0.5], [0.0, 30.0], [25.0, 0.75], [1.0, 1.0]])
    rois = torch.cat([corner, corner + sides], dim=1)
    return heatmaps(generator, rois, (9, 9)), rois


def ties(generator: Generator) -> tuple[Tensor, Tensor]:
    """Maps with several equal peaks, in ROIs of their own size, where nothing is resized."""
    corner = persons(generator, 3)[:, :2]
    rois = torch.cat([corner, corner + torch.tensor([9.0, 6.0])], dim=1)
    maps = torch.randint(0, 3, (3, 5, 6, 9), generator=generator).float()
    maps[:, :, 1, 7] = maps[:, :, 4, 2] = 5.0
    return maps, rois


def losses(
    generator: Generator, count: int, size: int = 9, keypoints: int = 5, share: float = 0.6, scale: float = 3.0
) -> tuple[Tensor, Tensor, Tensor]:
    """Heat maps, cells and what counts: about a ``share``, but at least one and not all; the rest is any cell."""
    maps = scale * torch.randn(count, keypoints, size, size, generator=generator)
    index = torch.randint(size**2, (count, keypoints), generator=generator)
    valid = torch.rand(count, keypoints, generator=generator) < share
    if valid.numel():
        valid[0, 0], valid[-1, -1] = True, share >= 1
    return maps, index, valid


def uneven(generator: Generator) -> tuple[Tensor, Tensor, Tensor]:
    """One person of whom all keypoints count, one of whom one does, one of whom none does."""
    maps, index, valid = losses(generator, 3)
    valid[0], valid[1], valid[2] = True, False, False
    valid[1, 2] = True
    return maps, index, valid


def loss_and_gradient(function: Callable, args: tuple) -> Any:
    """The loss, its gradient by the maps, and whether it has one."""
    maps, *rest = args
    leaf = maps.clone().requires_grad_()
    loss = function(leaf, *rest)
    if not isinstance(loss, Tensor):
        return loss
    return (loss, *modules.slopes(loss, [leaf]), torch.tensor(loss.requires_grad))


def he_spread(weight: Tensor) -> float:
    """The standard deviation of He's normal distribution, fan-out, for a layer followed by ReLU.

    PyTorch takes the first axis of a weight for the outputs, also in a transposed convolution, where it is the inputs.
    """
    return float((2 / (weight.shape[0] * weight[0, 0].numel())) ** 0.5)


begins = modules.initial(he_spread)
