"""Precision against recall: the zigzag, its envelope, and the 101 places where COCO reads it."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from matplotlib.axes import Axes
from torch import Tensor

from course import metrics
from course.drawing.ask_student import ask
from course.drawing.figure import Drawing, NoPicture, new_figure, shown
from course.drawing.palette import BLUE, FAINT, GREEN, INK, ORANGE, RED
from course.labs.lab7_capstone.library.average_precision import precision_at_recalls

EXAMPLE = (0.9, 0.8, 0.7, 0.6, 0.5), (True, False, False, True, True), 3
RECALLS = torch.arange(101) / 100


@shown
def precision_recall_rule() -> Drawing:
    """Five predictions of three objects: counted line by line, and as a curve with its envelope."""
    scores, matched, num_gt = EXAMPLE
    precision, recall = _zigzag(torch.tensor(scores), torch.tensor(matched), num_gt)
    figure = new_figure(9.8, 3.7)
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.15))
    left.set(xlim=(0, 1), ylim=(6.1, -0.4))
    left.axis("off")
    columns = (0.08, 0.3, 0.58, 0.86)
    for x, word in zip(columns, ("score", "right?", "precision", "recall"), strict=True):
        left.text(x, 0, word, ha="center", va="center", color=FAINT)
    words = []
    for row, (score, hit) in enumerate(zip(scores, matched, strict=True), start=1):
        right_ones = round(float(precision[row - 1]) * row)
        cells = (f"{score:g}", "✓" if hit else "✗", f"{right_ones} / {row}", f"{right_ones} / {num_gt}")
        for x, text in zip(columns, cells, strict=True):
            colour = {"✓": GREEN, "✗": RED}.get(text, INK)
            left.text(x, row, text, ha="center", va="center", color=colour, weight="bold" if text in "✓✗" else "normal")
        words.append(f"{score:g} {'right' if hit else 'wrong'}, precision {right_ones}/{row}, recall {cells[3]}")
    left.set_title("best first, counted down to here", pad=8)
    points = precision_at_recalls(torch.tensor(scores), torch.tensor(matched), num_gt)
    _curve(right, precision, recall, points)
    right.set_title("the same as a curve", pad=8)
    right.legend(frameon=False, fontsize=9, loc="lower left")
    alt = (
        f"Five predictions of three objects, best first: {'; '.join(words)}. As a curve: a zigzag that falls from "
        "precision 1 to 1/3 and rises again to 0.6; the envelope is 1 up to recall 1/3, then 0.6; dots on it at the "
        f"recalls 0, 0.01, …, 1, whose mean is {float(points.mean()):.3f}."
    )
    return Drawing(figure, alt, f"34 dots at 1, 67 at 0.6: average precision {float(points.mean()):.3f}.")


@shown
def precision_recall(scores: Tensor, matched: Tensor, num_gt: int, average_precision: Callable) -> Drawing:
    """The curve of many predictions, and the student's average precision for it.

    Raises:
        NoPicture: there is no prediction or no object.
    """
    if not (len(scores) and num_gt):
        raise NoPicture("There is no curve without predictions and objects.")
    value = float(ask(average_precision, scores, matched, num_gt, shape=()))
    precision, recall = _zigzag(scores, matched, num_gt)
    figure = new_figure(7.2, 4.0)
    ax = figure.subplots()
    _curve(ax, precision, recall, precision_at_recalls(scores, matched, num_gt))
    if recall[-1] < 1:
        ax.axvspan(float(recall[-1]), 1, color=ORANGE, alpha=0.12, hatch="..", linewidth=0)
        missed = num_gt - int(matched.sum())
        ax.text(float(recall[-1] + 1) / 2, 0.5, f"{missed} never found", rotation=90, ha="center", va="center")
    ax.set_title(f"your average precision: {value:.3f}", pad=8)
    ax.legend(frameon=False, fontsize=9, loc="lower left")
    found = int(matched.sum())
    alt = (
        f"Precision against recall of {len(scores)} predictions, {found} of them right, for {num_gt} objects: recall "
        f"ends at {float(recall[-1]):.2f} with precision {float(precision[-1]):.2f}. Your average precision is "
        f"{value:.3f}."
    )
    return Drawing(figure, alt, f"{len(scores)} predictions, {num_gt} objects. Your function gives {value:.3f}.")


@shown
def precision_by_iou(
    predictions: Sequence[dict[str, Any]], targets: Sequence[dict[str, Any]], average_precision: Callable
) -> Drawing:
    """The student's average precision at COCO's ten IoU thresholds, each the mean over the classes."""
    thresholds = [0.5 + 0.05 * step for step in range(10)]
    heights = []
    for threshold in thresholds:
        classes = metrics.matched(predictions, targets, threshold).values()
        heights.append(sum(float(ask(average_precision, *each, shape=())) for each in classes) / max(len(classes), 1))
    mean = sum(heights) / len(heights)
    figure = new_figure(7.2, 3.2)
    ax = figure.subplots()
    for threshold, height in zip(thresholds, heights, strict=True):
        ax.bar(threshold, height, 0.036, color=BLUE, alpha=0.85)
        ax.text(threshold, height + 0.015, f"{height:.2f}", ha="center", va="bottom", fontsize=9)
    ax.axhline(mean, color=RED, linestyle="--", linewidth=1.8)
    ax.text(0.985, mean + 0.015, f"mean: AP {mean:.3f}", color=RED, ha="right", va="bottom", weight="bold")
    ax.set(xlabel="IoU from which a box is right", ylabel="average precision", ylim=(0, 1.08), xticks=thresholds)
    _bare(ax)
    listed = ", ".join(
        f"{height:.2f} at {threshold:.2f}" for threshold, height in zip(thresholds, heights, strict=True)
    )
    alt = f"Your average precision, mean over the classes, by IoU threshold: {listed}. Their mean, AP, is {mean:.3f}."
    return Drawing(figure, alt, f"AP50 is the first bar, {heights[0]:.3f}; AP the mean of all ten, {mean:.3f}.")


def _zigzag(scores: Tensor, matched: Tensor, num_gt: int) -> tuple[Tensor, Tensor]:
    """Precision and recall ``(N,)`` after the best one, the best two, … predictions."""
    best_first = matched[scores.argsort(descending=True, stable=True)].cpu()
    counts = torch.tensor([int(best_first[:seen].sum()) for seen in range(1, len(best_first) + 1)])
    return counts / torch.arange(1, len(best_first) + 1), counts / num_gt


def _curve(ax: Axes, precision: Tensor, recall: Tensor, points: Tensor) -> None:
    few = len(precision) < 20
    ax.plot(recall, precision, color=FAINT, linewidth=1.3, marker="o" if few else None, label="precision so far")
    ax.plot(RECALLS, points, color=BLUE, linewidth=2.2, alpha=0.5, drawstyle="steps-mid", label="envelope")
    ax.plot(RECALLS, points, ".", color=BLUE, markersize=4.5, label="read at 0, 0.01, …, 1")
    ax.set(xlabel="recall: found ÷ all objects", ylabel="precision: right ÷ all so far")
    ax.set(xlim=(-0.02, 1.02), ylim=(-0.03, 1.08))
    _bare(ax)


def _bare(ax: Axes) -> None:
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
