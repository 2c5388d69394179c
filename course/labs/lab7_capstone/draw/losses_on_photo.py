"""What a detector's losses are on a photo that somebody has marked."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from course.drawing.annotated_photo import draw_marks
from course.drawing.figure import Drawing, new_figure, shown
from course.drawing.palette import BLUE, FAINT, INK, ORANGE

LOSSES = ("RPN: objectness", "RPN: boxes", "head: classes", "head: boxes")


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
    words = draw_marks(left, image.detach().cpu(), target["boxes"].tolist(), target["labels"].tolist(), classes)
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
    summary = "; ".join(
        f"{name} {mine:.3f} against {theirs:.3f}" for name, mine, theirs in zip(LOSSES, *rows.values(), strict=True)
    )
    totals = " and ".join(f"{sum(losses):.3f} on {name}" for name, losses in rows.items())
    alt = f"A photo with marks: {words}. Losses on it against those on scenes: {summary}."
    return Drawing(figure, alt, f"All four together: {totals}.")
