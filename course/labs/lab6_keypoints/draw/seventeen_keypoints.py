"""COCO's 17 keypoints by name."""

from matplotlib.patches import Ellipse

from course.drawing.figure import Drawing, new_figure, shown
from course.drawing.palette import FAINT
from course.drawing.pose import LEFT, MIDDLE, RIGHT, WORDS, side
from course.drawing.skeletons import LOOKS, skeleton

# A person who looks at us, arms a little away: x to the right in the picture, y down.
FIGURE = (
    *((0.0, -6.6), (0.42, -7.05), (-0.42, -7.05), (0.95, -6.75), (-0.95, -6.75)),
    *((1.6, -4.9), (-1.6, -4.9), (2.5, -3.0), (-2.5, -3.0), (3.2, -1.2), (-3.2, -1.2)),
    *((1.0, -0.6), (-1.0, -0.6), (1.25, 2.1), (-1.25, 2.1), (1.45, 4.8), (-1.45, 4.8)),
)


@shown
def seventeen_keypoints() -> Drawing:
    """COCO's keypoints on a sketched person, with number, name and side."""
    figure = new_figure(8.6, 5.4, layout=None)
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(-8.6, 8.6), ylim=(5.6, -8.4), aspect="equal")
    ax.axis("off")
    ax.add_patch(Ellipse((0, -6.5), 2.1, 2.7, facecolor="#F1ECE4", edgecolor="#CFC6B8", zorder=0))
    skeleton(ax, [(x, y, 1.0) for x, y in FIGURE])
    for number, (x, y) in enumerate(FIGURE):
        which = side(number)
        if which == MIDDLE:
            words, place, ha = f"{number} {WORDS[number]}", (0.0, -8.15), "center"
        else:
            row = _row(number)
            words, place = f"{number} {WORDS[number]}", (4.4 if which == LEFT else -4.4, row)
            ha = "left" if which == LEFT else "right"
        ax.plot([x, place[0]], [y, place[1]], color=FAINT, linewidth=0.8, linestyle=":", zorder=1)
        ax.text(*place, words, ha=ha, va="center", fontsize=10.5, color=LOOKS[which].colour, weight="bold")
    ax.text(8.4, -8.1, "the person's left", ha="right", fontsize=11, color=LOOKS[LEFT].colour, style="italic")
    ax.text(-8.4, -8.1, "the person's right", ha="left", fontsize=11, color=LOOKS[RIGHT].colour, style="italic")
    listed = ", ".join(f"{number} {word}" for number, word in enumerate(WORDS))
    alt = f"A person seen from the front, with COCO's keypoints: {listed}. The person's left is on the right here."
    return Drawing(figure, alt, "Left: blue, round, solid. Right: orange, square, dashed.")


def _row(number: int) -> float:
    """How far down the name of a keypoint stands: eyes and ears are too close for their own places."""
    return {1: -7.6, 2: -7.6, 3: -6.3, 4: -6.3}.get(number, FIGURE[number][1])
