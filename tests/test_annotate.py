"""Marks on a photo: what is right and wrong, torchvision's target, COCO's file, and where no widget runs."""

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from pycocotools.coco import COCO
from torch import Tensor
from torchvision.models.detection import fasterrcnn_mobilenet_v3_large_320_fpn
from torchvision.ops import box_convert

from course import annotate, library, scenes
from course.annotate import AnnotateError, marking
from course.detector import Detector

CLASSES = ["person", "helmet"]
PHOTO = torch.rand(3, 60, 100, generator=torch.Generator().manual_seed(0))  # 100 wide, 60 high
BOXES = [[10, 5, 50, 55.5], [20, 5, 40, 15], [60, 20, 90, 60]]
LABELS = ["person", "helmet", "person"]


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list:
    """What was displayed, as a notebook gets it."""
    found: list = []
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    monkeypatch.setattr(marking, "display", lambda data, metadata, raw: found.append(data))
    return found


@pytest.fixture
def grading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")


# --- the target ---------------------------------------------------------------------------------------------------


def test_the_target_is_what_torchvision_and_our_detector_learn_from(shown: list) -> None:
    target = annotate.mark(PHOTO, CLASSES, BOXES, LABELS).target()
    assert target["boxes"].equal(torch.tensor(BOXES))
    assert target["labels"].equal(torch.tensor([1, 2, 1]))
    assert (target["boxes"].dtype, target["labels"].dtype) == (torch.float32, torch.int64)
    torch.manual_seed(0)
    theirs = fasterrcnn_mobilenet_v3_large_320_fpn(weights=None, weights_backbone=None, num_classes=3).train()
    ours = Detector(library, 3).train()
    for detector in (theirs, ours):
        losses = detector([PHOTO], [target])
        assert all(loss.isfinite() for loss in losses.values())


def test_labels_may_be_names_or_numbers_from_1(grading: None) -> None:
    by_number = annotate.mark(PHOTO, CLASSES, torch.tensor(BOXES), torch.tensor([1, 2, 1]))
    assert by_number.marks == annotate.mark(PHOTO, CLASSES, BOXES, LABELS).marks


def test_what_sticks_out_of_the_photo_is_cut_off(grading: None) -> None:
    marks = annotate.mark(PHOTO, CLASSES, [[-5, 10, 30, 80], [90, -1, 200, 7]], [1, 1]).marks
    assert marks.boxes == ((0, 10, 30, 60), (90, 0, 100, 7))


# --- what cannot be meant -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("boxes", "labels", "message"),
    [
        ([[10, 10, 10, 20]], [1], "box 0: expected x1 < x2 and y1 < y2, got [10, 10, 10, 20], which has no area."),
        ([[1, 1, 2, 2], [30, 20, 10, 40]], [1, 1], "box 1: expected x1 < x2 and y1 < y2, got [30, 20, 10, 40]"),
        ([[100, 10, 120, 20]], [1], "box 0: [100, 10, 120, 20] lies outside the photo, which is 100 × 60 pixels."),
        ([[1, 2, 3]], [1], "box 0: expected four numbers x1, y1, x2, y2, got [1, 2, 3]."),
        ([[1, 2, float("nan"), 4]], [1], "box 0: expected four numbers"),
        ([["1", 2, 3, 4]], [1], "box 0: expected four numbers"),
        ([5], [1], "expected box 0 as a list, got 5."),
        ("boxes", [1], "expected boxes as a list, got 'boxes'."),
        ([[1, 2, 3, 4]], [], "expected a label for each of the 1 boxes, got 0 labels."),
        ([[1, 2, 3, 4]], [0], "label 0: expected a class from 1 (person) to 2 (helmet), or its name, got 0."),
        ([[1, 2, 3, 4]], [3], "label 0: expected a class from 1 (person) to 2 (helmet), or its name, got 3."),
        ([[1, 2, 3, 4]], [True], "label 0: expected a class from 1"),
        ([[1, 2, 3, 4]], ["hat"], "label 0: expected one of person, helmet, got 'hat'."),
    ],
)
def test_boxes_and_labels_that_cannot_be_meant(boxes: Any, labels: Any, message: str, grading: None) -> None:
    with pytest.raises(AnnotateError, match=re.escape(message)):
        annotate.mark(PHOTO, CLASSES, boxes, labels)


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        ([], "expected the names of one or more classes, got none."),
        (["a", " "], "expected names as classes, got ' '."),
        (["a", 2], "expected names as classes, got 2."),
        (["a", "b", "a"], "expected every class once, got 'a' 2 times."),
    ],
)
def test_classes_that_cannot_be_meant(classes: Any, message: str, grading: None) -> None:
    with pytest.raises(AnnotateError, match=re.escape(message)):
        annotate.mark(PHOTO, classes)


