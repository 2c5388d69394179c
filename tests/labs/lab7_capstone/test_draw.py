"""Lab 7's pictures: numbers in text alternatives, and what stands in where there is none."""

import pytest
import torch

from course import draw, library, metrics, scenes
from course.labs.lab7_capstone.draw.errors import LOOKS
from course.metrics.errors import KINDS
from labs.lab7_capstone.pictures import IMAGES, PEOPLE, PREDICTIONS, TARGETS

pytestmark = pytest.mark.usefixtures("words_alone")


def test_the_rule_is_the_checks_first_example(pictures: list) -> None:
    draw.precision_recall_rule()
    assert "0.6 right, precision 2/4, recall 2 / 3; 0.5 right, precision 3/5, recall 3 / 3" in pictures[0].alt
    assert f"mean is {(34 + 67 * 0.6) / 101:.3f}" in pictures[0].alt


def test_the_curve_says_what_was_found_and_what_the_student_makes_of_it(pictures: list) -> None:
    draw.precision_recall(*PEOPLE, lambda *args: torch.tensor(0.123))
    found = int(PEOPLE.matched.sum())
    assert f"of {len(PEOPLE.scores)} predictions, {found} of them right, for {PEOPLE.num_gt} objects" in pictures[0].alt
    assert f"recall ends at {found / PEOPLE.num_gt:.2f}" in pictures[0].alt
    assert "Your average precision is 0.123." in pictures[0].alt


def test_the_ten_thresholds_are_cocos(pictures: list) -> None:
    draw.precision_by_iou(PREDICTIONS, TARGETS, library.average_precision)
    wanted = metrics.coco_ap(PREDICTIONS, TARGETS)["boxes"]
    assert f"{wanted['AP50']:.2f} at 0.50" in pictures[0].alt
    assert f"{wanted['AP75']:.2f} at 0.75" in pictures[0].alt
    assert f"Their mean, AP, is {wanted['AP']:.3f}." in pictures[0].alt


def test_every_kind_is_counted_and_shown(pictures: list) -> None:
    draw.errors_by_kind(IMAGES, PREDICTIONS, TARGETS, scenes.CLASSES)
    counts = {kind: len(found) for kind, found in metrics.errors(PREDICTIONS, TARGETS).items()}
    assert ", ".join(f"{kind} {count}" for kind, count in counts.items()) in pictures[0].alt
    examples = pictures[0].alt.split("Examples: ")[1]
    assert all((f"{kind}: " in examples) == (counts[kind] > 0) for kind in KINDS[1:])
    assert set(LOOKS) == set(KINDS)
    assert len({colour for colour, _ in LOOKS.values()}) == len({hatch for _, hatch in LOOKS.values()}) == len(KINDS)


def test_without_mistakes_or_pictures(pictures: list, capsys: pytest.CaptureFixture[str]) -> None:
    perfect = [{**target, "scores": torch.ones(len(target["labels"]))} for target in TARGETS]
    draw.errors_by_kind(IMAGES, perfect, TARGETS, scenes.CLASSES)
    assert "missed 0. Examples: none." in pictures.pop().alt
    draw.errors_by_kind([], [], [], scenes.CLASSES)
    draw.precision_recall(torch.zeros(0), torch.zeros(0, dtype=torch.bool), 3, library.average_precision)
    assert pictures == []
    assert capsys.readouterr().out == (
        "There are no pictures to sort the errors of.\nThere is no curve without predictions and objects.\n"
    )


# --- a marked photo -----------------------------------------------------------------------------------------------


def test_the_losses_on_a_photo_are_told_beside_those_on_scenes(pictures: list) -> None:
    target = {"boxes": torch.tensor([[5.0, 6, 50, 60]]), "labels": torch.tensor([2])}
    losses = torch.tensor([0.5, 0.25, 1, 0.125], requires_grad=True)
    draw.losses_on_photo(IMAGES[0], target, ("person", "helmet"), losses, (0.1, 0.2, 0.3, 0.4))
    (shown,) = pictures
    assert shown.caption == "All four together: 1.875 on your photo and 1.000 on scenes."
    assert shown.alt == (
        "A photo with marks: helmet from (5, 6) to (50, 60). Losses on it against those on scenes: RPN: objectness "
        "0.500 against 0.100; RPN: boxes 0.250 against 0.200; head: classes 1.000 against 0.300; head: boxes 0.125 "
        "against 0.400."
    )


def test_a_photo_without_marks_and_without_losses_is_drawn_all_the_same(pictures: list) -> None:
    target = {"boxes": torch.zeros(0, 4), "labels": torch.zeros(0, dtype=torch.int64)}
    draw.losses_on_photo(IMAGES[0], target, ("person",), (0, 0, 0, 0), (0, 0, 0, 0))
    assert "nothing yet" in pictures[0].alt
