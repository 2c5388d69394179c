"""course.scenes: pictures and the truth about them. The oracles are loops over pixels, torchvision and pycocotools."""

import hashlib
import json
import math
import os
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from pycocotools import mask as tools
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from torchvision.models.detection import KeypointRCNN_ResNet50_FPN_Weights
from torchvision.ops import masks_to_boxes

from course import scenes
from course.scenes.__main__ import main
from course.scenes.body import POSES, Body, joints, project
from course.scenes.brush import SUPER, Canvas
from course.scenes.layout import plan
from course.scenes.light import MOODS, Light
from course.scenes.names import HELMET, PERSON
from course.scenes.parts import PARTS
from course.scenes.people import paint_near_arms, paint_person
from course.scenes.target import Painted, target_of
from course.scenes.wardrobe import dress

SEEDS = range(100)
SIZES = [(128, 128), (96, 160), (160, 96), (131, 77), (61, 203), (32, 32), (32, 400), (400, 32), (255, 257)]


def digest(seed: int, size: Any = 128) -> str:
    """Every byte of a scene."""
    image, target = scenes.scene(seed, size)
    found = hashlib.sha256(image.numpy().tobytes())
    for name, value in target.items():
        found.update(name.encode())
        found.update(value.numpy().tobytes() if isinstance(value, torch.Tensor) else str(value).encode())
    return found.hexdigest()


@pytest.fixture(scope="module")
def many() -> list[tuple[torch.Tensor, dict[str, Any]]]:
    return [scenes.scene(seed) for seed in SEEDS]


def check(image: torch.Tensor, target: dict[str, Any], size: tuple[int, int]) -> None:
    """All that is promised of one scene."""
    height, width = size
    count = len(target["labels"])
    assert image.shape == (3, height, width)
    assert image.dtype == torch.float32
    assert 0 <= image.min() < image.max() <= 1
    shapes = {"boxes": (count, 4), "masks": (count, height, width), "keypoints": (count, 17, 3), "area": (count,)}
    kinds = {"boxes": torch.float32, "labels": torch.int64, "masks": torch.uint8, "keypoints": torch.float32}
    assert {name: tuple(target[name].shape) for name in shapes} == shapes
    assert {name: target[name].dtype for name in kinds} == kinds
    assert target["iscrowd"].tolist() == [0] * count
    assert target["iscrowd"].dtype == torch.int64
    assert target["area"].dtype == torch.float32
    assert set(target["labels"].tolist()) <= set(range(1, len(scenes.CLASSES)))
    masks = target["masks"]
    assert masks.sum(0, dtype=torch.uint8).max() <= 1  # every pixel belongs to one object or none
    assert torch.equal(masks.sum((1, 2)).float(), target["area"])
    if count:
        closed = masks_to_boxes(masks)  # torchvision names the last pixel; ours is one further
        assert torch.equal(target["boxes"], closed + torch.tensor([0.0, 0.0, 1.0, 1.0]))
    for label, mask, points in zip(target["labels"].tolist(), masks, target["keypoints"].tolist(), strict=True):
        if label != PERSON:
            assert points == [[0.0, 0.0, 0.0]] * 17
            continue
        for x, y, v in points:
            assert v in (0, 1, 2)
            if v == 0:
                assert (x, y) == (0, 0)
            else:
                assert 0 <= x < width
                assert 0 <= y < height
            if v == 2:
                assert mask[int(y), int(x)] == 1


def test_many_seeds_keep_every_promise(many: list) -> None:
    for seed, (image, target) in zip(SEEDS, many, strict=True):
        assert target["image_id"] == seed
        check(image, target, (128, 128))


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_any_size_keeps_every_promise(size: tuple[int, int]) -> None:
    for seed in range(1000, 1010):
        check(*scenes.scene(seed, size), size)


def test_boxes_by_a_loop_over_pixels(many: list) -> None:
    for _, target in many[:6]:
        for mask, box in zip(target["masks"].tolist(), target["boxes"].tolist(), strict=True):
            places = [(x, y) for y, row in enumerate(mask) for x, inside in enumerate(row) if inside]
            columns, rows = [x for x, _ in places], [y for _, y in places]
            assert box == [min(columns), min(rows), max(columns) + 1, max(rows) + 1]


