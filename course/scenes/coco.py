"""Scenes as files: PNG pictures and one JSON file in COCO's format."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from course.scenes.dataset import Scenes
from course.scenes.names import CLASSES, KEYPOINTS, PERSON, SKELETON
from course.scenes.render import Size


def write_coco(folder: str | Path, count: int, size: Size = 128, seed: int = 0) -> Path:
    """Write ``images/*.png`` and ``annotations.json`` for ``Scenes(count, size, seed)``.

    Categories are numbered as :data:`CLASSES`. Masks are uncompressed run lengths, boxes are (x, y, width, height);
    only people have keypoints. Loading a PNG and dividing by 255 gives the scene's own tensor.

    Args:
        folder: made if it is missing; files of the same names are replaced.
        count: how many pictures.
        size: the side of square pictures, or (height, width).
        seed: which dataset.

    Returns:
        the path of ``annotations.json``.
    """
    folder = Path(folder)
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    data = Scenes(count, size, seed)
    (folder / "images").mkdir(parents=True, exist_ok=True)
    for index in range(len(data)):
        image, target = data[index]
        name = f"{target['image_id']:06}.png"
        write_picture(folder / "images" / name, as_bytes(image))
        height, width = data.size
        images.append({"id": target["image_id"], "file_name": name, "height": height, "width": width})
        for row in range(len(target["labels"])):
            # COCO's own evaluation takes annotation 0 for "no match", so they count from 1.
            annotations.append({"id": len(annotations) + 1, **_annotation(target, row)})
    path = folder / "annotations.json"
    content = {
        "info": {"description": "R-CNN by hand: scenes", "seed": seed},
        "licenses": [],
        "images": images,
        "annotations": annotations,
        "categories": [_category(label) for label in range(1, len(CLASSES))],
    }
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def as_bytes(image: Tensor) -> NDArray[np.uint8]:
    """A picture ``(3, H, W)`` in [0, 1] as ``(H, W, 3)`` bytes."""
    return np.asarray((image * 255).round().byte().permute(1, 2, 0).numpy())


def write_picture(path: Path, picture: NDArray[np.uint8]) -> None:
    """Write ``(H, W, 3)`` bytes, red first, in the format that the file's name ends with."""
    good, data = cv2.imencode(path.suffix, np.ascontiguousarray(picture[..., ::-1]))
    if not good:
        raise OSError(f"OpenCV cannot write {path.suffix} files")
    path.write_bytes(data.tobytes())


def run_lengths(mask: NDArray[np.uint8]) -> list[int]:
    """A mask ``(H, W)`` as COCO's run lengths: column by column, zeros first."""
    pixels = mask.T.ravel()
    changes = np.flatnonzero(np.diff(pixels)) + 1
    lengths: list[int] = np.diff([0, *changes, pixels.size]).tolist()
    return [0, *lengths] if pixels[0] else lengths


def _annotation(target: dict[str, Any], row: int) -> dict[str, Any]:
    """One object, without its own number."""
    x1, y1, x2, y2 = target["boxes"][row].tolist()
    mask = target["masks"][row].numpy()
    label = int(target["labels"][row])
    found: dict[str, Any] = {
        "image_id": target["image_id"],
        "category_id": label,
        "bbox": [x1, y1, x2 - x1, y2 - y1],
        "area": float(target["area"][row]),
        "iscrowd": 0,
        "segmentation": {"size": list(mask.shape), "counts": run_lengths(mask)},
    }
    if label == PERSON:
        points = target["keypoints"][row]
        found["keypoints"] = [value for x, y, v in points.tolist() for value in (round(x, 3), round(y, 3), int(v))]
        found["num_keypoints"] = int((points[:, 2] > 0).sum())
    return found


def _category(label: int) -> dict[str, Any]:
    found: dict[str, Any] = {"id": label, "name": CLASSES[label], "supercategory": "site"}
    if label == PERSON:
        bones = [[start + 1, end + 1] for start, end in SKELETON]  # COCO counts keypoints from 1
        found |= {"keypoints": list(KEYPOINTS), "skeleton": bones}
    return found
