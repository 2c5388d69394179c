"""People as skeletons: the 17 keypoints by name, and joints and bones over a picture.

Left, right and middle differ in colour, in line and in marker.
"""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patches import Ellipse
from torch import Tensor

from course.draw.figure import Drawing, new_figure, shown
from course.draw.palette import BLUE, FAINT, INK, RED, Look
from course.pose import BONES, LEFT, MIDDLE, RIGHT, WORDS, side

LOOKS = {LEFT: Look(BLUE, "-", "", 2.6), RIGHT: Look(RED, (0, (3, 1.2)), "", 2.6), MIDDLE: Look(INK, "-", "", 2.0)}
MARKERS = {LEFT: "o", RIGHT: "s", MIDDLE: "D"}
HALO = 4.5  # width of the white below a bone
# A person who looks at us, arms a little away: x to the right in the picture, y down.
FIGURE = (
    *((0.0, -6.6), (0.42, -7.05), (-0.42, -7.05), (0.95, -6.75), (-0.95, -6.75)),
    *((1.6, -4.9), (-1.6, -4.9), (2.5, -3.0), (-2.5, -3.0), (3.2, -1.2), (-3.2, -1.2)),
    *((1.0, -0.6), (-1.0, -0.6), (1.25, 2.1), (-1.25, 2.1), (1.45, 4.8), (-1.45, 4.8)),
)


@shown
def seventeen_keypoints() -> Drawing:
    """COCO's keypoints on a sketched person, with number, name and side."""
    figure = new_figure(8.6, 5.4, layout=None)
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(-8.6, 8.6), ylim=(5.6, -8.4), aspect="equal")
    ax.axis("off")
    ax.add_patch(Ellipse((0, -6.5), 2.1, 2.7, facecolor="#F1ECE4", edgecolor="#CFC6B8", zorder=0))
    skeleton(ax, [(x, y, 1.0) for x, y in FIGURE])
    for number, (x, y) in enumerate(FIGURE):
        which = side(number)
        if which == MIDDLE:
            words, place, ha = f"{number} {WORDS[number]}", (0.0, -8.15), "center"
        else:
            row = _row(number)
            words, place = f"{number} {WORDS[number]}", (4.4 if which == LEFT else -4.4, row)
            ha = "left" if which == LEFT else "right"
        ax.plot([x, place[0]], [y, place[1]], color=FAINT, linewidth=0.8, linestyle=":", zorder=1)
        ax.text(*place, words, ha=ha, va="center", fontsize=10.5, color=LOOKS[which].colour, weight="bold")
    ax.text(8.4, -8.1, "the person's left", ha="right", fontsize=11, color=LOOKS[LEFT].colour, style="italic")
    ax.text(-8.4, -8.1, "the person's right", ha="left", fontsize=11, color=LOOKS[RIGHT].colour, style="italic")
    listed = ", ".join(f"{number} {word}" for number, word in enumerate(WORDS))
    alt = f"A person seen from the front, with COCO's keypoints: {listed}. The person's left is on the right here."
    return Drawing(figure, alt, "Left: blue, round, solid. Right: orange, square, dashed.")


def _row(number: int) -> float:
    """How far down the name of a keypoint stands: eyes and ears are too close for their own places."""
    return {1: -7.6, 2: -7.6, 3: -6.3, 4: -6.3}.get(number, FIGURE[number][1])


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
