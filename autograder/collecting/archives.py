"""Read zips that may be anything: broken, hostile, or far larger than they look. Nothing is written by their names."""

import re
import stat
import struct
import zipfile
import zlib
from calendar import timegm
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO

from autograder.engine.intake import LARGEST_TOTAL, MOST_FILES, TOO_MUCH

LONGEST_TABLE = 2**20  # bytes of a zip's table of contents, which is read whole: some 10,000 names
CHUNK = 2**18
SHOWN = 80  # characters of a name
UTF8 = 0x800  # flags of a member
ENCRYPTED = 0x41
READ = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
JUNK = re.compile(r"__MACOSX|\._.*|\.DS_Store|\.ipynb_checkpoints|thumbs\.db|desktop\.ini", re.IGNORECASE)
BROKEN = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    ValueError,  # names that are not in the encoding that the zip says
)
OTHERS = {
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"\x1f\x8b": "a gzip archive (.tar.gz)",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"%PDF": "a PDF",
    b"<": "a web page: perhaps the platform asked for a login when it was downloaded",
    b"{": "no zip but, perhaps, a notebook: give it the ending .ipynb",
}


class ArchiveError(Exception):
    """A zip that is not taken; the message says why, in words that go on after its name."""


@dataclass(frozen=True)
class Member:
    """A file in a zip.

    Attributes:
        path: its name there, with ``/`` between folders; it leads nowhere else.
        size: in bytes, as the zip says.
        saved: when, in seconds, as the zip says; 0 where it does not. Zips have local time, those of
            ``course.submit`` UTC.
        legible: whether the letters of its name are known.
        info: for :mod:`zipfile`.
    """

    path: PurePosixPath
    size: int
    saved: float
    legible: bool
    info: zipfile.ZipInfo


class _Careful:
    """A file of which no piece larger than ``most`` bytes is read at once, as a zip's table of contents is."""

    def __init__(self, file: IO[bytes], most: int) -> None:
        self._file, self._most = file, most
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        if size > self._most:
            raise ArchiveError(f"has a table of contents of {size // 2**20 or 1:,} MiB and more: {TOO_MUCH}")
        return self._file.read(size)


def opened(file: IO[bytes], longest_table: int = LONGEST_TABLE) -> zipfile.ZipFile:
    """Open a zip, of which only the table of contents is read.

    Args:
        file: its bytes.
        longest_table: bytes of that table which are read.

    Raises:
        ArchiveError: it is none, or is broken, or too much.
    """
    beginning = file.read(8)
    file.seek(0)
    if not beginning:
        raise ArchiveError("is empty (0 bytes): get it once more")
    for magic, what in OTHERS.items():
        if beginning.lstrip().startswith(magic):
            raise ArchiveError(f"is {what}; expected a zip")
    with _plain_errors():
        return zipfile.ZipFile(_Careful(file, longest_table))


def members(archive: zipfile.ZipFile) -> list[Member]:
    """The files in a zip, without those that systems put there for themselves.

    Raises:
        ArchiveError: one of them cannot be, or leads out of the zip.
    """
    return [found for info in archive.infolist() if (found := member(info))]


def member(info: zipfile.ZipInfo) -> Member | None:
    """A file in a zip; ``None`` for a folder, and for what systems put there for themselves.

    Raises:
        ArchiveError: it cannot be, or leads out of the zip.
    """
    name, legible = _name(info)
    path, kind = PurePosixPath(name), stat.S_IFMT(info.external_attr >> 16)
    if name.startswith("/") or re.match(r"[A-Za-z]:/", name) or ".." in path.parts:
        raise ArchiveError(f"holds {shown(name)}, a path that leads out of it")
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise ArchiveError(f"holds {shown(name)}, a link or something else that is no file")
    if name.endswith("/") or not path.parts or any(JUNK.fullmatch(part) for part in path.parts):
        return None
    return Member(path, info.file_size, _saved(info), legible, info)


def within_limits(sizes: list[int]) -> None:
    """Look at how many files a hand-in claims to have, and how large, before one is read.

    Raises:
        ArchiveError: too many, or too large.
    """
    if len(sizes) > MOST_FILES:
        raise ArchiveError(f"holds {len(sizes):,} files: {TOO_MUCH}")
    if sum(sizes) > LARGEST_TOTAL:
        raise ArchiveError(f"unpacks to {sum(sizes) / 2**20:,.0f} MiB: {TOO_MUCH}")


@contextmanager
def reading(archive: zipfile.ZipFile, member: Member) -> Iterator[IO[bytes]]:
    """Open a file in a zip; whatever is wrong with it becomes an :class:`ArchiveError`, in the block as well.

    Raises:
        ArchiveError: it cannot be read.
    """
    if member.info.flag_bits & ENCRYPTED:
        raise ArchiveError("is protected with a password: ask for one without")
    if member.info.compress_type not in READ:
        raise ArchiveError(f"is compressed in a way (method {member.info.compress_type}) that is not read here")
    with _plain_errors(), archive.open(member.info) as file:
        yield file


def copy(source: IO[bytes], target: IO[bytes], room: int) -> int:
    """Copy what a file really gives, whatever it claims, and give the number of bytes.

    Raises:
        ArchiveError: there is no room for them.
    """
    copied = 0
    while piece := source.read(CHUNK):
        copied += len(piece)
        if copied > room:
            raise ArchiveError(f"gives more than {LARGEST_TOTAL // 2**20} MiB: {TOO_MUCH}")
        target.write(piece)
    return copied


def shown(name: str) -> str:
    """A name as messages have it: what cannot be printed escaped, and no novel."""
    short = name if len(name) <= SHOWN else f"{name[:SHOWN]}…"
    return repr(short) if short.isprintable() else ascii(short)


@contextmanager
def _plain_errors() -> Iterator[None]:
    try:
        yield
    except BROKEN as error:
        reason = (str(error) or type(error).__name__).splitlines()[0][:100]
        raise ArchiveError(f"is cut short or damaged ({shown(reason)}): get it once more") from None


def _name(info: zipfile.ZipInfo) -> tuple[str, bool]:
    """A member's name as it was before zipfile cut it, PowerShell's backslashes turned; and whether it is known.

    macOS writes UTF-8 and does not say so; Windows writes in the letters of its own country, and doesn't say of which.
    """
    name, legible = info.orig_filename, True
    if "\0" in name:
        raise ArchiveError(f"holds {shown(name)}, a name with a NUL in it")
    if not info.flag_bits & UTF8:
        try:
            name = name.encode("cp437").decode("utf-8")
        except ValueError:
            legible = False
    return name.replace("\\", "/"), legible


def _saved(info: zipfile.ZipInfo) -> float:
    try:
        return float(timegm((*info.date_time, 0, 0, 0)))
    except ValueError:  # no month 0, say
        return 0.0
