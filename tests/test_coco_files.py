"""Files in COCO's format as other programs write them: read as pycocotools reads them, or refused in one line."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from pycocotools import mask as coco_masks
from pycocotools.coco import COCO

from course import coco_files, datasets
from course.datasets import DatasetError
from course.errors import PlainError

SIZE = (30, 40)  # height, width
BOX = [5, 5, 10, 8]
CORNERS = [[5, 5, 15, 13]]  # as (x1, y1, x2, y2)
pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"
)


def mark(box: list[float] = BOX, **more: Any) -> dict[str, Any]:
    x, y, w, h = box
    polygon = [x, y, x + w, y, x + w, y + h, x, y + h]
    row = {
        "id": 1,
        "image_id": 1,
        "category_id": 1,
        "bbox": box,
        "area": w * h,
        "iscrowd": 0,
        "segmentation": [polygon],
    }
    return {key: value for key, value in (row | more).items() if value != "absent"}


class Folder:
    """A photo and a file about it, which a test may spoil first."""

    def __init__(self, path: Path) -> None:
        self.path = path
        Image.new("RGB", SIZE[::-1], (90, 120, 40)).save(path / "a.png")
        self.content: Any = {
            "images": [{"id": 1, "file_name": "a.png", "width": SIZE[1], "height": SIZE[0]}],
            "annotations": [mark()],
            "categories": [{"id": 1, "name": "helmet"}],
        }

    def written(self, encoding: str = "utf-8") -> Path:
        file = self.path / "ann.json"
        file.write_text(json.dumps(self.content, ensure_ascii=False), encoding=encoding)
        return file

    def data(self, **settings: Any) -> datasets.Coco:
        return datasets.coco(self.path, self.written(), **settings)

    def refused(self, *words: str) -> None:
        """One line, in the product's own words, that names the file."""
        with pytest.raises(DatasetError) as caught:
            list(self.data())
        assert "\n" not in str(caught.value)
        for word in ("ann.json", *words):
            assert word in str(caught.value)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


# --- what is right ---


def test_two_annotations_with_one_id_are_two_objects(folder: Folder) -> None:
    folder.content["annotations"] = [mark(id=0), mark([20, 15, 12, 10], id=0), mark([1, 1, 2, 2], id="absent")]
    assert folder.data()[0][1]["boxes"].tolist() == [[5, 5, 15, 13], [20, 15, 32, 25], [1, 1, 3, 3]]


@pytest.mark.parametrize("missing", ["absent", None])
def test_an_area_that_is_missing_is_that_of_the_mask_or_else_the_box(folder: Folder, missing: Any) -> None:
    half = [[5, 5, 15, 5, 15, 9, 5, 9]]
    folder.content["annotations"] = [mark(area=missing, segmentation=half)]
    (_, target), *_ = folder.data()
    assert target["boxes"].tolist() == CORNERS
    assert target["area"].tolist() == [target["masks"].sum()] == [40]
    folder.content["annotations"] = [mark(area=missing, segmentation="absent")]
    assert folder.data()[0][1]["area"].tolist() == [80]


@pytest.mark.parametrize("missing", ["absent", None, []])
def test_boxes_alone_give_no_masks(folder: Folder, missing: Any) -> None:
    folder.content["annotations"] = [mark(), mark(segmentation=missing)]
    data = folder.data()
    assert data.unsegmented.endswith("ann.json: annotations[1]")
    assert "masks" not in data[0][1]
    assert data[0][1]["boxes"].tolist() == CORNERS * 2


@pytest.mark.parametrize("missing", ["absent", None, []])
def test_keypoints_that_are_missing_are_zeros(folder: Folder, missing: Any) -> None:
    folder.content["annotations"] = [mark(keypoints=missing)]
    assert torch.equal(folder.data()[0][1]["keypoints"], torch.zeros(1, 17, 3))


@pytest.mark.parametrize(
    ("categories", "used", "label", "classes"),
    [
        ([(0, "cat"), (1, "dog")], 0, 1, ("background", "cat", "dog")),
        ([(1, "dog"), (0, "cat")], 1, 2, ("background", "cat", "dog")),
        ([(10**12, "cat"), (7, "dog")], 10**12, 2, ("background", "dog", "cat")),
        ([(-1, "cat")], -1, 1, ("background", "cat")),
        ([(1, "cat"), (3, "dog")], 3, 3, ("background", "cat", "N/A", "dog")),
        ([(2.0, "cat")], 2, 2, ("background", "N/A", "cat")),
    ],
)
def test_labels_count_from_1_and_keep_their_names(
    folder: Folder, categories: list, used: int, label: int, classes: tuple[str, ...]
) -> None:
    folder.content["categories"] = [{"id": number, "name": name} for number, name in categories]
    folder.content["annotations"] = [mark(category_id=used)]
    data = folder.data()
    assert data.classes == classes
    assert data[0][1]["labels"].tolist() == [label]


