"""Detectors that have learnt already: torchvision's COCO weights if available, else the course's small ones.

    found = zoo.detector("masks")
    print(found.source)                     # which, and why
    answer = found.model([picture])[0]
    found.categories[answer["labels"][0]]   # "person"

The small weights were trained by ``python -m course.training`` on made-up scenes, and know those.
"""

import contextlib
import socket
import threading
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, Literal, get_args

import torch
from torch import nn
from torchvision.models import WeightsEnum, detection, get_model_weights

from course import library, scenes
from course.detector import Detector, load_weights, transplant
from course.errors import PlainError
from course.parts import as_parts

Task = Literal["boxes", "masks", "keypoints"]
MODELS = {
    "boxes": "fasterrcnn_resnet50_fpn",
    "masks": "maskrcnn_resnet50_fpn",
    "keypoints": "keypointrcnn_resnet50_fpn",
}
PATIENCE = 4.0  # seconds for a server to answer: without a network nobody should wait for long
STALLED = 30.0  # seconds in which nothing of a download comes
SMALL = "scenes.safetensors"  # in course/weights


class ZooError(PlainError):
    """There is no such detector; the message says which there are."""


class UnavailableError(ZooError):
    """Weights are not available; the message says why."""


@dataclass(frozen=True)
class Pretrained:
    """A detector that has learnt.

    Attributes:
        model: in evaluation mode, on the CPU or where it was asked for. Called as torchvision's detectors are: with a
            list of images ``(3, H, W)`` in [0, 1].
        categories: the names of its labels; label 0 is the background.
        source: which weights these are, and what of the detector is the student's own.
    """

    model: nn.Module
    categories: tuple[str, ...]
    source: str

    def __str__(self) -> str:
        return self.source


def detector(task: Task, parts: Any = None, device: torch.device | str = "cpu") -> Pretrained:
    """Give a detector that finds boxes, masks or keypoints.

    torchvision's, with COCO weights, where those are in torch's cache or can be downloaded (with a progress bar, and
    checked against the checksum in the file's name); else the course's own small one. With ``parts`` it is made of
    those, and answers the same: they are transplanted into torchvision's (:func:`course.detector.transplant`), or the
    small one is composed of them (:class:`course.detector.Detector`).

    Args:
        task: "boxes", "masks" (with boxes) or "keypoints" (of persons, with boxes).
        parts: of :func:`course.parts.collect` or :func:`course.parts.here`; without, all is torchvision's.
        device: where the model goes.

    Raises:
        ZooError: another task.
    """
    if task not in get_args(Task):
        raise ZooError(f"expected a task of {', '.join(get_args(Task))}, got {task!r}")
    weights = get_model_weights(MODELS[task]).DEFAULT
    try:
        model = torchvisions(getattr(detection, MODELS[task]), weights)
    except UnavailableError as error:
        return _small(task, parts, device, str(error))
    model = model.to(device)
    source = f"torchvision's {MODELS[task]}, trained on COCO."
    if parts is not None:
        model = transplant(model, parts)
        source = f"{source}\n{model.transplant}"
    return Pretrained(model, tuple(weights.meta["categories"]), source)


def torchvisions(build: Callable[..., nn.Module], weights: WeightsEnum) -> nn.Module:
    """One of torchvision's models with its weights, from torch's cache or downloaded, in evaluation mode.

    Args:
        build: torchvision's function that makes the model.
        weights: of that model.

    Raises:
        UnavailableError: they are not available; the message says why.
    """
    cached = Path(torch.hub.get_dir(), "checkpoints", weights.url.rpartition("/")[2])
    try:
        if not cached.exists():
            _knock(weights.url)
        with _limited(STALLED):
            return build(weights=weights).eval()
    except OSError as error:
        raise UnavailableError(str(error) or type(error).__name__) from None
    except (RuntimeError, EOFError, UnpicklingError) as error:  # another checksum, or a file that was cut short
        raise UnavailableError(f"{cached} should be deleted: {str(error) or type(error).__name__}") from None


def small_weights() -> contextlib.AbstractContextManager[Path]:
    """The file of the small weights, for as long as the context lasts: the package may be in a zip.

    Raises:
        UnavailableError: it is not there, as where submissions are graded.
    """
    file = resources.files("course") / "weights" / SMALL
    if not file.is_file():
        raise UnavailableError("the course's own weights are not here: they are kept out of sight while work is graded")
    return resources.as_file(file)


def _small(task: Task, parts: Any, device: torch.device | str, why: str) -> Pretrained:
    chosen = as_parts(library if parts is None else parts)
    model = Detector(chosen, len(scenes.CLASSES), masks=True, keypoints=True)
    with small_weights() as path:
        load_weights(model, path)
    if task != "masks":
        model.mask_head = None
    if task != "keypoints":
        model.keypoint_head = None
    source = f"The course's small detector, trained on made-up scenes; COCO weights are not available here ({why})."
    if parts is not None:
        source = f"{source}\n{chosen}"
    return Pretrained(model.eval().to(device), scenes.CLASSES, source)


def _knock(url: str) -> None:
    """Raise ``OSError`` unless a server answers soon. A thread asks: looking up a name has no time limit."""
    came: list[OSError | None] = []

    def ask() -> None:
        try:
            urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=PATIENCE).close()
            came.append(None)
        except OSError as error:
            came.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    if not came:
        raise TimeoutError(f"no answer within {PATIENCE:.0f} seconds")
    if came[0]:
        raise came[0]


@contextlib.contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """Give up a transfer if nothing arrives for so long."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
