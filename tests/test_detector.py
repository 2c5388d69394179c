"""The detector that is composed of parts: reference and library agree, everything learns, bad input is named."""

import re

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.rpn import AnchorGenerator

from course import library, parts, scenes
from course.detector import Detector, DetectorError, WeightsError, load_weights, save_weights

CLASSES = len(scenes.CLASSES)


@pytest.fixture(scope="module")
def reference(repo) -> parts.Parts:
    return parts.collect(repo / "source")


@pytest.fixture(scope="module")
def examples() -> list:
    return [scenes.scene(number, size=size) for number, size in ((1, (96, 128)), (2, 128), (5, (72, 100)))]


def batch(examples: list) -> tuple[list[Tensor], list[dict]]:
    images, targets = zip(*examples, strict=True)
    return list(images), list(targets)


def made(of: object = library, **heads: bool) -> Detector:
    torch.manual_seed(0)
    detector = Detector(of, CLASSES, **heads)
    for layer in detector.modules():  # so that detections are many and differ
        if isinstance(layer, torch.nn.Linear):
            torch.nn.init.normal_(layer.weight, std=0.05)
    return detector


def test_the_reference_detects_what_the_library_detects(reference: parts.Parts, examples: list) -> None:
    """Two independent implementations of all parts, the same weights: the same boxes, masks and joints."""
    ours, theirs = made(reference, masks=True, keypoints=True).eval(), made(masks=True, keypoints=True).eval()
    ours.load_state_dict(theirs.state_dict())
    images, _ = batch(examples)
    with torch.no_grad():
        mine, wanted = ours(images), theirs(images)
    assert sum(len(each["boxes"]) for each in wanted) > 30
    for one, other in zip(mine, wanted, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-3)


def test_all_its_weights_learn(reference: parts.Parts, examples: list) -> None:
    for each in (library, reference):
        detector = made(each, masks=True, keypoints=True)
        losses = detector(*batch(examples))
        assert set(losses) == {
            *("loss_objectness", "loss_rpn_box_reg", "loss_classifier", "loss_box_reg", "loss_mask", "loss_keypoint")
        }
        assert all(value.isfinite() and value > 0 for value in losses.values())
        sum(losses.values()).backward()
        assert not [
            name for name, weight in detector.named_parameters() if weight.grad is None or not weight.grad.any()
        ]


def test_losses_at_the_start_are_those_of_ignorance(examples: list) -> None:
    """Fresh heads say the same about everything: ln 2 about an anchor, ln 5 about an ROI of 5 classes."""
    torch.manual_seed(0)
    losses = Detector(library, CLASSES)(*batch(examples))
    assert losses["loss_objectness"].item() == pytest.approx(0.693, abs=0.02)
    assert losses["loss_classifier"].item() == pytest.approx(1.609, abs=0.05)


def test_it_answers_as_torchvisions_detectors_do(examples: list) -> None:
    images, _ = batch(examples)
    for answer, image in zip(made(masks=True, keypoints=True).eval()(images), images, strict=True):
        count, (height, width) = len(answer["boxes"]), image.shape[1:]
        shapes = {name: tuple(value.shape) for name, value in answer.items()}
        assert shapes == {
            "boxes": (count, 4),
            "labels": (count,),
            "scores": (count,),
            "masks": (count, 1, height, width),
            "keypoints": (count, 17, 3),
            "keypoints_scores": (count, 17),
        }
        assert answer["scores"].tolist() == sorted(answer["scores"].tolist(), reverse=True)
        assert (answer["boxes"] >= 0).all()
        assert (answer["boxes"] <= torch.tensor([width, height, width, height])).all()
        assert not answer["keypoints"][answer["labels"] != 1].any()


