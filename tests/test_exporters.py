"""Exported grades, read as Canvas and Moodle read them, are the gradebook's."""

import csv
import logging
import shutil
import warnings
from collections.abc import Iterator
from logging.handlers import BufferingHandler
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook
from nbgrader_commands import nbgrader

from autograder.nbgrader_plugins.exporters import CanvasExporter, MoodleExporter
from autograder.nbgrader_plugins.lms_exporter import LmsExporter

LABS = {"lab1_boxes": {"test_box_area": 2, "test_box_iou": 10}, "lab2_anchors": {"test_grid_anchors": 6}}
# by student: first name, last name, e-mail, Canvas's number, and points by graded cell
CLASS: dict[str, tuple[str, str, str, str, dict[str, float]]] = {
    "ada": ("Ada", "Lovelace", "ada@example.org", "101", {"test_box_area": 2, "test_box_iou": 7.333}),
    "noor": ("Noor", "O’Brien, Jr.", "noor@example.org", "102", {"test_box_area": 0, "test_box_iou": 0}),
    "wei": ("伟", "王", "wei@example.org", "103", {}),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gradebook, made once since nbgrader runs a program for each new one.

    Ada has most of lab 1, noor handed in and has nothing, wei handed in nothing.
    """
    path = tmp_path_factory.mktemp("made") / "grades of 2026.db"
    # nbgrader ties a submission to its assignment before it adds it, which SQLAlchemy 2.1 remarks upon
    with warnings.catch_warnings(action="ignore"), Gradebook(f"sqlite:///{path}", "a course") as book:
        for lab, cells in LABS.items():
            book.add_assignment(lab)
            book.add_notebook("notebook", lab)
            for cell, points in cells.items():
                book.add_grade_cell(cell, "notebook", lab, max_score=points, cell_type="code")
        book.add_solution_cell("box_iou", "notebook", "lab1_boxes")
        for name, (first, last, email, number, scores) in CLASS.items():
            book.add_student(name, first_name=first, last_name=last, email=email, lms_user_id=number)
            if scores:
                book.add_submission("lab1_boxes", name)
                for cell, score in scores.items():
                    book.find_grade(cell, "notebook", "lab1_boxes", name).auto_score = score
        book.db.commit()
    return path


@pytest.fixture
def address(made: Path, tmp_path: Path) -> str:
    """A copy of that gradebook."""
    return f"sqlite:///{shutil.copy(made, tmp_path)}"


@pytest.fixture
def book(address: str) -> Iterator[Gradebook]:
    with Gradebook(address, "a course") as opened:
        yield opened


def cells_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, strict=True))


def as_canvas(path: Path) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Points possible and scores by title, by the rules of Canvas's importer (lib/gradebook_importer.rb)."""
    header, *rows = cells_of(path)
    assert "Student" in header[0]
    assert header[1:4] == ["ID", "SIS User ID", "SIS Login ID"]
    assert "Section" in header[4]
    assert {len(row) for row in rows} == {len(header)}
    possible: dict[str, str] = {}
    scores = {}
    for row in rows:
        cells = dict(zip(header[5:], row[5:], strict=True))
        if "Points Possible" in row[0]:
            assert not possible
            possible = cells
        else:
            scores[next(filter(None, (row[1], row[2], row[3], row[0])))] = cells
    return possible, scores


def as_moodle(path: Path, column: str) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row[column]: row for row in csv.DictReader(file, strict=True)}


def refusal(exporter: LmsExporter, book: Gradebook) -> str:
    """What the exporter says when it gives up, having written nothing."""
    # a logger of its own: levels and handlers of nbgrader's are changed by whatever ran in this process before
    exporter.log = logging.Logger("exporter")
    exporter.log.addHandler(said := BufferingHandler(100))
    with pytest.raises(SystemExit) as stopped:
        exporter.export(book)
    assert stopped.value.code == 1
    assert not Path(exporter.to).exists()
    return said.buffer[-1].getMessage()


