"""Weights of a detector in a file: safetensors, which hold numbers and no code."""

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import nn

from course.errors import PlainError
from course.files import replacing

LARGEST = 50_000_000  # bytes; ours have 3 to 6 million


class WeightsError(PlainError):
    """A file that does not hold the weights of this detector; the message says what was wanted and what came."""


def save_weights(detector: nn.Module, path: Path | str) -> Path:
    """Write a detector's weights, all or nothing: a file of that name is replaced once the new one is complete."""
    path = Path(path)
    state = {name: value.detach().cpu().contiguous() for name, value in detector.state_dict().items()}
    with replacing(path) as beside:
        beside.write_bytes(save(state))
    return path


def load_weights(detector: nn.Module, path: Path | str) -> None:
    """Give a detector the weights in a file; numbers that were stored with fewer bits become float32 again.

    Raises:
        WeightsError: no file, a file of more than 50 MB, no safetensors, or the weights of another detector. The
            detector is left as it was.
    """
    path = Path(path)
    if not path.is_file():
        raise WeightsError(f"there is no file {path.name} here: train first, or give the right path")
    size = path.stat().st_size
    if size > LARGEST:
        raise WeightsError(f"{path.name} has {size:,} bytes; wanted the weights of a detector, {LARGEST:,} at most")
    try:
        came = load(path.read_bytes())
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(f"{path.name} is no file of weights (safetensors): {error}") from None
    wanted = detector.state_dict()
    for name in wanted:
        if name not in came:
            raise WeightsError(f"{path.name} holds the weights of another detector: {name} is missing")
        if came[name].shape != wanted[name].shape:
            shapes = tuple(wanted[name].shape), tuple(came[name].shape)
            raise WeightsError(
                f"{path.name} holds another detector's weights: {name}: wanted {shapes[0]}, got {shapes[1]}"
            )
        if came[name].is_floating_point() and not torch.isfinite(came[name]).all():
            raise WeightsError(f"{path.name}: not all numbers in {name} are finite: the training went wrong")
    further = set(came) - set(wanted)
    if further:
        raise WeightsError(f"{path.name} holds the weights of another detector: nothing here is called {min(further)}")
    detector.load_state_dict(came)
