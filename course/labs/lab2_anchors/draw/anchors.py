"""Anchors: their shapes, the grid that they stand on, and those that lie inside the image."""

from collections.abc import Callable, Sequence

import torch
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patches import Rectangle
from torch import Tensor

from course.drawing.ask_student import Boxes, ask, no_picture
from course.drawing.box_axes import arrow, draw_worker, note, outline, set_up_axes
from course.drawing.figure import Drawing, new_figure, shown
from course.drawing.palette import BLUE, FAINT, FIRST, GREEN, INK, PAPER, RED, SECOND, SHARED, Look
from course.labs.lab1_boxes.draw.coordinates import HELMETS

BY_RATIO = (FIRST, SECOND, Look(GREEN, (0, (1, 1)), SHARED.hatch))  # looks that differ in line and hatch


@shown
def ratio_rule() -> Drawing:
    """Three boxes of the same area, with ratios one quarter, 1 and 4, as multiples of the square's side."""
    figure = new_figure(8.6, 3.4)
    words = []
    places = zip(figure.subplots(1, 3), ((0.25, 2, 0.5), (1, 1, 1), (4, 0.5, 2)), BY_RATIO, strict=True)
    for ax, (ratio, width, height), look in places:
        set_up_axes(ax, (-1.35, -1.35, 1.35, 1.35))
        ax.set(xticks=[], yticks=[])
        outline(ax, (-0.5, -0.5, 0.5, 0.5), Look(FAINT, ":", "", 1.2))
        outline(ax, (-width / 2, -height / 2, width / 2, height / 2), look, fill=True)
        ax.set_title(f"ratio {ratio:g}", weight="bold", color=look.colour)
        ax.set_xlabel(f"width {width:g} · side, height {height:g} · side\narea {width * height:g} · side²")
        words.append(f"ratio {ratio:g}: width {width:g}, height {height:g}, area {width * height:g}")
    alt = f"Three boxes in units of the square's side and area. {'; '.join(words)}."
    return Drawing(figure, alt, "Dotted: the square. The root shares the stretching out, so that the area stays.")


