"""ROI pool against ROI align, for an ROI that can be moved and stretched."""

from collections.abc import Callable

import torch

from course.drawing.ask_student import ask
from course.drawing.box_axes import outline
from course.drawing.figure import Drawing, NoPicture, new_figure
from course.drawing.palette import BLUE, INK
from course.exploring.controls import integer_slider
from course.exploring.explorer import explore
from course.exploring.grid import cell_grid
from course.exploring.student_function import StudentFunction
from course.labs.lab4_roi_heads.draw.pooling import ROI, bins, one_channel_per_cell

SIZE, STRIDE, OUT = (8, 10), 16, (2, 2)  # cells of the map, pixels of a cell, bins
POINTS = (2 * OUT[0], 2 * OUT[1])


def pooling(roi_pool: Callable, roi_align: Callable) -> None:
    """One ROI on a map of 8 × 10 cells: which cells the student's ``roi_pool`` reads, which points ``roi_align``."""
    pool, align = StudentFunction(roi_pool, "roi_pool"), StudentFunction(roi_align, "roi_align")
    explore(
        lambda x, y, width, height: _drawing(pool, align, (x, y, x + width, y + height)),
        lambda: {
            "x": integer_slider("left", 37, 0, 159),
            "y": integer_slider("top", 27, 0, 127),
            "width": integer_slider("width", 62, 1, 160),
            "height": integer_slider("height", 61, 1, 128),
        },
        functions=[pool, align],
    )


def _drawing(roi_pool: StudentFunction, roi_align: StudentFunction, roi: tuple[int, int, int, int]) -> Drawing:
    if roi[2] > SIZE[1] * STRIDE or roi[3] > SIZE[0] * STRIDE:
        raise NoPicture(f"The ROI ends at ({roi[2]}, {roi[3]}), off the image of 160 × 128 pixels: move or shrink it.")
    one, scale = torch.tensor([[0.0, *roi]]), 1 / STRIDE
    pooled = ask(roi_pool, one_channel_per_cell(SIZE), one, OUT, scale, shape=(1, None, *OUT))[0]
    y, x = torch.meshgrid(*(torch.arange(float(side)) for side in SIZE), indexing="ij")
    ramp = torch.stack((x, y))[None]  # what is read from it is the place where it was read
    xs, ys = ask(roi_align, ramp, one, POINTS, scale, 1, shape=(1, 2, *POINTS))[0].flatten(1) + 0.5
    largest, mean = (
        float(ask(function, x[None, None], one, (1, 1), scale, *rest, shape=(1, 1, 1, 1)))
        for function, rest in ((roi_pool, ()), (roi_align, (2,)))
    )
    figure = new_figure(9.4, 4.2, layout=None)
    true = [value * scale for value in roi]
    left, right = figure.add_axes((0.03, 0.02, 0.45, 0.84)), figure.add_axes((0.53, 0.02, 0.45, 0.84))
    for ax, title in ((left, "roi_pool: whole cells"), (right, "roi_align: points between them")):
        cell_grid(ax, *SIZE, 1)
        outline(ax, true, ROI)
        ax.set_title(title, pad=8)
    bins(left, pooled, SIZE, tint=True)
    right.plot(xs.tolist(), ys.tolist(), "o", color=INK, markersize=4, zorder=6)
    middle = (true[0] + true[2]) / 2, (true[1] + true[3]) / 2
    right.plot([middle[0]] * 2, [true[1], true[3]], color=BLUE, linewidth=1.4)
    right.plot([true[0], true[2]], [middle[1]] * 2, color=BLUE, linewidth=1.4)
    read = pooled.amax(dim=(1, 2)).reshape(SIZE).nonzero()
    if len(read) == 0:
        raise NoPicture("Your roi_pool reads no cell at all of this ROI.")
    (top, first), (bottom, last) = read.amin(dim=0).tolist(), (read.amax(dim=0) + 1).tolist()
    corners = f"({true[0]:.2f}, {true[1]:.2f}) to ({true[2]:.2f}, {true[3]:.2f})"
    summary = (
        f"The ROI reaches from {corners} cells. roi_pool reads ({first}, {top}) to ({last}, {bottom}); the points of "
        f"roi_align lie from ({float(xs.min()):.2f}, {float(ys.min()):.2f}) to "
        f"({float(xs.max()):.2f}, {float(ys.max()):.2f})"
    )
    values = f"One bin of a map whose cells hold their column: roi_pool {largest:.2f}, roi_align {mean:.2f}"
    return Drawing(figure, f"{summary}. {values}.", f"{summary}. {values}. Dashed: the ROI; blue: bins.")
