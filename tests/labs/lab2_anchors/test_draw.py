"""Lab 2's pictures: the numbers in their text alternatives, and what stands in where there is none."""

import pytest
import torch

from course import draw
from course.drawing.figure import Picture
from labs.lab2_anchors import pictures as made
from labs.lab2_anchors.pictures import HELMETS, IOU, LABELS, VALID, nothing
from labs.shown import show

pytestmark = pytest.mark.usefixtures("words_alone")


def alt_of(name: str, pictures: list[Picture]) -> str:
    show(made, name)
    return pictures[-1].alt


def test_one_tensor_instead_of_two_is_told_so(pictures: list[Picture], capsys: pytest.CaptureFixture[str]) -> None:
    draw.iou_histogram(IOU, lambda iou: torch.zeros(len(iou), dtype=torch.int64))
    assert pictures == []
    assert "one tensor instead of (labels, matched)" in capsys.readouterr().out


# --- the lecture's numbers in the text alternatives -----------------------------------------------------------


def test_nine_anchors_and_their_order(pictures: list[Picture]) -> None:
    assert "181.0 × 90.5, 362.0 × 181.0, 724.1 × 362.0, 128.0 × 128.0" in alt_of("nine_anchors", pictures)
    assert "4 at (72, 8), 5 at (8, 24)" in alt_of("anchor_order", pictures)


def test_8940_anchors_are_drawn(pictures: list[Picture]) -> None:
    alt = alt_of("inside_anchors", pictures)
    assert "8,940 of 22,500" in alt
    for number in ("1,672", "1,064", "112", "1,764", "1,156", "324"):
        assert f": {number} of 2,500" in alt


def test_labels_before_and_after(pictures: list[Picture]) -> None:
    alt = alt_of("iou_histogram", pictures)
    assert "8,850 below 0.3, 90 from 0.3 to 0.7, 0 from 0.7" in alt
    assert "the highest is 0.531" in alt
    alt = alt_of("sampled", pictures)
    ones = int((LABELS == 1).sum())
    assert f"After: {ones} objects, {256 - ones} background, {8940 - 256:,} ignored" in alt


def test_traps_tell_both_numbers(pictures: list[Picture]) -> None:
    alt = alt_of("label_trap", pictures)
    assert "near helmet 0, far helmet 0" in alt
    assert "near helmet 4" in alt
    assert "8,829 background" in alt_of("sampling_trap", pictures)
    alt = alt_of("sixteen_squared", pictures)
    assert "16 · 16 = 256 points reach to x = 248" in alt
    assert "50 · 50 = 2,500 points reach to x = 792" in alt


def test_deltas_and_the_way_back(pictures: list[Picture]) -> None:
    by_hand = ((190.5 - 184) / 128, (210 - 216) / 128)
    assert f"({by_hand[0]:.3f}, {by_hand[1]:.3f}, -0.386, -0.247)" in alt_of("deltas", pictures)
    assert "at most 0.000 pixels away" in alt_of("round_trip", pictures)
    assert "1000.0 at dw = 5, 1000.0 at dw = 8" in alt_of("size_limit", pictures)


def test_pictures_show_the_students_numbers_even_when_wrong(pictures: list[Picture]) -> None:
    draw.labelled(VALID, HELMETS, IOU, nothing)
    assert "0 objects, 8,940 background, 0 ignored" in pictures[-1].alt
