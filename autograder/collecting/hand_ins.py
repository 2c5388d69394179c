"""Find the hand-ins below a folder: zips, bare files and folders, or what lies in the zip of a whole class."""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from autograder.collecting.archives import JUNK, ArchiveError, member, opened, reading, shown
from autograder.collecting.owners import PLATFORMS, Owner, Reader, UnclearNameError, once
from autograder.engine.student_ids import unfit

CLASS_TABLE = 2**23  # bytes of a class's table of contents: some 50,000 names
UNFINISHED = (".crdownload", ".part", ".partial", ".download", ".opdownload", ".tmp")
ZIP = b"PK"


@dataclass(frozen=True)
class Piece:
    """A file that was handed in, not opened yet.

    Attributes:
        path: its name below the folder, or below the class's zip.
        size: in bytes, as far as is known before it is read.
        saved: when, in seconds; 0 where that is not known.
        open: opens it to be read.
    """

    path: PurePosixPath
    size: int
    saved: float
    open: Callable[[], AbstractContextManager[IO[bytes]]]


@dataclass(frozen=True)
class HandIn:
    """What came from one student at once: a zip, a file, or the files of a folder.

    Attributes:
        name: where it lies.
        owner: whose it is.
        pieces: its files.
        is_zip: whether its only file is to be unpacked.
        arrived: when it, or the class's zip, came to lie there, in seconds.
    """

    name: str
    owner: Owner
    pieces: tuple[Piece, ...]
    is_zip: bool
    arrived: float


@dataclass(frozen=True)
class Row:
    """What became of something that lies there: a line of the closing table.

    Attributes:
        collected: whether it was, or was before.
        name: where it lies.
        student: whose it is; ``""`` where that is not known.
        why: what there is to say of it.
    """

    collected: bool
    name: str
    student: str
    why: str


class Finder:
    """Finds hand-ins, and says why what it leaves is none. Class's zips are kept open until it is closed.

    Args:
        platform: which one names them, of :data:`PLATFORMS`.
        assignment: what they are of.
        wanted: endings of the files that are collected, in small letters.

    Attributes:
        skipped: what is no hand-in.
    """

    def __init__(self, platform: str, assignment: str, wanted: tuple[str, ...]) -> None:
        self.skipped: list[Row] = []
        self._platform, self._assignment, self._wanted = platform, assignment, wanted
        self._read, self._expected = PLATFORMS[platform]
        self._open = ExitStack()

    def close(self) -> None:
        """Close the zips of whole classes: what lies in them can be read no more."""
        self._open.close()

    def find(self, folder: Path) -> list[HandIn]:
        """The hand-ins below a folder."""
        found, loose = [], []
        for path in _files(folder):
            name = PurePosixPath(path.relative_to(folder))
            with self._telling(str(name)):
                about = path.stat()
                if not stat.S_ISREG(about.st_mode):
                    raise UnclearNameError("is no file")
                piece = Piece(name, about.st_size, about.st_mtime, partial(_on_disk, path))
                if self._platform and not _names(self._read, name, self._assignment) and self._is_zip(piece):
                    found += self._of_a_class(piece)
                else:
                    loose.append(piece)
        return found + self._grouped(loose)

    def _of_a_class(self, piece: Piece) -> list[HandIn]:
        """The hand-ins in the zip of a whole class. Names in there are the platform's, but not in zips in there."""
        archive = self._open.enter_context(opened(self._open.enter_context(piece.open()), CLASS_TABLE))
        pieces = []
        for info in archive.infolist():
            with self._telling(f"{piece.path}/{info.filename}"):
                if (found := member(info)) is None:
                    continue
                if not found.legible:
                    raise UnclearNameError("is not named in UTF-8, so that it is not clear whose it is")
                pieces.append(Piece(found.path, found.size, found.saved, partial(reading, archive, found)))
        return self._grouped(pieces, f"{piece.path}/", piece.saved)

    def _grouped(self, pieces: list[Piece], prefix: str = "", arrived: float = 0.0) -> list[HandIn]:
        """Hand-ins by the outermost name that says whose they are; each zip is one by itself."""
        groups: dict[tuple[PurePosixPath, int], tuple[Owner, list[Piece]]] = {}
        for number, piece in enumerate(pieces, start=1):
            with self._telling(f"{prefix}{piece.path}"):
                if piece.path.suffix.lower() in UNFINISHED:
                    raise UnclearNameError("is a download that has not ended: get it once more")
                where, owner = self._owner(piece.path)
                if problem := unfit(owner.student):
                    raise UnclearNameError(f"is of {shown(owner.student)}, which {problem}: no id of a student")
                is_zip = self._is_zip(piece)
                file = owner.file if where == piece.path and owner.file else once(piece.path.name)
                part = piece if is_zip else replace(piece, path=piece.path.with_name(file))
                groups.setdefault((piece.path, number) if is_zip else (where, 0), (owner, []))[1].append(part)
        return [
            HandIn(f"{prefix}{where}", owner, tuple(group), number > 0, arrived or max(each.saved for each in group))
            for (where, number), (owner, group) in groups.items()
        ]

    @contextmanager
    def _telling(self, name: str) -> Iterator[None]:
        """Whatever is wrong in the block becomes a row of what was skipped."""
        try:
            yield
        except (ArchiveError, UnclearNameError) as error:
            self.skipped.append(Row(False, name, "", str(error)))
        except OSError as error:
            self.skipped.append(Row(False, name, "", f"cannot be read ({error.strerror})"))

    def _owner(self, path: PurePosixPath) -> tuple[PurePosixPath, Owner]:
        """The outermost part of a path that names a student, and whom."""
        for count, part in enumerate(path.parts, start=1):
            if owner := self._read(part, self._assignment):
                return PurePosixPath(*path.parts[:count]), owner
        others = [
            platform
            for platform, (read, _) in PLATFORMS.items()
            if platform and platform != self._platform and _names(read, path, self._assignment)
        ]
        if others:
            raise UnclearNameError(f"is named as {others[0].title()} does: see c.HandInNames.platform")
        expected = self._expected.format(self._assignment)
        raise UnclearNameError(f"does not say whose it is: expected a name such as {expected}")

    def _is_zip(self, piece: Piece) -> bool:
        """Whether something is, or should be, a zip: by its beginning, unless its ending says better."""
        ending = piece.path.suffix.lower()
        if ending in (".zip", *self._wanted):
            return ending == ".zip"
        with piece.open() as file:
            return file.read(len(ZIP)) == ZIP


def _files(folder: Path) -> Iterator[Path]:
    """All files below a folder, by name, without those that systems put there for themselves."""
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not JUNK.fullmatch(name))
        yield from (Path(where, name) for name in sorted(names) if not JUNK.fullmatch(name))


def _names(read: Reader, path: PurePosixPath, assignment: str) -> bool:
    """Whether a part of a path names a student, or tries to."""
    try:
        return any(read(part, assignment) for part in path.parts)
    except UnclearNameError:
        return True


def _on_disk(path: Path) -> IO[bytes]:
    return path.open("rb")
