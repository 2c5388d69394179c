"""A visible check in a real JupyterLab: its message, and what it says of an edit that was saved and not run."""

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from lab_page import NotebookPage
from lab_server import LabServer
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

CELLS = (
    "import torch\nfrom course import checks",
    "def box_area(boxes):\n    width = boxes[:, 2] - boxes[:, 0] + 1\n    height = boxes[:, 3] - boxes[:, 1] + 1\n"
    "    print('width', width)\n    return width * height",
    "checks.box_area(box_area, trace=True)",
)


def test_a_check_shows_prints_and_variables_and_notices_an_edit_that_was_not_run(
    student: LabServer, visit: Callable[[str], Page], screenshots: Path
) -> None:
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}}
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in CELLS], metadata=kernel)
    nbformat.write(notebook, student.root / "a_check.ipynb")
    view = NotebookPage(visit(student.address("a_check.ipynb")))
    view.run_all()
    said = view.lines("stderr")
    expect(said).to_contain_text("printed  width tensor([ 9., 31.,  1.])")
    expect(said).to_contain_text("height   (3,) [5, 41, 5]")
    expect(said).to_contain_text("You count pixels with + 1.")
    view.page.screenshot(path=screenshots / "check-message.png")

    view.code_cells.nth(1).locator(".cm-line").first.click()
    view.page.keyboard.press("End")
    view.page.keyboard.type("  # edited")
    view.page.keyboard.press("Control+s")
    expect(view.page.locator(".lm-TabBar-tab.jp-mod-dirty")).to_have_count(0)  # saved
    view.code_cells.nth(2).locator(".cm-line").first.click()
    view.page.keyboard.press("Shift+Enter")
    expect(said).to_contain_text("You have edited the cell of box_area since it was run as [2]")
    view.page.screenshot(path=screenshots / "check-of-an-edit.png")
