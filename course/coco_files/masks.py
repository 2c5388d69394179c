"""Masks from polygons and run lengths."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from course.coco_files.record import Record, number

Size = tuple[int, int]  # height, width


def as_mask(record: Record, size: Size) -> NDArray[np.uint8]:
    """The mask ``(H, W)``, 0 and 1, of an annotation that has a ``segmentation``.

    Raises:
        CocoError: it is neither polygons nor run lengths, or that of a photo of another size.
    """
    segmentation = record.row["segmentation"]
    if isinstance(segmentation, dict):
        return _from_lengths(record, segmentation, size)
    if isinstance(segmentation, list):
        return _from_polygons(record, segmentation, size)
    raise record.expected("segmentation", "polygons or run lengths")


def run_lengths(text: str) -> list[int]:
    """The run lengths that COCO packs into a text, six bits a character, from the third on as differences.

    Raises:
        ValueError: the text is not of that kind.
    """
    found: list[int] = []
    value = shift = 0
    for letter in text:
        digit = ord(letter) - 48
        if not 0 <= digit < 64:
            raise ValueError(f"{letter!r} is not a character of run lengths")
        value |= (digit & 31) << shift
        shift += 5
        if not digit & 32:
            value -= (digit & 16) << (shift - 4)
            found.append(value + found[-2] if len(found) > 2 else value)
            value = shift = 0
    if shift:
        raise ValueError("the last run length is cut short")
    return found


def _from_lengths(record: Record, segmentation: dict[str, Any], size: Size) -> NDArray[np.uint8]:
    if segmentation.get("size") != list(size):
        told, (height, width) = segmentation.get("size"), size
        raise record.wrong(f"expected a segmentation of 'size' [{height}, {width}], as the photo has; got {told}")
    counts = segmentation.get("counts")
    try:
        lengths = run_lengths(counts) if isinstance(counts, str) else counts
    except ValueError as error:
        raise record.wrong(f"the segmentation's counts cannot be read: {error}") from None
    if not isinstance(lengths, list) or not all(type(each) is int and each >= 0 for each in lengths):
        raise record.expected("segmentation", "polygons or run lengths")
    if sum(lengths) != size[0] * size[1]:
        raise record.wrong(f"expected run lengths of {size[0] * size[1]} pixels together, got {sum(lengths)}")
    bits = np.repeat(np.arange(len(lengths), dtype=np.int64) % 2, lengths)  # zeros first, column by column
    return bits.astype(np.uint8).reshape(size[::-1]).T


def _from_polygons(record: Record, polygons: list[Any], size: Size) -> NDArray[np.uint8]:
    from pycocotools import mask as coco_masks  # takes a while to import, and marks do without masks

    if not any(isinstance(polygon, list) for polygon in polygons):
        polygons = [polygons]  # a single one, written without its brackets
    high, wide = size
    rows = []
    for place, polygon in enumerate(polygons):
        points = [number(value) for value in polygon] if isinstance(polygon, list) else [None]
        if None in points or len(points) < 6 or len(points) % 2:
            raise record.wrong(f"polygon {place} should be x, y of three points or more, in one list of numbers")
        for values, side in ((points[::2], wide), (points[1::2], high)):
            if min(values) < -side or max(values) > 2 * side:  # type: ignore[type-var, operator]
                raise record.wrong(f"polygon {place} lies far outside the photo, which is {wide} × {high} pixels")
        rows.append(points)
    found: NDArray[np.uint8] = coco_masks.decode(coco_masks.merge(coco_masks.frPyObjects(rows, high, wide)))
    return found
