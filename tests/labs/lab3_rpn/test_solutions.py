"""The reference of lab 3, and the library that stands in for it, against torchvision, brute force and closed forms."""

import contextlib
import importlib
import math
import time
import types
from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torchvision import ops
from torchvision.models.detection import rpn as theirs
from torchvision.models.detection.image_list import ImageList

from autograder import grade
from autograder.grader.answers import define
from course import checks, lecture, library
from course.checking.limits import OutOfTimeError, time_limit
from solutions.lab3_rpn import rpn as solutions

BOTH = pytest.mark.parametrize("lab3", [solutions, library], ids=["solutions", "library"])
DTYPES = pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
KEEPS = [solutions.nms, solutions.nms_in_blocks, library.nms]
SUPPRESSIONS = pytest.mark.parametrize("nms", KEEPS, ids=["solutions", "in blocks", "library"])


def random_boxes(count: int, dtype: torch.dtype, seed: int, size: float = 800) -> Tensor:
    points = torch.rand(count, 2, 2, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) * size
    return torch.cat([points.amin(1), points.amax(1)], dim=1).to(dtype)


def random_scores(count: int, dtype: torch.dtype, seed: int) -> Tensor:
    return (torch.randperm(count, generator=torch.Generator().manual_seed(seed)) / max(count, 1)).to(dtype)


# --- RPNHead


def head_of(lab3: types.ModuleType, *arguments: int) -> nn.Module:
    """A head with weights large enough to matter."""
    torch.manual_seed(0)
    head = lab3.RPNHead(*arguments).double()
    for value in head.parameters():
        nn.init.normal_(value, std=0.3)
    return head


