"""Properties of functions that draw at random: what can be compared where the answer itself cannot."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Generator, Tensor


def seeded(function: Callable, args: tuple) -> Any:
    """What ``function`` gives with a generator of a fixed seed as its last argument."""
    return function(*args, Generator().manual_seed(0))


def counts(function: Callable, args: tuple) -> Any:
    """How many labels are 1, 0 and −1 in what ``function`` gives, and how many changed to something else than −1.

    A generator with a fixed seed is handed over. An answer that is not a vector as long as the labels
    is given as it is.
    """
    return count(args[0].clone(), seeded(function, args))


def count(labels: Tensor, drawn: Any) -> Any:
    """The four numbers of :func:`counts`, in the dtype of ``drawn``."""
    if getattr(drawn, "shape", None) != labels.shape:
        return drawn
    changed = (drawn != labels) & (drawn != -1)
    numbers = [int((drawn == value).sum()) for value in (1, 0, -1)] + [int(changed.sum())]
    return torch.tensor(numbers, dtype=drawn.dtype, device=drawn.device)


def repeats(function: Callable, args: tuple) -> Any:
    """Whether equally seeded generators give equal samples, and whether any of five other seeds gives another one."""
    labels, *rest = args
    samples = [function(labels.clone(), *rest, Generator().manual_seed(seed)) for seed in (1, 1, 2, 3, 4, 5, 6)]
    if not all(isinstance(sample, Tensor) and sample.shape == labels.shape for sample in samples):
        return samples[0]
    again, *others = (bool((samples[0] == sample).all()) for sample in samples[1:])
    return torch.tensor([again, not all(others)])
