"""Read a COCO file: every entry looked at, and brought together with the photo and the category that it names."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course.coco_files.record import CocoError, Record, shown

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Photo:
    """A photo that a file names.

    Attributes:
        record: its entry.
        id: by which annotations name it.
        file_name: from the photos' folder.
        size: (height, width) in pixels; ``None`` if the file does not say.
    """

    record: Record
    id: int
    file_name: str
    size: tuple[int, int] | None


@dataclass(frozen=True)
class Object:
    """An annotation.

    Attributes:
        record: its entry.
        category: its number in the file.
        box: x, y, width, height in pixels; width and height may be 0.
        crowd: whether it is a group, marked as one.
        area: in square pixels; ``None`` if the file does not say.
    """

    record: Record
    category: int
    box: Box
    crowd: bool
    area: float | None

    def corners(self, size: tuple[int, int]) -> Box:
        """The box as x1, y1, x2, y2.

        Args:
            size: (height, width) of the photo.

        Raises:
            CocoError: it lies outside the photo.
        """
        x, y, width, height = self.box
        if x >= size[1] or y >= size[0] or x + width <= 0 or y + height <= 0:
            raise self.record.wrong(f"bbox {list(self.box)} lies outside the photo, {size[1]} × {size[0]} pixels")
        return x, y, x + width, y + height

    @property
    def segmented(self) -> bool:
        """Whether there is a mask."""
        return self.record.row.get("segmentation") not in (None, [], {})


@dataclass(frozen=True)
class CocoFile:
    """What is in a file.

    Attributes:
        path: of the file.
        content: as JSON has it, to write it again.
        photos: in order of their ids.
        categories: the entry of each number, in the file's order.
        objects: for each photo's id its annotations, in the file's order.
    """

    path: Path
    content: dict[str, Any]
    photos: list[Photo]
    categories: dict[int, Record]
    objects: dict[int, list[Object]]


def read(path: Path) -> CocoFile:
    """Read a file.

    Annotations are told apart by their place, so that two with one id are two objects.

    Raises:
        CocoError: there is no such file, it is not JSON, or an entry makes no sense: an id that is there twice or is
            not a whole number, an annotation of a photo or a category that is not in the lists, a box that is missing
            or is not four numbers.
    """
    content = _json(path)
    if not isinstance(content, dict):
        raise CocoError(
            f"{path}: expected an object with COCO's images, annotations and categories, got {shown(content)}."
        )
    photos: dict[int, Photo] = {}
    for record, number in _numbered(path, content, "images"):
        photos[number] = Photo(record, number, record.text("file_name"), record.size())
    categories = {number: record for record, number in _numbered(path, content, "categories")}
    for record in categories.values():
        record.text("name")
    objects: dict[int, list[Object]] = {number: [] for number in photos}
    for record in _records(path, content, "annotations"):
        image, category = record.whole("image_id"), record.whole("category_id")
        if image not in photos:
            raise record.wrong(f"image_id {image} is not in the list of images")
        if category not in categories:
            raise record.wrong(f"category {category} is not in the list of categories")
        objects[image].append(Object(record, category, record.box(), record.crowd(), record.area()))
    return CocoFile(path, content, [photos[number] for number in sorted(photos)], categories, objects)


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())  # bytes: JSON's own rules tell UTF-8, with or without a mark, from UTF-16
    except FileNotFoundError:
        raise CocoError(f"there is no file {path} (paths start in {Path.cwd()}).") from None
    except (OSError, ValueError, RecursionError) as error:
        raise CocoError(f"{path} cannot be read as JSON ({error}): remove it, or repair it.") from None


def _records(path: Path, content: dict[str, Any], kind: str) -> list[Record]:
    rows = content.get(kind)
    if not isinstance(rows, list):
        got = f"got {shown(rows)}" if kind in content else "but it is missing"
        raise CocoError(f"{path}: expected COCO's images, annotations and categories: {kind!r} as a list, {got}.")
    return [Record(path, kind, place, row) for place, row in enumerate(rows)]


def _numbered(path: Path, content: dict[str, Any], kind: str) -> list[tuple[Record, int]]:
    """The entries of a list with their ids, each of which there is once."""
    found: dict[int, Record] = {}
    for record in _records(path, content, kind):
        number = record.whole("id")
        if number in found:
            raise record.wrong(f"id {number} is that of {found[number].where.rpartition(' ')[2]} already")
        found[number] = record
    return [(record, number) for number, record in found.items()]
