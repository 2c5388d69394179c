"""What stands between torchvision's detectors and our functions, against torchvision's own functions."""

import importlib
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Generator, Tensor
from torchvision import ops
from torchvision.models.detection import _utils, roi_heads
from torchvision.ops import poolers

from autograder.labs import LABS, answers
from autograder.student.fake_cuda import on_other_device
from course import checks, library, parts
from course.detector.into_torchvision import function_adapters as functions
from course.detector.into_torchvision import pooling_adapters as pooling
from course.detector.into_torchvision.function_swaps import FUNCTION_SWAPS
from course.detector.into_torchvision.module_adapters import ProposalHead
from course.detector.into_torchvision.module_swaps import MODULE_SWAPS, _one_logit, _two_logits
from course.detector.into_torchvision.rebind import UnusedNameError, changed, rebound
from course.detector.into_torchvision.smoke_test import TRAINED, smoke_test
from course.samples import SAMPLES

NOTEBOOKS = sorted((Path(__file__).resolve().parents[1] / "solutions").glob("lab*/[!_]*.py"))
SOLUTIONS = parts.as_parts(
    {
        name: value
        for path in NOTEBOOKS
        for name, value in vars(importlib.import_module(f"solutions.{path.parent.name}.{path.stem}")).items()
        if name not in library.__all__ or value is not getattr(library, name)
    }
)
BOTH = pytest.mark.parametrize("given_parts", [SOLUTIONS, parts.as_parts(library)], ids=["solutions", "library"])


def random_boxes(count: int, luck: Generator, largest: float = 40) -> Tensor:
    first = torch.rand(count, 2, generator=luck) * 60
    return torch.cat((first, first + 0.2 + torch.rand(count, 2, generator=luck) * largest), dim=1)


@BOTH
@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    scale=st.sampled_from([1 / 4, 1 / 8, 1 / 16, 1 / 32]),
    output=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    ratio=st.integers(1, 3),
    largest=st.sampled_from([0.5, 10.0, 80.0]),  # many ROIs are smaller than a cell
)
def test_unaligned_pooling(
    given_parts: parts.Parts, seed: int, scale: float, output: tuple[int, int], ratio: int, largest: float
) -> None:
    luck = Generator().manual_seed(seed)
    maps = torch.randn(2, 3, max(1, int(100 * scale)), max(1, int(130 * scale)), generator=luck, dtype=torch.float64)
    rois = torch.cat((torch.randint(2, (9, 1), generator=luck), random_boxes(9, luck, largest)), dim=1).double()
    ours, theirs = maps.clone().requires_grad_(), maps.clone().requires_grad_()
    came = pooling.unaligned(given_parts.roi_align)(ours, rois, output, scale, ratio)
    wanted = ops.roi_align(theirs, rois, output, scale, ratio, aligned=False)
    torch.testing.assert_close(came, wanted, rtol=1e-9, atol=1e-9)
    came.square().sum().backward()
    wanted.square().sum().backward()
    torch.testing.assert_close(ours.grad, theirs.grad, rtol=1e-9, atol=1e-9)


@BOTH
@pytest.mark.parametrize("count", [0, 1, 200])
def test_nms_of_groups(given_parts: parts.Parts, count: int) -> None:
    luck = Generator().manual_seed(count)
    boxes, groups = random_boxes(count, luck), torch.randint(4, (count,), generator=luck)
    scores = torch.rand(count, generator=luck).mul(50).round() / 50  # some are equal
    came = functions.batched(given_parts.nms)(boxes, scores, groups, 0.4)
    assert came.tolist() == ops.batched_nms(boxes, scores, groups, 0.4).tolist()
    assert came.dtype == torch.int64


@BOTH
@pytest.mark.parametrize("count", [0, 7])
def test_coding_for_one_and_for_several_classes(given_parts: parts.Parts, count: int) -> None:
    luck = Generator().manual_seed(count)
    theirs = _utils.BoxCoder((10.0, 10.0, 5.0, 5.0))
    ours = functions.BoxCoder(theirs, given_parts)
    for classes in (1, 3):
        boxes = [random_boxes(count, luck), random_boxes(2 * count, luck)]
        deltas = 5 * torch.randn(3 * count, 4 * classes, generator=luck)
        if count:
            torch.testing.assert_close(ours.decode(deltas, boxes), theirs.decode(deltas, boxes))
        assert ours.decode(deltas, boxes).numel() == deltas.numel()
        truths = [random_boxes(len(each), luck) for each in boxes]
        torch.testing.assert_close(ours.encode(truths, boxes), theirs.encode(truths, boxes))


