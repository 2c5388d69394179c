"""A class in numbers: how many handed in, mean and quartiles, and how many students reached how many points."""

import math
from dataclasses import dataclass

import numpy as np

MOST_BINS = 10


@dataclass(frozen=True)
class Bin:
    """Students with ``low`` points to just below ``high``; in the last bin, to ``high`` and above."""

    low: int
    high: float
    count: int
    last: bool

    @property
    def label(self) -> str:
        """The points in words, such as ``4 to < 6``."""
        return f"{self.low:g} to {'' if self.last else '< '}{self.high:g}"


def histogram(scores: list[float], total: float) -> list[Bin]:
    """Count scores in steps of whole points, all alike but for the last, which may be narrower.

    Args:
        scores: of those who handed in; more than ``total``, by extra credit, counts in the last bin.
        total: full marks, above 0.
    """
    step = max(1, math.ceil(total / MOST_BINS))
    counts = [0] * max(1, math.ceil(total / step))
    for score in scores:
        counts[min(max(int(score // step), 0), len(counts) - 1)] += 1
    lows = [step * number for number in range(len(counts))]
    highs = [*map(float, lows[1:]), total]
    return [Bin(low, high, count, high == total) for low, high, count in zip(lows, highs, counts, strict=True)]


def averages(scores: list[float]) -> str:
    """Mean, median and quartiles in words; quartiles as ``statistics.quantiles(…, method="inclusive")`` has them.

    Args:
        scores: at least one.
    """
    low, middle, high = np.quantile(scores, [0.25, 0.5, 0.75], method="linear")
    return f"mean {np.mean(scores):.1f}, median {middle:.1f}, quartiles {low:.1f} and {high:.1f}"


def attendance(scores: list[float], absent: int) -> str:
    """How many handed in, in words; of students who are not in the gradebook nobody knows that they are missing."""
    nothing = sum(score == 0 for score in scores)
    said = f"{len(scores)} handed in" + (f" ({nothing} of them with 0 points)" if nothing else "")
    return said + (f", {absent} did not" if absent else "")