@pytest.mark.parametrize(
    ("picture", "message"),
    [
        (
            torch.rand(60, 100),
            "expected a photo as a tensor (3, height, width), as uploads.photo gives it, got (60, 100).",
        ),
        (torch.rand(3, 0, 5), "got (3, 0, 5)."),
        ("photo.jpg", "got str."),
        (torch.zeros(3, 4, 4, dtype=torch.uint8), "expected numbers from 0 to 1 as float32, got torch.uint8."),
    ],
)
def test_pictures_that_cannot_be_meant(picture: Any, message: str, grading: None) -> None:
    with pytest.raises(AnnotateError, match=re.escape(message)):
        annotate.mark(picture, CLASSES)


def test_a_photo_without_boxes_gives_no_target_but_a_line_of_advice(grading: None) -> None:
    with pytest.raises(AnnotateError, match=r"^my.png: expected at least one box, but nothing is marked yet\. Draw on"):
        annotate.mark(PHOTO, CLASSES, file_name="my.png").target()


# --- the file -----------------------------------------------------------------------------------------------------


def test_the_file_is_one_that_pycocotools_reads(
    tmp_path: Path, grading: None, capsys: pytest.CaptureFixture[str]
) -> None:
    path = annotate.mark(PHOTO, CLASSES, BOXES, LABELS, "my.png").save(tmp_path / "my.json")
    assert capsys.readouterr().out == f"{path}: 3 boxes on my.png.\n"
    coco = COCO(str(path))
    (image,) = coco.loadImgs(coco.getImgIds())
    assert (image["file_name"], image["height"], image["width"]) == ("my.png", 60, 100)
    assert [category["name"] for category in coco.loadCats(coco.getCatIds())] == CLASSES
    found = coco.loadAnns(coco.getAnnIds(imgIds=image["id"], iscrowd=False))
    torch.testing.assert_close(
        torch.tensor([mark["bbox"] for mark in found]), box_convert(torch.tensor(BOXES), "xyxy", "xywh")
    )
    assert [mark["area"] for mark in found] == [40 * 50.5, 20 * 10, 30 * 40]
    assert [mark["id"] for mark in coco.loadAnns(coco.getAnnIds(catIds=[2]))] == [2]


def test_a_file_is_gone_on_with(tmp_path: Path, shown: list) -> None:
    first = annotate.mark(PHOTO, CLASSES, BOXES, LABELS, "my.png")
    path = first.save(tmp_path / "my.json")
    again = annotate.go_on(PHOTO, path)
    assert again.marks == first.marks == annotate.load(path)
    again.widget.boxes, again.widget.labels = [[1.0, 2.0, 3.0, 4.0]], [2]  # as from the browser
    assert str(again) == "my.png, 100 × 60 pixels:\n  helmet from (1, 2) to (3, 4)"
    again.save(path)
    assert annotate.load(path).boxes == ((1, 2, 3, 4),)
    assert [file.name for file in tmp_path.iterdir()] == ["my.json"]