@shown
def nine_anchors(
    base_size: float, scales: Sequence[float], ratios: Sequence[float], anchor_shapes: Callable
) -> Drawing:
    """The student's anchor shapes around the middle of the lecture's image."""
    count = len(scales) * len(ratios)
    shapes = ask(anchor_shapes, base_size, tuple(scales), tuple(ratios), shape=(count, 2)).tolist()
    figure = new_figure(8.8, 5.4)
    ax, table = figure.subplots(1, 2, width_ratios=(1.5, 1))
    reach = max(800.0, *(max(shape) + 20 for shape in shapes))
    low, high = 400 - reach / 2, 400 + reach / 2
    set_up_axes(ax, (min(low, -5), min(low, -5), max(high, 805), max(high, 805)), image=(800, 800))
    for helmet in HELMETS:
        draw_worker(ax, helmet)
    for number, (width, height) in enumerate(shapes):
        look = BY_RATIO[number // len(scales) % 3]
        outline(ax, (400 - width / 2, 400 - height / 2, 400 + width / 2, 400 + height / 2), look)
    ax.plot(400, 400, "o", color=INK, markersize=6, zorder=6)
    table.set(xlim=(0, 1), ylim=(count + 0.6, -1))
    table.axis("off")
    table.text(0.03, -0.45, "row    width × height", fontsize=10, color=FAINT)
    for number, (width, height) in enumerate(shapes):
        look = BY_RATIO[number // len(scales) % 3]
        table.plot([0.62, 0.78], [number + 0.1] * 2, color=look.colour, linestyle=look.line, linewidth=2)
        table.text(0.03, number, f"{number}", va="center", weight="bold", color=look.colour)
        table.text(0.17, number, f"{width:.1f} × {height:.1f}", va="center")
        ratio = ratios[number // len(scales)]
        table.text(0.83, number, f"ratio {ratio:g}", va="center", fontsize=9, color=look.colour)
    each = ", ".join(f"{width:.1f} × {height:.1f}" for width, height in shapes)
    alt = f"{count} anchors around one point of the 800 × 800 image; width × height by your anchor_shapes: {each}."
    return Drawing(figure, alt, "One line style for each ratio. The largest nearly fill the image.")


@shown
def cell_centres() -> Drawing:
    """A feature map of 3 × 5 cells on its image, with centres, and what a cell's corner would be instead."""
    figure = new_figure(7.8, 4.6)
    ax = figure.subplots()
    _grid(ax, (3, 5), 16)
    for row in range(3):
        for column in range(5):
            ax.plot(16 * column + 8, 16 * row + 8, "o", color=BLUE, markersize=7, zorder=6)
    x, y = 16 * 2 + 8, 16 * 1 + 8
    ax.plot([x, x, -2], [-2, y, y], color=BLUE, linestyle=":", linewidth=1.4)
    note(ax, x, -7.5, "column 2: (2 + ½) · 16 = 40", BLUE)
    note(ax, -3, y, "row 1:\n(1 + ½) · 16 = 24", BLUE, ha="right")
    arrow(ax, (64, 51.5), (80, 51.5), INK, "<->")
    note(ax, 72, 55.5, "stride 16")
    ax.set(xlim=(-34, 83), ylim=(59, -11))
    alt = (
        "A feature map of 3 rows and 5 columns. Each cell covers 16 × 16 pixels, and its centre is marked. The cell in "
        "row 1, column 2 has its centre at x = (2 + ½) · 16 = 40 and y = (1 + ½) · 16 = 24."
    )
    return Drawing(figure, alt, "Rows and columns count from 0. Dots: where the anchors' centres belong.")


@shown
def anchor_order(feature_size: tuple[int, int], stride: int, shapes: Boxes, grid_anchors: Callable) -> Drawing:
    """The student's anchors of one shape on a small map, numbered in the order in which they come."""
    rows, columns = feature_size
    shapes = torch.as_tensor(shapes, dtype=torch.float32)
    anchors = ask(grid_anchors, feature_size, stride, shapes, shape=(rows * columns * len(shapes), 4)).tolist()
    figure = new_figure(7.4, 4.4)
    ax = figure.subplots()
    _grid(ax, feature_size, stride)
    edges = list(zip(*anchors, strict=True))
    ax.set(
        xlim=(min(-4, *edges[0]) - 2, max(columns * stride + 4, *edges[2]) + 2),
        ylim=(max(rows * stride + 4, *edges[3]) + 2, min(-4, *edges[1]) - 2),
    )
    centres = [((x1 + x2) / 2, (y1 + y2) / 2) for x1, y1, x2, y2 in anchors]
    ax.plot(*zip(*centres, strict=True), color=RED, linewidth=1.2, linestyle="--", zorder=2)
    for number, (box, (x, y)) in enumerate(zip(anchors, centres, strict=True)):
        outline(ax, box, FIRST)
        note(ax, x, y, str(number), BLUE, weight="bold")
    places = ", ".join(f"{number} at ({x:g}, {y:g})" for number, (x, y) in enumerate(centres))
    alt = f"Your anchors on a map of {rows} rows and {columns} columns, by the centre (x, y) of each: {places}."
    return Drawing(figure, alt, "Numbers: the order in your tensor, joined by the dashed line.")


@shown
def inside_anchors(anchors: Tensor, shapes: Tensor, size: tuple[int, int], inside_image: Callable) -> Drawing:
    """All anchors that the student's function finds inside the image, one panel for each shape, with their number."""
    tall, wide = size
    kept = ask(inside_image, anchors, size, shape=(len(anchors),))
    if kept.dtype != torch.bool:
        raise no_picture(f"inside_image gave {kept.dtype} instead of torch.bool")
    boxes, inside = anchors.cpu().view(-1, len(shapes), 4), kept.view(-1, len(shapes))
    figure = new_figure(9.4, 9.2)
    words = []
    for number, ax in enumerate(figure.subplots(3, 3).flat):
        look = BY_RATIO[number // 3]
        mine = boxes[inside[:, number], number]
        set_up_axes(ax, (-15, -15, wide + 15, tall + 15), image=size)
        ax.set(xticks=[], yticks=[])
        ax.add_collection(LineCollection(list(_outlines(mine).numpy()), colors=look.colour, linewidths=0.5, alpha=0.25))
        x, y = ((mine[:, :2] + mine[:, 2:]) / 2).unbind(1)
        ax.plot(x, y, ".", color=INK, markersize=1.6, zorder=4)
        w, h = shapes[number].tolist()
        title = f"{w:.0f} × {h:.0f}: {len(mine):,} of {len(boxes):,}"
        ax.set_title(title, color=look.colour, pad=4)
        words.append(title)
    alt = f"{int(kept.sum()):,} of {len(anchors):,} anchors lie inside the image. By shape: {'; '.join(words)}."
    return Drawing(figure, alt, "Lines: the anchors. Dots: their centres; where there are none, the anchor sticks out.")


def _outlines(boxes: Tensor) -> Tensor:
    """Boxes ``(N, 4)`` as closed lines ``(N, 5, 2)``."""
    x1, y1, x2, y2 = boxes.unbind(1)
    return torch.stack([torch.stack([x1, x2, x2, x1, x1], 1), torch.stack([y1, y1, y2, y2, y1], 1)], dim=2)


def _grid(ax: Axes, feature_size: tuple[int, int], stride: int) -> None:
    """The cells of a feature map, in pixels of the image."""
    rows, columns = feature_size
    set_up_axes(ax, (0, 0, columns * stride, rows * stride))
    ax.set_facecolor("white")
    ax.axis("off")
    for row in range(rows):
        for column in range(columns):
            cell = Rectangle((column * stride, row * stride), stride, stride, facecolor=PAPER, edgecolor="#9A9A9A")
            cell.set(linewidth=1, zorder=0)
            ax.add_patch(cell)
