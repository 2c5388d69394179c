"""The losses on one photo: torchvision's matching and losses, and the detector's own training with nothing sampled."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Generator, Tensor
from torch.nn import functional as F
from torchvision.models.detection import fasterrcnn_mobilenet_v3_large_320_fpn
from torchvision.models.detection.roi_heads import fastrcnn_loss

from course import library, scenes
from course.detector import Detector
from course.labs.lab7_capstone.samples import SIZE, seen
from solutions.lab7_capstone import capstone as solutions

BOTH = pytest.mark.parametrize("lab7", [solutions, library], ids=["solutions", "library"])


@pytest.fixture(scope="module")
def model() -> Any:
    """A Faster R-CNN by torchvision, for what it does with boxes."""
    return fasterrcnn_mobilenet_v3_large_320_fpn(weights=None, weights_backbone=None, num_classes=4)


def by_torchvision(model: Any, coco: dict, anchors: Tensor, objectness: Tensor, deltas: Tensor, *head: Tensor) -> list:
    """With torchvision's matching, coding and box loss; the RPN's smooth L1 has β = 1 here, and its own mean."""
    numbers = {category["id"]: place for place, category in enumerate(coco["categories"], 1)}
    rows = [(x, y, x + w, y + h) for x, y, w, h in (mark["bbox"] for mark in coco["annotations"])]
    truth = torch.tensor(rows)
    labels = torch.tensor([numbers[mark["category_id"]] for mark in coco["annotations"]])
    inside = [
        k for k, (x1, y1, x2, y2) in enumerate(anchors.tolist()) if min(x1, y1) >= 0 and x2 <= SIZE[1] and y2 <= SIZE[0]
    ]
    (label,), (matched,) = model.rpn.assign_targets_to_anchors([anchors[inside]], [{"boxes": truth}])
    way = model.rpn.box_coder.encode([matched], [anchors[inside]])[0]
    wrong = F.smooth_l1_loss(deltas[inside][label == 1], way[label == 1], reduction="sum") / (label == 1).sum()
    entropy = F.cross_entropy(objectness[inside][label >= 0], label[label >= 0].long())

    rois, logits, moves = head
    (matched,), (kinds,) = model.roi_heads.assign_targets_to_proposals([rois], [truth], [labels])
    way = model.roi_heads.box_coder.encode([truth[matched]], [rois])
    return [entropy, wrong, *fastrcnn_loss(logits, moves, [kinds], way)]


@BOTH
@pytest.mark.parametrize("seed", range(5))
def test_as_torchvision_matches_and_judges(lab7: Any, seed: int, model: Any) -> None:
    args = seen(Generator().manual_seed(seed), ids=(7, 90, 3))
    torch.testing.assert_close(list(lab7.photo_losses(*args)), by_torchvision(model, *args))


@BOTH
def test_the_detectors_own_training_gives_the_same_if_nothing_is_sampled(lab7: Any, tmp_path: Path) -> None:
    coco = json.loads(scenes.write_coco(tmp_path, 1, seed=5).read_text())
    image, target = scenes.Scenes(1, seed=5)[0]
    everything = {"batch_size": 10**6, "positive_fraction": 1.0}

    def whole(
        middles: Tensor,
    ) -> Tensor:  # of which the detector asks whether they are inside; the photo asks of anchors
        quarter = (middles[:, 2:] - middles[:, :2]) / 2
        return torch.cat((middles[:, :2] - quarter, middles[:, 2:] + quarter), dim=1)

    parts = {
        "inside_image": lambda middles, size: library.inside_image(whole(middles), size),
        "sample_labels": lambda labels, *_: labels,
        "sample_rois": lambda boxes, truth, labels, batch_size: library.sample_rois(boxes, truth, labels, **everything),
    }
    torch.manual_seed(0)
    detector = Detector(parts, len(scenes.CLASSES)).train()
    wanted = detector([image], [target])

    pyramid = detector.pyramid([image])
    anchors = detector.anchors(pyramid)
    objectness, deltas = detector.rpn(pyramid)
    (proposals,) = detector.proposals(objectness.detach(), deltas.detach(), anchors, [tuple(image.shape[1:])])
    rois = torch.cat((proposals, target["boxes"]))
    head = detector.box_head(detector.pooled(pyramid, [rois], 7))
    found = lab7.photo_losses(coco, anchors, objectness[0], deltas[0], rois, *head)
    torch.testing.assert_close(list(found), list(wanted.values()), rtol=1e-4, atol=1e-6)


@BOTH
def test_a_photo_without_marks_is_background_and_teaches_no_box(lab7: Any) -> None:
    coco, anchors, objectness, deltas, rois, logits, moves = seen(Generator().manual_seed(0))
    leaves = [leaf.requires_grad_() for leaf in (objectness, deltas, logits, moves)]
    losses = lab7.photo_losses({**coco, "annotations": []}, anchors, objectness, deltas, rois, logits, moves)
    height, width = SIZE
    inside = ((anchors >= 0) & (anchors <= torch.tensor([width, height, width, height]))).all(dim=1)
    torch.testing.assert_close(losses[0], -objectness[inside].log_softmax(dim=1)[:, 0].mean())
    torch.testing.assert_close(losses[2], -logits.log_softmax(dim=1)[:, 0].mean())
    assert not losses[1].any()
    assert not losses[3].any()
    gradients = torch.autograd.grad(sum(losses), leaves, materialize_grads=True)
    assert [bool(gradient.any()) for gradient in gradients] == [True, False, True, False]


@BOTH
def test_the_file_and_the_order_of_what_is_judged_do_not_matter(lab7: Any) -> None:
    coco, anchors, objectness, deltas, rois, logits, moves = seen(Generator().manual_seed(1))
    kept = copy.deepcopy(coco)
    wanted = lab7.photo_losses(coco, anchors, objectness, deltas, rois, logits, moves)
    assert coco == kept
    turned = {**coco, "annotations": coco["annotations"][::-1]}
    first, second = torch.randperm(len(anchors)), torch.randperm(len(rois))
    found = lab7.photo_losses(
        turned, anchors[first], objectness[first], deltas[first], rois[second], logits[second], moves[second]
    )
    torch.testing.assert_close(found, wanted)
