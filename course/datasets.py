"""Real photos with the truth about them, in the form of our scenes: Penn-Fudan's pedestrians, and COCO.

    data = datasets.penn_fudan("data")  # 170 photos, 54 MB, fetched when they are not there yet
    data = datasets.coco("data/val2017", "data/annotations/person_keypoints_val2017.json")
    image, target = data[0]

An item is a picture ``(3, H, W)``, float32 in [0, 1], and torchvision's target dictionary: ``boxes`` (N, 4) as
(x1, y1, x2, y2) in pixels, ``labels`` (N,) int64, ``masks`` (N, H, W) uint8, ``keypoints`` (N, 17, 3) as (x, y, v),
zeros where nobody labelled them, ``area`` (N,) of the mask in square pixels, ``iscrowd`` (N,) int64, ``image_id``.
"""

import contextlib
import io
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset
from torchvision.datasets import CocoDetection
from torchvision.datasets.utils import download_and_extract_archive
from torchvision.ops import masks_to_boxes
from torchvision.transforms.functional import to_tensor

from course.errors import PlainError
from course.scenes.names import KEYPOINTS, PERSON

PENN_FUDAN = "https://www.cis.upenn.edu/~jshi/ped_html/PennFudanPed.zip"

Item = tuple[Tensor, dict[str, Any]]


class DatasetError(PlainError):
    """A data set cannot be read; the message says what it expected and what it got."""


def penn_fudan(root: str | Path, download: bool = True) -> "PennFudan":
    """The Penn-Fudan pedestrians below ``root``: photos of streets, each person with a mask.

    Args:
        root: the folder that holds, or will hold, ``PennFudanPed``.
        download: fetch what is not there.

    Raises:
        DatasetError: it is not there and cannot be fetched, or files are missing.
    """
    folder = Path(root) / "PennFudanPed"
    if download and not folder.exists():
        try:
            download_and_extract_archive(PENN_FUDAN, str(root))
        except (OSError, RuntimeError) as error:
            raise DatasetError(
                f"{PENN_FUDAN} cannot be fetched ({error}). Without network use course.scenes; or fetch the file "
                f"elsewhere and unpack it in {root}."
            ) from None
        except BadZipFile:  # a download that broke off would be taken for whole the next time
            archive = Path(root) / Path(PENN_FUDAN).name
            archive.unlink()
            raise DatasetError(f"{archive} was no whole archive. It is removed: please try again.") from None
    return PennFudan(folder)


def coco(root: str | Path, annotations: str | Path, crowds: bool = False) -> "Coco":
    """A data set in COCO's format that is on this machine (COCO itself: cocodataset.org, 1 GB and more).

    Args:
        root: the folder of the photos.
        annotations: the JSON file; keypoints are in ``person_keypoints_*.json`` only, other classes than persons in
            ``instances_*.json`` only.
        crowds: whether groups that were marked as one (``iscrowd`` 1) are among the objects: for measuring with
            ``coco_ap``, which then leaves predictions on them alone; not for training.

    Raises:
        DatasetError: a file is missing, or not in COCO's format.
    """
    path = Path(annotations)
    if not path.is_file():
        raise DatasetError(f"there is no file {path} (from {Path.cwd()}): expected COCO's annotations, a .json file.")
    return Coco(Path(root), path, crowds)


