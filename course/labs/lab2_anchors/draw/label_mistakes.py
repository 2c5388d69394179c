"""What the lecture's slips with anchors and labels do to a picture: wrong on the left, the student's on the right."""

from collections.abc import Callable

import torch
from torch import Tensor

from course.drawing.ask_student import ask
from course.drawing.box_axes import set_up_axes
from course.drawing.figure import Drawing, new_figure, shown
from course.drawing.palette import GREEN, INK, RED
from course.labs.lab2_anchors.draw.labels import ask_labels, ask_sample, counted, dots, object_boxes, per_truth

WHOLE = (0.0, 0.0, 800.0, 800.0)


@shown
def sixteen_squared(grid_anchors: Callable) -> Drawing:
    """Anchor points on 16 × 16 cells and on 50 × 50 cells, by the student's function."""
    one = torch.tensor([[16.0, 16.0]])
    figure = new_figure(9.2, 4.8)
    words = []
    for ax, cells in zip(figure.subplots(1, 2), (16, 50), strict=True):
        boxes = ask(grid_anchors, (cells, cells), 16, one, shape=(cells * cells, 4))
        x, y = ((boxes[:, :2] + boxes[:, 2:]) / 2).unbind(1)
        set_up_axes(ax, (-10, -10, 810, 810), image=(800, 800))
        ax.set(xticks=[], yticks=[])
        ax.plot(x, y, ".", color=INK, markersize=3)
        good = cells == 50
        title = f"{'✓' if good else '✗'} {cells} · {cells} = {cells * cells:,} points"
        ax.set_title(title, color=GREEN if good else RED, weight="bold", pad=8)
        words.append(f"{cells} · {cells} = {cells * cells:,} points reach to x = {float(x.max()):g}")
    alt = f"Anchor points by your grid_anchors on the 800 × 800 image: {'; '.join(words)}."
    return Drawing(figure, alt, "16 is the stride. The number of cells is 800 / 16 = 50.")


@shown
def label_trap(
    anchors: Tensor, truth: Tensor, iou: Tensor, wrong: Callable, label_anchors: Callable, title: str = "the slide's"
) -> Drawing:
    """The object anchors by a deliberately wrong function and by the student's, around the helmets."""
    mine, theirs = ask_labels(label_anchors, iou), ask_labels(wrong, iou)
    figure = new_figure(9.4, 5.3)
    words = []
    for ax, labels, name in zip(figure.subplots(1, 2), (theirs, mine), (f"✗ {title}", "✓ yours"), strict=True):
        if int((theirs == 1).sum()) > 400:  # objects everywhere: show where, not each of them
            dots(ax, anchors, labels, WHOLE, truth=truth)
        else:
            object_boxes(ax, anchors, truth, labels)
        colour = RED if labels is theirs else GREEN
        ax.set_title(f"{name}: {int((labels == 1).sum()):,} objects", color=colour, weight="bold", pad=8)
        ax.set_xlabel(per_truth(iou, labels))
        words.append(f"{counted(labels)} ({per_truth(iou, labels)})")
    alt = f"Labels by the wrong function: {words[0]}. By your label_anchors: {words[1]}."
    return Drawing(figure, alt, "Green: object anchors. Dashed red: ground truth.")


@shown
def sampling_trap(anchors: Tensor, truth: Tensor, labels: Tensor, wrong: Callable, sample_labels: Callable) -> Drawing:
    """What stays by a deliberately wrong sampling and by the student's: centres, and shares as bars."""
    mine, theirs = ask_sample(sample_labels, labels), ask_sample(wrong, labels)
    figure = new_figure(9.4, 6.4)
    grid = figure.add_gridspec(2, 2, height_ratios=(5, 1))
    words = []
    for column, (sample, title) in enumerate(((theirs, "✗ the slide's"), (mine, "✓ yours"))):
        colour = GREEN if column else RED
        ax = figure.add_subplot(grid[0, column])
        dots(ax, anchors, sample, WHOLE, truth=truth, ignored=False)
        ones, zeros = int((sample == 1).sum()), int((sample == 0).sum())
        ax.set_title(f"{title}: {ones:,} objects, {zeros:,} background", color=colour, weight="bold", pad=8)
        bar = figure.add_subplot(grid[1, column])
        share = ones / max(ones + zeros, 1)
        bar.barh(0, share, color=GREEN, hatch="///", edgecolor="white")
        bar.barh(0, 1 - share, left=share, color="#9AA7B2")
        bar.set(xlim=(0, 1), yticks=[], xticks=[], xlabel=f"objects are {share:.1%} of the batch")
        bar.spines[:].set_visible(False)
        words.append(f"{ones:,} objects and {zeros:,} background, objects {share:.1%}")
    alt = f"The batch by the wrong sampling: {words[0]}. By your sample_labels: {words[1]}."
    return Drawing(figure, alt, "Hatched green: the objects' share of what the network learns from.")
