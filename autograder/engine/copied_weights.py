"""Tell weights that grew from those that ship with the course from the weights of a training of one's own.

What one unit of a layer has learnt is a long row of numbers. Rows of the same length are compared by the signs of
their numbers, whatever tensor they stand in: scale, sign, rounding, some spoilt numbers, other names, another order,
layers in parts change nothing, and a training that goes on from there changes little. Rows along the second dimension
count as well, for layers that were cut or put in order that way. One tensor proves nothing: trainings that begin with
the same random numbers keep something in common where a layer hardly learns. As ``benchmarks/copied_weights.py``
measures, :func:`likeness` is 0.00 after 300 steps from random numbers, those of our own weights' first training
included, and 1.00 after 300 steps from ours.
"""

import functools
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor

from autograder.spec import current
from autograder.student.protocol import WireError, counted_tensors

SHORTEST = (
    256  # numbers of a row; shorter ones are alike by chance, or stay near the random numbers that they begin with
)
SAMPLED = 16  # rows of each of our tensors, each way
LOPSIDED = 0.3  # of 1: rows of ours with signs more one-sided are alike to too much
ALIKE = 0.55  # of 1: how far the signs of two rows agree
SHARE = 0.5  # of the rows of a tensor of ours that have one alike: it is known again
TENSORS = 3  # of ours that are known again; all, where there are fewer


def borrowed(content: bytes) -> bool:
    """Whether a file's weights began as the course's, and were at most reordered, rescaled, cut, renamed or trained on.

    Args:
        content: of any file; what is no safetensors file is not borrowed.
    """
    course = current()
    return bool(course.weights) and likeness(content, course.root / course.weights) >= SHARE


def likeness(content: bytes, ours: Path) -> float:
    """How much of ``ours`` a file's weights hold, from 0 to 1.

    Of our :data:`TENSORS` that most is left of: of the last, the share of rows that the file has one alike to.
    """
    samples = _samples(ours)
    try:
        theirs = _matrices(counted_tensors(content).values(), set(samples))
    except (WireError, SafetensorError, ValueError, KeyError, TypeError, RuntimeError):
        return 0.0
    shares: dict[int, float] = defaultdict(float)  # by the number of the tensor: the better of both ways
    for length, matrices in theirs.items():
        rows, ways = samples[length]
        best = torch.stack([(rows @ matrix.T).abs().amax(dim=1) for matrix in matrices]).amax(dim=0)
        alike = (best > ALIKE * length).float().split([count for _, count in ways])
        for (tensor, _), each in zip(ways, alike, strict=True):
            shares[tensor] = max(shares[tensor], float(each.mean()))
    known = {tensor for _, ways in samples.values() for tensor, _ in ways}
    most = sorted((shares[tensor] for tensor in known), reverse=True)[:TENSORS]
    return most[-1] if most else 0.0


@functools.cache
def _samples(file: Path) -> dict[int, tuple[Tensor, list[tuple[int, int]]]]:
    """Rows of our tensors by their length, and the numbers of the tensors that they are of, with how many are."""
    found: dict[int, list[tuple[int, Tensor]]] = defaultdict(list)
    for number, tensor in enumerate(load(file.read_bytes()).values()):
        for length, ways in _matrices([tensor]).items():
            for rows in ways:
                rows = rows[rows.mean(dim=1).abs() < LOPSIDED]
                if len(rows) >= SAMPLED:
                    found[length].append((number, rows[:: len(rows) // SAMPLED][:SAMPLED]))
    return {
        length: (torch.cat([rows for _, rows in each]), [(number, len(rows)) for number, rows in each])
        for length, each in found.items()
    }


def _matrices(tensors: Iterable[Tensor], lengths: set[int] | None = None) -> dict[int, list[Tensor]]:
    """The signs of tensors' rows, both ways, by the rows' length: of ``lengths``, or all that are long enough."""
    found: dict[int, list[Tensor]] = defaultdict(list)
    for tensor in tensors:
        if tensor.dim() < 2 or tensor.is_complex() or not tensor.numel():
            continue
        for way in (tensor, tensor.transpose(0, 1)):
            length = way[0].numel()
            if length >= SHORTEST and (lengths is None or length in lengths):
                rows = way.flatten(1).float()
                found[length].append((rows > 0).float() - (rows < 0).float())  # 0 where there is no number
    return found