def test_canvas_reads_everybodys_points(book: Gradebook, tmp_path: Path) -> None:
    CanvasExporter(to=str(tmp_path / "out.csv")).export(book)
    possible, scores = as_canvas(tmp_path / "out.csv")
    assert {title: float(points) for title, points in possible.items()} == {"lab1_boxes": 12, "lab2_anchors": 6}
    assert scores == {
        "101": {"lab1_boxes": "9.33", "lab2_anchors": ""},
        "102": {"lab1_boxes": "0", "lab2_anchors": ""},
        "103": {"lab1_boxes": "", "lab2_anchors": ""},
    }


def test_canvas_gets_its_own_titles_and_logins(book: Gradebook, tmp_path: Path) -> None:
    settings: dict[str, Any] = {"field": "student_id", "column": "SIS Login ID"}
    exporter = CanvasExporter(
        to=str(tmp_path / "out.csv"), titles={"lab1_boxes": "Lab 1 (4711)"}, assignment=["lab1_boxes"], **settings
    )
    exporter.export(book)
    possible, scores = as_canvas(tmp_path / "out.csv")
    assert list(possible) == ["Lab 1 (4711)"]
    assert scores.keys() == {"ada", "noor", "wei"}


def test_canvas_shows_names_last_name_first(book: Gradebook, tmp_path: Path) -> None:
    book.add_student("anonymous", lms_user_id="7")
    CanvasExporter(to=str(tmp_path / "out.csv")).export(book)
    names = [row[0] for row in cells_of(tmp_path / "out.csv")]
    assert sorted(names[2:]) == ["Lovelace, Ada", "O’Brien, Jr., Noor", "anonymous", "王, 伟"]


def test_moodle_reads_points_and_comments(book: Gradebook, tmp_path: Path) -> None:
    (submission,) = book.find_submission("lab1_boxes", "ada").notebooks
    submission.late_submission_penalty = 1.5
    book.find_comment("box_iou", "notebook", "lab1_boxes", "ada").manual_comment = 'Lovely, "short" and clear.'
    book.db.commit()
    MoodleExporter(to=str(tmp_path / "out.csv")).export(book)
    rows = as_moodle(tmp_path / "out.csv", "Email address")
    assert rows.keys() == {"ada@example.org", "noor@example.org", "wei@example.org"}
    ada, wei = rows["ada@example.org"], rows["wei@example.org"]
    assert (ada["First name"], ada["Last name"]) == ("Ada", "Lovelace")
    assert float(ada["lab1_boxes"]) == pytest.approx(2 + 7.33 - 1.5)
    points, written = ada["lab1_boxes (feedback)"].splitlines()
    assert points == "box_area 2 of 2 · box_iou 7.33 of 10 · late: − 1.5"
    assert written == 'Lovely, "short" and clear.'
    assert rows["noor@example.org"]["lab1_boxes"] == "0"
    assert wei["Last name"] == "王"
    assert {wei[title] for title in ("lab1_boxes", "lab1_boxes (feedback)", "lab2_anchors")} == {""}


def test_moodle_can_know_students_by_number(book: Gradebook, tmp_path: Path) -> None:
    MoodleExporter(to=str(tmp_path / "out.csv"), field="lms_user_id", column="ID number", student=["ada"]).export(book)
    assert as_moodle(tmp_path / "out.csv", "ID number").keys() == {"101"}


def test_a_penalty_never_makes_a_score_negative(book: Gradebook, tmp_path: Path) -> None:
    (submission,) = book.find_submission("lab1_boxes", "noor").notebooks
    submission.late_submission_penalty = 3
    book.db.commit()
    CanvasExporter(to=str(tmp_path / "out.csv")).export(book)
    assert as_canvas(tmp_path / "out.csv")[1]["102"]["lab1_boxes"] == "0"


