"""The picture that one draws on: Python's side of ``canvas.js``.

A widget of our own on anywidget, because jupyter-bbox-widget, the well-kept one, works only with the mouse and cannot
undo.
"""

from pathlib import Path
from typing import Any

import anywidget
import traitlets

from course.annotate.marks import Marks
from course.drawing.detections_overlay import LOOKS
from course.drawing.palette import Look

HERE = Path(__file__).parent
DASHES = {"-": "", "--": "8 4", "-.": "8 3 2 3", ":": "2 4"}  # matplotlib's line styles in SVG's words


class Canvas(anywidget.AnyWidget):
    """A photo with boxes.

    Attributes:
        photo: PNG.
        width, height: of the photo in pixels, in which boxes are given whatever its size on the screen.
        classes: their names.
        looks: colour and dashes of the first classes; further ones begin again.
        boxes: ``[x1, y1, x2, y2]`` each, inside the photo.
        labels: the class of each box, from 1 up.
    """

    _esm = HERE / "canvas.js"
    _css = HERE / "canvas.css"
    photo = traitlets.Bytes().tag(sync=True)
    width = traitlets.Int().tag(sync=True)
    height = traitlets.Int().tag(sync=True)
    classes = traitlets.List(traitlets.Unicode()).tag(sync=True)
    looks = traitlets.List(traitlets.Dict()).tag(sync=True)
    boxes = traitlets.List(traitlets.List(traitlets.Float())).tag(sync=True)
    labels = traitlets.List(traitlets.Int()).tag(sync=True)

    def __init__(self, photo: bytes, begin: Marks) -> None:
        height, width = begin.size
        super().__init__(
            photo=photo,
            width=width,
            height=height,
            classes=list(begin.classes),
            looks=[{"colour": look.colour, "dashes": _dashes(look)} for look in LOOKS],
            boxes=[list(box) for box in begin.boxes],
            labels=list(begin.labels),
        )


def _dashes(look: Look) -> Any:
    return DASHES[look.line] if isinstance(look.line, str) else " ".join(f"{2 * part:g}" for part in look.line[1])
