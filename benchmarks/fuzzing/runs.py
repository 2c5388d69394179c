"""Ways to run a function that the graders do not have.

Functions that draw at random are compared by what is sure about their samples: how often each thing comes, alone and
together with each other.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.utils._pytree import tree_leaves

from autograder.grader import module_cases as modules
from course import library

Run = Callable[[Callable, tuple], Any]
DRAWS = 1000


def gradients(count: int) -> Run:
    """A run that gives the answer, and the gradients of a mixture of all of it by the first ``count`` arguments."""

    def run(function: Callable, args: tuple) -> Any:
        leaves = [value.clone().requires_grad_() for value in args[:count]]
        came = function(*leaves, *args[count:])
        # cosines of 0, 1, 2, …: every number counts differently
        parts = [(value.flatten() * torch.arange(value.numel()).to(value).cos()).sum() for value in tree_leaves(came)]
        wanted = [part + 0.7 * number * part for number, part in enumerate(parts)]
        return (came, *modules.gradients_of(torch.stack(wanted).sum(), leaves))

    run.__name__ = "answer_and_gradients"
    return run


def seeded(run: Run) -> Run:
    """A run of lab 2's, which takes all arguments and then a seed."""

    def draw(function: Callable, args: tuple) -> Any:
        return run(function, (*args, *(256, 0.5)[len(args) - 1 :], 3))

    draw.__name__ = run.__name__
    return draw


def drawn_rois(run: Run) -> Run:
    """What is sure about a sample of ROIs: numbers; is each a candidate, once, with its own label and deltas?"""

    def tell(function: Callable, args: tuple) -> Any:
        threshold = args[5] if len(args) > 5 else 0.5
        every, own, deltas = library.sample_rois(*args[:3], 10**6, 1.0, threshold)  # all candidates, each with its own
        came = run(partial(function, generator=torch.Generator().manual_seed(3)), args)
        (rois, labels, targets), *rest = came if isinstance(came[0], tuple | list) else (came,)
        if not rois.shape == targets.shape == (len(labels), 4):
            return rois, labels, targets
        row, place = (rois[:, None] == every.to(rois)).all(dim=2).nonzero().unbind(1)
        close = 1e-8 if rois.dtype == torch.float64 else 1e-2
        facts = [row.tolist() == list(range(len(rois))), len(set(place.tolist())) == len(place)]
        if facts[0]:
            objects = labels > 0
            own_deltas = deltas[place][objects].to(targets)
            facts.append(bool((labels == own[place]).all()))
            facts.append(torch.allclose(targets[objects], own_deltas, rtol=close, atol=close))
        facts.append(bool(targets.isfinite().all()))
        numbers = torch.tensor([len(rois), int((labels > 0).sum())])
        return numbers, torch.tensor(facts), rois[:0], labels[:0], targets[:0], *rest

    tell.__name__ = run.__name__
    return tell


def label_chances(function: Callable, args: tuple) -> Any:
    """Whether any two of 6 labels 1 and 9 labels 0 stay together as often as they should when 3 and 4 of them stay."""
    generator = torch.Generator().manual_seed(5)
    labels = torch.tensor([1] * 6 + [0] * 9)
    return _as_often([function(labels.clone(), 7, 0.5, generator=generator) != -1 for _ in range(DRAWS)])


def roi_chances(function: Callable, args: tuple) -> Any:
    """Whether any two of 6 objects and 9 others come together as often as they should when 3 and 4 are drawn."""
    near = torch.tensor([10.0, 10, 50, 60]) + torch.arange(5.0)[:, None]
    far = torch.tensor([200.0, 0, 230, 40]) + torch.arange(9.0)[:, None] * 50
    truth = torch.tensor([[8.0, 9.0, 49.0, 58.0]])
    every, generator = torch.cat([near, truth, far]), torch.Generator().manual_seed(5)
    kept = []
    for _ in range(DRAWS):
        rois, *_ = function(torch.cat([near, far]), truth, torch.tensor([2]), 7, 0.5, generator=generator)
        kept.append((every[:, None] == rois[None]).all(dim=2).any(dim=1))
    return _as_often(kept)


def _as_often(kept: list[Tensor]) -> Tensor:
    """Whether each two of 6 + 9 things came together as often as they should when 3 of the 6 and 4 of the 9 are drawn.

    6 sigma: 2e-9 for each of about 200 numbers.
    """
    alone = torch.tensor([3 / 6] * 6 + [4 / 9] * 9).double()
    chance = alone[:, None] * alone
    chance[:6, :6], chance[6:, 6:] = 3 * 2 / (6 * 5), 4 * 3 / (9 * 8)
    chance.diagonal().copy_(alone)
    came = torch.stack(kept).double()
    spread = (DRAWS * chance * (1 - chance)).sqrt()
    return ((came.T @ came - DRAWS * chance).abs() <= 6 * spread).all()


def last_layers(module: Callable, args: tuple) -> Any:
    """Whether the last two layers begin as they should; how the hidden ones do is left to each."""
    return modules.initial(0.01)(module, args)[4:]
