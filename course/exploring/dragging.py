"""Boxes that can be dragged in an explorer's picture: Python's side of ``dragging.js``.

The sliders stay, and hold the boxes: dragging sets them. Where it cannot run, all else does.
"""

from collections.abc import Sequence
from pathlib import Path

import anywidget
import traitlets
from matplotlib.axes import Axes


class Dragging(anywidget.AnyWidget):
    """What listens to the picture of the explorer that it is a part of.

    Attributes:
        area: where the axes are, x1, y1, x2, y2 in widths of the picture's first panel.
        limits: of the axes, as x1, y1, x2, y2 in their own units; no box is dragged beyond them.
        boxes: where they are drawn, ``[x1, y1, x2, y2]`` each in units of the axes.
        wanted: the place of a box in that list, and what it shall become.
    """

    _esm = Path(__file__).with_name("dragging.js")
    area = traitlets.List(traitlets.Float()).tag(sync=True)
    limits = traitlets.List(traitlets.Float()).tag(sync=True)
    boxes = traitlets.List(traitlets.List(traitlets.Float())).tag(sync=True)
    wanted = traitlets.List(traitlets.Int()).tag(sync=True)

    def __init__(self) -> None:
        super().__init__(layout={"display": "none"})

    def follow(self, ax: Axes, width: int, boxes: Sequence[Sequence[float]]) -> None:
        """Take hold of boxes where they are drawn now: on ``ax``, of a panel that is ``width`` pixels wide."""
        box, high = ax.bbox, ax.figure.bbox.height  # matplotlib counts from below
        (x1, x2), (y2, y1) = ax.get_xlim(), ax.get_ylim()
        with self.hold_sync():
            self.area = [side / width for side in (box.x0, high - box.y1, box.x1, high - box.y0)]
            self.limits = [x1, y1, x2, y2]
            self.boxes = [[float(side) for side in corners] for corners in boxes]