@BOTH
def test_matching(given_parts: parts.Parts) -> None:
    theirs = _utils.Matcher(0.7, 0.3, allow_low_quality_matches=True)
    ours = functions.Matcher(theirs, given_parts.label_anchors)
    for seed in range(20):
        quality = torch.rand(1 + seed % 4, 50, generator=Generator().manual_seed(seed))
        quality = (quality * 0.6 if seed % 2 else quality).mul(20).round() / 20  # ties, and values on the thresholds
        assert ours(quality.clone()).tolist() == theirs(quality.clone()).tolist()


@BOTH
def test_levels(given_parts: parts.Parts) -> None:
    theirs = poolers.LevelMapper(2, 5)
    sides = torch.tensor([0.0, 1, 55.9, 56, 111.9, 112, 223.9, 224, 447.9, 448, 5000])
    boxes = torch.stack((sides * 0 + 3, sides * 0, sides + 3, sides), dim=1)
    ours = pooling.LevelMapper(theirs, given_parts.roi_level)
    assert ours([boxes[:4], boxes[4:]]).tolist() == theirs([boxes]).tolist()


@BOTH
@pytest.mark.parametrize("counts", [(3, 5), (0, 4), (0, 0)])
def test_losses_of_masks_and_keypoints(given_parts: parts.Parts, counts: tuple[int, int]) -> None:
    luck = Generator().manual_seed(sum(counts))
    rois = [random_boxes(count, luck) for count in counts]
    matched = [torch.randint(2, (count,), generator=luck) for count in counts]
    labels = [torch.tensor([1, 2]), torch.tensor([2, 2])]
    masks = [(torch.rand(2, 90, 100, generator=luck) < 0.5).byte() for _ in counts]
    keypoints = [torch.rand(2, 17, 3, generator=luck) * torch.tensor([90.0, 90, 2]).round() for _ in counts]
    logits = torch.randn(sum(counts), 3, 28, 28, generator=luck)
    arguments = (logits, rois, masks, labels, matched)
    torch.testing.assert_close(functions.maskrcnn_loss(given_parts)(*arguments), roi_heads.maskrcnn_loss(*arguments))
    maps = torch.randn(sum(counts), 17, 56, 56, generator=luck)
    some = (maps, rois, keypoints, matched)
    torch.testing.assert_close(functions.keypointrcnn_loss(given_parts)(*some), roi_heads.keypointrcnn_loss(*some))
    boxes = torch.cat(rois)
    read = functions.heatmaps_to_keypoints(given_parts)(maps, boxes)
    torch.testing.assert_close(read, roi_heads.heatmaps_to_keypoints(maps, boxes), rtol=0, atol=1e-4)


@BOTH
def test_loss_of_boxes_without_truth(given_parts: parts.Parts) -> None:
    """In an image without objects torchvision encodes a box without area: -inf, which must not become NaN."""
    luck = Generator().manual_seed(0)
    logits, deltas = torch.randn(6, 3, generator=luck), torch.randn(6, 12, generator=luck)
    labels, targets = [torch.zeros(6, dtype=torch.int64)], [torch.full((6, 4), -torch.inf)]
    came = functions.fastrcnn_loss(given_parts)(logits, deltas, labels, targets)
    torch.testing.assert_close(came, roi_heads.fastrcnn_loss(logits, deltas, labels, targets))


def test_one_logit_and_two() -> None:
    values = torch.tensor([1.5, -0.0, 0.0, 1e-45, -3e38, torch.inf])
    weights = {"cls_logits.weight": values[:, None, None, None], "cls_logits.bias": values, "conv.bias": values[:2]}
    doubled = _two_logits(weights)
    assert doubled["cls_logits.bias"].tolist() == [number for value in values.tolist() for number in (0.0, value)]
    for name, value in _one_logit(doubled).items():
        assert value.view(torch.int32).equal(weights[name].view(torch.int32))  # bit for bit, the sign of zero too
    head = library.RPNHead(4, 4, 3)
    features = torch.randn(2, 4, 5, 7, generator=Generator().manual_seed(0))
    (logits,), (deltas,) = ProposalHead(head)([features])
    objectness, moves = head(features)
    assert (logits.shape, deltas.shape) == ((2, 3, 5, 7), (2, 12, 5, 7))
    assert logits[1, 2, 4, 6] == objectness[1, -1, 1] - objectness[1, -1, 0]
    assert deltas[1, 4:8, 2, 3].tolist() == moves[1, (2 * 7 + 3) * 3 + 1].tolist()


