"""Lab 4's pictures: the numbers in their text alternatives, and what stands in for an unwritten or wrong function."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from course import draw, lecture, library
from course.draw.figure import Picture
from course.draw.pooling import one_channel_per_cell
from course.draw.rois import ask_parts

HELMETS = torch.tensor(lecture.HELMETS)
CLASSES = torch.tensor([1, 1])
SMALL = ((48, 27, 84, 88), (7, 9), (4, 3), 1 / 16)
PHOTO = torch.rand(3, 320, 480, generator=torch.Generator().manual_seed(0))
ROIS = torch.tensor([[140.0, 150, 240, 265], [150, 160, 230, 255], [300, 130, 350, 210]])
LOGITS = torch.tensor([[0.0, 3, -3], [0, 2, -3], [0, -3, 2]])
NAMES = ("background", "helmet", "worker")


def proposals() -> Tensor:
    points = torch.rand(300, 2, 2, generator=torch.Generator().manual_seed(1)) * 800
    return torch.cat([points.amin(1), points.amax(1)], dim=1)


# Every picture of a student's function, as a function of that function.
STUDENTS: dict[str, tuple[str, Callable]] = {
    "sampled_rois": ("sample_rois", lambda fn: draw.sampled_rois(proposals(), HELMETS, CLASSES, fn)),
    "pooled_cells": ("roi_pool", lambda fn: draw.pooled_cells(*SMALL, fn)),
    "bilinear_weights": ("bilinear_sample", lambda fn: draw.bilinear_weights(0.75, 2.4, fn)),
    "pool_and_align": ("roi_align", lambda fn: draw.pool_and_align(*SMALL, library.roi_pool, fn)),
    "roi_mistakes": ("roi_align", lambda fn: draw.roi_mistakes(PHOTO, lecture.HELMETS[1], fn)),
    "detections": ("postprocess_detections", lambda fn: draw.detections(LOGITS, torch.zeros(3, 12), ROIS, NAMES, fn)),
}


def alt_of(name: str, pictures: list[Picture]) -> str:
    function, show = STUDENTS[name]
    show(getattr(library, function))
    return pictures[-1].alt


@pytest.mark.parametrize("name", STUDENTS)
def test_a_picture_is_described_and_fits(name: str, pictures: list[Picture]) -> None:
    assert name in draw.__all__
    assert len(alt_of(name, pictures)) > 40
    (picture,) = pictures
    assert picture.width <= 1000
    assert picture.caption


@pytest.mark.parametrize("name", STUDENTS)
def test_nothing_is_drawn_while_grading(
    name: str, pictures: list[Picture], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    function, show = STUDENTS[name]
    show(getattr(library, function))
    assert pictures == []
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("name", STUDENTS)
def test_an_unwritten_function_leaves_one_friendly_line(
    name: str, pictures: list[Picture], capsys: pytest.CaptureFixture[str]
) -> None:
    function, show = STUDENTS[name]

    def unwritten(*args: object) -> None:
        raise NotImplementedError

    unwritten.__name__ = function
    show(unwritten)
    assert pictures == []
    assert capsys.readouterr() == (f"This picture appears once {function} is written.\n", "")


@pytest.mark.parametrize("name", STUDENTS)
@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (lambda *args: 1 / 0, "stopped with ZeroDivisionError: division by zero"),
        (lambda *args: torch.zeros(7, 7, 7, 7, 7), "gave shape (7, 7, 7, 7, 7) instead of ("),
        (lambda *args: [1.0], "gave list instead of a tensor"),
    ],
    ids=["error", "shape", "type"],
)
def test_a_broken_function_leaves_one_line_that_points_to_its_check(
    name: str, answer: Callable, problem: str, pictures: list[Picture], capsys: pytest.CaptureFixture[str]
) -> None:
    STUDENTS[name][1](answer)
    assert pictures == []
    line = capsys.readouterr().out
    assert line.count("\n") == 1
    assert problem in line
    assert "check cell" in line


def test_the_sample_is_told_in_numbers(pictures: list[Picture]) -> None:
    alt = alt_of("sampled_rois", pictures)
    objects = int(((library.box_iou(proposals(), HELMETS) >= 0.5).any(dim=1)).sum()) + 2
    assert f"128 ROIs, {objects} labelled as objects" in alt


def test_pooled_cells_counts_whole_cells(pictures: list[Picture]) -> None:
    """Columns 3 to 5 and rows 2 to 6: (48, 27, 84, 88) / 16, rounded."""
    assert "reads 15 whole cells" in alt_of("pooled_cells", pictures)


def test_bilinear_weights(pictures: list[Picture]) -> None:
    assert "count 0.150, 0.100, 0.450, 0.300, together 1.000" in alt_of("bilinear_weights", pictures)


def test_pool_and_align_tells_cells_and_points(pictures: list[Picture]) -> None:
    alt = alt_of("pool_and_align", pictures)
    assert "cells from (3, 2) to (6, 7)" in alt
    assert "48 points" in alt


def test_what_mistakes_cost(pictures: list[Picture]) -> None:
    alt = alt_of("roi_mistakes", pictures)
    assert "36 × 61 pixels, 2.25 × 3.81 cells" in alt
    assert "right: off by 0 of 255" in alt
    assert "no spatial_scale: off by 0" not in alt


def test_detections_are_named(pictures: list[Picture]) -> None:
    alt = alt_of("detections", pictures)
    scores = LOGITS.softmax(dim=1)
    assert f"the 2 detections: helmet {scores[0, 1]:.2f}; worker {scores[2, 2]:.2f}." in alt


def test_labels_without_a_name_leave_a_line(pictures: list[Picture], capsys: pytest.CaptureFixture[str]) -> None:
    STUDENTS["detections"][1](lambda *args: (torch.zeros(1, 4), torch.tensor([3]), torch.ones(1)))
    STUDENTS["detections"][1](lambda *args: (torch.zeros(2, 4), torch.tensor([1]), torch.ones(1)))
    assert pictures == []
    assert capsys.readouterr().out.count("check cell") == 2


def test_one_channel_per_cell_tells_what_is_read() -> None:
    cells = library.roi_pool(one_channel_per_cell((3, 4)), torch.tensor([[0.0, 1, 1, 2, 2]]), (1, 1), 1.0)
    assert cells.flatten().nonzero().flatten().tolist() == [5, 6, 9, 10]


def test_a_function_with_several_answers_is_asked_once() -> None:
    calls = []
    answer = ask_parts(lambda x: calls.append(1) or (x, x + 1), torch.zeros(2), shapes=((2,), (None,)))
    assert len(calls) == 1
    assert answer[1].tolist() == [1.0, 1.0]
