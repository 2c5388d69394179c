"""From anchors to proposals: how many boxes each step of the funnel lets through."""

from collections.abc import Callable

import torch
from matplotlib.axes import Axes
from torch import Tensor

from course.drawing.box_axes import draw_worker, outline, set_up_axes
from course.drawing.figure import Drawing, new_figure
from course.drawing.palette import BLUE, GREEN, INK, SKY
from course.exploring.controls import integer_slider, slider
from course.exploring.explorer import explore
from course.exploring.student_function import StudentFunction
from course.labs.lab3_rpn.draw.proposals import HELMET, draw_boxes
from course.labs.lab4_roi_heads.draw.rois import ask_parts
from course.lecture import HELMETS
from course.library import clip_boxes_to_image, decode_boxes, remove_small_boxes

MOST = 450  # anchors: with the lecture's 22,500 a slider would have to wait


def funnel(
    objectness: Tensor, deltas: Tensor, anchors: Tensor, size: tuple[int, int], make_proposals: Callable
) -> None:
    """Some of the lecture's anchors through the student's whole function, with every number of it to choose.

    Args:
        objectness: two logits for each anchor, ``(N, 2)``.
        deltas: ``(N, 4)``.
        anchors: ``(N, 4)``; about 450 of them, evenly spread, are used.
        size: height and width of the image.
        make_proposals: the student's function.
    """
    mine = StudentFunction(make_proposals, "make_proposals")
    some = torch.arange(0, len(anchors), max(1, len(anchors) // MOST))
    head = tuple(value.detach().cpu()[some] for value in (objectness, deltas, anchors))
    explore(
        lambda **values: _drawing(head, size, mine, **values),
        lambda: {
            "small": integer_slider("smallest side", 16, 0, 200),
            "before": integer_slider("best before NMS", 150, 0, len(some)),
            "threshold": slider("NMS threshold", 0.7, 0.0, 1.0, 0.05),
            "after": integer_slider("best after NMS", 50, 0, len(some)),
        },
        functions=[mine],
    )


def _drawing(
    head: tuple[Tensor, ...],
    size: tuple[int, int],
    make_proposals: StudentFunction,
    small: int,
    before: int,
    threshold: float,
    after: int,
) -> Drawing:
    def proposals(most: int) -> Tensor:
        asked = (*head, size, before, most, threshold, small)
        return ask_parts(make_proposals, *asked, shapes=((None, 4), (None,)))[0]

    _, deltas, anchors = head
    large = len(remove_small_boxes(clip_boxes_to_image(decode_boxes(deltas, anchors), size), small))
    survivors, found = len(proposals(len(anchors))), proposals(after)
    steps = {
        "anchors, decoded, clipped": len(anchors),
        "large enough": large,
        "best before NMS": min(large, before),
        "after NMS": survivors,
        "proposals": len(found),
    }
    figure = new_figure(8.8, 4.2, layout=None)
    left, right = figure.add_axes((0.01, 0.02, 0.45, 0.92)), figure.add_axes((0.48, 0.04, 0.51, 0.9))
    set_up_axes(left, (0, 0, size[1], size[0]), image=size)
    left.set(xticks=[], yticks=[])
    for helmet in HELMETS:
        draw_worker(left, helmet)
        outline(left, helmet, HELMET)
    draw_boxes(left, found, BLUE, 1.0)
    _bars(right, steps)
    summary = "; ".join(f"{name} {count:,}" for name, count in steps.items())
    asked = f"Smallest side {small}, best {before:,} before NMS, threshold {threshold:.2f}, best {after:,} after"
    return Drawing(
        figure, f"{asked}. Boxes left after each step of your make_proposals: {summary}.", f"{asked}. {summary}."
    )


def _bars(ax: Axes, steps: dict[str, int]) -> None:
    """A funnel of one bar for each step, as wide as what it lets through; the first is the widest."""
    counts = torch.tensor(list(steps.values()))
    colours = [GREEN if name == "proposals" else SKY for name in steps]
    ax.barh(range(len(steps)), counts, left=-counts / 2, height=0.8, color=colours)
    most = int(counts[0])
    for row, (name, count) in enumerate(steps.items()):
        ax.text(0, row, f"{count:,}", ha="center", va="center", weight="bold", color=INK)
        ax.text(-0.55 * most, row, name, ha="right", va="center")
    ax.set(xlim=(-1.25 * most, 0.52 * most), ylim=(len(steps) - 0.5, -0.5))
    ax.axis("off")