def test_a_file_of_another_photo_is_refused(tmp_path: Path, grading: None) -> None:
    path = annotate.mark(PHOTO, CLASSES, BOXES, LABELS).save(tmp_path / "my.json")
    with pytest.raises(AnnotateError, match="belongs to a photo of 100 × 60 pixels, but this one has 60 × 100"):
        annotate.go_on(PHOTO.transpose(1, 2), path)


def test_a_scene_written_by_another_module_can_be_read(tmp_path: Path) -> None:
    path = scenes.write_coco(tmp_path, 1, seed=3)
    marks = annotate.load(path)
    _, target = scenes.Scenes(1, seed=3)[0]
    assert marks.classes == tuple(scenes.CLASSES[1:])
    assert torch.tensor(marks.boxes).equal(target["boxes"])
    assert torch.tensor(marks.labels).equal(target["labels"])


def _without(key: str) -> Callable[[dict], None]:
    return lambda content: content.pop(key)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_without("images"), "images, annotations and categories: 'images' as a list, but it is missing."),
        (_without("categories"), "images, annotations and categories: 'categories' as a list, but it is missing."),
        (lambda c: c["images"].append(c["images"][0]), "images[1]: id 1 is that of images[0] already."),
        (lambda c: c["images"].append({**c["images"][0], "id": 2}), "expected the marks of one photo, got 2."),
        (lambda c: c["images"][0].pop("height"), "images[0]: expected 'height' as a whole number, but it is missing."),
        (
            lambda c: c["annotations"][2].update(image_id=99),
            "annotations[2]: image_id 99 is not in the list of images.",
        ),
        (lambda c: c["categories"][1].update(id=1), "categories[1]: id 1 is that of categories[0] already."),
        (lambda c: c["categories"][1].update(name="person"), "expected every class once, got 'person' 2 times."),
        (
            lambda c: c["annotations"][0].update(category_id=9),
            "annotations[0]: category 9 is not in the list of categories.",
        ),
        (
            lambda c: c["annotations"][0].update(bbox=[1, 2, 3]),
            "annotations[0]: expected 'bbox' as four numbers x, y, width, height in pixels, got [1, 2, 3].",
        ),
        (lambda c: c["annotations"][1].update(bbox=[1, 2, 0, 4]), "annotations[1]: expected x1 < x2"),
        (lambda c: c["annotations"][0].update(bbox=["a", 2, 0, 4]), 'in pixels, got ["a", 2, 0, 4].'),
        (lambda c: c.update(annotations=7), "'annotations' as a list, got 7."),
    ],
)
def test_a_file_that_is_no_coco_file(spoil: Callable[[dict], Any], message: str, tmp_path: Path, grading: None) -> None:
    path = annotate.mark(PHOTO, CLASSES, BOXES, LABELS).save(tmp_path / "my.json")
    content = json.loads(path.read_text())
    spoil(content)
    path.write_text(json.dumps(content))
    with pytest.raises(AnnotateError, match=re.escape(message)) as raised:
        annotate.load(path)
    assert str(raised.value).startswith(f"{path}: ")


@pytest.mark.parametrize(
    "text", ["", "{", "[1, 2", "\x00", "[" * 100_000], ids=["empty", "cut", "list", "null", "deep"]
)
def test_a_file_that_is_no_json(text: str, tmp_path: Path) -> None:
    path = tmp_path / "my.json"
    path.write_text(text)
    with pytest.raises(AnnotateError, match=r"my\.json cannot be read as JSON"):
        annotate.load(path)


def test_a_file_that_is_not_there_or_is_called_otherwise(tmp_path: Path, grading: None) -> None:
    with pytest.raises(AnnotateError, match=r"there is no file .*my\.json"):
        annotate.load(tmp_path / "my.json")
    with pytest.raises(AnnotateError, match=r"expected the path of a file that ends in \.json, got my\.txt"):
        annotate.mark(PHOTO, CLASSES).save("my.txt")