def test_a_category_that_only_heads_the_others_is_no_class(folder: Folder) -> None:
    folder.content["categories"] = [
        {"id": 0, "name": "site", "supercategory": "none"},
        {"id": 1, "name": "helmet", "supercategory": "site"},
    ]
    assert folder.data().classes == ("background", "helmet")
    folder.content["annotations"] = [mark(category_id=0)]
    folder.refused("annotations[0]", "category 0 only heads the others")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_every_encoding_that_json_knows(folder: Folder, encoding: str) -> None:
    folder.content["categories"][0]["name"] = "安全帽"
    assert datasets.coco(folder.path, folder.written(encoding)).classes == ("background", "安全帽")


def test_photos_come_in_the_order_of_their_numbers(folder: Folder) -> None:
    folder.content["images"] = [{**folder.content["images"][0], "id": number} for number in (9, 1, 4)]
    data = folder.data()
    assert data.ids == [1, 4, 9] == [target["image_id"] for _, target in data]
    assert [len(target["boxes"]) for _, target in data] == [1, 0, 0]


def test_a_photo_whose_size_is_not_told(folder: Folder) -> None:
    for key in ("height", "width"):
        del folder.content["images"][0][key]
    assert folder.data()[0][1]["boxes"].tolist() == CORNERS


def test_marks_on_the_pixels_as_stored_or_as_seen(folder: Folder) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", SIZE[::-1]).save(folder.path / "a.png", exif=exif)
    assert folder.data()[0][0].shape == (3, *SIZE)
    folder.content["images"][0].update(width=SIZE[0], height=SIZE[1])
    assert folder.data()[0][0].shape == (3, *SIZE[::-1])


# --- masks, against pycocotools ---


def segmentations() -> Iterator[Any]:
    generator = np.random.default_rng(0)
    yield [[5, 5, 15, 5, 15, 13, 5, 13]]
    yield [[5, 5, 15, 5, 10.5, 13.25], [20, 20, 39, 20, 39, 29]]
    yield [[-4, 3, 44, 3, 44, 33, -4, 33]]  # sticks out of the photo
    for share in (0.0, 0.02, 0.5, 1.0):
        bits = np.asfortranarray((generator.random(SIZE) < share).astype(np.uint8))
        packed = coco_masks.encode(bits)
        yield {"size": list(SIZE), "counts": packed["counts"].decode()}
        changes = np.flatnonzero(np.diff(bits.ravel("F"), prepend=0))
        yield {"size": list(SIZE), "counts": np.diff([0, *changes, bits.size]).tolist()}


@pytest.mark.parametrize("segmentation", [*segmentations()])
def test_masks_are_those_of_pycocotools(folder: Folder, segmentation: Any, capsys: pytest.CaptureFixture) -> None:
    folder.content["annotations"] = [mark(segmentation=segmentation)]
    theirs = COCO(str(folder.written()))
    capsys.readouterr()
    wanted = theirs.annToMask(theirs.loadAnns(theirs.getAnnIds())[0])
    (_, target), *_ = folder.data()
    assert (target["masks"][0].numpy() == wanted).all()


def test_a_polygon_without_its_brackets(folder: Folder) -> None:
    folder.content["annotations"] = [mark(segmentation=mark()["segmentation"][0])]
    assert folder.data()[0][1]["masks"].sum() == 80


