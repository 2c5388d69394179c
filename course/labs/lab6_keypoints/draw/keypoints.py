"""Keypoints and the cells that they fall into."""

from collections.abc import Callable

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from torch import Tensor

from course.drawing.figure import Drawing, new_figure, shown
from course.drawing.palette import FAINT, INK, ORANGE
from course.drawing.pose import WORDS, side
from course.drawing.skeletons import LOOKS, photo
from course.labs.lab6_keypoints.draw.heatmaps import targets

SIZE = 14
# how a keypoint with v = 0, 1, 2 is drawn
MARKS = ({"marker": "x", "color": INK}, {"marker": "o", "markerfacecolor": "none"}, {"marker": "o"})


@shown
def keypoint_cells(image: Tensor, keypoints: Tensor, roi: Tensor, keypoints_to_heatmap: Callable) -> Drawing:
    """One person's keypoints in a coarse grid over the ROI, and what the student's function says about each."""
    index, valid = (answer[0] for answer in targets(keypoints[None], roi[None], keypoints_to_heatmap, SIZE))
    x1, y1, x2, y2 = roi.tolist()
    wide, high = (x2 - x1) / SIZE, (y2 - y1) / SIZE
    figure = new_figure(9.6, 6.0)
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.15))
    margin = 0.05 * (y2 - y1)
    photo(left, image, (x1 - margin, y1 - margin, x2 + margin, y2 + margin))
    for step in range(SIZE + 1):
        left.plot([x1 + step * wide] * 2, [y1, y2], color="white", linewidth=0.6, alpha=0.75)
        left.plot([x1, x2], [y1 + step * high] * 2, color="white", linewidth=0.6, alpha=0.75)
    for number, (x, y, v) in enumerate(keypoints.tolist()):
        if valid[number]:
            row, column = divmod(int(index[number]), SIZE)
            cell = Rectangle((x1 + column * wide, y1 + row * high), wide, high, facecolor=ORANGE, alpha=0.45)
            left.add_patch(cell)
        if v > 0:
            style = {"color": LOOKS[side(number)].colour, **MARKS[int(v)]}
            left.plot([x], [y], markersize=6, markeredgewidth=1.8, linestyle="", **style)
    left.set_title("your cells, in a grid of 14 × 14", pad=6)
    _table(right, keypoints, index, valid)
    counts = [int((keypoints[:, 2] == v).sum()) for v in range(3)]
    alt = (
        f"A person in an ROI of {x2 - x1:g} × {y2 - y1:g} pixels, {counts[2]} keypoints seen, {counts[1]} hidden, "
        f"{counts[0]} not labelled. Your keypoints_to_heatmap lets {int(valid.sum())} count: "
        + "; ".join(f"{WORDS[k]} in cell {int(index[k])}" for k in range(len(WORDS)) if valid[k])
        + "."
    )
    caption = "Left: filled, seen (v = 2); ring, hidden (v = 1). The cells are as wide and high as the ROI makes them."
    return Drawing(figure, alt, caption)


def _table(ax: Axes, keypoints: Tensor, index: Tensor, valid: Tensor) -> None:
    """A row for each keypoint: v, and what the student's function gave."""
    ax.set(xlim=(0, 10), ylim=(len(WORDS) + 0.6, -1.6))
    ax.axis("off")
    for x, words, ha in (
        (0, "keypoint", "left"),
        (5.0, "v", "center"),
        (7.2, "index", "right"),
        (9.0, "valid", "center"),
    ):
        ax.text(x, -0.8, words, ha=ha, va="center", fontsize=10, weight="bold")
    ax.plot([0, 10], [-0.3, -0.3], color=FAINT, linewidth=0.8)
    for number, v in enumerate(keypoints[:, 2].int().tolist()):
        look = LOOKS[side(number)]
        colour = INK if valid[number] else FAINT
        ax.text(0, number + 0.2, f"{number} {WORDS[number]}", va="center", fontsize=9.5, color=look.colour)
        ax.text(5.0, number + 0.2, str(v), ha="center", va="center", fontsize=9.5, color=colour)
        ax.text(7.2, number + 0.2, str(int(index[number])), ha="right", va="center", fontsize=9.5, color=colour)
        ax.text(9.0, number + 0.2, "✓" if valid[number] else "–", ha="center", va="center", fontsize=9.5, color=colour)
