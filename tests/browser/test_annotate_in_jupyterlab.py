"""Boxes drawn on a photo in a real JupyterLab, by mouse and by keyboard; Python holds the right pixels of the photo."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from lab_page import NotebookPage
from lab_server import LabServer
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser

WIDE, HIGH = 273, 320  # of the portrait, which is shown larger
# Lab 7, which may run in the same folder, goes on with the marks that it finds for its own photo: another name.
CELLS = (
    """
from course import annotate, uploads

marking = annotate.mark(uploads.sample_photo(), ["person", "helmet"], file_name="marked.jpg")""".lstrip(),
    'path = marking.save("marked.json")',
)


@pytest.fixture(scope="module")
def view(student: LabServer, visit: Callable[[str], Page], screenshots: Path) -> Iterator[NotebookPage]:
    """A notebook with a photo to mark, after *Run All Cells*."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    nbformat.write(notebook, student.root / "annotate.ipynb")
    shown = NotebookPage(visit(student.address("annotate.ipynb")))
    shown.run_all()
    expect(shown.page.get_by_role("application")).to_have_count(1)
    yield shown
    shown.page.screenshot(path=screenshots / "annotate.png")
    shown.page.close()


@pytest.fixture
def stage(view: NotebookPage) -> Locator:
    """The photo, with nothing marked and the first class chosen."""
    found = view.page.get_by_role("application")
    found.focus()
    while view.page.get_by_role("list", name="Boxes").get_by_role("button").count():
        view.page.keyboard.press("Space")
        view.page.keyboard.press("Delete")
    view.page.keyboard.press("1")
    found.scroll_into_view_if_needed()
    return found


