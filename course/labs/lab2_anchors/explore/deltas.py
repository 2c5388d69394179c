"""Four deltas that move and stretch a box."""

from collections.abc import Callable

import torch

from course.drawing.ask_student import ask
from course.drawing.box_axes import arrow, draw_worker, note, outline, set_up_axes
from course.drawing.figure import Drawing, new_figure
from course.drawing.palette import BLUE, FAINT, FIRST, INK, RED, SECOND, Look
from course.exploring.controls import slider
from course.exploring.explorer import explore
from course.exploring.student_function import StudentFunction
from course.labs.lab1_boxes.draw.coordinates import HELMETS, numbers
from course.labs.lab2_anchors.draw.box_deltas import centre
from course.library import box_iou

ANCHOR = (72.0, 104.0, 200.0, 232.0)  # one of the lecture's
START = Look(FAINT, ":", "", 1.6)


def deltas(decode_boxes: Callable) -> None:
    """One of the lecture's anchors, moved by four deltas through the student's function, beside the near helmet."""
    mine = StudentFunction(decode_boxes, "decode_boxes")
    explore(
        lambda dx, dy, dw, dh: _drawing(mine, dx, dy, dw, dh),
        lambda: {
            "dx": slider("dx", 0.0, -2.0, 2.0, 0.01),
            "dy": slider("dy", 0.0, -2.0, 2.0, 0.01),
            "dw": slider("dw", 0.0, -2.0, 2.0, 0.01),
            "dh": slider("dh", 0.0, -2.0, 2.0, 0.01),
        },
        functions=[mine],
    )


def _drawing(decode_boxes: StudentFunction, *values: float) -> Drawing:
    anchor, helmet = torch.tensor([ANCHOR]), torch.tensor([HELMETS[0]])
    moved = ask(decode_boxes, torch.tensor([values]), anchor, shape=(1, 4))
    box = moved[0].tolist()
    overlap = float(box_iou(moved, helmet))
    figure = new_figure(6.4, 4.9, layout=None)
    ax = figure.add_axes((0.07, 0.02, 0.91, 0.9))
    set_up_axes(ax, (-60, -40, 480, 380))
    draw_worker(ax, HELMETS[0])
    for one, look in ((ANCHOR, START), (HELMETS[0], SECOND), (box, FIRST)):
        outline(ax, one, look)
    arrow(ax, centre(ANCHOR), centre(box), INK)
    note(ax, ANCHOR[0] + 26, ANCHOR[1] - 9, "anchor", FAINT, fontsize=9, clip_on=True)
    note(ax, HELMETS[0][2] + 26, HELMETS[0][1] + 8, "helmet", RED, fontsize=9)
    note(ax, centre(box)[0], box[3] + 9, "your box", BLUE, fontsize=9, clip_on=True)
    size = f"{box[2] - box[0]:.1f} × {box[3] - box[1]:.1f}"
    given = ", ".join(f"{value:.2f}" for value in values).replace("-", "−")
    rounded = numbers([round(value, 1) for value in box])
    summary = f"Deltas ({given}): your box is {rounded}, {size} pixels; IoU with the helmet {overlap:.3f}"
    alt = f"Anchor {numbers(ANCHOR)}, 128 × 128 pixels; helmet {numbers(HELMETS[0])}. {summary}."
    return Drawing(figure, alt, f"{summary}. Dotted: anchor. Dashed: helmet.")
