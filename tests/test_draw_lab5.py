"""Lab 5's pictures: the numbers in their text alternatives, and what stands in for an unwritten or wrong function."""

from collections.abc import Callable

import pytest
import torch

from autograder.answers import answers
from course import draw, library, scenes
from course.draw.figure import Picture
from course.draw.pyramid import passing_on

PHOTO, TARGET = scenes.scene(10, (240, 360))
BOXES, LABELS, MASKS = TARGET["boxes"], TARGET["labels"], TARGET["masks"]
PERSON = int((LABELS == 1).nonzero()[0])
SMALL = library.mask_targets(MASKS, BOXES, torch.arange(len(BOXES)))

# Every picture of a student's function, as a function of that function.
STUDENTS: dict[str, tuple[str, Callable]] = {
    "who_hears_whom": ("FPN", lambda fn: draw.who_hears_whom(fn)),
    "pyramid_levels": ("FPN", lambda fn: draw.pyramid_levels(PHOTO, fn)),
    "missing_lateral": ("FPN", lambda fn: draw.missing_lateral(PHOTO, BOXES[0], fn)),
    "outputs_added": ("FPN", lambda fn: draw.outputs_added(fn)),
    "level_rule": ("roi_level", lambda fn: draw.level_rule(fn)),
    "rois_by_level": ("roi_level", lambda fn: draw.rois_by_level(PHOTO, BOXES, fn)),
    "unfolded": ("upsample_1d", lambda fn: draw.unfolded((2, 5, 1, 4), (0.5, 1, 0.5), 2, fn)),
    "enlarged": ("upsample_2d", lambda fn: draw.enlarged(fn)),
    "checkerboard": ("upsample_2d", lambda fn: draw.checkerboard(fn)),
    "mask_target": ("mask_targets", lambda fn: draw.mask_target(PHOTO, MASKS, BOXES[0], 0, fn)),
    "there_and_back": (
        "paste_mask",
        lambda fn: draw.there_and_back(PHOTO, MASKS[PERSON], BOXES[PERSON], library.mask_targets, fn),
    ),
    "off_the_image": (
        "paste_mask",
        lambda fn: draw.off_the_image(PHOTO, MASKS[PERSON], BOXES[PERSON], library.mask_targets, fn),
    ),
}
OURS: dict[str, Callable[[], None]] = {
    "pyramid_plan": lambda: draw.pyramid_plan(),
    "mask_head_plan": lambda: draw.mask_head_plan(),
    "masks_on_the_way": lambda: draw.masks_on_the_way([0.7, 0.2], {0: SMALL * 0, 1: SMALL}, SMALL, PHOTO, BOXES),
}


def show(name: str) -> None:
    if name in OURS:
        OURS[name]()
    else:
        function, draw_it = STUDENTS[name]
        draw_it(getattr(library, function))


def alt_of(name: str, pictures: list[Picture]) -> str:
    show(name)
    return pictures[-1].alt


def unwritten_of(function: str) -> object:
    """A function, or a class, as it is released."""
    if function == "FPN":

        class FPN(torch.nn.Module):
            def __init__(self, in_channels: list[int], out_channels: int) -> None:
                super().__init__()
                raise NotImplementedError

        return FPN

    def unwritten(*args: object) -> None:
        raise NotImplementedError

    unwritten.__name__ = function
    return unwritten


@pytest.mark.parametrize("name", [*STUDENTS, *OURS])
def test_a_picture_is_described_and_fits(name: str, pictures: list[Picture]) -> None:
    assert name in draw.__all__
    assert len(alt_of(name, pictures)) > 40
    (picture,) = pictures
    assert picture.width <= 1000
    assert picture.caption


@pytest.mark.parametrize("name", [*STUDENTS, *OURS])
def test_nothing_is_drawn_while_grading(
    name: str, pictures: list[Picture], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    show(name)
    assert pictures == []
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("name", STUDENTS)
def test_an_unwritten_function_leaves_one_friendly_line(
    name: str, pictures: list[Picture], capsys: pytest.CaptureFixture[str]
) -> None:
    function, draw_it = STUDENTS[name]
    draw_it(unwritten_of(function))
    assert pictures == []
    assert capsys.readouterr() == (f"This picture appears once {function} is written.\n", "")


@pytest.mark.parametrize("name", [name for name, (function, _) in STUDENTS.items() if function != "FPN"])
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
