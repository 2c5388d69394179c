"""Show a figure as a PNG that is sharp on retina screens, with a text alternative."""

import base64
import functools
import html
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, ParamSpec

import matplotlib as mpl
from IPython.display import DisplayHandle, display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from course import setup
from course.draw.palette import INK

P = ParamSpec("P")

SCREEN_DPI = 96  # CSS pixels per inch: one inch of a figure is 96 pixels wide in the notebook
RETINA = 2
LEGIBLE = 0.65  # the least share of its width, for letters are 10 pixels high: a narrower window scrolls the picture
STYLE: dict[Any, Any] = {
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.labelsize": 10,
    "axes.titlesize": 11,
    "figure.constrained_layout.h_pad": 0.08,
    "figure.constrained_layout.w_pad": 0.08,
    "font.family": "DejaVu Sans",  # ships with matplotlib, so that pictures look the same everywhere
    "font.size": 10,
    "hatch.linewidth": 0.9,
    "text.color": INK,
    "xtick.color": INK,
    "xtick.labelsize": 9,
    "ytick.color": INK,
    "ytick.labelsize": 9,
}


@dataclass(frozen=True)
class Drawing:
    """A finished figure, what it shows in words and numbers, and a short caption."""

    figure: Figure
    alt: str
    caption: str


class NoPicture(Exception):
    """There is nothing to draw yet; the message is the line that stands in the picture's place."""


@dataclass(frozen=True)
class Picture:
    """What a notebook shows: HTML with a text alternative; the bare PNG or the words where HTML cannot go."""

    png: bytes
    width: int
    alt: str
    caption: str

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict[str, Any], ...]:
        bundle = {"text/html": self.html(), "image/png": self._data(), "text/plain": self.alt}
        return bundle, {"image/png": {"width": self.width, "alt": self.alt}}

    def html(self) -> str:
        """The picture as an HTML figure, with its text alternative."""
        legible = round(LEGIBLE * self.width)
        # contain: else a widget's box, which is as wide as what is in it, would grow out of its cell with the picture
        return (
            '<figure style="margin: 0.5em 0; padding-left: 0.8em"><div style="overflow-x: auto; contain: inline-size">'
            f'<img src="data:image/png;base64,{self._data()}" alt="{html.escape(self.alt)}" '
            f'width="{self.width}" style="max-width: 100%; min-width: {legible}px; height: auto"></div>'
            f'<figcaption style="font-style: italic">{html.escape(self.caption)}</figcaption>'
            "</figure>"
        )

    def _data(self) -> str:
        return base64.b64encode(self.png).decode("ascii")


def new_figure(width: float, height: float, layout: Literal["constrained"] | None = "constrained") -> Figure:
    """An empty figure, in inches of 96 screen pixels; unknown to pyplot, so it need not be closed."""
    figure = Figure(figsize=(width, height), facecolor="white", layout=layout)
    FigureCanvasAgg(figure)
    return figure


def shown(draw: Callable[P, Drawing]) -> Callable[P, None]:
    """Turn a function that returns a :class:`Drawing` into one that shows it, except while grading."""

    @functools.wraps(draw)
    def show(*args: P.args, **kwargs: P.kwargs) -> None:
        if setup.grading():
            return
        try:
            picture = drawn(lambda: draw(*args, **kwargs))
        except NoPicture as reason:
            print(reason)
        else:
            display(picture)

    return show


def drawn(draw: Callable[[], Drawing]) -> Picture:
    """What a function draws, in our style; the student's own settings of matplotlib come back afterwards.

    Raises:
        NoPicture: as ``draw``.
    """
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE)
        return render(draw())


def output(what: Any) -> None:
    """Show something below the cell that is running."""
    display(what)


def replaced(place: DisplayHandle | None, what: Any) -> DisplayHandle | None:
    """Show something in the place of what was shown before; where that cannot be, below it. Gives its place."""
    if place is None:
        return display(what, display_id=True)  # None outside of notebooks
    place.update(what)
    return place


def render(drawing: Drawing) -> Picture:
    """Draw to PNG at twice the size at which the notebook shows it."""
    file = io.BytesIO()
    drawing.figure.savefig(file, format="png", dpi=SCREEN_DPI * RETINA, bbox_inches="tight", pad_inches=0.06)
    png = file.getvalue()
    width = int.from_bytes(png[16:20], "big")  # where every PNG keeps it
    return Picture(png, width // RETINA, drawing.alt, drawing.caption)
