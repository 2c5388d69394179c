"""Lab 7's reference, and the library that stands in for it, against pycocotools, brute force and closed forms."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from torch import Tensor

from course import library, metrics, scenes
from solutions.lab7_capstone import capstone as solutions

BOTH = pytest.mark.parametrize("lab7", [solutions, library], ids=["solutions", "library"])


def truth(*marks: bool) -> Tensor:
    return torch.tensor(marks, dtype=torch.bool)


# --- against pycocotools, from boxes on ---------------------------------------------------------------------------


def by_pycocotools(scores: list[float], matched: list[bool], num_gt: int) -> float:
    """AP50 of one picture that is made so that just these predictions match: objects in a row, predictions on them.

    The whole way from boxes: matching, sorting and accumulating are pycocotools'.
    """
    places = iter(range(num_gt))
    boxes = [[20.0 * next(places), 0.0, 10.0, 10.0] if hit else [0.0, 50.0, 10.0, 10.0] for hit in matched]
    frame: dict[str, Any] = {"images": [{"id": 1}], "categories": [{"id": 1}]}
    whole = {"image_id": 1, "category_id": 1, "area": 100.0, "iscrowd": 0}
    coco, results = COCO(), COCO()
    objects = [{"id": i + 1, "bbox": [20.0 * i, 0.0, 10.0, 10.0], **whole} for i in range(num_gt)]
    found = [
        {"id": i + 1, "bbox": box, "score": score, **whole}
        for i, (box, score) in enumerate(zip(boxes, scores, strict=True))
    ]
    coco.dataset, results.dataset = {**frame, "annotations": objects}, {**frame, "annotations": found}
    coco.createIndex()
    results.createIndex()
    evaluator = COCOeval(coco, results, "bbox")
    evaluator.params.maxDets = [1, 10, 1000]
    evaluator.evaluate()
    evaluator.accumulate()
    return float(evaluator.eval["precision"][0, :, 0, 0, 2].mean())


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[float], list[bool], int]:
    """Scores with many ties, which of them are right, and a number of objects that allows it."""
    matched = draw(st.lists(st.booleans(), max_size=60))
    steps = draw(st.sampled_from([2, 10, 1 << 20]))
    scores = draw(st.lists(st.integers(0, steps), min_size=len(matched), max_size=len(matched)))
    # 7 of 20 and 29 of 100 lie on one of the 101 recalls, where rounding decides
    num_gt = draw(st.integers(0, 40) | st.sampled_from([20, 25, 50, 100, 200]))
    return [score / steps for score in scores], matched, max(num_gt, sum(matched))


@BOTH
@settings(max_examples=150, deadline=None)
@given(case=cases())
def test_as_pycocotools(lab7: Any, case: tuple[list[float], list[bool], int]) -> None:
    scores, matched, num_gt = case
    wanted = by_pycocotools(*case)  # -1 without objects
    found = lab7.average_precision(torch.tensor(scores, dtype=torch.float64), truth(*matched), num_gt)
    assert found.dtype == torch.float64
    assert found.shape == ()
    assert (wanted == -1) == (num_gt == 0) == bool(found.isnan())
    assert num_gt == 0 or abs(float(found) - wanted) <= 1e-12
    single = lab7.average_precision(torch.tensor(scores), truth(*matched), num_gt)
    assert single.dtype == torch.float32
    assert num_gt == 0 or abs(float(single) - wanted) <= 1e-6


@pytest.mark.parametrize("hits", [7, 29, 35, 57, 70])
def test_a_recall_on_a_threshold_is_rounded_as_cocos_is(hits: int) -> None:
    matched = [True] * hits + [False] * 40 + [True] * (100 - hits)
    scores = np.linspace(1, 0, 140).tolist()
    found = solutions.average_precision(torch.tensor(scores, dtype=torch.float64), truth(*matched), 100)
    assert float(found) == pytest.approx(by_pycocotools(scores, matched, 100), abs=1e-12)


@BOTH
def test_together_with_matched_it_gives_coco_ap(lab7: Any) -> None:
    targets = [target for _, target in scenes.Scenes(8, (96, 128), seed=4)]
    predictions = metrics.made_up_predictions(targets, (96, 128), seed=2)
    wanted = metrics.coco_ap(predictions, targets)["boxes"]
    table = torch.tensor(
        [
            [float(lab7.average_precision(*each)) for each in metrics.matched(predictions, targets, iou).values()]
            for iou in np.linspace(0.5, 0.95, 10)
        ]
    )
    assert [float(table.mean()), float(table[0].mean()), float(table[5].mean())] == pytest.approx(
        list(wanted.values()), abs=1e-6
    )


# --- by hand --------------------------------------------------------------------------------------------------------


def brute_force(scores: list[float], matched: list[bool], num_gt: int) -> Fraction:
    """The definition, in fractions: for each recall the best precision at that recall or more."""
    order = sorted(range(len(scores)), key=lambda place: (-scores[place], place))
    pairs = []
    for seen in range(1, len(order) + 1):
        right = sum(matched[place] for place in order[:seen])
        pairs.append((Fraction(right, num_gt), Fraction(right, seen)))
    best = [max((p for r, p in pairs if r >= Fraction(step, 100)), default=Fraction(0)) for step in range(101)]
    return sum(best, Fraction(0)) / 101


@BOTH
@settings(max_examples=60, deadline=None)
@given(case=cases())
def test_as_the_definition_where_no_recall_lies_on_a_threshold(
    lab7: Any, case: tuple[list[float], list[bool], int]
) -> None:
    scores, matched, num_gt = case
    while math.gcd(num_gt, 100) > 1 or num_gt == 0:
        num_gt += 1
    found = lab7.average_precision(torch.tensor(scores, dtype=torch.float64), truth(*matched), num_gt)
    assert float(found) == pytest.approx(float(brute_force(scores, matched, num_gt)), abs=1e-12)


@BOTH
@pytest.mark.parametrize(("found", "there_are"), [(1, 1), (3, 7), (50, 200), (1, 1000), (0, 5)])
def test_nothing_but_right_ones_is_the_share_of_recalls_that_are_reached(lab7: Any, found: int, there_are: int) -> None:
    answer = lab7.average_precision(torch.rand(found), truth(*[True] * found), there_are)
    reached = 100 * found // there_are + 1 if found else 0
    assert float(answer) == pytest.approx(reached / 101, abs=1e-6)


@BOTH
def test_of_equal_scores_the_first_goes_first(lab7: Any) -> None:
    same = torch.full((40,), 0.5)  # long enough for a sort that is not stable to show
    first, last = torch.arange(40) == 0, torch.arange(40) == 39
    assert float(lab7.average_precision(same, first, 1)) == pytest.approx(1.0)
    assert float(lab7.average_precision(same, last, 1)) == pytest.approx(1 / 40)


@BOTH
@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
def test_without_predictions_or_objects(lab7: Any, dtype: torch.dtype) -> None:
    none, nothing = torch.zeros(0, dtype=dtype), truth()
    assert lab7.average_precision(none, nothing, 3).equal(torch.zeros((), dtype=dtype))
    for answer in (
        lab7.average_precision(none, nothing, 0),
        lab7.average_precision(torch.ones(2, dtype=dtype), truth(False, False), 0),
    ):
        assert (answer.shape, answer.dtype) == ((), dtype)
        assert answer.isnan()


@BOTH
def test_the_arguments_stay_as_they_were(lab7: Any) -> None:
    scores, matched = torch.rand(30), torch.rand(30) < 0.5
    before = scores.clone(), matched.clone()
    lab7.average_precision(scores, matched, 30)
    assert scores.equal(before[0])
    assert matched.equal(before[1])


def test_the_library_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    library.average_precision(torch.rand(3), truth(True, False, True), 2)
    assert capfd.readouterr() == ("", "")
