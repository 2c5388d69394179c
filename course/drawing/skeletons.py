"""People as skeletons: joints and bones over a picture.

Left, right and middle differ in colour, in line and in marker.
"""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from torch import Tensor

from course.drawing.palette import BLUE, INK, RED, Look
from course.drawing.pose import BONES, LEFT, MIDDLE, RIGHT, side

LOOKS = {LEFT: Look(BLUE, "-", "", 2.6), RIGHT: Look(RED, (0, (3, 1.2)), "", 2.6), MIDDLE: Look(INK, "-", "", 2.0)}
MARKERS = {LEFT: "o", RIGHT: "s", MIDDLE: "D"}
HALO = 4.5  # width of the white below a bone


def skeleton(ax: Axes, joints: Sequence[Sequence[float]], *, threshold: float = 0.0, size: float = 5.5) -> int:
    """Draw the joints (x, y, score) whose score is above a threshold, and the bones between them; give how many.

    One artist for all of a kind: thirty for each person would take too long while a slider moves.
    """
    there = [joint[2] > threshold for joint in joints]
    bones = [bone for bone in BONES if there[bone[0]] and there[bone[1]]]
    ends = [(joints[start][:2], joints[end][:2]) for start, end, _ in bones]
    looks = [LOOKS[which] for _, _, which in bones]
    widths = [look.width * size / 6 for look in looks]
    halo = LineCollection(ends, colors="white", linewidths=HALO, capstyle="round", zorder=3)
    lines = LineCollection(ends, linewidths=widths, linestyles=[look.line for look in looks], zorder=3)
    lines.set_color([look.colour for look in looks])
    for collection in (halo, lines):
        ax.add_collection(collection, autolim=False)
    for which, marker in MARKERS.items():
        places = [joint[:2] for number, joint in enumerate(joints) if there[number] and side(number) == which]
        style: dict[str, Any] = {"marker": marker, "color": LOOKS[which].colour, "markeredgecolor": "white"}
        xs, ys = [x for x, _ in places], [y for _, y in places]
        ax.plot(xs, ys, markersize=size, markeredgewidth=0.9, zorder=4, linestyle="", **style)
    return sum(there)


def photo(ax: Axes, image: Tensor, view: Sequence[float] | None = None) -> None:
    """An image ``(3, H, W)`` in [0, 1] in pixel coordinates, or its part ``view`` (x1, y1, x2, y2)."""
    _, height, width = image.shape
    pixels = (255 * image.detach().cpu().clamp(0, 1)).round().byte()  # whole numbers are enlarged in half the time
    ax.imshow(pixels.permute(1, 2, 0).numpy(), extent=(0, width, height, 0), interpolation="nearest")
    x1, y1, x2, y2 = view or (0, 0, width, height)
    ax.set(xlim=(x1, x2), ylim=(y2, y1), xticks=[], yticks=[])
    ax.spines[:].set_color(INK)
