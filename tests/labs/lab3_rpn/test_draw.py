"""Lab 3's pictures: the numbers in their text alternatives, and what stands in where there is none."""

import pytest
import torch
from torch import Tensor, nn

from course import draw, library
from course.drawing.figure import Picture
from labs.lab3_rpn import pictures as made
from labs.lab3_rpn.pictures import CHAIN, SCORES, network
from labs.shown import show

pytestmark = pytest.mark.usefixtures("words_alone")


def alt_of(name: str, pictures: list[Picture]) -> str:
    show(made, name)
    return pictures[-1].alt


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
