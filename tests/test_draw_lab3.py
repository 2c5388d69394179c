"""Lab 3's pictures: the numbers in their text alternatives, and what stands in for an unwritten or wrong function."""

from collections.abc import Callable

import matplotlib as mpl
import pytest
import torch
from torch import Tensor, nn

from course import draw, lecture, library
from course.draw import figure
from course.draw.figure import Picture

PHOTO = torch.rand(3, 800, 800, generator=torch.Generator().manual_seed(0))
HELMETS = torch.tensor(lecture.HELMETS)
SIZE = (800, 800)
CHAIN = torch.tensor([[8.0, 0, 18, 10], [0, 0, 10, 10], [4, 0, 14, 10], [30, 0, 40, 10]])
SCORES = torch.tensor([0.7, 0.9, 0.8, 0.1])


def network() -> tuple[Tensor, Tensor, Tensor]:
    """Answers for 10 × 10 places with 3 anchors: the surest sit on the helmets, some boxes leave the image."""
    shapes = library.anchor_shapes(16, (4, 8, 16), (1,))
    anchors = library.grid_anchors((10, 10), 80, shapes)
    g = torch.Generator().manual_seed(1)
    objectness = torch.randn(len(anchors), 2, generator=g)
    objectness[:, 1] += 4 * library.box_iou(anchors, HELMETS).amax(dim=1)
    return objectness, 0.1 * torch.randn(len(anchors), 4, generator=g), anchors


def slide_order(scores: Tensor) -> Tensor:
    return scores.argsort(descending=True)[:12000].argsort().flip(0)


