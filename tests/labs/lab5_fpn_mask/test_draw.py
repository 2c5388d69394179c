"""Lab 5's pictures: the numbers in their text alternatives, and what stands in where there is none."""

import pytest
import torch

from autograder.labs import answers
from course import draw, library
from course.drawing.figure import Picture
from course.labs.lab5_fpn_mask.draw.pyramid import passing_on
from labs.lab5_fpn_mask import pictures as made
from labs.lab5_fpn_mask.pictures import BOXES, MASKS, PERSON, SMALL, STUDENTS
from labs.shown import show

pytestmark = pytest.mark.usefixtures("words_alone")


def alt_of(name: str, pictures: list[Picture]) -> str:
    show(made, name)
    return pictures[-1].alt


@pytest.mark.parametrize("name", [name for name, (function, _) in STUDENTS.items() if function == "FPN"])
@pytest.mark.parametrize("wrong", ["no_extra", "no_padding", "factor_two"])
def test_a_wrong_pyramid_leaves_at_most_one_line(
    name: str, wrong: str, pictures: list[Picture], capsys: pytest.CaptureFixture[str]
) -> None:
    (answer,) = [a for a in answers("lab5_fpn_mask") if (a.exercise, a.name) == ("FPN", wrong)]
    STUDENTS[name][1](answer.function())
    line = capsys.readouterr().out
    assert len(pictures) + line.count("\n") == 1
    assert bool(pictures) != ("No picture yet: FPN" in line)


def test_a_level_that_does_not_exist_leaves_a_line(pictures: list[Picture], capsys: pytest.CaptureFixture[str]) -> None:
    draw.level_rule(lambda boxes: torch.zeros(len(boxes), dtype=torch.int64))
    assert pictures == []
    assert "gave 0, and the levels are 2 to 5" in capsys.readouterr().out


def test_who_hears_whom_finds_what_is_wrong(pictures: list[Picture]) -> None:
    assert "P2 1, 1, 1, 1; P3 0, 1, 1, 1; P4 0, 0, 1, 1; P5 0, 0, 0, 1" in alt_of("who_hears_whom", pictures)
    assert "Unexpected: 0." in pictures[-1].alt
    wrong = {a.name: a.function() for a in answers("lab5_fpn_mask") if a.exercise == "FPN"}
    draw.who_hears_whom(wrong["no_top_down"])
    assert "P2 1, 0, 0, 0" in pictures[-1].alt
    assert "Unexpected: 6." in pictures[-1].alt


def test_a_pyramid_that_passes_on_adds_up_its_stages() -> None:
    maps = [torch.full((1, 1, side, side), float(side)) for side in (8, 4, 2)]
    found = passing_on(library.FPN, maps)
    assert [float(feature[0, 0, 0, 0]) for feature in found] == [14, 6, 2, 2]
    assert float(passing_on(library.FPN, maps, heard=(0, 0, 1))[0].mean()) == 2


def test_the_levels_begin_where_they_should(pictures: list[Picture]) -> None:
    assert "P2 from 7, P3 from 112, P4 from 224, P5 from 448 pixels on" in alt_of("level_rule", pictures)


def test_rois_are_counted_by_level(pictures: list[Picture]) -> None:
    levels = library.roi_level(BOXES).tolist()
    assert f"{levels.count(2)} from P2" in alt_of("rois_by_level", pictures)


def test_outputs_added_counts_cells(pictures: list[Picture]) -> None:
    """One 3 × 3 mean of a 4 × 4 block reaches 6 × 6 cells; three of them, each before an enlargement, 18 × 18."""
    alt = alt_of("outputs_added", pictures)
    assert "your FPN 36 cells" in alt
    assert "outputs added 324 cells" in alt


def test_unfolding_tells_copies_and_sum(pictures: list[Picture]) -> None:
    alt = alt_of("unfolded", pictures)
    assert "5 writes 2.5, 5, 2.5" in alt
    assert "Your sum: 1, 2, 3.5, 5, 3, 1, 2.5, 4, 2." in alt


def test_the_checkerboard_counts_copies(pictures: list[Picture]) -> None:
    assert "kernel 3: 1, 2, 4; kernel 2: 1; kernel 4: 4." in alt_of("checkerboard", pictures)


def test_there_and_back_counts_pixels(pictures: list[Picture]) -> None:
    mask = MASKS[PERSON].bool()
    pasted = library.paste_mask(SMALL[PERSON], BOXES[PERSON], tuple(mask.shape))
    missing, extra = int((mask & ~pasted).sum()), int((pasted & ~mask).sum())
    assert f"{missing} pixels missing, {extra} too many" in alt_of("there_and_back", pictures)


def test_squeezing_a_mask_costs_more_than_it_should(pictures: list[Picture]) -> None:
    numbers = [
        float(word.rstrip(";."))
        for word in alt_of("off_the_image", pictures).split("IoU ")[1:]
        for word in [word.split()[0]]
    ]
    assert numbers[0] > numbers[1] + 0.1


def test_learning_tells_how_many_cells_agree(pictures: list[Picture]) -> None:
    alt = alt_of("masks_on_the_way", pictures)
    assert "falls from 0.700 to 0.200" in alt
    assert "100% after 1 steps" in alt