def drag(page: Page, stage: Locator, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drag the mouse from one pixel of the photo to another."""
    area = stage.locator("svg").bounding_box()
    assert area
    points = [(area["x"] + x / WIDE * area["width"], area["y"] + y / HIGH * area["height"]) for x, y in (start, end)]
    page.mouse.move(*points[0])
    page.mouse.down()
    page.mouse.move(*points[1], steps=5)
    page.mouse.up()


def listed(view: NotebookPage, *lines: str) -> None:
    """The boxes are these, in words, below the photo."""
    expect(view.page.get_by_role("list", name="Boxes").get_by_role("listitem")).to_have_text(list(lines))


def in_python(view: NotebookPage, student: LabServer) -> list[tuple[list[float], int]]:
    """What the kernel saves when the second cell runs: boxes (x, y, width, height) and categories."""
    before = view.prompts.nth(1).inner_text()
    view.code_cells.nth(1).locator(".jp-InputArea-editor").click()
    view.page.keyboard.press("Control+Enter")
    expect(view.prompts.nth(1)).not_to_have_text(before)
    expect(view.prompts.filter(has_text="*")).to_have_count(0)
    marks = json.loads((student.root / "marked.json").read_text(encoding="utf-8"))["annotations"]
    return [(mark["bbox"], mark["category_id"]) for mark in marks]


def test_a_drag_of_the_mouse_draws_a_box_in_pixels_of_the_photo(
    view: NotebookPage, stage: Locator, student: LabServer
) -> None:
    area = stage.locator("svg").bounding_box()
    assert area
    assert area["width"] > 1.2 * WIDE  # otherwise this would prove little
    drag(view.page, stage, (40, 30), (200, 300))
    listed(view, "Box 1: person from (40, 30) to (200, 300).")
    view.page.get_by_role("button", name="2 helmet").click()
    listed(view, "Box 1: helmet from (40, 30) to (200, 300).")
    drag(view.page, stage, (150, 100), (80, 50))  # within the other, and from right to left
    listed(view, "Box 1: helmet from (40, 30) to (200, 300).", "Box 2: helmet from (80, 50) to (150, 100).")
    assert in_python(view, student) == [([40, 30, 160, 270], 2), ([80, 50, 70, 50], 2)]


def test_a_drag_beyond_the_photo_ends_at_its_border(view: NotebookPage, stage: Locator) -> None:
    drag(view.page, stage, (200, 250), (WIDE + 40, HIGH + 15))
    listed(view, f"Box 1: person from (200, 250) to ({WIDE}, {HIGH}).")


def test_corners_and_edges_of_the_chosen_box_can_be_dragged(view: NotebookPage, stage: Locator) -> None:
    drag(view.page, stage, (50, 50), (150, 150))
    drag(view.page, stage, (150, 150), (180, 170))
    listed(view, "Box 1: person from (50, 50) to (180, 170).")
    drag(view.page, stage, (50, 100), (60, 120))
    listed(view, "Box 1: person from (60, 70) to (190, 190).")
    drag(view.page, stage, (60, 120), (-200, 120))  # stopped by the border
    listed(view, "Box 1: person from (0, 70) to (130, 190).")


def test_a_click_chooses_the_smallest_box_there(view: NotebookPage, stage: Locator) -> None:
    drag(view.page, stage, (20, 20), (250, 300))
    drag(view.page, stage, (100, 100), (160, 160))
    drag(view.page, stage, (40, 200), (40, 200))
    entries = view.page.get_by_role("list", name="Boxes").get_by_role("button")
    expect(entries.nth(0)).to_have_attribute("aria-pressed", "true")
    drag(view.page, stage, (130, 130), (130, 130))
    expect(entries.nth(1)).to_have_attribute("aria-pressed", "true")
    expect(view.page.get_by_role("status").filter(has_text="Chosen. Box 2")).to_have_count(1)


def test_a_box_is_made_and_changed_by_keyboard_alone(view: NotebookPage, stage: Locator, student: LabServer) -> None:
    cells = view.code_cells.count()
    keyboard = view.page.keyboard
    keyboard.press("n")
    x, y, w, h = 102, 120, 68, 80  # a quarter of the photo, in its middle
    listed(view, f"Box 1: person from ({x}, {y}) to ({x + w}, {y + h}).")
    for key in ("ArrowLeft", "ArrowDown", "ArrowDown", "Alt+ArrowDown"):
        keyboard.press(key)
    for key in ("Shift+ArrowRight", "Shift+ArrowUp", "Alt+Shift+ArrowUp"):
        keyboard.press(key)
    keyboard.press("2")
    listed(view, f"Box 1: helmet from ({x - 1}, {y + 12}) to ({x + w}, {y + h + 1}).")
    assert in_python(view, student) == [([x - 1, y + 12, w + 1, h - 11], 2)]
    # JupyterLab would have made cells, headings or an undo of these keys.
    expect(view.code_cells).to_have_count(cells)
    expect(stage).to_be_visible()


def test_steps_are_undone_one_by_one_and_held_keys_at_once(
    view: NotebookPage, stage: Locator, student: LabServer
) -> None:
    keyboard = view.page.keyboard
    drag(view.page, stage, (10, 20), (60, 90))
    for _ in range(5):
        keyboard.press("ArrowRight")
    keyboard.press("2")
    keyboard.press("Delete")
    listed(view)
    for line in ("helmet from (15, 20) to (65, 90).", "person from (15, 20) to (65, 90)."):
        keyboard.press("Control+z")
        listed(view, f"Box 1: {line}")
    view.page.get_by_role("button", name="Undo (Ctrl+Z)").click()
    listed(view, "Box 1: person from (10, 20) to (60, 90).")
    assert in_python(view, student) == [([10, 20, 50, 70], 1)]
    stage.focus()
    keyboard.press("Control+z")
    listed(view)
    assert in_python(view, student) == []


def test_everything_has_a_name_and_is_reached_by_tab(view: NotebookPage, stage: Locator) -> None:
    view.page.keyboard.press("n")
    view.page.get_by_role("button", name="1 person").focus()
    for role, name in (
        ("button", "2 helmet"),
        ("button", "New box (N)"),
        ("button", "Delete box (Del)"),
        ("button", "Undo (Ctrl+Z)"),
        ("application", f"Photo, {WIDE} by {HIGH} pixels, to draw boxes on. N makes a box."),
    ):
        view.page.keyboard.press("Tab")
        expect(view.page.get_by_role(role, name=name)).to_be_focused()


@pytest.mark.parametrize("size", [(1400, 900), (800, 600)], ids=["large", "small"])
def test_it_fits_its_place(size: tuple[int, int], view: NotebookPage, stage: Locator, screenshots: Path) -> None:
    before = view.page.viewport_size
    assert before
    view.page.set_viewport_size({"width": size[0], "height": size[1]})
    stage.scroll_into_view_if_needed()
    drag(view.page, stage, (10, 10), (260, 310))
    listed(view, "Box 1: person from (10, 10) to (260, 310).")
    view.page.keyboard.press("2")
    view.page.keyboard.press("1")
    view.page.keyboard.press("Escape")
    view.page.keyboard.press("2")
    drag(view.page, stage, (75, 15), (190, 85))
    output = view.code_cells.nth(0).locator(".jp-OutputArea-output")
    assert output.evaluate("area => area.scrollWidth - area.clientWidth") <= 1
    room, photo = output.bounding_box(), stage.bounding_box()
    assert room
    assert photo
    assert room["x"] + 3 <= photo["x"]  # the frame that says where the keys go is three pixels wide
    assert photo["x"] + photo["width"] + 3 <= room["x"] + room["width"]
    output.screenshot(path=screenshots / f"annotate-{size[0]}px.png")
    view.page.screenshot(path=screenshots / f"annotate-page-{size[0]}px.png")
    view.page.set_viewport_size(before)
