"""Visible checks: they pass what is right, and tell what is wrong, in a few short lines."""

import functools
import logging
import re
import sys
import types
import warnings
from typing import Any

import pytest
import torch
from torch import Tensor

from autograder.grader.answers import Answer
from autograder.labs import EXERCISES, LABS, answers
from course import checks
from course.checking.check import Check, CheckFailed
from course.checking.comparing import difference
from course.checking.example import Example
from course.checking.problem import WIDTH, Kind, Problem
from course.library import box_area

pytestmark = pytest.mark.usefixtures("beside_the_detector")

ANSWERS = [answer for lab in LABS for answer in answers(lab)]
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


@functools.cache
def told(answer: Answer) -> str:
    """What a visible check says of an answer; ``""`` where it leaves that to the hidden cases."""
    try:
        getattr(checks, answer.exercise)(answer.function(NAMES))
    except CheckFailed as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", EXERCISES)
def test_wrong_answers_are_told_what_is_wrong(name: str) -> None:
    messages = [told(answer) for answer in ANSWERS if answer.exercise == name and answer.hint]
    assert any(messages)
    for message in filter(None, messages):
        assert message.startswith(name)
        assert "hint" in message
        rows = [line.split()[0] for line in message.splitlines() if re.match(r"  \w", line)]
        assert (
            rows[-3:] == ["expected", "got", "hint"] or rows[-2:] == ["error", "hint"] or rows[-3:-1] == ["error", "at"]
        )
        assert max(map(len, message.splitlines())) <= WIDTH


def test_visible_checks_find_most_mistakes() -> None:
    """Three of four; what gives right values on examples of the size of a page is left to the hidden cases."""
    wrong = [answer for answer in ANSWERS if answer.hint]
    assert sum(bool(told(answer)) for answer in wrong) >= 0.75 * len(wrong)


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
    assert problem
    assert words in problem.hint
    assert " ".join(problem.hint.split()) in " ".join(str(problem).split())


def test_an_unwritten_function_is_told_so() -> None:
    def box_iou(boxes1: Tensor, boxes2: Tensor) -> Tensor:
        raise NotImplementedError

    problem = checks.box_iou.problem(box_iou)
    assert problem == Problem("box_iou", Kind.UNWRITTEN)
    assert str(problem) == "box_iou is not written yet: replace `raise NotImplementedError()` with your code."
    assert str(checks.box_iou.problem(3)) == (
        "box_iou should be a function, but it is a int: run the cell that defines it."
    )


@pytest.mark.parametrize(
    ("answer", "kind", "fields"),
    [
        (lambda boxes: boxes[:, 4], Kind.ERROR, {"where"}),
        (lambda boxes: box_area(boxes), Kind.READY_MADE, set()),
        (lambda boxes: 3, Kind.TYPE, set()),
        (lambda boxes: boxes, Kind.SHAPE, set()),
        (lambda boxes: boxes[:, 0].long(), Kind.DTYPE, set()),
        (lambda boxes: boxes[:, 0], Kind.VALUES, set()),
    ],
)
def test_a_problem_says_in_fields_what_its_text_says(answer: Any, kind: Kind, fields: set[str]) -> None:
    problem = checks.box_area.problem(answer)
    assert problem
    assert problem.kind is kind
    assert problem.exercise == "box_area"
    assert problem.headline == problem.title == checks.box_area.examples[0].title
    fields |= {"error"} if kind in (Kind.ERROR, Kind.READY_MADE) else {"expected", "got"}
    filled = {name for name in ("expected", "got", "error", "where") if getattr(problem, name)}
    assert filled == fields
    text = " ".join(str(problem).split())
    assert text.startswith(f"box_area: {problem.title} boxes ")
    for name in filled:
        assert f" {'at' if name == 'where' else name} {getattr(problem, name)}" in text


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
        assert "ready-made version" in " ".join(str(checks.box_iou.problem(way)).split())


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

    assert checks.box_area.problem(noisy) is None
    logger.removeHandler(handler)
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")


def test_the_examples_survive_a_function_that_writes_into_them() -> None:
    def vandal(boxes: Tensor) -> Tensor:
        area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
        boxes.zero_()
        return area

    problem = checks.box_area.problem(vandal)
    assert problem
    assert problem.kind is Kind.ARGUMENTS
    assert checks.box_area.problem(vandal) == problem


def test_while_autograding_nothing_is_raised_and_a_failure_is_worth_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert repr(checks.box_area(lambda boxes: boxes)) == "0.0"
    assert checks.box_area(lambda boxes: (boxes[:, 2:] - boxes[:, :2]).prod(1)) is None
    assert capsys.readouterr().out == ""


def test_an_endless_loop_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("course.checking.calling.SECONDS", 0.2)

    def endless(boxes: Tensor) -> Tensor:
        while True:
            try:
                boxes = boxes + 0
            except Exception:
                continue

    problem = checks.box_area.problem(endless)
    assert problem
    assert problem.kind is Kind.OUT_OF_TIME
    assert problem.error == "no answer within 0 seconds"


@pytest.mark.parametrize("check", [e.check for e in EXERCISES.values()], ids=lambda check: check.name)
def test_the_examples_are_right_and_their_misreadings_wrong(check: Check) -> None:
    """The known answers, against the reference; and no misreading equals a right answer or another misreading."""
    reference = EXERCISES[check.name].reference
    for example in check.examples:
        reference_gives = example.run(reference, tuple(example.inputs.values()))
        assert difference(example.expected, reference_gives) is None
        seen: list[Tensor | tuple] = [example.expected]
        for answer in example.misreadings.values():
            assert all(difference(other, answer) for other in seen)
            seen.append(answer)
    assert isinstance(check.examples[0], Example)
