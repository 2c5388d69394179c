"""One entry of a list in a COCO file, asked for its values."""

import json
import math
from pathlib import Path
from typing import Any

from course.errors import PlainError

SHOWN = 60  # characters of a value that is wrong
FAR = 1e9  # pixels: beyond it, 32-bit numbers lose whole ones


class CocoError(PlainError):
    """A file that makes no sense; the message names it and the entry, and says what it expected and what it got."""


class Record:
    """An entry, which knows where it stands.

    Args:
        file: the path of the file.
        kind: "images", "annotations" or "categories".
        place: in that list, from 0.
        row: what stands there.

    Raises:
        CocoError: it is not an object with keys.
    """

    def __init__(self, file: Path, kind: str, place: int, row: Any) -> None:
        self.where = f"{file}: {kind}[{place}]"
        self.row: dict[str, Any] = row
        if not isinstance(row, dict):
            raise self.wrong(f"expected an object with keys, got {shown(row)}")

    def wrong(self, text: str) -> CocoError:
        """An error about this entry."""
        return CocoError(f"{self.where}: {text}.")

    def expected(self, key: str, what: str) -> CocoError:
        """An error about a value that is missing or of another kind."""
        got = f"got {shown(self.row[key])}" if key in self.row else "but it is missing"
        return self.wrong(f"expected {key!r} as {what}, {got}")

    def whole(self, key: str) -> int:
        """A whole number; 3.0 is one, too."""
        value = self.row.get(key)
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.expected(key, "a whole number")
        return value

    def text(self, key: str) -> str:
        """A text that is not empty."""
        value = self.row.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.expected(key, "a text")
        return value

    def size(self) -> tuple[int, int] | None:
        """(height, width) in pixels; ``None`` where neither is told."""
        if self.row.get("height") is None and self.row.get("width") is None:
            return None
        height, width = self.whole("height"), self.whole("width")
        if height < 1 or width < 1:
            raise self.wrong(f"expected a height and a width of at least 1, got {height} and {width}")
        return height, width

    def box(self) -> tuple[float, float, float, float]:
        """``bbox``: x, y, width, height in pixels, neither width nor height below 0."""
        row = self.row.get("bbox")
        values = [number(value) for value in row] if isinstance(row, list) and len(row) == 4 else [None]
        if None in values or min(values[2:]) < 0:  # type: ignore[type-var, operator]
            raise self.expected("bbox", "four numbers x, y, width, height in pixels")
        x, y, width, height = values
        return x, y, width, height  # type: ignore[return-value]

    def crowd(self) -> bool:
        """``iscrowd``, 0 or 1; 0 where it is missing."""
        value = self.row.get("iscrowd")
        if value not in (None, 0, 1):
            raise self.expected("iscrowd", "0 or 1")
        return bool(value)

    def area(self) -> float | None:
        """``area`` in square pixels; ``None`` where it is missing."""
        if self.row.get("area") is None:
            return None
        value = number(self.row["area"])
        if value is None or value < 0:
            raise self.expected("area", "a number of square pixels")
        return value

    def keypoints(self, count: int) -> list[list[float]] | None:
        """``count`` keypoints ``[x, y, v]``; ``None`` if none is labelled."""
        row = self.row.get("keypoints")
        if row is None or row == []:
            return None
        values = [number(value) for value in row] if isinstance(row, list) else [None]
        if None in values or any(value not in (0, 1, 2) for value in values[2::3]):
            raise self.expected("keypoints", "numbers x, y, v for each keypoint, v being 0, 1 or 2")
        if len(values) != 3 * count:
            raise self.wrong(
                f"expected {3 * count} numbers as 'keypoints', x, y and v of COCO's {count} of a person, "
                f"got {len(values)}"
            )
        return [values[start : start + 3] for start in range(0, len(values), 3)]  # type: ignore[misc]


def number(value: Any) -> float | None:
    """A number of JSON's that is finite and not out of all proportion; ``None`` for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= FAR:
        return None
    return float(value) if math.isfinite(value) else None


def shown(value: Any) -> str:
    """A value in JSON's words, cut short."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
