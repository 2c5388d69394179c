"""Pass every frame of a video to a function, and keep the answers as a video."""

import math
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor
from tqdm.auto import tqdm

from course.video.reading import Clip, read
from course.video.writing import SLOWEST, film


def apply(function: Callable[[Tensor], Tensor], clip: Clip | str | Path, path: str | Path = "found.webm") -> Path:
    """Write the video of ``function(frame)`` for every frame, with a progress bar; give its path.

    The new video lasts as long as the old one. Where frames follow each other at varying times, they do so evenly
    afterwards; of fewer than one a second, each is written several times. A broken frame is left out, and a line says
    how many of how many came.

    Stop it (Jupyter's ■, or Ctrl-C) and the frames that are done are kept; a line says how many. Gradients are off.

    Args:
        function: takes a frame ``(3, H, W)``, float32 in [0, 1], and gives one of any size, float in [0, 1] or uint8,
            each time of the same size.
        clip: what to read; for a path, as :func:`course.video.read` opens it.
        path: the ``.webm`` to write, other than what is read.

    Raises:
        VideoError: ``clip`` cannot be read or ``path`` cannot be written, see :func:`course.video.read` and
            :func:`course.video.write`.
        KeyboardInterrupt: it was stopped before the first frame was done; then nothing is written.
    """
    clip = clip if isinstance(clip, Clip) else read(clip)
    done, stopped = 0, False
    times = max(1, math.ceil(SLOWEST / clip.fps))
    with film(path, times * clip.fps) as add, torch.no_grad():
        bar = tqdm(clip, total=clip.claimed or None, desc=clip.path.name, unit="frame")
        try:
            for frame in bar:
                new = function(frame)
                for _ in range(times):
                    add(new)
                done += 1
        except KeyboardInterrupt:
            if not done:
                raise
            stopped = True
        finally:
            bar.close()
    count = f"{done} of {clip.claimed}" if done < clip.claimed else f"{done}"
    broken = "" if stopped or done >= clip.claimed else " The others cannot be decoded."
    print(f"{'Stopped: ' if stopped else ''}{count} frames are in {path}.{broken}")
    return Path(path)
