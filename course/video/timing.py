"""How many frames a video has and how long it lasts, from its packets: they are read, not decoded, which is fast."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import cv2

SLOWEST, FASTEST, USUAL = 1 / 600, 1000.0, 25.0  # frames a second: what may be meant, and what stands in otherwise
MISSES = 100  # attempts that fail one after the other: then it is the end, and not a broken frame
NEARLY = 0.1  # so much may two lengths of one video differ


def measured(capture: Any) -> tuple[int, float]:
    """The number of frames, 0 if unknown, and the mean number a second, for a copy that lasts as long.

    Files often claim another rate than they play at: time lapses, recordings of a screen, slow motion.

    Args:
        capture: OpenCV's, just opened; there is nothing to decode from it afterwards.
    """
    rate, count = capture.get(cv2.CAP_PROP_FPS), capture.get(cv2.CAP_PROP_FRAME_COUNT)
    count = int(count) if 0 < count < 2**31 else 0  # FFmpeg's word for "unknown" is a large negative number
    times, missed = _times(capture)
    if len(times) > 1:
        rate, count = _rate(times, rate, count), len(times) + missed
    elif rate == FASTEST:  # what a browser's recording claims, whatever it is
        rate = USUAL
    return count, float(rate) if SLOWEST <= rate <= FASTEST else USUAL  # a comparison with NaN is false, too


def each(step: Callable[[], Any]) -> Iterator[tuple[Any, int]]:
    """What ``step`` gives, each with how often it gave ``None`` just before, until that happens 100 times in a row."""
    missed = 0
    while missed < MISSES:
        if (found := step()) is None:
            missed += 1
        else:
            yield found, missed
            missed = 0


def _times(capture: Any) -> tuple[list[float], int]:
    """When each frame is shown, in seconds, in order, and how many packets between them cannot be read.

    Nothing where OpenCV does not tell, as for formats that it does not read by FFmpeg.
    """
    if not capture.set(cv2.CAP_PROP_FORMAT, -1):  # packets as they are
        return [], 0
    found, missed = [], 0
    for time, before in each(lambda: capture.get(cv2.CAP_PROP_POS_MSEC) / 1000 if capture.grab() else None):
        found.append(time)
        missed += before
    times = sorted(set(found))  # a packet at the time of another holds no frame of its own: VP8 has such ones
    return (times, missed) if times and all(map(math.isfinite, times)) else ([], 0)


def _rate(times: list[float], rate: float, count: int) -> float:
    """Frames a second: what the file says about its length, unless it was cut off or says nothing sensible.

    The times alone do not tell how long the last frame stays.
    """
    if len(times) == count and rate > 0:
        return rate
    shown = (times[-1] - times[0]) * len(times) / (len(times) - 1)  # seconds
    claimed = count / rate if rate > 0 else 0.0
    return len(times) / (claimed if abs(claimed / shown - 1) <= NEARLY else shown)
