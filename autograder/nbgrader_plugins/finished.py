"""Which submissions nbgrader has written to the end, so that an interrupted run goes on where it was."""

import hashlib
import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

from course.files import atomic_write


class Finished:
    """The marks of one assignment, each with what was handed in then, and which of its notebooks are uncertain.

    Args:
        folder: of all marks.
        assignment: its name.
    """

    def __init__(self, folder: Path, assignment: str) -> None:
        self._folder = folder / assignment

    def holds(self, student: str, submission: Path) -> bool:
        """Whether this very submission, the folder of a clean copy, is finished; none is with an uncertain result."""
        mark = self._read(student)
        return not mark.get("uncertain") and mark.get("digest") == _digest(submission)

    def uncertain(self, student: str) -> list[str]:
        """The notebooks whose results are uncertain: the grader failed on them."""
        return list(self._read(student).get("uncertain", []))

    def doubt(self, student: str, notebook: str) -> None:
        """Note that a notebook's result is uncertain, before nbgrader writes it."""
        mark = self._read(student)
        mark["uncertain"] = sorted({*mark.get("uncertain", []), notebook})
        atomic_write(self._path(student), json.dumps(mark))

    def add(self, student: str, submission: Path, certain: Collection[str]) -> None:
        """Note that nbgrader has written all of a submission: the gradebook, and the autograded notebooks.

        Args:
            student: whose.
            submission: the folder of its clean copy.
            certain: the notebooks of which it has written certain results.
        """
        doubted = [name for name in self.uncertain(student) if name not in certain]
        atomic_write(self._path(student), json.dumps({"digest": _digest(submission), "uncertain": doubted}))

    def _path(self, student: str) -> Path:
        return self._folder / f"{student}.json"

    def _read(self, student: str) -> dict[str, Any]:
        try:
            return dict(json.loads(self._path(student).read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError):
            return {}


def _digest(folder: Path) -> str:
    """What was handed in, as one short text."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:32]