def test_scenes_are_varied_and_never_without_people(many: list) -> None:
    labels = [target["labels"] for _, target in many]
    assert all((label == PERSON).any() for label in labels)
    shares = torch.bincount(torch.cat(labels), minlength=5) / len(labels)
    assert (shares[1:] > 0.4).all()  # objects of each class a picture
    seen = torch.cat([target["keypoints"][target["labels"] == PERSON][..., 2].flatten() for _, target in many])
    assert (torch.bincount(seen.long()) > 0.05 * len(seen)).all()  # v = 0, 1 and 2 all occur
    assert len({image.numpy().tobytes() for image, _ in many}) == len(many)


def test_the_same_seed_gives_the_same_bytes_whatever_else_is_random() -> None:
    wanted = [digest(seed) for seed in range(5)]
    random.seed(1)
    np.random.seed(1)
    torch.manual_seed(1)
    cv2.setRNGSeed(1)
    assert [digest(seed) for seed in reversed(range(5))] == wanted[::-1]


def test_no_global_generator_is_touched() -> None:
    before = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state()
    scenes.scene(3)
    after = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state()
    assert before[:2] == after[:2]
    assert torch.equal(before[2], after[2])


def test_another_process_with_other_threads_gives_the_same_bytes(repo: Path) -> None:
    code = (
        "import cv2; cv2.setNumThreads(3); from tests.test_scenes import digest; print(digest(7), digest(8, (90, 150)))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "77"}
    there = subprocess.run(
        [sys.executable, "-c", code], cwd=repo, env=environment, capture_output=True, text=True, check=True
    )
    assert there.stdout.split() == [digest(7), digest(8, (90, 150))]


def test_a_seed_shows_the_same_scene_at_every_size() -> None:
    for seed in range(4):
        (small, target), (large, larger) = scenes.scene(seed, 128), scenes.scene(seed, 256)
        halved = torch.nn.functional.avg_pool2d(large, 2)
        assert (halved - small).abs().mean() < 0.03
        people, others = (found["keypoints"][found["labels"] == PERSON] for found in (target, larger))
        if len(people) == len(others):  # nobody is too hidden at one size only
            both = (people[..., 2] > 0) & (others[..., 2] > 0)
            assert torch.allclose(people[both][:, :2] * 2, others[both][:, :2], atol=0.01)


def test_names_are_cocos() -> None:
    names = KeypointRCNN_ResNet50_FPN_Weights.COCO_V1.meta["keypoint_names"]
    assert list(scenes.KEYPOINTS) == names
    assert scenes.CLASSES == ("background", "person", "helmet", "cone", "ball")
    bones = [  # as COCO's person_keypoints files have them, counted from 1
        *[[16, 14], [14, 12], [17, 15], [15, 13], [12, 13], [6, 12], [7, 13], [6, 7], [6, 8], [7, 9]],
        *[[8, 10], [9, 11], [2, 3], [1, 2], [1, 3], [2, 4], [3, 5], [4, 6], [5, 7]],
    ]
    assert [[start + 1, end + 1] for start, end in scenes.SKELETON] == bones


# One person alone on a canvas


def alone(turn: float, pose: str = "stand", size: int = 200) -> tuple[Canvas, Body]:
    """Somebody without helmet, turned by so many degrees, on an empty canvas; owner numbers from PARTS on."""
    canvas = Canvas(size, size)
    body = project(joints(POSES[pose]), (size / 2, 0.95 * size), 0.85 * size, turn, turn, 0.16)
    outfit = replace(dress(np.random.default_rng(0)), helmet=None, build=1.0)
    light = Light(1, MOODS[0])
    paint_person(canvas, body, outfit, light, PARTS)
    paint_near_arms(canvas, body, outfit, light, PARTS)
    return canvas, body


def seen(canvas: Canvas, body: Body) -> dict[str, int]:
    """The v of every keypoint."""
    target = target_of(canvas.owners(), [Painted(PARTS, PERSON, 1, body)])
    return dict(zip(scenes.KEYPOINTS, target["keypoints"][0, :, 2].int().tolist(), strict=True))


def test_who_faces_you_shows_everything_and_has_left_on_the_right() -> None:
    canvas, body = alone(0)
    assert set(seen(canvas, body).values()) == {2}
    for part in ("eye", "ear", "shoulder", "elbow", "wrist", "hip", "knee", "ankle"):
        assert body.points[f"left_{part}"][0] > body.points[f"right_{part}"][0]
    heights = [
        body.points[name][1] for name in ("left_eye", "nose", "left_shoulder", "left_hip", "left_knee", "left_ankle")
    ]
    assert heights == sorted(heights)


def test_who_turns_away_hides_the_face_only() -> None:
    canvas, body = alone(180)
    hidden = {name for name, v in seen(canvas, body).items() if v == 1}
    assert {"nose", "left_eye", "right_eye"} <= hidden
    assert not hidden & {"left_shoulder", "right_shoulder", "left_hip", "right_hip", "left_knee", "right_ankle"}
    assert body.points["left_shoulder"][0] < body.points["right_shoulder"][0]


@pytest.mark.parametrize(("turn", "near", "far"), [(90, "right", "left"), (-90, "left", "right")])
def test_from_the_side_the_far_arm_and_ear_are_hidden(turn: float, near: str, far: str) -> None:
    canvas, body = alone(turn)
    found = seen(canvas, body)
    assert body.points["nose"][0] * turn > body.points["head"][0] * turn  # looks that way
    assert [found[f"{near}_{part}"] for part in ("shoulder", "elbow", "wrist", "ear")] == [2, 2, 2, 2]
    assert [found[f"{far}_{part}"] for part in ("shoulder", "elbow", "ear", "eye")] == [1, 1, 1, 1]


def test_what_stands_in_front_hides_and_what_is_outside_is_not_labelled() -> None:
    canvas, body = alone(0)
    canvas.owner = 2 * PARTS
    canvas.rectangle(0, 120, 200, 200, (0, 0, 0))
    for name, v in seen(canvas, body).items():
        assert v == (1 if body.points[name][1] >= 120 else 2)
    canvas, body = alone(0)
    points = {name: point - (100, 0) for name, point in body.points.items()}
    for name, v in seen(canvas, replace(body, points=points)).items():
        assert (v == 0) == (points[name][0] < 0)


@pytest.mark.parametrize("pose", POSES)
def test_everybody_stands_on_the_ground_and_has_bones_of_one_length(pose: str) -> None:
    placed = joints(POSES[pose])
    for bone in ("shoulder-elbow", "elbow-wrist", "hip-knee", "knee-ankle"):
        start, end = bone.split("-")
        left, right = (math.dist(placed[f"{side}_{start}"], placed[f"{side}_{end}"]) for side in ("left", "right"))
        assert left == pytest.approx(right)
    assert min(point[1] for point in placed.values()) == pytest.approx(0.028)
    assert alone(30, pose)[0].owners().any()


# The canvas and what is read off it


def test_the_canvas_gives_pixels_to_the_front_most_by_their_middles() -> None:
    canvas = Canvas(40, 50)
    for owner, edges in ((8, (5, 5, 25, 30)), (16, (15.4, 10, 40, 20))):
        canvas.owner = owner
        canvas.rectangle(*edges, (200, 100, owner))
    owners = canvas.owners()
    for y in range(40):
        for x in range(50):
            front = 15.4 <= x + 0.5 < 40 and 10 <= y < 20
            assert owners[y, x] == (16 if front else 8 if 5 <= x < 25 and 5 <= y < 30 else 0)
    assert canvas.picture()[12, 30].tolist() == [200, 100, 16]
    assert 0 < canvas.picture()[12, 15, 2] < 16  # a pixel that both share has a mixed colour and one owner


def test_a_painted_disc_has_the_area_of_a_disc() -> None:
    canvas = Canvas(100, 100)
    canvas.owner = 8
    canvas.ellipse(np.array([50.0, 50.0]), (30.0, 20.0), (255, 255, 255))
    assert (canvas.owners() == 8).sum() == pytest.approx(math.pi * 600, rel=0.02)
    assert SUPER % 2 == 1  # otherwise pixels have no middle one


def test_almost_hidden_objects_are_left_out() -> None:
    owners = np.zeros((40, 40), np.uint8)
    owners[2:6, 2:8] = 8  # 24 pixels
    owners[10:13, 2:5] = 16  # 9 pixels: too few
    owners[20:22, 2:30] = 24  # 2 rows: too thin
    owners[30:36, 2:8] = 32 + 3  # 36 pixels of a person's part
    painted = [
        Painted(8, HELMET, 100),
        Painted(8, HELMET, 121),  # the same, but less than a fifth of it is seen
        Painted(16, HELMET, 9),
        Painted(24, HELMET, 56),
        Painted(32, PERSON, 36),
        Painted(40, HELMET, 50),  # all hidden
    ]
    target = target_of(owners, painted)
    assert target["boxes"].tolist() == [[2, 2, 8, 6], [2, 30, 8, 36]]
    assert target["labels"].tolist() == [HELMET, PERSON]
    nothing = target_of(owners * 0, painted)
    assert {name: tuple(value.shape) for name, value in nothing.items()} == {
        "boxes": (0, 4), "labels": (0,), "masks": (0, 40, 40), "keypoints": (0, 17, 3), "area": (0,), "iscrowd": (0,),
    }  # fmt: skip


def test_no_scene_has_more_objects_than_the_canvas_can_tell_apart() -> None:
    for seed in range(300):
        layout = plan(np.random.default_rng(seed), 12.0)
        most = 2 * len(layout.people) + len(layout.helmets) + len(layout.cones) + len(layout.balls)
        assert (most + 1) * PARTS <= 255


# The dataset and COCO's files


def test_the_dataset() -> None:
    data = scenes.Scenes(3, size=(48, 64), seed=2)
    assert len(data) == 3
    assert [target["image_id"] for _, target in data] == [2_000_000, 2_000_001, 2_000_002]
    assert torch.equal(data[-1][0], scenes.scene(2_000_002, (48, 64))[0])
    assert torch.equal(scenes.Scenes(1)[0][0], scenes.scene(0)[0])
    assert len(scenes.Scenes(0)) == 0
    with pytest.raises(IndexError, match=r"There are 3 scenes\. Got index 3\."):
        data[3]
    loader = torch.utils.data.DataLoader(data, batch_size=2, collate_fn=lambda batch: tuple(zip(*batch, strict=True)))
    assert [len(images) for images, _ in loader] == [2, 1]


def test_bad_arguments_are_named() -> None:
    with pytest.raises(ValueError, match=r"seed of a scene should be 0 or more\. Got -1\."):
        scenes.scene(-1)
    with pytest.raises(ValueError, match=r"should be 32 to 4096 pixels\. Got 31 × 99\."):
        scenes.scene(0, (31, 99))
    with pytest.raises(ValueError, match=r"should be 0 to 1,000,000\. Got 1,000,001\."):
        scenes.Scenes(1_000_001)
    with pytest.raises(ValueError, match=r"seed of a dataset should be 0 or more\. Got -2\."):
        scenes.Scenes(1, seed=-2)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, COCO]:
    path = scenes.write_coco(tmp_path_factory.mktemp("coco") / "new" / "folder", 8, size=(96, 150), seed=5)
    return path, COCO(path)


