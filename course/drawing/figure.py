"""Show a figure as a PNG that is sharp on retina screens, with a text alternative."""

import base64
import functools
import html
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, ParamSpec

import matplotlib as mpl
import numpy as np
from IPython.display import DisplayHandle, display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from course import setup
from course.drawing.letters import families, without_complaints
from course.drawing.palette import INK
from course.drawing.panels import cuts

P = ParamSpec("P")

SCREEN_DPI = 96  # CSS pixels per inch: one inch of a figure is 96 pixels wide in the notebook
RETINA = 2
MARGIN = 0.06  # inches around what is drawn
LEGIBLE = 0.65  # the least share of its width that a picture is shown at, for its letters are 10 pixels high
REPEATS = 'alt="" aria-hidden="true"'  # of the panels behind the first, whose words tell all of them
STYLE: dict[Any, Any] = {
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.labelsize": 10,
    "axes.titlesize": 11,
    "figure.constrained_layout.h_pad": 0.08,
    "figure.constrained_layout.w_pad": 0.08,
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
    """What a notebook shows: HTML with a text alternative; the bare PNG or the words where HTML cannot go.

    Attributes:
        panels: PNGs that make the picture, from left to right.
        width: of the whole, in pixels of the screen.
        alt: what it shows, in words and numbers.
        caption: the line below it.
    """

    panels: Sequence[bytes]
    width: int
    alt: str
    caption: str

    @property
    def png(self) -> bytes:
        """The whole as a PNG."""
        if len(self.panels) == 1:
            return self.panels[0]
        return to_png(np.hstack([np.asarray(Image.open(io.BytesIO(panel))) for panel in self.panels]))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict[str, Any], ...]:
        bundle = {"text/html": self.html(), "image/png": _text(self.png), "text/plain": self.alt}
        return bundle, {"image/png": {"width": self.width, "alt": self.alt}}

    def html(self) -> str:
        """The picture as an HTML figure, with its text alternative.

        In a narrow window all panels shrink alike as far as they are legible, then stand below each other and take the
        room that they have won; one that is too wide even so is scrolled.
        """
        sizes = [png_size(panel) for panel in self.panels]
        whole = sum(wide for wide, _ in sizes)
        told = [f'alt="{html.escape(self.alt)}"', *[REPEATS] * len(sizes)]
        images = []
        for panel, (wide, high), words in zip(self.panels, sizes, told, strict=False):
            width = self.width * wide / whole
            shown = (
                f"flex: {wide} 0 {LEGIBLE * width:.1f}px; max-width: {width:.1f}px"  # what is left, each by its width
            )
            images.append(
                f'<img src="data:image/png;base64,{_text(panel)}" {words} width="{width:.0f}" '
                f'height="{width * high / wide:.0f}" '  # room is kept, and nothing jumps, until it is there
                f'style="{shown}; min-width: 0; height: auto; margin: 0">'
            )
        # A container has its width whatever is in it.
        return (
            '<figure style="margin: 0.5em 0; padding-left: 0.8em">'
            '<div style="display: flex; flex-wrap: wrap; align-items: flex-start; container-type: inline-size; '
            f'overflow-x: auto">{"".join(images)}</div>'
            f'<figcaption style="font-style: italic">{html.escape(self.caption)}</figcaption>'
            "</figure>"
        )


def new_figure(width: float, height: float, layout: Literal["constrained"] | None = "constrained") -> Figure:
    """An empty figure, in inches of 96 screen pixels; unknown to pyplot, so it need not be closed."""
    figure = Figure(figsize=(width, height), facecolor="white", layout=layout)
    FigureCanvasAgg(figure)
    return figure


def shown(draw: Callable[P, Drawing]) -> Callable[P, None]:
    """Turn a function that returns a :class:`Drawing` into one that shows it, unless nbgrader runs the notebook."""

    @functools.wraps(draw)
    def show(*args: P.args, **kwargs: P.kwargs) -> None:
        if not setup.attended():
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
    with mpl.rc_context(), without_complaints():
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE | {"font.family": families()})
        return render(draw())


def output(what: Any) -> None:
    """Show something below the cell that is running."""
    display(what)


def replaced(place: DisplayHandle | None, what: Any) -> DisplayHandle | None:
    """Show something instead of what was shown before; if that is impossible, below it. Gives its place."""
    if place is None:
        return display(what, display_id=True)  # None outside of notebooks
    place.update(what)
    return place


def render(drawing: Drawing) -> Picture:
    """Draw to PNG at twice the size at which the notebook shows it."""
    figure, dpi = drawing.figure, SCREEN_DPI * RETINA
    figure.draw_without_rendering()  # whatever is to be laid out is, and so takes part in what follows
    box = figure.get_tightbbox().padded(MARGIN)
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=dpi, bbox_inches=box, pil_kwargs={"compress_level": 0})  # read at once
    image = Image.open(file)
    return Picture(panels(figure, image, dpi, left=box.x0), image.width // RETINA, drawing.alt, drawing.caption)


def panels(figure: Figure, image: Image.Image, dpi: float, left: float = 0.0, **settings: Any) -> list[bytes]:
    """What came of a figure, cut into its panels, as PNGs without transparency; ``settings`` go to :func:`to_png`."""
    pixels = np.asarray(image.convert("RGB"))
    return [to_png(panel, **settings) for panel in np.split(pixels, cuts(figure, pixels, dpi, left), axis=1)]


def to_png(pixels: np.ndarray, **settings: Any) -> bytes:
    """Pixels as a PNG."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "png", **settings)
    return file.getvalue()


def png_size(png: bytes) -> tuple[int, int]:
    """Width and height, where every PNG keeps them."""
    return int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
