"""A picture is cut between its panels and nowhere else."""

import io
import re

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from course.drawing.figure import SCREEN_DPI, Drawing, new_figure, render
from course.drawing.panels import cuts

DPI = 96


def pixels(figure: Figure) -> np.ndarray:
    figure.set_dpi(DPI)
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba())[..., :3]


def row(count: int) -> Figure:
    """Panels side by side, each with a wide label on its left."""
    figure = new_figure(9, 3)
    for number, ax in enumerate(figure.subplots(1, count, squeeze=False)[0]):
        ax.plot([0, 1], [0, 1000 * number])
        ax.set_ylabel("as long as\na label may be")
    return figure


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_a_row_is_cut_between_its_panels_so_that_labels_stay(count: int) -> None:
    figure = row(count)
    image = pixels(figure)
    found = cuts(figure, image, DPI)
    assert len(found) == count - 1
    boxes = [ax.get_tightbbox() for ax in figure.axes]
    for column, before, after in zip(found, boxes, boxes[1:], strict=False):
        assert before.x1 < column < after.x0
        assert (image[:, column] == 255).all()


def test_a_grid_is_cut_into_columns_and_halves_into_their_panels() -> None:
    grid = new_figure(9, 4)
    grid.subplots(2, 3)
    assert len(cuts(grid, pixels(grid), DPI)) == 2
    halves = new_figure(9, 4)
    left, right = halves.subfigures(1, 2)
    left.subplots(1, 2)
    right.subplots(3, 1)
    assert len(cuts(halves, pixels(halves), DPI)) == 2


def test_what_spans_all_panels_is_not_cut() -> None:
    figure = row(2)
    figure.suptitle("one title for both of the panels, and long enough to reach far into each of them")
    assert cuts(figure, pixels(figure), DPI) == []
    empty = new_figure(3, 3)
    assert cuts(empty, pixels(empty), DPI) == []


def test_a_colour_bar_stays_with_its_panel() -> None:
    figure = new_figure(9, 3)
    axes = figure.subplots(1, 2)
    for ax in axes:
        shown = ax.imshow(np.eye(4))
    figure.colorbar(shown, ax=axes)
    (column,) = cuts(figure, pixels(figure), DPI)
    assert axes[0].get_window_extent().x1 < column < axes[1].get_window_extent().x0


def test_panels_side_by_side_are_the_whole_picture_and_the_first_has_its_text() -> None:
    picture = render(Drawing(row(3), "three lines", "Each steeper than the one before."))
    widths = [Image.open(io.BytesIO(panel)).width for panel in picture.panels]
    whole = np.asarray(Image.open(io.BytesIO(picture.png)))
    assert len(widths) == 3
    assert whole.shape[1] == sum(widths) == 2 * picture.width + whole.shape[1] % 2
    uncut = row(3)
    scale = 2 * SCREEN_DPI
    uncut.canvas.draw()
    file = io.BytesIO()
    uncut.savefig(file, dpi=scale, bbox_inches=uncut.get_tightbbox().padded(0.06))
    np.testing.assert_array_equal(whole, np.asarray(Image.open(file).convert("RGB")))
    told = re.findall(r'<img [^>]*alt="([^"]*)"( aria-hidden="true")?', picture.html())
    assert told == [("three lines", ""), ("", ' aria-hidden="true"'), ("", ' aria-hidden="true"')]


def test_panels_grow_alike_from_what_is_legible_to_their_own_size() -> None:
    picture = render(Drawing(row(3), "", ""))
    looks = re.findall(r"flex: (\d+) 0 ([\d.]+)px; max-width: ([\d.]+)px", picture.html())
    shares, least, most = np.array(looks, dtype=float).T
    np.testing.assert_array_equal(shares, [Image.open(io.BytesIO(panel)).width for panel in picture.panels])
    np.testing.assert_allclose(most, picture.width * shares / shares.sum(), atol=0.05)
    np.testing.assert_allclose(least, 0.65 * most, atol=0.1)
