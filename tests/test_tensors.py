"""What detectors, metrics and pictures take: all forms of one thing mean the same, and no error comes in raw words."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.ops import box_convert
from torchvision.transforms.functional import to_tensor

from course import library, metrics, tensors, video
from course.detector import Detector, DetectorError
from course.drawing.detections_overlay import draw_detections
from course.errors import PlainError
from course.metrics import MetricsError
from course.tensors import TensorError
from course.video import VideoError

SIZE = (96, 128)
PICTURE = Image.fromarray(np.random.default_rng(0).integers(0, 256, (*SIZE, 3), dtype=np.uint8))
IMAGE = to_tensor(PICTURE)
NAN = float("nan")


def target() -> dict[str, Any]:
    masks = torch.zeros(2, *SIZE, dtype=torch.uint8)
    masks[0, 10:80, 10:60] = 1
    masks[1, 20:40, 70:100] = 1
    return {
        "boxes": torch.tensor([[10.0, 10, 60, 80], [70, 20, 100, 40]]),
        "labels": torch.tensor([1, 2]),
        "masks": masks,
        "keypoints": torch.ones(2, 17, 3) * torch.tensor([20.0, 30, 2]),
    }


def losses(images: Any, targets: Any) -> dict[str, float]:
    """A detector's losses, always of the same weights and the same samples."""
    torch.manual_seed(0)
    detector = Detector(library, 5, masks=True, keypoints=True).train()
    return {name: float(value.detach()) for name, value in detector(images, targets).items()}


@pytest.fixture(scope="module")
def wanted() -> dict[str, float]:
    return losses([IMAGE], [target()])


FORMS: dict[str, Callable[[torch.Tensor], Any]] = {
    "float64": lambda value: value.double() if value.is_floating_point() else value,
    "array": lambda value: value.numpy(),
    "array64": lambda value: value.double().numpy() if value.is_floating_point() else value.int().numpy(),
    "big-endian": lambda value: value.numpy().astype(value.numpy().dtype.newbyteorder(">")),
    "list": lambda value: value.tolist(),
    "255": lambda value: value * 255 if value.dtype == torch.uint8 else value,
    "bool": lambda value: value.bool() if value.dtype == torch.uint8 else value,
    "labels as floats": lambda value: value.float() if value.dtype == torch.int64 else value,
}


@pytest.mark.parametrize("form", FORMS)
def test_a_detector_learns_the_same_from_every_form(form: str, wanted: dict[str, float]) -> None:
    change = FORMS[form]
    image = change(IMAGE) if form != "255" else PICTURE
    given = {key: change(value) for key, value in target().items()}
    assert losses([image], [given]) == pytest.approx(wanted, rel=1e-5)
    assert type(given["boxes"]) is type(change(target()["boxes"])), "what was given stays"


def test_half_the_precision_is_nearly_the_same(wanted: dict[str, float]) -> None:
    found = losses([IMAGE.half()], [{**target(), "boxes": target()["boxes"].half()}])
    assert found == pytest.approx(wanted, rel=0.05)


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in target().items() if name != key}


XYWH = box_convert(target()["boxes"], "xyxy", "xywh")  # the second: 70, 20, 30, 20


