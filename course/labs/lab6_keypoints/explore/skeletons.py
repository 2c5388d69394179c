"""Skeletons over everybody in a picture, down to a score that a slider sets."""

from collections.abc import Callable

from torch import Tensor

from course.drawing.box_axes import note, outline
from course.drawing.figure import Drawing, NoPicture, new_figure
from course.drawing.palette import INK, Look
from course.drawing.skeletons import photo, skeleton
from course.exploring.controls import slider
from course.exploring.explorer import explore
from course.exploring.student_function import StudentFunction
from course.labs.lab6_keypoints.draw.heatmaps import decoded

FRAME = Look("white", (0, (4, 3)), "", 1.0)
WIDTH = 6.4  # of the figure, in inches; most of the time goes into the photo's pixels


def skeletons(
    image: Tensor,
    keypoints: Tensor,
    rois: Tensor,
    keypoints_to_heatmap: Callable,
    heatmaps_to_keypoints: Callable,
    threshold: float = 3.5,
) -> None:
    """Show the skeletons that the student's functions read from made-up heat maps, with a slider for the score.

    Args:
        image: the picture ``(3, H, W)`` in [0, 1].
        keypoints: the true keypoints ``(R, K, 3)`` of the persons in it.
        rois: their boxes ``(R, 4)``.
        keypoints_to_heatmap: the student's function from joints to cells.
        heatmaps_to_keypoints: the student's function back.
        threshold: the score at which the slider begins.
    """
    there = StudentFunction(keypoints_to_heatmap, "keypoints_to_heatmap")
    back = StudentFunction(heatmaps_to_keypoints, "heatmaps_to_keypoints")
    found: list[Tensor] = []

    def draw(score: float) -> Drawing:
        if not found:  # asked once: moving the slider only draws
            found.append(decoded(keypoints, rois, there, back)[1])
        return _drawing(image, found[0], keypoints, rois, score)

    explore(draw, lambda: {"score": slider("score above", threshold, -1.0, 13.0, 0.5)}, functions=[there, back])


def _drawing(image: Tensor, found: Tensor, keypoints: Tensor, rois: Tensor, threshold: float) -> Drawing:
    if len(found) == 0:
        raise NoPicture("There is nobody in this picture.")
    high, wide = image.shape[1:]
    figure = new_figure(WIDTH, WIDTH * high / wide, layout=None)
    ax = figure.add_axes((0.01, 0.01, 0.98, 0.98))
    photo(ax, image)
    words = []
    for number, (joints, roi) in enumerate(zip(found.tolist(), rois.cpu().tolist(), strict=True), start=1):
        outline(ax, roi, FRAME)
        count = skeleton(ax, joints, threshold=threshold, size=6)
        note(ax, (roi[0] + roi[2]) / 2, roi[1] - 5, f"{number}: {count} of {len(joints)}", INK, fontsize=9)
        words.append(f"person {number} {count}")
    shown, above = found[..., 2] > threshold, f"{threshold:.1f}".replace("-", "−")
    phantoms = int((shown & (keypoints[..., 2] == 0).cpu()).sum())
    missing = int((~shown & (keypoints[..., 2] > 0).cpu()).sum())
    alt = (
        f"Skeletons of {len(found)} persons, joints with a score above {above}: {', '.join(words)} of "
        f"{found.shape[1]}. Shown though not labelled: {phantoms}; labelled and not shown: {missing}."
    )
    caption = (
        f"Score above {above}. Joints out of nowhere (v = 0): {phantoms}; labelled joints lost: {missing}. "
        "Blue, round: left; orange, square: right."
    )
    return Drawing(figure, alt, caption)
