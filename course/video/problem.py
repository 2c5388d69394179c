"""What goes wrong with videos, and OpenCV's own words about it, which are not shown twice."""

import contextlib
import os
import sys
from collections.abc import Iterator

from course.errors import PlainError

# FFmpeg's threads write to standard error whenever they like. It reads this once, when the first video is opened.
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")


class VideoError(PlainError):
    """A video that cannot be read, made or shown; the message says what it expected and what it got."""


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Drop what C code writes to standard error meanwhile.

    OpenCV's and FFmpeg's notes go there whatever their log level, and Jupyter shows them in red below the cell.
    """
    if sys.stderr is not None:
        sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
