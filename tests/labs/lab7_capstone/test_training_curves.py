"""Pictures of a detector: its parts by stage, curves that grow while it learns, and what it finds before and after."""

from collections.abc import Callable

import pytest
import torch

from course import draw, library, parts, scenes
from course.detector import Detector
from course.drawing import figure
from course.labs.lab7_capstone.draw.assembled import STAGES, TRAINING
from course.labs.lab7_capstone.draw.training_curves import SMOOTH

NOTHING = {"boxes": torch.zeros(0, 4), "labels": torch.zeros(0, dtype=torch.int64), "scores": torch.zeros(0)}
IMAGES, TARGETS = zip(*scenes.Scenes(3, size=64, seed=9), strict=True)


def test_the_stages_name_every_part_that_a_detector_calls(pictures: list) -> None:
    """Seen by a detector whose parts note when they are asked for."""
    asked: set[str] = set()

    class Noting(parts.Parts):
        def __getattr__(self, name: str) -> Callable:
            asked.add(name)
            return super().__getattr__(name)

    noting = Noting(parts.as_parts(library).part(name) for name in parts.NAMES)
    detector = Detector(noting, len(scenes.CLASSES))
    images, targets = list(IMAGES[:1]), list(TARGETS[:1])
    built = set(asked)
    detector(images, targets)
    training = set(asked)
    asked.clear()
    with torch.no_grad():
        detector.eval()(images)
    named = {name for names in STAGES.values() for name in names}
    assert training <= named <= set(parts.NAMES)
    asleep = {name for stage in TRAINING for name in STAGES[stage]}
    assert asleep == training - asked - built

    draw.assembled(parts.as_parts({**library.__dict__, "FPN": lambda *sizes: None}))
    (shown,) = pictures
    assert "pyramid: FPN;" in shown.alt
    assert "RPN: RPNHead (library)" in shown.alt
    assert shown.caption == f"1 of the {len(named)} parts in these stages are yours."


def test_the_curves_tell_loss_and_score_and_measure_each_step_once(pictures: list) -> None:
    scores = iter((0.25, 0.5))
    curves = draw.LiveCurves(lambda: next(scores), 60)
    losses = [{"one": 1.0, "other": 3.0 - k / 60} for k in range(60)]
    for step in (30, 60, 60):
        curves(step, losses[:step])
    first, last = pictures
    assert "Step 30 of 60" in first.alt
    assert "0.25 after 30." in first.alt
    mean = sum(sum(each.values()) for each in losses[-SMOOTH:]) / SMOOTH
    assert f"from 4.00 to {mean:.2f} (mean of the last {SMOOTH} steps)" in last.alt
    assert "0.25 after 30, 0.50 after 60." in last.alt
    assert last.caption == f"Step 60 of 60: loss {mean:.2f}, AP50 0.50."
    assert last.width <= 1000


def test_without_a_place_to_update_each_picture_stands_below_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list = []
    monkeypatch.setattr(figure, "display", lambda what, display_id: shown.append(what))  # as outside of notebooks
    curves = draw.LiveCurves(lambda: 0.0, 2)
    curves(1, [{"loss": 1.0}])
    curves(2, [{"loss": 1.0}, {"loss": 0.0}])
    assert len(shown) == 2


def test_before_and_after_count_what_is_sure_enough(pictures: list) -> None:
    after = [{**each, "scores": torch.full((len(each["labels"]),), 0.5)} for each in TARGETS]
    after[0] = {**after[0], "scores": torch.full_like(after[0]["scores"], 0.49)}
    draw.before_and_after(IMAGES, [NOTHING] * 3, after, TARGETS, scenes.CLASSES)
    (shown,) = pictures
    there = [len(each["labels"]) for each in TARGETS]
    assert f"truth {sum(there)}, untrained 0, trained {sum(there[1:])}" in shown.alt
    assert shown.width <= 1000


def test_no_pictures_leave_a_line(pictures: list, capsys: pytest.CaptureFixture[str]) -> None:
    draw.before_and_after([], [], [], [], scenes.CLASSES)
    assert pictures == []
    assert capsys.readouterr().out == "There are no pictures to look at.\n"
