"""Lab 6's special inputs, and what of the answers is compared."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Generator, Tensor

from autograder.grader import module_cases as modules
from course.labs.lab6_keypoints.samples import heatmaps, joints, losses, persons


def everywhere(generator: Generator) -> tuple:
    """Keypoints anywhere inside their ROI, some of them in the four cells in its corners."""
    rois = persons(generator, 5)
    keypoints = joints(generator, rois, 56)
    share = torch.tensor([[0.5, 0.5], [0.5, 55.5], [55.5, 0.5], [55.5, 55.5]]) / 56
    keypoints[:, :4, :2] = rois[:, None, :2] + share * (rois[:, None, 2:] - rois[:, None, :2])
    return keypoints, rois, 56


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
    """ROIs that begin in the corner of the image; keypoints that nobody labelled, at (0, 0), lie in them."""
    rois = persons(generator, 3)
    rois[:, :2] = 0.0
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


def uneven(generator: Generator) -> tuple[Tensor, Tensor, Tensor]:
    """One person with all keypoints counting, one with one, one with none."""
    maps, index, valid = losses(generator, 3)
    valid[0], valid[1], valid[2] = True, False, False
    valid[1, 2] = True
    return maps, index, valid


def single(generator: Generator) -> tuple[Tensor, Tensor, Tensor]:
    """One keypoint that counts, of all that there are."""
    maps, index, valid = losses(generator, 2)
    valid[:] = False
    valid[1, 3] = True
    return maps, index, valid


def loss_and_gradient(function: Callable, args: tuple) -> Any:
    """The loss, its gradient by the maps, and whether it has one."""
    maps, *rest = args
    leaf = maps.clone().requires_grad_()
    loss = function(leaf, *rest)
    if not isinstance(loss, Tensor):
        return loss
    return (loss, *modules.gradients_of(loss, [leaf]), torch.tensor(loss.requires_grad))


def nonsense(generator: Generator) -> tuple[tuple[Tensor, Tensor, Tensor], ...]:
    """Some keypoints count, in a second call none; the others' index is no cell, their maps are infinite or NaN."""
    maps, index, valid = losses(generator, 4)
    found = []
    for counted in (valid, torch.zeros_like(valid)):
        off = (~counted).nonzero()
        odd_maps, odd_index = maps.clone(), index.clone()
        for number, (roi, keypoint) in enumerate(off.tolist()):
            odd_index[roi, keypoint] = (99, -1, 2**40)[number % 3]
            odd_maps[roi, keypoint] = (float("nan"), float("inf"), -float("inf"))[number % 3]
        found.append((odd_maps, odd_index, counted))
    return tuple(found)


def loss_and_gradient_where_valid(function: Callable, args: tuple) -> Any:
    """As :func:`loss_and_gradient`, the gradient by the maps that count."""
    came = loss_and_gradient(function, args)
    return (came[0], came[1][args[2]], came[2]) if isinstance(came, tuple) else came


def he_spread(weight: Tensor) -> float:
    """The standard deviation of He's normal distribution, fan-out, for a layer followed by ReLU.

    PyTorch takes the first axis of a weight for the outputs, also in a transposed convolution, where it is the inputs.
    """
    return float((2 / (weight.shape[0] * weight[0, 0].numel())) ** 0.5)


begins = modules.initial(he_spread)
