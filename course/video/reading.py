"""Read a video: every frame once, in order, and none past the end."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor

from course.video.problem import VideoError, quiet
from course.video.timing import each, measured

SMALLEST = 16  # pixels of the longer side


@dataclass(frozen=True)
class Clip:
    """A video file that can be read, again and again: ``for frame in clip``.

    Each frame is a tensor ``(3, H, W)``, float32 in [0, 1], red, green, blue. A phone's upright video comes upright.

    Attributes:
        path: the file.
        size: (height, width) of every frame, in pixels.
        fps: frames a second, on average: a copy of all frames at this rate lasts as long. 25 if nothing tells.
        claimed: how many frames are in the file, 0 if unknown. It may be wrong: how many can be decoded is known when
            they have been read.
        longest: frames are made smaller until their longer side has at most so many pixels; ``None`` leaves them.
    """

    path: Path
    size: tuple[int, int]
    fps: float
    claimed: int
    longest: int | None = None

    def __iter__(self) -> Iterator[Tensor]:
        """Every frame that can be decoded, from the first to the last: a broken one is left out.

        Raises:
            VideoError: the file is gone, or cannot be read any more.
        """
        with _opened(self.path) as capture:
            # What the file claims is no reason to go on or to stop: only a frame that came counts.
            for frame, _ in each(lambda: _next(capture)):
                yield _tensor(frame, self.longest)


def read(path: str | Path, longest: int | None = None) -> Clip:
    """Open a video, look at its first frame, and count the others.

    Args:
        path: of a file that OpenCV can read: MP4, MOV, AVI, WebM, GIF and others.
        longest: make the frames smaller until their longer side has at most so many pixels (at least 16); ``None``
            leaves them as they are. No frame is ever made larger.

    Raises:
        VideoError: there is no such file, it is not a video, it has no frame that can be decoded (the message names
            the codec), or ``longest`` is too small.
    """
    path = Path(path)
    if longest is not None and longest < SMALLEST:
        raise VideoError(f"expected at least {SMALLEST} pixels for the longer side of a frame, got {longest}.")
    with _opened(path) as capture:
        first, _ = next(each(lambda: _next(capture)), (None, 0))
        if first is None:
            raise VideoError(f"{path} can be opened, but holds no frame that can be read: {_reason(capture)}")
    with _opened(path) as capture:
        claimed, fps = measured(capture)
    height, width = _tensor(first, longest).shape[1:]
    return Clip(path, (height, width), fps, claimed, longest)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Any]:
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist"
        raise VideoError(f"expected a video file, but {path} {what} (relative paths start in {Path.cwd()}).")
    with quiet():
        capture = cv2.VideoCapture(str(path.absolute()))  # "cam1:front.mp4" alone would be a protocol for FFmpeg
    try:
        if not capture.isOpened():
            size = path.stat().st_size
            raise VideoError(f"{path} ({size:,} bytes) is not a video that OpenCV can open: try an MP4 or WebM file.")
        yield capture
    finally:
        capture.release()


def _reason(capture: Any) -> str:
    """Why nothing is decoded: the codec, which may be one that OpenCV was built without, as AV1 often is."""
    number = capture.get(cv2.CAP_PROP_FOURCC)
    code = int(number).to_bytes(4, "little").decode("latin-1").strip("\0 ") if 0 < number < 2**32 else ""
    if not code.isalnum():
        return "is the file complete?"
    name = {"AV01": "AV1"}.get(code.upper(), code)
    return (
        f"it is coded as {name}, which this OpenCV may not decode. If the file is complete, save it as H.264 or VP8 "
        "first: ffmpeg -i FILE -c:v libx264 new.mp4"
    )


def _next(capture: Any) -> Any:
    """The next frame as OpenCV gives it, ``(H, W, 3)`` uint8 in blue, green, red; ``None`` after the last."""
    there, frame = capture.read()
    return frame if there else None


def _tensor(frame: Any, longest: int | None) -> Tensor:
    height, width = frame.shape[:2]
    share = 1 if longest is None else longest / max(height, width)
    if share < 1:
        size = max(1, round(share * width)), max(1, round(share * height))
        frame = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
    rgb = np.ascontiguousarray(frame[..., ::-1].transpose(2, 0, 1))
    return torch.from_numpy(rgb).float() / 255
