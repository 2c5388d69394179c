"""Lab 1's pictures: the numbers in their text alternatives, and what stands in where there is none."""

import pytest
import torch

from course import draw, library
from course.drawing.figure import Picture
from labs.lab1_boxes import pictures as made
from labs.lab1_boxes.pictures import HELMETS
from labs.shown import show

pytestmark = pytest.mark.usefixtures("words_alone")


def alt_of(name: str, pictures: list[Picture]) -> str:
    show(made, name)
    return pictures[-1].alt


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (torch.tensor([True, False]), "torch.bool instead of int64"),
        (torch.tensor([0, 2]), "[0, 2], but there are only boxes 0 to 1"),
        (torch.tensor([0.0]), "torch.float32 instead of int64"),
    ],
)
def test_small_boxes_wants_indices(answer, problem, pictures, capsys):
    draw.small_boxes(HELMETS, 16, lambda boxes, min_size: answer)
    assert pictures == []
    assert problem in capsys.readouterr().out


def test_nan_leaves_a_line(pictures, capsys):
    draw.areas(HELMETS, lambda boxes: boxes[:, 0] * float("nan"))
    assert pictures == []
    assert "NaN" in capsys.readouterr().out


# --- the numbers in the text alternatives, against closed forms ---------------------------------------------


def test_overlap_tells_the_areas(pictures):
    alt = alt_of("overlap", pictures)
    inter = (200 - 147) * (232 - 160)
    union = 128 * 128 + 87 * 100 - inter
    for number in (f"{128 * 128:,}", f"{87 * 100:,}", f"{inter:,}", f"{union:,}", f"{inter / union:.3f}"):
        assert number in alt


@pytest.mark.parametrize("second", [(8, 0, 16, 8), (20, 20, 30, 30)])
def test_overlap_of_boxes_that_do_not_meet(second, pictures):
    draw.overlap((0, 0, 8, 8), second)
    alt = pictures[-1].alt
    assert "empty, has area 0." in alt
    assert "IoU = 0.000" in alt


def test_overlap_cases(pictures):
    alt = alt_of("overlap_cases", pictures)
    assert "the same box: 3,600 / 3,600 = 1;" in alt
    assert "inside the other: 900 / 3,600 = 0.25;" in alt
    assert "touching: 0 / 7,200 = 0;" in alt


def test_converted_and_axis_order_tell_the_boxes(pictures):
    assert "(147, 160, 234, 260) and (312, 139, 348, 200)" in alt_of("converted", pictures)
    alt = alt_of("axis_order", pictures)
    assert "(160, 147, 260, 234) and (139, 312, 200, 348)" in alt
    assert "your boxes (147, 160, 234, 260) and (312, 139, 348, 200)" in alt


def test_areas(pictures):
    alt = alt_of("areas", pictures)
    assert f"87 × 100: {87 * 100:,}" in alt
    assert f"36 × 61: {36 * 61:,}" in alt


def test_heat_map_tells_every_cell(pictures):
    alt = alt_of("iou_heatmap", pictures)
    assert f"a0 with g0 {8700 / 128**2:.3f}, g1 0.000" in alt


def test_no_boxes_leave_a_line(pictures, capsys):
    draw.iou_heatmap(HELMETS, torch.zeros(0, 4), library.box_iou)
    draw.areas([], library.box_area)
    draw.small_boxes([], 16, library.remove_small_boxes)
    assert pictures == []
    assert capsys.readouterr().out == 3 * "There are no boxes to draw.\n"


def test_half_a_width_of_shift_leaves_a_third(pictures):
    alt = alt_of("iou_while_sliding", pictures)
    assert "1.000 at 0 %, 0.600 at 25 %, 0.333 at 50 %, 0.000 at 100 %" in alt


def test_clipping_and_swapped_size(pictures):
    alt = alt_of("clipping", pictures)
    assert "600 high and 901 wide" in alt
    assert "(−60, −50, 140, 90) becomes (0, 0, 140, 90)" in alt
    assert "(940, 80, 1020, 200) becomes (901, 80, 901, 200)" in alt
    alt = alt_of("swapped_size", pictures)
    assert "(901, 600) they become (0, 0, 140, 90) and (600, 80, 600, 200)" in alt


def test_small_boxes_tells_which_and_why(pictures):
    alt = alt_of("small_boxes", pictures)
    assert "box 0, 87 wide and 100 high, is kept" in alt
    assert "box 1, 36 wide and 61 high, is removed" in alt
    assert "returned: [0]" in alt


def test_traps_tell_the_wrong_and_the_right_number(pictures):
    alt = alt_of("plus_one", pictures)
    assert "strip of 1 by 9 pixels and IoU becomes 0.059" in alt
    assert "your box_iou says 0.000" in alt
    assert "−100 × −100 = 10,000" in alt_of("missing_clamp", pictures)


def test_pictures_show_the_students_numbers_even_when_wrong(pictures):
    draw.areas(HELMETS, lambda boxes: boxes[:, 2] * 0 + 12345.0)
    assert "87 × 100: 12,345" in pictures[-1].alt