@BOTH
@pytest.mark.parametrize("size", [(2, 3), (5, 4), (1, 1), (50, 50)])
def test_every_row_is_one_anchor_at_one_place(lab3: types.ModuleType, size: tuple[int, int]) -> None:
    """Place by place, by matrix products on the 3 × 3 window."""
    head = head_of(lab3, 3, 5, 2)
    features = torch.randn(2, 3, *size, dtype=torch.float64)
    objectness, deltas = head(features)
    assert objectness.shape == (2, size[0] * size[1] * 2, 2)
    assert deltas.shape == (2, size[0] * size[1] * 2, 4)
    padded = F.pad(features, (1, 1, 1, 1))
    for image, y, x, anchor in (
        (0, 0, 0, 0),
        (1, size[0] - 1, 0, 1),
        (1, 0, size[1] - 1, 0),
        (0, size[0] // 2, size[1] // 2, 1),
    ):
        window = padded[image, :, y : y + 3, x : x + 3].flatten()
        hidden = (head.conv.weight.flatten(1) @ window + head.conv.bias).clamp(min=0)
        row = (y * size[1] + x) * 2 + anchor
        for answer, layer, each in ((objectness, head.cls_logits, 2), (deltas, head.bbox_pred, 4)):
            channels = slice(each * anchor, each * anchor + each)
            wanted = layer.weight[channels, :, 0, 0] @ hidden + layer.bias[channels]
            torch.testing.assert_close(answer[image, row], wanted)


@BOTH
def test_torchvisions_head_gives_the_same_with_one_logit_each(lab3: types.ModuleType) -> None:
    """A logit z of torchvision's is our pair (0, z)."""
    ours, other = head_of(lab3, 8, 8, 3), theirs.RPNHead(8, 3).double()
    other.conv[0][0].load_state_dict(ours.conv.state_dict())
    other.bbox_pred.load_state_dict(ours.bbox_pred.state_dict())
    with torch.no_grad():
        ours.cls_logits.weight[::2], ours.cls_logits.bias[::2] = 0, 0
        other.cls_logits.weight[:], other.cls_logits.bias[:] = ours.cls_logits.weight[1::2], ours.cls_logits.bias[1::2]
    features = torch.randn(2, 8, 4, 7, dtype=torch.float64)
    objectness, deltas = ours(features)
    logits, regression = other([features])
    flat, boxes = theirs.concat_box_prediction_layers(logits, regression)
    torch.testing.assert_close(objectness[..., 1].flatten(), flat.flatten())
    torch.testing.assert_close(deltas.flatten(0, 1), boxes)


@BOTH
def test_the_head_starts_as_the_slide_says(lab3: types.ModuleType) -> None:
    torch.manual_seed(0)
    head = lab3.RPNHead(512, 512, 9)
    shapes = {"conv": (512, 512, 3, 3), "cls_logits": (18, 512, 1, 1), "bbox_pred": (36, 512, 1, 1)}
    assert {name: tuple(getattr(head, name).weight.shape) for name in shapes} == shapes
    for name in shapes:
        layer = getattr(head, name).requires_grad_(False)
        assert not layer.bias.any()
        assert float(layer.weight.std()) == pytest.approx(0.01, rel=0.05)
        assert abs(float(layer.weight.mean())) < 0.001
    objectness, deltas = head(torch.randn(1, 512, 50, 50))
    assert (objectness.shape, deltas.shape) == ((1, 22_500, 2), (1, 22_500, 4))


def test_the_head_differentiates() -> None:
    head = head_of(solutions, 2, 3, 2)
    assert torch.autograd.gradcheck(head, torch.randn(2, 2, 3, 2, dtype=torch.float64, requires_grad=True))


# --- rpn_loss


def loss_inputs(count: int, dtype: torch.dtype, seed: int, kinds: tuple[int, ...] = (-1, 0, 1)) -> list[Tensor]:
    g = torch.Generator().manual_seed(seed)
    objectness, deltas, targets = (2 * torch.randn(count, k, generator=g, dtype=dtype) for k in (2, 4, 4))
    return [objectness, deltas, torch.tensor(kinds)[torch.randint(len(kinds), (count,), generator=g)], targets]


def added_up(objectness: Tensor, deltas: Tensor, labels: Tensor, targets: Tensor) -> tuple[float, float]:
    """Both losses, number by number in Python."""
    entropies, smooth, objects = [], 0.0, 0
    for row, delta, label, target in zip(*(x.tolist() for x in (objectness, deltas, labels, targets)), strict=True):
        if label >= 0:
            entropies.append(math.log(sum(map(math.exp, row))) - row[label])
        if label == 1:
            objects += 1
            errors = [abs(a - b) for a, b in zip(delta, target, strict=True)]
            smooth += sum(e * e / 2 if e < 1 else e - 0.5 for e in errors)
    return sum(entropies) / max(len(entropies), 1), smooth / max(objects, 1)


@BOTH
@DTYPES
@given(count=st.integers(0, 12), seed=st.integers(0, 999), weight=st.sampled_from([10.0, 1.0, 0.0, 2.5]))
@settings(max_examples=60, deadline=None)
def test_the_loss_adds_up(lab3: types.ModuleType, dtype: torch.dtype, count: int, seed: int, weight: float) -> None:
    inputs = loss_inputs(count, dtype, seed)
    before = [value.clone() for value in inputs]
    answers = lab3.rpn_loss(*inputs, weight)
    classification, localisation = added_up(*inputs)
    wanted = (classification + weight * localisation, classification, localisation)
    for answer, value in zip(answers, wanted, strict=True):
        assert (answer.shape, answer.dtype) == ((), dtype)
        assert float(answer) == pytest.approx(value, rel=1e-5, abs=1e-6)
    assert all(a.equal(b) for a, b in zip(inputs, before, strict=True))


@BOTH
def test_the_loss_is_torchs_on_22_500_anchors(lab3: types.ModuleType) -> None:
    objectness, deltas, labels, targets = loss_inputs(22_500, torch.float64, 1)
    total, classification, localisation = lab3.rpn_loss(objectness, deltas, labels, targets)
    positive = labels == 1
    torch.testing.assert_close(classification, F.cross_entropy(objectness, labels, ignore_index=-1))
    smooth = F.smooth_l1_loss(deltas[positive], targets[positive], reduction="sum")
    torch.testing.assert_close(localisation, smooth / positive.sum())
    torch.testing.assert_close(total, classification + 10 * localisation)


@BOTH
def test_the_lectures_loss(lab3: types.ModuleType) -> None:
    """0.6896 + 10 · 0.1542 / 4 = 1.0751, with four positives among 256."""
    labels = torch.tensor([1] * 4 + [0] * 252)
    z = -math.log(math.exp(0.6896) - 1)  # ln(1 + exp(-z)) = 0.6896
    objectness = torch.zeros(256, 2, dtype=torch.float64)
    objectness[torch.arange(256), labels] = z
    deltas = torch.full((256, 4), math.sqrt(2 * 0.1542 / 16), dtype=torch.float64)
    total, classification, localisation = lab3.rpn_loss(objectness, deltas, labels, torch.zeros_like(deltas))
    assert float(classification) == pytest.approx(0.6896, abs=1e-9)
    assert float(localisation) * 4 == pytest.approx(0.1542, abs=1e-9)
    assert round(float(total), 4) == 1.0751


@BOTH
@pytest.mark.parametrize("kinds", [(0, -1), (-1,)], ids=["no positive", "nothing counts"])
def test_without_positives_the_loss_is_finite_and_has_a_gradient(
    lab3: types.ModuleType, kinds: tuple[int, ...]
) -> None:
    objectness, deltas, labels, targets = loss_inputs(9, torch.float32, 3, kinds)
    total, _, localisation = lab3.rpn_loss(objectness.requires_grad_(), deltas.requires_grad_(), labels, targets)
    total.backward()
    assert float(localisation.detach()) == 0
    assert objectness.grad is not None
    assert objectness.grad.isfinite().all()
    assert bool(objectness.grad.any()) == (0 in kinds)
    assert deltas.grad is None or not deltas.grad.any()


@BOTH
def test_the_loss_differentiates(lab3: types.ModuleType) -> None:
    objectness, deltas, labels, targets = loss_inputs(9, torch.float64, 5)
    assert torch.autograd.gradcheck(
        lambda o, d, t: lab3.rpn_loss(o, d, labels, t),
        [value.requires_grad_() for value in (objectness, deltas, targets)],
    )


# --- nms


def by_pairs(boxes: Tensor, scores: Tensor, threshold: float) -> list[int]:
    """Non-maximum suppression from the definition: a double loop over plain numbers."""
    rows = boxes.tolist()
    kept: list[int] = []

    def overlap(a: list[float], b: list[float]) -> float:
        shared = max(min(a[2], b[2]) - max(a[0], b[0]), 0) * max(min(a[3], b[3]) - max(a[1], b[1]), 0)
        union = sum((r[2] - r[0]) * (r[3] - r[1]) for r in (a, b)) - shared
        return shared / union if union else 0.0

    for index in sorted(range(len(rows)), key=lambda i: (-float(scores[i]), i)):
        if all(overlap(rows[index], rows[other]) <= threshold for other in kept):
            kept.append(index)
    return kept


@st.composite
def ranked(draw: st.DrawFn) -> tuple[Tensor, Tensor]:
    """A few boxes on a coarse grid with few different scores: ties, equal boxes, IoU at the threshold, no area."""
    rows = draw(st.lists(st.tuples(*[st.integers(0, 4)] * 4), max_size=8))
    boxes = [[min(a, c), min(b, d), max(a, c), max(b, d)] for a, b, c, d in rows]
    scores = draw(st.lists(st.integers(0, 3), min_size=len(rows), max_size=len(rows)))
    return torch.tensor(boxes, dtype=torch.float64).reshape(-1, 4), torch.tensor(scores, dtype=torch.float64) / 4


@SUPPRESSIONS
@given(case=ranked(), threshold=st.sampled_from([0.0, 0.25, 0.5, 0.7, 0.75, 1.0]))
@settings(max_examples=300, deadline=None)
def test_nms_equals_torchvision_and_the_definition(
    nms: Callable, case: tuple[Tensor, Tensor], threshold: float
) -> None:
    boxes, scores = case
    before = boxes.clone(), scores.clone()
    kept = nms(boxes, scores, threshold)
    assert kept.dtype == torch.int64
    assert kept.equal(ops.nms(boxes, scores, threshold))
    assert kept.tolist() == by_pairs(boxes, scores, threshold)
    assert boxes.equal(before[0])
    assert scores.equal(before[1])


@SUPPRESSIONS
@DTYPES
@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.7])
def test_nms_of_1_500_boxes(nms: Callable, dtype: torch.dtype, threshold: float) -> None:
    boxes, scores = random_boxes(1500, dtype, 1), random_scores(1500, dtype, 2)
    assert nms(boxes, scores, threshold).equal(ops.nms(boxes, scores, threshold))


