"""One person's heat maps, one joint at a time."""

from collections.abc import Callable

from torch import Tensor

from course.drawing.figure import Drawing, new_figure
from course.drawing.palette import RED
from course.drawing.pose import WORDS, side
from course.drawing.skeletons import LOOKS, photo, skeleton
from course.exploring.controls import dropdown
from course.exploring.explorer import explore
from course.exploring.student_function import StudentFunction
from course.labs.lab6_keypoints.draw.heatmaps import decoded, heat

VISIBLE = {0: "not labelled", 1: "hidden", 2: "seen"}


def heatmap(
    image: Tensor, keypoints: Tensor, roi: Tensor, keypoints_to_heatmap: Callable, heatmaps_to_keypoints: Callable
) -> None:
    """The heat map of the joint that is chosen, and where the student's function finds it in the picture.

    Args:
        image: the picture ``(3, H, W)`` in [0, 1].
        keypoints: the true keypoints ``(17, 3)`` of one person in it.
        roi: the person's box ``(4,)``.
        keypoints_to_heatmap: the student's function from joints to cells.
        heatmaps_to_keypoints: the student's function back.
    """
    there = StudentFunction(keypoints_to_heatmap, "keypoints_to_heatmap")
    back = StudentFunction(heatmaps_to_keypoints, "heatmaps_to_keypoints")
    found: list[tuple[Tensor, Tensor]] = []

    def draw(joint: int) -> Drawing:
        if not found:  # asked once: choosing a joint only draws
            found.append(decoded(keypoints[None], roi[None], there, back))
        (maps,), (joints,) = found[0]
        return _drawing(image, maps[joint], joints, keypoints.cpu()[joint].tolist(), roi.tolist(), joint)

    names = {f"{number} {word}": number for number, word in enumerate(WORDS)}
    explore(draw, lambda: {"joint": dropdown("joint", names, "9 left wrist")}, functions=[there, back])


def _drawing(image: Tensor, logits: Tensor, joints: Tensor, true: list[float], roi: list[float], joint: int) -> Drawing:
    x1, y1, x2, y2 = roi
    x, y, score = joints[joint].tolist()
    tall, wide = logits.shape
    figure = new_figure(8.4, 4.4, layout=None)
    left, right = figure.add_axes((0.02, 0.03, 0.46, 0.88)), figure.add_axes((0.52, 0.03, 0.46, 0.88))
    heat(left, logits)
    place = (x - x1) / (x2 - x1) * wide - 0.5, (y - y1) / (y2 - y1) * tall - 0.5
    left.plot(*place, "o", color=RED, markersize=15, markerfacecolor="none", markeredgewidth=2)
    left.set(xticks=[], yticks=[])
    left.set_title(f"{WORDS[joint]}: score {score:.1f}", color=LOOKS[side(joint)].colour, weight="bold")
    margin = 0.12 * (y2 - y1)
    photo(right, image, (x1 - margin, y1 - margin, x2 + margin, y2 + margin))
    skeleton(right, joints.tolist(), threshold=3.5, size=5)
    right.plot(x, y, "o", color=RED, markersize=15, markerfacecolor="none", markeredgewidth=2)
    right.plot([x1, x2, x2, x1, x1], [y1, y1, y2, y2, y1], color="white", linestyle="--", linewidth=1)
    summary = f"{joint} {WORDS[joint]} ({VISIBLE[int(true[2])]}): found at ({x:.1f}, {y:.1f}) with score {score:.1f}"
    if true[2] > 0:
        summary += f", {((x - true[0]) ** 2 + (y - true[1]) ** 2) ** 0.5:.1f} pixels from the truth"
    return Drawing(
        figure, f"Heat map of {tall} × {wide} cells and the person. {summary}.", f"{summary}. Ring: the hottest place."
    )
