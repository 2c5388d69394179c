"""JupyterLab with what the students' wheel brings: without the teachers' tools, and with a hint after a restart."""

import shutil
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lab_page import NotebookPage
from lab_server import LabServer, lab_server
from playwright.sync_api import Page, expect

from autograder.commands import notebooks, release

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """JupyterLab on the labs, in an environment into which the wheel was installed."""
    folder = tmp_path_factory.mktemp("wheel")
    with zipfile.ZipFile(release.build_wheel(folder)) as wheel:
        for name in wheel.namelist():
            if place := name.partition(".data/data/")[2]:
                (folder / place).parent.mkdir(parents=True, exist_ok=True)
                (folder / place).write_bytes(wheel.read(name))
    labs = shutil.copytree(notebooks.ROOT / "release", tmp_path_factory.mktemp("student") / "labs")
    with lab_server(labs, tmp_path_factory.mktemp("home"), folder) as server:
        yield server


@pytest.fixture(scope="module")
def view(installed: LabServer, visit: Callable[[str], Page]) -> NotebookPage:
    """Lab 3, as a student opens it, untouched."""
    return NotebookPage(visit(installed.address("lab3_rpn/rpn.ipynb")))


def test_teachers_tools_are_not_there(view: NotebookPage, installed: LabServer, screenshots: Path) -> None:
    view.page.get_by_role("menuitem", name="Nbgrader", exact=True).click()
    entries = view.page.locator(".lm-Menu-content").get_by_role("menuitem")
    expect(entries).to_have_text(["Assignment List"])
    view.page.screenshot(path=screenshots / "students-menu.png")
    view.page.keyboard.press("Escape")
    expect(view.page.get_by_role("tab", name="Create Assignment")).to_have_count(0)
    expect(view.page.get_by_role("button", name="Validate", exact=True)).to_be_visible()
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{installed.url}formgrader?token={installed.token}")


def test_before_the_first_cell_a_check_says_to_run_it(view: NotebookPage, screenshots: Path) -> None:
    cell = view.code_cells.filter(has_text="checks.nms(nms)")
    cell.locator(".cm-content").click()
    view.page.keyboard.press("ControlOrMeta+Enter")
    expect(view.lines("stderr")).to_contain_text("checks is not known: the kernel has restarted and knows nothing yet.")
    expect(view.lines("stderr")).not_to_contain_text("Traceback")
    view.lines("stderr").scroll_into_view_if_needed()
    view.page.screenshot(path=screenshots / "students-after-restart.png")


def test_the_other_labs_lie_beside(view: NotebookPage) -> None:
    expect(view.page.locator(".jp-BreadCrumbs")).to_contain_text("lab3_rpn")
    view.page.locator(".jp-BreadCrumbs-home").click()
    expect(view.page.locator(".jp-DirListing-item").filter(has_text="lab7_capstone")).to_be_visible()
