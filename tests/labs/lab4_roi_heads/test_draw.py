"""Lab 4's pictures: the numbers in their text alternatives, and what stands in where there is none."""

import pytest
import torch

from course import library
from course.drawing.figure import Picture
from course.labs.lab4_roi_heads.draw.pooling import one_channel_per_cell
from course.labs.lab4_roi_heads.draw.rois import ask_parts
from labs.lab4_roi_heads import pictures as made
from labs.lab4_roi_heads.pictures import HELMETS, LOGITS, STUDENTS, proposals
from labs.shown import show

pytestmark = pytest.mark.usefixtures("words_alone")


def alt_of(name: str, pictures: list[Picture]) -> str:
    show(made, name)
    return pictures[-1].alt


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
