"""What a visible check says to a tired student: the first thing that is wrong, in one true sentence."""

import inspect
import json
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from autograder.grader.answers import define
from autograder.labs import EXERCISES, answers
from course import checks
from course.checking import forms
from course.checking.check import Check, CheckFailed
from course.checking.problem import Kind, Problem

AREA = "(boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])"


def of(check: Check, function: Any) -> Problem:
    """What is wrong with a function."""
    problem = check.problem(function)
    assert problem
    return problem


def area(body: str) -> Callable:
    """``box_area`` with this body."""
    return define(f"def box_area(boxes):\n{textwrap.indent(body, '    ')}", "box_area", f"<{body}>")


def message(check: Check, function: Any, **options: Any) -> str:
    """What a failing check shows."""
    with pytest.raises(CheckFailed) as caught:
        check(function, **options)
    return str(caught.value)


# Answers of another kind


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (AREA, forms.NOTHING),
        (f"area = {AREA}", forms.NOTHING),
        (f"print({AREA})", forms.PRINTED),
        (f"if len(boxes) > 9:\n    return {AREA}", forms.PASSED_BY),
        ("return [].append(1)", forms.PASSED_BY),
        (f"return ({AREA}).numpy()", forms.ARRAY),
        (f"return ({AREA}).numpy().sum()", forms.ARRAY),
        (f"return ({AREA}).tolist()", forms.NUMBERS),
        (f"return list({AREA})", forms.TENSORS),
        ("return []", forms.LIST),
        (f"return {AREA},", forms.COMMA),
        (f"return boxes, {AREA}", "You return 2 things, but one tensor is expected"),
        ("return boxes.max(dim=1)", forms.TWO_AT_ONCE),
        (f"return ({AREA}).sum().item()", forms.NUMBER),
        (f"return ({AREA}).clone", forms.NOT_CALLED),
        ("return box_area", forms.NOT_CALLED),
        ("return (box for box in boxes)", forms.GENERATOR),
    ],
)
def test_an_answer_of_another_kind_is_told_in_one_true_sentence(body: str, words: str) -> None:
    problem = of(checks.box_area, area(body))
    assert problem.kind is Kind.TYPE
    assert words in problem.hint


def test_it_is_told_also_where_the_check_itself_could_not_go_on() -> None:
    """Some examples look into the answer before they compare it: their own error would say nothing."""
    problem = of(checks.sample_rois, lambda *args, **kwargs: None)
    assert (problem.kind, problem.hint) == (Kind.TYPE, forms.NOTHING)
    problem = of(checks.sample_rois, lambda proposals, *args, **kwargs: proposals)
    assert (problem.kind, problem.got) == (Kind.TYPE, "torch.Tensor")
    assert "3 answers are expected, side by side: return rois, labels, targets." in problem.hint


def test_a_module_whose_forward_forgets_the_return_is_told_so() -> None:
    class Head(torch.nn.Module):
        def __init__(self, channels: int, middle: int, anchors: int) -> None:
            super().__init__()
            self.conv = torch.nn.Conv2d(channels, middle, 3, padding=1)
            self.cls_logits = torch.nn.Conv2d(middle, 2 * anchors, 1)
            self.bbox_pred = torch.nn.Conv2d(middle, 4 * anchors, 1)

        def forward(self, features: Tensor) -> None:
            self.cls_logits(self.conv(features))

    problem = of(checks.RPNHead, Head)
    assert (problem.kind, problem.hint) == (Kind.TYPE, forms.NOTHING)


# What was printed, and the function's own variables


def test_the_last_printed_lines_stand_beside_the_example_that_fails() -> None:
    shown = message(checks.box_area, area("for n in range(99):\n    print('step', n)\nreturn boxes[:, 0]"))
    assert [line.split() for line in shown.splitlines() if " step " in line] == [
        ["printed", "step", "94"],
        *(["step", str(n)] for n in range(95, 99)),
    ]


def test_what_an_example_that_holds_has_printed_is_dropped() -> None:
    problem = of(checks.box_area, area(f"if len(boxes):\n    print('hello')\n    return {AREA}\nreturn boxes"))
    assert problem.title == "no boxes at all"
    assert problem.printed == ()


STEPS = """
sides = boxes[:, 2:] - boxes[:, :2] + 1
many = torch.arange(60.0).reshape(3, 20)
many[0, 1] = float("nan")
half = lambda side: side / 2
for side in sides.unbind(1):
    kept = side
boxes = boxes * 2
return sides.prod(dim=1)
"""


