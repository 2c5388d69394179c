"""Which file of a hand-in is which notebook, where a student, a browser or a file manager has changed its name."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

# Behind the badge in the first cell of a released notebook: which one it is. Other links may lead to another one.
BADGE = re.compile(r"colab-badge\.svg\)\]\([^()\s]*(/release/\w+/\w+\.ipynb)")
MOST = 20  # notebooks under other names that are looked at


@dataclass(frozen=True)
class Candidate:
    """A notebook that lies in the submission under a name of its own.

    Attributes:
        path: where.
        content: its bytes.
        ids: the ``grade_id`` of its cells.
        badges: what its cells say that it is.
        written: when it was saved, as the file says.
    """

    path: Path
    content: bytes
    ids: frozenset[str]
    badges: frozenset[str]
    written: float


def candidates(folder: Path, largest: int, read: Callable[[Path, int], bytes | str]) -> list[Candidate]:
    """The notebooks in a folder, as far as they can be read.

    Args:
        folder: what was handed in.
        largest: bytes beyond which a file is none.
        read: gives a file's bytes, or why there are none.
    """
    found: list[Candidate] = []
    room = 2 * largest  # in all: somebody's whole folder is not read
    for path in sorted(folder.glob("*.[iI][pP][yY][nN][bB]"))[:MOST]:
        size = path.lstat().st_size
        content = read(path, largest) if size <= min(largest, room) else ""
        if isinstance(content, bytes) and len(content) <= largest:
            room -= len(content)
            cells = _cells(content)
            ids = frozenset(mark for cell in cells if (mark := _grade_id(cell)))
            badges = frozenset(badge for cell in cells for badge in BADGE.findall(_text(cell)))
            found.append(Candidate(path, content, ids, badges, path.stat().st_mtime))
    return found


def known(notebook: NotebookNode, found: list[Candidate]) -> list[Candidate]:
    """Which of them are this notebook, best first: most of its cells are there, or its badge is.

    More of its cells is better; where that is equal, the badge decides, then the time of saving, then the name.
    """
    ids = {mark for cell in notebook.cells if (mark := _grade_id(cell))}
    badges = {badge for cell in notebook.cells for badge in BADGE.findall(_text(cell))}
    ranks = {each.path: (len(ids & each.ids), bool(badges & each.badges)) for each in found}
    mine = [each for each in found if 2 * ranks[each.path][0] > len(ids) or ranks[each.path][1]]
    return sorted(mine, key=lambda each: (ranks[each.path], each.written, each.path.name), reverse=True)


def _cells(content: bytes) -> list[dict[str, Any]]:
    try:
        notebook = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return []
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    return [cell for cell in cells if isinstance(cell, dict)] if isinstance(cells, list) else []


def _grade_id(cell: dict[str, Any]) -> str:
    marks: Any = cell.get("metadata")
    marks = marks.get("nbgrader") if isinstance(marks, dict) else None
    name = marks.get("grade_id") if isinstance(marks, dict) else None
    return name if isinstance(name, str) else ""


def _text(cell: dict[str, Any]) -> str:
    source = cell.get("source")
    lines = source if isinstance(source, list) else [source]
    return "".join(line for line in lines if isinstance(line, str))
