"""The anchors of one cell of the feature map: where it lies, and which scales and ratios there are."""

from collections.abc import Callable

from course.drawing.ask_student import ask
from course.drawing.box_axes import draw_worker, outline, set_up_axes
from course.drawing.figure import Drawing, new_figure
from course.drawing.palette import INK, PINK, Look
from course.exploring.controls import dropdown, integer_slider
from course.exploring.explorer import explore
from course.exploring.student_function import StudentFunction
from course.labs.lab1_boxes.draw.coordinates import HELMETS
from course.labs.lab2_anchors.draw.anchors import BY_RATIO

MAP, STRIDE, SIZE = (50, 50), 16, 800  # the lecture's
LOOKS = (*BY_RATIO, Look(PINK, (0, (6, 2)), ""), Look(INK, (0, (4, 1, 1, 1)), ""))
SCALES = {"8": (8,), "8, 16": (8, 16), "8, 16, 32": (8, 16, 32), "2, 4, 8, 16, 32": (2, 4, 8, 16, 32)}
RATIOS = {"1": (1,), "½, 1, 2": (0.5, 1, 2), "⅓, ½, 1, 2, 3": (1 / 3, 0.5, 1, 2, 3)}


def anchors(anchor_shapes: Callable, grid_anchors: Callable) -> None:
    """The anchors that the student's two functions put around one cell, whose row and column can be moved."""
    shapes, grid = StudentFunction(anchor_shapes, "anchor_shapes"), StudentFunction(grid_anchors, "grid_anchors")
    explore(
        lambda row, column, scales, ratios: _drawing(shapes, grid, row, column, scales, ratios),
        lambda: {
            "row": integer_slider("row", 10, 0, MAP[0] - 1),
            "column": integer_slider("column", 11, 0, MAP[1] - 1),
            "scales": dropdown("scales", SCALES, "8, 16, 32"),
            "ratios": dropdown("ratios", RATIOS, "½, 1, 2"),
        },
        functions=[shapes, grid],
    )


def _drawing(
    anchor_shapes: StudentFunction,
    grid_anchors: StudentFunction,
    row: int,
    column: int,
    scales: tuple[float, ...],
    ratios: tuple[float, ...],
) -> Drawing:
    count = len(scales) * len(ratios)
    shapes = ask(anchor_shapes, STRIDE, scales, ratios, shape=(count, 2))
    every = ask(grid_anchors, MAP, STRIDE, shapes, shape=(MAP[0] * MAP[1] * count, 4))
    first = (row * MAP[1] + column) * count
    boxes = every[first : first + count]
    inside = (boxes[:, :2] >= 0).all(dim=1) & (boxes[:, 2:] <= SIZE).all(dim=1)
    figure = new_figure(6.0, 5.9, layout=None)
    ax = figure.add_axes((0.02, 0.02, 0.96, 0.96))
    set_up_axes(ax, (-150, -150, SIZE + 150, SIZE + 150), image=(SIZE, SIZE))
    ax.set(xticks=[], yticks=[])
    for helmet in HELMETS:
        draw_worker(ax, helmet)
    for part in ax.patches[1:]:
        part.set_clip_path(ax.patches[0])  # the workers end where the image does
    for number, (box, fits) in enumerate(zip(boxes.tolist(), inside.tolist(), strict=True)):
        look = LOOKS[number // len(scales)]
        outline(ax, box, look if fits else Look(look.colour, look.line, "", 0.8))
    x, y = ((boxes[0, :2] + boxes[0, 2:]) / 2).tolist()
    ax.plot(x, y, "o", color=INK, markersize=6, zorder=6)
    sizes = (boxes[:, 2:] - boxes[:, :2]).tolist()
    listed = ", ".join(f"{w:.0f} × {h:.0f}" for w, h in sizes)
    summary = f"{count} anchors around ({x:g}, {y:g}), {int(inside.sum())} of them inside the image"
    alt = f"Row {row}, column {column} of the map: {summary}. Width × height by your functions: {listed}."
    return Drawing(figure, alt, f"{summary} (thick). One line style for each ratio. Width × height: {listed}.")
