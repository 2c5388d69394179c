"""A photo with the boxes that somebody has drawn on it."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from torch import Tensor

from course.drawing.box_axes import note, outline
from course.drawing.detections_overlay import LOOKS
from course.drawing.figure import Drawing, new_figure
from course.drawing.palette import Look
from course.drawing.skeletons import photo


def annotated_photo(
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
    words = draw_marks(figure.add_axes((0.01, 0.01, 0.98, 0.98)), image, boxes, labels, classes)
    return Drawing(figure, f"A photo, {wide} × {high} pixels. Marked: {words}.", f"Marked: {words}.")


def draw_marks(
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
