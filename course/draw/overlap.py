"""Intersection over union: two boxes, their four typical positions, a matrix of many, and one box on the move."""

from collections.abc import Callable

import torch
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from course.draw.coordinates import numbers
from course.draw.figure import Drawing, new_figure, shown
from course.draw.palette import BLUE, FAINT, FIRST, GREEN, INK, RED, SECOND, SHARED
from course.draw.sheet import Box, common, note, outline, sheet
from course.draw.student import Boxes, as_lists, as_tensor, ask


def _span(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _shares(box1: Box, box2: Box) -> tuple[list[float] | None, float, float]:
    """The shared rectangle, its area, and the area of the union."""
    shared = common(box1, box2)
    inner = _span(shared) if shared else 0.0
    return shared, inner, _span(box1) + _span(box2) - inner


@shown
def overlap(box1: Box, box2: Box) -> Drawing:
    """Two boxes, their intersection and their union, each shaded, with the areas in numbers."""
    shared, inner, outer = _shares(box1, box2)
    figure = new_figure(9.6, 4.05)
    view = _around([box1, box2], 0.16)
    panels = figure.subplots(1, 3)
    titles = (
        f"two boxes\n{_span(box1):,.0f} px² and {_span(box2):,.0f} px²",
        f"intersection\n{inner:,.0f} px²",
        f"union\n{_span(box1):,.0f} + {_span(box2):,.0f} − {inner:,.0f} = {outer:,.0f} px²",
    )
    for ax, title in zip(panels, titles, strict=True):
        sheet(ax, view)
        ax.set_title(title, fontsize=10, pad=8)
        ax.set_xticks(sorted({box1[0], box1[2], box2[0], box2[2]}))
        ax.set_yticks(sorted({box1[1], box1[3], box2[1], box2[3]}))
        outline(ax, box1, FIRST, fill=ax is panels[0])
        outline(ax, box2, SECOND, fill=ax is panels[0])
    note(panels[0], box1[0] + 0.2 * (box1[2] - box1[0]), box1[1] + 0.16 * (box1[3] - box1[1]), "box 1", BLUE, weight="bold")
    note(panels[0], box2[2] - 0.2 * (box2[2] - box2[0]), box2[3] - 0.16 * (box2[3] - box2[1]), "box 2", RED, weight="bold")
    if shared:
        outline(panels[1], shared, SHARED, fill=True)
        width, height = shared[2] - shared[0], shared[3] - shared[1]
        note(panels[1], (shared[0] + shared[2]) / 2, (shared[1] + shared[3]) / 2, f"{width:g} × {height:g}", GREEN, weight="bold")
    _fill_union(panels[2], box1, box2)
    figure.supxlabel(f"IoU = {inner:,.0f} / {outer:,.0f} = {inner / outer:.3f}", fontsize=13, weight="bold")
    alt = (
        f"Box 1 {numbers(box1)} has area {_span(box1):,.0f}, box 2 {numbers(box2)} has area {_span(box2):,.0f}. Their intersection, "
        f"{numbers(shared) if shared else 'empty'}, has area {inner:,.0f}. Their union has {_span(box1):,.0f} + {_span(box2):,.0f} "
        f"− {inner:,.0f} = {outer:,.0f}. IoU = {inner / outer:.3f}."
    )
    return Drawing(figure, alt, "Adding both areas counts the intersection twice; the union counts it once.")


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
        sheet(ax, (-10, -10, 145, 90))
        ax.set(xticks=[], yticks=[])
        if shared:
            outline(ax, shared, SHARED, fill=True)
        outline(ax, first, FIRST, fill=shared is None)
        outline(ax, second, SECOND, fill=shared is None)
        ax.set_title(f"{name}\n{inner:,.0f} / {outer:,.0f} = {inner / outer:g}", fontsize=10)
        words.append(f"{name}: {inner:,.0f} / {outer:,.0f} = {inner / outer:g}")
    return Drawing(figure, f"IoU of two boxes in four positions. {'; '.join(words)}.", "IoU runs from 0 to 1.")


@shown
def iou_heatmap(boxes1: Boxes, boxes2: Boxes, box_iou: Callable) -> Drawing:
    """The N x M matrix of the student's ``box_iou`` beside the boxes that it belongs to."""
    rows, columns = as_lists(boxes1), as_lists(boxes2)
    iou = ask(box_iou, as_tensor(boxes1), as_tensor(boxes2), shape=(len(rows), len(columns)))
    row_names = [f"a{i}" for i in range(len(rows))]
    column_names = [f"g{j}" for j in range(len(columns))]
    figure = new_figure(9.6, 4.6)
    left, right = figure.subplots(1, 2, width_ratios=(1.35, 1))
    sheet(left, _around(rows + columns, 0.12))
    for boxes, names, look, bottom in ((rows, row_names, FIRST, False), (columns, column_names, SECOND, True)):
        for name, box in zip(names, boxes, strict=True):
            outline(left, box, look, fill=bottom)
            x, y = (box[2], box[3]) if bottom else (box[0], box[1])
            note(left, x, y, name, look.colour, fontsize=10, weight="bold")
    left.set_title("boxes1: solid, a · boxes2: dashed, g", pad=8)
    _matrix(right, iou, row_names, column_names)
    cells = "; ".join(
        f"{a} with {', '.join(f'{g} {value:.3f}' for g, value in zip(column_names, line, strict=True))}"
        for a, line in zip(row_names, iou.tolist(), strict=True)
    )
    alt = f"{len(rows)} boxes (rows) against {len(columns)} boxes (columns), your IoU: {cells}."
    return Drawing(figure, alt, "Left the boxes, right your N × M matrix. Thick frame: the best row of each column, the slides' gt_max_iou.")


def _matrix(ax: Axes, iou: torch.Tensor, row_names: list[str], column_names: list[str]) -> None:
    ax.imshow(iou.double().numpy(), cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for row, line in enumerate(iou.tolist()):
        for column, value in enumerate(line):
            ax.text(column, row, f"{value:.3f}", ha="center", va="center", color="white" if value > 0.6 else INK, fontsize=11)
    for column, best in enumerate(iou.max(dim=0).indices.tolist() if iou.numel() else []):
        if iou[best, column] > 0:
            ax.add_patch(Rectangle((column - 0.47, best - 0.47), 0.94, 0.94, fill=False, edgecolor=INK, linewidth=3))
    ax.set_xticks(range(len(column_names)), column_names, color=RED, weight="bold")
    ax.set_yticks(range(len(row_names)), row_names, color=BLUE, weight="bold")
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.set_title("your box_iou(boxes1, boxes2)", pad=8)


@shown
def iou_while_sliding(box: Box, box_iou: Callable) -> Drawing:
    """The student's IoU of a box with a copy of itself that moves to the right, from none to all of its width."""
    width = box[2] - box[0]
    shifts = torch.linspace(0, 1.2, 121)
    moved = torch.tensor([list(box)]) + shifts[:, None] * torch.tensor([width, 0.0, width, 0.0])
    curve = ask(box_iou, torch.tensor([list(box)]), moved, shape=(1, len(shifts)))[0].tolist()
    figure = new_figure(8.6, 4.6)
    top, bottom = figure.subfigures(2, 1, height_ratios=(1, 2.6))
    stops = (0, 25, 50, 100)  # indices, and at the same time the shift in percent of the width
    for ax, stop in zip(top.subplots(1, 4), stops, strict=True):
        sheet(ax, (box[0] - 0.1 * width, box[1] - 10, box[2] + 1.1 * width, box[3] + 10))
        ax.set(xticks=[], yticks=[])
        outline(ax, box, FIRST, fill=True)
        outline(ax, moved[stop].tolist(), SECOND, fill=True)
        ax.set_title(f"shift {stop} %: IoU {curve[stop]:.3f}", fontsize=10)
    ax = bottom.subplots()
    ax.plot(shifts * 100, curve, color=BLUE, linewidth=2.5)
    ax.plot([stop for stop in stops], [curve[stop] for stop in stops], "o", color=RED, markersize=7, zorder=5)
    for level, words in ((0.7, "above 0.7: counts as object (lab 2)"), (0.3, "below 0.3: counts as background (lab 2)")):
        ax.axhline(level, color=FAINT, linestyle="--", linewidth=1.2)
        ax.text(119, level + 0.02, words, ha="right", fontsize=9, color=FAINT)
    ax.set(xlim=(0, 120), ylim=(-0.03, 1.05), xlabel="shift, in percent of the width", ylabel="your IoU")
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    points = ", ".join(f"{curve[stop]:.3f} at {stop} %" for stop in stops)
    alt = f"Your IoU of a box with its copy, shifted to the right by a share of its width: {points}."
    return Drawing(figure, alt, "Half a width of shift leaves far less than half of the IoU.")


def _fill_union(ax: Axes, box1: Box, box2: Box) -> None:
    """Shade two boxes as one shape: both in white below, then one tint for the whole."""
    for box in (box1, box2):
        corner, width, height = (box[0], box[1]), box[2] - box[0], box[3] - box[1]
        ax.add_patch(Rectangle(corner, width, height, facecolor="#F5E6C4", edgecolor="none", zorder=1))


def _around(boxes: list[Box], margin: float) -> tuple[float, float, float, float]:
    """The smallest view of all boxes, with a margin as a share of its longer side."""
    x1, y1 = min(box[0] for box in boxes), min(box[1] for box in boxes)
    x2, y2 = max(box[2] for box in boxes), max(box[3] for box in boxes)
    space = margin * max(x2 - x1, y2 - y1)
    return x1 - space, y1 - space, x2 + space, y2 + space
