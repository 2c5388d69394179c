"""The zoo: COCO weights if available, else the course's small ones, and a line that says which."""

import io
import re
import threading
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.error import URLError

import pytest
import torch
from torchvision.models import WeightsEnum, get_model_weights
from torchvision.models.detection import MaskRCNN, keypointrcnn_resnet50_fpn

from course import library, parts, scenes, zoo
from course.detector import Detector


def refuse(error: Exception) -> Callable:
    def function(*args: object, **kwargs: object) -> None:
        raise error

    return function


@pytest.fixture(autouse=True)
def empty_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(urllib.request, "urlopen", refuse(URLError("no route to host")))


@pytest.fixture
def online(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(urllib.request, "urlopen", lambda *args, **kwargs: io.BytesIO())


@pytest.mark.parametrize("task", ["boxes", "masks", "keypoints"])
def test_offline_it_is_the_small_one(task: str, offline: None) -> None:
    found = zoo.detector(task)
    assert isinstance(found.model, Detector)
    assert not found.model.training
    assert found.categories == scenes.CLASSES
    assert re.match("The course's small detector, trained on made-up scenes; .*no route to host", str(found))
    image, target = scenes.scene(123_456_789)
    with torch.no_grad():
        (answer,) = found.model([image])
    extra = {"boxes": set(), "masks": {"masks"}, "keypoints": {"keypoints", "keypoints_scores"}}[task]
    assert set(answer) == {"boxes", "labels", "scores"} | extra
    sure = answer["scores"] > 0.7
    iou = library.box_iou(target["boxes"], answer["boxes"][sure])
    assert (iou.max(dim=1).values > 0.5).float().mean() > 0.7  # it finds most of what is there


def test_the_small_one_is_made_of_the_students_parts(offline: None) -> None:
    called = []

    def nms(boxes: torch.Tensor, scores: torch.Tensor, iou_threshold: float) -> torch.Tensor:
        called.append(len(boxes))
        return library.nms(boxes, scores, iou_threshold)

    def make_proposals(*args: object, **options: object) -> tuple:
        called.append("proposals")
        return library.make_proposals(*args, **options)

    found = zoo.detector("boxes", parts.as_parts({"make_proposals": make_proposals, "nms": nms}))
    assert re.search(r"2 of \d+ parts are yours", found.source)
    with torch.no_grad():
        found.model([scenes.scene(1)[0]])
    assert called == ["proposals"]


@pytest.mark.parametrize(
    "error", [RuntimeError('invalid hash value (expected "fc266e95", got "00")'), TimeoutError("timed out"), EOFError()]
)
def test_what_cannot_be_had_is_said(error: Exception, online: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WeightsEnum, "get_state_dict", refuse(error))
    said = zoo.detector("boxes").source
    assert (str(error) or "EOFError") in said
    assert ("should be deleted" in said) == (not isinstance(error, OSError))


def test_nobody_waits_for_a_name_server_that_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = threading.Event()
    monkeypatch.setattr(urllib.request, "urlopen", lambda *args, **kwargs: waiting.wait(60) and io.BytesIO())
    monkeypatch.setattr(zoo, "PATIENCE", 0.05)
    assert "no answer within 0 seconds" in zoo.detector("boxes").source
    waiting.set()
    for thread in threading.enumerate():
        if thread.daemon and "(ask)" in thread.name:
            thread.join()


def test_what_is_in_the_cache_needs_no_network(offline: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    reached = []
    url = get_model_weights("fasterrcnn_resnet50_fpn").DEFAULT.url
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / url.rpartition("/")[2]).touch()
    monkeypatch.setattr(WeightsEnum, "get_state_dict", lambda *args, **kwargs: reached.append(1) or {})
    assert "should be deleted" in zoo.detector("boxes").source  # {} is nobody's weights
    assert reached == [1]


def test_coco_weights_are_used_where_they_are(online: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """With random weights in the place of COCO's; a part of the student's goes into the model."""
    torch.manual_seed(0)
    weights = get_model_weights("keypointrcnn_resnet50_fpn").DEFAULT
    donor = keypointrcnn_resnet50_fpn(weights=None, weights_backbone=None, num_classes=2)
    state = {name: value for name, value in donor.state_dict().items() if not name.endswith("num_batches_tracked")}
    asked = {}

    def get_state_dict(self: WeightsEnum, *args: object, **options: object) -> dict:
        asked[self] = options
        return state

    monkeypatch.setattr(WeightsEnum, "get_state_dict", get_state_dict)
    mine = parts.as_parts({"nms": lambda *args: library.nms(*args)})
    found = zoo.detector("keypoints", mine)
    assert asked == {weights: {"progress": True, "check_hash": True}}
    assert not isinstance(found.model, Detector | MaskRCNN)
    assert found.categories == ("no person", "person")
    assert found.source.startswith("torchvision's keypointrcnn_resnet50_fpn, trained on COCO.\n1 of ")
    assert torch.equal(found.model.state_dict()["backbone.body.conv1.weight"], state["backbone.body.conv1.weight"])


def test_another_task_is_named() -> None:
    with pytest.raises(zoo.ZooError, match="expected a task of boxes, masks, keypoints, got 'segmentation'"):
        zoo.detector("segmentation")