# --- files of other programs -------------------------------------------------------------------------------------


def foreign(path: Path) -> dict:
    """A file with all that other programs write: four objects, one of them a crowd, and numbers of their own."""

    def row(number: int, box: list[float], category: int = 3, **more: Any) -> dict:
        return {"id": number, "image_id": 7, "category_id": category, "bbox": box, "area": 9.5, "iscrowd": 0, **more}

    content = {
        "info": {"contributor": "lab"},
        "licenses": [{"id": 1, "name": "CC-BY"}],
        "images": [{"id": 7, "file_name": "p.jpg", "width": 100, "height": 60, "license": 1}],
        "annotations": [
            row(21, [10, 5, 20.1, 10.2], segmentation=[[10, 5, 30, 5, 30, 15]], attributes={"occluded": True}),
            row(22, [0, 0, 100, 60], iscrowd=1, segmentation={"size": [60, 100], "counts": [6000]}),
            row(23, [-5, 30, 20, 10], 8, score=0.5),
            row(24, [50, 30, 10, 10], keypoints=[1, 2, 2], num_keypoints=1),
        ],
        "categories": [{"id": 8, "name": "dog"}, {"id": 3, "name": "cat", "supercategory": "animal"}],
        "videos": [],
    }
    path.write_text(json.dumps(content), encoding="utf-8-sig")
    return content


def edited(path: Path, change: Callable[[list, list], Any]) -> list[dict]:
    """The annotations of a file after a change to the boxes and labels of its marking."""
    marking = annotate.go_on(PHOTO, path)
    boxes, labels = [list(box) for box in marking.widget.boxes], list(marking.widget.labels)
    change(boxes, labels)
    marking.widget.boxes, marking.widget.labels = boxes, labels
    marking.save(path)
    return json.loads(path.read_text())["annotations"]


def test_a_file_of_another_program_comes_back_as_it_was(tmp_path: Path, shown: list) -> None:
    path = tmp_path / "p.json"
    content = foreign(path)
    marking = annotate.go_on(PHOTO, path)
    assert [marking.marks.classes[label - 1] for label in marking.marks.labels] == ["cat", "dog", "cat"]
    for place in (path, tmp_path / "copy.json"):
        marking.save(place)
        assert json.loads(place.read_text(encoding="utf-8")) == content


def test_what_is_not_edited_stays(tmp_path: Path, shown: list) -> None:
    path = tmp_path / "p.json"
    first, crowd, second, third = foreign(path)["annotations"]
    found = edited(path, lambda boxes, labels: boxes.append([1, 1, 5, 5]) or labels.append(1))
    new = {"id": 25, "image_id": 7, "category_id": 8, "bbox": [1, 1, 4, 4], "area": 16, "iscrowd": 0}
    assert found == [first, crowd, second, third, new]
    found = edited(path, lambda boxes, labels: labels.__setitem__(0, 1))
    assert found == [{**first, "category_id": 8}, crowd, second, third, new]
    found = edited(path, lambda boxes, labels: boxes.__setitem__(1, [70, 1, 80, 9]))  # far away, between two that stay
    moved = {**second, "bbox": [70, 1, 10, 8], "area": 80}
    assert found == [{**first, "category_id": 8}, crowd, moved, third, new]
    found = edited(path, lambda boxes, labels: boxes.__setitem__(0, [11, 6, 31, 16]))
    reshaped = {**first, "category_id": 8, "bbox": [11, 6, 20, 10]}
    assert found == [reshaped, crowd, moved, third, new], "a mask that nobody edited stays, and its area"
    found = edited(
        path, lambda boxes, labels: (boxes.pop(0), labels.pop(0), boxes.append([90, 50, 99, 59]), labels.append(2))
    )
    assert found == [crowd, moved, third, new, {**new, "id": 26, "category_id": 3, "bbox": [90, 50, 9, 9], "area": 81}]
    assert edited(path, lambda boxes, labels: (boxes.clear(), labels.clear())) == [crowd]


