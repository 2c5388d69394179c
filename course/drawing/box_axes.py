"""Axes that boxes are drawn on: an image seen in pixel coordinates, y pointing down as in arrays.

Shapes are added as artists, not as patches: matplotlib would measure a patch to find the limits of the axes. Here the
view is given, and measuring would take longer than drawing, too long while a slider moves.
"""

import math
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Ellipse, FancyBboxPatch, Polygon, Rectangle
from matplotlib.transforms import Bbox

from course.drawing.palette import FAINT, INK, PAPER, Look

Box = Sequence[float]
BEHIND = {"boxstyle": "round,pad=0.15", "facecolor": PAPER, "edgecolor": "none", "alpha": 0.85}


def set_up_axes(ax: Axes, view: Box, image: tuple[float, float] | None = None) -> None:
    """Prepare axes for boxes: ``view`` is what to see, as x1, y1, x2, y2; ``image`` is a (height, width)."""
    ax.set(xlim=(view[0], view[2]), ylim=(view[3], view[1]), aspect="equal")
    ax.xaxis.tick_top()
    ax.tick_params(length=3)
    ax.set_facecolor("white" if image else PAPER)
    if image:
        height, width = image
        ax.add_artist(Rectangle((0, 0), width, height, facecolor=PAPER, edgecolor=INK, linewidth=1.5, zorder=0))
        for side in ax.spines.values():
            side.set_visible(False)


def outline(ax: Axes, box: Box, look: Look, *, fill: bool = False) -> None:
    """Draw one box x1, y1, x2, y2; ``fill`` hatches and tints its inside."""
    corner, width, height = (box[0], box[1]), box[2] - box[0], box[3] - box[1]
    if fill:
        ax.add_artist(Rectangle(corner, width, height, facecolor=look.colour, alpha=0.14, linewidth=0))
        hatch = Rectangle(corner, width, height, fill=False, hatch=look.hatch, edgecolor=look.colour, linewidth=0)
        hatch.set_alpha(0.6)
        ax.add_artist(hatch)
    ax.add_artist(
        Rectangle(
            corner,
            width,
            height,
            fill=False,
            edgecolor=look.colour,
            linestyle=look.line,
            linewidth=look.width,
            zorder=3,
        )
    )


def note(ax: Axes, x: float, y: float, text: str, colour: str = INK, **kwargs: Any) -> None:
    """A text beside boxes, readable over lines and hatching."""
    style: dict[str, Any] = {"color": colour, "ha": "center", "va": "center", "bbox": BEHIND, "zorder": 6}
    ax.text(x, y, text, **(style | kwargs))


def arrow(
    ax: Axes, start: tuple[float, float], end: tuple[float, float], colour: str = FAINT, style: str = "->"
) -> None:
    """An arrow, or a measuring line with ``style="<->"``."""
    line = {"arrowstyle": style, "color": colour, "linewidth": 1.4, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", xy=end, xytext=start, arrowprops=line, zorder=5)


def intersection(box1: Box, box2: Box) -> list[float] | None:
    """The rectangle that two boxes share, or ``None``; by matplotlib's own geometry."""
    shared = Bbox.intersection(Bbox.from_extents(*box1), Bbox.from_extents(*box2))
    return None if shared is None or not shared.width * shared.height else [float(value) for value in shared.extents]


def enclosing_view(boxes: Sequence[Box], margin: float) -> tuple[float, float, float, float]:
    """The smallest view of all boxes, with a margin as a share of its longer side."""
    x1, y1 = min(box[0] for box in boxes), min(box[1] for box in boxes)
    x2, y2 = max(box[2] for box in boxes), max(box[3] for box in boxes)
    space = margin * max(x2 - x1, y2 - y1)
    return x1 - space, y1 - space, x2 + space, y2 + space


def draw_worker(ax: Axes, helmet: Box) -> None:
    """A sketched worker whose safety helmet fills the box, in place of the lecture's photo."""
    x1, y1, x2, y2 = helmet
    wide, tall, middle = x2 - x1, y2 - y1, (x1 + x2) / 2
    skin, cloth, shell, rim = "#E8CDB5", "#C9D6DF", "#F6D55C", "#A8851F"
    chest = FancyBboxPatch(
        (middle - wide, y2 + 0.55 * wide),
        2 * wide,
        10 * tall,
        boxstyle=f"round,pad=0,rounding_size={0.5 * wide}",
    )
    chest.set(facecolor=cloth, linewidth=0, zorder=1)
    ax.add_artist(chest)
    ax.add_artist(Ellipse((middle, y2), 0.78 * wide, 1.4 * wide, facecolor=skin, linewidth=0, zorder=1))
    for side in (-1, 1):  # eyes
        ax.add_artist(
            Ellipse(
                (middle + side * 0.15 * wide, y2 + 0.2 * wide),
                0.06 * wide,
                0.1 * wide,
                facecolor=INK,
                zorder=2,
            )
        )
    for share, colour in ((1.0, shell), (0.24, "#F9E595")):  # the shell, and the ridge along its middle
        points = [_dome(step / 40) for step in range(-40, 41)]
        outline_points = [(middle + share * 0.46 * wide * x, y1 + 0.88 * tall * (1 - y)) for x, y in points]
        ax.add_artist(Polygon(outline_points, facecolor=colour, edgecolor=rim, linewidth=1.1, zorder=2))
    brim = FancyBboxPatch(
        (x1, y2 - 0.15 * tall), wide, 0.15 * tall, boxstyle=f"round,pad=0,rounding_size={0.074 * tall}"
    )
    brim.set(facecolor=shell, edgecolor=rim, linewidth=1.1, zorder=2)
    ax.add_artist(brim)


def _dome(x: float) -> tuple[float, float]:
    """A point of a rounded dome of height 1 over the base from −1 to 1, spaced closely near both ends."""
    x = math.sin(x * math.pi / 2)
    return x, (1 - abs(x) ** 2.5) ** (1 / 2.5)
