"""Labels of anchors: the thresholds, the histogram of IoU, and where the objects stand before and after sampling."""

from collections.abc import Callable
from typing import Any

import torch
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from torch import Generator, Tensor

from course.drawing.ask_student import ask, no_picture
from course.drawing.box_axes import draw_worker, note, outline, set_up_axes
from course.drawing.figure import Drawing, new_figure, shown
from course.drawing.palette import FAINT, GREEN, INK, ORANGE, RED, Look
from course.labs.lab1_boxes.draw.coordinates import HELMETS

KINDS = (1, -1, 0)
NAMES = {1: "1, object", -1: "−1, ignored", 0: "0, background"}
COLOURS = {1: GREEN, -1: ORANGE, 0: "#9AA7B2"}
HATCHES = {1: "///", -1: "...", 0: ""}
OBJECT = Look(GREEN, "-", "///", 1.6)
TRUTH = Look(RED, "--", "", 2.4)


@shown
def label_rule() -> Drawing:
    """The number line of IoU with both thresholds, and the rule that comes from the ground truth's side."""
    figure = new_figure(8.8, 2.7)
    ax = figure.subplots()
    ax.set(xlim=(-0.01, 1.01), ylim=(-1.35, 1.9))
    for low, high, kind in ((0, 0.3, 0), (0.3, 0.7, -1), (0.7, 1, 1)):
        ax.barh(0, high - low, left=low, height=0.9, color=COLOURS[kind], hatch=HATCHES[kind], edgecolor="white")
        note(ax, (low + high) / 2, 0, NAMES[kind], weight="bold")
    for value in (0, 0.3, 0.7, 1):
        ax.text(value, -0.95, f"{value:g}", ha="center", va="center")
    ax.annotate(
        "", xy=(0.95, 1.0), xytext=(0.004, 1.0), arrowprops={"arrowstyle": "->", "color": GREEN, "linewidth": 2.2}
    )
    note(ax, 0.47, 1.5, "best of a ground truth, anywhere above 0:  1, object", GREEN, weight="bold")
    ax.text(0.5, -1.35, "best IoU of the anchor", ha="center", va="center", color=FAINT)
    ax.axis("off")
    alt = (
        "The line of IoU from 0 to 1: below 0.3 label 0, background; from 0.3 up to 0.7 label −1, ignored; from 0.7 "
        "label 1, object. Above the line: the best anchor of a ground truth is 1 wherever its IoU is above 0."
    )
    return Drawing(figure, alt, "Bottom: the thresholds. Top: the rule that beats them.")


@shown
def iou_histogram(iou: Tensor, label_anchors: Callable) -> Drawing:
    """How many anchors have which best IoU, stacked by the student's labels, with both thresholds."""
    labels = ask_labels(label_anchors, iou)
    best = iou.cpu().amax(dim=1)
    edges = torch.linspace(0, 1, 41)
    heights = {kind: torch.histogram(best[labels == kind].float(), edges).hist for kind in KINDS}
    figure = new_figure(8.8, 4.4)
    ax = figure.subplots()
    width = 0.025 / 3.4
    for place, kind in enumerate(KINDS):
        ax.bar(
            (edges[:-1] + 0.0125 + (place - 1) * width).tolist(),
            heights[kind].tolist(),
            width,
            color=COLOURS[kind],
            hatch=HATCHES[kind],
            edgecolor="white",
            linewidth=0.3,
        )
    ax.set_yscale("log")
    ax.set(xlim=(0, 1), ylim=(0.6, 3e4), xlabel="best IoU of an anchor", ylabel="anchors (log scale)")
    for level, words, side in ((0.3, "0.3 ", "right"), (0.7, "0.7 ", "right")):
        ax.axvline(level, color=INK, linestyle="--", linewidth=1.3)
        ax.text(level, 1.6e4, words, ha=side, weight="bold")
    if not (best >= 0.7).any():
        note(ax, 0.85, 60, "no anchor\ngets this far", FAINT, bbox=None)
    ax.legend(handles=_legend(labels), loc="upper center", bbox_to_anchor=(0.52, 1.0), framealpha=1, fontsize=9.5)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    below = int(((labels == 1) & (best < 0.3)).sum())
    alt = (
        f"Best IoU of {len(best):,} anchors: {int((best < 0.3).sum()):,} below 0.3, "
        f"{int(((best >= 0.3) & (best < 0.7)).sum()):,} from 0.3 to 0.7, {int((best >= 0.7).sum()):,} from 0.7; the "
        f"highest is {float(best.max()):.3f}. By your labels: {counted(labels)}; {below} of the objects are below 0.3."
    )
    return Drawing(figure, alt, "Objects below 0.3 are the best that their ground truth could get.")