def test_a_file_of_another_program_is_not_replaced(tmp_path: Path, grading: None) -> None:
    path = tmp_path / "p.json"
    foreign(path)
    before = path.read_bytes()
    marking = annotate.mark(PHOTO, CLASSES, BOXES, LABELS)
    for content in (before, b'{"name": "a notebook\'s settings"}', b"not even JSON"):
        path.write_bytes(content)
        with pytest.raises(
            AnnotateError, match=r"p\.json comes from another program, and would be lost: go on with it"
        ):
            marking.save(path)
        assert path.read_bytes() == content
    ours = marking.save(tmp_path / "ours.json")
    annotate.mark(PHOTO, CLASSES).save(ours)
    assert annotate.load(ours).boxes == (), "our own file is replaced, as it always was"


def test_a_file_that_was_changed_meanwhile_is_not_replaced(tmp_path: Path, grading: None) -> None:
    path = tmp_path / "p.json"
    content = foreign(path)
    marking = annotate.go_on(PHOTO, path)
    path.write_text(json.dumps({**content, "videos": ["new"]}))
    with pytest.raises(AnnotateError, match=r"p\.json was changed by another program since it was read"):
        marking.save(path)


def test_a_crowd_is_no_box(tmp_path: Path, grading: None) -> None:
    foreign(tmp_path / "p.json")
    assert annotate.load(tmp_path / "p.json").boxes == ((10, 5, 30.1, 15.2), (0, 30, 15, 40), (50, 30, 60, 40))


# --- what is shown ------------------------------------------------------------------------------------------------


def test_a_notebook_that_runs_no_widgets_shows_the_photo_with_its_marks(shown: list) -> None:
    annotate.mark(PHOTO, CLASSES, BOXES[:1], LABELS[:1])
    (data,) = shown
    assert data["text/plain"] == "A photo, 100 × 60 pixels. Marked: person from (10, 5) to (50, 56)."
    assert data["text/html"].startswith("<figure")
    assert len(data["application/vnd.jupyter.widget-view+json"]["model_id"]) == 32


@pytest.mark.parametrize("execution", ["autograde", "validate"])
def test_while_nbgrader_runs_the_notebook_nothing_is_shown_and_typed_boxes_count(
    execution: str, shown: list, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NBGRADER_EXECUTION", execution)
    mine = annotate.mark(PHOTO, CLASSES, BOXES, LABELS)
    assert mine.widget is None
    assert len(mine.target()["boxes"]) == 3
    assert shown == []
    assert capsys.readouterr() == ("", "")


def test_colab_is_asked_to_run_the_widget(shown: list, monkeypatch: pytest.MonkeyPatch) -> None:
    """Colab runs other people's widgets only when it is asked to; anywidget asks."""
    asked: list = []
    output = SimpleNamespace(enable_custom_widget_manager=lambda: asked.append(True))
    monkeypatch.setitem(sys.modules, "google.colab", SimpleNamespace(output=output))
    monkeypatch.setitem(sys.modules, "google.colab.output", output)
    annotate.mark(PHOTO, CLASSES)
    assert asked


def test_the_page_asks_for_nothing_from_elsewhere(repo: Path) -> None:
    for name in ("canvas.js", "canvas.css"):
        text = (repo / "course" / "annotate" / name).read_text(encoding="utf-8")
        assert re.findall(r"https?://[^\"]+|@?import\b.*", text) in ([], ["http://www.w3.org/2000/svg"])


def test_a_picture_with_a_gradient_can_be_marked(shown: list) -> None:
    picture: Tensor = PHOTO.clone().requires_grad_()
    assert annotate.mark(picture, CLASSES).widget.photo.startswith(b"\x89PNG")
