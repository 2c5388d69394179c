"""What moves an explorer: sliders with a number to type, lists to choose from, and buttons that go one further.

All are reached by the Tab key. Arrow keys move a slider by a step and a list by an entry, Page Up and Page Down move a
slider by several steps, Home and End to its ends; the number beside it can be typed over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import ipywidgets

WIDE, LABEL = "26em", "10em"  # of a control with its label, and of the label: the longest has 16 letters


def slider(label: str, start: float, low: float, high: float, step: float = 1.0) -> ipywidgets.FloatSlider:
    """A slider from ``low`` to ``high``; as many decimals are shown as ``step`` has."""
    decimals = len(f"{step:g}".partition(".")[2])
    return _slider(ipywidgets.FloatSlider, label, start, low, high, step=step, readout_format=f".{decimals}f")


def integer_slider(label: str, start: int, low: int, high: int, step: int = 1) -> ipywidgets.IntSlider:
    """A slider over whole numbers from ``low`` to ``high``."""
    return _slider(ipywidgets.IntSlider, label, start, low, high, step=step)


def dropdown(label: str, options: Mapping[str, Any], start: str) -> ipywidgets.Dropdown:
    """A list of names to choose from, each with the value that it stands for; ``start`` is chosen at first."""
    pairs, place = list(options.items()), list(options).index(start)
    return _laid_out(ipywidgets.Dropdown(options=pairs, index=place, description=label))


class BoxControls(NamedTuple):
    """The names of the four controls that hold one box, in whole units of the picture's axes."""

    left: str
    top: str
    width: str
    height: str

    def corners(self, values: Mapping[str, Any]) -> tuple[int, int, int, int]:
        """The box as x1, y1, x2, y2, for the values of all controls by name."""
        x, y, width, height = (values[name] for name in self)
        return x, y, x + width, y + height

    def values(self, corners: Sequence[int]) -> dict[str, int]:
        """What the four controls are set to for a box x1, y1, x2, y2."""
        x1, y1, x2, y2 = corners
        return dict(zip(self, (x1, y1, x2 - x1, y2 - y1), strict=True))


@dataclass(frozen=True)
class StepButton:
    """A button that moves the control of a whole number by ``by``, as far as it goes."""

    label: str
    control: str
    by: int = 1

    def widget(self, controls: Mapping[str, ipywidgets.Widget]) -> ipywidgets.Button:
        """The button, for an explorer's controls by name."""
        moved = controls[self.control]

        def pressed(_: ipywidgets.Button) -> None:
            moved.value = min(max(moved.value + self.by, moved.min), moved.max)

        made = ipywidgets.Button(description=self.label, layout={"width": "auto", "margin": "2px 8px"})
        made.on_click(pressed)
        return made


def _slider(kind: type, label: str, start: float, low: float, high: float, **kwargs: Any) -> Any:
    return _laid_out(kind(value=start, min=low, max=high, description=label, continuous_update=True, **kwargs))


def _laid_out(control: Any) -> Any:
    control.style.description_width = LABEL
    control.layout.width = WIDE
    control.tooltip = control.description  # without one, ipywidgets writes "null" beside the mouse
    return control