def test_a_trace_shows_the_functions_own_variables_as_they_were_at_the_end() -> None:
    shown = message(checks.box_area, area(STEPS), trace=True).splitlines()
    start = shown.index("  your own variables, as the call left them:")
    end = next(number for number, line in enumerate(shown) if line.startswith("  expected"))
    assert [" ".join(line.split()) for line in shown[start + 1 : end]] == [
        "boxes (3, 4) [[0, 0, 16, 8], [20, 40, 80, 120], [10, 10, 10, 18]]",
        "sides (3, 2) [[9, 5], [31, 41], [1, 5]]",
        "many (3, 20) 0, nan, 2, 3, 4, 5, …; from 0 to 59, 1 NaN",
        "side (3,) [5, 41, 5]",
        "kept (3,) [5, 41, 5]",
    ]


def test_a_trace_shows_what_was_there_when_the_call_failed() -> None:
    shown = message(checks.box_area, area("sides = boxes[:, 2:]\nreturn sides[:, 7]"), trace=True)
    assert "sides    (3, 2) [[8, 4], [40, 60], [5, 9]]" in shown
    assert "your own variables" not in message(checks.box_area, area("sides = boxes\nreturn sides[:, 7]"))


def test_a_trace_of_a_module_is_that_of_its_forward() -> None:
    class Head(torch.nn.Module):
        def __init__(self, *arguments: int) -> None:
            super().__init__()
            inside = 3
            self.fc6 = self.fc7 = self.cls_score = self.bbox_pred = torch.nn.Linear(inside, inside)

        def forward(self, pooled: Tensor) -> Tensor:
            flat = pooled.flatten(1)
            return self.fc6(flat)

    shown = message(checks.BoxHead, Head, trace=True)
    assert "inside   3" in shown  # it has other weights than expected, and so no forward was called


def test_another_tracer_is_there_again_after_a_trace() -> None:
    def tracer(*event: Any) -> None:
        return

    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        with pytest.raises(CheckFailed):
            checks.box_area(area("return boxes"), trace=True)
        assert sys.gettrace() is tracer
    finally:
        sys.settrace(before)


# Parts of an answer, arguments, gradients

LOSS = """
def rpn_loss(objectness, deltas, labels, targets, loc_weight=10.0):
    counts, positive = labels >= 0, labels == 1
    cls_loss = F.cross_entropy(objectness[counts], labels[counts])
    each = F.smooth_l1_loss(deltas[positive], targets[positive], reduction="sum")
    loc_loss = each / max(int(positive.sum()), 1)
    return CHANGED
"""


def loss(changed: str) -> Callable:
    """A right ``rpn_loss`` but for what it returns."""
    return define(LOSS.replace("CHANGED", changed), "rpn_loss", f"<{changed}>")


def test_the_part_of_an_answer_that_is_wrong_is_named() -> None:
    assert checks.rpn_loss.problem(loss("cls_loss + loc_weight * loc_loss, cls_loss, loc_loss")) is None
    shown = message(checks.rpn_loss, loss("cls_loss + loc_weight * loc_loss, cls_loss, loc_weight * loc_loss"))
    assert "  expected loc_loss: 2.625\n  got      loc_loss: 26.25\n" in shown
    shown = message(checks.rpn_loss, loss("cls_loss + loc_weight * loc_loss"))
    assert "  expected 3 values: loss, cls_loss, loc_loss\n  got      torch.Tensor\n" in shown
    shown = message(checks.label_anchors, lambda iou, *_: (iou.new_zeros(len(iou)).long(), iou.new_zeros(len(iou))))
    assert "  expected labels: [" in shown


@pytest.mark.parametrize("name", [name for name in checks.__all__ if isinstance(getattr(checks, name), Check)])
def test_parts_have_the_names_that_the_notebook_uses(name: str) -> None:
    check = getattr(checks, name)
    text = " ".join(Path(inspect.getfile(EXERCISES[name].reference)).read_text(encoding="utf-8").split())
    if name != "photo_losses":  # whose names are torchvision's
        assert all(part in text for part in check.parts)
    several = {len(example.expected) for example in check.examples if isinstance(example.expected, tuple)}
    if name != "FPN":  # as many maps as it is given
        assert several <= {len(check.parts)}


@pytest.mark.parametrize(
    ("changed", "part"),
    [
        ("(cls_loss + loc_weight * loc_loss).detach(), cls_loss, loc_loss", "loss"),
        ("cls_loss + loc_weight * loc_loss.detach(), cls_loss, torch.tensor(float(loc_loss))", "loc_loss"),
    ],
)
def test_a_loss_without_gradient_is_noticed(changed: str, part: str) -> None:
    problem = of(checks.rpn_loss, loss(changed))
    assert (problem.kind, problem.part, problem.expected, problem.got) == (Kind.GRADIENT, part, "a gradient", "none")
    assert ".detach()" in problem.hint


