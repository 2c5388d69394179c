"""Read students.csv as spreadsheets, learning platforms and people write it."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from autograder.engine.student_ids import unfit
from autograder.errors import InstructorError
from autograder.escaping import terminal

COLUMNS = ("id", "first_name", "last_name", "email", "lms_user_id")  # the gradebook's
DELIMITERS = ",;\t"
UTF16 = (b"\xff\xfe", b"\xfe\xff")  # Excel's "Unicode text"


def read_roster(path: Path) -> list[dict[str, str]]:
    """Read a table of students.

    UTF-8 with or without BOM, and UTF-16 with one; commas, semicolons or tabs, whichever the header is written with;
    line ends of any system; fields in quotes or bare. Capitals and blanks in the header's names do not matter.

    Args:
        path: the file. Its first line names the columns: ``id``, and any of ``first_name``, ``last_name``, ``email``
            and ``lms_user_id``. Other columns are left out.

    Returns:
        one dictionary a student, with the columns that the file has; ``id`` is never empty.

    Raises:
        InstructorError: it cannot be read; the message names file and line, what was expected, and what came.
    """
    lines = io.StringIO(_text(path), newline="").readlines()
    first = 1
    if lines and (told := re.fullmatch(r'"?sep=(.)"?\s*', lines[0])):  # by which Excel is told the delimiter
        first, delimiters = 2, told[1]
    else:
        delimiters = DELIMITERS
    header = lines[first - 1] if len(lines) >= first else ""
    delimiter = max(delimiters, key=lambda each: len(set(_names(header, each)) & set(COLUMNS)))
    names = _names(header, delimiter)
    if "id" not in names:
        raise _wrong(path, first, f"expected a column id, got {terminal(header.strip()) or 'nothing'}")
    if twice := [name for name in COLUMNS if names.count(name) > 1]:
        raise _wrong(path, first, f"expected one column {twice[0]}, got {names.count(twice[0])}")
    students: dict[str, int] = {}
    found = []
    for line, row in _rows(path, lines, first, delimiter):
        student = _student(path, line, names, row)
        before = students.setdefault(student["id"], line)
        if before != line:
            raise _wrong(path, line, f"{terminal(student['id'])} stands in line {before} already")
        found.append(student)
    return found


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InstructorError(f"{path} cannot be read: {error.strerror}.") from None
    try:
        text = content.decode("utf-16" if content.startswith(UTF16) else "utf-8-sig")
        wrong = text.find("\0")
        begin = text[: max(wrong, 0)].count("\n")
    except UnicodeDecodeError as error:
        wrong, begin = error.start, content[: error.start].count(b"\n")
    if wrong >= 0:
        raise _wrong(path, begin + 1, "expected text in UTF-8: in Excel, save it as “CSV UTF-8”")
    return text


def _names(header: str, delimiter: str) -> list[str]:
    row = next(csv.reader([header], delimiter=delimiter), [])
    return [re.sub(r"[\s-]+", "_", name.strip().lower()) for name in row]


def _rows(path: Path, lines: list[str], first: int, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The rows below the header that hold something, with the lines that they begin in, counted from 1."""
    reader = csv.reader(lines[first:], delimiter=delimiter, strict=True)
    begin = first + 1
    try:
        for row in reader:
            if any(field.strip() for field in row):
                yield begin, [field.strip() for field in row]
            begin = first + reader.line_num + 1
    except csv.Error as error:
        raise _wrong(path, begin, f"the quotes do not match ({error})") from None


def _student(path: Path, line: int, names: list[str], row: list[str]) -> dict[str, str]:
    while len(row) > len(names) and not row[-1]:
        row = row[:-1]
    if len(row) != len(names):
        raise _wrong(path, line, f"expected {len(names)} fields, as the header has, got {len(row)}")
    student = {name: field for name, field in zip(names, row, strict=True) if name in COLUMNS}
    student["id"] = unicodedata.normalize("NFC", student["id"])  # as hand-ins are collected
    if not student["id"]:
        raise _wrong(path, line, "expected an id, got none")
    if why := unfit(student["id"]):
        raise _wrong(path, line, f"the id {student['id']!a} {why}")
    return student


def _wrong(path: Path, line: int, what: str) -> InstructorError:
    return InstructorError(f"{path}, line {line}: {what}.")