# pycocotools 2.0.11 hands NumPy 2 an array type without the copy keyword; it says so and works.
@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning")
def test_pycocotools_reads_equal_areas_boxes_masks_and_keypoints(written: tuple[Path, COCO]) -> None:
    path, coco = written
    data = scenes.Scenes(8, size=(96, 150), seed=5)
    for image, target in data:
        record = coco.imgs[target["image_id"]]
        stored = cv2.imread(str(path.parent / "images" / record["file_name"]))[..., ::-1]
        assert np.array_equal(stored.transpose(2, 0, 1).astype(np.float32) / np.float32(255), image.numpy())
        assert (record["height"], record["width"]) == (96, 150)
        annotations = coco.loadAnns(coco.getAnnIds(target["image_id"]))
        assert [annotation["category_id"] for annotation in annotations] == target["labels"].tolist()
        for row, annotation in enumerate(annotations):
            assert np.array_equal(coco.annToMask(annotation), target["masks"][row].numpy())
            rle = coco.annToRLE(annotation)
            x1, y1, x2, y2 = target["boxes"][row].tolist()
            assert tools.area(rle) == annotation["area"] == target["area"][row]
            assert tools.toBbox(rle).tolist() == annotation["bbox"] == [x1, y1, x2 - x1, y2 - y1]
            if annotation["category_id"] == PERSON:
                points = torch.tensor(annotation["keypoints"]).reshape(17, 3)
                assert torch.allclose(points, target["keypoints"][row], atol=1e-3)
                assert annotation["num_keypoints"] == (points[:, 2] > 0).sum()
            else:
                assert "keypoints" not in annotation