# --- what cannot be meant ---


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"bbox": "absent"}, "expected 'bbox' as four numbers"),
        ({"bbox": None}, "got null"),
        ({"bbox": []}, "got []"),
        ({"bbox": ["5", "5", "10", "8"]}, 'got ["5", "5", "10", "8"]'),
        ({"bbox": [5, 5, -1, 8]}, "got [5, 5, -1, 8]"),
        ({"bbox": [5, 5, float("nan"), 8]}, "expected 'bbox'"),
        ({"bbox": [5, 5, 1e300, 8]}, "expected 'bbox'"),
        ({"bbox": [50, 5, 10, 8]}, "lies outside the photo, 40 × 30 pixels"),
        ({"area": "80"}, "expected 'area' as a number of square pixels"),
        ({"area": -1}, "expected 'area'"),
        ({"iscrowd": 2}, "expected 'iscrowd' as 0 or 1, got 2"),
        ({"category_id": 9}, "category 9 is not in the list"),
        ({"category_id": "helmet"}, "expected 'category_id' as a whole number, got \"helmet\""),
        ({"category_id": None}, "expected 'category_id'"),
        ({"category_id": True}, "expected 'category_id' as a whole number, got true"),
        ({"image_id": 7}, "image_id 7 is not in the list"),
        ({"image_id": "1"}, "expected 'image_id' as a whole number, got \"1\""),
        ({"image_id": 1.5}, "expected 'image_id'"),
        ({"keypoints": [1, 2, 3]}, "v being 0, 1 or 2"),
        ({"keypoints": [1, 2, 2]}, "expected 51 numbers as 'keypoints'"),
        ({"keypoints": "none"}, "expected 'keypoints'"),
        ({"segmentation": [[5, 5, 15, 13]]}, "polygon 0 should be x, y of three points or more"),
        ({"segmentation": [[5, 5, 15, 5, 15, 13, 5]]}, "polygon 0"),
        ({"segmentation": [[5, 5, 15, "5", 15, 13]]}, "polygon 0"),
        ({"segmentation": [[5, 5, 15, 5, 15, 13], [5, 5, 1e8, 5, 15, 13]]}, "polygon 1 lies far outside"),
        ({"segmentation": 7}, "expected 'segmentation' as polygons or run lengths, got 7"),
        ({"segmentation": {"size": [40, 30], "counts": [1200]}}, "'size' [30, 40], as the photo has; got [40, 30]"),
        ({"segmentation": {"size": [30, 40], "counts": [1199]}}, "of 1200 pixels together, got 1199"),
        ({"segmentation": {"size": [30, 40], "counts": [1300, -100]}}, "expected 'segmentation'"),
        ({"segmentation": {"size": [30, 40], "counts": "P"}}, "counts cannot be read: the last run length is cut"),
        ({"segmentation": {"size": [30, 40], "counts": "\x00"}}, "is not a character of run lengths"),
        ({"segmentation": {"size": [30, 40]}}, "expected 'segmentation'"),
    ],
)
def test_an_annotation_that_cannot_be_meant_is_named(folder: Folder, more: dict[str, Any], words: str) -> None:
    folder.content["annotations"] = [mark(), mark(**more)]
    folder.refused("annotations[1]: ", words)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda c: c["images"].append(c["images"][0]), "images[1]: id 1 is that of images[0] already"),
        (lambda c: c["images"][0].update(id="im1"), "images[0]: expected 'id' as a whole number, got \"im1\""),
        (lambda c: c["images"][0].update(file_name=3), "images[0]: expected 'file_name' as a text, got 3"),
        (lambda c: c["images"][0].pop("height"), "images[0]: expected 'height' as a whole number, but it is missing"),
        (lambda c: c["images"][0].update(height=0), "images[0]: expected a height and a width of at least 1"),
        (lambda c: c["images"][0].update(width=80, height=60), "a.png is 40 × 30 pixels; expected 80 × 60"),
        (lambda c: c["categories"].append(c["categories"][0]), "categories[1]: id 1 is that of categories[0] already"),
        (lambda c: c["categories"][0].pop("name"), "categories[0]: expected 'name' as a text, but it is missing"),
        (lambda c: c["categories"].append("cat"), 'categories[1]: expected an object with keys, got "cat"'),
        (lambda c: c.pop("annotations"), "'annotations' as a list, but it is missing"),
        (lambda c: c.update(categories=None), "'categories' as a list, got null"),
    ],
)
def test_a_file_that_cannot_be_meant_is_told_where(
    folder: Folder, spoil: Callable[[dict[str, Any]], Any], words: str
) -> None:
    spoil(folder.content)
    folder.refused(words)


def test_results_are_no_annotations(folder: Folder) -> None:
    folder.content = [{"image_id": 1, "category_id": 1, "bbox": BOX, "score": 0.5}]
    folder.refused("expected an object with COCO's images, annotations and categories")


@pytest.mark.parametrize("content", [None, b"", b"\xff\xd8nonsense"])
def test_a_photo_further_on_that_cannot_be_opened(folder: Folder, content: bytes | None) -> None:
    folder.content["images"].append({"id": 2, "file_name": "b.jpg", "width": 40, "height": 30})
    if content is not None:
        (folder.path / "b.jpg").write_bytes(content)
    data = folder.data()
    assert len(data[0][1]["boxes"]) == 1
    with pytest.raises(DatasetError, match=r"ann\.json: images\[1\]: .*b\.jpg") as caught:
        data[1]
    assert "\n" not in str(caught.value)


def test_the_file_stays_as_it_is_in_memory(folder: Folder) -> None:
    file = coco_files.read(folder.written())
    assert file.content == folder.content
    assert issubclass(coco_files.CocoError, PlainError)