@pytest.mark.exhaustive
@SUPPRESSIONS
def test_nms_of_12_000_boxes_as_in_the_lecture(nms: Callable) -> None:
    """Repeats the test above with eight times as many."""
    boxes, scores = random_boxes(12_000, torch.float32, 3), random_scores(12_000, torch.float32, 4)
    assert nms(boxes, scores, 0.7).equal(ops.nms(boxes, scores, 0.7))


@SUPPRESSIONS
@DTYPES
def test_no_boxes_give_no_indices(nms: Callable, dtype: torch.dtype) -> None:
    kept = nms(torch.zeros(0, 4, dtype=dtype), torch.zeros(0, dtype=dtype), 0.5)
    assert (kept.shape, kept.dtype) == ((0,), torch.int64)


# --- make_proposals


def network(count: int, dtype: torch.dtype, seed: int) -> tuple[Tensor, Tensor, Tensor]:
    g = torch.Generator().manual_seed(seed)
    anchors = random_boxes(count, dtype, seed) + 40 * torch.randn(count, 1, generator=g, dtype=dtype)
    return torch.randn(count, 2, generator=g, dtype=dtype), torch.randn(count, 4, generator=g, dtype=dtype), anchors


@BOTH
@DTYPES
@pytest.mark.parametrize(
    "options",
    [(12_000, 2_000, 0.7, 16), (300, 50, 0.5, 40), (100, 1_000, 0.3, 0.001), (10_000, 7, 0.9, 200)],
)
def test_proposals_equal_torchvisions_filter(lab3: types.ModuleType, dtype: torch.dtype, options: tuple) -> None:
    """``RegionProposalNetwork.filter_proposals``, whose logit is the difference of our two."""
    objectness, deltas, anchors = network(1500, dtype, 1)
    before, after, threshold, least = options
    network_ = theirs.RegionProposalNetwork(
        None, None, 0.7, 0.3, 256, 0.5, dict.fromkeys(("training", "testing"), before),
        dict.fromkeys(("training", "testing"), after), threshold,
    )  # fmt: skip
    network_.min_size = least
    size = (600, 901)
    # torchvision cuts to the best before it drops small boxes: with the small ones at the end of its ranking the order
    # of these two steps makes no difference
    decoded = network_.box_coder.decode_single(deltas, anchors)
    clipped = ops.clip_boxes_to_image(decoded, size)
    small = (clipped[:, 2:] - clipped[:, :2] < least).any(dim=1)
    logit = (objectness[:, 1] - objectness[:, 0]).masked_fill(small, -50)
    images = ImageList(torch.zeros(1), [size])
    (boxes,), (scores,) = network_.filter_proposals(decoded[None], logit[None], images.image_sizes, [len(anchors)])
    came, confidence = lab3.make_proposals(objectness, deltas, anchors, size, *options)
    tolerance = {torch.float32: 1e-3, torch.float64: 1e-9}[dtype]
    assert came.dtype == confidence.dtype == dtype
    torch.testing.assert_close(came, boxes, rtol=0, atol=tolerance)
    torch.testing.assert_close(confidence, scores, rtol=0, atol=1e-6)


