"""Non-maximum suppression: the rule, the student's own step by step, and how long it takes."""

import time
from collections.abc import Callable
from typing import Any

import torch
from matplotlib.axes import Axes
from torch import Tensor

from course.checking.calling import one_thread
from course.drawing.ask_student import Boxes, as_lists, as_tensor, ask, no_picture
from course.drawing.box_axes import BEHIND, enclosing_view, note, outline, set_up_axes
from course.drawing.figure import Drawing, NoPicture, new_figure, shown
from course.drawing.palette import BLUE, FAINT, GOOD, GREEN, INK, LOST, RED, WRONG, Look
from course.labs.lab1_boxes.library import box_iou
from course.labs.lab3_rpn.library import nms as torchvisions

WAITING = Look(BLUE, "-", "", 1.4)
# Where a box has its label, by its number: outside, so that no line runs through it. Which x, which y, and alignment.
CORNERS = ((0, 1, "left", "bottom"), (2, 3, "right", "top"), (2, 1, "right", "bottom"), (0, 3, "left", "top"))
CHAIN = (("A", 0.9, (0, 0, 10, 10)), ("B", 0.8, (4, 1, 14, 11)), ("C", 0.7, (8, 2, 18, 12)))


@shown
def nms_rule() -> Drawing:
    """A chain of three boxes: A removes B, and B, which is out, doesn't remove C."""
    boxes = torch.tensor([box for _, _, box in CHAIN]).float()
    table = box_iou(boxes, boxes)
    figure = new_figure(9.6, 3.0)
    panels = figure.subplots(1, 3)
    titles = ("1. A is best: keep it", "2. IoU with A > 0.3: B goes", "3. next best is C: keep it")
    looks = ((GOOD, WAITING, WAITING), (GOOD, WRONG, WAITING), (GOOD, LOST, GOOD))
    for ax, title, styles in zip(panels, titles, looks, strict=True):
        set_up_axes(ax, (-2, -3, 20, 14))
        ax.set(xticks=[], yticks=[])
        ax.set_title(title, fontsize=10, pad=6)
        for (name, score, box), look in zip(CHAIN, styles, strict=True):
            outline(ax, box, look, fill=look is WRONG)
            place = {"A": (2, 5), "B": (6.2, 2), "C": (15.6, 8)}[name]
            note(ax, *place, f"{name} {score:g}", look.colour, weight="bold", fontsize=9)
    pairs = f"A and B {table[0, 1]:.2f}, B and C {table[1, 2]:.2f}, A and C {table[0, 2]:.2f}"
    alt = f"Three boxes in a row, IoU: {pairs}; threshold 0.3. A is kept and removes B; C is kept, because B is out."
    return Drawing(figure, alt, f"IoU: {pairs}; threshold 0.3. Solid green: kept; dashed red: goes; dotted: gone.")


