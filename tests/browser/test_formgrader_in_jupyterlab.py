"""nbgrader's formgrader in a real JupyterLab, on a class that was graded: the scores that an instructor sees."""

from collections.abc import Callable
from pathlib import Path

import pytest
from lab_page import choose
from lab_server import LabServer
from nbgrader.api import Gradebook
from playwright.sync_api import FrameLocator, Page, expect

pytestmark = pytest.mark.browser

LAB, NAME = "lab1_boxes", "boxes"


@pytest.fixture(scope="module")
def scores(graded_course: Path) -> dict[str, dict[str, float]]:
    """What the gradebook says: points by graded cell, for each student."""
    with Gradebook(f"sqlite:///{graded_course / 'gradebook.db'}") as gradebook:
        return {
            submission.student.id: {
                grade.name: grade.score for notebook in submission.notebooks for grade in notebook.grades
            }
            for submission in gradebook.assignment_submissions(LAB)
        }


@pytest.fixture(scope="module")
def page(instructor: LabServer, visit: Callable[[str], Page]) -> Page:
    """JupyterLab on the course folder, with formgrader opened from the menu."""
    page = visit(instructor.address())
    choose(page, "Nbgrader", "Formgrader")
    return page


@pytest.fixture
def formgrader(page: Page) -> FrameLocator:
    """The formgrader's pages, which JupyterLab shows in a frame."""
    return page.frame_locator("#formgrader-iframe iframe")


def shown(score: float) -> str:
    """A number as formgrader rounds it."""
    return f"{score:.2f}".rstrip("0").rstrip(".")


def test_the_assignment_is_listed_with_its_submissions(
    page: Page, formgrader: FrameLocator, scores: dict, screenshots: Path
) -> None:
    formgrader.get_by_role("link", name="Manage Assignments").first.click()
    row = formgrader.locator("#main-table tr")
    expect(row).to_have_count(1)
    expect(row.locator(".name")).to_have_text(LAB)
    expect(row.locator(".num-submissions")).to_have_text(str(len(scores)))
    page.screenshot(path=screenshots / "formgrader-assignments.png")


def test_every_student_has_the_gradebooks_score(
    page: Page, formgrader: FrameLocator, scores: dict, screenshots: Path
) -> None:
    formgrader.get_by_role("link", name="Manage Students").click()
    expect(formgrader.locator("#main-table .id")).to_have_text(sorted(scores))
    totals = [f"{shown(sum(scores[name].values()))} / 20" for name in sorted(scores)]
    expect(formgrader.locator("#main-table .score")).to_have_text(totals)
    page.screenshot(path=screenshots / "formgrader-students.png")


def test_a_submission_shows_the_score_and_the_report_of_every_exercise(
    page: Page, formgrader: FrameLocator, scores: dict, screenshots: Path
) -> None:
    formgrader.get_by_role("link", name="Manual Grading").click()
    formgrader.get_by_role("link", name=LAB).click()
    formgrader.get_by_role("link", name=NAME, exact=True).click()
    row = formgrader.locator("#main-table tr", has_text="mary")
    expect(row.locator(".score")).to_have_text(f"{shown(sum(scores['mary'].values()))} / 20")
    row.locator(".name-hidden:visible").last.click()
    ...
