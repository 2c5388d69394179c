"""Collect hand-ins into ``submitted/``: each by itself, the newer of two, and never half of one."""

import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from nbformat import NotebookNode

from autograder.collecting.archives import ArchiveError
from autograder.collecting.contents import Contents, contents, unpack
from autograder.collecting.hand_ins import HandIn, Row
from autograder.collecting.placing import Place, digest
from autograder.collecting.record import Collected, Record, Student
from autograder.engine.renamed import candidates, known
from autograder.engine.submitted_cells import LARGEST


class Collector:
    """Collects the hand-ins of an assignment.

    Args:
        folder: gives a student's folder in ``submitted/``.
        released: the notebooks of the assignment, by name.
        wanted: endings of the files that are collected, in small letters.
        record: of what was collected before.
    """

    def __init__(
        self,
        folder: Callable[[str], Path],
        released: dict[str, NotebookNode],
        wanted: tuple[str, ...],
        record: Record,
    ) -> None:
        self._folder, self._released, self._wanted, self._record = folder, released, wanted, record

    def collect(self, hand_ins: list[HandIn]) -> Iterator[Row]:
        """Collect them one by one, and say what became of each."""
        by_student = defaultdict[str, list[HandIn]](list)
        for hand_in in self._told_apart(hand_ins):
            by_student[hand_in.owner.student].append(hand_in)
        spelled = defaultdict[str, set[str]](set)
        for student in (*by_student, *self._record.students):
            spelled[student.casefold()].add(student)
        for student, theirs in sorted(by_student.items()):
            others = sorted(spelled[student.casefold()] - {student})
            note = f"another student than {', '.join(others)}, by the capitals" if others else ""
            if len(theirs) > 1:  # the newest first: what is older then finds it there
                theirs.sort(key=lambda each: (_order(each, self._saved(each)), each.name), reverse=True)
            for hand_in in theirs:
                yield self._row(hand_in, note)

    def _told_apart(self, hand_ins: list[HandIn]) -> Iterator[HandIn]:
        """Give students of one name Moodle's number as well; one who was collected under the name alone keeps it."""
        persons = defaultdict[str, set[str]](set)
        for hand_in in hand_ins:
            persons[hand_in.owner.student].add(hand_in.owner.person)
        before = self._record.students
        for hand_in in hand_ins:
            owner = hand_in.owner
            numbered = f"{owner.student}_{owner.person}"
            first = before[owner.student].person if owner.student in before else ""
            shared = numbered in before or len(persons[owner.student]) > 1 or first not in ("", owner.person)
            if owner.person and owner.person != first and shared:
                yield replace(hand_in, owner=replace(owner, student=numbered))
            else:
                yield hand_in

    def _saved(self, hand_in: HandIn) -> float:
        """When a hand-in was saved; 0 where it cannot be read, which is said when it is to be collected."""
        try:
            with contents(hand_in, self._wanted) as found:
                return found.saved
        except (ArchiveError, OSError):
            return 0.0

    def _row(self, hand_in: HandIn, note: str) -> Row:
        """Collect a hand-in, and say what became of it."""
        late = "late, says Canvas" if hand_in.owner.late else ""
        try:
            with contents(hand_in, self._wanted) as found:
                done, older = self._collected(hand_in, found)
        except ArchiveError as error:
            return Row(False, hand_in.name, hand_in.owner.student, str(error))
        except OSError as error:
            return Row(False, hand_in.name, hand_in.owner.student, f"cannot be collected: {error.strerror}")
        words = "; ".join(filter(None, (*done, *older, found.left_out, late, note)))
        return Row(bool(done), hand_in.name, hand_in.owner.student, words)

    def _collected(self, hand_in: HandIn, found: Contents) -> tuple[list[str], list[str]]:
        """Put into the student's folder what is not older than what is there; in words, what was, and what was not."""
        done, older = [], []
        owner, order = hand_in.owner, _order(hand_in, found.saved)
        saved = {piece.path.name: piece.saved for piece in found.pieces}
        with tempfile.TemporaryDirectory() as temporary:
            unpack(found.pieces, Path(temporary))
            student = self._record.students.setdefault(owner.student, Student(owner.person))
            place = Place(self._folder(owner.student), student)
            for part, names in self._parts(Path(temporary)).items():
                fresh = Collected(order, hand_in.name, {name: digest(Path(temporary, name)) for name in names})
                if newer := place.newer(part, fresh, saved):
                    older.append(f"{', '.join(names)} is older than {newer}")
                else:
                    done.append(place.put(part, fresh, saved, Path(temporary)))
                    self._record.save()
        return done, older

    def _parts(self, folder: Path) -> dict[str, list[str]]:
        """The files in a folder by the released notebook that they are, whatever they are called, or else by name."""
        parts = defaultdict[str, list[str]](list)
        usual = {name.casefold(): name for name in self._released}
        found = candidates(folder, LARGEST, lambda path, most: path.read_bytes())
        by_cells = {
            each.path.name: name for name, notebook in self._released.items() for each in known(notebook, found)
        }
        for path in sorted(folder.iterdir()):
            called = usual.get(path.stem.casefold()) if path.suffix == ".ipynb" else None
            parts[called or by_cells.get(path.name) or path.name.casefold()].append(path.name)
        return parts


def _order(hand_in: HandIn, saved: float) -> list[float]:
    """Of two hand-ins the one with more is newer: by Canvas's number, else the time of saving, then that of arrival."""
    upload = hand_in.owner.upload
    return [upload, 0.0 if upload else saved, hand_in.arrived, hand_in.owner.again]
