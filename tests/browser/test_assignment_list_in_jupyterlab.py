"""nbgrader's assignment list in a real JupyterLab: a student fetches a lab and hands it in; the instructor gets it."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import nbformat
import pytest
from lab_page import choose
from lab_server import LabServer, elsewhere
from playwright.sync_api import Page, expect

from autograder.commands import notebooks

pytestmark = pytest.mark.browser

LAB, NAME = "lab1_boxes", "boxes"


@pytest.fixture
def course(repo: Path, tmp_path: Path) -> Path:
    """An instructor's folder with the lab's release."""
    shutil.copytree(repo / "release" / LAB, tmp_path / "release" / LAB)
    shutil.copy(repo / "nbgrader_config.py", tmp_path)
    return tmp_path


@pytest.mark.exhaustive
def test_a_lab_is_fetched_handed_in_and_collected(
    course: Path, student: LabServer, visit: Callable[[str], Page], screenshots: Path
) -> None:
    """Repeats with the mouse what tests/test_nbgrader.py does by commands."""

    def instructor(command: str) -> None:
        with mock.patch.dict(os.environ, elsewhere(course), clear=True):
            notebooks.nbgrader(command, LAB, f"--Exchange.root={student.exchange}", course=course)

    instructor("release_assignment")
    window = visit(student.address())
    choose(window, "Nbgrader", "Assignment List")
    released, fetched, submitted = (
        window.locator(f"#{kind}_assignments_list") for kind in ("released", "fetched", "submitted")
    )
    expect(released).to_contain_text(LAB)
    released.get_by_role("button", name="Fetch").click()
    expect(fetched).to_contain_text(LAB)
    mine = student.root / LAB / f"{NAME}.ipynb"
    blank = notebooks.read(course / "release" / LAB / f"{NAME}.ipynb")
    assert notebooks.read(mine) == blank

    solved = notebooks.solve(blank, notebooks.solutions(LAB, NAME))
    nbformat.write(solved, mine)
    fetched.get_by_role("button", name="Submit").click()
    expect(submitted).to_contain_text(LAB)
    window.screenshot(path=screenshots / "assignment-list.png")

    instructor("collect")
    (handed_in,) = (course / "submitted").glob(f"*/{LAB}/{NAME}.ipynb")
    assert notebooks.read(handed_in) == solved != blank
