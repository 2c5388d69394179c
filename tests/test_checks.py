"""Visible checks: they pass what is right, and tell what is wrong, in a few short lines."""

import logging
import sys
import types
import warnings

import pytest
import torch
from torch import Tensor

from autograder.answers import answers
from autograder.exercises import EXERCISES, LABS
from course import checks
from course.checks.check import WIDTH, Check, CheckFailed, Example
from course.checks.comparing import difference
from course.library import box_area

pytestmark = pytest.mark.usefixtures("beside_the_detector")

ANSWERS = [answer for lab in LABS for answer in answers(lab)]
# Wrong answers that only the hidden cases find: they give the right values on paper-sized examples.
HIDDEN_ONLY = {
    "in_place",
    "untrained",
    "the_loss",
    "one_for_all",
    "not_called",
    "whole_pixels",
    "forced",
    "rounded_up",
    "limit_first",
    "all_limited",
    "batch_of_one",
    "nothing_counts",
    "always_ten",
    "cut_off",
    "double_loop",
    "exploding",
    "quota",
    "fixed_threshold",
    "no_gradient",
    "at_least_one_cell",
    "one_sample",
    "neighbours",
    "clamped",
    "default_start",
    "cut_to_size",
    "rounded_targets",
    "corner_to_corner",
    "faded",
    "whole_box",
    "seven_relus",
    "fan_in",
    "deconv_forgotten",
    "constant",
    "per_person",
    "overflow",
    "last_peak",
    "whole_numbers",
}
NAMES = {"box_area": box_area}


def identify(answer: object) -> str:
    return f"{answer.exercise}-{answer.name}"  # type: ignore[attr-defined]


@pytest.mark.parametrize("answer", [a for a in ANSWERS if not a.hint], ids=identify)
def test_a_right_answer_passes_in_one_line(answer, capfd: pytest.CaptureFixture[str]) -> None:
    assert getattr(checks, answer.exercise)(answer.function(NAMES)) is None
    captured = capfd.readouterr()
    assert captured.err == ""
    assert captured.out.count("\n") == 1
    assert "visible examples hold" in captured.out


@pytest.mark.parametrize("answer", [a for a in ANSWERS if a.hint and a.name not in HIDDEN_ONLY], ids=identify)
def test_a_wrong_answer_is_told_what_is_wrong(answer) -> None:
    with pytest.raises(CheckFailed) as caught:
        getattr(checks, answer.exercise)(answer.function(NAMES))
    message = str(caught.value)
    assert message.startswith(answer.exercise)
    assert "hint" in message
    assert ("wanted" in message and "came" in message) or "stopped" in message
    assert max(map(len, message.splitlines())) <= WIDTH


@pytest.mark.parametrize("answer", [a for a in ANSWERS if a.name in HIDDEN_ONLY], ids=identify)
def test_some_mistakes_are_left_to_the_hidden_cases(answer) -> None:
    """Keeps the list above honest: what a visible check finds must not stand in it."""
    assert EXERCISES[answer.exercise].check.problem(answer.function(NAMES)) == ""


@pytest.mark.parametrize(
    ("exercise", "name", "words"),
    [
        ("yxyx_to_xyxy", "unchanged", "must change places"),
        ("yxyx_to_xyxy", "reversed", "whole row is reversed"),
        ("yxyx_to_xyxy", "first_corner", "Only the first corner"),
        ("box_area", "slides", "+ 1"),
        ("box_area", "mixed_columns", "columns 0 and 2 are x"),
        ("box_area", "far_corner", "begins at the origin"),
        ("box_area", "sum", "half of the outline"),
        ("box_iou", "plus_one", "+ 1"),
        ("box_iou", "union_too_large", "counts the shared part twice"),
        ("box_iou", "transposed", "lying on its side"),
        ("box_iou", "no_clamp", "clamp both at 0"),
        ("box_iou", "clamp_product", "clamp both at 0"),
        ("box_iou", "zero_by_zero", "0 / 0 is NaN"),
        ("box_iou", "one_to_one", "Compare every box"),
        ("clip_boxes_to_image", "size_swapped", "(height, width)"),
        ("clip_boxes_to_image", "minus_one", "not at width - 1"),
        ("clip_boxes_to_image", "far_borders", "below 0"),
        ("remove_small_boxes", "strict", ">="),
        ("remove_small_boxes", "either_side", "one long side is not enough"),
        ("remove_small_boxes", "area", "not the area"),
        ("remove_small_boxes", "mask", "yes/no values"),
        ("remove_small_boxes", "boxes", "the boxes themselves"),
        ("remove_small_boxes", "squeezed", "squeeze()"),
    ],
)
def test_the_hint_names_the_misconception(exercise: str, name: str, words: str) -> None:
    answer = next(a for a in ANSWERS if (a.exercise, a.name) == (exercise, name))
    problem = getattr(checks, exercise).problem(answer.function(NAMES))
    assert words in " ".join(problem.split())


