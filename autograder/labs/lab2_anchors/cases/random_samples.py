"""How samples of labels, which are drawn at random, are judged: by numbers that are sure, and by tolerable odds."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Generator, Tensor

from autograder.student.fake_cuda import on_other_device


def verdict(args: tuple, sampled: Any) -> Any:
    """What is wrong with a sample; zeros when nothing is: shape; −2, −1, 0, 1, 2 for far too few to far too many
    labels 1, labels 0, labels −1 (1 is off by one); labels that changed into something else than −1.

    Coarse on purpose: two answers with the same mistake get the same verdict, whatever their random numbers.
    """
    labels, batch_size, fraction = args
    if not isinstance(sampled, Tensor):
        return sampled
    if sampled.shape != labels.shape:
        return torch.tensor([1, 0, 0, 0, 0])
    positive, negative = int((labels == 1).sum()), int((labels == 0).sum())
    ones = min(positive, int(batch_size * fraction))
    zeros = min(negative, batch_size - ones)
    surplus = torch.tensor(
        [
            int((sampled == 1).sum()) - ones,
            int((sampled == 0).sum()) - zeros,
            int((sampled == -1).sum()) - (len(labels) - ones - zeros),
        ]
    )
    changed = bool(((sampled != labels) & (sampled != -1)).any())
    return torch.tensor([0, *surplus.clamp(-2, 2).tolist(), int(changed)])


def sampled(function: Callable, args: tuple) -> Any:
    """The verdict on a sample drawn with a generator; ``args`` are the labels, batch size, fraction and a seed."""
    *most, seed = args
    untouched = most[0].clone()  # the function might write into its argument
    drawn = function(*most, Generator().manual_seed(seed))
    return verdict((untouched, *most[1:]), drawn)


def defaults(function: Callable, args: tuple) -> Any:
    """The verdict on two samples with all arguments left out, and whether they differ."""
    (labels,) = args
    drawn = [function(labels.clone()) for _ in range(2)]
    verdicts = tuple(verdict((labels, 256, 0.5), sample) for sample in drawn)
    if not all(isinstance(sample, Tensor) and sample.shape == labels.shape for sample in drawn):
        return verdicts
    return (*verdicts, torch.tensor(bool((drawn[0] != drawn[1]).any())))


def sampled_and_argument(function: Callable, args: tuple) -> Any:
    """The verdict, and the labels as the call left them."""
    labels = args[0]
    untouched = labels.clone()
    drawn = function(labels, *args[1:-1], Generator().manual_seed(args[-1]))
    return verdict((untouched, *args[1:-1]), drawn), labels


def sampled_and_dtype(function: Callable, args: tuple) -> Any:
    """The verdict, and the sample's dtype as that of an empty tensor."""
    *most, seed = args
    drawn = function(*most, Generator().manual_seed(seed))
    return verdict(tuple(most), drawn), drawn[:0] if isinstance(drawn, Tensor) and drawn.dim() else drawn


def sampled_elsewhere(function: Callable, args: tuple) -> Any:
    """The verdict on a sample of labels on another device."""
    return sampled(on_other_device(function), args)


DRAWS = 45
TOLERATED = 20.5


def fair(function: Callable, args: tuple) -> Any:
    """Whether each of 12 labels 1 and 24 labels 0 stays as often as it goes, in 45 draws of half of them; and whether
    hardly any sample comes twice.

    How often one of them stays is binomial, n = 45 and p = 1/2. Less than twice, or more than 43 times, has a
    probability of 2.6e-12 (exact sum of both tails), 9.4e-11 for any of the 36. A function that always
    keeps the same ones, or draws from one half only, has some that never stay.

    There are C(12, 6) · C(24, 12) = 2.5e9 samples: that two of the 45 have come before has a probability of 8e-14. Of
    the labels 1 alone there are 924: that fewer than 34 different ones come has a probability of 3.2e-11 (exact).
    A function with few samples to choose from, such as rows of neighbours, repeats most of them. So one false alarm in
    8 billion.
    """
    labels, batch_size, fraction, seed = args
    seeds = torch.randint(2**31, (DRAWS,), generator=Generator().manual_seed(seed)).tolist()
    kept = torch.zeros(2, len(labels))
    samples, ones = set(), set()
    for one in seeds:
        drawn = function(labels.clone(), batch_size, fraction, Generator().manual_seed(one))
        if not isinstance(drawn, Tensor) or drawn.shape != labels.shape:
            return verdict((labels, batch_size, fraction), drawn)
        kept[0] += drawn == 1
        kept[1] += drawn == 0
        samples.add(tuple(drawn.tolist()))
        ones.add(tuple((drawn == 1).tolist()))
    expected = torch.stack([labels == 1, labels == 0]) * DRAWS / 2
    as_often = ((kept - expected).abs() <= TOLERATED).all(dim=1)
    return torch.cat([as_often, torch.tensor([len(samples) >= DRAWS - 1 and len(ones) >= DRAWS - 11])])


REACH_DRAWS = 6
REACH_TOLERATED = 90


def reaches(function: Callable, args: tuple) -> Any:
    """Whether labels stay from everywhere: in six draws of 128 of 2,400 labels 1 and 128 of 9,600 labels 0, from each
    24th of either, and from either half about as many.

    Exact, by sums of hypergeometric probabilities: that some 24th is missed has a probability of 3.6e-13; that more
    than 90 more or less than 384 stay from a half 2e-11 for labels 1 and 4e-11 for labels 0. So one false alarm in 16
    billion. A function that looks only at the first hundred, or thousand, or 4 · 256, never keeps any of the others.
    """
    labels, batch_size, fraction, seed = args
    random_numbers = Generator().manual_seed(seed)
    kept = torch.zeros(2, len(labels), dtype=torch.bool)
    halves = torch.zeros(2)
    found = []
    for _ in range(REACH_DRAWS):
        drawn = function(labels.clone(), batch_size, fraction, random_numbers)
        if not isinstance(drawn, Tensor) or drawn.shape != labels.shape:
            return verdict((labels, batch_size, fraction), drawn)
        for row, value in enumerate((1, 0)):
            stays = (drawn == value)[labels == value]
            kept[row, : len(stays)] |= stays
            halves[row] += int(stays[: len(stays) // 2].sum())
    for row, value in enumerate((1, 0)):
        count = int((labels == value).sum())
        found.append(bool(kept[row, :count].reshape(24, -1).any(dim=1).all()))
        found.append(bool((halves[row] - REACH_DRAWS * 64).abs() <= REACH_TOLERATED))
    return torch.tensor(found)


def goes_on(function: Callable, args: tuple) -> Any:
    """Whether ten draws with one generator are ten samples, and whether torch's own random numbers go on, too, when a
    draw with a generator of the same seed comes in between.

    Of 60 labels 1 there are 1.5e14 samples of 16: two equal ones have a probability of 3e-13.
    """
    labels, batch_size, fraction, seed = args
    one = Generator().manual_seed(seed)
    draws = [function(labels.clone(), batch_size, fraction, one) for _ in range(10)]
    own = []
    for _ in ("first", "second"):
        function(labels.clone(), batch_size, fraction, Generator().manual_seed(seed))
        own.append(function(labels.clone(), batch_size, fraction))
    for drawn in (*draws, *own):
        if not isinstance(drawn, Tensor) or drawn.shape != labels.shape:
            return verdict((labels, batch_size, fraction), drawn)
    return torch.tensor([len({tuple(drawn.tolist()) for drawn in part}) == len(part) for part in (draws, own)])
