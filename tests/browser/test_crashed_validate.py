"""A *Validate* that crashes over two cells for one exercise, and what a student does next: all of it works."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from lab_page import NotebookPage
from lab_server import LabServer
from playwright.sync_api import Page, expect

from autograder.commands import notebooks

pytestmark = pytest.mark.browser

LAB, NAME, EXERCISE = "lab1_boxes", "boxes", "box_area"
PLACE = f"crashed/{LAB}"  # other files open labs in the same JupyterLab


@pytest.fixture(scope="module")
def crashed(student: LabServer, visit: Callable[[str], Page]) -> NotebookPage:
    """Lab 1 solved, an exercise's cell duplicated and saved, and *Validate* pressed."""
    folder = student.root / PLACE
    folder.mkdir(parents=True)
    released = notebooks.read(notebooks.ROOT / "release" / LAB / f"{NAME}.ipynb")
    solved = notebooks.solve(released, notebooks.solutions(LAB, NAME))
    solved.cells[-1].source = 'import course\n\ncourse.submit("ada")'
    nbformat.write(solved, folder / f"{NAME}.ipynb")
    view = NotebookPage(visit(student.address(f"{PLACE}/{NAME}.ipynb")))
    view.code_cells.filter(has_text=f"def {EXERCISE}(").click()
    view.page.keyboard.press("Escape")
    view.page.get_by_role("button", name="Create a duplicate of this cell below").click()
    expect(view.code_cells.filter(has_text=f"def {EXERCISE}(")).to_have_count(2)
    view.page.keyboard.press("ControlOrMeta+s")
    expect(view.page.locator(".jp-mod-dirty")).to_have_count(0)
    view.page.get_by_role("button", name="Validate", exact=True).click()
    expect(view.page.locator(".jp-Dialog")).to_contain_text("metadata may be corrupted")  # below a traceback
    return view


def test_after_a_restart_pictures_are_shown_and_submit_writes_the_zip(
    crashed: NotebookPage, student: LabServer, screenshots: Path
) -> None:
    crashed.page.screenshot(path=screenshots / "crashed-validate.png")
    crashed.close_dialog()
    crashed.page.get_by_role("button", name="Restart the kernel", exact=True).click()
    crashed.page.locator(".jp-Dialog").get_by_role("button", name="Confirm Kernel Restart").click()
    expect(crashed.page.locator(".jp-Dialog")).to_have_count(0)
    crashed.run_all()
    said = crashed.lines("stdout")
    twice = f"{NAME}.ipynb has 2 cells that are the exercise {EXERCISE}, as after Duplicate Cell."
    expect(said.first).to_contain_text(twice)  # the first cell says so, and the last one once more
    expect(said.last).to_contain_text(twice)
    expect(said.last).to_contain_text(f"Written: ada-{LAB}.zip")
    assert crashed.figures.count() > 5
    with zipfile.ZipFile(student.root / PLACE / f"ada-{LAB}.zip") as zipped:
        assert zipped.namelist() == [f"{NAME}.ipynb"]
    crashed.code_cells.last.scroll_into_view_if_needed()
    crashed.page.screenshot(path=screenshots / "crashed-validate-handed-in.png")
