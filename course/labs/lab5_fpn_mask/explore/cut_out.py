"""People cut out of a photo along their masks, with a threshold to play with."""

from collections.abc import Callable

import torch
from matplotlib.colors import to_rgb
from torch import Tensor

from course.drawing.ask_student import ask
from course.drawing.figure import Drawing, new_figure
from course.drawing.palette import BLUE, GREEN, ORANGE, PINK, RED, SKY
from course.drawing.skeletons import photo as show_photo
from course.exploring.controls import slider
from course.exploring.explorer import explore
from course.exploring.student_function import StudentFunction

COLOURS = (BLUE, ORANGE, GREEN, PINK, SKY, RED)


def cut_out(photo: Tensor, boxes: Tensor, masks: Tensor, paste_mask: Callable) -> None:
    """Show everything that has a mask in the photo and cut out of it, with a slider for the threshold.

    Args:
        photo: ``(3, H, W)`` in [0, 1].
        boxes: one ``(x1, y1, x2, y2)`` for each mask, ``(N, 4)``.
        masks: one small mask of probabilities each, ``(N, 28, 28)``.
        paste_mask: the student's function.
    """
    mine = StudentFunction(paste_mask, "paste_mask")
    explore(
        lambda threshold: at_threshold(photo, boxes, masks, mine, threshold),
        lambda: {"threshold": slider("threshold", 0.5, 0.05, 0.95, 0.05)},
        functions=[mine],
    )


def at_threshold(photo: Tensor, boxes: Tensor, masks: Tensor, paste_mask: Callable, threshold: float) -> Drawing:
    """The photo with tinted masks beside what they cut out, on white, for one threshold.

    Raises:
        NoPicture: as :func:`course.drawing.ask_student.ask`.
    """
    size = (int(photo.shape[1]), int(photo.shape[2]))
    picture = photo.detach().cpu()
    shifted = masks.detach().cpu() + (0.5 - threshold)  # paste_mask compares with 0.5
    pasted = [ask(paste_mask, m, b, size, shape=size) > 0 for m, b in zip(shifted, boxes.cpu(), strict=True)]
    tinted, anybody = picture.clone(), torch.zeros(size, dtype=torch.bool)
    for number, mask in enumerate(pasted):
        colour = COLOURS[number % len(COLOURS)]
        tint = torch.tensor(to_rgb(colour))
        tinted[:, mask] = 0.45 * tinted[:, mask] + 0.55 * tint[:, None]
        anybody |= mask
    alone = torch.where(anybody, picture, 1.0)
    figure = new_figure(9.8, 9.8 / 2 * size[0] / size[1] + 0.3, layout=None)
    left, right = figure.add_axes((0.01, 0.01, 0.48, 0.9)), figure.add_axes((0.51, 0.01, 0.48, 0.9))
    for ax, image, title in ((left, tinted, f"{len(pasted)} masks"), (right, alone, "cut out")):
        show_photo(ax, image)
        ax.set_title(f"{title} at threshold {threshold:.2f}")
    for number, box in enumerate(boxes.tolist(), start=1):
        label = {"facecolor": "white", "edgecolor": COLOURS[(number - 1) % len(COLOURS)], "linewidth": 2, "pad": 1.5}
        left.text(box[0], box[1], f"{number}", fontsize=10, weight="bold", va="bottom", bbox=label)
    listed = ", ".join(f"{number}: {int(mask.sum())}" for number, mask in enumerate(pasted, start=1))
    summary = f"Pixels of each mask at threshold {threshold:.2f}: {listed}."
    return Drawing(figure, f"{len(pasted)} masks cut out of a picture of {size[0]} × {size[1]}. {summary}", summary)