def test_an_argument_that_is_cut_off_is_named() -> None:
    text = LOSS.replace("CHANGED", "cls_loss + loc_weight * loc_loss, cls_loss, loc_loss + 0 * cls_loss")
    text = text.replace("deltas[positive]", "deltas.detach()[positive]")
    assert of(checks.rpn_loss, define(text, "rpn_loss", "<cut off>")).part == "deltas"


def test_a_changed_argument_is_named_and_shown() -> None:
    problem = of(checks.box_area, area("boxes[:, 2:] -= boxes[:, :2]\nreturn boxes[:, 2:].prod(dim=1)"))
    assert (problem.kind, problem.part) == (Kind.ARGUMENTS, "boxes")
    assert "[10, 20, 40, 60]" in problem.expected
    assert "[10, 20, 30, 40]" in problem.got
    assert "Right values" in problem.hint


# Functions that call each other

IOU = """
def box_area(boxes):
    AREA
def box_iou(boxes1, boxes2):
    lt = torch.max(boxes1[:, None, :2], boxes2[:, :2])
    rb = torch.min(boxes1[:, None, 2:], boxes2[:, 2:])
    inter = (rb - lt).clamp(min=0).prod(2)
    union = box_area(boxes1)[:, None] + box_area(boxes2) - inter
    return torch.where(union > 0, inter / union, 0.0)
"""


def iou(body: str) -> Callable:
    """``box_iou`` beside a ``box_area`` with this body."""
    return define(IOU.replace("AREA", body), "box_iou", f"<iou {body}>")


def test_a_wrong_neighbour_comes_first() -> None:
    shown = message(checks.box_iou, iou(f"return 2 * {AREA}"))
    assert shown.startswith(
        "box_area, which box_iou calls, is wrong: mend that first.\nbox_area: three boxes, the last without width\n"
    )
    assert message(checks.box_iou, iou("raise NotImplementedError()")) == (
        "box_area, which box_iou calls, is not written yet: write that first."
    )


def test_a_right_neighbour_or_one_that_was_not_called_is_not_blamed() -> None:
    right = IOU.replace("AREA", f"return {AREA}").replace("- inter", "")
    assert message(checks.box_iou, define(right, "box_iou", "<right neighbour>")).startswith("box_iou: two boxes")
    unused = IOU.replace("AREA", "return boxes").replace("box_area(boxes1)[:, None] + box_area(boxes2)", "1")
    assert message(checks.box_iou, define(unused, "box_iou", "<unused neighbour>")).startswith("box_iou: two boxes")


# The classic traps


@pytest.mark.parametrize(
    ("exercise", "answer", "words"),
    [
        ("clip_boxes_to_image", "slides", "Nothing was cut"),
        ("clip_boxes_to_image", "one_side_each", "on both sides"),
        ("clip_boxes_to_image", "dropped", "keep all of them"),
        ("remove_small_boxes", "too_small", "have to go"),
        ("remove_small_boxes", "rounded", "don't round"),
        ("RPNHead", "softmax", "leave the softmax to the loss"),
        ("rpn_loss", "beta", "bends at 1/9"),
        ("rpn_loss", "total_last", "The total comes first"),
        ("nms", "plus_one", "don't add 1 to the sides"),
        ("nms", "smaller_area", "divide by the union"),
        ("nms", "positive_only", "A score may be any number"),
        ("nms", "keeps_the_copies", "wrong way round"),
        ("make_proposals", "scores_left_behind", "Boxes and scores go together"),
        ("make_proposals", "slides", "As on the slides"),
        ("sample_rois", "no_truth", "The true boxes belong among the candidates"),
        ("sample_rois", "slides", "the true box does not join"),
        ("sample_rois", "unweighted", "weights (10, 10, 5, 5)"),
        ("detection_loss", "best_class", "columns 4 to 7"),
        ("detection_loss", "without_background", "columns 4 to 7"),
        ("detection_loss", "slides", "β is 1/9 here, not 1"),
        ("detection_loss", "beta_one", "β = 1/9"),
        ("postprocess_detections", "background", "Class 0 is background"),
        ("postprocess_detections", "off_by_one", "Labels begin at 1"),
    ],
)
def test_a_classic_trap_is_named(exercise: str, answer: str, words: str) -> None:
    lab = EXERCISES[exercise].place.lab
    function = next(a for a in answers(lab) if (a.exercise, a.name) == (exercise, answer)).function()
    assert words in of(getattr(checks, exercise), function).hint