# Every picture of a student's function, as a function of that function.
STUDENTS: dict[str, tuple[str, Callable]] = {
    "tagged_channels": ("RPNHead", lambda fn: draw.tagged_channels(fn)),
    "linear_or_not": ("RPNHead", lambda fn: draw.linear_or_not(fn)),
    "nms_steps": ("nms", lambda fn: draw.nms_steps(CHAIN, SCORES, 0.4, fn)),
    "nms_race": ("nms", lambda fn: draw.nms_race(fn, library.nms, count=50)),
    "sorted_twice": ("nms", lambda fn: draw.sorted_twice(PHOTO, *network(), SIZE, slide_order, fn)),
    "proposals": ("make_proposals", lambda fn: draw.proposals(PHOTO, *network(), SIZE, fn)),
    "leaving": ("make_proposals", lambda fn: draw.leaving(PHOTO, *network(), SIZE, fn)),
}
IDEAS: dict[str, Callable] = {
    "rpn_head": lambda: draw.rpn_head(),
    "smooth_l1": lambda: draw.smooth_l1(),
    "losses": lambda: draw.losses([(1.7, 0.7, 0.1), (0.9, 0.4, 0.05)]),
    "objectness": lambda: draw.objectness(PHOTO, {0: torch.zeros(300, 2), 5: network()[0]}, (10, 10)),
    "nms_rule": lambda: draw.nms_rule(),
    "sieve": lambda: draw.sieve(),
    "logit_or_probability": lambda: draw.logit_or_probability(torch.tensor([[7.0, 5], [-3, 1], [0, 2], [0, -9]]), 2),
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
@pytest.mark.parametrize("answer", [lambda *args: 1 / 0, lambda *args: None, lambda *args: torch.zeros(7, 7, 7)])
def test_a_broken_function_leaves_one_line_that_points_to_its_check(
    name: str, answer: Callable, pictures: list[Picture], capsys: pytest.CaptureFixture[str]
) -> None:
    STUDENTS[name][1](answer)
    assert pictures == []
    line = capsys.readouterr().out
    assert line.count("\n") == 1
    assert "check cell" in line


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


# --- the numbers in the text alternatives, against closed forms


class Unpermuted(library.RPNHead):  # type: ignore[misc, valid-type]
    def forward(self, features: Tensor) -> tuple[Tensor, ...]:
        hidden = self.activation(self.conv(features))
        return tuple(
            layer(hidden).reshape(len(features), -1, k) for layer, k in ((self.cls_logits, 2), (self.bbox_pred, 4))
        )


class Linear(library.RPNHead):  # type: ignore[misc, valid-type]
    def __init__(self, *arguments: int) -> None:
        super().__init__(*arguments)
        self.activation = nn.Identity()


def test_tags_show_rows_that_mix_places(pictures: list[Picture]) -> None:
    assert "0a−, 0a+; 0b−, 0b+; 1a−, 1a+" in alt_of("tagged_channels", pictures)
    assert "yours 0, without permute 12" in pictures[-1].alt
    draw.tagged_channels(Unpermuted)
    assert "yours 12, without permute 12" in pictures[-1].alt


def test_a_head_without_relu_is_flat(pictures: list[Picture]) -> None:
    assert "1.4 at −3, −0.6 at 0, 1.4 at 3" in alt_of("linear_or_not", pictures).replace("-", "−")
    draw.linear_or_not(Linear)
    assert "−2.6 at −3, −2.6 at 0, −2.6 at 3" in pictures[-1].alt.replace("-", "−")


def test_nms_step_by_step(pictures: list[Picture], capsys: pytest.CaptureFixture[str]) -> None:
    alt = alt_of("nms_steps", pictures)
    assert "keeps 1 (0.90) and removes [2]; keeps 0 (0.70) and removes none; keeps 3 (0.10)" in alt
    assert "It returned [1, 0, 3]." in alt
    draw.nms_steps(CHAIN, SCORES, 0.4, lambda *args: torch.tensor([1]))
    assert "Not kept, though no kept box overlaps it by more: [0, 3]" in pictures[-1].alt
    for wrong, words in ((torch.tensor([9]), "indices beyond 0 to 3"), (torch.tensor([True]), "torch.bool instead")):
        draw.nms_steps(CHAIN, SCORES, 0.4, lambda *args, answer=wrong: answer)
        assert words in capsys.readouterr().out


def test_the_race_tells_who_runs_and_who_is_wrong(pictures: list[Picture]) -> None:
    def unwritten(*args: object) -> None:
        raise NotImplementedError

    assert "your nms_in_blocks" in alt_of("nms_race", pictures)
    assert "Note" not in pictures[-1].alt
    draw.nms_race(library.nms, unwritten, count=50)
    assert "not written, and need not be" in pictures[-1].alt
    draw.nms_race(lambda boxes, scores, t: scores.argsort(), library.nms, count=50)
    assert "your nms keeps other boxes" in pictures[-1].alt


def test_sorting_twice_ranks_at_random(pictures: list[Picture]) -> None:
    alt = alt_of("sorted_twice", pictures)
    twice, once = (float(part.split(" ")[0].rstrip(",;").replace(",", "")) for part in alt.split("mean rank ")[1:])
    assert once < twice


def test_clipping_keeps_all_inside(pictures: list[Picture]) -> None:
    assert ", of your proposals 0." in alt_of("leaving", pictures)
    _, deltas, anchors = network()
    decoded = library.decode_boxes(deltas, anchors)
    assert ((decoded < 0) | (decoded > 800)).any()
    assert not pictures[-1].alt.startswith("Without clipping 0 ")


def test_logit_and_probability_differ(pictures: list[Picture]) -> None:
    # by logit the best are (7, 5) and (0, 2); by probability (−3, 1) and (0, 2)
    assert "1 are the same; 1 differ" in alt_of("logit_or_probability", pictures)


def test_losses_smooth_l1_and_sieve_tell_their_numbers(pictures: list[Picture]) -> None:
    assert "Total from 1.700 to 0.900" in alt_of("losses", pictures)
    assert "0.5 costs 0.125, 3 costs 2.5" in alt_of("smooth_l1", pictures)
    assert "12,000, best after NMS 2,000" in alt_of("sieve", pictures)
    assert "after 0 steps from 0.50 to 0.50" in alt_of("objectness", pictures)