@shown
def labelled(anchors: Tensor, truth: Tensor, iou: Tensor, label_anchors: Callable) -> Drawing:
    """Where the student's objects, ignored anchors and background stand."""
    labels = ask_labels(label_anchors, iou)
    figure = new_figure(9.4, 5.2)
    whole, close = figure.subplots(1, 2)
    whole.set_title("the whole image: centres of all anchors", pad=8)
    dots(whole, anchors, labels, (0, 0, 800, 800))
    close.set_title("around the helmets: the object anchors", pad=8)
    object_boxes(close, anchors, truth, labels)
    whole.legend(handles=_legend(labels), loc="lower right", fontsize=9, framealpha=1)
    alt = f"{len(anchors):,} anchors by your labels: {counted(labels)}. {per_truth(iou, labels)}."
    return Drawing(figure, alt, per_truth(iou, labels) + ". Dashed: the helmets' boxes.")


@shown
def sampled(anchors: Tensor, truth: Tensor, labels: Tensor, sample_labels: Callable) -> Drawing:
    """Centres of the anchors by label, before and after the student's sampling."""
    before = labels.cpu()
    after = ask_sample(sample_labels, before)
    figure = new_figure(9.4, 5.5)
    for ax, mine, title in zip(
        figure.subplots(1, 2), (before, after), ("before", "after your sample_labels"), strict=True
    ):
        dots(ax, anchors, mine, (0, 0, 800, 800), truth=truth, ignored=mine is before)
        ax.set_title(title, pad=8)
        ax.set_xlabel(counted(mine))
    alt = f"Before sampling: {counted(before)}. After: {counted(after)}."
    return Drawing(figure, alt, "Dots: background. Triangles: objects. Anchors set to −1 are left out on the right.")


def ask_labels(label_anchors: Callable, iou: Tensor) -> Tensor:
    """The labels that the student's function gives, on the CPU."""
    got: list[Any] = []

    def labels(table: Tensor) -> Any:
        got.append(label_anchors(table))
        pair = isinstance(got[0], tuple | list) and len(got[0]) == 2
        return got[0][0] if pair else got[0]

    labels.__name__ = getattr(label_anchors, "__name__", "label_anchors")
    answer = ask(labels, iou, shape=(len(iou),))
    if not isinstance(got[0], tuple | list):
        raise no_picture(f"{labels.__name__} gave one tensor instead of (labels, matched)")
    return answer


def ask_sample(sample_labels: Callable, labels: Tensor) -> Tensor:
    """The student's sample, drawn on the CPU with a generator of a fixed seed."""
    return ask(sample_labels, labels.cpu(), 256, 0.5, Generator().manual_seed(0), shape=(len(labels),))


def counted(labels: Tensor) -> str:
    """``25 objects, 8,829 background, 86 ignored``."""
    ones, ignored, zeros = (int((labels == kind).sum()) for kind in KINDS)
    return f"{ones:,} object{'' if ones == 1 else 's'}, {zeros:,} background, {ignored:,} ignored"


def per_truth(iou: Tensor, labels: Tensor) -> str:
    """How many object anchors each ground truth has."""
    matched = iou.cpu().argmax(dim=1)[labels == 1]
    numbers = [int((matched == truth).sum()) for truth in range(iou.shape[1])]
    if len(numbers) == 2:
        return f"Object anchors: near helmet {numbers[0]}, far helmet {numbers[1]}"
    return "Object anchors per ground truth: " + " · ".join(f"{number:,}" for number in numbers)


def dots(
    ax: Axes,
    anchors: Tensor,
    labels: Tensor,
    view: tuple[float, float, float, float],
    truth: Tensor | None = None,
    *,
    ignored: bool = True,
) -> None:
    """The centres of anchors, each label with its own mark, over the image."""
    set_up_axes(ax, view, image=(800, 800))
    ax.set(xticks=[], yticks=[])
    for helmet in HELMETS:
        draw_worker(ax, helmet)
    centres = ((anchors[:, :2] + anchors[:, 2:]) / 2).cpu()
    many = int((labels == 0).sum()) > 1000
    marks = {0: (".", 2.2 if many else 5), -1: ("s", 3.4), 1: ("^", 6)}
    for kind in (0, -1, 1):
        if kind == -1 and not ignored:
            continue
        x, y = centres[labels == kind].unbind(1)
        mark, wide = marks[kind]
        colour = "#66727D" if kind == 0 else COLOURS[kind]
        ax.plot(x, y, mark, color=colour, markersize=wide, markeredgewidth=0, zorder=4 + kind, linestyle="none")
    for box in [] if truth is None else truth.tolist():
        outline(ax, box, TRUTH)


def object_boxes(ax: Axes, anchors: Tensor, truth: Tensor, labels: Tensor) -> None:
    """The object anchors as boxes, near the helmets, with the true boxes over them."""
    set_up_axes(ax, (90, 10, 420, 340))
    ax.set(xticks=[], yticks=[])
    for helmet in HELMETS:
        draw_worker(ax, helmet)
    boxes = anchors.cpu()[labels == 1].tolist()
    for box in boxes[:400]:  # more than that is one dark field
        outline(ax, box, OBJECT)
    for box in truth.tolist():
        outline(ax, box, TRUTH)


def _legend(labels: Tensor) -> list[Patch]:
    return [
        Patch(
            facecolor=COLOURS[kind],
            hatch=HATCHES[kind],
            edgecolor="white",
            label=f"{NAMES[kind]}: {int((labels == kind).sum()):,}",
        )
        for kind in KINDS
    ]