def test_a_plus_one_in_the_intersection_alone_is_named() -> None:
    plus_one = IOU.replace("AREA", f"return {AREA}").replace("(rb - lt)", "(rb - lt + 1)")
    problem = of(checks.box_iou, define(plus_one, "box_iou", "<plus one>"))
    assert "You add 1 to the sides of the intersection alone." in problem.hint


def test_numbers_that_look_equal_are_called_almost_right() -> None:
    half = IOU.replace("AREA", f"return {AREA}").replace("inter / union", "(inter / union).half().float()")
    problem = of(checks.box_iou, define(half, "box_iou", "<half>"))
    assert problem.expected == problem.got
    assert problem.hint.startswith("Almost: they differ behind the digits")


# Loops without end


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ("n = 0\nwhile n < 9:\n    for box in boxes:\n        n = n + 0\nreturn boxes", "line 3: while n < 9:"),
        ("while True: pass", "line 2: while True: pass"),
        ("import itertools\nfor n in itertools.count():\n    n = n + 1", "line 3: for n in itertools.count():"),
    ],
)
def test_the_loop_that_does_not_end_is_named(monkeypatch: pytest.MonkeyPatch, body: str, where: str) -> None:
    monkeypatch.setattr("course.checking.calling.SECONDS", 0.2)
    problem = of(checks.box_area, area(body))
    assert problem.kind is Kind.OUT_OF_TIME
    assert problem.where.startswith("line ")
    assert problem.where.removesuffix(")").endswith(where)


# Which definition is judged

SESSION = """
import json, os, sys
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

shell = InteractiveShell.instance(config=Config(HistoryManager={"enabled": False}), colors="nocolor")
for cell in json.loads(sys.argv[1]):
    print("#", flush=True)
    shell.run_cell(cell, store_history=True)
"""
IMPORT = "import torch, json, os\nfrom course import checks"
RIGHT = f"def box_area(boxes):\n    return {AREA}"
WRONG = "def box_area(boxes):\n    return boxes[:, 0]"
CHECK = "checks.box_area(box_area)"
ALL_HOLD = "box_area: all 2 visible examples hold."


def session(*cells: str, folder: Any = None) -> list[str]:
    """What each cell shows in an IPython session."""
    words = [sys.executable, "-c", SESSION, json.dumps([IMPORT, *cells])]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, cwd=folder, check=True)
    return [part.strip() for part in done.stdout.split("#\n")[2:]]


def saved(text: str, count: int) -> str:
    """A cell that saves the notebook, with one cell of this text and number, a while after all that has run."""
    cell = {"cell_type": "code", "source": [text], "execution_count": count, "metadata": {}, "outputs": []}
    return (
        f"path = os.environ['JPY_SESSION_NAME'] = os.path.abspath('lab.ipynb')\n"
        f"open(path, 'w').write(json.dumps({{'cells': [{cell!r}]}}))\nos.utime(path, (2e9, 2e9))"
    )


def test_an_older_definition_is_never_judged_without_a_word() -> None:
    cells = [
        *(RIGHT, CHECK, WRONG + " +", CHECK, WRONG, CHECK),
        *("1 / 0\n" + RIGHT, CHECK, RIGHT + "\n1 / 0", CHECK),
        *("# def box_area(boxes): a remark", CHECK, "text = 'def box_area(boxes):'\nold = box_area", CHECK),
    ]
    shown = session(*cells)
    assert shown[1] == ALL_HOLD
    assert shown[3] == (
        "Cell [4], which should define box_area again, has a syntax error in line 2: this\n"
        f"check still judges the older box_area of cell [2].\n{ALL_HOLD}"
    )
    assert shown[5].startswith("box_area: three boxes")
    assert shown[7].startswith("This check judges the box_area of cell [6]. Cell [8] defines it too, but that\none")
    assert "\nbox_area: three boxes" in shown[7]
    assert shown[9] == shown[11] == shown[13] == ALL_HOLD


def test_an_edit_that_was_saved_and_not_run_is_seen(tmp_path: Any) -> None:
    shown = session(
        *(RIGHT, CHECK),
        *(saved(RIGHT, 2), CHECK),  # as it was run
        *(saved(WRONG, 2), CHECK),  # edited since
        *(saved(WRONG, 7), CHECK),  # a number of another session
        folder=tmp_path,
    )
    assert shown[3] == ALL_HOLD
    assert shown[5] == (
        f"You have edited the cell of box_area since it was run as [2]: run it, then check\nagain.\n{ALL_HOLD}"
    )
    assert shown[7] == ALL_HOLD
