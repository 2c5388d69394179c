"""The colours of the course are told apart by every eye, and are never the only signal."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from course.drawing import palette

# Machado, Oliveira & Fernandes (2009): what a person without long, middle or short wave cones sees.
NORMAL = np.eye(3)
PROTANOPIA = np.array(
    [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
)
DEUTERANOPIA = np.array(
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
)
TRITANOPIA = np.array(
    [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
)
TOGETHER = [  # looks that meet in one picture
    (palette.FIRST, palette.SECOND),
    (palette.FIRST, palette.SHARED),
    (palette.SECOND, palette.SHARED),
    (palette.GOOD, palette.WRONG),
    (palette.FIRST, palette.WRONG),
    (palette.FIRST, palette.LOST),
    (palette.WRONG, palette.LOST),
    (palette.GOOD, palette.LOST),
]


def linear(colour: str) -> np.ndarray:
    rgb = np.array(to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIELAB of linear sRGB."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ rgb.clip(0, 1) / [0.9505, 1.0, 1.089]
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("eye", [NORMAL, PROTANOPIA, DEUTERANOPIA, TRITANOPIA])
@pytest.mark.parametrize(("one", "other"), TOGETHER)
def test_colours_that_meet_are_told_apart_by_every_eye(one, other, eye):
    distance = np.linalg.norm(lab(eye @ linear(one.colour)) - lab(eye @ linear(other.colour)))
    assert distance > 15  # about 2 is just noticeable


@pytest.mark.parametrize(("one", "other"), TOGETHER)
def test_colour_is_never_the_only_signal(one, other):
    assert (one.line, one.hatch) != (other.line, other.hatch)


@pytest.mark.parametrize("colour", [palette.INK, palette.FAINT, palette.BLUE])
def test_text_stands_out_from_white_paper(colour):
    luminance = float(linear(colour) @ [0.2126, 0.7152, 0.0722])
    assert 1.05 / (luminance + 0.05) >= 4.5  # the W3C's AA for text
