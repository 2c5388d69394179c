"""The way from an anchor to its ground truth and back."""

from collections.abc import Callable

import torch
from torch import Tensor

from course.drawing.ask_student import as_lists, ask
from course.drawing.box_axes import arrow, draw_worker, enclosing_view, note, outline, set_up_axes
from course.drawing.figure import Drawing, new_figure, shown
from course.drawing.palette import BLUE, FAINT, FIRST, INK, RED, SECOND
from course.labs.lab1_boxes.draw.coordinates import HELMETS

Point = tuple[float, float]


@shown
def delta_anatomy() -> Drawing:
    """One anchor and one ground truth, with what the four numbers measure."""
    anchor, truth = (40.0, 60.0, 140.0, 140.0), (110.0, 40.0, 250.0, 220.0)
    figure = new_figure(7.8, 4.8)
    ax = figure.subplots()
    set_up_axes(ax, (5, 5, 375, 250))
    ax.set(xticks=[], yticks=[])
    outline(ax, anchor, FIRST, fill=True)
    outline(ax, truth, SECOND, fill=True)
    (ax_, ay), (x, y) = centre(anchor), centre(truth)
    for point, colour in (((ax_, ay), BLUE), ((x, y), RED)):
        ax.plot(*point, "o", color=colour, markersize=8, zorder=7)
    arrow(ax, (ax_, ay), (x, ay), INK)
    arrow(ax, (x, ay), (x, y), INK)
    note(ax, (ax_ + x) / 2, ay - 10, "90 = 0.9 · 100", fontsize=9)
    note(ax, x + 6, (ay + y) / 2, "30 = 0.375 · 80", fontsize=9, ha="left")
    note(ax, 90, 150, "anchor 100 × 80", BLUE)
    note(ax, 180, 231, "ground truth 140 × 180", RED)
    words = "dx = 90 / 100 = 0.900\ndy = 30 / 80 = 0.375\ndw = log(140 / 100) = 0.336\ndh = log(180 / 80) = 0.811"
    note(ax, 312, 120, words, linespacing=1.7, fontsize=9.5)
    alt = (
        "An anchor 100 wide and 80 high, and a ground truth 140 wide and 180 high. From centre to centre it is 90 to "
        "the right, dx = 90 / 100 = 0.900, and 30 down, dy = 30 / 80 = 0.375. dw = log(140 / 100) = 0.336, "
        "dh = log(180 / 80) = 0.811."
    )
    return Drawing(figure, alt, "The shift from centre to centre, in widths and heights of the anchor.")


@shown
def deltas(anchors: Tensor, truth: Tensor, encode_boxes: Callable) -> Drawing:
    """Arrows from each anchor's centre by the student's (dx, dy), and a box by the student's (dw, dh)."""
    own, goals = as_lists(anchors), as_lists(truth)
    coded = ask(encode_boxes, truth, anchors, shape=(len(own), 4)).tolist()
    figure = new_figure(3.15 * len(own), 4.5)
    words = []
    for ax, box, goal, (dx, dy, dw, dh) in zip(
        figure.subplots(1, len(own), squeeze=False)[0], own, goals, coded, strict=True
    ):
        left, top, right, bottom = enclosing_view([box, goal], 0.12)
        reach = max(right - left, bottom - top) / 2
        middle = (left + right) / 2, (top + bottom) / 2
        set_up_axes(ax, (middle[0] - reach, middle[1] - reach, middle[0] + reach, middle[1] + reach))
        ax.set(xticks=[], yticks=[])
        for helmet in HELMETS:
            draw_worker(ax, helmet)
        outline(ax, box, FIRST)
        outline(ax, goal, SECOND)
        start = centre(box)
        end = start[0] + dx * (box[2] - box[0]), start[1] + dy * (box[3] - box[1])
        ax.plot(*start, "o", color=BLUE, markersize=6, zorder=7)
        ax.plot(*centre(goal), "x", color=RED, markersize=9, markeredgewidth=2.4, zorder=7)
        arrow(ax, start, end, INK)
        ax.set_xlabel(f"dx = {dx:+.3f}   dy = {dy:+.3f}\ndw = {dw:+.3f}   dh = {dh:+.3f}".replace("-", "−"))
        words.append(f"({dx:.3f}, {dy:.3f}, {dw:.3f}, {dh:.3f})")
    alt = (
        f"{len(own)} anchors and their ground truths, with your deltas (dx, dy, dw, dh): {'; '.join(words)}. The arrow "
        "begins at the anchor's centre and should end at the ground truth's."
    )
    return Drawing(figure, alt, "Solid: anchor. Dashed: ground truth. Your arrow should end on the cross.")


