"""Students' ids of every kind are graded and given feedback, or refused by name; nobody is left out in silence."""

import os
import shutil
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from nbgrader.api import Gradebook
from nbgrader_commands import nbgrader

from autograder.__main__ import main
from autograder.engine.student_ids import twin, unfit

LAB = "lab1_boxes"
FIT = [
    "ada",
    "Ada [she]",
    "a",  # what the pattern [a] stands for
    "[a]",
    "*",
    "what? no",
    "Zoe\u0308 Ko\u0308nig",
    "प्रिया शर्मा",
    "=1+1",
    "{student_id}",
    "o'brien, %s",
    "x" * 200,
]
REFUSED = {b"new\nline": "line break", b"esc\x1b[31m": "control", b"Jos\xe9": "not UTF-8", b".hidden": "dot"}


def hand_in(course: Path, students: list[str] | list[bytes]) -> None:
    """These students hand in nothing but the release: it is judged once for all."""
    for student in students:
        folder = os.path.join(os.fsencode(course / "submitted"), os.fsencode(student), LAB.encode())
        os.makedirs(folder)
        shutil.copy(course / "release" / LAB / "boxes.ipynb", os.path.join(folder, b"boxes.ipynb"))


def known(course: Path) -> set[str]:
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        return {submission.student.id for submission in book.assignment_submissions(LAB)}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory, lay_course: Callable[[Path], Path]) -> Path:
    """A class of all kinds, graded and with feedback; and what was said."""
    made = lay_course(tmp_path_factory.mktemp("ids") / "course")
    hand_in(made, [*map(os.fsencode, FIT), *REFUSED])
    done = nbgrader("autograde", LAB, course=made)
    (made / "said.txt").write_text(f"{done.returncode}\n{done.stdout}{done.stderr}")
    fed = nbgrader("generate_feedback", LAB, course=made)
    assert fed.returncode == 0, fed.stderr
    return made


@pytest.mark.sandbox
@pytest.mark.parametrize("student", FIT)
def test_a_student_is_graded_and_given_a_page_and_nothing_else(student: str, course: Path) -> None:
    assert student in known(course)
    pages = sorted(path.name for path in (course / "feedback" / student / LAB).iterdir())
    assert pages == ["boxes.html"]  # above all no notebook, which has the hidden tests


@pytest.mark.sandbox
@pytest.mark.parametrize("student", REFUSED)
def test_who_is_refused_is_named_with_the_reason_and_the_exit_status_says_so(student: bytes, course: Path) -> None:
    status, *lines = (course / "said.txt").read_text().splitlines()
    assert status != "0"
    name = ascii(os.fsdecode(student))
    (line,) = [line for line in lines if name in line]
    assert "ERROR" in line
    assert REFUSED[student] in line
    assert "Rename" in line
    assert known(course) == set(FIT)
    assert len(list((course / "feedback").iterdir())) == len(FIT)


@pytest.mark.sandbox
def test_an_id_in_nfd_is_graded_with_a_warning_that_names_both_spellings(course: Path) -> None:
    (line,) = [line for line in (course / "said.txt").read_text().splitlines() if "NFD" in line]
    assert ascii("Zoe\u0308 Ko\u0308nig") in line
    assert ascii("Zoë König") in line


@pytest.mark.sandbox
def test_the_report_has_the_class_and_names_who_is_missing(course: Path, tmp_path: Path) -> None:
    words = ["report", "--lab", LAB, "--out", str(tmp_path / "out"), "--course", str(course)]
    done = CliRunner().invoke(main, words)
    assert (tmp_path / "out" / "report.html").is_file(), done.output
    assert done.exit_code == 1
    for student in REFUSED:
        assert ascii(os.fsdecode(student)) in done.stderr
    assert "\x1b" not in done.output


@pytest.mark.sandbox
def test_one_student_with_brackets_alone(course: Path, tmp_path: Path, lay_course: Callable[[Path], Path]) -> None:
    """``../shared/faults/31``, and each command asked for that student; what is handed in was judged for the class."""
    hand_in(lay_course(tmp_path / "course"), ["Ada [she]"])
    shutil.copytree(course / ".grader" / "results", tmp_path / "course" / ".grader" / "results")
    page = tmp_path / "course" / "feedback" / "Ada [she]" / LAB / "boxes.html"
    for more in ((), ("--student", "Ada [she]", "--force")):
        done = nbgrader("autograde", LAB, *more, course=tmp_path / "course")
        assert done.returncode == 0, done.stderr
        done = nbgrader("generate_feedback", LAB, *more, course=tmp_path / "course")
        assert done.returncode == 0, done.stderr
        assert page.is_file()
        page.unlink()
        shutil.rmtree(page.parent)


def test_nothing_found_is_said_as_nbgrader_says_it(tmp_path: Path, lay_course: Callable[[Path], Path]) -> None:
    done = nbgrader("generate_feedback", LAB, course=lay_course(tmp_path / "course"))
    assert done.returncode != 0
    assert "No notebooks were matched" in done.stderr


@pytest.mark.parametrize("student", ["प्रिया", "\u0958", "ada", "王伟"])
def test_what_has_no_usual_spelling_of_its_own_has_no_twin(student: str) -> None:
    assert not unfit(student)
    assert twin(student) == ""


def test_a_twin_is_the_usual_spelling() -> None:
    assert twin(unicodedata.normalize("NFD", "Nguyễn")) == "Nguyễn"


def test_an_id_too_long_for_files_is_refused() -> None:
    assert "200 bytes" in unfit("王" * 67)
