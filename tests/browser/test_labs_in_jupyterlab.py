"""The labs in a real JupyterLab, solved, from first to last cell: no error, and every picture in its place."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import axe
import nbformat
import pytest
import session
from lab_page import SCROLL, STICKS_OUT, NotebookPage
from lab_server import LabServer
from playwright.sync_api import Page, expect

from autograder.commands import notebooks
from autograder.labs import LABS

pytestmark = pytest.mark.browser

# The tour has all that can go wrong in a browser: pictures, sliders, videos. Lab 1 has a file of its own.
NOTEBOOKS = [
    pytest.param((path.parent.name, path.stem), marks=pytest.mark.exhaustive)  # repeats it over another lab's pictures
    if path.parent.name != "lab0_tour"
    else (path.parent.name, path.stem)
    for lab in notebooks.labs()
    if lab != "lab1_boxes"
    for path in sorted((notebooks.ROOT / "release" / lab).glob("*.ipynb"))
]

# Plays a video from wherever it is until a frame has been shown, and tells how it went.
PLAYED = """film => new Promise(done => {
    const told = () => done({error: film.error && film.error.message, seconds: film.duration,
                             shown: film.getVideoPlaybackQuality().totalVideoFrames});
    film.addEventListener('error', told);
    film.requestVideoFrameCallback(told);
    film.play().catch(told);
})"""


@pytest.fixture(scope="module", params=NOTEBOOKS, ids="/".join)
def solved(
    request: pytest.FixtureRequest, student: LabServer, visit: Callable[[str], Page], screenshots: Path
) -> Iterator[tuple[str, NotebookPage]]:
    """A notebook with the reference's answers, after *Run All Cells*; and how its screenshots are called."""
    lab, name = request.param
    called = f"{lab}-{name}"
    released = notebooks.read(notebooks.ROOT / "release" / lab / f"{name}.ipynb")
    notebook = notebooks.solve(released, notebooks.solutions(lab, name))
    for cell in notebook.cells:
        cell.source = session.hurried(cell.source)
    nbformat.write(notebook, student.root / f"{name}.ipynb")
    view = NotebookPage(visit(student.address(f"{name}.ipynb")))
    view.page.screenshot(path=screenshots / f"{called}-opened.png")
    view.run_all()
    yield called, view
    view.page.close()


def test_run_all_with_the_reference_ends_without_an_error(solved: tuple[str, NotebookPage], screenshots: Path) -> None:
    called, view = solved
    expect(view.prompts.last).to_have_text(re.compile(r"\[\d+\]:"))
    expect(view.lines("stderr")).to_have_count(0)
    lab, name = called.split("-")
    written = notebooks.solutions(lab, name)
    for exercise in LABS.get(lab, ()):
        once = 1 if exercise.name in written else 0  # a lab may have several notebooks
        expect(view.lines("stdout").filter(has_text=f"{exercise.name}: all ")).to_have_count(once)
    view.page.screenshot(path=screenshots / f"{called}-solved.png")


def test_every_slider_draws_its_picture_anew(solved: tuple[str, NotebookPage]) -> None:
    _, view = solved
    handles = view.page.locator(".noUi-handle")
    expect(handles).not_to_have_count(0)
    for handle in handles.all():
        around = handle.locator("xpath=ancestor::div[contains(@class, 'jp-OutputArea-output')][1]")
        picture = around.locator("figure img:first-child")
        expect(picture).to_have_count(1)
        before = picture.get_attribute("alt") or ""
        handle.focus()
        handle.press("PageUp")
        expect(picture).not_to_have_attribute("alt", before)


def test_every_picture_fits_its_place_and_is_told_in_words(solved: tuple[str, NotebookPage], screenshots: Path) -> None:
    called, view = solved
    assert view.figures.count() > (5 if called.split("-")[0] in LABS else 2)  # the tour has nothing to explain
    assert view.figures.evaluate_all(STICKS_OUT) == []
    assert view.figures.evaluate_all(SCROLL) == 0
    for number, figure in enumerate(view.figures.all(), start=1):
        assert re.search(r"\w+ .*\d", figure.locator("img").first.get_attribute("alt") or "")
        figure.screenshot(path=screenshots / f"{called}-figure-{number:02}.png")  # for people to look at


def test_axe_finds_nothing_serious_in_what_the_cells_show(solved: tuple[str, NotebookPage]) -> None:
    _, view = solved
    found = axe.judged(view.page)
    assert axe.serious(found) == []
    assert {"image-alt", "color-contrast"} <= {rule["id"] for rule in found["passes"]}  # it has looked


def test_every_video_plays(solved: tuple[str, NotebookPage]) -> None:
    called, view = solved
    videos = view.page.locator(".jp-OutputArea-output video")
    assert called != "lab0_tour-tour" or videos.count() == 2
    for film in videos.all():
        assert film.get_attribute("aria-label")
        state = film.evaluate(PLAYED)
        assert state["error"] is None, state
        assert state["seconds"] == pytest.approx(3, abs=0.2)
        assert state["shown"] > 0