@BOTH
def test_the_lectures_22_500_anchors_become_2_000_proposals(lab3: types.ModuleType) -> None:
    shapes = library.anchor_shapes(16, (8, 16, 32), (0.5, 1, 2))
    anchors = library.grid_anchors((50, 50), 16, shapes)
    g = torch.Generator().manual_seed(0)
    objectness, deltas = (spread * torch.randn(22_500, k, generator=g) for spread, k in ((0.02, 2), (0.2, 4)))
    boxes, scores = lab3.make_proposals(objectness, deltas, anchors, (800, 800))
    assert (boxes.shape, scores.shape) == ((2_000, 4), (2_000,))
    assert (scores[:-1] >= scores[1:]).all()
    assert boxes.min() >= 0
    assert boxes.max() <= 800
    assert (boxes[:, 2:] - boxes[:, :2]).min() >= 16
    assert ops.box_iou(boxes, boxes).fill_diagonal_(0).max() <= 0.7


@BOTH
@DTYPES
def test_no_anchors_give_no_proposals(lab3: types.ModuleType, dtype: torch.dtype) -> None:
    none = [torch.zeros(0, k, dtype=dtype) for k in (2, 4, 4)]
    boxes, scores = lab3.make_proposals(*none, (600, 901))
    assert (boxes.shape, boxes.dtype, scores.shape, scores.dtype) == ((0, 4), dtype, (0,), dtype)


# --- the lecture's damage, and the lecture's example


def test_the_slides_order_goes_by_place_and_not_by_score() -> None:
    """Without suppression, 12,000 of which the slides keep 2,000: hardly better than chance."""
    order = torch.rand(22_500, generator=torch.Generator().manual_seed(0)).argsort(descending=True)[:12_000]
    twice = order.argsort().flip(0)[:2_000]
    assert 5_500 < float(twice.float().mean()) < 6_500
    assert abs(len(set(twice.tolist()) & set(range(2_000))) - 333) < 60


def test_the_photo_shows_both_helmets_and_features_have_the_lectures_shape(capsys: pytest.CaptureFixture[str]) -> None:
    photo = lecture.photo()
    assert (photo.shape, photo.dtype) == ((3, 800, 800), torch.float32)
    assert 0 <= photo.min() < photo.max() <= 1
    for x1, y1, x2, y2 in lecture.HELMETS:
        inside = photo[:, int(y1) : int(y2), int(x1) : int(x2)]
        yellow = (inside[0] > 0.8) & (inside[2] < 0.75)
        assert float(yellow.float().mean()) > 0.5
    features = lecture.vgg16_features(photo[:, :160, :320])
    assert features.shape == (1, 512, 10, 20)
    assert features.equal(lecture.vgg16_features(photo[:, :160, :320]))
    assert "VGG16 with" in capsys.readouterr().out