def test_the_same_anchors_as_torchvision_but_centred(examples: list) -> None:
    """The generator rounds and starts at the corner: half a stride apart, and half a pixel at most."""
    maps = [torch.zeros(1, 64, 128 // stride, 96 // stride) for stride in (4, 8, 16, 32)]
    boxes = Detector(library, CLASSES).anchors(maps)
    generator = AnchorGenerator(sizes=((8,), (16,), (32,), (64,)), aspect_ratios=((0.5, 1.0, 2.0),) * 4)
    (theirs,) = generator(ImageList(torch.zeros(1, 3, 128, 96), [(128, 96)]), maps)
    counts = [3 * each.shape[2] * each.shape[3] for each in maps]
    shift = torch.cat(
        [torch.full((count, 1), stride / 2) for count, stride in zip(counts, (4, 8, 16, 32), strict=True)]
    )
    assert (boxes - (theirs + shift)).abs().max() <= 0.5


def test_no_pictures_and_pictures_without_objects() -> None:
    detector = made(masks=True, keypoints=True)
    nothing = {
        "boxes": torch.zeros(0, 4),
        "labels": torch.zeros(0, dtype=torch.int64),
        "masks": torch.zeros(0, 64, 64, dtype=torch.uint8),
        "keypoints": torch.zeros(0, 17, 3),
    }
    losses = detector([torch.rand(3, 64, 64)], [nothing])
    assert all(value.isfinite() for value in losses.values())
    sum(losses.values()).backward()
    assert detector.eval()([]) == []


TARGET = {"boxes": torch.tensor([[4.0, 4, 20, 30]]), "labels": torch.tensor([1])}


@pytest.mark.parametrize(
    ("images", "targets", "words"),
    [
        (torch.rand(1, 3, 64, 64), [TARGET], "a list of images (3, H, W), got one tensor of shape (1, 3, 64, 64)"),
        ([torch.rand(64, 64)], [TARGET], "image 0: expected shape (3, height, width), got (64, 64)"),
        (
            [torch.ones(3, 8, 8, dtype=torch.uint8)],
            [TARGET],
            "image 0: expected numbers from 0 to 1 as float32, got torch.uint8",
        ),
        ([torch.rand(3, 64, 64)], None, "training needs a target for each of the 1 images, got none"),
        ([torch.rand(3, 64, 64)] * 2, [TARGET], "training needs a target for each of the 2 images, got 1"),
        ([], [], "training needs at least one image, got none"),
        (
            [torch.rand(3, 64, 64)],
            [{"boxes": TARGET["boxes"]}],
            "target 0: expected boxes, labels, but labels is missing",
        ),
        (
            [torch.rand(3, 64, 64)],
            [{**TARGET, "boxes": torch.tensor([[4.0, 4, 4, 30]])}],
            "target 0: box 0 has no area: [4.0, 4.0, 4.0, 30.0]; expected x1 < x2 and y1 < y2",
        ),
        (
            [torch.rand(3, 64, 64)],
            [{**TARGET, "labels": torch.tensor([5])}],
            "target 0: expected labels from 1 to 4 as int64 (0 is background), got [5]",
        ),
        (
            [torch.rand(3, 64, 64)],
            [{**TARGET, "labels": torch.tensor([1, 2])}],
            "target 0: expected labels of shape (1,), got (2,)",
        ),
    ],
)
def test_bad_input_is_named(images: object, targets: object, words: str) -> None:
    with pytest.raises(DetectorError, match=re.escape(words)):
        Detector(library, CLASSES)(images, targets)


def test_weights_come_back_from_a_file(tmp_path, examples: list) -> None:
    detector = made(masks=True).eval()
    path = save_weights(detector, tmp_path / "deep" / "weights.safetensors")
    other = Detector(library, CLASSES, masks=True).eval()
    load_weights(other, path)
    images, _ = batch(examples)
    with torch.no_grad():
        torch.testing.assert_close(other(images), detector(images), rtol=0, atol=0)
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_file_that_does_not_fit_is_named_and_changes_nothing(tmp_path) -> None:
    detector = Detector(library, CLASSES)
    before = {name: value.clone() for name, value in detector.state_dict().items()}
    path = tmp_path / "weights.safetensors"

    def refused(words: str) -> None:
        with pytest.raises(WeightsError, match=words):
            load_weights(detector, path)
        assert all(torch.equal(value, before[name]) for name, value in detector.state_dict().items())

    refused(r"there is no file weights\.safetensors")
    path.write_bytes(b"not a tensor at all")
    refused(r"weights\.safetensors is not a file of weights \(safetensors\)")
    with path.open("wb") as file:
        file.truncate(60_000_000)
    refused("has 60,000,000 bytes; expected the weights of a detector, 50,000,000 at most")
    save_weights(Detector(library, CLASSES + 1), path)
    refused(r"box_head\.cls_score\.weight: expected \(5, 256\), got \(6, 256\)")
    save_weights(Detector(library, CLASSES, masks=True), path)
    refused(r"nothing here is called mask_head\.conv5_mask\.bias")
    save_weights(detector, path)
    state = load_file(path)
    save_file({name: value for name, value in state.items() if name != "fpn.inner_blocks.0.bias"}, path)
    refused(r"fpn\.inner_blocks\.0\.bias is missing")
    save_file({**state, "fpn.inner_blocks.0.bias": torch.full((64,), torch.nan)}, path)
    refused(r"not all numbers in fpn\.inner_blocks\.0\.bias are finite")