def test_categories_are_complete(written: tuple[Path, COCO]) -> None:
    categories = {category["id"]: category for category in json.loads(written[0].read_text())["categories"]}
    assert [categories[label]["name"] for label in sorted(categories)] == list(scenes.CLASSES[1:])
    assert categories[PERSON]["keypoints"] == list(scenes.KEYPOINTS)
    assert categories[PERSON]["skeleton"][0] == [16, 14]


@pytest.mark.parametrize("kind", ["bbox", "segm", "keypoints"])
def test_pycocotools_gives_the_truth_itself_full_marks(written: tuple[Path, COCO], kind: str) -> None:
    coco = written[1]
    truth = [a for a in coco.dataset["annotations"] if kind != "keypoints" or a.get("num_keypoints")]
    fields = {"bbox": "bbox", "segm": "segmentation", "keypoints": "keypoints"}
    perfect = [
        {
            "image_id": a["image_id"],
            "category_id": a["category_id"],
            "score": 0.9,
            fields[kind]: coco.annToRLE(a) if kind == "segm" else a[fields[kind]],
        }
        for a in truth
    ]
    evaluation = COCOeval(coco, coco.loadRes(perfect), kind)
    if kind == "keypoints":
        evaluation.params.catIds = [PERSON]
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    assert evaluation.stats[0] == pytest.approx(1.0)