def test_an_unwritten_function_is_told_so() -> None:
    def box_iou(boxes1: Tensor, boxes2: Tensor) -> Tensor:
        raise NotImplementedError

    assert checks.box_iou.problem(box_iou) == (
        "box_iou is not written yet: replace `raise NotImplementedError()` by your code."
    )
    assert "should be a function" in checks.box_iou.problem(None)  # type: ignore[arg-type]


def test_an_error_shows_the_students_line_and_nothing_of_ours() -> None:
    def box_area(boxes: Tensor) -> Tensor:
        return boxes[:, 4]

    with pytest.raises(CheckFailed) as caught:
        checks.box_area(box_area)
    shown = "\n".join(caught.value._render_traceback_())
    assert "IndexError" in shown
    assert "return boxes[:, 4]" in shown
    assert "Traceback" not in shown
    assert "calling.py" not in shown


def test_a_torchvision_call_is_refused_politely_however_it_is_made() -> None:
    import importlib

    import torchvision
    from torchvision.ops import box_iou as aliased

    from course import library

    ways = (
        aliased,
        library.box_iou,
        lambda a, b: torchvision.ops.boxes.box_iou(a, b),
        lambda a, b: getattr(importlib.import_module("torchvision.ops"), "box_" + "iou")(a, b),
        lambda a, b: library.box_iou(a, b),
        lambda a, b: vars(library)["box_iou"](a, b),
        lambda a, b: _swallowing(aliased, a, b),
        lambda a, b: torchvision.ops.generalized_box_iou(a, b).clamp(min=0),
        types.FunctionType(aliased.__code__, dict(vars(torchvision.ops.boxes)), "mine", aliased.__defaults__),
    )
    for way in ways:
        assert "ready-made version" in " ".join(checks.box_iou.problem(way).split())


def _swallowing(function, a: Tensor, b: Tensor) -> Tensor:
    try:
        return function(a, b)
    except BaseException:
        return torch.ones(len(a), len(b)) / 7


def test_what_the_function_prints_warns_or_logs_does_no_harm(capfd: pytest.CaptureFixture[str]) -> None:
    logger = logging.getLogger("student")
    handler = logging.StreamHandler(sys.stderr)
    logger.addHandler(handler)

    def noisy(boxes: Tensor) -> Tensor:
        warnings.warn("old", DeprecationWarning, stacklevel=1)
        logger.error("logged")
        print("printed")
        print("printed", file=sys.stderr)
        return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])

    assert checks.box_area.problem(noisy) == ""
    logger.removeHandler(handler)
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")


def test_the_examples_survive_a_function_that_writes_into_them() -> None:
    def vandal(boxes: Tensor) -> Tensor:
        area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
        boxes.zero_()
        return area

    assert checks.box_area.problem(vandal) == ""
    assert checks.box_area.problem(vandal) == ""


def test_while_autograding_nothing_is_raised_and_a_failure_is_worth_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert repr(checks.box_area(lambda boxes: boxes)) == "0.0"
    assert checks.box_area(lambda boxes: (boxes[:, 2:] - boxes[:, :2]).prod(1)) is None
    assert capsys.readouterr().out == ""


def test_an_endless_loop_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("course.checks.check.SECONDS", 0.2)

    def endless(boxes: Tensor) -> Tensor:
        while True:
            try:
                boxes = boxes + 0
            except Exception:
                continue

    problem = checks.box_area.problem(endless)
    assert "no answer within" in problem


@pytest.mark.parametrize("check", [e.check for e in EXERCISES.values()], ids=lambda check: check.name)
def test_the_examples_are_right_and_their_misreadings_wrong(check: Check) -> None:
    """The known answers, against the reference; and no misreading equals a right answer or another misreading."""
    reference = EXERCISES[check.name].reference
    for example in check.examples:
        wanted = example.run(reference, tuple(example.inputs.values()))
        assert difference(example.wanted, wanted) is None
        seen: list[Tensor | tuple] = [example.wanted]
        for answer in example.misreadings.values():
            assert all(difference(other, answer) for other in seen)
            seen.append(answer)
    assert isinstance(check.examples[0], Example)
