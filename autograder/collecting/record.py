"""What was collected before, of each student, and how new it was: nothing older takes its place."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from course.files import atomic_write


@dataclass
class Collected:
    """One notebook of a student's as it was collected, or another file.

    Attributes:
        order: of two hand-ins, the one with more is newer.
        origin: the hand-in.
        files: the digests of the files, by name: copies of a notebook may lie beside it.
    """

    order: list[float]
    origin: str
    files: dict[str, str]


@dataclass
class Student:
    """A student's part of the record.

    Attributes:
        person: Moodle's number of the student in this assignment, or ``""``.
        parts: what was collected, by notebook.
    """

    person: str = ""
    parts: dict[str, Collected] = field(default_factory=dict)


class Record:
    """The record of an assignment, in a file that is whole at any time.

    Args:
        path: of the file.

    Raises:
        ValueError: the file is none of ours; the message says what to do.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.students: dict[str, Student] = {}
        if path.exists():
            try:
                for name, student in json.loads(path.read_text(encoding="utf-8")).items():
                    parts = {part: Collected(**each) for part, each in student["parts"].items()}
                    self.students[name] = Student(student["person"], parts)
            except (ValueError, TypeError, KeyError, AttributeError):
                raise ValueError(
                    f"{path} should say what was collected before, and cannot be read. Delete it: then a file in "
                    "submitted/ stays where it was saved later than the one in a zip"
                ) from None

    def save(self) -> None:
        """Write the file."""
        found = {name: asdict(student) for name, student in self.students.items()}
        atomic_write(self._path, json.dumps(found, ensure_ascii=False, indent=1))
