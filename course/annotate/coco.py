"""Marks as files in COCO's format, which other programs read as well."""

import json
from pathlib import Path
from typing import Any

from course.annotate.marks import Marks, checked_path, marks_of
from course.annotate.problem import AnnotateError
from course.files import replacing


def as_coco(marks: Marks) -> dict[str, Any]:
    """The content of a COCO file: boxes as (x, y, width, height), categories numbered from 1 in the classes' order."""
    height, width = marks.size
    annotations = [
        {
            "id": number,
            "image_id": 1,
            "category_id": label,
            "bbox": [x1, y1, x2 - x1, y2 - y1],
            "area": (x2 - x1) * (y2 - y1),
            "iscrowd": 0,
        }
        # From 1: COCO's own evaluation takes annotation 0 for "no match".
        for number, (label, (x1, y1, x2, y2)) in enumerate(zip(marks.labels, marks.boxes, strict=True), 1)
    ]
    return {
        "info": {"description": "R-CNN by hand: marked by hand"},
        "licenses": [],
        "images": [{"id": 1, "file_name": marks.file_name, "height": height, "width": width}],
        "annotations": annotations,
        "categories": [{"id": number, "name": name} for number, name in enumerate(marks.classes, 1)],
    }


def save(marks: Marks, path: str | Path) -> Path:
    """Write marks as COCO JSON, in the place of an older file of that name; give the path.

    Raises:
        AnnotateError: the name does not end in ``.json``.
        OSError: it cannot be written there.
    """
    path = checked_path(path)
    with replacing(path) as beside:
        beside.write_text(json.dumps(as_coco(marks), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def load(path: str | Path) -> Marks:
    """Read the marks of a COCO file with a single photo, whoever wrote it.

    Categories may have any numbers: class k is the k-th in the file's list.

    Raises:
        AnnotateError: there is no such file, it is broken, or its marks cannot be meant; see :func:`marks_of`.
    """
    path = checked_path(path)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise AnnotateError(f"there is no file {path} (paths start in {Path.cwd()}).") from None
    except (OSError, ValueError, RecursionError) as error:
        raise AnnotateError(f"{path} is no JSON file that can be read ({error}): take it away, or repair it.") from None
    try:
        return _marks(content)
    except AnnotateError as problem:
        raise AnnotateError(f"{path}: {problem}") from None
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise AnnotateError(
            f"{path}: expected COCO's images, annotations and categories, but something is missing or of another kind "
            f"({type(error).__name__}: {error})."
        ) from None


def _marks(content: Any) -> Marks:
    images = content["images"]
    if len(images) != 1:
        raise AnnotateError(f"expected the marks of one photo, got {len(images)}.")
    image = images[0]
    numbers = {category["id"]: place for place, category in enumerate(content["categories"], 1)}
    boxes, labels = [], []
    for mark in content["annotations"]:
        if mark["category_id"] not in numbers:
            raise AnnotateError(f"category {mark['category_id']!r} is not in the list of categories.")
        x, y, width, height = mark["bbox"]
        boxes.append([x, y, x + width, y + height])
        labels.append(numbers[mark["category_id"]])
    size = int(image["height"]), int(image["width"])
    names = [category["name"] for category in content["categories"]]
    return marks_of(str(image["file_name"]), size, names, boxes, labels)
