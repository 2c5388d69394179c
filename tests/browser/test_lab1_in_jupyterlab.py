"""Lab 1 in a real JupyterLab: what a student sees who is done, who has not begun, and who made a mistake."""

import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from lab_page import SCROLL, SIDE_BY_SIDE, STICKS_OUT, NotebookPage
from lab_server import LabServer
from playwright.sync_api import Page, expect

from autograder.commands import notebooks
from autograder.labs import LABS, answers
from course import checks

pytestmark = pytest.mark.browser

LAB, NAME = "lab1_boxes", "boxes"
EXERCISES = tuple(exercise.name for exercise in LABS["lab1_boxes"])
BADGE = "https://colab.research.google.com/assets/colab-badge.svg"
SIZES = ((1400, 900), (800, 600))

Open = Callable[[str, dict[str, str]], NotebookPage]


@pytest.fixture(scope="module")
def blank(repo: Path) -> nbformat.NotebookNode:
    """The notebook as students get it."""
    return notebooks.read(repo / "release" / LAB / f"{NAME}.ipynb")


@pytest.fixture(scope="module")
def code(blank: nbformat.NotebookNode) -> list[str]:
    """The text of its code cells."""
    return [cell.source for cell in blank.cells if cell.cell_type == "code"]


@pytest.fixture(scope="module")
def open_notebook(blank: nbformat.NotebookNode, student: LabServer, visit: Callable[[str], Page]) -> Open:
    """Open a student's notebook: its name, and what the student wrote, by exercise."""

    def write_and_open(name: str, written: dict[str, str]) -> NotebookPage:
        nbformat.write(notebooks.solve(blank, written), student.root / f"{name}.ipynb")
        return NotebookPage(visit(student.address(f"{name}.ipynb")))

    return write_and_open


@pytest.fixture(scope="module")
def solved(open_notebook: Open, screenshots: Path) -> NotebookPage:
    """The lab with the reference's answers, after *Run All Cells*."""
    view = open_notebook("solved", notebooks.solutions(LAB, NAME))
    view.page.screenshot(path=screenshots / "lab1-opened.png")
    view.run_all()
    return view


