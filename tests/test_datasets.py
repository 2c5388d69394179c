"""course.datasets, on tiny copies in the formats of Penn-Fudan and COCO that these tests write themselves."""

import json
import shutil
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.datasets import CocoDetection, wrap_dataset_for_transforms_v2

from course import datasets, metrics, scenes
from course.datasets import DatasetError

SIZE = (60, 90)
# pycocotools 2.0.11 hands NumPy 2 an array type without the copy keyword; it says so and works.
DECODING = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"
)


def assert_as_scenes(item: tuple[torch.Tensor, dict[str, Any]]) -> None:
    """Same keys, dtypes and ranks as the target of a scene, whatever there is to see."""
    image, target = item
    scene, wanted = scenes.scene(7, SIZE)
    assert (image.dtype, image.dim()) == (scene.dtype, scene.dim())
    assert 0 <= float(image.min()) <= float(image.max()) <= 1
    assert set(target) == set(wanted)
    for key, value in wanted.items():
        if isinstance(value, torch.Tensor):
            assert (target[key].dtype, target[key].dim()) == (value.dtype, value.dim()), key
            assert len(target[key]) == len(target["labels"]), key
        else:
            assert type(target[key]) is type(value)
    assert target["masks"].shape[1:] == image.shape[1:]
    assert target["keypoints"].shape[1:] == (17, 3)


# --- Penn-Fudan -----------------------------------------------------------------------------------------------------


def write_penn_fudan(root: Path, mode: str = "P") -> Path:
    """Two photos: two persons, nobody. In the archive masks are numbers with a palette, or grey."""
    folder = root / "PennFudanPed"
    for name in ("PNGImages", "PedMasks"):
        (folder / name).mkdir(parents=True)
    numbers = np.zeros(SIZE, np.uint8)
    numbers[10:40, 5:20] = 1
    numbers[30:50, 60:90] = 2
    numbers[35, 70] = 0
    for name, mask in (("FudanPed00001", numbers), ("PennPed00001", numbers * 0)):
        photo = np.full((*SIZE, 3), (255, 0, 51), np.uint8)
        Image.fromarray(photo).save(folder / "PNGImages" / f"{name}.png")
        picture = Image.fromarray(mask)
        if mode == "P":
            picture.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0])
        picture.save(folder / "PedMasks" / f"{name}_mask.png")
    return folder


@pytest.mark.parametrize("mode", ["P", "L"])
def test_penn_fudan(mode: str, tmp_path: Path) -> None:
    write_penn_fudan(tmp_path, mode)
    data = datasets.penn_fudan(tmp_path)
    assert len(data) == 2
    for item in (data[0], data[1], data[-1]):
        assert_as_scenes(item)
    image, target = data[0]
    assert image[:, 0, 0].tolist() == pytest.approx([1, 0, 0.2])
    assert target["boxes"].tolist() == [[5, 10, 20, 40], [60, 30, 90, 50]]
    assert target["labels"].tolist() == [1, 1]
    assert target["area"].tolist() == [30 * 15, 20 * 30 - 1]
    assert target["masks"].sum() == 30 * 15 + 20 * 30 - 1
    assert (target["image_id"], data[-1][1]["image_id"]) == (0, 1)
    assert len(data[1][1]["labels"]) == 0
    assert data.classes[target["labels"][0]] == "person"


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that a server on this machine hands out in place of the university's."""
    folder = tmp_path / "served"
    folder.mkdir()

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(datasets, "PENN_FUDAN", f"http://127.0.0.1:{server.server_port}/PennFudanPed.zip")
    yield folder
    server.shutdown()
    server.server_close()
    thread.join()


def test_penn_fudan_is_fetched_when_it_is_not_there(served: Path, tmp_path: Path) -> None:
    new = tmp_path / "new" / "folder"
    with pytest.raises(DatasetError, match=r"PennFudanPed\.zip cannot be fetched \(.*404.*\)\. .* use course\.scenes"):
        datasets.penn_fudan(new)
    (served / "PennFudanPed.zip").write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(DatasetError, match=r"PennFudanPed\.zip was incomplete or damaged, so it was removed: "):
        datasets.penn_fudan(new)
    write_penn_fudan(tmp_path / "there")
    shutil.make_archive(str(served / "PennFudanPed"), "zip", tmp_path / "there")
    assert len(datasets.penn_fudan(new)) == 2
    (served / "PennFudanPed.zip").unlink()
    assert len(datasets.penn_fudan(new)) == 2, "what is there is not fetched again"


def test_penn_fudan_whose_mask_covers_all_or_does_not_fit(tmp_path: Path) -> None:
    folder = write_penn_fudan(tmp_path)
    mask = folder / "PedMasks" / "FudanPed00001_mask.png"
    Image.fromarray(np.full(SIZE, 3, np.uint8)).save(mask)
    assert datasets.penn_fudan(tmp_path)[0][1]["boxes"].tolist() == [[0, 0, 90, 60]]
    Image.fromarray(np.zeros((30, 45), np.uint8)).save(mask)
    with pytest.raises(DatasetError, match=r"FudanPed00001\.png is 90 × 60 pixels; expected 45 × 30\."):
        datasets.penn_fudan(tmp_path)[0]
    Image.fromarray(np.zeros((*SIZE, 3), np.uint8)).save(mask)
    with pytest.raises(DatasetError, match=r"FudanPed00001_mask\.png is a picture of mode RGB; expected a mask"):
        datasets.penn_fudan(tmp_path)[0]
    mask.write_bytes(b"")
    with pytest.raises(DatasetError, match=r"FudanPed00001_mask\.png cannot be read as a picture"):
        datasets.penn_fudan(tmp_path)[0]


