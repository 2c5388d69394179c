"""Marks back into the file that they came from, with all that was not edited."""

import copy
from collections.abc import Sequence
from itertools import count
from typing import Any

from course.annotate.marks import Box, Marks
from course.coco_files import CocoFile, Object


def merged(file: CocoFile, before: Marks, objects: Sequence[Object], now: Marks) -> dict[str, Any]:
    """The content of a file after its marks were edited.

    Things that marking does not show stay: ids, categories with their numbers, crowds, masks, keypoints, attributes,
    licences. A box that was moved keeps its entry, with another ``bbox``; ``area`` follows where there is no mask.

    Args:
        file: as it was read.
        before: its marks then.
        objects: the annotation of each of them.
        now: the marks of the same photo and classes as they are to be.
    """
    content = copy.deepcopy(file.content)
    numbers = list(file.categories)  # class k is the k-th in the file's list
    origins = origin(before.boxes, now.boxes)
    kept = {id(objects[old].record.row): place for place, old in enumerate(origins) if old is not None}
    gone = {id(each.record.row) for each in objects} - kept.keys()
    rows = []
    for old, row in zip(file.content["annotations"], content["annotations"], strict=True):
        if id(old) in gone:
            continue
        if id(old) in kept:
            place = kept[id(old)]
            row["category_id"] = numbers[now.labels[place] - 1]
            if now.boxes[place] != before.boxes[origins[place]]:  # type: ignore[index]
                row["bbox"] = bbox(now.boxes[place])
                if not row.get("segmentation") and "area" in row:
                    row["area"] = row["bbox"][2] * row["bbox"][3]
        rows.append(row)
    ids = [row["id"] for row in file.content["annotations"] if type(row.get("id")) is int]
    free = count(max([0, *ids]) + 1)  # never 0, which COCO's own evaluation takes for "no match"
    for place, old in enumerate(origins):
        if old is None:
            category = numbers[now.labels[place] - 1]
            rows.append(new(next(free), file.photos[0].id, category, now.boxes[place]))
    return content | {"annotations": rows}


def new(number: int, image: int, category: int, box: Box) -> dict[str, Any]:
    """The annotation of a box that was drawn."""
    sides = bbox(box)
    return {
        "id": number,
        "image_id": image,
        "category_id": category,
        "bbox": sides,
        "area": sides[2] * sides[3],
        "iscrowd": 0,
    }


def bbox(box: Box) -> list[float]:
    """A box as COCO has it: x, y, width, height."""
    x1, y1, x2, y2 = box
    return [x1, y1, x2 - x1, y2 - y1]


def origin(before: Sequence[Box], now: Sequence[Box]) -> list[int | None]:
    """Which box each was before it was edited, by its place; ``None`` for one that is new.

    Marking keeps the order: a box that is moved keeps its place, new ones come at the end. So boxes that did not move
    part both lists into stretches. If a stretch has as many boxes as before, each is the one at its place; otherwise,
    and at the end, where it may be new, a box is the one that it still overlaps most.
    """
    found: list[int | None] = [None] * len(now)
    free = list(range(len(before)))
    for place, box in enumerate(now):
        found[place] = next((old for old in free if before[old] == box), None)
        if found[place] is not None:
            free.remove(found[place])  # type: ignore[arg-type]
    start, low = 0, -1
    for end, high in [(place, old) for place, old in enumerate(found) if old is not None]:
        here = [old for old in free if low < old < high]
        if len(here) == end - start:
            found[start:end] = here
            free = [old for old in free if old not in here]
        start, low = end + 1, high
    for place in [place for place, old in enumerate(found) if old is None]:
        best = max(free, key=lambda old: _shared(before[old], now[place]), default=None)
        if best is not None and _shared(before[best], now[place]) > 0:
            found[place] = best
            free.remove(best)
    return found


def _shared(box1: Box, box2: Box) -> float:
    """The area that two boxes share, as part of that which both cover."""
    width = min(box1[2], box2[2]) - max(box1[0], box2[0])
    height = min(box1[3], box2[3]) - max(box1[1], box2[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    areas = [(x2 - x1) * (y2 - y1) for x1, y1, x2, y2 in (box1, box2)]
    return shared / (sum(areas) - shared)