@pytest.mark.parametrize(
    ("image", "change", "words"),
    [
        (IMAGE * 255, {}, "image 0: expected numbers from 0 to 1, got 0 to 255"),
        (IMAGE * NAN, {}, "image 0: expected numbers from 0 to 1, got nan"),
        (np.asarray(PICTURE), {}, "image 0: expected shape (3, height, width), got (96, 128, 3)"),
        ("a.jpg", {}, "image 0: expected numbers as a tensor, an array or a list, got str 'a.jpg'"),
        (None, {}, "got none"),
        (
            IMAGE,
            {"boxes": XYWH},
            "target 0: box 1 has no area: [70.0, 20.0, 30.0, 20.0]; expected x1 < x2 and y1 < y2. ",
        ),
        (
            IMAGE,
            {"boxes": XYWH},
            "If these are x, y, width, height: torchvision.ops.box_convert(boxes, 'xywh', 'xyxy')",
        ),
        (IMAGE, {"boxes": target()["boxes"] * NAN}, "target 0: boxes hold NaN or infinity"),
        (IMAGE, {"boxes": [[1, 2, 3], [4]]}, "target 0: expected numbers as a tensor, an array or a list, got list"),
        (IMAGE, {"boxes": torch.ones(4)}, "target 0: expected boxes of shape (N, 4), got (4,)"),
        (
            IMAGE,
            {"labels": torch.tensor([1.5, 2])},
            "expected labels as whole numbers (int64), got torch.float32 [1.5,",
        ),
        (IMAGE, {"labels": torch.tensor([True, True])}, "got torch.bool"),
        (IMAGE, {"labels": ["person", "helmet"]}, "expected numbers as a tensor, an array or a list"),
        (IMAGE, {"masks": target()["masks"] * 7}, "masks of 0 and 1, or of 0 and 255, got numbers from 0 to 7"),
        (IMAGE, {"masks": target()["masks"].float() * NAN}, "expected masks of 0 and 1"),
        (IMAGE, {"masks": target()["masks"][:, :9]}, "expected masks of shape (2, 96, 128), got (2, 9, 128)"),
        (IMAGE, {"keypoints": target()["keypoints"] / 0 * 0}, "target 0: keypoints hold NaN or infinity"),
        (IMAGE, {"keypoints": None}, "expected numbers as a tensor, an array or a list, got none"),
    ],
)
def test_a_detector_refuses_the_rest_in_one_line(image: Any, change: dict[str, Any], words: str) -> None:
    with pytest.raises(DetectorError, match=re.escape(words)) as caught:
        losses([image], [{**target(), **change}])
    assert "\n" not in str(caught.value)


def test_a_detector_is_given_lists_of_dictionaries() -> None:
    for images, targets in ((PICTURE, [target()]), (IMAGE.numpy(), [target()]), ([IMAGE], target()), ([IMAGE], [[1]])):
        with pytest.raises(DetectorError, match=r"expected a|needs a target"):
            losses(images, targets)


# --- metrics ---


def prediction() -> dict[str, Any]:
    found = target()
    return {**found, "masks": found["masks"][:, None], "scores": torch.tensor([0.9, 0.8])}


KINDS = ("boxes", "masks", "keypoints")


@pytest.mark.parametrize("form", FORMS)
def test_metrics_measure_the_same_in_every_form(form: str) -> None:
    change = FORMS[form]
    near = {**prediction(), "boxes": prediction()["boxes"] + torch.tensor([3.0, 0, 0, 0])}
    truth = {**target(), "area": torch.tensor([3500.0, 600]), "iscrowd": torch.tensor([0, 0])}
    found = metrics.coco_ap([{key: change(value) for key, value in near.items()}], [truth], KINDS)
    assert found == metrics.coco_ap([near], [truth], KINDS)
    changed = {key: change(value) for key, value in truth.items()}
    assert metrics.coco_ap((each for each in [near]), (each for each in [changed]), KINDS) == found
    kinds = [{kind: len(each) for kind, each in metrics.errors([near], [which]).items()} for which in (changed, truth)]
    assert kinds[0] == kinds[1]


def test_empty_lists_are_no_objects() -> None:
    nothing: dict[str, Any] = {"boxes": [], "labels": [], "scores": []}
    assert metrics.coco_ap([nothing], [target()])["boxes"]["AP"] == 0


