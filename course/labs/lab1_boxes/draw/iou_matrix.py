"""The IoU of many boxes with many: the matrix beside its boxes, and one box on the move."""

from collections.abc import Callable

import torch
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from course.drawing.ask_student import Boxes, as_lists, as_tensor, ask
from course.drawing.box_axes import Box, enclosing_view, note, outline, set_up_axes
from course.drawing.figure import Drawing, new_figure, shown
from course.drawing.palette import BLUE, FAINT, FIRST, INK, RED, SECOND


@shown
def iou_heatmap(boxes1: Boxes, boxes2: Boxes, box_iou: Callable) -> Drawing:
    """The N x M matrix of the student's ``box_iou`` beside the boxes that it belongs to."""
    rows, columns = as_lists(boxes1), as_lists(boxes2)
    iou = ask(box_iou, as_tensor(boxes1), as_tensor(boxes2), shape=(len(rows), len(columns)))
    row_names = [f"a{i}" for i in range(len(rows))]
    column_names = [f"g{j}" for j in range(len(columns))]
    figure = new_figure(9.6, 4.6)
    left, right = figure.subplots(1, 2, width_ratios=(1.35, 1))
    set_up_axes(left, enclosing_view(rows + columns, 0.12))
    for boxes, names, look, bottom in (
        (rows, row_names, FIRST, False),
        (columns, column_names, SECOND, True),
    ):
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
    return Drawing(
        figure,
        alt,
        "Left the boxes, right your N × M matrix. Thick frame: best of its column, the slides' gt_max_iou.",
    )


def _matrix(ax: Axes, iou: torch.Tensor, row_names: list[str], column_names: list[str]) -> None:
    ax.imshow(iou.double().numpy(), cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for row, line in enumerate(iou.tolist()):
        for column, value in enumerate(line):
            ax.text(
                column,
                row,
                f"{value:.3f}",
                ha="center",
                va="center",
                color="white" if value > 0.6 else INK,
                fontsize=11,
            )
    for column, best in enumerate(iou.max(dim=0).indices.tolist()):
        if iou[best, column] > 0:
            ax.add_patch(Rectangle((column - 0.47, best - 0.47), 0.94, 0.94, fill=False, edgecolor=INK, linewidth=3))
    ax.set_xticks(range(len(column_names)), column_names, color=RED, weight="bold")
    ax.set_yticks(range(len(row_names)), row_names, color=BLUE, weight="bold")
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.set_title("your box_iou(boxes1, boxes2)", pad=8)


@shown
def iou_while_sliding(box: Box, box_iou: Callable) -> Drawing:
    """The student's IoU of a box with a copy that moves to the right by up to 1.2 of its width."""
    width = box[2] - box[0]
    shifts = torch.linspace(0, 1.2, 121)
    start = as_tensor([box])
    moved = start + shifts[:, None] * torch.tensor([width, 0.0, width, 0.0])
    curve = ask(box_iou, start, moved, shape=(1, len(shifts)))[0].tolist()
    figure = new_figure(8.6, 4.6)
    grid = figure.add_gridspec(2, 4, height_ratios=(1, 2.6))
    stops = (0, 25, 50, 100)  # indices, and at the same time the shift in percent of the width
    for column, stop in enumerate(stops):
        ax = figure.add_subplot(grid[0, column])
        set_up_axes(ax, (box[0] - 0.1 * width, box[1] - 10, box[2] + 1.1 * width, box[3] + 10))
        ax.set(xticks=[], yticks=[])
        outline(ax, box, FIRST, fill=True)
        outline(ax, moved[stop].tolist(), SECOND, fill=True)
        ax.set_title(f"shift {stop} %: IoU {curve[stop]:.3f}", fontsize=10)
    ax = figure.add_subplot(grid[1, :])
    ax.plot(shifts * 100, curve, color=BLUE, linewidth=2.5)
    ax.plot(stops, [curve[stop] for stop in stops], "o", color=RED, markersize=7, zorder=5)
    for level, words in (
        (0.7, "above 0.7: counts as object (lab 2)"),
        (0.3, "below 0.3: counts as background (lab 2)"),
    ):
        ax.axhline(level, color=FAINT, linestyle="--", linewidth=1.2)
        ax.text(119, level + 0.02, words, ha="right", fontsize=9, color=FAINT)
    ax.set(xlim=(0, 120), ylim=(-0.03, 1.05), xlabel="shift, in percent of the width", ylabel="your IoU")
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    points = ", ".join(f"{curve[stop]:.3f} at {stop} %" for stop in stops)
    alt = f"Your IoU of a box with its copy, shifted to the right by a share of its width: {points}."
    return Drawing(figure, alt, "Half a width of shift leaves far less than half of the IoU.")
