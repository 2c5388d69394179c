"""nbgrader's formgrader in a real JupyterLab, on a graded class: what an instructor sees."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from lab_page import choose
from lab_server import LabServer
from nbgrader.api import Gradebook
from playwright.sync_api import FrameLocator, Page, expect

pytestmark = pytest.mark.browser

LAB, NAME, POINTS = "lab1_boxes", "boxes", 20

Scores = dict[str, dict[str, float]]


@pytest.fixture(scope="module")
def scores(graded_course: Path) -> Scores:
    """What the gradebook says: points by graded cell, for each student."""
    with Gradebook(f"sqlite:///{graded_course / 'gradebook.db'}") as gradebook:
        return {
            submission.student.id: {
                grade.name: grade.score for notebook in submission.notebooks for grade in notebook.grades
            }
            for submission in gradebook.assignment_submissions(LAB)
        }


@pytest.fixture
def window(instructor: LabServer, visit: Callable[[str], Page]) -> Page:
    """JupyterLab on the course folder, with formgrader opened from the menu."""
    window = visit(instructor.address())
    choose(window, "Nbgrader", "Formgrader")
    return window


@pytest.fixture
def formgrader(window: Page) -> FrameLocator:
    """The formgrader's own pages, which JupyterLab shows in a frame."""
    return window.frame_locator("#formgrader-iframe iframe")


def shown(score: float) -> str:
    """A score as formgrader writes it, with two decimals at most."""
    return f"{score:.2f}".rstrip("0").rstrip(".")


def total(score: dict[str, float]) -> str:
    return f"{shown(sum(score.values()))} / {POINTS}"


def test_the_assignment_is_listed_with_its_submissions(
    window: Page, formgrader: FrameLocator, scores: Scores, screenshots: Path
) -> None:
    expect(formgrader.locator("#main-table .name")).to_have_text([LAB])
    expect(formgrader.locator("#main-table .num-submissions")).to_have_text([str(len(scores))])
    window.screenshot(path=screenshots / "formgrader-assignments.png")


def test_every_student_has_the_score_of_the_gradebook(
    window: Page, formgrader: FrameLocator, scores: Scores, screenshots: Path
) -> None:
    assert len({total(score) for score in scores.values()}) == len(scores)  # else a mix-up could not be seen
    formgrader.get_by_role("link", name="Manage Students").click()
    expect(formgrader.locator("#main-table .score")).to_have_count(len(scores))
    for student, score in scores.items():
        row = formgrader.locator("#main-table tr").filter(has=formgrader.get_by_text(student, exact=True))
        expect(row.locator(".score")).to_have_text(total(score))
    window.screenshot(path=screenshots / "formgrader-students.png")


def test_a_submission_shows_score_and_report_of_every_exercise(
    window: Page, formgrader: FrameLocator, scores: Scores, screenshots: Path
) -> None:
    formgrader.get_by_role("link", name="Manual Grading").click()
    formgrader.get_by_role("link", name=LAB).click()
    formgrader.get_by_role("link", name=NAME, exact=True).click()
    expect(formgrader.locator("#main-table .score")).to_have_count(len(scores))
    formgrader.get_by_role("button", name="Show All Names").click()
    window.screenshot(path=screenshots / "formgrader-submissions.png")
    formgrader.get_by_role("link", name="mary").click()
    for cell, score in scores["mary"].items():
        field = formgrader.locator(f"input.score[id='{cell}']")
        expect(field).to_have_attribute("placeholder", shown(score))
        report = formgrader.get_by_text(f"{cell.removeprefix('test_')}: {shown(score)} of ")
        expect(report).to_be_visible()
    formgrader.get_by_text("box_iou: ").scroll_into_view_if_needed()
    window.screenshot(path=screenshots / "formgrader-submission.png")


def test_the_feedback_button_writes_a_page_with_the_reports_and_no_hidden_line(
    window: Page, formgrader: FrameLocator, instructor: LabServer, visit: Callable[[str], Page], scores: Scores
) -> None:
    formgrader.locator("#main-table .num-submissions a").click()
    row = formgrader.locator("#main-table tr").filter(has=formgrader.get_by_text("mary", exact=True))
    row.locator(".generate-feedback a").click()
    expect(formgrader.locator("#success-modal")).to_contain_text("mary")
    page = visit(f"{instructor.url}files/feedback/mary/{LAB}/{NAME}.html?token={instructor.token}")
    for cell, score in scores["mary"].items():
        row = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=cell.removeprefix("test_")))
        expect(row).to_contain_text(f"{shown(score)} of ")
    expect(page.locator("body")).not_to_contain_text("HIDDEN TESTS")


def test_the_autograde_button_grades_a_new_submission(
    window: Page, formgrader: FrameLocator, graded_course: Path, scores: Scores, screenshots: Path
) -> None:
    shutil.copytree(graded_course / "submitted" / "mary", graded_course / "submitted" / "zoe")
    formgrader.locator("#main-table .num-submissions a").click()
    row = formgrader.locator("#main-table tr").filter(has=formgrader.get_by_text("zoe", exact=True))
    expect(row.locator(".status")).to_have_text("needs autograding")
    row.locator(".autograde a").click()
    success = formgrader.locator("#success-modal")
    expect(success).to_contain_text("zoe", timeout=120_000)
    window.screenshot(path=screenshots / "formgrader-autograded.png")
    with Gradebook(f"sqlite:///{graded_course / 'gradebook.db'}") as gradebook:
        (notebook,) = gradebook.find_submission(LAB, "zoe").notebooks
        assert {grade.name: grade.score for grade in notebook.grades} == scores["mary"]
    running = subprocess.run(["ps", "-eo", "args="], capture_output=True, text=True, check=True).stdout
    assert not [line for line in running.splitlines() if "-m autograder.engine" in line and str(graded_course) in line]
