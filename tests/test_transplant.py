"""Parts in torchvision's real detectors: the same answers and losses, and back again bit for bit."""

import copy
import functools
import types
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import torchvision
from torch import Tensor, nn
from torchvision.models.detection import (
    FasterRCNN,
    fasterrcnn_resnet50_fpn,
    fasterrcnn_resnet50_fpn_v2,
    retinanet_resnet50_fpn,
)

from course import library, parts, scenes
from course.detector import TransplantError, restore, transplant
from course.detector.renaming import renamed

REPO = Path(__file__).resolve().parents[1]
SOURCES = pytest.mark.parametrize("source", ["source", "library"])
SCENES = [scenes.scene(seed, (128, 128) if seed % 2 else (112, 144)) for seed in range(10)]
KINDS = {"faster": (fasterrcnn_resnet50_fpn, 5, 20)}  # model, classes, detections per image


@functools.cache
def all_parts(source: str) -> parts.Parts:
    return parts.as_parts(library) if source == "library" else parts.collect(REPO / source)


@functools.cache
def ready(kind: str) -> FasterRCNN:
    """A detector with random weights that finds many things: every layer answers with numbers of order one."""
    make, classes, detections = KINDS[kind]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model: FasterRCNN = make(
            weights=None,
            weights_backbone=None,
            num_classes=classes,
            min_size=112,
            max_size=160,
            rpn_pre_nms_top_n_test=300,
            rpn_post_nms_top_n_test=60,
            rpn_pre_nms_top_n_train=300,
            rpn_post_nms_top_n_train=60,
            box_detections_per_img=detections,
            box_batch_size_per_image=16,
        )
        for layer in model.modules():
            if isinstance(layer, nn.BatchNorm2d):
                layer.momentum = None  # running means over all that comes
        with torch.no_grad():
            pictures = model.transform([image for image, _ in SCENES[:4]])[0].tensors
            model.train().backbone.body(pictures)
            for part in (model.rpn, model.roi_heads):
                for weight in part.parameters():
                    nn.init.normal_(weight, std=weight[0].numel() ** -0.5 if weight.dim() > 1 else 0.1)
    return model.eval()


def both(kind: str, source: str) -> tuple[FasterRCNN, FasterRCNN]:
    model = copy.deepcopy(ready(kind))
    return model, transplant(copy.deepcopy(model), all_parts(source))


@SOURCES
@pytest.mark.parametrize("kind", KINDS)
def test_detections_of_ten_scenes_stay_the_same(kind: str, source: str) -> None:
    theirs, ours = both(kind, source)
    found = 0
    with torch.no_grad():
        for image, _ in SCENES:
            (wanted,), (came,) = theirs([image]), ours([image])
            assert came.keys() == wanted.keys()
            found += len(wanted["boxes"])
            for name in wanted:
                torch.testing.assert_close(came[name], wanted[name], rtol=0, atol=1e-4, msg=lambda m: f"{name}: {m}")
    assert found >= 20
