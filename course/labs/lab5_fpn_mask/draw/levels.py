"""Which level of the pyramid an ROI is read from, by the student's rule."""

from collections.abc import Callable

import torch
from torch import Tensor

from course.drawing.ask_student import ask, no_picture
from course.drawing.box_axes import note, outline
from course.drawing.figure import Drawing, new_figure, shown
from course.drawing.palette import BLUE, FAINT, GREEN, INK, ORANGE, PINK, Look

LOOKS = {
    2: Look(BLUE, "-", "", 2.2),
    3: Look(GREEN, (0, (5, 2)), "", 2.4),
    4: Look(ORANGE, (0, (1.5, 1.2)), "", 2.8),
    5: Look(PINK, (0, (5, 1.5, 1, 1.5)), "", 3.0),
}


def levels_of(roi_level: Callable, boxes: Tensor) -> list[int]:
    """The student's levels, as numbers.

    Raises:
        NoPicture: unwritten, broken, or not between 2 and 5.
    """
    levels = ask(roi_level, boxes.detach().cpu(), shape=(len(boxes),)).tolist()
    if strange := sorted({level for level in levels if level not in LOOKS}):
        raise no_picture(f"roi_level gave {strange[0]:g}, and the levels are 2 to 5")
    return [int(level) for level in levels]


@shown
def level_rule(roi_level: Callable) -> Drawing:
    """The level of square ROIs by their side, and how many cells of that level they cover."""
    sides = 224 * 2.0 ** (torch.arange(-400, 181) / 80)  # 112, 224 and 448 are among them
    boxes = torch.stack([torch.zeros_like(sides), torch.zeros_like(sides), sides, sides], dim=1)
    levels = levels_of(roi_level, boxes)
    cells = [side / 2**level for side, level in zip(sides.tolist(), levels, strict=True)]
    figure = new_figure(9.6, 3.7)
    left, right = figure.subplots(1, 2)
    left.step(sides.tolist(), levels, where="post", color=INK, linewidth=2)
    right.plot(sides.tolist(), (sides / 16).tolist(), color=FAINT, linestyle="--", label="one map, stride 16")
    right.plot(sides.tolist(), cells, color=GREEN, linewidth=2.4, label="your levels")
    for ax in (left, right):
        ax.set_xscale("log", base=2)
        ax.set(xlabel="side of the ROI, pixels")
        ax.set_xticks([8, 28, 56, 112, 224, 448, 1024], ["8", "28", "56", "112", "224", "448", "1024"])
        for edge in (112, 224, 448):
            ax.axvline(edge, color="#D5D5D5", linewidth=0.8, zorder=0)
        for side in ("top", "right"):
            ax.spines[side].set_visible(False)
    left.set(yticks=(2, 3, 4, 5), ylabel="level", ylim=(1.6, 5.4))
    left.set_yticklabels([f"P{level}" for level in LOOKS])
    right.axhspan(14, 28, color="#E3F3EE", zorder=0)
    right.set_yscale("log", base=2)
    right.set_yticks([0.5, 2, 7, 14, 28, 64], ["½", "2", "7", "14", "28", "64"])
    right.set(ylabel="cells along its side")
    right.legend(frameon=False, fontsize=9, loc="upper left")
    begins = {level: sides[levels.index(level)] for level in sorted(set(levels))}
    listed = ", ".join(f"P{level} from {float(side):.0f}" for level, side in begins.items())
    alt = (
        f"Your roi_level for squares of 7 to 1065 pixels: {listed} pixels on. They then cover {min(cells):.1f} to "
        f"{max(cells):.0f} cells; on one map of stride 16 they cover 0.4 to 67."
    )
    return Drawing(figure, alt, "Shaded: 14 to 28 cells, what 7 × 7 or 14 × 14 bins are made for.")


@shown
def rois_by_level(photo: Tensor, boxes: Tensor, roi_level: Callable) -> Drawing:
    """ROIs on the photo, in the colour and line of their level."""
    levels = levels_of(roi_level, boxes)
    height, width = photo.shape[1:]
    figure = new_figure(9.0, 9.0 * height / width + 0.1)
    ax = figure.subplots()
    ax.imshow(photo.detach().cpu().permute(1, 2, 0).numpy(), extent=(0, width, height, 0))
    for box, level in zip(boxes.tolist(), levels, strict=True):
        outline(ax, box, LOOKS[level])
        note(ax, box[0], box[1], f"P{level}", LOOKS[level].colour, fontsize=9, weight="bold")
    ax.set(xticks=[], yticks=[], xlim=(0, width), ylim=(height, 0))
    counts = ", ".join(f"{levels.count(level)} from P{level}" for level in LOOKS if level in levels)
    alt = f"{len(boxes)} ROIs in a picture of {height} × {width} pixels: {counts}, by your roi_level."
    return Drawing(figure, alt, "Small things are read from fine maps, large ones from coarse maps.")
