"""The feedback page in Chromium: light, dark, on a phone and on paper; axe-core's word on it; nothing is loaded."""

from collections.abc import Callable, Iterator
from pathlib import Path

import axe
import pytest
from axe_playwright_python.sync_playwright import Axe
from feedback_class import CLAMP, page, something_of_everything, write_feedback
from graded_course import TOTAL, Course
from lab_page import PATIENCE
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

UNFOLD = "document.querySelectorAll('details').forEach(each => { each.open = true; })"
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SIZES = {"screen": (1200, 900), "phone": (360, 740)}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, empty_gradebook: Path) -> str:
    """The page of a student with something of everything, as a file."""
    course = Course(tmp_path_factory.mktemp("feedback") / "course", empty_gradebook)
    something_of_everything(course)
    write_feedback(course)
    return page(course).as_uri()


@pytest.fixture
def shown(browser: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """Open the page in a window of this size and colours, which has to load the page and nothing else."""
    contexts, asked, said = [], [], []

    def show(size: str, colours: str = "light") -> Page:
        width, height = SIZES[size]
        contexts.append(browser.new_context(viewport={"width": width, "height": height}, color_scheme=colours))
        page = contexts[-1].new_page()
        page.set_default_timeout(PATIENCE)
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.goto(address)
        return page

    yield show
    for context in contexts:
        context.close()
    assert asked == [address] * len(contexts)
    assert said == []  # nothing that the page's own policy had to forbid


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_everybody_can_read_it_and_nothing_is_loaded(
    shown: Callable[..., Page], size: str, colours: str, screenshots: Path
) -> None:
    window = shown(size, colours)
    assert window.evaluate(WIDER) == 0
    window.screenshot(path=screenshots / f"feedback-{size}-{colours}.png", full_page=True)
    window.evaluate(UNFOLD)
    assert window.evaluate(WIDER) == 0
    found = Axe().run(window, options={}).response
    assert axe.serious(found) == []
    places = {rule["id"]: len(rule["nodes"]) for rule in found["passes"]}
    assert places["color-contrast"] > 50  # it has looked at the words in the tables as well
    assert places["svg-img-alt"] == 1


def test_all_that_matters_first_is_on_the_first_screen(shown: Callable[..., Page]) -> None:
    window = shown("screen")
    for words in (
        f"of {TOTAL:g}",
        "Lab 1 · Boxes and IoU",
        "hours 5 minutes late",
        "Copy of",
        f"First: {CLAMP}",
        "begin here",
    ):
        expect(window.get_by_text(words)).to_be_in_viewport()
    expect(window.get_by_text("a handful of boxes")).to_be_hidden()
    expect(window.get_by_text("A cell of your own")).to_be_hidden()


def test_a_link_unfolds_its_cases_and_the_keyboard_folds_them(shown: Callable[..., Page]) -> None:
    window = shown("phone")
    window.get_by_role("link", name="2 of 3 cases hold").click()
    expect(window.get_by_text("boxes apart")).to_be_in_viewport()
    expect(window.get_by_text("a handful of boxes")).to_be_hidden()
    window.locator("summary", has_text="box_iou").press("Enter")
    expect(window.get_by_text("boxes apart")).to_be_hidden()


def test_paper_shows_the_cases_too(shown: Callable[..., Page]) -> None:
    window = shown("screen", "dark")
    window.emulate_media(media="print")
    expect(window.get_by_text("a handful of boxes")).to_be_visible()
    assert window.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