def test_importing_the_text_form_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    importlib.reload(solutions)
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")


# --- what the graders make of operators and of time


@pytest.mark.parametrize(
    "call",
    [
        "torch.ops.torchvision.nms(boxes, scores, iou_threshold)",
        "torch.ops.torchvision.nms.default(boxes, scores, iou_threshold)",
        "getattr(torch.ops.torchvision, 'n' + 'ms')(boxes, scores, iou_threshold)",
        "kept(boxes, scores, iou_threshold)",
        "torchvision.ops.nms(boxes, scores, iou_threshold)",
        "torchvision.ops.batched_nms(boxes, scores, torch.zeros(len(boxes)), iou_threshold)",
    ],
)
def test_a_ready_made_nms_earns_nothing(call: str) -> None:
    text = f"import torchvision\nkept = torch.ops.torchvision.nms\ndef nms(boxes, scores, iou_threshold): return {call}"
    function = define(text, "nms", "<ready-made>")
    assert "ready-made" in str(checks.nms.problem(function))
    report = grade("nms", function)
    assert (report.score, "torchvision" in report.reason) == (0, True)


def test_operators_that_nobody_asks_for_may_be_called() -> None:
    text = """
def nms(boxes, scores, iou_threshold):
    order = torch.ops.aten.argsort.stable(scores, stable=True, descending=True)
    over = (box_iou(boxes[order], boxes[order]) > iou_threshold).triu(1)
    keep = torch.ones_like(order, dtype=torch.bool)
    while not keep.equal(still := ~torch.ops.aten.logical_and(over, keep[:, None]).any(0)):
        keep = still
    return order[keep]
"""
    assert checks.nms.problem(define(text, "nms", "<aten>")) is None


def test_a_double_loop_over_plain_numbers_is_quick_enough() -> None:
    text = """
def nms(boxes, scores, iou_threshold):
    rows, keep = boxes.tolist(), []
    for i in sorted(range(len(rows)), key=scores.tolist().__getitem__, reverse=True):
        a, good = rows[i], True
        for j in keep:
            b = rows[j]
            w, h = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
            shared = w * h if w > 0 and h > 0 else 0.0
            union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared
            if shared > iou_threshold * union:
                good = False
                break
        if good:
            keep.append(i)
    return torch.tensor(keep, dtype=torch.int64, device=boxes.device)
"""
    report = grade("nms", define(text, "nms", "<numbers>"))
    assert report.score == report.points, [row for row in report.rows if not row.held]


def test_a_limit_of_computing_ends_within_another_and_the_outer_one_goes_on() -> None:
    def compute() -> None:
        start = time.process_time()
        while time.process_time() - start < 30:
            pass

    def within(seconds: float, then: Callable) -> None:
        with contextlib.suppress(OutOfTimeError), time_limit(seconds, busy=True):
            compute()
        then()

    with pytest.raises(OutOfTimeError), time_limit(0.4, busy=True):
        within(0.1, compute)


@pytest.mark.gpu
@BOTH
def test_cuda_equals_cpu(lab3: types.ModuleType) -> None:
    boxes, scores = random_boxes(3000, torch.float64, 6), random_scores(3000, torch.float64, 7)
    assert lab3.nms(boxes.cuda(), scores.cuda(), 0.7).cpu().equal(lab3.nms(boxes, scores, 0.7))
    inputs = network(900, torch.float64, 8)
    there = lab3.make_proposals(*[value.cuda() for value in inputs], (600, 901))
    for came, wanted in zip(there, lab3.make_proposals(*inputs, (600, 901)), strict=True):
        torch.testing.assert_close(came.cpu(), wanted)
    inputs = loss_inputs(200, torch.float64, 9)
    for came, wanted in zip(lab3.rpn_loss(*[v.cuda() for v in inputs]), lab3.rpn_loss(*inputs), strict=True):
        torch.testing.assert_close(came.cpu(), wanted)
    head, features = head_of(lab3, 4, 5, 3), torch.randn(2, 4, 6, 5, dtype=torch.float64)
    wanted = head(features)
    for came, value in zip(head.cuda()(features.cuda()), wanted, strict=True):
        torch.testing.assert_close(came.cpu(), value)
