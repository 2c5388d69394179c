"""The demo grades its class as its answers say, hides what is hidden, and plain nbgrader agrees."""

import csv
import html
import re
import shutil
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from test_secrets import leaked

from autograder.commands import demo, notebooks
from autograder.labs import answers, students

LAB = "lab1_boxes"


@pytest.fixture(scope="module")
def graded(demonstrated: tuple[Path, str]) -> tuple[Path, str]:
    """The demo's folder after ``python -m autograder demo``, and what the command printed."""
    return demonstrated


def grades(out: Path) -> dict[str, dict[str, str]]:
    with (out / "grades.csv").open(encoding="utf-8") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def gradebook(course: Path) -> dict[str, dict[str, float]]:
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        return {
            submission.student.id: {grade.name: grade.score for nb in submission.notebooks for grade in nb.grades}
            for submission in book.assignment_submissions(LAB)
        }


def test_right_answers_get_full_marks_and_wrong_ones_do_not(graded: tuple[Path, str]) -> None:
    rows = grades(graded[0])
    hints = {(answer.exercise, answer.name): answer.hint for answer in answers(LAB)}
    assert len(rows) == len(students(LAB)) >= 8
    points = {
        "yxyx_to_xyxy": 2,
        "box_area": 2,
        "box_iou": 10,
        "clip_boxes_to_image": 3,
        "remove_small_boxes": 3,
    }
    for student in students(LAB):
        for exercise, most in points.items():
            score = float(rows[student.student][exercise])
            if exercise in student.answers and not hints[exercise, student.answers[exercise]]:
                assert score == most, (student.student, exercise)
            else:
                assert score < most, (student.student, exercise)
            if exercise in student.written or exercise not in student.answers:
                assert score == 0, (student.student, exercise)
    assert float(rows["noor"]["total"]) == 0
    assert {name for name, row in rows.items() if float(row["total"]) == 20} == {"ada", "emmy", "grace"}


def test_grades_csv_is_the_gradebook(graded: tuple[Path, str]) -> None:
    rows = grades(graded[0])
    book = gradebook(graded[0] / "course")
    assert book.keys() == rows.keys()
    for name, scores in book.items():
        assert {f"test_{key}": float(value) for key, value in rows[name].items() if f"test_{key}" in scores} == scores
        assert float(rows[name]["total"]) == pytest.approx(sum(scores.values()))


def test_the_table_names_everybody_and_what_matters_most(graded: tuple[Path, str]) -> None:
    _, said = graded
    words = " ".join(said.split())
    for student in students(LAB):
        assert f" {student.student} " in words
    assert "Boxes that lie apart" in words
    assert "is not written yet" in words
    for name in ("grades.csv", "report.html", "feedback"):
        assert name in said


def test_the_report_shows_the_class(graded: tuple[Path, str]) -> None:
    page = (graded[0] / "report.html").read_text(encoding="utf-8")
    assert "Most frequent misconceptions" in page
    assert "You count pixels with + 1" in page
    alts = re.findall(r'<img src="data:image/png;base64,[^"]+" alt="([^"]+)"', page)
    assert len(alts) == 2
    assert sum(map(int, re.findall(r"(\d+) with [\d.]+ to (?:under )?[\d.]+ points", alts[0]))) == len(students(LAB))
    assert "box_iou" in alts[1]
    assert "<script" not in page


def test_feedback_tells_case_by_case_and_hides_what_is_hidden(graded: tuple[Path, str]) -> None:
    course = graded[0] / "course"
    hints = {(answer.exercise, answer.name): answer.hint for answer in answers(LAB)}
    for student in students(LAB):
        page = (course / "feedback" / student.student / LAB / "boxes.html").read_text(encoding="utf-8")
        text = html.unescape(re.sub(r"<[^>]+>", "", page))
        submitted = notebooks.read(course / "submitted" / student.student / LAB / "boxes.ipynb")
        own = "\n".join(cell.source for cell in submitted.cells)
        assert [line for line in leaked(text) if line not in own] == [], student.student
        assert "HIDDEN" not in text
        for exercise, name in student.answers.items():
            hint = hints[exercise, name]
            assert hint in text or not hint, (student.student, exercise)
        assert "seed" in text


def scores_by_plain_nbgrader(course: Path, names: set[str]) -> dict[str, dict[str, float]]:
    """What some of the class get with nothing of our configuration but the course's name."""
    shutil.copytree(notebooks.ROOT / "source" / LAB, course / "source" / LAB)
    (course / "nbgrader_config.py").write_text('c = get_config()\nc.CourseDirectory.course_id = "plain"\n')
    notebooks.nbgrader("generate_assignment", LAB, course=course)
    demo.hand_in(LAB, course)
    for folder in (course / "submitted").iterdir():
        if folder.name not in names:
            shutil.rmtree(folder)
    notebooks.nbgrader("autograde", LAB, course=course)
    return gradebook(course)


@pytest.mark.parametrize(
    "names",
    [
        pytest.param({"ada", "alan"}, id="all right, and wrong"),
        pytest.param(
            {student.student for student in students(LAB)} - {"ada", "alan"},
            id="the others",
            marks=pytest.mark.exhaustive,  # repeats it for the other eight
        ),
    ],
)
def test_plain_nbgrader_gives_the_same_scores(graded: tuple[Path, str], names: set[str], tmp_path: Path) -> None:
    ours = gradebook(graded[0] / "course")
    assert scores_by_plain_nbgrader(tmp_path / "course", names) == {name: ours[name] for name in names}
