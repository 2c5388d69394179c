"""Sampling again and again: another seed, another minibatch."""

from collections.abc import Callable

from torch import Generator, Tensor

from course.draw.figure import Drawing, new_figure
from course.draw.labels import counted, dots
from course.draw.student import ask
from course.explore.controls import Push, slider, whole
from course.explore.explorer import explore
from course.explore.own import Own


def sampling(anchors: Tensor, truth: Tensor, labels: Tensor, sample_labels: Callable) -> None:
    """What the student's function keeps, for one seed after the other.

    Args:
        anchors: ``(N, 4)``, in the lecture's image.
        truth: its true boxes ``(M, 4)``.
        labels: of the anchors, ``(N,)``, before sampling.
        sample_labels: the student's function.
    """
    mine = Own(sample_labels, "sample_labels")
    anchors, truth, labels = anchors.cpu(), truth.cpu(), labels.cpu()
    explore(
        lambda seed, batch, share: _drawing(anchors, truth, labels, mine, seed, batch, share),
        lambda: {
            "seed": whole("seed", 1, 1, 999),
            "batch": whole("batch size", 256, 8, 512, 8),
            "share": slider("share of objects", 0.5, 0.0, 1.0, 0.05),
        },
        [Push("sample again", "seed")],
        own=[mine],
    )


def _drawing(
    anchors: Tensor, truth: Tensor, labels: Tensor, sample_labels: Own, seed: int, batch: int, share: float
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
    told = f"{asked}: {counted(now)}. {again} of the background were there with seed {seed - 1} as well"
    alt = f"{len(labels):,} anchors, before sampling {counted(labels)}. After your sample_labels: {told}."
    return Drawing(figure, alt, f"{told}. Dots: background. Triangles: objects.")
