"""A detector in a file: its weights as safetensors, and beside them, as text, what it was made of.

save_weights(detector, "detector.safetensors")
load_weights(detector, "detector.safetensors")         # into a detector that is there; runs no code
detector = load_detector("detector.safetensors")       # makes the detector itself again; runs its parts' code
"""

import functools
import json
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load, save
from torch import nn

from course.detector.model import Detector
from course.errors import PlainError
from course.files import replacing
from course.parts import Parts, serialize

LARGEST = 50_000_000  # bytes; ours have 3 to 6 million
MOST_CLASSES = 1_000


class WeightsError(PlainError):
    """A file that does not hold the weights of this detector; the message says what it expected and what it got."""


@dataclass(frozen=True)
class Saved:
    """What a file of a detector holds: all that it takes to make the detector again."""

    parts: Parts
    num_classes: int
    masks: bool
    keypoints: bool
    weights: dict[str, torch.Tensor]


def save_weights(detector: nn.Module, path: Path | str) -> Path:
    """Write a detector's weights, all or nothing: a file of that name is replaced once the new one is complete.

    Of a :class:`Detector` the file also keeps its number of classes, its heads and its parts.
    """
    path = Path(path)
    state = {name: value.detach().cpu().contiguous() for name, value in detector.state_dict().items()}
    about = _about(detector) if isinstance(detector, Detector) else None
    with replacing(path) as beside:
        beside.write_bytes(save(state, about))
    return path


def load_weights(detector: nn.Module, path: Path | str) -> None:
    """Give a detector the weights in a file; numbers that were stored with fewer bits become float32 again.

    Raises:
        WeightsError: no file, a file of more than 50 MB, no safetensors, or the weights of another detector. The
            detector is left as it was.
    """
    path = Path(path)
    _fill(detector, _weights(_content(path), path.name), path.name)


def load_detector(path: Path | str) -> Detector:
    """Make the detector in a file again: its parts, its heads, its weights; in evaluation mode, on the CPU.

    The file is one of :func:`save_weights`, and this runs the code of the parts in it: as with a notebook, open none
    that you would not run. Each call gives a detector of its own; as long as the file stays the same, only the first
    one reads the weights and runs that code.

    Raises:
        WeightsError: as :func:`load_weights`; or the file holds weights alone, or parts that do not run.
    """
    path = Path(path)
    saved = _saved(_content(path), path)
    with torch.random.fork_rng(devices=[]):
        detector = Detector(saved.parts, saved.num_classes, masks=saved.masks, keypoints=saved.keypoints)
    _fill(detector, saved.weights, path.name)
    return detector.eval()


@functools.lru_cache(maxsize=1)
def _saved(content: bytes, path: Path) -> Saved:
    weights = _weights(content, path.name)
    with safe_open(path, framework="pt") as file:
        about = file.metadata() or {}
    if "detector" not in about:
        raise WeightsError(
            f"{path.name} holds weights, but not the detector that they belong to: write it with save_weights"
        )
    with torch.random.fork_rng(devices=[]):
        try:
            kind = json.loads(about["detector"])
            classes, masks, keypoints = int(kind["num_classes"]), bool(kind["masks"]), bool(kind["keypoints"])
            parts = serialize.loads(about["parts"], path.name)
        except serialize.SerializeError as error:
            raise WeightsError(f"{path.name}: {error}") from None
        except (ValueError, KeyError, TypeError, RecursionError):
            raise WeightsError(
                f"{path.name} does not say what its detector is made of: write it with save_weights"
            ) from None
    if not 2 <= classes <= MOST_CLASSES:
        raise WeightsError(f"{path.name}: expected a detector of 2 to {MOST_CLASSES:,} classes, got {classes:,}")
    return Saved(parts, classes, masks, keypoints, weights)


def _about(detector: Detector) -> dict[str, str]:
    """What :func:`load_detector` needs besides the weights."""
    kind = {
        "num_classes": detector.num_classes,
        "masks": detector.mask_head is not None,
        "keypoints": detector.keypoint_head is not None,
    }
    return {"detector": json.dumps(kind), "parts": serialize.dumps(detector.parts)}


def _content(path: Path) -> bytes:
    if not path.is_file():
        raise WeightsError(f"there is no file {path.name} here: train first, or give the right path")
    size = path.stat().st_size
    if size > LARGEST:
        raise WeightsError(f"{path.name} has {size:,} bytes; expected the weights of a detector, {LARGEST:,} at most")
    return path.read_bytes()


def _weights(content: bytes, name: str) -> dict[str, torch.Tensor]:
    try:
        return load(content)
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(f"{name} is not a file of weights (safetensors): {error}") from None


def _fill(detector: nn.Module, came: dict[str, torch.Tensor], file: str) -> None:
    wanted = detector.state_dict()
    for name in wanted:
        if name not in came:
            raise WeightsError(f"{file} holds the weights of another detector: {name} is missing")
        if came[name].shape != wanted[name].shape:
            shapes = tuple(wanted[name].shape), tuple(came[name].shape)
            raise WeightsError(
                f"{file} holds another detector's weights: {name}: expected {shapes[0]}, got {shapes[1]}"
            )
        if came[name].is_floating_point() and not torch.isfinite(came[name]).all():
            raise WeightsError(f"{file}: not all numbers in {name} are finite: the training went wrong")
    further = set(came) - set(wanted)
    if further:
        raise WeightsError(f"{file} holds the weights of another detector: nothing here is called {min(further)}")
    detector.load_state_dict(came)