def test_nothing_is_made_on_the_cpu() -> None:
    """What stands between torchvision and a part, run as if on a GPU."""
    luck = Generator().manual_seed(0)
    boxes = torch.rand(12, 2, generator=luck).repeat(1, 2) * 40 + torch.tensor([0.0, 0, 9, 7])
    deltas, quality = torch.randn(12, 12, generator=luck), torch.rand(3, 12, generator=luck)
    images, groups = torch.arange(12)[:, None] % 2, torch.arange(12) % 3
    coder = functions.BoxCoder(_utils.BoxCoder((10.0, 10.0, 5.0, 5.0)), SOLUTIONS)
    matcher = functions.Matcher(_utils.Matcher(0.7, 0.3, True), SOLUTIONS.label_anchors)
    loss, mask_loss = functions.fastrcnn_loss(SOLUTIONS), functions.maskrcnn_loss(SOLUTIONS)
    levels = pooling.LevelMapper(poolers.LevelMapper(2, 5), SOLUTIONS.roi_level)
    masks, keypoints = torch.rand(2, 50, 60, generator=luck), 40 * torch.rand(2, 17, 3, generator=luck)
    maps = torch.randn(12, 17, 8, 8, generator=luck)
    calls: list[tuple[Callable, tuple]] = [
        (matcher, (quality,)),
        (coder.encode_single, (boxes, boxes.flip(0))),
        (coder.decode_single, (deltas, boxes)),
        (functions.batched(SOLUTIONS.nms), (boxes, quality[0], groups, 0.5)),
        (pooling.unaligned(SOLUTIONS.roi_align), (quality[None, None], torch.cat((images, boxes), 1), (2, 2), 0.5, 2)),
        (loss, (deltas[:, :3], deltas, [groups[:5], groups[5:]], [boxes[:5], boxes[5:]])),
        (levels, ([boxes[:5], boxes[5:]],)),
        (mask_loss, (maps, [boxes], [masks], [groups[:2] + 1], [groups.clamp(max=1)])),
        (functions.keypointrcnn_loss(SOLUTIONS), (maps, [boxes], [keypoints], [groups.clamp(max=1)])),
        (functions.heatmaps_to_keypoints(SOLUTIONS), (maps, boxes)),
    ]
    for function, arguments in calls:
        on_other_device(function)(*arguments)


def test_renaming_says_when_torchvision_has_changed() -> None:
    with pytest.raises(UnusedNameError, match=r"roi_heads\.fastrcnn_loss does not use the name nms"):
        rebound(roi_heads.fastrcnn_loss, nms=library.nms)


def test_renaming_changes_the_twin_alone() -> None:
    before = dict(vars(ops.boxes))
    twin = rebound(roi_heads.project_masks_on_boxes, roi_align=lambda *_: torch.ones(2, 1))
    assert twin(torch.zeros(1, 4, 4), torch.zeros(2, 4), torch.zeros(2), 3).tolist() == [1, 1]
    assert roi_heads.project_masks_on_boxes(torch.zeros(1, 4, 4), torch.zeros(2, 4), torch.zeros(2), 3).sum() == 0
    assert changed(ops.boxes, {"nms": len}).nms is len
    assert changed(ops.boxes, {"nms": len}).box_iou is ops.box_iou
    assert dict(vars(ops.boxes)) == before


SWAPPED = [swap.part for swap in MODULE_SWAPS] + [name for swap in FUNCTION_SWAPS for name in swap.parts]


def test_each_part_that_goes_in_can_be_tried_first() -> None:
    assert set(SWAPPED) <= set(SAMPLES)
    assert set(TRAINED) < set(SWAPPED)


@pytest.mark.parametrize("name", SWAPPED)
def test_the_reference_passes_its_smoke_test(name: str) -> None:
    assert smoke_test(SOLUTIONS, name, torch.device("cpu")) == ""
    assert "yours is wrong" in smoke_test(parts.as_parts({name: lambda *_: torch.zeros(0)}), name, torch.device("cpu"))


@pytest.mark.parametrize("lab", LABS)
def test_right_answers_get_into_a_detector_and_most_mistakes_do_not(lab: str) -> None:
    """A visible check or a smoke test finds four mistakes of five; the others hardly change what a detector finds."""
    found = []
    for answer in answers(lab):
        if answer.exercise in SWAPPED:
            function = answer.function()
            problem = getattr(checks, answer.exercise).problem(function)
            problem = problem or smoke_test(
                parts.as_parts({answer.exercise: function}), answer.exercise, torch.device("cpu")
            )
            if answer.hint:
                found.append(bool(problem))
            else:
                assert not problem, f"{answer.exercise}, {answer.name}: {problem}"
    assert sum(found) >= 0.8 * len(found)
