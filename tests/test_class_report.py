"""The class report of whatever was autograded: broken and missing notebooks, other gradebooks, others' settings."""

import csv
import json
import re
from pathlib import Path

import click
import nbformat
import pytest
from click.testing import CliRunner
from graded_course import LAB, TOTAL, Course
from nbgrader.api import Gradebook

import autograder.__main__ as commands
from autograder.commands import notebooks
from autograder.commands.class_results import Result, Student, collect
from autograder.commands.class_summary import averages
from autograder.errors import InstructorError
from autograder.grader.exercise_report import Report
from autograder.labs import LABS

BROKEN = "This notebook cannot be graded: it is broken JSON."


@pytest.fixture
def course(tmp_path: Path, empty_gradebook: Path) -> Course:
    return Course(tmp_path / "course", empty_gradebook)


def refusal(course: Path) -> str:
    with pytest.raises(InstructorError) as caught:
        collect(course, LAB)
    assert "\n" not in caught.value.message
    return caught.value.message


@pytest.mark.parametrize("text", [None, "", "hello", "[]", "\0\1", "[" * 10_000])
def test_a_broken_or_missing_notebook_has_its_row_and_its_reason(course: Course, text: str | None) -> None:
    course.hand_in("ada", json.dumps(course.released))
    course.grade("ada", 1.0)
    course.hand_in("bob", text)
    course.grade("bob", 0.0, BROKEN)
    ada, bob = collect(course.root, LAB)
    assert (ada.name, ada.score, ada.hint) == ("ada", TOTAL, "")
    assert (bob.name, bob.score, bob.points) == ("bob", 0, TOTAL)
    assert BROKEN in bob.hint
    assert [result.exercise for result in ada.results] == [result.exercise for result in bob.results]
    assert [result.exercise for result in bob.results][:2] == ["yxyx_to_xyxy", "box_area"]


def test_a_notebook_that_plain_nbgrader_left_out_counts_as_missing(course: Course) -> None:
    """Nbgrader's own autograde scores it 0 and writes no notebook."""
    course.hand_in("bob", None)
    course.grade("bob", 0.0)
    (course.root / "autograded" / "bob" / LAB / "boxes.ipynb").unlink()
    (bob,) = collect(course.root, LAB)
    assert (bob.score, bob.points, len(bob.results)) == (0, TOTAL, len(LABS[LAB]))
    assert "missing in the submission" in bob.hint


def test_the_command_writes_its_files_for_such_a_class(course: Course, tmp_path: Path) -> None:
    course.hand_in("bob", "hello")
    course.grade("bob", 0.0, BROKEN)
    result = CliRunner().invoke(
        commands.main, ["report", "--lab", LAB, "--out", str(tmp_path / "out"), "--course", str(course.root)]
    )
    assert result.exit_code == 0, result.output
    assert BROKEN in (tmp_path / "out" / "grades.csv").read_text(encoding="utf-8")
    assert BROKEN in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_the_seconds_are_the_engines_and_else_nbclients(course: Course) -> None:
    for student, seconds in (("ada", 2.5), ("bob", None)):
        course.hand_in(student, json.dumps(course.released))
        course.grade(student, 1.0, seconds=seconds)
    path = course.root / "autograded" / "bob" / LAB / "boxes.ipynb"
    notebook = notebooks.read(path)
    for cell, stamps in zip(notebook.cells, (("07", "08"), ("08", "11")), strict=False):
        cell.metadata["execution"] = {
            "iopub.execute_input": f"2026-01-01T00:00:{stamps[0]}Z",
            "shell.execute_reply": f"2026-01-01T00:00:{stamps[1]}Z",
        }
    nbformat.write(notebook, path)
    assert [student.seconds for student in collect(course.root, LAB)] == [2.5, 4.0]


def test_an_error_instead_of_a_report_is_shown(course: Course) -> None:
    course.hand_in("bob", json.dumps(course.released))
    course.grade("bob", 0.0)
    path = course.root / "autograded" / "bob" / LAB / "boxes.ipynb"
    notebook = notebooks.read(path)
    for cell in notebook.cells:
        if cell.get("outputs"):
            cell.outputs = [nbformat.v4.new_output("error", ename="NameError", evalue="no such name", traceback=[])]
    nbformat.write(notebook, path)
    (bob,) = collect(course.root, LAB)
    assert "NameError: no such name" in bob.hint


def test_the_table_loses_nothing_however_many_exercises_and_long_names_there_are() -> None:
    hint = "Whole pixels are not enough: divide with /, not with //."
    name = "a-student-with-a-long-login@example.org"
    results = tuple(Result(f"exercise_number_{number}", 2.25, 10.0, hint) for number in range(9))

    @click.command()
    def show() -> None:
        commands._show([Student(name, results, 1.0)])

    said = CliRunner().invoke(show, []).output
    assert name in said
    assert re.sub(r"\W+", " ", hint).strip() in re.sub(r"\W+", " ", said)
    assert "not with //." in " ".join(said.split())
    assert "…" not in said