@shown
def nms_steps(boxes: Boxes, scores: Tensor, threshold: float, nms: Callable) -> Drawing:
    """What each box that the student's function keeps removes."""
    lists, table = as_lists(boxes), box_iou(as_tensor(boxes), as_tensor(boxes)).cpu()
    kept = indices(nms, as_tensor(boxes), scores, threshold)
    if not 0 < len(kept) <= 8:
        raise no_picture(f"nms kept {len(kept)} of {len(lists)} boxes")
    waiting = [index for index in range(len(lists)) if index not in kept]
    figure = new_figure(9.6, 3.0 if len(kept) < 5 else 5.6)
    panels = figure.subplots(-(-len(kept) // 4), min(len(kept), 4), squeeze=False).ravel()
    view = enclosing_view(lists, 0.12)  # room for the labels
    gone: list[int] = []
    words = []
    for step, (ax, best) in enumerate(zip(panels, kept, strict=False)):
        out = [index for index in waiting if index not in gone and float(table[best, index]) > threshold]
        draw_step(ax, view, lists, kept[: step + 1], out, gone)
        ax.set_title(f"step {step + 1}: {decided(best, out, scores)}", fontsize=10)
        words.append(f"keeps {best} ({float(scores[best]):.2f}) and removes {out or 'none'}")
        gone += out
    for ax in panels[len(kept) :]:
        ax.axis("off")
    left = [index for index in waiting if index not in gone]
    rest = f" Not kept, though no kept box overlaps it by more: {left}." if left else ""
    alt = f"Your nms with threshold {threshold:g}, step by step: {'; '.join(words)}. It returned {kept}.{rest}"
    caption = (
        f"Your nms returned {kept}. Solid green: kept; dashed red: goes in this step; dotted: gone; thin blue: waits."
    )
    return Drawing(figure, alt, caption + rest)


def draw_step(
    ax: Axes, view: tuple, lists: list[list[float]], kept: list[int], out: list[int], gone: list[int]
) -> None:
    """The boxes in the looks of one step: kept so far, out in this step, gone before, waiting."""
    set_up_axes(ax, view)
    ax.set(xticks=[], yticks=[])
    for index, box in enumerate(lists):
        look = GOOD if index in kept else WRONG if index in out else LOST if index in gone else WAITING
        outline(ax, box, look, fill=look is WRONG)
    for index, box in enumerate(lists):
        if index in gone:
            continue
        colour = GREEN if index in kept else RED if index in out else BLUE
        x, y, ha, va = CORNERS[index % 4]
        weight = "bold" if index in kept[-1:] else "normal"
        style: dict[str, Any] = {"fontsize": 9, "weight": weight, "color": colour, "ha": ha, "va": va, "zorder": 6}
        above = (0, 3 if va == "bottom" else -3)
        ax.annotate(str(index), (box[x], box[y]), above, textcoords="offset points", bbox=BEHIND, **style)


def decided(best: int, out: list[int], scores: Tensor) -> str:
    """What a step keeps and what goes, in two short lines; with their scores unless too many go."""
    said = [f"{index} ({float(scores[index]):.2f})" if len(out) < 3 else str(index) for index in out]
    return f"keep {best} ({float(scores[best]):.2f})\nout: {', '.join(said) or 'none'}"


@shown
def nms_race(nms: Callable, in_blocks: Callable, count: int = 4000) -> Drawing:
    """Time of the student's function, of the bonus if it is written, and of torchvision's, on the same boxes."""
    generator = torch.Generator().manual_seed(0)
    points = torch.rand(count, 2, 2, generator=generator) * 800
    boxes = torch.cat([points.amin(1), points.amax(1)], dim=1)
    scores = torch.rand(count, generator=generator)
    wanted, theirs = _timed(torchvisions, boxes, scores)
    own, mine = _timed(nms, boxes, scores)
    rows = {"torchvision (C++)": theirs, "your nms": mine}
    notes = ["" if own == wanted else "your nms keeps other boxes than torchvision's"]
    try:
        fast, rows["your nms_in_blocks"] = _timed(in_blocks, boxes, scores)
        notes.append("" if fast == wanted else "your nms_in_blocks keeps other boxes than torchvision's")
    except NoPicture:
        notes.append("nms_in_blocks is not written, and need not be")
    figure = new_figure(7.6, 0.55 * len(rows) + 1.0)
    ax = figure.subplots()
    times = [1000 * value for value in rows.values()]
    ax.barh(list(rows), times, color=[FAINT, BLUE, GREEN][: len(rows)], height=0.6)
    for row, value in enumerate(times):
        ax.text(value + 0.01 * max(times), row, f"{value:.0f} ms", va="center", fontsize=10, color=INK)
    ax.invert_yaxis()
    ax.set(
        xlabel=f"time for {count:,} boxes, of which {len(wanted):,} stay, in one thread", xlim=(0, 1.15 * max(times))
    )
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    listed = ", ".join(f"{name} {value:.0f} ms" for name, value in zip(rows, times, strict=True))
    said = "; ".join(filter(None, notes))
    alt = f"Time for {count:,} random boxes: {listed}." + (f" Note: {said}." if said else "")
    return Drawing(figure, alt, (said[:1].upper() + said[1:] + "." if said else "All of them keep the same boxes."))


def _timed(nms: Callable, boxes: Tensor, scores: Tensor) -> tuple[list[int], float]:
    with one_thread():
        start = time.perf_counter()
        kept = indices(nms, boxes, scores, 0.7)
        return kept, time.perf_counter() - start


def indices(nms: Callable, boxes: Tensor, scores: Tensor, threshold: float) -> list[int]:
    """What the student's function keeps, if these are places in the list."""
    kept = ask(nms, boxes, scores, threshold, shape=(None,))
    if kept.dtype != torch.int64:
        raise no_picture(f"nms gave {kept.dtype} instead of int64 indices")
    indices: list[int] = kept.tolist()
    if any(not 0 <= index < len(boxes) for index in indices):
        raise no_picture(f"nms gave indices beyond 0 to {len(boxes) - 1}")
    return indices
