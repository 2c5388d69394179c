"""A detector goes from one place to another in one file: weights, and the student's own parts as text."""

import json
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from course import library, parts, scenes
from course.detector import Detector, WeightsError, load_detector, save_weights
from course.parts import serialize
from course.parts.collect import BONUS

REPO = Path(__file__).resolve().parent.parent
CLASSES = len(scenes.CLASSES)


@pytest.fixture(scope="module")
def reference() -> parts.Parts:
    return parts.collect(REPO / "source", from_library=["nms", "roi_align"])


@pytest.fixture
def path(reference: parts.Parts, tmp_path: Path) -> Path:
    torch.manual_seed(0)
    return save_weights(Detector(reference, CLASSES), tmp_path / "detector.safetensors")


def about(path: Path) -> dict[str, str]:
    with safe_open(path, framework="pt") as file:
        return dict(file.metadata())


def test_parts_are_the_same_after_the_journey(reference: parts.Parts) -> None:
    there = serialize.loads(serialize.dumps(reference))
    assert there.own() == reference.own()
    assert there.bonuses() == reference.bonuses() == BONUS
    assert there.roi_align.__name__ == "roi_align_fast"
    assert there.box_iou is not reference.box_iou
    boxes = torch.tensor([[0.0, 0, 10, 10], [5, 0, 15, 10]])
    assert torch.equal(there.box_iou(boxes, boxes), reference.box_iou(boxes, boxes))
    assert there.make_proposals.__globals__["nms"] is there.nms
    assert there.make_proposals.__globals__["decode_boxes"] is there.decode_boxes
    assert serialize.dumps(there) == serialize.dumps(reference)


def test_only_what_is_needed_is_packed(reference: parts.Parts) -> None:
    text = serialize.dumps(reference)
    assert len(text) < serialize.LARGEST / 10
    assert "draw." not in text
    assert "checks." not in text
    assert json.loads(serialize.dumps(parts.as_parts(library))) == {"own": {}, "bonuses": {}, "notebooks": []}


def test_what_is_in_no_notebook_stays_at_home() -> None:
    some = parts.as_parts({"nms": lambda *args: library.nms(*args)})
    assert serialize.loads(serialize.dumps(some)).nms is library.nms


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", r"cannot be read \(JSONDecodeError\)"),
        ("[]", r"cannot be read \(TypeError\)"),
        ('{"own": {}}', r"cannot be read \(KeyError\)"),
        ('{"own": {"nms": 0}, "bonuses": {}, "notebooks": []}', "no notebook in them has a part called 'nms'"),
        ('{"own": {"print": 0}, "bonuses": {}, "notebooks": [[]]}', "no notebook in them has a part called 'print'"),
        (
            '{"own": {"nms": 0}, "bonuses": {}, "notebooks": [[["nms = 1 / 0", "nms"]]]}',
            "nms no longer runs: ZeroDivisionError",
        ),
        (
            '{"own": {"nms": 0}, "bonuses": {"nms": "fast"}, "notebooks": [[["def nms(): pass", "nms"]]]}',
            "fast no longer runs: it is not defined",
        ),
        (" " * 1_000_001, "the parts have 1,000,001 characters; 1,000,000 at most"),
    ],
)
def test_other_texts_are_refused(text: str, words: str) -> None:
    with pytest.raises(serialize.SerializeError, match=words):
        serialize.loads(text)


def test_a_detector_comes_out_of_its_file_as_it_went_in(reference: parts.Parts, path: Path) -> None:
    torch.manual_seed(0)
    before = Detector(reference, CLASSES).eval()
    state = torch.get_rng_state()
    detector = load_detector(path)
    assert torch.equal(torch.get_rng_state(), state)
    assert not detector.training
    assert detector.parts.own() == reference.own()
    images = [scenes.scene(5, (96, 128))[0]]
    with torch.no_grad():
        torch.testing.assert_close(detector(images), before(images), rtol=0, atol=0)


def test_all_heads_and_half_the_bits_come_back(tmp_path: Path) -> None:
    detector = Detector(library, 7, masks=True, keypoints=True).half()
    there = load_detector(save_weights(detector, tmp_path / "deep.safetensors"))
    assert there.num_classes == 7
    assert there.mask_head is not None
    assert there.keypoint_head is not None
    assert {value.dtype for value in there.parameters()} == {torch.float32}
    assert there.parts.own() == ()


def test_each_call_gives_a_detector_of_its_own(path: Path) -> None:
    first = load_detector(path)
    weights = {name: value.clone() for name, value in first.state_dict().items()}
    first.train()
    with torch.no_grad():
        for parameter in first.parameters():
            parameter.zero_()
    second = load_detector(path)
    assert first.training
    assert not second.training
    assert all(torch.equal(value, weights[name]) for name, value in second.state_dict().items())


def test_a_file_is_read_once_until_it_changes(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = []
    loads = serialize.loads
    monkeypatch.setattr(serialize, "loads", lambda *args: read.append(args) or loads(*args))
    for _ in range(2):
        assert load_detector(path).parts.own()
    assert len(read) == 1
    save_weights(Detector(library, CLASSES), path)
    assert load_detector(path).parts.own() == ()
    assert len(read) == 2


def test_a_file_that_is_no_detectors_is_named(path: Path) -> None:
    state, said = load_file(path), about(path)

    def refused(words: str) -> None:
        with pytest.raises(WeightsError, match=words):
            load_detector(path)

    save_file(state, path)
    refused("holds weights, but not the detector that they belong to: write it with save_weights")
    save_file(state, path, {"detector": said["detector"]})
    refused("does not say what its detector is made of")
    save_file(state, path, {**said, "detector": '{"num_classes": "many"}'})
    refused("does not say what its detector is made of")
    save_file(state, path, {**said, "detector": said["detector"].replace("5", "5000")})
    refused("expected a detector of 2 to 1,000 classes, got 5,000")
    save_file(state, path, {**said, "detector": said["detector"].replace("5", "6")})
    refused(r"box_head\.cls_score\.weight: expected \(6, 256\), got \(5, 256\)")
    save_file(state, path, {**said, "parts": "{"})
    refused(r"detector\.safetensors: the parts cannot be read")
    path.write_bytes(b"not a tensor at all")
    refused("is not a file of weights")
    with path.open("wb") as file:
        file.truncate(60_000_000)
    refused("has 60,000,000 bytes")
    path.unlink()
    refused(r"there is no file detector\.safetensors here: train first")
