"""Play a video below the cell."""

import html
import mimetypes
from pathlib import Path

from IPython.display import Video, display

from course import setup
from course.video.problem import VideoError

LARGEST = 30 * 2**20  # bytes: the video becomes part of the notebook, a third larger


def show(path: str | Path, alt: str = "", width: int | None = None) -> None:
    """Play a video below the cell; it is kept in the notebook, so it plays wherever that is opened.

    Args:
        path: a WebM file, or an MP4 that browsers play (H.264, as phones and cameras write it), up to 30 MB.
        alt: what the video shows, for those who cannot see it.
        width: in pixels of the screen; ``None``: the video's own.

    Raises:
        VideoError: there is no such file, or it is too large to be put into a notebook.
    """
    path = Path(path)
    if not path.is_file():
        raise VideoError(f"expected a video to show, but there is no file {path}.")
    if path.stat().st_size > LARGEST:
        raise VideoError(
            f"{path} has {path.stat().st_size / 2**20:.0f} MB; up to {LARGEST >> 20} MB go into a notebook. "
            "Make it smaller (video.read(path, longest=320)) or open the file itself."
        )
    if not setup.attended():
        return
    label = html.escape(alt or path.name, quote=True)
    kind = mimetypes.guess_type(path.name)[0] or "video/webm"
    attributes = f'controls loop muted playsinline style="max-width: 100%" aria-label="{label}"'
    display(Video(str(path), embed=True, mimetype=kind, width=width, html_attributes=attributes))
