"""course.metrics. The oracles are pycocotools on files, by its own road, and matching by hand."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from pycocotools import mask as tools
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from torchvision.ops import box_iou

from course import metrics, scenes
from course.metrics import MetricsError
from course.scenes.names import PERSON

Pictures = list[dict[str, Any]]
NAMES = ("AP", "AP50", "AP75")
COUNT, SIZE, SEED = 12, (96, 150), 6


@pytest.fixture(scope="module")
def targets() -> Pictures:
    return [target for _, target in scenes.Scenes(COUNT, SIZE, SEED)]


@pytest.fixture(scope="module")
def predictions(targets: Pictures) -> Pictures:
    """The truth, moved a little, some of it twice, some missing, some of another class; scores with ties."""
    luck = torch.Generator().manual_seed(0)
    found = []
    for target in targets:
        row = torch.randint(max(len(target["labels"]), 1), (2 * len(target["labels"]),), generator=luck)
        count = len(row)
        labels = target["labels"][row]
        labels = torch.where(torch.rand(count, generator=luck) < 0.2, labels % 4 + 1, labels)
        masks = (target["masks"][row] * torch.rand(count, *SIZE, generator=luck) ** 0.1)[:, None]
        joints = target["keypoints"][row] + torch.randn(count, 17, 3, generator=luck)
        boxes = target["boxes"][row] + torch.randn(count, 4, generator=luck)
        scores = torch.rand(count, generator=luck).mul(8).round() / 8
        found.append({"boxes": boxes, "labels": labels, "scores": scores, "masks": masks, "keypoints": joints})
    return found


def empty(picture: dict[str, Any]) -> dict[str, Any]:
    """A prediction or target without an object."""
    return {key: value[:0] for key, value in picture.items() if isinstance(value, torch.Tensor)}


def by_files(predictions: Pictures, targets: Pictures, kind: str, folder: Path) -> list[float]:
    """AP, AP50 and AP75 as COCO's own tutorial computes them: the scenes' JSON, results as JSON, ``loadRes``."""
    coco = COCO(scenes.write_coco(folder, COUNT, SIZE, SEED))
    results = []
    for target, prediction in zip(targets, predictions, strict=True):
        for row in range(len(prediction["labels"])):
            x1, y1, x2, y2 = prediction["boxes"][row].tolist()
            place: dict[str, Any] = {"bbox": [x1, y1, x2 - x1, y2 - y1]}
            if kind == "keypoints":
                place = {"keypoints": prediction["keypoints"][row].flatten().tolist()}
            if kind == "masks":
                code = tools.encode((prediction["masks"][row, 0] > 0.5).byte().numpy().copy(order="F"))
                place = {"segmentation": {"size": code["size"], "counts": code["counts"].decode()}}
            label, score = int(prediction["labels"][row]), float(prediction["scores"][row])
            results.append({"image_id": target["image_id"], "category_id": label, "score": score, **place})
    (folder / "results.json").write_text(json.dumps(results))
    kinds = {"boxes": "bbox", "masks": "segm", "keypoints": "keypoints"}
    evaluation = COCOeval(coco, coco.loadRes(str(folder / "results.json")), kinds[kind])
    if kind == "keypoints":
        evaluation.params.catIds = [PERSON]
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    return evaluation.stats[:3].tolist()


@pytest.mark.parametrize("kind", ["boxes", "masks", "keypoints"])
def test_as_pycocotools_on_files(kind: str, predictions: Pictures, targets: Pictures, tmp_path: Path) -> None:
    wanted = by_files(predictions, targets, kind, tmp_path)
    found = metrics.coco_ap(predictions, targets, (kind,))
    assert list(found) == [kind]
    assert tuple(found[kind]) == NAMES
    assert list(found[kind].values()) == pytest.approx(wanted, abs=2e-4 if kind == "keypoints" else 1e-12)
    assert 0.05 < wanted[0] < 0.9


def test_several_kinds_at_once_print_nothing(
    predictions: Pictures, targets: Pictures, capfd: pytest.CaptureFixture[str]
) -> None:
    kinds = ("boxes", "masks", "keypoints")
    assert metrics.coco_ap(predictions, targets, kinds) == {
        kind: metrics.coco_ap(predictions, targets, (kind,))[kind] for kind in kinds
    }
    assert capfd.readouterr() == ("", "")


def test_the_truth_itself_gets_1_and_nothing_gets_0(targets: Pictures) -> None:
    kinds = ("boxes", "masks", "keypoints")
    perfect = [{**target, "scores": torch.rand(len(target["labels"]))} for target in targets]
    silent = [empty(each) for each in perfect]
    for answers, score in ((perfect, 1.0), (silent, 0.0)):
        for found in metrics.coco_ap(answers, targets, kinds).values():
            assert found == pytest.approx(dict.fromkeys(NAMES, score))


def one(labels: list[int], boxes: list[list[float]], **more: Any) -> dict[str, Any]:
    return {"labels": torch.tensor(labels), "boxes": torch.tensor(boxes).reshape(-1, 4).float(), **more}


LEFT, RIGHT = [0, 0, 10, 10], [50, 0, 60, 10]


def test_half_of_the_objects_is_half_of_the_101_points() -> None:
    truth = [one([1, 1], [LEFT, RIGHT])]
    found = metrics.coco_ap([one([1], [LEFT], scores=torch.tensor([0.1]))], truth)
    assert found["boxes"] == pytest.approx(dict.fromkeys(NAMES, 51 / 101))


def test_classes_without_truth_do_not_count() -> None:
    truth = [one([1], [LEFT]), one([], [])]
    right = one([1, 2], [LEFT, RIGHT], scores=torch.tensor([0.1, 0.9]))
    also = one([3], [LEFT], scores=torch.tensor([0.9]))
    assert metrics.coco_ap([right, also], truth)["boxes"]["AP"] == pytest.approx(1.0)


def test_a_crowd_is_neither_asked_for_nor_held_against_anybody() -> None:
    truth = [one([1, 1], [LEFT, RIGHT], iscrowd=torch.tensor([0, 1]))]
    found = [one([1, 1, 1], [LEFT, RIGHT, RIGHT], scores=torch.tensor([0.1, 0.9, 0.8]))]
    assert metrics.coco_ap(found, truth)["boxes"]["AP"] == pytest.approx(1.0)
    matched = metrics.matched(found, truth)[1]
    assert matched.scores.tolist() == pytest.approx([0.1])
    assert (matched.matched.tolist(), matched.num_gt) == ([True], 1)


def test_predictions_may_carry_gradients(targets: Pictures, predictions: Pictures) -> None:
    carrying = [
        {key: value.requires_grad_() if value.is_floating_point() else value for key, value in each.items()}
        for each in ({key: value.clone() for key, value in each.items()} for each in predictions)
    ]
    kinds = ("boxes", "masks", "keypoints")
    assert metrics.coco_ap(carrying, targets, kinds) == metrics.coco_ap(predictions, targets, kinds)


# Errors


def without(key: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda picture: {name: value for name, value in picture.items() if name != key}


def replaced(key: str, change: Callable[[torch.Tensor], torch.Tensor]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda picture: {**picture, key: change(picture[key])}


@pytest.mark.parametrize(
    ("whose", "change", "message"),
    [
        ("prediction", without("scores"), "prediction 0 should have 'scores'; it has 'boxes', 'labels', 'masks', "),
        ("target", without("masks"), "target 0 should have 'masks'; it has "),
        ("prediction", lambda picture: {}, "prediction 0 should have 'boxes'; it has nothing"),
        (
            "prediction",
            replaced("boxes", lambda boxes: boxes[:, :3]),
            r"prediction 0: boxes of (\d+) objects should have shape \(\1, 4\); got \(\1, 3\)",
        ),
        ("target", replaced("masks", lambda masks: masks[:1]), r"target 0: masks of .* got \(1, 96, 150\)"),
        ("prediction", replaced("masks", lambda masks: masks[..., 1:]), "expected masks of 96 × 150 pixels.* 96 × 149"),
        ("prediction", replaced("boxes", lambda boxes: boxes * torch.nan), "prediction 0: boxes hold NaN or infinity"),
        ("prediction", replaced("scores", lambda scores: scores / 0), "prediction 0: scores hold NaN or infinity"),
    ],
)
def test_each_error_names_what_was_wanted(
    whose: str, change: Callable, message: str, predictions: Pictures, targets: Pictures
) -> None:
    given = {"prediction": predictions[0], "target": targets[0]}
    given[whose] = change(given[whose])
    with pytest.raises(MetricsError, match=message):
        metrics.coco_ap([given["prediction"]], [given["target"]], ("boxes", "masks"))


def test_what_cannot_be_measured(predictions: Pictures, targets: Pictures) -> None:
    with pytest.raises(MetricsError, match="the kinds are boxes, masks, keypoints; got 'mask'"):
        metrics.coco_ap(predictions, targets, ("mask",))
    with pytest.raises(MetricsError, match=f"expected a prediction for each of {COUNT} targets; got 1"):
        metrics.coco_ap(predictions[:1], targets)
    nothing = [empty(target) for target in targets]
    with pytest.raises(MetricsError, match=f"there is nothing to find: no boxes in {COUNT} targets"):
        metrics.coco_ap(predictions, nothing)
    with pytest.raises(MetricsError, match="there is nothing to find"):
        metrics.coco_ap([], [])
    unlabelled = [{**target, "keypoints": target["keypoints"] * 0} for target in targets]
    with pytest.raises(MetricsError, match="there is nothing to find: no keypoints"):
        metrics.coco_ap(predictions, unlabelled, ("keypoints",))
    with pytest.raises(MetricsError, match="IoU threshold should be above 0 and at most 1; got 50"):
        metrics.matched(predictions, targets, 50)


# Matching


def by_hand(predictions: Pictures, targets: Pictures, label: int, threshold: float) -> list[tuple[float, bool]]:
    """Each picture's predictions of a class, best first, and whether they get an object."""
    found = []
    for prediction, target in zip(predictions, targets, strict=True):
        mine = prediction["labels"] == label
        truth = target["boxes"][target["labels"] == label]
        free = set(range(len(truth)))
        order = prediction["scores"][mine].argsort(descending=True, stable=True)
        for box, score in zip(prediction["boxes"][mine][order], prediction["scores"][mine][order], strict=True):
            overlap = {number: float(box_iou(box[None], truth[number][None])) for number in free}
            best = max(overlap, key=overlap.__getitem__, default=None)
            hit = best is not None and overlap[best] >= threshold
            free -= {best} if hit else set()
            found.append((float(score), hit))
    return found


@pytest.mark.parametrize("threshold", [0.1, 0.5, 0.75])
def test_matched_as_by_hand(threshold: float, predictions: Pictures, targets: Pictures) -> None:
    found = metrics.matched(predictions, targets, threshold)
    assert list(found) == sorted(set(torch.cat([target["labels"] for target in targets]).tolist()))
    for label, (scores, matched, num_gt) in found.items():
        assert list(zip(scores.tolist(), matched.tolist(), strict=True)) == by_hand(
            predictions, targets, label, threshold
        )
        assert num_gt == sum(int((target["labels"] == label).sum()) for target in targets)
        assert (scores.dtype, matched.dtype) == (torch.float32, torch.bool)


def test_matched_without_predictions_or_truth(targets: Pictures, predictions: Pictures) -> None:
    found = metrics.matched([empty(each) for each in predictions], targets)
    assert all(len(each.scores) == len(each.matched) == 0 < each.num_gt for each in found.values())
    assert metrics.matched(predictions, [empty(target) for target in targets]) == {}
