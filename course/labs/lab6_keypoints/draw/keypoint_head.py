"""The keypoint head: its layers with their sizes, and what its last step adds to the slide's print."""

from collections.abc import Callable
from typing import Any

import torch
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, Rectangle
from torch import Tensor, nn

from course.checking.modules import with_weights
from course.drawing.ask_student import ask
from course.drawing.figure import Drawing, new_figure, shown
from course.drawing.palette import FAINT, GREEN, INK, ORANGE, RED, SKY, YELLOW

STACKS = (  # where a stack of maps begins, its side on the paper, how many maps, colour, words above and below
    (1.0, 7.0, 4, "white", "features", "256 × 14 × 14"),
    (21.0, 7.0, 6, YELLOW, "convs", "512 × 14 × 14"),
    (42.5, 10.5, 3, SKY, "kps_score_lowres", "17 × 28 × 28"),
    (74.0, 17.0, 3, ORANGE, "heat maps", "17 × 56 × 56"),
)
STEPS = ("8 × (3 × 3\n+ ReLU)", "transposed\n4 × 4, stride 2", "bilinear\n× 2")


@shown
def keypoint_head() -> Drawing:
    """The way from 14 × 14 features to 56 × 56 heat maps, and how far the slide's print goes."""
    figure = new_figure(9.8, 3.4, layout=None)
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, 98), ylim=(34, 0))
    ax.axis("off")
    middle = 18.5
    for x, high, maps, colour, above, below in STACKS:
        for number in range(maps - 1, -1, -1):
            corner = (x + 0.9 * number, middle - high / 2 - 0.7 * number)
            ax.add_patch(Rectangle(corner, high, high, facecolor=colour, edgecolor=INK, linewidth=1))
        where = x + high / 2
        ax.text(where, middle - high / 2 - 0.7 * maps - 1.2, above, ha="center", fontsize=10, weight="bold")
        ax.text(where, middle + high / 2 + 2.4, below, ha="center", fontsize=10)
    for (x, high, maps, *_), (following, *_), words in zip(STACKS, STACKS[1:], STEPS, strict=False):
        start, end = x + high + 0.9 * maps + (3.6 if words == STEPS[-1] else 0.2), following - 0.8
        line = FancyArrowPatch((start, middle), (end, middle), arrowstyle="-|>", mutation_scale=12, color=FAINT)
        ax.add_patch(line)
        ax.text((start + end) / 2, middle + 1.3, words, ha="center", va="top", fontsize=9, color=FAINT)
    ax.plot([58.6, 58.6], [1.5, 32.5], color=RED, linestyle="--", linewidth=1.6)
    ax.text(57.8, 31.8, "here the slide's print ends", ha="right", fontsize=10, color=RED)
    alt = (
        "Features of 256 × 14 × 14 go through convs, eight 3 × 3 convolutions with ReLU, to 512 × 14 × 14; the "
        "transposed convolution kps_score_lowres makes 17 × 28 × 28, where the slide's print ends; bilinear "
        "interpolation makes 17 × 56 × 56 heat maps."
    )
    return Drawing(figure, alt, "One map for each of the 17 keypoints. Whatever has no weights does not get printed.")


@shown
def last_enlargement(head: Callable) -> Drawing:
    """One map through a head that only enlarges: before, where the slide's print ends, and as the student's gives it.

    The weights are made for it: the convolutions pass the map on, the transposed one mixes neighbouring cells.
    """
    y, x = torch.meshgrid(torch.arange(14.0), torch.arange(14.0), indexing="ij")
    hills = torch.exp(-((x - 8.6) ** 2 + (y - 5.3) ** 2) / 3) + 0.6 * torch.exp(-((x - 4) ** 2 + (y - 9) ** 2) / 4)
    features = hills[None, None]
    own = ask(_named(head, lambda made: made(features)), shape=(1, 1, None, None))[0, 0]
    low = ask(_named(head, lambda made: _printed(made, features)), shape=(1, 1, None, None))[0, 0]
    figure = new_figure(9.6, 3.6)
    axes = figure.subplots(1, 3)
    good = tuple(own.shape) == (56, 56)
    panels = (
        (features[0, 0], "features", INK),
        (low, "where the slide's print ends", INK),
        (own, f"{'✓' if good else '✗'} what your head gives", GREEN if good else RED),
    )
    words = []
    for ax, (values, title, colour) in zip(axes, panels, strict=True):
        _cells(ax, values)
        ax.set_title(f"{title}\n{values.shape[0]} × {values.shape[1]}", fontsize=10, color=colour)
        words.append(f"{title.removeprefix('✓ ').removeprefix('✗ ')} {values.shape[0]} × {values.shape[1]}")
    alt = f"One map with two hills, three times: {'; '.join(words)}. The larger, the finer its steps."
    return Drawing(
        figure,
        alt,
        "The last × 2 adds nothing new, but a cell is half as large: a joint's place is known twice as well.",
    )


def _named(head: Callable, run: Callable[[nn.Module], Tensor]) -> Callable[[], Tensor]:
    """``run`` on a head whose layers pass one map on, under the head's own name."""

    def named() -> Tensor:
        through = torch.zeros(1, 1, 3, 3)
        through[0, 0, 1, 1] = 1
        weights: dict[str, Tensor] = {}
        for place in range(0, 16, 2):
            weights |= {f"convs.{place}.weight": through, f"convs.{place}.bias": torch.zeros(1)}
        tent = torch.tensor([0.25, 0.75, 0.75, 0.25])  # as bilinear interpolation weighs neighbours
        weights |= {
            "kps_score_lowres.weight": torch.outer(tent, tent)[None, None],
            "kps_score_lowres.bias": torch.zeros(1),
        }
        return run(with_weights(head, (1, 1, 1), weights))

    named.__name__ = getattr(head, "__name__", "KeypointHead")
    return named


def _printed(head: Any, features: Tensor) -> Tensor:
    """What comes out of the layers that the slide prints."""
    return head.kps_score_lowres(head.convs(features))


def _cells(ax: Axes, values: Tensor) -> None:
    ax.imshow(values.numpy(), cmap="Blues", vmin=-0.1, vmax=1.1, interpolation="nearest")
    ax.set(xticks=[], yticks=[])
