"""The bug lab: one part of each case is wrong, and nothing but looking tells which it is."""

import inspect
from collections.abc import Callable
from importlib import resources
from typing import Any

import pytest
import torch
from torch import Tensor

from course import buglab, checks, library, scenes
from course.buglab.faulty_parts import TRAPS
from course.detector import Detector
from solutions.lab7_capstone.capstone import culprit

CASES = pytest.mark.parametrize("case", buglab.CASES)
CULPRITS = {case: culprit(case) for case in buglab.CASES} | {4: "anchor_shapes", 5: "sample_rois"}
ALL = pytest.mark.parametrize("case", CULPRITS)


@ALL
def test_the_seal_fits_the_solution_and_no_other_part(case: int) -> None:
    fitting = [name for name in library.__all__ if buglab.seal(case, name) == buglab.SEALS[case - 1]]
    assert fitting == [CULPRITS[case]]
    assert CULPRITS[case] in TRAPS


def test_each_seal_is_of_a_case_or_of_a_specimen() -> None:
    assert (*buglab.CASES, *buglab.MUSEUM) == tuple(CULPRITS) == tuple(range(1, len(buglab.SEALS) + 1))


@ALL
def test_the_visible_checks_find_nothing(case: int) -> None:
    for name, part in buglab.suspects(case).items():
        check = getattr(checks, name)
        free = type(check)(f"{name}_", check.examples, ())  # a suspect may call the library
        assert free.problem(part) is None, name


def anchors() -> Tensor:
    return library.grid_anchors((8, 10), 16, library.anchor_shapes(16, (2.0,), (0.5, 1.0, 2.0)))


# What a detector would give each part that has a trap, large enough for it to open.
LUCK = torch.Generator().manual_seed(0)
REAL: dict[str, Callable[[], tuple[Any, ...]]] = {
    "grid_anchors": lambda: ((8, 10), 16, library.anchor_shapes(16, (2.0,), (0.5, 1.0, 2.0))),
    "anchor_shapes": lambda: (16, (2.0,), (0.5, 1.0, 2.0)),
    "sample_rois": lambda: (anchors(), torch.tensor([[30.0, 30, 34, 34], [90, 40, 150, 70]]), torch.tensor([2, 1])),
    "inside_image": lambda: (anchors(), (128, 160)),
    "label_anchors": lambda: (library.box_iou(anchors(), torch.tensor([[30.0, 30, 34, 34], [90, 40, 150, 70]])),),
    "sample_labels": lambda: (torch.arange(1000) % 3 - 1,),
    "make_proposals": lambda: (
        torch.randn(240, 2, generator=LUCK),
        torch.randn(240, 4, generator=LUCK) / 10,
        anchors(),
        (128, 160),
    ),
    "roi_align": lambda: (
        torch.randn(1, 4, 16, 20, generator=LUCK),
        torch.cat((torch.zeros(240, 1), anchors()), dim=1),
        (7, 7),
        1 / 8,
    ),
    "roi_level": lambda: (anchors() * 8, 2, 4),
    "detection_loss": lambda: (
        torch.randn(100, 5, generator=LUCK),
        torch.randn(100, 20, generator=LUCK),
        torch.arange(100) % 5,
        torch.randn(100, 4, generator=LUCK),
    ),
    "postprocess_detections": lambda: (
        torch.randn(240, 5, generator=LUCK),
        torch.randn(240, 20, generator=LUCK) / 10,
        anchors(),
        (128, 160),
    ),
}


def answers(part: Callable[..., Any], inputs: tuple[Any, ...]) -> list[Tensor]:
    torch.manual_seed(0)
    came = part(*inputs)
    return list(came) if isinstance(came, tuple) else [came]


@ALL
def test_at_work_one_part_and_no_other_gives_something_else(case: int) -> None:
    suspects = buglab.suspects(case)
    different = set()
    for name, make in REAL.items():
        inputs = make()
        pairs = zip(answers(suspects[name], inputs), answers(getattr(library, name), inputs), strict=True)
        if not all(a.shape == b.shape and torch.equal(a, b) for a, b in pairs):
            different.add(name)
    assert different == {CULPRITS[case]}


