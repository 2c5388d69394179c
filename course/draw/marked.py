"""A photo that somebody has marked, and what a detector's losses on it are."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from matplotlib.axes import Axes
from torch import Tensor

from course.draw.figure import Drawing, new_figure, shown
from course.draw.found import LOOKS
from course.draw.palette import BLUE, FAINT, INK, ORANGE, Look
from course.draw.sheet import note, outline
from course.draw.skeletons import photo

LOSSES = ("RPN: objectness", "RPN: boxes", "head: classes", "head: boxes")


def marked(
    image: Tensor, boxes: Sequence[Sequence[float]], labels: Sequence[int], classes: Sequence[str], width: float = 5.0
) -> Drawing:
    """A photo with its marks.

    Args:
        image: ``(3, H, W)`` in [0, 1].
        boxes: ``(x1, y1, x2, y2)`` in pixels; there may be none.
        labels: the class of each, from 1 up.
        classes: their names, without background.
        width: of the figure, in inches.
    """
    high, wide = image.shape[1:]
    figure = new_figure(width, width * high / wide, layout=None)
    words = _marks(figure.add_axes((0.01, 0.01, 0.98, 0.98)), image, boxes, labels, classes)
    return Drawing(figure, f"A photo, {wide} × {high} pixels. Marked: {words}.", f"Marked: {words}.")


@shown
def losses_on_photo(
    image: Tensor,
    target: Mapping[str, Tensor],
    classes: Sequence[str],
    on_photo: Sequence[Any],
    on_scenes: Sequence[Any],
) -> Drawing:
    """A photo with its marks, and beside it four losses on it and on the scenes that a detector has learnt from.

    Args:
        image: the photo ``(3, H, W)`` in [0, 1].
        target: ``boxes`` (N, 4) and ``labels`` (N,) of it, from 1 up.
        classes: the names of the classes, without background.
        on_photo: the losses of objectness and of boxes in the RPN, of classes and of boxes in the head.
        on_scenes: the same on scenes.
    """
    figure = new_figure(9.8, 4.4, layout=None)
    left, right = figure.add_axes((0.0, 0.02, 0.46, 0.96)), figure.add_axes((0.6, 0.14, 0.39, 0.72))
    words = _marks(left, image.detach().cpu(), target["boxes"].tolist(), target["labels"].tolist(), classes)
    rows = {
        name: [float(torch.as_tensor(loss).detach()) for loss in losses]
        for name, losses in (("your photo", on_photo), ("scenes", on_scenes))
    }
    looks = (("your photo", -0.19, ORANGE, ""), ("scenes", 0.19, BLUE, "///"))
    for name, shift, colour, hatch in looks:
        places = [row + shift for row in range(len(LOSSES))]
        right.barh(places, rows[name], 0.34, color=colour, hatch=hatch, edgecolor=INK, linewidth=0.6, label=name)
        for place, loss in zip(places, rows[name], strict=True):
            right.text(loss, place, f" {loss:.3f}", va="center", fontsize=9)
    right.set(yticks=range(len(LOSSES)), yticklabels=LOSSES, xlim=(0, 1.2 * max(map(max, rows.values())) or 1))
    right.invert_yaxis()
    right.legend(loc="lower center", bbox_to_anchor=(0.4, 1.0), ncols=2, frameon=False)
    right.spines[["top", "right"]].set_visible(False)
    right.set_xlabel("loss", color=FAINT)
    told = "; ".join(
        f"{name} {mine:.3f} against {theirs:.3f}" for name, mine, theirs in zip(LOSSES, *rows.values(), strict=True)
    )
    totals = " and ".join(f"{sum(losses):.3f} on {name}" for name, losses in rows.items())
    alt = f"A photo with marks: {words}. Losses on it against those on scenes: {told}."
    return Drawing(figure, alt, f"All four together: {totals}.")


def _marks(
    ax: Axes, image: Tensor, boxes: Sequence[Sequence[float]], labels: Sequence[int], classes: Sequence[str]
) -> str:
    """Draw photo and marks; gives the marks in words."""
    photo(ax, image)
    words = []
    for label, box in zip(labels, boxes, strict=True):
        look, name = LOOKS[(label - 1) % len(LOOKS)], classes[label - 1]
        outline(ax, box, Look("#FFFFFF", "-", "", look.width + 2.4))  # a light rim, so that it shows on any ground
        outline(ax, box, look)
        note(ax, box[0], box[1], name, ha="left", va="bottom", fontsize=9)
        words.append(f"{name} from ({box[0]:.0f}, {box[1]:.0f}) to ({box[2]:.0f}, {box[3]:.0f})")
    return "; ".join(words) or "nothing yet"
