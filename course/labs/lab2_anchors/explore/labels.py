"""Labels of anchors while the two thresholds move."""

from collections.abc import Callable

import torch
from torch import Tensor

from course.drawing.figure import Drawing, NoPicture, new_figure
from course.drawing.palette import INK
from course.exploring.controls import slider
from course.exploring.explorer import explore
from course.exploring.student_function import StudentFunction
from course.labs.lab2_anchors.draw.labels import COLOURS, HATCHES, KINDS, NAMES, ask_labels, counted, dots


def labels(anchors: Tensor, truth: Tensor, iou: Tensor, label_anchors: Callable) -> None:
    """Labels by the student's function, counted and drawn, for any two thresholds.

    Args:
        anchors: ``(N, 4)``, in the lecture's image.
        truth: its true boxes ``(M, 4)``.
        iou: their table ``(N, M)``.
        label_anchors: the student's function.
    """
    mine = StudentFunction(label_anchors, "label_anchors")
    anchors, truth, iou = anchors.cpu(), truth.cpu(), iou.cpu()
    explore(
        lambda positive, negative: _drawing(anchors, truth, iou, mine, positive, negative),
        lambda: {
            "positive": slider("object from", 0.7, 0.0, 1.0, 0.05),
            "negative": slider("background below", 0.3, 0.0, 1.0, 0.05),
        },
        functions=[mine],
    )


def _drawing(
    anchors: Tensor, truth: Tensor, iou: Tensor, label_anchors: StudentFunction, positive: float, negative: float
) -> Drawing:
    if negative > positive:
        raise NoPicture(f"Background below {negative:.2f} and object from {positive:.2f} overlap: move one of them.")

    def at_thresholds(table: Tensor) -> object:
        return label_anchors(table, positive, negative)

    at_thresholds.__name__ = "label_anchors"
    mine = ask_labels(at_thresholds, iou)
    best = iou.amax(dim=1)
    figure = new_figure(9.4, 4.2, layout=None)
    left, right = figure.add_axes((0.02, 0.02, 0.42, 0.94)), figure.add_axes((0.53, 0.16, 0.45, 0.74))
    dots(left, anchors[mine != 0], mine[mine != 0], (0, 0, 800, 800), truth=truth)
    edges = torch.linspace(0, 1, 21)
    below = torch.zeros(20)
    for kind in KINDS:
        height = torch.histogram(best[mine == kind].float(), edges).hist
        top = below + height
        bars = right.stairs(top.tolist(), edges.tolist(), baseline=below.tolist(), fill=True)
        bars.set(facecolor=COLOURS[kind], hatch=HATCHES[kind], edgecolor="white", linewidth=0.3)
        bars.set_label(f"{NAMES[kind]}: {int((mine == kind).sum()):,}")
        below = top
    for level in (negative, positive):
        right.axvline(level, color=INK, linestyle="--", linewidth=1.3)
    right.set_yscale("symlog", linthresh=10)
    right.set(xlim=(0, 1), ylim=(0, 2e4), xlabel="best IoU of an anchor", yticks=(0, 10, 100, 1000, 10_000))
    right.set_yticklabels(["0", "10", "100", "1,000", "10,000"])
    right.legend(loc="upper right", fontsize=9.5)
    right.spines[["top", "right"]].set_visible(False)
    summary = f"Object from {positive:.2f}, background below {negative:.2f}: {counted(mine)}"
    alt = f"{len(mine):,} anchors by your label_anchors. {summary}. Highest IoU: {float(best.max()):.3f}."
    return Drawing(figure, alt, f"{summary}. Left: triangles are objects, squares are ignored.")
