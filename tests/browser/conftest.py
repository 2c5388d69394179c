"""A student's and an instructor's JupyterLab, and a browser that can reach nothing else."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import explorer_page
import nbformat
import pytest
from lab_page import PATIENCE, NotebookPage
from lab_server import LabServer, elsewhere, lab_server
from playwright.sync_api import Browser, Page, Route, expect

from autograder.commands import demo, notebooks

LAB = "lab1_boxes"
CLASS = {"ada", "kurt", "mary"}  # of the demo's class: all right, half of it, and wrong answers
Visit = Callable[[str], Page]
OUTSIDE = re.compile(r"^https?://(?!127\.0\.0\.1[:/])")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict, tmp_path_factory: pytest.TempPathFactory) -> dict:
    """Chromium keeps a few files at home even when its profile is elsewhere: another home for it."""
    return {**browser_type_launch_args, "env": elsewhere(tmp_path_factory.mktemp("chromium"))}


@pytest.fixture(scope="session")
def student(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """JupyterLab on a student's folder, which is empty at first."""
    with lab_server(tmp_path_factory.mktemp("student"), tmp_path_factory.mktemp("home")) as server:
        yield server


@pytest.fixture(scope="session")
def graded_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course folder in which nbgrader has graded a small class."""
    course = tmp_path_factory.mktemp("instructor") / "course"
    with mock.patch.dict(os.environ, elsewhere(tmp_path_factory.mktemp("home")), clear=True):
        notebooks.generate(LAB, course)
        demo.hand_in(LAB, course)
        for folder in (course / "submitted").iterdir():
            if folder.name not in CLASS:
                shutil.rmtree(folder)
        notebooks.nbgrader("autograde", LAB, course=course)
    return course


@pytest.fixture(scope="session")
def instructor(graded_course: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """JupyterLab on the graded course."""
    with lab_server(graded_course, tmp_path_factory.mktemp("home")) as server:
        yield server


@pytest.fixture(scope="module")
def refused() -> list[str]:
    """Addresses outside this machine that the pages of a test file asked for, in vain."""
    return []


@contextmanager
def windows(browser: Browser, refused: list[str]) -> Iterator[Visit]:
    """A function that opens an address in a window of its own, which reaches this machine only."""
    contexts = []

    def refuse(route: Route) -> None:
        refused.append(route.request.url)
        route.abort()

    def open_page(address: str) -> Page:
        contexts.append(browser.new_context(viewport={"width": 1400, "height": 900}, locale="en-GB"))
        contexts[-1].route(OUTSIDE, refuse)
        page = contexts[-1].new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def visit(browser: Browser, refused: list[str]) -> Iterator[Visit]:
    """Open an address in a window of its own."""
    with windows(browser, refused) as visit:
        yield visit


@pytest.fixture(scope="session")
def explorers(student: LabServer, browser: Browser, screenshots: Path) -> Iterator[NotebookPage]:
    """A notebook with every explorer, after *Run All Cells*; each of a session's files finds it as the last left it."""
    nbformat.write(explorer_page.notebook(), student.root / "explorers.ipynb")
    with windows(browser, []) as visit:
        shown = NotebookPage(visit(student.address("explorers.ipynb")))
        shown.run_all()
        expect(shown.figures).to_have_count(len(explorer_page.CELLS))
        yield shown
        shown.page.screenshot(path=screenshots / "explorers.png")
