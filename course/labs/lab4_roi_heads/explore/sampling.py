"""Sampling again and again: another seed, another minibatch."""

from collections.abc import Callable

from torch import Generator, Tensor

from course.drawing.ask_student import ask
from course.drawing.figure import Drawing, new_figure
from course.exploring.controls import StepButton, integer_slider, slider
from course.exploring.explorer import explore
from course.exploring.student_function import StudentFunction
from course.labs.lab2_anchors.draw.labels import counted, dots


def sampling(anchors: Tensor, truth: Tensor, labels: Tensor, sample_labels: Callable) -> None:
    """What the student's function keeps, for one seed after the other.

    Args:
        anchors: ``(N, 4)``, in the lecture's image.
        truth: its true boxes ``(M, 4)``.
        labels: of the anchors, ``(N,)``, before sampling.
        sample_labels: the student's function.
    """
    mine = StudentFunction(sample_labels, "sample_labels")
    anchors, truth, labels = anchors.cpu(), truth.cpu(), labels.cpu()
    explore(
        lambda seed, batch, share: _drawing(anchors, truth, labels, mine, seed, batch, share),
        lambda: {
            "seed": integer_slider("seed", 1, 1, 999),
            "batch": integer_slider("batch size", 256, 8, 512, 8),
            "share": slider("share of objects", 0.5, 0.0, 1.0, 0.05),
        },
        [StepButton("sample again", "seed")],
        functions=[mine],
    )


def _drawing(
    anchors: Tensor, truth: Tensor, labels: Tensor, sample_labels: StudentFunction, seed: int, batch: int, share: float
) -> Drawing:
    now, before = (
        ask(sample_labels, labels, batch, share, Generator().manual_seed(number), shape=(len(labels),))
        for number in (seed, seed - 1)
    )
    again = int(((now == 0) & (before == 0)).sum())
    figure = new_figure(5.6, 5.6, layout=None)
    ax = figure.add_axes((0.02, 0.02, 0.96, 0.92))
    kept = now >= 0
    dots(ax, anchors[kept], now[kept], (0, 0, 800, 800), truth=truth)
    ax.set_title(f"seed {seed}: {int(kept.sum())} anchors in the minibatch", fontsize=11, pad=6)
    asked = f"Seed {seed}, {batch} at most, a share of {share:.2f}"
    summary = f"{asked}: {counted(now)}. {again} of the background were there with seed {seed - 1} as well"
    alt = f"{len(labels):,} anchors, before sampling {counted(labels)}. After your sample_labels: {summary}."
    return Drawing(figure, alt, f"{summary}. Dots: background. Triangles: objects.")
