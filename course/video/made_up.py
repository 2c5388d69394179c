"""A video for students who have none at hand: a building site on which people move."""

from pathlib import Path

from course.scenes.film import film
from course.video.writing import write

SEED, SIZE, SECONDS, FPS = 34, (160, 240), 3.0, 12.0


def scene_video(path: str | Path = "scenes.webm", seed: int = SEED) -> Path:
    """Make a video of three seconds, 240 × 160 pixels, 12 frames a second, the same for the same seed; give its path.

    Raises:
        VideoError: it cannot be written there, see :func:`course.video.write`.
        ValueError: the seed is negative.
    """
    return write((image for image, _ in film(seed, SIZE, SECONDS, FPS)), path, FPS)