@pytest.mark.parametrize(
    ("predicted", "change", "words"),
    [
        (
            {key: value[0] for key, value in prediction().items()},
            {},
            "prediction 0: expected labels of shape (N,), got ()",
        ),
        (prediction(), {"iscrowd": [0]}, "target 0: iscrowd of 2 objects should have shape (2,); got (1,)"),
        (prediction(), {"area": torch.tensor([1.0])}, "target 0: area of 2 objects should have shape (2,); got (1,)"),
        (prediction(), {"area": [1.0, NAN]}, "target 0: area hold NaN or infinity"),
        (prediction(), {"boxes": XYWH}, "target 0: box 1 has no area: [70.0, 20.0, 30.0, 20.0]; expected x1 < x2"),
        (prediction(), {"labels": ["a", "b"]}, "target 0: expected numbers as a tensor, an array or a list, got list"),
        ({**prediction(), "scores": [NAN, 1.0]}, {}, "prediction 0: scores hold NaN or infinity"),
        ([1, 2], {}, "prediction 0 should be a dictionary; got list"),
    ],
)
def test_metrics_refuse_the_rest_in_one_line(predicted: Any, change: dict[str, Any], words: str) -> None:
    with pytest.raises(MetricsError, match=re.escape(words)) as caught:
        metrics.coco_ap([predicted], [{**target(), **change}])
    assert "\n" not in str(caught.value)


def test_metrics_are_given_lists() -> None:
    for predictions in (prediction(), None, "predictions"):
        with pytest.raises(MetricsError, match="expected predictions as a list of dictionaries, one a picture; got"):
            metrics.coco_ap(predictions, [target()])


# --- pictures of answers ---


def answer(**change: Any) -> dict[str, Any]:
    found = {key: value for key, value in prediction().items() if key != "keypoints"}
    return {**found, **change}


NAMES = ("background", "person", "helmet")


@pytest.mark.parametrize("form", FORMS)
def test_a_frame_is_marked_alike_in_every_form(form: str) -> None:
    change = FORMS[form]
    found = video.marked(
        change(IMAGE) if form != "255" else PICTURE, {k: change(v) for k, v in answer().items()}, NAMES
    )
    assert torch.equal(found, video.marked(IMAGE, answer(), NAMES))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"boxes": [[50, 50, 40, 40], [0, 0, 5, 5]]},
            "answer: box 0 has no area: [50.0, 50.0, 40.0, 40.0]; expected x1",
        ),
        ({"boxes": target()["boxes"] * NAN}, "answer: boxes hold NaN or infinity"),
        ({"boxes": target()["boxes"] / 0}, "answer: boxes hold NaN or infinity"),
        ({"labels": [1, 7]}, "answer: there is a label 7, but names for 0 to 2 only"),
        ({"labels": [1]}, "answer: expected labels of shape (2,), got (1,)"),
        ({"scores": [0.9, NAN]}, "answer: scores hold NaN or infinity"),
        ({"masks": torch.ones(2, 1, 5, 5)}, "answer: expected masks of shape (2, 1, 96, 128), got (2, 1, 5, 5)"),
        (
            {"keypoints": torch.ones(2, 17, 3)},
            "answer: expected boxes, labels and scores, but keypoints_scores is missing",
        ),
    ],
)
def test_an_answer_that_cannot_be_drawn(change: dict[str, Any], words: str) -> None:
    with pytest.raises(VideoError, match=re.escape(words)):
        video.marked(IMAGE, answer(**change), NAMES)
    with pytest.raises(TensorError, match=re.escape(words)):
        draw_detections(IMAGE, answer(**change), NAMES, 0.5)


def test_boxes_far_outside_are_drawn_to_the_edge() -> None:
    huge = answer(boxes=[[-1e30, -1e30, 1e30, 1e30], [1e20, 1e20, 1e30, 1e30]])
    assert video.marked(IMAGE, huge, NAMES).shape == (3, 4 * SIZE[0], 4 * SIZE[1])


@pytest.mark.parametrize("frame", [IMAGE * NAN, IMAGE * 255, IMAGE[0], (IMAGE * 255).byte(), "frame"])
def test_a_frame_that_is_none(frame: Any) -> None:
    with pytest.raises(VideoError, match=r"^frame: expected"):
        video.marked(frame, answer(), NAMES)


def test_all_these_errors_are_plain() -> None:
    assert issubclass(TensorError, PlainError)
    with pytest.raises(TensorError, match="x: expected numbers as a tensor"):
        tensors.tensor([1 + 2j], "x")
