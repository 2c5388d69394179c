"""Block diagrams of networks: blocks with a name and a size, and arrows between them."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from course.drawing.figure import new_figure
from course.drawing.palette import FAINT, INK

Point = tuple[float, float]


def diagram_axes(width: float, height: float) -> tuple[Figure, Axes]:
    """A figure whose axes count tenths of an inch from its upper left corner."""
    figure = new_figure(width, height, layout=None)
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, 10 * width), ylim=(10 * height, 0))
    ax.axis("off")
    return figure, ax


def block(ax: Axes, place: Point, wide: float, title: str, detail: str, colour: str = "white", high: float = 6) -> None:
    """A rounded block with its upper left corner at ``place``."""
    x, y = place
    frame = FancyBboxPatch(place, wide, high, boxstyle="round,pad=0,rounding_size=0.8", facecolor=colour, edgecolor=INK)
    ax.add_patch(frame)
    centred: dict[str, Any] = {"ha": "center", "va": "center"}
    ax.text(x + wide / 2, y + high * (0.33 if detail else 0.5), title, fontsize=10, weight="bold", **centred)
    ax.text(x + wide / 2, y + high * 0.74, detail, fontsize=9, **centred)


def arrow(ax: Axes, start: Point, end: Point, colour: str = FAINT) -> None:
    """An arrow from point to point."""
    patch = FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=12, shrinkA=1, shrinkB=1)
    patch.set(color=colour, linewidth=1.5)
    ax.add_patch(patch)
