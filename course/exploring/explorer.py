"""Controls above a picture that is drawn again at every change; only the picture where widgets do not run."""

import contextlib
import gc
import html
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import ipywidgets
import matplotlib as mpl
import numpy as np
from IPython.display import display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from course import setup
from course.checking.calling import one_thread
from course.drawing.figure import SCREEN_DPI, STYLE, Drawing, NoPicture, Picture, panels, png_size
from course.exploring.controls import BoxControls, StepButton
from course.exploring.student_function import StudentFunction

WIDGET = "application/vnd.jupyter.widget-view+json"
LOOK = Path(__file__).with_name("explorer.css").read_text(encoding="utf-8")
SHARPNESS = 1.5  # pixels of the picture for one of the screen: twice as many would take too long while a slider moves
# ipywidgets writes a slider's label beside its handle without telling screen readers that they belong together, and
# JupyterLab takes the arrow keys of sliders and lists for its own: Down would leave for the next cell. A picture that
# has loaded mends both, for every control on the page.
CONTROLS_FIX = (
    "for (const part of document.querySelectorAll('.widget-slider [role=slider], .widget-dropdown select')) {"
    " part.setAttribute('aria-label', part.closest('.jupyter-widgets').querySelector('label').textContent);"
    " part.setAttribute('data-lm-suppress-shortcuts', 'true');"
    " }"
)
FAST_PNG = {"compress_level": 1}  # a PNG half as large would take five times as long


class Explorer:
    """A picture and what moves it.

    One output with several forms: a notebook that runs widgets shows the controls, any other the first picture.

    Args:
        draw: makes a drawing of the controls' values, by name.
        controls: by name, in the order of the Tab key.
        buttons: behind the controls.
        functions: the student's that ``draw`` calls, for the notes of those that are unwritten.
        boxes: that can be dragged as well, each by the controls that hold it; ``draw`` draws them on its first axes.

    Raises:
        NoPicture: as ``draw``, for the values at which the controls begin.
    """

    def __init__(
        self,
        draw: Callable[..., Drawing],
        controls: Mapping[str, ipywidgets.Widget],
        buttons: Sequence[StepButton] = (),
        functions: Sequence[StudentFunction] = (),
        boxes: Sequence[BoxControls] = (),
    ) -> None:
        self.draw, self.controls, self.functions, self.boxes = draw, controls, functions, boxes
        self.dragging = self._listener() if boxes else None
        self._moving = False
        self.first = self.picture()
        self.frame = ipywidgets.HTML(live_html(self.first)).add_class("rcnn-picture")
        self.buttons = [button.widget(controls) for button in buttons]
        for control in controls.values():
            control.observe(self._redraw, names="value")
        rows = [list(controls.values()), self.buttons]
        moving = [ipywidgets.Box(row).add_class("rcnn-controls") for row in rows if row]
        unseen = [ipywidgets.HTML(f"<style>{LOOK}</style>", layout={"display": "none"})]
        if self.dragging:
            unseen.append(self.dragging)
        self.box = ipywidgets.VBox([*moving, self.frame, *unseen])
        self.box.add_class("rcnn-explorer")

    def picture(self) -> Picture:
        """What the controls' values look like now."""
        values = {name: control.value for name, control in self.controls.items()}
        # Tensors are small here: threads would only wait for each other. The student's own settings come back.
        with one_thread(), mpl.rc_context():
            mpl.rcdefaults()
            mpl.rcParams.update(STYLE)
            drawing = self.draw(**values)
            notes = list(dict.fromkeys(function.note for function in self.functions if function.note))
            pngs = _fast_pngs(drawing.figure)
        if self.dragging:
            corners = [box.corners(values) for box in self.boxes]
            self.dragging.follow(drawing.figure.axes[0], png_size(pngs[0])[0], corners)
        width = round(drawing.figure.get_figwidth() * SCREEN_DPI)
        return Picture(pngs, width, " ".join([*notes, drawing.alt]), " ".join([*notes, drawing.caption]))

    def move(self, values: Mapping[str, Any]) -> None:
        """Set controls, by name, and draw once for all of them."""
        self._moving = True
        try:
            for name, value in values.items():
                self.controls[name].value = value
        finally:
            self._moving = False
        self._redraw()

    def _listener(self) -> Any:
        from course.exploring.dragging import Dragging  # only for boxes: anywidget is one more thing to load

        listener = Dragging()
        listener.observe(lambda change: self._dragged(*change["new"]), names="wanted")
        return listener

    def _dragged(self, index: int, *corners: int) -> None:
        self.move(self.boxes[index].values(corners))

    def _redraw(self, _: Any = None) -> None:
        if self._moving:
            return
        try:
            with _collecting_garbage():
                self.frame.value = live_html(self.picture())
        except NoPicture as reason:
            self.frame.value = status_line(str(reason))
        except Exception as error:  # in a callback: its traceback would go where nobody looks
            self.frame.value = status_line(f"No picture: {type(error).__name__}: {error}".partition("\n")[0])

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict[str, Any], ...]:
        data, metadata = self.first._repr_mimebundle_()
        view = {"version_major": 2, "version_minor": 0, "model_id": self.box.model_id}
        return {WIDGET: view, **data}, metadata


def explore(
    draw: Callable[..., Drawing],
    controls: Callable[[], Mapping[str, ipywidgets.Widget]],
    buttons: Sequence[StepButton] = (),
    functions: Sequence[StudentFunction] = (),
    boxes: Sequence[BoxControls] = (),
) -> None:
    """Show an :class:`Explorer` below the running cell.

    While nbgrader grades or validates, nothing is made and nothing shown. Where there is nothing to draw, one line says
    why.
    """
    if not setup.attended():
        return
    try:
        explorer = Explorer(draw, controls(), buttons, functions, boxes)
    except NoPicture as reason:
        print(reason)
    else:
        display(explorer)


@contextlib.contextmanager
def _collecting_garbage() -> Iterator[None]:
    """Throw a finished figure away at once.

    Its parts point at each other, so only Python's garbage collector frees it; left alone it does so after some fifty
    pictures by looking through all that torch has loaded, and the slider stands still for a third of a second.
    """
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
        gc.collect(1)  # the young only


def _fast_pngs(figure: Figure) -> list[bytes]:
    """The figure's panels as PNGs; without the transparency that ``savefig`` writes, a fifth of the time is saved."""
    dpi = SHARPNESS * SCREEN_DPI
    figure.set_dpi(dpi)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return panels(figure, Image.fromarray(np.asarray(canvas.buffer_rgba())), dpi, **FAST_PNG)


def live_html(picture: Picture) -> str:
    """The picture as HTML whose caption screen readers say again when it changes; it mends the controls above."""
    return (
        picture.html()
        .replace("<figcaption ", '<figcaption aria-live="polite" ', 1)
        .replace("<img ", f'<img onload="{html.escape(CONTROLS_FIX)}" ', 1)
    )


def status_line(text: str) -> str:
    """One line in a picture's place."""
    return f'<p role="status">{html.escape(text)}</p>'
