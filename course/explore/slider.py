"""A picture with a slider, which stays a picture where widgets do not run."""

from collections.abc import Callable
from typing import Any

import ipywidgets
import matplotlib as mpl
from IPython.display import display

from course import setup
from course.draw.figure import STYLE, Drawing, NoPicture, Picture, render

WIDGET = "application/vnd.jupyter.widget-view+json"


class Explorer:
    """A slider above a picture; each value draws the picture anew.

    One output with several forms: a notebook that runs widgets shows the slider, any other the first picture.
    """

    def __init__(
        self, draw: Callable[[float], Drawing], label: str, values: tuple[float, float, float], start: float
    ) -> None:
        low, high, step = values
        self.draw = draw
        self.first = self._picture(start)
        self.slider = ipywidgets.FloatSlider(
            value=start, min=low, max=high, step=step, description=label, continuous_update=False, readout_format=".1f"
        )
        self.slider.style.description_width = "initial"
        self.slider.layout.width = "32em"
        self.frame = ipywidgets.HTML(self.first.html())
        self.slider.observe(self._redraw, names="value")
        self.box = ipywidgets.VBox([self.slider, self.frame])

    def _redraw(self, change: dict[str, Any]) -> None:
        self.frame.value = self._picture(change["new"]).html()

    def _picture(self, value: float) -> Picture:
        with mpl.rc_context():
            mpl.rcdefaults()
            mpl.rcParams.update(STYLE)
            return render(self.draw(value))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict[str, Any], ...]:
        view = {"version_major": 2, "version_minor": 0, "model_id": self.box.model_id}
        return ({WIDGET: view, "text/html": self.first.html(), "text/plain": self.first.alt}, {})


def explore(
    draw: Callable[[float], Drawing], label: str, values: tuple[float, float, float], start: float
) -> Explorer | None:
    """Show ``draw(value)`` under a slider from the first to the second of ``values``, in steps of the third.

    Where there is nothing to draw one line says why; while nbgrader grades, nothing is shown.
    """
    if setup.grading():
        return None
    try:
        explorer = Explorer(draw, label, values, start)
    except NoPicture as reason:
        print(reason)
        return None
    display(explorer)
    return explorer
