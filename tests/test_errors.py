"""metrics.errors: each kind on a picture that one can see before one's eyes, and against a slow obvious count."""

from typing import Any

import pytest
import torch
from torchvision.ops import box_iou

from course import metrics, scenes
from course.metrics.errors import KINDS

SIZE = (96, 128)


def picture(*objects: tuple[int, list[float]], **more: torch.Tensor) -> dict[str, Any]:
    """Labels and boxes."""
    labels, boxes = [label for label, _ in objects], [box for _, box in objects]
    return {"labels": torch.tensor(labels), "boxes": torch.tensor(boxes).reshape(-1, 4).float(), **more}


A, B = [0, 0, 10, 10], [50, 0, 60, 10]
HALF_OFF = [0, 0, 10, 20.5]  # IoU 0.488 with A
JUST_IN = [0, 0, 10, 20]  # IoU ½
TENTH = [0, 0, 10, 100]  # IoU 0.1 with A
LESS = [0, 0, 10, 101]


@pytest.mark.parametrize(
    ("box", "label", "kind", "iou"),
    [
        (A, 1, "right", 1.0),
        (JUST_IN, 1, "right", 0.5),
        (HALF_OFF, 1, "localisation", 10 / 20.5),
        (TENTH, 1, "localisation", 0.1),
        (LESS, 1, "background", 0.0),
        (A, 2, "classification", 1.0),
        (JUST_IN, 2, "classification", 0.5),
        (HALF_OFF, 2, "both", 10 / 20.5),
        (TENTH, 2, "both", 0.1),
        (LESS, 2, "background", 0.0),
        (B, 1, "background", 0.0),
    ],
)
def test_one_object_and_one_prediction(box: list[float], label: int, kind: str, iou: float) -> None:
    found = metrics.errors([picture((label, box), scores=torch.tensor([0.9]))], [picture((1, A))])
    assert tuple(found) == KINDS
    (finding,) = found[kind]
    assert finding[:3] == (0, 0, None if kind == "background" else 0)
    assert finding.iou == pytest.approx(iou)
    excused = kind in ("right", "localisation", "classification")  # else the object was missed as well
    assert found["missed"] == ([] if excused else [(0, None, 0, 0.0)])
    assert sum(map(len, found.values())) == 1 + (not excused)


def test_the_second_on_the_same_object_is_a_duplicate() -> None:
    scores = torch.tensor([0.6, 0.9, 0.7])
    found = metrics.errors([picture((1, A), (1, A), (1, B), scores=scores)], [picture((1, A), (1, B))])
    assert found["duplicate"] == [(0, 0, 0, 1.0)]
    assert found["right"] == [(0, 1, 0, 1.0), (0, 2, 1, 1.0)]


def test_rows_are_those_of_what_was_handed_in() -> None:
    empty = picture(scores=torch.zeros(0))
    second = picture((2, B), (1, A), scores=torch.tensor([0.49, 0.5]))
    found = metrics.errors([empty, second], [picture((1, A)), picture((1, A))])
    assert found["right"] == [(1, 1, 0, 1.0)]
    assert found["missed"] == [(0, None, 0, 0.0)]
    assert found["background"] == []
    assert metrics.errors([empty, second], [picture((1, A)), picture((1, A))], 0.4)["background"] == [(1, 0, None, 0.0)]


def test_crowds_do_not_count() -> None:
    target = picture((1, A), (1, B), iscrowd=torch.tensor([0, 1]))
    found = metrics.errors([picture((1, B), (2, B), scores=torch.tensor([0.9, 0.9]))], [target])
    assert {kind: len(each) for kind, each in found.items() if each} == {"background": 1, "missed": 1}
    assert found["background"][0].prediction == 1


def test_nothing_at_all() -> None:
    assert metrics.errors([], []) == {kind: [] for kind in KINDS}
    nothing = metrics.errors([picture(scores=torch.zeros(0))], [picture()])
    assert not any(nothing.values())
    with pytest.raises(metrics.MetricsError, match="prediction 0 should have 'scores'"):
        metrics.errors([picture()], [picture()])


def test_every_prediction_and_object_is_somewhere() -> None:
    targets = [target for _, target in scenes.Scenes(8, SIZE, seed=1)]
    predictions = metrics.made_up_predictions(targets, SIZE, seed=5)
    found = metrics.errors(predictions, targets, 0.3)
    rows = sorted((each.picture, each.prediction) for kind in KINDS[:-1] for each in found[kind])
    assert rows == [(i, row) for i, each in enumerate(predictions) for row in (each["scores"] >= 0.3).nonzero()[:, 0]]
    assert all(found.values()), "the made-up detector makes every kind of mistake"

    right = {(each.picture, each.truth) for each in found["right"]}
    assert len(right) == len(found["right"])
    excused = right | {(each.picture, each.truth) for kind in KINDS[1:3] for each in found[kind]}
    everything = {(i, row) for i, target in enumerate(targets) for row in range(len(target["labels"]))}
    assert {(each.picture, each.truth) for each in found["missed"]} == everything - excused
    for kind in KINDS[:-1]:
        for number, row, truth, iou in found[kind]:
            guess, target = predictions[number], targets[number]
            overlaps = box_iou(guess["boxes"][[row]], target["boxes"])[0]
            same = target["labels"] == guess["labels"][row]
            if kind == "background":
                assert float(overlaps.max()) < 0.1
                continue
            assert iou == pytest.approx(float(overlaps[truth]))
            assert (iou >= 0.5) == (kind in ("right", "classification", "duplicate"))
            assert bool(same[truth]) == (kind in ("right", "localisation", "duplicate"))
            assert kind != "duplicate" or (number, truth) in right


# The made-up detector


def test_made_up_predictions_are_as_a_middling_detectors() -> None:
    targets = [target for _, target in scenes.Scenes(12, SIZE, seed=2)]
    predictions = metrics.made_up_predictions(targets, SIZE, seed=3)
    again = metrics.made_up_predictions(targets, SIZE, seed=3)
    assert all(one[key].equal(other[key]) for one, other in zip(predictions, again, strict=True) for key in one)
    assert 0.4 < metrics.coco_ap(predictions, targets)["boxes"]["AP50"] < 0.9
    for prediction in predictions:
        assert prediction["scores"].tolist() == sorted(prediction["scores"].tolist(), reverse=True)
        assert (prediction["boxes"].dtype, prediction["labels"].dtype) == (torch.float32, torch.int64)


def test_made_up_predictions_of_nothing() -> None:
    (found,) = metrics.made_up_predictions([picture()], SIZE)
    assert {key: tuple(value.shape) for key, value in found.items()} == {
        "boxes": (0, 4),
        "labels": (0,),
        "scores": (0,),
    }
    assert metrics.made_up_predictions([], SIZE) == []
