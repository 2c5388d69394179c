"""Lab 2's pictures: the numbers in their text alternatives, and what stands in for an unwritten or wrong function."""

import io
from collections.abc import Callable

import matplotlib as mpl
import pytest
import torch
from matplotlib import image
from torch import Tensor

from course import draw, library
from course.draw import figure
from course.draw.figure import Picture

HELMETS = torch.tensor([[147.0, 160.0, 234.0, 260.0], [312.0, 139.0, 348.0, 200.0]])
SHAPES = library.anchor_shapes(16, (8, 16, 32), (0.5, 1, 2))
ANCHORS = library.grid_anchors((50, 50), 16, SHAPES)
VALID = ANCHORS[library.inside_image(ANCHORS, (800, 800))]
IOU = library.box_iou(VALID, HELMETS)
LABELS = library.label_anchors(IOU)[0]
OBJECTS = torch.tensor([[120.0, 152.0, 248.0, 280.0], [282.745, 61.49, 373.255, 242.51]])
LECTURE = (16, (8, 16, 32), (0.5, 1, 2))


def nothing(iou: Tensor) -> tuple[Tensor, Tensor]:
    """Every anchor is background."""
    return torch.zeros(len(iou), dtype=torch.int64), torch.zeros(len(iou), dtype=torch.int64)


def everything(labels: Tensor, *rest: object) -> Tensor:
    """Nothing is dropped."""
    return labels.clone()


# Every picture of a student's function, as a function of that function.
STUDENTS: dict[str, tuple[str, Callable]] = {
    "nine_anchors": ("anchor_shapes", lambda fn: draw.nine_anchors(*LECTURE, fn)),
    "anchor_order": ("grid_anchors", lambda fn: draw.anchor_order((3, 5), 16, [[12.0, 8.0]], fn)),
    "sixteen_squared": ("grid_anchors", lambda fn: draw.sixteen_squared(fn)),
    "inside_anchors": ("inside_image", lambda fn: draw.inside_anchors(ANCHORS, SHAPES, (800, 800), fn)),
    "iou_histogram": ("label_anchors", lambda fn: draw.iou_histogram(IOU, fn)),
    "labelled": ("label_anchors", lambda fn: draw.labelled(VALID, HELMETS, IOU, fn)),
    "label_trap": ("label_anchors", lambda fn: draw.label_trap(VALID, HELMETS, IOU, nothing, fn)),
    "sampled": ("sample_labels", lambda fn: draw.sampled(VALID, HELMETS, LABELS, fn)),
    "sampling_trap": ("sample_labels", lambda fn: draw.sampling_trap(VALID, HELMETS, LABELS, everything, fn)),
    "deltas": ("encode_boxes", lambda fn: draw.deltas(OBJECTS, HELMETS, fn)),
    "round_trip": ("decode_boxes", lambda fn: draw.round_trip(OBJECTS, HELMETS, library.encode_boxes, fn)),
    "size_limit": ("decode_boxes", lambda fn: draw.size_limit(fn)),
}
IDEAS: dict[str, Callable] = {
    "ratio_rule": draw.ratio_rule,
    "cell_centres": draw.cell_centres,
    "label_rule": draw.label_rule,
    "delta_anatomy": draw.delta_anatomy,
}
ALL = IDEAS | {key: (lambda n=name, m=make: m(getattr(library, n))) for key, (name, make) in STUDENTS.items()}


def alt_of(name: str, pictures: list[Picture]) -> str:
    ALL[name]()
    return pictures[-1].alt


@pytest.mark.parametrize("name", ALL)
def test_a_picture_is_described_and_fits(name: str, pictures: list[Picture]) -> None:
    assert name in draw.__all__
    assert len(alt_of(name, pictures)) > 40
    (picture,) = pictures
    assert picture.width <= 1000
    height = image.imread(io.BytesIO(picture.png)).shape[0]
    assert height / figure.RETINA <= 900


@pytest.mark.parametrize("name", ALL)
def test_nothing_is_drawn_while_grading(
    name: str, pictures: list[Picture], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    ALL[name]()
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
        (lambda *args: torch.zeros(7, 7, 7), ("gave shape (7, 7, 7) instead of (", "instead of (labels, matched)")),
        (lambda *args: [1.0], ("gave list instead of a tensor", "gave shape")),
    ],
    ids=["error", "shape", "type"],
)
def test_a_broken_function_leaves_one_line_that_points_to_its_check(
    name: str, answer: Callable, problem: str | tuple, pictures: list[Picture], capsys: pytest.CaptureFixture[str]
) -> None:
    STUDENTS[name][1](answer)
    assert pictures == []
    line = capsys.readouterr().out
    assert line.count("\n") == 1
    assert any(words in line for words in ([problem] if isinstance(problem, str) else problem))
    assert "check cell" in line


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


def test_no_text_is_smaller_than_nine_points(pictures: list[Picture], monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[float] = []

    def measure(drawing: figure.Drawing) -> None:
        drawing.figure.draw_without_rendering()
        texts = drawing.figure.findobj(mpl.text.Text)
        sizes.extend(text.get_fontsize() for text in texts if text.get_text())

    monkeypatch.setattr(figure, "render", measure)
    for show in ALL.values():
        show()
    assert min(sizes) >= 9
