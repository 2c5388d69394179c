"""The level of the pyramid for a box of any size."""

from collections.abc import Callable

import torch

from course.drawing.box_axes import outline
from course.drawing.figure import Drawing, new_figure
from course.drawing.palette import FAINT, INK
from course.exploring.controls import integer_slider
from course.exploring.explorer import explore
from course.exploring.grid import cell_grid
from course.exploring.student_function import StudentFunction
from course.labs.lab5_fpn_mask.draw.levels import LOOKS, levels_of

SIZE = 1024  # of the image, in pixels


def levels(roi_level: Callable) -> None:
    """A box whose width and height can be moved, on the cells of the level that the student's function gives it."""
    mine = StudentFunction(roi_level, "roi_level")
    explore(
        lambda width, height: _drawing(mine, width, height),
        lambda: {"width": integer_slider("width", 224, 1, SIZE), "height": integer_slider("height", 224, 1, SIZE)},
        functions=[mine],
    )


def _drawing(roi_level: StudentFunction, width: int, height: int) -> Drawing:
    (level,) = levels_of(roi_level, torch.tensor([[0.0, 0.0, width, height]]))
    stride = 2**level
    figure = new_figure(7.6, 4.6, layout=None)
    ax, table = figure.add_axes((0.02, 0.02, 0.58, 0.9)), figure.add_axes((0.63, 0.1, 0.36, 0.78))
    cell_grid(ax, SIZE, SIZE, stride, line=0.15 * level)
    x, y = (SIZE - width) // 2 // stride * stride, (SIZE - height) // 2 // stride * stride
    outline(ax, (x, y, x + width, y + height), LOOKS[level])
    ax.set_title(f"P{level}: cells of {stride} pixels", weight="bold")
    table.set(xlim=(0, 1), ylim=(3.6, -0.8))
    table.axis("off")
    for row, (one, look) in enumerate(LOOKS.items()):
        covers = f"{width / 2**one:.1f} × {height / 2**one:.1f} cells"
        weight, colour = ("bold", INK) if one == level else ("normal", FAINT)
        table.plot([0, 0.14], [row, row], color=look.colour, linestyle=look.line, linewidth=look.width)
        table.text(0.2, row, f"P{one}", weight=weight, color=colour, va="center")
        table.text(0.36, row, covers, weight=weight, color=colour, va="center")
    table.set_title("the box covers", loc="left")
    covered = f"{width / stride:.1f} × {height / stride:.1f} cells of {stride} pixels"
    side = (width * height) ** 0.5
    summary = f"A box of {width} × {height} pixels, as large as a square of {side:.0f}: level P{level}, {covered}"
    return Drawing(figure, f"{summary}, by your roi_level.", f"{summary}.")