@pytest.mark.parametrize("name", TRAPS)
def test_each_trap_opens_at_work(name: str) -> None:
    right, inputs = getattr(library, name), REAL[name]()
    pairs = zip(answers(lambda *given: TRAPS[name](right, *given), inputs), answers(right, inputs), strict=True)
    assert not all(a.shape == b.shape and torch.equal(a, b) for a, b in pairs)


def losses(row: dict[str, float]) -> float:
    return sum(value for name, value in row.items() if name.startswith("loss"))


@CASES
def test_the_loss_looks_better_and_the_detector_is_worse(case: int) -> None:
    wrong, right = buglab.record(case)[-1], buglab.record(0)[-1]
    assert losses(wrong) < losses(right)
    assert wrong["AP50"] < right["AP50"] - 0.03  # case 3, the mildest, has 0.050 less here and 0.040 on 200 scenes
    assert [row["step"] for row in buglab.record(case)] == [50, 100, 150, 200]


def test_the_specimens_records_are_as_the_museums_labels_tell_them() -> None:
    right, squares, changed_places = (buglab.record(case)[-1] for case in (0, 4, 5))
    assert squares["AP50"] == pytest.approx(right["AP50"], abs=0.01)
    assert losses(squares) < losses(right)
    assert changed_places["AP50"] < 0.1  # the head's losses are out of line, the RPN's are not
    assert changed_places["loss_classifier"] > 2 * right["loss_classifier"]
    assert changed_places["loss_objectness"] == pytest.approx(right["loss_objectness"], abs=0.01)
    assert changed_places["loss_rpn_box_reg"] == pytest.approx(right["loss_rpn_box_reg"], abs=0.01)


@ALL
def test_a_detector_can_be_made_of_the_suspects(case: int) -> None:
    detector = Detector(buglab.suspects(case), len(scenes.CLASSES))
    image, target = scenes.scene(1)
    losses = detector([image], [target])
    assert all(value.isfinite() for value in losses.values())


def test_the_report_is_a_table_of_both_trainings() -> None:
    lines = buglab.report(1).splitlines()
    assert lines[0] == "case 1"
    assert lines[1].split() == ["step", "objectness", "rpn_box_reg", "classifier", "box_reg", "total", "AP50"]
    assert lines[5].split() == ["200", "0.041", "0.048", "0.009", "0.000", "0.098", "0.000"]
    assert lines[7] == "all parts right"
    assert {len(line) for line in lines if line.startswith(" ")} == {89}


def test_no_name_stands_where_it_would_give_the_answer_away() -> None:
    told = inspect.getsource(buglab) + (resources.files("course") / "buglab" / buglab.RECORDS).read_text()
    assert not [name for name in TRAPS if name in told]
    case = buglab.suspects(1)
    innocent, guilty = case["box_iou"], case[culprit(1)]
    assert innocent.__code__ is guilty.__code__
    assert guilty.__name__ == culprit(1)


@pytest.mark.parametrize("ask", [buglab.record, buglab.suspects])
def test_another_case_is_named(ask: Callable[[int], object]) -> None:
    with pytest.raises(buglab.BugLabError, match=r"expected a case of 1, 2, 3, 4, 5.*got 6"):
        ask(6)


def test_the_first_specimen_has_squares_of_three_sizes_and_never_another_shape() -> None:
    widths, heights = buglab.suspects(4)["anchor_shapes"](16, (2.0,), (0.5, 1.0, 2.0)).T
    assert torch.equal(widths, heights)
    assert widths.tolist() == pytest.approx([32 / 2**0.5, 32, 32 * 2**0.5])


def test_the_second_specimen_has_the_right_rois_at_the_wrong_labels() -> None:
    inputs = REAL["sample_rois"]()
    (rois, labels, targets), right = (
        answers(part, inputs) for part in (buglab.suspects(5)["sample_rois"], library.sample_rois)
    )
    assert torch.equal(labels, right[1])
    assert torch.equal(targets, right[2])
    assert sorted(rois.tolist()) == sorted(right[0].tolist())
    sides = (rois[:, 2:] - rois[:, :2]).prod(dim=1).sqrt()
    level = sides.log2().floor()
    assert torch.equal(level, level.sort().values)
    assert len(level.unique()) > 1
