"""IoU of two boxes that can be moved and stretched."""

from collections.abc import Callable

import torch

from course.drawing.ask_student import ask
from course.drawing.box_axes import intersection, note, outline, set_up_axes
from course.drawing.figure import Drawing, new_figure
from course.drawing.palette import BLUE, FIRST, GREEN, INK, RED, SECOND, SHARED
from course.exploring.controls import BoxControls, integer_slider
from course.exploring.explorer import explore
from course.exploring.student_function import StudentFunction
from course.labs.lab1_boxes.draw.coordinates import numbers

WIDE, TALL = 400, 300  # of the axes
BOXES = (BoxControls("x1", "y1", "w1", "h1"), BoxControls("x2", "y2", "w2", "h2"))


def iou(box_iou: Callable) -> None:
    """Two boxes to drag, or to move and stretch by their sliders, with their IoU by the student's function."""
    mine = StudentFunction(box_iou, "box_iou")
    explore(
        lambda **values: _drawing(mine, *values.values()),
        lambda: {
            "x1": integer_slider("box 1, left", 60, 0, WIDE),
            "y1": integer_slider("box 1, top", 60, 0, TALL),
            "w1": integer_slider("box 1, width", 160, 0, WIDE),
            "h1": integer_slider("box 1, height", 120, 0, TALL),
            "x2": integer_slider("box 2, left", 140, 0, WIDE),
            "y2": integer_slider("box 2, top", 100, 0, TALL),
            "w2": integer_slider("box 2, width", 160, 0, WIDE),
            "h2": integer_slider("box 2, height", 120, 0, TALL),
        },
        functions=[mine],
        boxes=BOXES,
    )


def _drawing(box_iou: StudentFunction, *sides: int) -> Drawing:
    boxes = [(x, y, x + width, y + height) for x, y, width, height in (sides[:4], sides[4:])]
    found = float(ask(box_iou, *(torch.tensor([box], dtype=torch.float32) for box in boxes), shape=(1, 1)))
    shared = intersection(*boxes)
    areas = [width * height for width, height in (sides[2:4], sides[6:8])]
    inner = (shared[2] - shared[0]) * (shared[3] - shared[1]) if shared else 0.0
    outer = sum(areas) - inner
    figure = new_figure(8.4, 3.9, layout=None)
    left, right = figure.add_axes((0.06, 0.03, 0.54, 0.85)), figure.add_axes((0.72, 0.12, 0.25, 0.56))
    set_up_axes(left, (0, 0, WIDE, TALL))
    for name, box, look, colour in zip(("1", "2"), boxes, (FIRST, SECOND), (BLUE, RED), strict=True):
        outline(left, box, look, fill=True)
        note(left, (box[0] + box[2]) / 2, box[1] + (8 if name == "1" else box[3] - box[1] - 8), name, colour)
    if shared:
        outline(left, shared, SHARED, fill=True)
    bars = {"shared": inner, "together": outer}
    right.barh(list(bars), list(bars.values()), color=(GREEN, "#F5E6C4"), edgecolor=INK, height=0.5)
    for row, value in enumerate(bars.values()):
        right.text(0, row - 0.42, f"{value:,.0f} px²", va="center")
    right.set(xlim=(0, outer or 1), xticks=[])
    right.invert_yaxis()
    right.spines[["top", "right", "bottom"]].set_visible(False)
    right.set_title(f"IoU {found:.3f}", fontsize=15, weight="bold", pad=30)
    summary = f"Shared {inner:,.0f} px², together {areas[0]:,} + {areas[1]:,} − {inner:,.0f} = {outer:,.0f} px²"
    alt = f"Box 1 {numbers(boxes[0])}, box 2 {numbers(boxes[1])}. {summary}. IoU by your box_iou: {found:.3f}."
    return Drawing(figure, alt, f"{summary}. IoU by your box_iou: {found:.3f}.")