@pytest.fixture(params=SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def width(request: pytest.FixtureRequest, solved: NotebookPage) -> Iterator[int]:
    """The width of the solved notebook's window, which has this size while a test runs."""
    before = solved.page.viewport_size
    solved.page.set_viewport_size(dict(zip(("width", "height"), request.param, strict=True)))
    yield request.param[0]
    solved.page.set_viewport_size(before)


def ran_until(index: int, view: NotebookPage) -> None:
    """The code cells up to ``index`` ran, one after the other, and the later ones did not."""
    expect(view.prompts.nth(index)).to_have_text(f"[{index + 1}]:")
    expect(view.prompts.filter(has_text=re.compile(r"\d"))).to_have_count(index + 1)


def test_run_all_with_the_reference_runs_every_cell_without_an_error(
    code: list[str], solved: NotebookPage, screenshots: Path
) -> None:
    expect(solved.prompts).to_have_count(len(code))
    ran_until(len(code) - 1, solved)
    expect(solved.lines("stderr")).to_have_count(0)
    for exercise in EXERCISES:
        expect(solved.lines("stdout").filter(has_text=f"{exercise}: all ")).to_have_count(1)
    solved.page.screenshot(path=screenshots / "lab1-solved.png")


def test_every_drawing_cell_shows_one_picture_and_tells_it_in_words_and_numbers(
    code: list[str], solved: NotebookPage
) -> None:
    drawing = [
        index for index, text in enumerate(code) if re.search(r"^ *(draw|explore|pipeline)\.", text, re.MULTILINE)
    ]
    assert len(drawing) > len(EXERCISES)
    expect(solved.figures).to_have_count(len(drawing))
    for index in drawing:
        picture = solved.code_cells.nth(index).locator("figure img:first-child")
        expect(picture).to_have_count(1)
        assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
        assert re.search(r"\w+ .*\d", picture.get_attribute("alt") or "")


def test_every_image_has_a_text_alternative(solved: NotebookPage) -> None:
    images = solved.page.locator(".jp-Notebook img:not(figure > div > img + img)")  # the first panel tells for all
    assert all(words.strip() for words in images.evaluate_all("images => images.map(image => image.alt)"))


def test_no_figure_is_wider_than_its_place(width: int, solved: NotebookPage) -> None:
    assert solved.figures.evaluate_all(STICKS_OUT) == []
    assert width < 1400 or solved.figures.evaluate_all(SCROLL) == 0
    assert solved.figures.filter(has=solved.page.locator("img:nth-child(2)")).count() > 5  # have panels
    assert solved.figures.evaluate_all(SIDE_BY_SIDE) == 0


@pytest.mark.exhaustive  # repeats the test above for people's eyes
def test_every_figure_is_kept_for_people_to_look_at(width: int, solved: NotebookPage, screenshots: Path) -> None:
    """Repeats for people's eyes what the test above measures."""
    for number, figure in enumerate(solved.figures.all(), start=1):
        figure.screenshot(path=screenshots / f"lab1-{width}px-figure-{number:02}.png")


@pytest.mark.usefixtures("solved")
def test_all_that_the_notebook_wants_from_elsewhere_is_the_badge(refused: list[str]) -> None:
    assert set(refused) == {BADGE}


@pytest.mark.exhaustive
def test_validate_says_that_the_reference_passes(solved: NotebookPage, screenshots: Path) -> None:
    """Repeats with right answers what Validate says to a notebook that is not begun."""
    expect(solved.validate()).to_have_text("Success! Your notebook passes all the tests.")
    solved.page.screenshot(path=screenshots / "lab1-solved-validated.png")
    solved.close_dialog()


def test_the_last_cell_looks_at_every_exercise_and_makes_the_zip(
    solved: NotebookPage, student: LabServer, screenshots: Path
) -> None:
    cell = solved.code_cells.last
    cell.locator(".cm-content").click()
    solved.page.keyboard.press("ControlOrMeta+a")
    solved.page.keyboard.type('course.submit("ada")')
    solved.page.keyboard.press("ControlOrMeta+Enter")
    said = cell.locator("[data-mime-type='application/vnd.jupyter.stdout']")
    count = len(EXERCISES)
    expect(said).to_contain_text(re.compile(rf"done +{', '.join(EXERCISES)}\n{count} of {count} exercises pass"))
    link = cell.get_by_role("link", name=f"ada-{LAB}.zip")
    expect(link).to_be_visible()
    cell.scroll_into_view_if_needed()
    solved.page.screenshot(path=screenshots / "lab1-handed-in.png")
    with zipfile.ZipFile(student.root / f"ada-{LAB}.zip") as zipped:
        assert zipped.namelist() == [f"{NAME}.ipynb"]
        handed_in = nbformat.reads(zipped.read(f"{NAME}.ipynb").decode(), as_version=4)
    written = {cell.metadata.nbgrader.grade_id: cell.source for cell in handed_in.cells if "nbgrader" in cell.metadata}
    assert notebooks.solutions(LAB, NAME).items() <= written.items()


def test_validate_on_the_blank_release_names_every_exercise(open_notebook: Open, screenshots: Path) -> None:
    view = open_notebook("blank-validated", {})
    message = view.validate()
    expect(message.get_by_text("The following cell failed:")).to_have_count(len(EXERCISES))
    expected = []
    for name in EXERCISES:
        expected += [f"checks.{name}({name})", re.compile(rf"^{name} is not written yet: ")]
    expect(message.locator("pre")).to_have_text(expected)
    view.page.screenshot(path=screenshots / "lab1-blank-validated.png")


@pytest.mark.exhaustive
def test_run_all_on_the_blank_release_stops_at_the_first_exercise(
    code: list[str], open_notebook: Open, screenshots: Path
) -> None:
    """Repeats with an exercise that is not begun what the test below shows with a wrong one."""
    view = open_notebook("blank-run", {})
    view.run_all()
    expect(view.lines("stderr")).to_have_text(
        ["yxyx_to_xyxy is not written yet: replace `raise NotImplementedError()` with your code."]
    )
    ran_until(code.index("checks.yxyx_to_xyxy(yxyx_to_xyxy)"), view)
    view.lines("stderr").scroll_into_view_if_needed()
    view.page.screenshot(path=screenshots / "lab1-blank-run.png")


def test_a_wrong_answer_gets_our_message_and_no_traceback(
    code: list[str], open_notebook: Open, screenshots: Path
) -> None:
    (wrong,) = (a for a in answers(LAB) if (a.exercise, a.name) == ("box_iou", "no_clamp"))
    view = open_notebook("no-clamp", notebooks.solutions(LAB, NAME) | {"box_iou": wrong.text})
    view.run_all()
    expect(view.lines("stderr")).to_have_count(1)
    said = view.lines("stderr").inner_text().strip()
    assert said == str(checks.box_iou.problem(wrong.function()))
    assert re.findall(r"^  (expected|got|hint) ", said, re.MULTILINE) == ["expected", "got", "hint"]
    assert not re.search(r"Traceback|Cell In|File |\.py", said)
    ran_until(code.index("checks.box_iou(box_iou)"), view)
    view.lines("stderr").scroll_into_view_if_needed()
    view.page.screenshot(path=screenshots / "lab1-wrong-answer.png")
