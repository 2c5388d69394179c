"""The cells of a file that a student handed in as a notebook, whatever it holds: sources, ids and marks, as texts."""

import json
from dataclasses import dataclass
from typing import Any

from autograder.escaping import without_control

LARGEST = 16 * 2**20  # bytes of a notebook
MOST_AT_ALL = 5_000  # cells that are looked at


class UnreadableError(Exception):
    """A submission is no notebook; the message completes "This notebook cannot be graded: it …"."""


@dataclass(frozen=True)
class SubmittedCell:
    """A cell, as far as it can be read; ``""`` for a text that is none, and ``{}`` for marks."""

    kind: str
    source: str
    id: str
    grade_id: str
    marks: dict[str, Any]
    tags: Any


def submitted_cells(submitted: bytes) -> list[SubmittedCell]:
    """A notebook's cells, as far as they are any.

    Raises:
        UnreadableError: there are none.
    """
    if len(submitted) > LARGEST:
        raise UnreadableError(f"is {len(submitted) / 2**20:.0f} MiB large, and {LARGEST // 2**20} MiB are the limit")
    try:
        content = json.loads(submitted.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise UnreadableError("is not UTF-8 text, as notebooks are") from None
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"is broken JSON ({str(error)[:100]})") from None
    if not isinstance(content, dict) or not isinstance(content.get("cells"), list):
        raise UnreadableError("has no list of cells, so it is no Jupyter notebook of version 4")
    if len(content["cells"]) > MOST_AT_ALL:
        raise UnreadableError(f"has {len(content['cells']):,} cells, and {MOST_AT_ALL:,} are the limit")
    return [_cell(cell) for cell in content["cells"] if isinstance(cell, dict)]


def _cell(cell: dict[str, Any]) -> SubmittedCell:
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    metadata = cell.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    marks = metadata.get("nbgrader")
    marks = marks if isinstance(marks, dict) else {}
    grade_id = marks.get("grade_id")
    return SubmittedCell(
        kind=_text(cell.get("cell_type")),
        source=_text(source),
        id=_text(cell.get("id")),
        grade_id=_text(grade_id),
        marks=marks,
        tags=metadata.get("tags"),
    )


def _text(value: Any) -> str:
    """A text that can be written down: JSON can spell lone surrogates, and UTF-8 cannot; ``""`` for anything else.

    Control characters stay outside.
    """
    return without_control(value.encode("utf-8", "replace").decode()) if isinstance(value, str) else ""
