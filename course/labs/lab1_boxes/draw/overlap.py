"""Intersection over union of two boxes, and in the four typical positions."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from course.drawing.box_axes import Box, enclosing_view, intersection, note, outline, set_up_axes
from course.drawing.figure import Drawing, new_figure, shown
from course.drawing.palette import BLUE, FIRST, GREEN, RED, SECOND, SHARED
from course.labs.lab1_boxes.draw.coordinates import numbers


def _span(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _shares(box1: Box, box2: Box) -> tuple[list[float] | None, float, float]:
    """The shared rectangle, its area, and the area of the union."""
    shared = intersection(box1, box2)
    inner = _span(shared) if shared else 0.0
    return shared, inner, _span(box1) + _span(box2) - inner


@shown
def overlap(box1: Box, box2: Box) -> Drawing:
    """Two boxes, their intersection and their union, each shaded, with the areas in numbers."""
    shared, inner, outer = _shares(box1, box2)
    area1, area2 = f"{_span(box1):,.0f}", f"{_span(box2):,.0f}"
    figure = new_figure(9.6, 4.05)
    view = enclosing_view([box1, box2], 0.16)
    panels = figure.subplots(1, 3)
    titles = (
        f"two boxes\n{area1} px² and {area2} px²",
        f"intersection\n{inner:,.0f} px²",
        f"union\n{area1} + {area2} − {inner:,.0f} = {outer:,.0f} px²",
    )
    for ax, title in zip(panels, titles, strict=True):
        set_up_axes(ax, view)
        ax.set_title(title, fontsize=10, pad=8)
        ax.set_xticks(sorted({box1[0], box1[2], box2[0], box2[2]}))
        ax.set_yticks(sorted({box1[1], box1[3], box2[1], box2[3]}))
        outline(ax, box1, FIRST, fill=ax is panels[0])
        outline(ax, box2, SECOND, fill=ax is panels[0])
    _name_both(panels[0], box1, box2)
    if shared:
        outline(panels[1], shared, SHARED, fill=True)
        _measure(panels[1], shared)
    _fill_union(panels[2], box1, box2)
    figure.supxlabel(f"IoU = {inner:,.0f} / {outer:,.0f} = {inner / outer:.3f}", fontsize=13, weight="bold")
    alt = (
        f"Box 1 {numbers(box1)} has area {area1}, box 2 {numbers(box2)} has area {area2}. "
        f"Their intersection, {numbers(shared) if shared else 'empty'}, has area {inner:,.0f}. "
        f"Their union has {area1} + {area2} − {inner:,.0f} = {outer:,.0f}. IoU = {inner / outer:.3f}."
    )
    return Drawing(figure, alt, "Adding both areas counts the intersection twice; the union counts it once.")


def _name_both(ax: Axes, box1: Box, box2: Box) -> None:
    """Names in the first box's upper left corner, and in the second's lower right one."""
    x, y = box1[0] + 0.2 * (box1[2] - box1[0]), box1[1] + 0.16 * (box1[3] - box1[1])
    note(ax, x, y, "box 1", BLUE, weight="bold")
    x, y = box2[2] - 0.2 * (box2[2] - box2[0]), box2[3] - 0.16 * (box2[3] - box2[1])
    note(ax, x, y, "box 2", RED, weight="bold")


def _measure(ax: Axes, box: Sequence[float]) -> None:
    """A box's width and height in its middle."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    note(ax, x, y, f"{box[2] - box[0]:g} × {box[3] - box[1]:g}", GREEN, weight="bold")


@shown
def overlap_cases() -> Drawing:
    """Four positions of two boxes and their IoU: same, inside, touching, apart."""
    first = (0.0, 0.0, 60.0, 60.0)
    cases = {
        "the same box": (0.0, 0.0, 60.0, 60.0),
        "one inside the other": (15.0, 15.0, 45.0, 45.0),
        "touching": (60.0, 0.0, 120.0, 60.0),
        "apart": (75.0, 20.0, 135.0, 80.0),
    }
    figure = new_figure(9.6, 2.35)
    words = []
    for ax, (name, second) in zip(figure.subplots(1, 4), cases.items(), strict=True):
        shared, inner, outer = _shares(first, second)
        set_up_axes(ax, (-10, -10, 145, 90))
        ax.set(xticks=[], yticks=[])
        if shared:
            outline(ax, shared, SHARED, fill=True)
        outline(ax, first, FIRST, fill=shared is None)
        outline(ax, second, SECOND, fill=shared is None)
        ax.set_title(f"{name}\n{inner:,.0f} / {outer:,.0f} = {inner / outer:g}", fontsize=10)
        words.append(f"{name}: {inner:,.0f} / {outer:,.0f} = {inner / outer:g}")
    return Drawing(figure, f"IoU of two boxes in four positions. {'; '.join(words)}.", "IoU runs from 0 to 1.")


def _fill_union(ax: Axes, box1: Box, box2: Box) -> None:
    """Shade two boxes as one shape: both in white below, then one tint for the whole."""
    for box in (box1, box2):
        corner, width, height = (box[0], box[1]), box[2] - box[0], box[3] - box[1]
        ax.add_patch(Rectangle(corner, width, height, facecolor="#F5E6C4", edgecolor="none", zorder=1))