# The contact sheet


@pytest.mark.parametrize(("show", "wide"), [("both", 2), ("plain", 1), ("annotated", 1)])
def test_the_contact_sheet_has_every_tile(show: str, wide: int, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    out = tmp_path / "sheet.png"
    main(["--count", "3", "--out", str(out), "--size", "64x128", "--columns", "2", "--show", show])
    assert capsys.readouterr().out == f"3 scenes: {out}\n"
    sheet = cv2.imread(str(out))
    assert sheet.shape == (12 + 2 * (128 + 12) - 12 + (12 if show == "plain" else 44), 12 + 2 * (wide * 256 + 12), 3)
    if show != "annotated":
        image = (scenes.scene(0, (64, 128))[0] * 255).round().byte().permute(1, 2, 0).numpy()[..., ::-1]
        small = cv2.resize(sheet[12:140, 12:268], (128, 64), interpolation=cv2.INTER_AREA)
        assert np.abs(small.astype(int) - image).mean() < 3


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ([], "the following arguments are required: --out"),
        (["--out", "sheet.gif"], "argument --out: should end with .png, .jpg, .jpeg, .webp; got 'sheet.gif'"),
        (["--out", "no/where/sheet.png"], "argument --out: the folder 'no/where' does not exist"),
        (["--out", "a.png", "--count", "0"], "argument --count: should be a whole number, 1 to 400; got '0'"),
        (["--out", "a.png", "--count", "many"], "argument --count: should be a whole number, 1 to 400; got 'many'"),
        (["--out", "a.png", "--seed", "-1"], "argument --seed: should be a whole number, 0 or more; got '-1'"),
        (["--out", "a.png", "--size", "12"], "The sides of a scene should be 32 to 4096 pixels. Got 12 × 12."),
        (
            ["--out", "a.png", "--size", "3,4"],
            "should be pixels such as 128, or HEIGHTxWIDTH such as 120x200; got '3,4'",
        ),
        (["--out", "a.png", "--show", "all"], "argument --show: invalid choice: 'all'"),
    ],
)
def test_bad_words_get_one_line(words: list[str], complaint: str, capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(SystemExit) as stop:
        main(words)
    assert stop.value.code == 2
    err = capsys.readouterr().err
    assert err.startswith("python -m course.scenes: ")
    assert complaint in err
    assert err.count("\n") == 1


def test_a_sheet_that_cannot_be_written_gets_one_line(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    (tmp_path / "sheet.png").mkdir()
    with pytest.raises(SystemExit):
        main(["--count", "1", "--size", "32", "--out", str(tmp_path / "sheet.png")])
    err = capsys.readouterr().err
    assert "cannot write" in err
    assert err.count("\n") == 1
