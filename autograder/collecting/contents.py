"""The files of one hand-in that are collected: looked at by name, number and size first, then copied, counting."""

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath
from tempfile import SpooledTemporaryFile

from autograder.collecting.archives import ArchiveError, copy, members, opened, reading, shown, within_limits
from autograder.collecting.hand_ins import HandIn, Piece
from autograder.engine.intake import LARGEST_TOTAL
from autograder.engine.student_ids import unfit
from autograder.escaping import terminal

IN_MEMORY = 2**23  # bytes of a zip; a larger one goes through a temporary file
NAMED = 3  # files that are left out
ARCHIVES = (".zip", ".7z", ".rar", ".gz", ".tar", ".tgz")


@dataclass(frozen=True)
class Contents:
    """What is collected of a hand-in.

    Attributes:
        pieces: the files, by names of their own; ``path`` is a plain name.
        left_out: the others, in words; ``""`` where there are none.
    """

    pieces: list[Piece]
    left_out: str

    @property
    def saved(self) -> float:
        """When the newest of its notebooks was saved, or of its files where there is no notebook."""
        notebooks = [piece.saved for piece in self.pieces if piece.path.suffix == ".ipynb"]
        return max(notebooks or [piece.saved for piece in self.pieces])


@contextmanager
def contents(hand_in: HandIn, wanted: tuple[str, ...]) -> Iterator[Contents]:
    """The files of a hand-in, which can be opened in the block.

    Args:
        hand_in: where they are.
        wanted: endings of the files that are collected, in small letters.

    Raises:
        ArchiveError: it cannot be read, is too much, or holds none; or, in the block, does not hold what it claims.
        OSError: the same, of the disk.
    """
    if not hand_in.is_zip:
        within_limits([piece.size for piece in hand_in.pieces])
        yield _chosen(hand_in.pieces, wanted, bare=len(hand_in.pieces) == 1)
        return
    (piece,) = hand_in.pieces
    if piece.size > LARGEST_TOTAL:
        within_limits([piece.size])
    with SpooledTemporaryFile(IN_MEMORY) as file:
        with piece.open() as source:
            copy(source, file, LARGEST_TOTAL)
        file.seek(0)
        with opened(file) as archive:
            found = members(archive)
            within_limits([member.size for member in found])
            yield _chosen(
                [Piece(each.path, each.size, each.saved, partial(reading, archive, each)) for each in found], wanted
            )


def unpack(pieces: list[Piece], folder: Path) -> None:
    """Write files into an empty folder, under their plain names.

    Raises:
        ArchiveError: one cannot be read, or they give more than they claim.
        OSError: the same, of the disk.
    """
    room = LARGEST_TOTAL
    for piece in pieces:
        with piece.open() as source, (folder / piece.path).open("xb") as target:
            room -= copy(source, target, room)


def _chosen(pieces: list[Piece] | tuple[Piece, ...], wanted: tuple[str, ...], *, bare: bool = False) -> Contents:
    """Those of the files that are collected, the newer one of two that would have one name."""
    chosen: dict[str, Piece] = {}
    others: list[str] = []
    nested = ""
    # of files saved at one time, the one whose name needs no change; then the one that comes first
    for piece in sorted(pieces, key=lambda piece: (-piece.saved, _plain(piece.path.name) != piece.path.name)):
        name = _plain(piece.path.name)
        if PurePosixPath(name).suffix in ARCHIVES:
            nested = f"; a zip in a zip is not opened: {shown(piece.path.name)}"
        elif PurePosixPath(name).suffix not in wanted:
            others.append(shown(piece.path.name))
        elif not piece.size:
            others.append(f"{shown(piece.path.name)} (empty)")
        elif problem := unfit(name):
            others.append(f"{shown(piece.path.name)} (its name {problem})")
        elif name.casefold() in chosen:
            others.append(f"{shown(str(piece.path))} (there is another {name})")
        else:
            chosen[name.casefold()] = replace(piece, path=PurePosixPath(name))
    named = ", ".join(others[:NAMED])
    named += f" and {len(others) - NAMED} more" if len(others) > NAMED else ""
    if not chosen and bare:
        (piece,) = pieces
        raise ArchiveError("is empty (0 bytes)" if not piece.size else "is neither a zip nor a notebook")
    if not chosen:
        raise ArchiveError("holds no notebook" + (f", but {named}" if named else "") + nested)
    return Contents(list(chosen.values()), (f"left out: {named}" if named else "") + nested)


def _plain(name: str) -> str:
    """A file's name as it is collected: accents in their usual spelling, the ending in small letters."""
    path = PurePosixPath(" ".join(terminal(unicodedata.normalize("NFC", name)).split()) or "-")
    return path.stem + path.suffix.lower()