class PennFudan(Dataset[Item]):
    """Photos and masks of a folder ``PennFudanPed``: ``PNGImages/x.png`` with ``PedMasks/x_mask.png``.

    In a mask 0 is background, and each person has a number. All are of class 1, person; keypoints are not labelled.
    """

    classes = ("background", "person")

    def __init__(self, folder: Path) -> None:
        self.photos = sorted((folder / "PNGImages").glob("*.png"))
        self.masks = [folder / "PedMasks" / f"{photo.stem}_mask.png" for photo in self.photos]
        if not self.photos:
            raise DatasetError(f"no photos in {folder / 'PNGImages'}: give the folder that PennFudanPed lies in.")
        if missing := [path for path in self.masks if not path.is_file()]:
            raise DatasetError(f"{len(missing)} masks are missing, {missing[0]} first: unpack the archive once more.")

    def __len__(self) -> int:
        return len(self.photos)

    def __getitem__(self, index: int) -> Item:
        """A photo and the persons in it; ``image_id`` is its place."""
        with Image.open(self.photos[index]) as photo, Image.open(self.masks[index]) as mask:
            image = to_tensor(photo.convert("RGB"))
            numbers = torch.from_numpy(np.array(mask))  # [H, W]: with a palette or without, the numbers themselves
        masks = numbers == numbers.unique()[1:, None, None]  # [N, H, W], without 0
        count = len(masks)
        boxes = masks_to_boxes(masks) + torch.tensor([0, 0, 1, 1])  # half open: the last pixel is within
        return image, {
            "boxes": boxes.float(),
            "labels": torch.full((count,), PERSON),
            "masks": masks.byte(),
            "keypoints": torch.zeros(count, len(KEYPOINTS), 3),
            "area": masks.sum((1, 2)).float(),
            "iscrowd": torch.zeros(count, dtype=torch.int64),
            "image_id": index % len(self),
        }


class Coco(CocoDetection):
    """torchvision's ``CocoDetection`` with targets as our detectors take them.

    Labels are COCO's own numbers: 91 of them, which are 80 classes, 10 that were given up ("N/A") and the background.
    Objects whose box has no area are left out, since no anchor can be fitted to them.

    Attributes:
        classes: what each label is called.
    """

    def __init__(self, root: Path, annotations: Path, crowds: bool) -> None:
        try:
            with contextlib.redirect_stdout(io.StringIO()):  # it prints how it is getting on
                super().__init__(root, str(annotations))
            names = {category["id"]: category["name"] for category in self.coco.cats.values()}
            first = next(iter(self.coco.imgs.values()), {"file_name": "."})["file_name"]
        except (ValueError, KeyError, TypeError, AssertionError) as error:
            came = f"{type(error).__name__}: {error}".strip(": ")
            raise DatasetError(f"{annotations} is not in COCO's format ({came}).") from None
        if not (root / first).exists():
            raise DatasetError(f"{annotations.name} names {first}, which is not in {root}: give the photos' folder.")
        self.classes = ("background", *(names.get(label, "N/A") for label in range(1, max(names, default=0) + 1)))
        self.crowds = crowds

    def __getitem__(self, index: int) -> Item:
        """A photo and the objects in it; ``image_id`` is COCO's."""
        photo, rows = super().__getitem__(index)
        image = to_tensor(photo)
        rows = [row for row in rows if min(row["bbox"][2:]) > 0 and (self.crowds or not row.get("iscrowd", 0))]
        count, size = len(rows), image.shape[1:]
        boxes = torch.tensor([row["bbox"] for row in rows], dtype=torch.float32).reshape(count, 4)
        boxes[:, 2:] += boxes[:, :2]  # COCO gives x, y, width, height
        masks = [torch.from_numpy(self.coco.annToMask(row)) for row in rows]
        return image, {
            "boxes": boxes,
            "labels": torch.tensor([row["category_id"] for row in rows], dtype=torch.int64),
            "masks": torch.stack(masks) if masks else torch.zeros(0, *size, dtype=torch.uint8),
            "keypoints": torch.stack([_keypoints(row) for row in rows]) if rows else torch.zeros(0, len(KEYPOINTS), 3),
            "area": torch.tensor([row["area"] for row in rows], dtype=torch.float32),
            "iscrowd": torch.tensor([row.get("iscrowd", 0) for row in rows], dtype=torch.int64),
            "image_id": self.ids[index],
        }


def _keypoints(row: dict[str, Any]) -> Tensor:
    """An annotation's keypoints ``(17, 3)``, zeros if it has none.

    Raises:
        DatasetError: it has another number of them.
    """
    values = torch.tensor(row.get("keypoints", [0] * 3 * len(KEYPOINTS)), dtype=torch.float32)
    if len(values) != 3 * len(KEYPOINTS):
        raise DatasetError(
            f"annotation {row['id']} has {len(values)} numbers as keypoints: expected {3 * len(KEYPOINTS)}, "
            f"x, y and v of COCO's {len(KEYPOINTS)} of a person."
        )
    return values.reshape(len(KEYPOINTS), 3)
