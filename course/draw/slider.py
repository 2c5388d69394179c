"""A picture with a slider below it; where widgets do not run, the picture alone."""

from collections.abc import Callable
from typing import Any

from course import setup
from course.draw import figure
from course.draw.figure import Drawing, NoPicture, Picture

WIDGET = "application/vnd.jupyter.widget-view+json"


class WithSlider:
    """What a notebook shows: the widget, and the picture for whoever cannot run it (a static page, a print)."""

    def __init__(self, still: Picture, widget: Any) -> None:
        self.still, self.widget = still, widget

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict[str, Any], ...]:
        data, metadata = self.still._repr_mimebundle_()
        return {**data, WIDGET: self.widget._repr_mimebundle_()[WIDGET]}, metadata


def with_slider(draw: Callable[[float], Drawing], name: str, low: float, high: float, start: float) -> None:
    """Show what ``draw`` makes of a number from ``low`` to ``high``, with a slider to choose it; nothing while grading.

    Where the picture needs something that is unwritten or broken, its line stands there instead.
    """
    if setup.grading():
        return
    try:
        still = figure.drawn(lambda: draw(start))
    except NoPicture as reason:
        print(reason)
        return
    import ipywidgets

    slider = ipywidgets.FloatSlider(
        start, min=low, max=high, step=0.05, description=name, continuous_update=False, readout_format=".2f"
    )
    picture = ipywidgets.HTML(still.html())

    def redraw(change: dict[str, Any]) -> None:
        try:
            picture.value = figure.drawn(lambda: draw(change["new"])).html()
        except NoPicture as reason:
            picture.value = str(reason)

    slider.observe(redraw, names="value")
    figure.output(WithSlider(still, ipywidgets.VBox([slider, picture])))
