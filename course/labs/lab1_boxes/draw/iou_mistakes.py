"""Mistakes made visible: a wrong IoU beside the student's own."""

from collections.abc import Callable, Sequence

from matplotlib.axes import Axes

from course.drawing.ask_student import as_tensor, ask
from course.drawing.box_axes import Box, note, outline, set_up_axes
from course.drawing.figure import Drawing, new_figure, shown
from course.drawing.palette import FAINT, FIRST, GAP, GREEN, INK, RED, SECOND, WRONG


@shown
def plus_one(box1: Box, box2: Box, wrong_iou: Callable, box_iou: Callable) -> Drawing:
    """Two touching boxes, and the same two as a +1 counts them: a pixel wider and higher."""
    wrong, right = _both(box1, box2, wrong_iou, box_iou)
    figure = new_figure(9.2, 3.9)
    left, other = figure.subplots(1, 2)
    for ax, grow, title, colour in (
        (left, 1, f"with + 1: IoU {wrong:.3f}", RED),
        (other, 0, f"yours: IoU {right:.3f}", GREEN if right == 0 else RED),
    ):
        set_up_axes(ax, (box1[0] - 2, box1[1] - 2, box2[2] + 3, box1[3] + 3))
        ax.set_xticks([box1[0], box1[2], box2[2]])
        ax.set_yticks([box1[1], box1[3]])
        ax.set_xticks(range(int(box1[0]) - 2, int(box2[2]) + 4), minor=True)
        ax.set_yticks(range(int(box1[1]) - 2, int(box1[3]) + 4), minor=True)
        ax.grid(which="both", color="#CFCFCF", linewidth=0.7)
        ax.tick_params(which="minor", length=0)
        ax.set_title(title, color=colour, weight="bold", pad=8)
        boxes = [(x1, y1, x2 + grow, y2 + grow) for x1, y1, x2, y2 in (box1, box2)]
        outline(ax, boxes[0], FIRST, fill=True)
        outline(ax, boxes[1], SECOND, fill=True)
    tall = box1[3] - box1[1] + 1
    outline(left, (box2[0], box1[1], box2[0] + 1, box1[3] + 1), WRONG, fill=True)
    note(left, box2[0] + 0.5, box1[3] + 2, f"1 × {tall:g} px counted twice", RED, fontsize=9)
    note(other, box2[0], box1[3] + 2, "they share a line, and a line has no area", GREEN, fontsize=9)
    alt = (
        f"Two boxes {box1[2] - box1[0]:g} pixels wide that touch. Left: with + 1 each is a pixel wider "
        f"and higher, so they share a strip of 1 by {tall:g} pixels and IoU becomes {wrong:.3f}. "
        f"Right: your box_iou says {right:.3f}."
    )
    return Drawing(
        figure,
        alt,
        "Two boxes side by side. The + 1 makes each grow by one pixel, into its neighbour.",
    )


@shown
def missing_clamp(pairs: Sequence[tuple[Box, Box]], wrong_iou: Callable, box_iou: Callable) -> Drawing:
    """Pairs of boxes that are apart, with the gap that an unclamped intersection takes for an overlap."""
    figure = new_figure(4.6 * len(pairs), 4.8)
    words = []
    for ax, (box1, box2) in zip(figure.subplots(1, len(pairs), squeeze=False)[0], pairs, strict=True):
        wrong, right = _both(box1, box2, wrong_iou, box_iou)
        edges = as_tensor([box1, box2])
        low, high = edges[:, :2].amax(dim=0).tolist(), edges[:, 2:].amin(dim=0).tolist()
        width, height = high[0] - low[0], high[1] - low[1]
        gap = (min(low[0], high[0]), min(low[1], high[1]), max(low[0], high[0]), max(low[1], high[1]))
        _pair(ax, box1, box2, gap)
        outline(ax, gap, GAP, fill=True)
        sides, product = f"{_signed(width)} × {_signed(height)}", _signed(width * height, ",g")
        note(ax, (gap[0] + gap[2]) / 2, (gap[1] + gap[3]) / 2, f"{sides}\n= {product}", INK, fontsize=9)
        ax.set_title(f"no clamp: {_signed(wrong, '.2f')}   yours: {_signed(right, '.2f')}", weight="bold", pad=8)
        words.append(
            f"the gap counts as {sides} = {product} and IoU becomes {_signed(wrong, '.2f')}, "
            f"yours is {_signed(right, '.2f')}"
        )
    alt = f"Pairs of boxes that don't meet, without clamp: {'; in the next pair '.join(words)}."
    return Drawing(figure, alt, "Dotted: the gap between the boxes, taken for an overlap.")


def _pair(ax: Axes, box1: Box, box2: Box, gap: Box) -> None:
    edges = (box1, box2, gap)
    low_x, low_y = min(box[0] for box in edges), min(box[1] for box in edges)
    high_x, high_y = max(box[2] for box in edges), max(box[3] for box in edges)
    reach = max(high_x - low_x, high_y - low_y) / 2 + 25
    x, y = (low_x + high_x) / 2, (low_y + high_y) / 2
    set_up_axes(ax, (x - reach, y - reach, x + reach, y + reach))
    for name, box, look in (("1", box1, FIRST), ("2", box2, SECOND)):
        outline(ax, box, look, fill=True)
        note(ax, box[0] + 14, box[1] + 16, name, look.colour, weight="bold")
    ax.spines[:].set_color(FAINT)
    ax.tick_params(colors=INK)


def _both(box1: Box, box2: Box, wrong_iou: Callable, box_iou: Callable) -> tuple[float, float]:
    """The IoU of two boxes by the deliberately wrong function and by the student's."""
    mine = ask(box_iou, as_tensor([box1]), as_tensor([box2]), shape=(1, 1))
    return float(wrong_iou(box1, box2)), float(mine)


def _signed(value: float, style: str = "g") -> str:
    """A number with a real minus sign."""
    return format(value, style).replace("-", "−")
