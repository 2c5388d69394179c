"""Write frames to a WebM file, which is there as a whole or not at all."""

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor

from course.video.problem import VideoError, quiet

CODEC = "VP80"  # plays wherever VP9 does, and is written three times as fast
SLOWEST, FASTEST = 1.0, 1000.0  # frames a second; of fewer OpenCV may write none, without a word
SMALLEST = 16  # pixels, VP8's own unit; of the tiniest frames OpenCV writes none, without a word


def write(frames: Iterable[Tensor], path: str | Path, fps: float = 12.0) -> Path:
    """Write frames as a video that browsers play, and give its path.

    Args:
        frames: at least one ``(3, H, W)``, all of one size, 16 × 16 or more: float in [0, 1], or uint8. Where H or W is
            odd, the last row or column is written twice, because the format stores colours for pairs of pixels.
        path: of a ``.webm`` file; one that is there is replaced once the new one is complete.
        fps: frames a second, from 1 to 1,000, which are a WebM file's milliseconds. For fewer write frames repeatedly.

    Raises:
        VideoError: no frame came, one is not such a tensor or has another size, the path is not a ``.webm`` in a folder
            that exists, the rate is out of range, or OpenCV cannot write VP8 here.
    """
    with film(path, fps) as add:
        for frame in frames:
            add(frame)
    return Path(path)


@contextlib.contextmanager
def film(path: str | Path, fps: float) -> Iterator[Callable[[Tensor], None]]:
    """A function that adds a frame. When the block ends the file takes its name; when it fails nothing is left.

    Raises:
        VideoError: as :func:`write`.
    """
    path = Path(path)
    if path.suffix.lower() != ".webm":
        raise VideoError(f"expected a file name that ends in .webm, which browsers play; got {path.name!r}.")
    if not path.absolute().parent.is_dir():
        raise VideoError(f"expected a folder that exists for {path.name}; there is no {path.absolute().parent}.")
    if not SLOWEST <= fps <= FASTEST:
        raise VideoError(f"expected {SLOWEST:g} to {FASTEST:g} frames a second, got {fps:g}.")
    # Beside its final place: a rename within a folder is one step, so nobody ever sees half a video.
    handle, name = tempfile.mkstemp(suffix=".webm", prefix=f".{path.stem}-", dir=path.absolute().parent)
    os.close(handle)
    reel = _Reel(name, fps)
    try:
        yield reel.add
        if not reel.size:
            raise VideoError(f"expected at least one frame for {path}, got none.")
        reel.close()
        os.chmod(name, 0o644)  # mkstemp's files are for their owner alone
        os.replace(name, path)
    finally:
        reel.close()
        Path(name).unlink(missing_ok=True)


class _Reel:
    """OpenCV's writer, opened at the first frame, whose size all others must have."""

    def __init__(self, name: str, fps: float) -> None:
        self.name, self.fps = name, fps
        self.writer: Any = None
        self.size: tuple[int, ...] = ()

    def add(self, frame: Tensor) -> None:
        pixels = _pixels(frame)
        if not self.size:
            self.size = pixels.shape[:2]
            self._open(_even(pixels))
        if pixels.shape[:2] != self.size:  # OpenCV drops such a frame without a word
            wanted, got = (f"{height} × {width}" for height, width in (self.size, pixels.shape[:2]))
            raise VideoError(f"expected frames of one size, {wanted} as the first; got one of {got}.")
        self.writer.write(_even(pixels))

    def close(self) -> None:
        if self.writer is not None:
            self.writer.release()

    def _open(self, pixels: Any) -> None:
        height, width = pixels.shape[:2]
        with quiet():
            self.writer = cv2.VideoWriter(self.name, cv2.VideoWriter.fourcc(*CODEC), float(self.fps), (width, height))
        if not self.writer.isOpened():
            raise VideoError(
                "this OpenCV cannot write VP8 video: pip install --upgrade opencv-python has one that can."
            )


def _pixels(frame: Any) -> Any:
    """A frame as OpenCV wants it: ``(H, W, 3)`` uint8, blue, green, red.

    Raises:
        VideoError: it is not a picture.
    """
    if not isinstance(frame, Tensor):
        raise VideoError(f"expected a frame as a tensor (3, H, W), got {type(frame).__name__}.")
    if frame.ndim != 3 or frame.shape[0] != 3 or min(frame.shape[1:]) < SMALLEST:
        raise VideoError(
            f"expected a frame of shape (3, H, W), {SMALLEST} × {SMALLEST} or more; got {tuple(frame.shape)}."
        )
    if frame.is_floating_point():
        frame = (frame * 255).nan_to_num().round().clamp(0, 255).to(torch.uint8)
    elif frame.dtype != torch.uint8:
        raise VideoError(f"expected a frame of floats in [0, 1] or of uint8, got {frame.dtype}.")
    return np.ascontiguousarray(frame.detach().cpu().numpy().transpose(1, 2, 0)[..., ::-1])


def _even(pixels: Any) -> Any:
    """The last row or column once more where their number is odd; OpenCV would cut them off."""
    height, width = pixels.shape[:2]
    return np.pad(pixels, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
