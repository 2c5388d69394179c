"""Marks as files in COCO's format, which other programs read as well."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course import coco_files
from course.annotate.marks import Marks, checked_box, checked_classes, checked_path
from course.annotate.merging import merged, new
from course.annotate.problem import AnnotateError
from course.coco_files import CocoError, CocoFile, Object
from course.errors import told_as
from course.files import replacing


@dataclass(frozen=True)
class Begun:
    """A file that was read to go on with.

    Attributes:
        file: what is in it.
        marks: its marks.
        objects: the annotation of each mark.
    """

    file: CocoFile
    marks: Marks
    objects: list[Object]


def as_coco(marks: Marks) -> dict[str, Any]:
    """The content of a COCO file: boxes as (x, y, width, height), categories numbered from 1 in the classes' order."""
    height, width = marks.size
    rows = enumerate(zip(marks.labels, marks.boxes, strict=True), 1)
    return {
        "info": {"description": "R-CNN by hand: marked by hand"},
        "licenses": [],
        "images": [{"id": 1, "file_name": marks.file_name, "height": height, "width": width}],
        # From 1: COCO's own evaluation takes annotation 0 for "no match".
        "annotations": [new(number, 1, label, box) for number, (label, box) in rows],
        "categories": [{"id": number, "name": name} for number, name in enumerate(marks.classes, 1)],
    }


def save(marks: Marks, path: str | Path, begun: Begun | None = None) -> Path:
    """Write marks as COCO JSON, instead of an older file of ours with that name; give the path.

    Args:
        marks: what to write.
        path: of a ``.json`` file.
        begun: the file that they were begun with; what it holds besides is kept.

    Raises:
        AnnotateError: the name does not end in ``.json``; or there is a file that would lose something: another program
            wrote it, or has changed it since it was read.
        OSError: it cannot be written there.
    """
    path = checked_path(path)
    content = merged(begun.file, begun.marks, begun.objects, marks) if begun else as_coco(marks)
    if path.exists():
        _check_loss(path, begun)
    with replacing(path) as beside:
        beside.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def load(path: str | Path) -> Marks:
    """Read the marks of a COCO file with a single photo, from any program.

    Categories may have any numbers: class k is the k-th in the file's list. Crowds are left out: they are not single
    objects.

    Raises:
        AnnotateError: there is no such file, it is broken, or an entry makes no sense; the message names its place.
    """
    return begin(path).marks


def begin(path: str | Path) -> Begun:
    """:func:`load` with all that is needed to write the file again."""
    path = checked_path(path)
    with told_as(AnnotateError, CocoError):
        file = coco_files.read(path)
    if len(file.photos) != 1:
        raise AnnotateError(f"{path}: expected the marks of one photo, got {len(file.photos)}.")
    (photo,) = file.photos
    if photo.size is None:
        raise AnnotateError(f"{photo.record.where}: expected the photo's 'height' and 'width', but they are missing.")
    with told_as(AnnotateError, AnnotateError, f"{path}: "):
        classes = checked_classes([record.text("name") for record in file.categories.values()])
    numbers = list(file.categories)
    objects = [each for each in file.objects[photo.id] if not each.crowd]
    boxes = []
    for each in objects:
        x, y, width, height = each.box
        boxes.append(checked_box(each.record.where, [x, y, x + width, y + height], photo.size))
    labels = [numbers.index(each.category) + 1 for each in objects]
    return Begun(file, Marks(photo.file_name, photo.size, classes, tuple(boxes), tuple(labels)), objects)


def _check_loss(path: Path, begun: Begun | None) -> None:
    """Raise unless all that is in a file is in what replaces it, or was made here."""
    try:
        there = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        there = None
    if begun and path.resolve() == begun.file.path.resolve():
        if there != begun.file.content:
            raise AnnotateError(
                f"{path} was changed by another program since it was read: open it again (annotate.go_on), or "
                "save under another name."
            )
    elif not _ours(there):
        raise AnnotateError(
            f"{path} comes from another program, and would be lost: go on with it (annotate.go_on), or save under "
            "another name."
        )


def _ours(content: Any) -> bool:
    """Whether a file holds nothing but what :func:`as_coco` writes."""
    ours = as_coco(Marks("", (1, 1), ("",), ((0.0, 0.0, 1.0, 1.0),), (1,)))
    if not isinstance(content, dict) or content.keys() != ours.keys() or content["info"] != ours["info"]:
        return False
    return content["licenses"] == [] and all(
        isinstance(row, dict) and row.keys() == ours[kind][0].keys()
        for kind in ("images", "annotations", "categories")
        for row in content[kind]
    )