def test_penn_fudan_that_lacks_something(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"no photos in .*PNGImages: give the folder that PennFudanPed lies in"):
        datasets.penn_fudan(tmp_path, download=False)
    folder = write_penn_fudan(tmp_path)
    (folder / "PedMasks" / "PennPed00001_mask.png").unlink()
    with pytest.raises(DatasetError, match=r"1 masks are missing, .*PennPed00001_mask\.png first"):
        datasets.penn_fudan(tmp_path)


# --- COCO -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our scenes in COCO's format: three pictures."""
    return scenes.write_coco(tmp_path_factory.mktemp("coco"), 3, SIZE, seed=2)


@DECODING
def test_scenes_come_back_as_they_were(written: Path, capfd: pytest.CaptureFixture[str]) -> None:
    data = datasets.coco(written.parent / "images", written)
    assert capfd.readouterr() == ("", "")
    assert len(data) == 3
    assert data.classes == scenes.CLASSES
    for (image, target), (scene, wanted) in zip(data, scenes.Scenes(3, SIZE, seed=2), strict=True):
        assert_as_scenes((image, target))
        assert torch.equal(image, scene)
        assert target["image_id"] == wanted["image_id"]
        for key in ("boxes", "labels", "masks", "area", "iscrowd"):
            assert torch.equal(target[key], wanted[key]), key
        assert torch.allclose(target["keypoints"], wanted["keypoints"], atol=1e-3)


@DECODING
def test_boxes_labels_and_masks_are_torchvisions(written: Path) -> None:
    keys = ("boxes", "labels", "masks")
    theirs = wrap_dataset_for_transforms_v2(CocoDetection(written.parent / "images", str(written)), target_keys=keys)
    for (_, target), (_, wanted) in zip(datasets.coco(written.parent / "images", written), theirs, strict=True):
        for key in keys:
            assert torch.equal(target[key], torch.as_tensor(wanted[key]).to(target[key])), key


def in_cocos_format(folder: Path, annotations: list[dict[str, Any]]) -> Path:
    """One photo of 60 × 90, COCO's numbers 1, person, and 13, stop sign; polygons as in COCO's own files."""
    Image.fromarray(np.zeros((*SIZE, 3), np.uint8)).save(folder / "000000000009.jpg")
    whole = {"image_id": 9, "iscrowd": 0, "area": 100.0, "segmentation": [[10, 10, 30, 10, 30, 20, 10, 20]]}
    content = {
        "images": [{"id": 9, "file_name": "000000000009.jpg", "height": SIZE[0], "width": SIZE[1]}],
        "annotations": [{"id": number + 1, **whole, **each} for number, each in enumerate(annotations)],
        "categories": [{"id": 1, "name": "person"}, {"id": 13, "name": "stop sign"}],
    }
    path = folder / "instances.json"
    path.write_text(json.dumps(content))
    return path


PERSON = {"category_id": 1, "bbox": [10, 10, 20, 10]}
CROWD = {
    "category_id": 1,
    "bbox": [0, 0, 2, 60],
    "iscrowd": 1,
    "segmentation": {"size": list(SIZE), "counts": [0, 120, 60 * 90 - 120]},
}


@DECODING
def test_polygons_crowds_and_flat_boxes(tmp_path: Path) -> None:
    path = in_cocos_format(tmp_path, [CROWD, PERSON, {"category_id": 13, "bbox": [5, 5, 0, 9]}])
    data = datasets.coco(tmp_path, path)
    assert (len(data.classes), data.classes[1], data.classes[2], data.classes[13]) == (14, "person", "N/A", "stop sign")
    _, target = data[0]
    assert_as_scenes(data[0])
    assert target["boxes"].tolist() == [[10, 10, 30, 20]]
    assert target["masks"].sum() == 200
    _, target = datasets.coco(tmp_path, path, crowds=True)[0]
    assert target["iscrowd"].tolist() == [1, 0]
    assert target["masks"].sum((1, 2)).tolist() == [120, 200]
    sure = {"boxes": target["boxes"], "labels": target["labels"], "scores": torch.tensor([0.9, 0.5])}
    assert metrics.coco_ap([sure], [target])["boxes"]["AP"] == pytest.approx(1.0)


@DECODING
def test_a_photo_without_objects(tmp_path: Path) -> None:
    item = datasets.coco(tmp_path, in_cocos_format(tmp_path, []))[0]
    assert_as_scenes(item)
    assert len(item[1]["labels"]) == 0
    assert item[1]["image_id"] == 9


@DECODING
def test_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"there is no file .*none\.json .*: expected COCO's annotations"):
        datasets.coco(tmp_path, tmp_path / "none.json")
    broken = tmp_path / "broken.json"
    for text, words in (
        ("{", r" cannot be read as JSON \("),
        ("[]", r": expected an object with COCO's images, annotations and categories, got \[\]\."),
        ('{"images": [3], "annotations": []}', r": images\[0\]: expected an object with keys, got 3\."),
        ('{"images": [{"id": 1}]}', r": images\[0\]: expected 'file_name' as a text, but it is missing\."),
        ('{"images": []}', r": expected COCO's .*: 'categories' as a list, but it is missing\."),
    ):
        broken.write_text(text)
        with pytest.raises(DatasetError, match=rf"broken\.json{words}"):
            datasets.coco(tmp_path, broken)
    path = in_cocos_format(tmp_path, [{**PERSON, "keypoints": [1, 2, 2]}])
    with pytest.raises(DatasetError, match=r"instances\.json names 000000000009\.jpg, which is not in .*elsewhere"):
        datasets.coco(tmp_path / "elsewhere", path)
    with pytest.raises(DatasetError, match=r"annotations\[0\]: expected 51 numbers as 'keypoints', .*, got 3"):
        datasets.coco(tmp_path, path)[0]
