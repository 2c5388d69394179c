"""Lab 1 in a real JupyterLab: what a student sees who is done, who has not begun, and who made a mistake."""

import re
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from lab_page import NotebookPage
from lab_server import LabServer
from playwright.sync_api import Page, expect

from autograder import notebooks
from autograder.answers import answers
from course import checks

pytestmark = pytest.mark.browser

LAB, NAME = "lab1_boxes", "boxes"
EXERCISES = ("yxyx_to_xyxy", "box_area", "box_iou", "clip_boxes_to_image", "remove_small_boxes")
BADGE = "https://colab.research.google.com/assets/colab-badge.svg"
SIZES = ((1400, 900), (800, 600))

Visit = Callable[[str], Page]

# Scrolls to each figure, as a reader would, and tells which parts of it stick out of their output area, by how much.
STICKS_OUT = """figures => figures.flatMap(figure => {
    figure.scrollIntoView();
    const area = figure.closest('.jp-OutputArea-output');
    const room = area.getBoundingClientRect();
    const parts = [figure, ...figure.querySelectorAll('*')].map(part => [part.tagName, part.getBoundingClientRect()]);
    return [['area scrolls', area.scrollWidth - area.clientWidth],
            ...parts.map(([name, box]) => [name, Math.max(box.right - room.right, room.left - box.left)])]
        .filter(([name, pixels]) => pixels > 1);
})"""


def released(repo: Path) -> nbformat.NotebookNode:
    return notebooks.read(repo / "release" / LAB / f"{NAME}.ipynb")


def code(notebook: nbformat.NotebookNode) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def open_notebook(visit: Visit, student: LabServer, notebook: nbformat.NotebookNode, name: str) -> NotebookPage:
    nbformat.write(notebook, student.root / f"{name}.ipynb")
    return NotebookPage(visit(student.address(f"{name}.ipynb")))


@pytest.fixture(scope="module")
def solved(repo: Path, student: LabServer, visit: Visit, screenshots: Path) -> NotebookPage:
    """The lab with the reference's answers, after *Run All Cells*."""
    view = open_notebook(visit, student, notebooks.solve(released(repo), notebooks.solutions(LAB, NAME)), "solved")
    view.page.screenshot(path=screenshots / "lab1-opened.png")
    view.run_all()
    return view


def test_run_all_with_the_reference_runs_every_cell_without_an_error(
    repo: Path, solved: NotebookPage, screenshots: Path
) -> None:
    cells = code(released(repo))
    expect(solved.code_cells.locator(".jp-InputPrompt")).to_have_text([f"[{n + 1}]:" for n in range(len(cells))])
    expect(solved.outputs("error")).to_have_count(0)
    expect(solved.outputs("stderr")).to_have_count(0)
    for exercise in EXERCISES:
        expect(solved.outputs("stdout").filter(has_text=f"{exercise}: all ")).to_have_count(1)
    solved.page.screenshot(path=screenshots / "lab1-solved.png")


def test_every_drawing_cell_shows_a_picture_that_is_also_told_in_words(repo: Path, solved: NotebookPage) -> None:
    drawing = [n for n, text in enumerate(code(released(repo))) if re.search(r"^(draw|pipeline)\.", text, re.MULTILINE)]
    assert len(drawing) >= 10
    for index in drawing:
        (width, words), *more = (
            solved.code_cells.nth(index).locator("img").evaluate_all("all => all.map(img => [img.naturalWidth, img.alt])")
        )
        assert not more
        assert width > 0
        assert len(words) > 30
        assert re.search(r"\d", words)


def test_every_image_has_a_text_alternative(solved: NotebookPage) -> None:
    alternatives = solved.page.locator(".jp-Notebook img").evaluate_all("all => all.map(img => img.alt)")
    assert len(alternatives) > len(EXERCISES)
    assert all(alternatives)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_no_figure_is_wider_than_its_place(
    size: tuple[int, int], solved: NotebookPage, screenshots: Path
) -> None:
    solved.page.set_viewport_size({"width": size[0], "height": size[1]})
    assert solved.figures.evaluate_all(STICKS_OUT) == []
    for index in range(solved.figures.count()):
        solved.figures.nth(index).screenshot(path=screenshots / f"lab1-{size[0]}px-figure-{index + 1:02}.png")
    solved.page.screenshot(path=screenshots / f"lab1-{size[0]}px.png")


def test_the_notebook_needs_no_network(solved: NotebookPage, refused: list[str]) -> None:
    assert set(refused) <= {BADGE}


def test_validate_says_that_the_reference_passes(solved: NotebookPage, screenshots: Path) -> None:
    message = solved.validate()
    expect(message).to_have_text("Success! Your notebook passes all the tests.")
    solved.page.screenshot(path=screenshots / "lab1-solved-validated.png")
    solved.close_dialog()


def test_validate_on_the_blank_release_names_every_exercise(
    repo: Path, student: LabServer, visit: Visit, screenshots: Path
) -> None:
    view = open_notebook(visit, student, released(repo), "blank-validated")
    message = view.validate()
    expect(message.get_by_text("The following cell failed:")).to_have_count(len(EXERCISES))
    shown = message.locator("pre").all_inner_texts()
    assert shown[0::2] == [f"checks.{exercise}({exercise})" for exercise in EXERCISES]
    assert [text.split(":")[0] for text in shown[1::2]] == [f"{name} is not written yet" for name in EXERCISES]
    view.page.screenshot(path=screenshots / "lab1-blank-validated.png")


def test_run_all_on_the_blank_release_stops_at_the_first_exercise(
    repo: Path, student: LabServer, visit: Visit, screenshots: Path
) -> None:
    view = open_notebook(visit, student, released(repo), "blank-run")
    view.run_all()
    expect(view.outputs("error")).to_have_count(1)
    expect(view.outputs("error")).to_have_text(
        "yxyx_to_xyxy is not written yet: replace `raise NotImplementedError()` by your code."
    )
    nothing_after(view, code(released(repo)).index("checks.yxyx_to_xyxy(yxyx_to_xyxy)"))
    view.outputs("error").scroll_into_view_if_needed()
    view.page.screenshot(path=screenshots / "lab1-blank-run.png")


def test_a_wrong_answer_gets_our_message_and_no_traceback(
    repo: Path, student: LabServer, visit: Visit, screenshots: Path
) -> None:
    (wrong,) = (a for a in answers(LAB) if (a.exercise, a.name) == ("box_iou", "no_clamp"))
    cells = notebooks.solutions(LAB, NAME) | {"box_iou": wrong.text}
    view = open_notebook(visit, student, notebooks.solve(released(repo), cells), "no-clamp")
    view.run_all()
    expect(view.outputs("error")).to_have_count(1)
    said = view.outputs("error").inner_text()
    assert said.strip() == checks.box_iou.problem(wrong.function())
    assert [word for word in ("wanted", "came", "hint") if word in said] == ["wanted", "came", "hint"]
    assert not re.search(r"Traceback|File |Cell In|course/|\.py", said)
    nothing_after(view, code(released(repo)).index("checks.box_iou(box_iou)"))
    view.outputs("error").scroll_into_view_if_needed()
    view.page.screenshot(path=screenshots / "lab1-wrong-answer.png")


def nothing_after(view: NotebookPage, index: int) -> None:
    """The code cells up to ``index`` ran, the later ones did not."""
    expect(view.prompt(index)).to_have_text(f"[{index + 1}]:")
    expect(view.code_cells.locator(".jp-InputPrompt", has_text=re.compile(r"\d"))).to_have_count(index + 1)
