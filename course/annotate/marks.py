"""Boxes with classes on one photo, looked at where they come in."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from course.annotate.problem import AnnotateError

Box = tuple[float, float, float, float]  # x1, y1, x2, y2 in pixels


@dataclass(frozen=True)
class Marks:
    """What is marked on one photo.

    Made by :func:`marks_of` and :func:`course.annotate.load`, which look at everything first.

    Attributes:
        file_name: of the photo.
        size: (height, width) of the photo in pixels, in which boxes are given.
        classes: the names of the classes, without background.
        boxes: ``(x1, y1, x2, y2)`` in pixels, inside the photo, each with an area.
        labels: the class of each box, from 1 up: 0 is background, as in a detector.
    """

    file_name: str
    size: tuple[int, int]
    classes: tuple[str, ...]
    boxes: tuple[Box, ...] = ()
    labels: tuple[int, ...] = ()

    def target(self) -> dict[str, Tensor]:
        """The marks as torchvision's detectors and ours learn from them.

        Returns:
            ``boxes`` (N, 4), float32 (x1, y1, x2, y2) in pixels, and ``labels`` (N,), int64 from 1 up.

        Raises:
            AnnotateError: nothing is marked. A photo on which there *is* nothing can be learnt from as well, but here
                somebody has only forgotten to draw.
        """
        if not self.boxes:
            raise AnnotateError(
                f"{self.file_name}: expected at least one box, but nothing is marked yet. Draw on the picture, or give "
                "boxes=[[x1, y1, x2, y2]] and labels=[…]."
            )
        return {
            "boxes": torch.tensor(self.boxes, dtype=torch.float32),
            "labels": torch.tensor(self.labels, dtype=torch.int64),
        }

    def __str__(self) -> str:
        if not self.boxes:
            return f"{self.file_name}: nothing is marked."
        lines = [f"{self.file_name}, {self.size[1]} × {self.size[0]} pixels:"]
        for label, box in zip(self.labels, self.boxes, strict=True):
            x1, y1, x2, y2 = (f"{side:g}" for side in box)
            lines.append(f"  {self.classes[label - 1]} from ({x1}, {y1}) to ({x2}, {y2})")
        return "\n".join(lines)


def marks_of(file_name: str, size: tuple[int, int], classes: Sequence[str], boxes: Any = (), labels: Any = ()) -> Marks:
    """Marks of boxes ``(x1, y1, x2, y2)`` in pixels and their classes, by name or by number from 1 up.

    The part of a box that sticks out of the photo is cut off: there is nothing to learn from it.

    Raises:
        AnnotateError: classes without a name or twice; more or fewer labels than boxes; a class that there is not;
            a box that is not four numbers, has no area, or lies outside the photo.
    """
    names = checked_classes(classes)
    rows, kinds = _listed("boxes", boxes), _listed("labels", labels)
    if len(rows) != len(kinds):
        raise AnnotateError(f"expected a label for each of the {len(rows)} boxes, got {len(kinds)} labels.")
    return Marks(
        file_name,
        size,
        names,
        tuple(checked_box(f"box {place}", row, size) for place, row in enumerate(rows)),
        tuple(_label(f"label {place}", kind, names) for place, kind in enumerate(kinds)),
    )


def checked_classes(classes: Sequence[str]) -> tuple[str, ...]:
    """The names of classes, if there is at least one, none is empty and none comes twice."""
    names = (classes,) if isinstance(classes, str) else tuple(classes)
    if not names:
        raise AnnotateError("expected the names of one or more classes, got none.")
    for name in names:
        if not isinstance(name, str) or not name.strip():
            raise AnnotateError(f"expected names as classes, got {name!r}.")
        if names.count(name) > 1:
            raise AnnotateError(f"expected every class once, got {name!r} {names.count(name)} times.")
    return names


def checked_path(path: str | Path) -> Path:
    """The path of a JSON file, if it is one by its name."""
    path = Path(path)
    if path.suffix != ".json":
        raise AnnotateError(f"expected the path of a file that ends in .json, got {path}.")
    return path


def checked_box(where: str, row: Any, size: tuple[int, int]) -> Box:
    """A box ``(x1, y1, x2, y2)``, cut off where it sticks out of the photo; ``where`` it stands is told in errors."""
    sides = _listed(where, row)
    if len(sides) != 4 or not all(isinstance(side, int | float) and math.isfinite(side) for side in sides):
        raise AnnotateError(f"{where}: expected four numbers x1, y1, x2, y2, got {sides}.")
    high, wide = size
    x1, y1, x2, y2 = (float(side) for side in sides)
    if x2 <= x1 or y2 <= y1:
        raise AnnotateError(f"{where}: expected x1 < x2 and y1 < y2, got {sides}, which has no area.")
    inside = max(x1, 0.0), max(y1, 0.0), min(x2, float(wide)), min(y2, float(high))
    if inside[2] <= inside[0] or inside[3] <= inside[1]:
        raise AnnotateError(f"{where}: {sides} lies outside the photo, which is {wide} × {high} pixels.")
    return inside


def _listed(what: str, values: Any) -> list[Any]:
    values = values.tolist() if isinstance(values, Tensor) else values
    if not isinstance(values, list | tuple):
        raise AnnotateError(f"expected {what} as a list, got {values!r}.")
    return list(values)


def _label(where: str, kind: Any, names: tuple[str, ...]) -> int:
    if isinstance(kind, str):
        if kind not in names:
            raise AnnotateError(f"{where}: expected one of {', '.join(names)}, got {kind!r}.")
        return names.index(kind) + 1
    if isinstance(kind, bool) or not isinstance(kind, int) or not 1 <= kind <= len(names):
        raise AnnotateError(
            f"{where}: expected a class from 1 ({names[0]}) to {len(names)} ({names[-1]}), or its name, got {kind!r}."
        )
    return kind
