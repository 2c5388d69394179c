"""Real photos with the truth about them, in the form of our scenes: Penn-Fudan's pedestrians, and COCO.

    data = datasets.penn_fudan("data")  # 170 photos, 54 MB, fetched when they are not there yet
    data = datasets.coco("data/val2017", "data/annotations/person_keypoints_val2017.json")
    image, target = data[0]

An item is a picture ``(3, H, W)``, float32 in [0, 1], and torchvision's target dictionary: ``boxes`` (N, 4) as
(x1, y1, x2, y2) in pixels, ``labels`` (N,) int64, ``masks`` (N, H, W) uint8, ``keypoints`` (N, 17, 3) as (x, y, v),
zeros if they are not labelled, ``area`` (N,) of the mask in square pixels, ``iscrowd`` (N,) int64, ``image_id``.
A file of boxes alone, as many programs write it, gives no ``masks``.
"""

from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import torch
from torch import Tensor
from torch.utils.data import Dataset
from torchvision.datasets.utils import download_and_extract_archive
from torchvision.ops import masks_to_boxes

from course import coco_files
from course.coco_files import CocoError, Object, as_mask
from course.errors import PlainError, told_as
from course.photos import PhotoError, as_tensor, open_numbers, open_photo
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
                f"{PENN_FUDAN} cannot be fetched ({error}). If you are offline, use course.scenes; or fetch the file "
                f"elsewhere and unpack it in {root}."
            ) from None
        except BadZipFile:  # a download that broke off would be taken for whole the next time
            archive = Path(root) / Path(PENN_FUDAN).name
            archive.unlink()
            raise DatasetError(f"{archive} was incomplete or damaged, so it was removed: please try again.") from None
    return PennFudan(folder)


def coco(root: str | Path, annotations: str | Path, crowds: bool = False) -> "Coco":
    """A data set in COCO's format that is on this machine (COCO itself: cocodataset.org, 1 GB and more).

    Labels are the file's own numbers: COCO's are 91, which are 80 classes, 10 that were given up ("N/A") and the
    background. Files that count from 0 are numbered from 1 (:func:`course.coco_files.numbered`). ``classes`` has the
    names. Objects whose box has no area are left out, since no anchor can be fitted to them.

    Args:
        root: the folder of the photos.
        annotations: the JSON file; keypoints are in ``person_keypoints_*.json`` only, other classes than persons in
            ``instances_*.json`` only.
        crowds: whether groups that were marked as one (``iscrowd`` 1) are among the objects: for measuring with
            ``coco_ap``, which then leaves predictions on them alone; not for training.

    Raises:
        DatasetError: a file is missing, or an entry makes no sense; the message names file and place.
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
        """A photo and the persons in it; ``image_id`` is its place.

        Raises:
            DatasetError: photo or mask cannot be opened, or they differ in size.
        """
        with told_as(DatasetError, PhotoError):
            numbers = torch.from_numpy(open_numbers(self.masks[index]))  # [H, W]
            high, wide = numbers.shape
            image = as_tensor(open_photo(self.photos[index], (high, wide)))
        persons = numbers.unique()
        masks = numbers == persons[persons != 0, None, None]  # [N, H, W]
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


class Coco(Dataset[Item]):
    """Photos and objects of a file in COCO's format, from any program; see :func:`coco`.

    Attributes:
        classes: what each label is called; see :func:`course.coco_files.numbered`.
        ids: COCO's number of each photo, in order.
        unsegmented: where the first object without a segmentation stands; "" if all have one. If not, the targets have
            no ``masks``: boxes instead of them would teach a mask head nothing but boxes.
    """

    def __init__(self, root: Path, annotations: Path, crowds: bool) -> None:
        with told_as(DatasetError, CocoError):
            file = coco_files.read(annotations)
            self.labels, self.classes = coco_files.numbered(file.categories)
            self.objects = {photo.id: self._objects(file.objects[photo.id], crowds) for photo in file.photos}
        self.root, self.photos, self.ids = root, file.photos, [photo.id for photo in file.photos]
        lacking = (each.record.where for photo in self.ids for each in self.objects[photo] if not each.segmented)
        self.unsegmented = next(lacking, "")
        first = self.photos[0].file_name if self.photos else "."
        if not (root / first).exists():
            raise DatasetError(f"{annotations.name} names {first}, which is not in {root}: give the photos' folder.")

    def __len__(self) -> int:
        return len(self.photos)

    def __getitem__(self, index: int) -> Item:
        """A photo and the objects in it; ``image_id`` is COCO's.

        Raises:
            DatasetError: the photo cannot be opened or has another size than the file says, or an object's box, mask or
                keypoints do not fit it.
        """
        photo = self.photos[index]
        with told_as(DatasetError, PhotoError, f"{photo.record.where}: "):
            image = as_tensor(open_photo(self.root / photo.file_name, photo.size))
        with told_as(DatasetError, CocoError):
            return image, {**self._target(self.objects[photo.id], image), "image_id": photo.id}

    def _objects(self, found: list[Object], crowds: bool) -> list[Object]:
        """Objects that a detector can learn from or be measured by."""
        for each in found:
            if each.category not in self.labels:
                raise each.record.wrong(f"category {each.category} only heads the others, and is no class of its own")
        return [each for each in found if min(each.box[2:]) > 0 and (crowds or not each.crowd)]

    def _target(self, objects: list[Object], image: Tensor) -> dict[str, Any]:
        count, (high, wide) = len(objects), image.shape[1:]
        boxes = torch.tensor([each.corners((high, wide)) for each in objects], dtype=torch.float32)
        masks = [torch.from_numpy(as_mask(each.record, (high, wide))) if each.segmented else None for each in objects]
        nobody = [[0.0] * 3] * len(KEYPOINTS)
        keypoints = [each.record.keypoints(len(KEYPOINTS)) or nobody for each in objects]
        areas = [_area(each, mask) for each, mask in zip(objects, masks, strict=True)]
        target = {
            "boxes": boxes.reshape(count, 4),
            "labels": torch.tensor([self.labels[each.category] for each in objects], dtype=torch.int64),
            "keypoints": torch.tensor(keypoints).reshape(count, len(KEYPOINTS), 3),
            "area": torch.tensor(areas, dtype=torch.float32),
            "iscrowd": torch.tensor([int(each.crowd) for each in objects], dtype=torch.int64),
        }
        if not self.unsegmented:
            bits = [mask for mask in masks if mask is not None]
            target["masks"] = torch.stack(bits) if bits else torch.zeros(0, high, wide, dtype=torch.uint8)
        return target


def _area(each: Object, mask: Tensor | None) -> float:
    """What the file says; where it does not, what the mask or else the box covers."""
    if each.area is not None:
        return each.area
    return float(mask.sum()) if mask is not None else each.box[2] * each.box[3]
