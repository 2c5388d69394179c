"""students.csv as people and programs write it; a wrong one is told with file and line, and changes nothing."""

import csv
import io
from pathlib import Path

import pytest
from click.testing import CliRunner
from graded_course import Course
from hypothesis import given
from hypothesis import strategies as st
from nbgrader.api import Gradebook

import autograder.__main__ as commands
from autograder.commands.roster import read_roster
from autograder.errors import InstructorError

CLASS = [
    {"id": "ada", "first_name": "Ada", "last_name": "Lovelace, née Byron", "email": "ada@example.org"},
    {"id": "00123", "first_name": "王", "last_name": 'O"Brien; jr.', "email": ""},
]


def text(delimiter: str = ",", end: str = "\n", quoting: int = csv.QUOTE_MINIMAL) -> str:
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, list(CLASS[0]), delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writeheader()
    writer.writerows(CLASS)
    return buffer.getvalue()


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return tmp_path / "students.csv"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
def test_however_it_is_written_ids_and_names_are_the_same(
    delimiter: str, end: str, encoding: str, quoting: int, table: Path
) -> None:
    table.write_bytes(text(delimiter, end, quoting).encode(encoding))
    assert read_roster(table) == CLASS


WRITTEN = {  # and the ids that are found
    "names of columns with capitals and blanks": ("ID, First Name\nada,Ada\n", ["ada"]),
    "columns of others": ("group;id;room\n1;ada;2,5\n", ["ada"]),
    "id alone": ("id\nada\nbob\n", ["ada", "bob"]),
    "blank lines, and lines of empty fields": ("id,email\n\nada,\n,\n  \n\nbob,\n", ["ada", "bob"]),
    "no end of the last line": ("id,email\nada,x", ["ada"]),
    "empty fields behind the last column": ("id,email\nada,x,,\n", ["ada"]),
    "blanks around": ("id , email\n ada , x\n", ["ada"]),
    "Excel's word on the delimiter": ("sep=;\nid;last_name\nada;a,b,c,d\n", ["ada"]),
    "another delimiter, said so": ("sep=|\nid|last_name\nada|x\n", ["ada"]),
    "accents as macOS writes them": ("id\nZoe\u0308\n", ["Zo\u00eb"]),
    "nobody": ("id,email\n", []),
    "a line break in quotes": ('id,last_name\nada,"Love\nlace"\nbob,x\n', ["ada", "bob"]),
}


@pytest.mark.parametrize("kind", WRITTEN)
def test_what_people_and_programs_write_is_read(kind: str, table: Path) -> None:
    written, ids = WRITTEN[kind]
    table.write_text(written, encoding="utf-8", newline="")
    assert [student["id"] for student in read_roster(table)] == ids


WRONG = {
    "empty": (b"", "line 1: expected a column id, got nothing."),
    "no id": (b"name,email\nada,x\n", "line 1: expected a column id, got name,email."),
    "one column twice": (b"id,email,email\nada,x,y\n", "line 1: expected one column email, got 2."),
    "a comma without quotes": (
        b"id,last_name\nada,x\nbob,b,c\n",
        "line 3: expected 2 fields, as the header has, got 3.",
    ),
    "a field too few": (b"id,last_name\n\nada\n", "line 3: expected 2 fields, as the header has, got 1."),
    "an id twice": (b"id\nada\nbob\nada\n", "line 4: ada stands in line 2 already."),
    "no id in a row": (b"id,email\nada,x\n,y\n", "line 3: expected an id, got none."),
    "an id that is hidden": (b"id\n.ada\n", "line 2: the id '.ada' begins with a dot"),
    "a quote that does not end": (b'id,last_name\nada,"x\nbob,y\n', "line 2: the quotes do not match"),
    "not UTF-8": (
        "id,last_name\nada,x\nbob,Müller\n".encode("cp1252"),
        "line 3: expected text in UTF-8: in Excel, save it as",
    ),
    "UTF-16 cut short": (b"\xff\xfei\x00d", "expected"),
    "a workbook": (b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00\xb5U0#\xf4", "line 1: expected text in UTF-8"),
    "a NUL": (b"id,email\nada,\0\n", "line 2: expected text in UTF-8"),
    "UTF-16 that does not say so": ("id\nada\n".encode("utf-16-le"), "line 1: expected text in UTF-8"),
    "after a name of two lines": (b'id,last_name\nada,"x\ny"\nada,z\n', "line 4: ada stands in line 2 already."),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_table_is_told_with_file_and_line(kind: str, table: Path) -> None:
    content, said = WRONG[kind]
    table.write_bytes(content)
    with pytest.raises(InstructorError) as caught:
        read_roster(table)
    assert caught.value.message.startswith(f"{table}, line ")
    assert said in caught.value.message
    assert "\n" not in caught.value.message


@given(st.binary(max_size=200))
def test_no_file_of_any_kind_is_more_than_one_line(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    table = tmp_path_factory.getbasetemp() / "any.csv"
    table.write_bytes(content)
    done = CliRunner().invoke(commands.main, ["students", str(table), "--course", str(table.parent / "none")])
    assert isinstance(done.exception, SystemExit)
    assert len(done.output.splitlines()) == 1


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InstructorError, match=r"students\.csv cannot be read: No such file"):
        read_roster(tmp_path / "students.csv")


def people(course: Course) -> dict[str, tuple[str | None, str | None, str | None]]:
    with Gradebook(course.address, "rcnn-by-hand") as book:
        return {each.id: (each.first_name, each.last_name, each.email) for each in book.students}


def test_the_gradebook_knows_them_and_what_has_changed(tmp_path: Path, empty_gradebook: Path, table: Path) -> None:
    course = Course(tmp_path / "course", empty_gradebook)
    words = ["students", str(table), "--course", str(course.root)]
    table.write_bytes(text(";", "\r\n").encode("utf-8-sig"))
    done = CliRunner().invoke(commands.main, words)
    assert done.output == f"2 students in {table}, 2 of them new in the gradebook.\n"
    known = people(course)
    assert known["ada"] == ("Ada", "Lovelace, née Byron", "ada@example.org")
    assert known["00123"] == ("王", 'O"Brien; jr.', None)
    table.write_text("id,email\nada,lovelace@example.org\n")
    assert CliRunner().invoke(commands.main, words).exit_code == 0
    assert people(course) == {**known, "ada": ("Ada", "Lovelace, née Byron", "lovelace@example.org")}


def test_a_table_that_is_wrong_in_its_last_line_changes_nothing(
    tmp_path: Path, empty_gradebook: Path, table: Path
) -> None:
    course = Course(tmp_path / "course", empty_gradebook)
    table.write_text("id,email\nada,x\nbob,y\nada,z\n")
    done = CliRunner().invoke(commands.main, ["students", str(table), "--course", str(course.root)])
    assert done.exit_code == 1
    assert done.output == f"Error: {table}, line 4: ada stands in line 2 already.\n"
    assert people(course) == {}
