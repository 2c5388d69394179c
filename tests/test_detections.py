"""What a detector found, drawn: the words say what the numbers say, and a slider moves both."""

import pytest
import torch
from torch import Tensor

from course import explore
from course.drawing import figure
from course.drawing.detections_overlay import LOOKS, draw_detections
from course.exploring import explorer
from course.scenes import CLASSES


def answer(**extra: Tensor) -> dict[str, Tensor]:
    return {
        "boxes": torch.tensor([[10.0, 20, 40, 60], [50, 10, 60, 18], [0, 0, 30, 30]]),
        "labels": torch.tensor([1, 2, 1]),
        "scores": torch.tensor([0.95, 0.7, 0.2]),
        **extra,
    }


IMAGE = torch.full((3, 80, 100), 0.5)


@pytest.mark.parametrize(
    ("threshold", "caption"),
    [
        (0.5, "Score at least 0.50: person 1, helmet 1."),
        (0.1, "Score at least 0.10: person 2, helmet 1."),
        (0.7, "Score at least 0.70: person 1, helmet 1."),
        (0.96, "Score at least 0.96: nothing."),
    ],
)
def test_what_is_sure_enough_is_counted_and_placed(threshold: float, caption: str) -> None:
    drawing = draw_detections(IMAGE, answer(), CLASSES, threshold)
    assert drawing.caption == caption
    assert ("person 0.95 at 10, 20, 40, 60" in drawing.alt) == (threshold <= 0.95)
    assert ("person 0.20" in drawing.alt) == (threshold <= 0.2)


def shown(drawing: figure.Drawing) -> Tensor:
    (image,) = drawing.figure.axes[0].images
    return torch.as_tensor(image.get_array()).permute(2, 0, 1) / 255


def test_masks_tint_their_pixels_and_no_others() -> None:
    masks = torch.zeros(3, 1, 80, 100)
    masks[0, 0, 30:50, 20:30] = 1
    masks[2, 0, 0:10, 0:10] = 1  # of one that is not sure enough
    picture = shown(draw_detections(IMAGE, answer(masks=masks), CLASSES, 0.5))
    changed = (picture - 0.5).abs().amax(dim=0) > 0.01
    assert changed.equal(masks[0, 0].bool())


def test_skeletons_are_drawn_for_persons_whose_joints_score() -> None:
    keypoints = torch.rand(3, 17, 3, generator=torch.Generator().manual_seed(0)) * 60
    scores = torch.full((3, 17), 5.0)
    scores[0, 10:] = -5
    drawing = draw_detections(IMAGE, answer(keypoints=keypoints, keypoints_scores=scores), CLASSES, 0.5)
    joints = [place for line in drawing.figure.axes[0].lines for place in line.get_xdata()]
    assert len(joints) == 10  # of the first person; the helmet has none, the second person is not sure enough


def test_nothing_at_all_is_a_picture_too() -> None:
    empty = {"boxes": torch.zeros(0, 4), "labels": torch.zeros(0, dtype=torch.int64), "scores": torch.zeros(0)}
    assert draw_detections(IMAGE, empty, CLASSES, 0.5).caption == "Score at least 0.50: nothing."


@pytest.mark.parametrize("size", [(320, 273), (240, 320), (400, 40)])
def test_a_portrait_is_no_taller_than_the_screen_and_keeps_its_shape(size: tuple[int, int]) -> None:
    empty = {"boxes": torch.zeros(0, 4), "labels": torch.zeros(0, dtype=torch.int64), "scores": torch.zeros(0)}
    wide, high = draw_detections(torch.rand(3, *size), empty, CLASSES, 0.5).figure.get_size_inches()
    assert high * figure.SCREEN_DPI < 540
    assert high / wide == pytest.approx(size[0] / size[1])


def test_names_differ_in_line_as_well_as_in_colour() -> None:
    assert len({str(look.line) for look in LOOKS}) == len({look.colour for look in LOOKS}) == len(LOOKS)


def test_the_slider_asks_the_detector_once(monkeypatch: pytest.MonkeyPatch) -> None:
    shown, asked = [], []
    monkeypatch.setattr(explorer, "display", shown.append)

    def model(images: list[Tensor]) -> list[dict[str, Tensor]]:
        asked.append(len(images))
        return [answer()]

    explore.detections(IMAGE, model, CLASSES)
    (view,) = shown
    assert "person 1, helmet 1" in view.frame.value
    view.controls["score"].value = 0.1
    assert "person 2, helmet 1" in view.frame.value
    assert asked == [1]
