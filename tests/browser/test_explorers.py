"""Explorers in a real JupyterLab, moved by keyboard: numbers change and are right, and every control has a name."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
import torch
from lab_page import STICKS_OUT, NotebookPage
from lab_server import LabServer
from playwright.sync_api import Locator, Page, expect
from torchvision import ops

pytestmark = pytest.mark.browser

CELLS = {
    "iou": "from course import explore, library\n\nexplore.iou(library.box_iou)",
    "suppression": """
import torch

boxes = torch.tensor([[0.0, 0, 100, 100], [10, 0, 110, 100], [0, 40, 100, 140], [200, 0, 300, 100]])
explore.suppression(boxes, torch.tensor([0.9, 0.8, 0.7, 0.6]), library.nms)""".lstrip(),
    "levels": """
def roi_level(boxes):
    if boxes[0, 2] > 225:
        raise ValueError("too wide")
    raise NotImplementedError

explore.levels(roi_level)""".lstrip(),
}


@pytest.fixture(scope="module")
def view(student: LabServer, visit: Callable[[str], Page], screenshots: Path) -> Iterator[NotebookPage]:
    """A notebook with three explorers, after *Run All Cells*."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS.values()])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    nbformat.write(notebook, student.root / "explorers.ipynb")
    shown = NotebookPage(visit(student.address("explorers.ipynb")))
    shown.run_all()
    expect(shown.figures).to_have_count(len(CELLS))
    yield shown
    shown.page.screenshot(path=screenshots / "explorers.png")
    shown.page.close()


def cell(view: NotebookPage, name: str) -> Locator:
    return view.code_cells.nth(list(CELLS).index(name)).locator(".jp-OutputArea")


def handle(where: Locator, label: str) -> Locator:
    return where.get_by_role("slider", name=label, exact=True)


def test_arrow_keys_move_a_box_and_the_iou_is_torchvisions(view: NotebookPage) -> None:
    iou = cell(view, "iou")
    handle(iou, "box 2, left").focus()
    for left in (141, 142, 143):
        view.page.keyboard.press("ArrowRight")
        two = torch.tensor([[left, 100.0, left + 160, 220]])
        found = float(ops.box_iou(torch.tensor([[60.0, 60, 220, 180]]), two))
        expect(iou.locator("figcaption")).to_contain_text(f"IoU by your box_iou: {found:.3f}.")
        expect(iou.locator("figure img")).to_have_attribute("alt", re.compile(rf"box 2 \({left}, 100, {left + 160}"))
    expect(handle(iou, "box 2, left")).to_be_focused()


def test_a_number_can_be_typed_beside_its_slider(view: NotebookPage) -> None:
    iou = cell(view, "iou")
    typed = iou.locator(".widget-slider").filter(has_text="box 2, width").locator(".widget-readout")
    typed.fill("10")
    typed.press("Enter")
    expect(iou.locator("figcaption")).to_contain_text("together 19,200 + 1,200")


def test_tab_goes_through_the_controls_in_their_order(view: NotebookPage) -> None:
    iou = cell(view, "iou")
    handle(iou, "box 1, left").focus()
    for label in ("box 1, top", "box 1, width"):
        view.page.keyboard.press("Tab")  # the number
        view.page.keyboard.press("Tab")
        expect(handle(iou, label)).to_be_focused()


def test_a_button_pressed_by_keyboard_goes_one_step(view: NotebookPage) -> None:
    nms = cell(view, "suppression")
    expect(nms.locator("figcaption")).to_contain_text("Step 1 of 3, threshold 0.50: keep 0")
    further = nms.get_by_role("button", name="next step")
    further.focus()
    view.page.keyboard.press("Enter")
    expect(nms.locator("figcaption")).to_contain_text("Step 2 of 3, threshold 0.50: keep 2")
    expect(handle(nms, "step")).to_have_attribute("aria-valuenow", re.compile(r"2(\.0)?"))


def test_unwritten_is_noted_and_an_error_stands_in_the_pictures_place_until_it_is_gone(view: NotebookPage) -> None:
    levels = cell(view, "levels")
    note = "roi_level is not written yet: the course's own stands in."
    expect(levels.locator("figcaption")).to_contain_text(note)
    handle(levels, "width").focus()
    for _ in range(2):
        view.page.keyboard.press("ArrowRight")
    expect(levels.get_by_role("status")).to_contain_text("roi_level stopped with ValueError: too wide")
    expect(levels.locator("figure")).to_have_count(0)
    view.page.keyboard.press("Home")
    expect(levels.locator("figcaption")).to_contain_text("A box of 1 × 224 pixels")


@pytest.mark.parametrize("size", [(1400, 900), (700, 450)], ids=["whole", "at 200 percent"])
def test_controls_and_pictures_fit_their_place(size: tuple[int, int], view: NotebookPage, screenshots: Path) -> None:
    """Half the window's width is what a page zoomed to 200 % has."""
    before = view.page.viewport_size
    view.page.set_viewport_size({"width": size[0], "height": size[1]})
    assert view.figures.evaluate_all(STICKS_OUT) == []
    for name in CELLS:
        cell(view, name).screenshot(path=screenshots / f"explorer-{size[0]}px-{name}.png")
    assert before
    view.page.set_viewport_size(before)