@shown
def round_trip(anchors: Tensor, truth: Tensor, encode_boxes: Callable, decode_boxes: Callable) -> Drawing:
    """Anchors on the way to their ground truth: the student's decoding of a growing share of the deltas."""
    own = as_lists(anchors)
    coded = ask(encode_boxes, truth, anchors, shape=(len(own), 4))
    figure = new_figure(9.6, 3.5)
    shares = (0.0, 0.5, 1.0)
    ends: list[list[float]] = []
    for ax, share in zip(figure.subplots(1, 3), shares, strict=True):
        boxes = ask(decode_boxes, coded.to(anchors) * share, anchors, shape=(len(own), 4)).tolist()
        set_up_axes(ax, (20, 20, 430, 320))
        ax.set(xticks=[], yticks=[])
        for helmet in HELMETS:
            draw_worker(ax, helmet)
        for box in boxes:
            outline(ax, box, FIRST)
        for goal in as_lists(truth):
            outline(ax, goal, SECOND)
        ax.set_title(f"{share:.0%} of the deltas", pad=6)
        ends = boxes
    off = (torch.tensor(ends) - truth.cpu()).abs().max()
    alt = (
        f"{len(own)} anchors after 0 %, 50 % and 100 % of their deltas. At the end your boxes are at most "
        f"{float(off):.3f} pixels away from the ground truth."
    )
    return Drawing(figure, alt, f"At 100 % your boxes are at most {float(off):.3f} pixels away from the dashed ones.")


@shown
def size_limit(decode_boxes: Callable) -> Drawing:
    """The width that the student's decoding makes of a 16 pixel anchor, for growing dw."""
    dw = torch.linspace(-2, 8, 101)
    zero = torch.zeros_like(dw)
    anchors = torch.tensor([[0.0, 0.0, 16.0, 16.0]]).repeat(len(dw), 1)
    boxes = ask(decode_boxes, torch.stack([zero, zero, dw, zero], 1), anchors, shape=(len(dw), 4))
    widths = boxes[:, 2] - boxes[:, 0]
    figure = new_figure(7.6, 3.8)
    ax = figure.subplots()
    ax.plot(dw, 16 * dw.exp(), color=RED, linestyle="--", linewidth=1.6, label="without a limit: 16 · exp(dw)")
    ax.plot(dw, widths, color=BLUE, linewidth=2.6, label="your decode_boxes")
    ax.axvline(4.135, color=FAINT, linestyle=":", linewidth=1.4)
    ax.text(4.2, 3, "log(1000 / 16) = 4.135", color=FAINT)
    ax.set_yscale("log")
    ax.set(xlabel="dw", ylabel="width in pixels (log scale)", xlim=(-2, 8), ylim=(1.5, 60000))
    ax.set_yticks([10, 100, 1000, 10000], ["10", "100", "1,000", "10,000"])
    ax.legend(loc="upper left", framealpha=1)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    alt = (
        f"Width of a decoded box for an anchor 16 pixels wide: {float(widths[20]):.1f} at dw = 0, "
        f"{float(widths[50]):.1f} at dw = 3, {float(widths[70]):.1f} at dw = 5, {float(widths[100]):.1f} at dw = 8; "
        f"without a limit it would be {16 * 2.718281828**8:,.0f} at dw = 8."
    )
    return Drawing(figure, alt, "From 4.135 on the width should stay at 1,000 pixels.")


def centre(box: list[float] | tuple[float, float, float, float]) -> Point:
    """The middle of a box."""
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
