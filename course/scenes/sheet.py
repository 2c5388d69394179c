"""A contact sheet: many scenes in one picture, with and without what is known about them."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from course.scenes.brush import Colour
from course.scenes.coco import as_bytes
from course.scenes.dataset import Scenes
from course.scenes.names import BALL, CLASSES, CONE, HELMET, PERSON, SKELETON

Picture = NDArray[np.uint8]
TILE = 288  # pixels that a tile's longer side should have, about
GAP, FOOTER = 12, 44
# Okabe and Ito's colours, as in the course's other pictures.
COLOURS: dict[int, Colour] = {PERSON: (230, 159, 0), HELMET: (86, 180, 233), CONE: (0, 158, 115), BALL: (204, 121, 167)}
WHITE, INK = (255, 255, 255), (34, 34, 34)


def annotated(image: Tensor, target: dict[str, Any], zoom: int = 2) -> Picture:
    """A scene, enlarged, with masks, boxes and skeletons: seen joints are dots, hidden ones rings."""
    picture = enlarged(image, zoom)
    tint = picture.copy()
    for label, mask in zip(target["labels"].tolist(), target["masks"].numpy(), strict=True):
        large = cv2.resize(mask, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_NEAREST)
        tint[large > 0] = COLOURS[label]
        outline, _ = cv2.findContours(large, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        cv2.drawContours(tint, outline, -1, WHITE, 1)
    picture = np.asarray(cv2.addWeighted(picture, 0.68, tint, 0.32, 0), np.uint8)
    for points in target["keypoints"].tolist():
        _skeleton(picture, [(round(x * zoom), round(y * zoom), int(v)) for x, y, v in points])
    for label, box in zip(target["labels"].tolist(), target["boxes"].tolist(), strict=True):
        x1, y1, x2, y2 = (round(edge * zoom) for edge in box)
        cv2.rectangle(picture, (x1, y1), (x2 - 1, y2 - 1), COLOURS[label], 1)
    return picture


def _skeleton(picture: Picture, points: list[tuple[int, int, int]]) -> None:
    """Bones between labelled joints, then the joints."""
    for start, end in SKELETON:
        if points[start][2] and points[end][2]:
            cv2.line(picture, points[start][:2], points[end][:2], WHITE, 1, cv2.LINE_AA)
    for x, y, v in points:
        if v:
            cv2.circle(picture, (x, y), 2, INK, -1, cv2.LINE_AA)
            cv2.circle(picture, (x, y), 1, WHITE if v == 2 else INK, -1 if v == 2 else 1, cv2.LINE_AA)
        if v == 1:
            cv2.circle(picture, (x, y), 3, WHITE, 1, cv2.LINE_AA)


def enlarged(image: Tensor, zoom: int) -> Picture:
    """A scene as bytes ``(H, W, 3)``, each side ``zoom`` times as long."""
    picture = as_bytes(image)
    if zoom == 1:
        return picture.copy()
    return np.asarray(cv2.resize(picture, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_CUBIC), np.uint8)


def sheet(data: Scenes, columns: int = 4, show: str = "both") -> Picture:
    """All scenes of a dataset in rows; ``show`` is "plain", "annotated", or "both", side by side."""
    zoom = max(1, round(TILE / max(data.size)))
    cells = []
    for index in range(len(data)):
        image, target = data[index]
        pair = [enlarged(image, zoom)] if show != "annotated" else []
        pair += [annotated(image, target, zoom)] if show != "plain" else []
        cells.append(np.concatenate(pair, axis=1))
    tall, wide = cells[0].shape[:2]
    columns = min(columns, len(cells))
    rows = -(-len(cells) // columns)
    footer = FOOTER if show != "plain" else GAP
    paper = np.full((GAP + rows * (tall + GAP) - GAP + footer, GAP + columns * (wide + GAP), 3), 255, np.uint8)
    for index, cell in enumerate(cells):
        y, x = GAP + index // columns * (tall + GAP), GAP + index % columns * (wide + GAP)
        paper[y : y + tall, x : x + wide] = cell
    if show != "plain":
        _legend(paper)
    return paper


def _legend(paper: Picture) -> None:
    """Which colour is which class, in the lower margin."""
    y, x = paper.shape[0] - 17, GAP
    for label, colour in COLOURS.items():
        cv2.rectangle(paper, (x, y - 11), (x + 16, y + 2), colour, -1)
        cv2.putText(paper, CLASSES[label], (x + 24, y), cv2.FONT_HERSHEY_DUPLEX, 0.5, INK, 1, cv2.LINE_AA)
        x += 40 + 11 * len(CLASSES[label])
