"""A student's folder in ``submitted/``: what is newer gets into it, file by file in one step each."""

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from autograder.collecting.record import Collected, Student
from course.files import replacing


@dataclass(frozen=True)
class Place:
    """A student's folder, and what is known of how it came to be.

    Attributes:
        folder: in ``submitted/``; it may not be there yet.
        student: the student's part of the record, which is kept up to date.
    """

    folder: Path
    student: Student

    def newer(self, part: str, fresh: Collected, saved: dict[str, float]) -> str:
        """What is there and at least as new as something that could be put there; ``""`` where nothing is.

        Args:
            part: which notebook it is, or other file.
            fresh: what could be put there.
            saved: when its files were saved, by name.
        """
        before = self._before(part)
        if before is None:
            # of files that something else has put there no more is known than their time
            there = [name for name in fresh.files if (self.folder / name).exists()]
            newer = [name for name in there if not self._holds(name, fresh) and saved[name] <= self._when(name)]
            return f"the one in {self.folder}, which zip_collect did not put there" if newer else ""
        mended = before.order == fresh.order and before.origin == fresh.origin
        if before.files == fresh.files or before.order < fresh.order or mended:
            return ""
        return f"that of {before.origin}"

    def put(self, part: str, fresh: Collected, saved: dict[str, float], source: Path) -> str:
        """Put files there that are no older than what is there, and give in words what changed.

        Args:
            part: which notebook they are, or other file.
            fresh: what they are.
            saved: when they were saved, by name.
            source: the folder that they lie in.

        Raises:
            OSError: they cannot be written; those that were are whole, and the same call once more goes on.
        """
        before = self._before(part)
        unchanged = before is not None and before.files == fresh.files  # what was mended by hand since stays so
        names = [
            name
            for name in fresh.files
            if not (self.folder / name).exists() or not (unchanged or self._holds(name, fresh))
        ]
        for left_behind in self.folder.glob(".*.part"):  # by a run that was killed
            left_behind.unlink(missing_ok=True)
        for name in names:
            with replacing(self.folder / name) as beside:
                shutil.copyfile(source / name, beside)
                if saved[name]:  # by which grading chooses among copies of a notebook
                    os.utime(beside, (saved[name], saved[name]))
        gone = before.files.keys() - fresh.files.keys() if before else set()
        for name in gone:
            (self.folder / name).unlink(missing_ok=True)
        if before is None or not unchanged or before.order < fresh.order:
            self.student.parts[part] = fresh
        files = ", ".join(fresh.files)
        if not names:
            return f"{files} was there already"
        return f"{files} in the place of that of {before.origin}" if before and not unchanged else files

    def _before(self, part: str) -> Collected | None:
        """What was collected before, unless all of it has been deleted since."""
        before = self.student.parts.get(part)
        return before if before and any((self.folder / name).exists() for name in before.files) else None

    def _holds(self, name: str, fresh: Collected) -> bool:
        return digest(self.folder / name) == fresh.files[name]

    def _when(self, name: str) -> float:
        return (self.folder / name).stat().st_mtime


def digest(path: Path) -> str:
    """By which a file's content is known."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
