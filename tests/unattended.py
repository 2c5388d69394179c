"""Imported before a notebook that nbgrader runs: what nobody waits for ends it with an error."""

from typing import Any, NoReturn

import cv2
from matplotlib.backends.backend_agg import FigureCanvasAgg

from course.training import loop


def refuse(*_: Any, **__: Any) -> NoReturn:
    raise AssertionError("a picture, a film or a training, though nobody is looking")


FigureCanvasAgg.draw = refuse
cv2.VideoCapture = cv2.VideoWriter = refuse
loop.train.__code__ = refuse.__code__