def test_late_ones_absent_ones_and_names_are_in_all_forms(course: Course, tmp_path: Path) -> None:
    for student, share in (("ada", 1.0), ("bob", 0.0), ("cat", 0.5)):
        course.hand_in(student, json.dumps(course.released))
        course.grade(student, share)
    with Gradebook(course.address, "rcnn-by-hand") as book:
        book.update_or_create_student("ada", first_name="Ada", last_name="Lovelace")
        book.add_student("dan", first_name="Dan")
        for student, penalty in (("ada", 2.5), ("bob", 4.0)):
            book.find_submission_notebook("boxes", LAB, student).late_submission_penalty = penalty
        book.db.commit()
    out = tmp_path / "out"
    result = CliRunner().invoke(
        commands.main, ["report", "--lab", LAB, "--out", str(out), "--course", str(course.root)]
    )
    assert result.exit_code == 0, result.output
    with (out / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert [rows[name]["late"] for name in ("ada", "bob", "cat", "dan")] == ["-2.5", "0", "", ""]
    totals = [TOTAL - 2.5, 0, TOTAL / 2]
    assert [float(rows[name]["total"]) for name in ("ada", "bob", "cat")] == totals
    assert rows["dan"]["total"] == ""
    assert [rows[name]["name"] for name in ("ada", "cat", "dan")] == ["Ada Lovelace", "", "Dan"]
    assert rows["dan"]["hint"] == "not handed in"
    page = (out / "report.html").read_text(encoding="utf-8")
    for text in (result.output, page):
        assert "3 handed in (1 of them with 0 points), 1 did not." in text
        assert f"Of {TOTAL:g} points: {averages(totals)}." in text
    assert "Points off for lateness: 2.5, from 1 hand-ins." in page
    assert "<h2>Not handed in</h2>\n<p>dan (Dan)</p>" in page
    assert len(re.findall(r"1 with \d+ to (?:under )?\d+ points", page)) == 3
    assert "1 handed in nothing" in page


@pytest.mark.parametrize("relative", [False, True])
def test_the_gradebook_is_the_configured_one(tmp_path: Path, empty_gradebook: Path, relative: bool) -> None:
    root = tmp_path / "course"
    course = Course(root, empty_gradebook, "elsewhere.db")
    course.hand_in("ada", json.dumps(course.released))
    course.grade("ada", 0.5)
    written = "sqlite:///elsewhere.db" if relative else course.address
    (root / "nbgrader_config.py").write_text(
        f'c = get_config()\nc.CourseDirectory.db_url = {written!r}\nc.CourseDirectory.course_id = "a" + "b"\n'
    )
    (ada,) = collect(root, LAB)
    assert ada.score == TOTAL / 2
    assert not (root / "gradebook.db").exists()


def test_other_folders_are_nbgraders_settings_as_well(course: Course) -> None:
    course.hand_in("ada", json.dumps(course.released))
    course.grade("ada", 1.0)
    (course.root / "submitted").rename(course.root / "in")
    (course.root / "autograded").rename(course.root / "out")
    (course.root / "nbgrader_config.py").write_text(
        "c = get_config()\n"
        'c.CourseDirectory.submitted_directory = "in"\n'
        'c.CourseDirectory.autograded_directory = "out"\n'
    )
    assert [student.score for student in collect(course.root, LAB)] == [TOTAL]


def test_settings_of_the_folder_one_types_in_are_not_the_courses(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course.hand_in("ada", json.dumps(course.released))
    course.grade("ada", 1.0)
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "nbgrader_config.py").write_text('c = get_config()\nc.CourseDirectory.db_url = "nonsense"\n')
    monkeypatch.chdir(tmp_path / "here")
    assert [student.score for student in collect(course.root, LAB)] == [TOTAL]


def test_a_broken_config_is_told_and_not_passed_over(course: Course) -> None:
    course.hand_in("ada", json.dumps(course.released))
    course.grade("ada", 1.0)
    (course.root / "nbgrader_config.py").write_text("c = get_config()\n1 / 0\n")
    said = refusal(course.root)
    assert "nbgrader_config.py cannot be read" in said
    assert "ZeroDivisionError" in said


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("nonsense", ("no database's address",)),
        ("sqlite:////nowhere/at/all.db", ("no gradebook", "run nbgrader autograde")),
        ("postgresql+nothing://me:secret@host/grades", ("cannot be opened", "me:***@host")),
    ],
)
def test_a_gradebook_that_cannot_be_reached_is_told_without_its_password(
    course: Course, address: str, words: tuple[str, ...]
) -> None:
    course.hand_in("ada", json.dumps(course.released))
    (course.root / "nbgrader_config.py").write_text(f"c = get_config()\nc.CourseDirectory.db_url = {address!r}\n")
    said = refusal(course.root)
    assert "secret" not in said
    for word in words:
        assert word in said


def test_who_was_not_graded_yet_is_named(course: Course) -> None:
    course.hand_in("ada", json.dumps(course.released))
    course.grade("ada", 1.0)
    course.hand_in("bob", "hello")
    assert refusal(course.root) == f"not in the gradebook: bob; run nbgrader autograde {LAB} first."
    course.grade("bob", 0.0, BROKEN)
    folder = course.root / "autograded" / "bob"
    folder.rename(course.root / "moved")
    assert refusal(course.root) == f"not autograded: bob; run nbgrader autograde {LAB} first."


def test_the_hint_is_the_graders_word(course: Course) -> None:
    course.hand_in("bob", json.dumps(course.released))
    course.grade("bob", 0.5)
    path = course.root / "autograded" / "bob" / LAB / "boxes.ipynb"
    notebook = notebooks.read(path)
    for cell in notebook.cells:
        if cell.get("outputs"):
            told = Report("box_iou", 10.0, 5.0, 1, hint="Clamp before you multiply.")
            data = {"text/plain": "5.0", **told._repr_mimebundle_()}
            cell.outputs = [nbformat.v4.new_output("execute_result", data=data, execution_count=1)]
    nbformat.write(notebook, path)
    (bob,) = collect(course.root, LAB)
    assert bob.hint == "box_iou: Clamp before you multiply."