@pytest.mark.parametrize(
    ("exporter", "gone", "words"),
    [
        (CanvasExporter, "lms_user_id", ("No lms_user_id", "--lms-user-id=", "c.CanvasExporter.field")),
        (MoodleExporter, "email", ("No email", "--email=", "c.MoodleExporter.field")),
    ],
)
def test_who_lacks_an_id_is_named(
    exporter: type[LmsExporter],
    gone: str,
    words: tuple[str, ...],
    book: Gradebook,
    tmp_path: Path,
) -> None:
    setattr(book.find_student("noor"), gone, " ")
    setattr(book.find_student("wei"), gone, None)
    book.db.commit()
    said = refusal(exporter(to=str(tmp_path / "out.csv")), book)
    for word in (*words, "noor, wei", "nbgrader db student"):
        assert word in said
    assert "ada" not in said


def test_a_class_without_ids_fits_into_one_message(book: Gradebook, tmp_path: Path) -> None:
    for number in range(30):
        book.add_student(f"student-{number:02}")
    said = refusal(CanvasExporter(to=str(tmp_path / "out.csv")), book)
    assert "student-00" in said
    assert "and 18 more" in said
    assert len(said) < 600


def test_two_students_with_the_same_id_are_named(book: Gradebook, tmp_path: Path) -> None:
    book.find_student("wei").email = "ada@example.org"
    book.db.commit()
    said = refusal(MoodleExporter(to=str(tmp_path / "out.csv")), book)
    for word in ("ada", "wei", "the same email", "ada@example.org"):
        assert word in said


def test_a_login_is_not_written_as_canvas_number(book: Gradebook, tmp_path: Path) -> None:
    said = refusal(CanvasExporter(to=str(tmp_path / "out.csv"), field="student_id"), book)
    assert "ada (ada)" in said
    assert "c.CanvasExporter.column = 'SIS Login ID'" in said


def test_columns_come_by_the_labs_numbers_and_by_date_where_there_is_one(book: Gradebook, tmp_path: Path) -> None:
    for lab, due in (
        ("lab10_yolo", None),
        ("lab11_openpose", None),
        ("lab9_unet", "2026-12-01"),
        ("lab20_b", "2026-11-01"),
    ):
        book.add_assignment(lab, duedate=due)
    path = tmp_path / "out.csv"
    MoodleExporter(to=str(path)).export(book)
    (header, *_) = cells_of(path)
    labs = list(dict.fromkeys(name.partition(" ")[0] for name in header if name.startswith("lab")))
    assert labs == [*LABS, "lab10_yolo", "lab11_openpose", "lab20_b", "lab9_unet"]


@pytest.mark.parametrize(("what", "name"), [("assignment", "lab9"), ("student", "eve")])
def test_what_is_not_in_the_gradebook_is_named(what: str, name: str, book: Gradebook, tmp_path: Path) -> None:
    chosen: dict[str, Any] = {what: [name]}
    said = refusal(CanvasExporter(to=str(tmp_path / "out.csv"), **chosen), book)
    assert f"No {what} in the gradebook is called {name}" in said


def test_an_empty_gradebook_is_told(book: Gradebook, tmp_path: Path) -> None:
    for lab in LABS:
        book.remove_assignment(lab)
    assert "no assignment" in refusal(MoodleExporter(to=str(tmp_path / "out.csv")), book)


def test_nbgrader_export_uses_them_with_the_courses_own_gradebook(address: str, tmp_path: Path) -> None:
    config = (
        f'c = get_config()\nc.CourseDirectory.course_id = "a course"\nc.CourseDirectory.db_url = {address!r}\n'
        'c.CanvasExporter.titles = {"lab1_boxes": "Lab 1 (4711)"}\n'
    )
    (tmp_path / "nbgrader_config.py").write_text(config, encoding="utf-8")
    exporter = "autograder.nbgrader_plugins.exporters.CanvasExporter"
    done = nbgrader("export", "--exporter", exporter, course=tmp_path)
    assert done.returncode == 0, done.stderr
    possible, scores = as_canvas(tmp_path / "canvas.csv")
    assert list(possible) == ["Lab 1 (4711)", "lab2_anchors"]
    assert scores["101"]["Lab 1 (4711)"] == "9.33"
