"""The reference of lab 4, and the library that stands in for it, against torchvision and against slow obvious loops."""

import importlib
import math
import types
from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torchvision import ops
from torchvision.models.detection import faster_rcnn, roi_heads

from autograder.student.fake_cuda import on_other_device
from course import library
from solutions.lab4_roi_heads import roi_heads as solutions

BOTH = pytest.mark.parametrize("lab4", [solutions, library], ids=["solutions", "library"])
DTYPES = pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
TOLERANCE = {torch.float32: {"rtol": 1e-4, "atol": 1e-5}, torch.float64: {"rtol": 1e-10, "atol": 1e-10}}
HELMETS = torch.tensor([[147.0, 160.0, 234.0, 260.0], [312.0, 139.0, 348.0, 200.0]])


def random_rois(count: int, images: int, size: tuple[int, int], seed: int, beyond: float = 0.0) -> Tensor:
    """ROIs (count, 5) in float64, in an image of ``size`` and up to ``beyond`` pixels around it, of all sizes."""
    generator = torch.Generator().manual_seed(seed)
    reach = torch.tensor([size[1], size[0]], dtype=torch.float64) + 2 * beyond
    points = torch.rand(count, 2, 2, generator=generator, dtype=torch.float64) * reach - beyond
    points[::4, 1] = points[::4, 0] + torch.rand(points[::4, 0].shape, generator=generator, dtype=torch.float64) * 9
    image = torch.randint(images, (count, 1), generator=generator)
    return torch.cat([image, points.amin(1), points.amax(1)], dim=1)


def random_maps(images: int, channels: int, size: tuple[int, int], seed: int = 0) -> Tensor:
    return torch.randn(images, channels, *size, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


# --- roi_pool and roi_align ----------------------------------------------------------------------------------

SHAPES = [((13, 21), (7, 7), 1 / 16), ((21, 9), (3, 5), 0.1), ((8, 40), (14, 2), 0.25), ((1, 1), (2, 3), 1.0)]


@BOTH
@DTYPES
@pytest.mark.parametrize(("size", "output_size", "scale"), SHAPES)
@pytest.mark.parametrize("beyond", [0, 300])
def test_pooling_equals_torchvision_in_values_and_gradients(
    lab4: types.ModuleType,
    dtype: torch.dtype,
    size: tuple[int, int],
    output_size: tuple[int, int],
    scale: float,
    beyond: float,
) -> None:
    image = (int(size[0] / scale), int(size[1] / scale))
    rois = random_rois(60, 3, image, seed=1, beyond=beyond).to(dtype)
    ways: list[tuple[Callable, Callable]] = [(lab4.roi_pool, ops.roi_pool)]
    for ratio in (1, 2, 3):
        ways.append(
            (
                lambda *args, ratio=ratio: lab4.roi_align(*args, ratio),
                lambda *args, ratio=ratio: ops.roi_align(*args, ratio, aligned=True),
            )
        )
    for ours, theirs in ways:
        answers, gradients = [], []
        for function in (ours, theirs):
            features = random_maps(3, 4, size).to(dtype).requires_grad_()
            answer = function(features, rois, output_size, scale)
            (answer * torch.arange(answer.numel()).to(dtype).cos().reshape(answer.shape)).sum().backward()
            answers.append(answer.detach())
            gradients.append(features.grad)
        torch.testing.assert_close(answers[0], answers[1], **TOLERANCE[dtype])
        torch.testing.assert_close(gradients[0], gradients[1], **TOLERANCE[dtype])


@BOTH
@settings(max_examples=150, deadline=None)
@given(
    corners=st.tuples(*[st.integers(-24, 88)] * 4),
    size=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    output_size=st.tuples(st.integers(1, 5), st.integers(1, 5)),
)
def test_roi_pool_equals_torchvision_also_between_cells_and_off_the_map(
    lab4: types.ModuleType, corners: tuple[int, ...], size: tuple[int, int], output_size: tuple[int, int]
) -> None:
    """On a grid of half cells, where rounding is a question of convention."""
    a, b, c, d = corners
    rois = torch.tensor([[0, min(a, c), min(b, d), max(a, c), max(b, d)]], dtype=torch.float64)
    features = random_maps(1, 2, size)
    answer = lab4.roi_pool(features, rois, output_size, 1 / 8)
    assert answer.equal(ops.roi_pool(features, rois, output_size, 1 / 8))


def slow_roi_pool(feature: Tensor, roi: list[float], output_size: tuple[int, int], scale: float) -> Tensor:
    """One ROI by the text of the Fast R-CNN paper and exact integers: every cell asks to which bins it belongs."""
    x1, y1, x2, y2 = (math.floor(value * scale + 0.5) for value in roi)
    pooled = torch.full((len(feature), *output_size), -torch.inf, dtype=feature.dtype)
    for y in range(max(y1, 0), min(y2 + 1, feature.shape[1])):
        for x in range(max(x1, 0), min(x2 + 1, feature.shape[2])):
            for i in range(output_size[0]):
                for j in range(output_size[1]):
                    tall, wide = y2 - y1 + 1, x2 - x1 + 1
                    row = i * tall < (y - y1 + 1) * output_size[0] and (y - y1) * output_size[0] < (i + 1) * tall
                    column = j * wide < (x - x1 + 1) * output_size[1] and (x - x1) * output_size[1] < (j + 1) * wide
                    if row and column:
                        pooled[:, i, j] = torch.maximum(pooled[:, i, j], feature[:, y, x])
    return pooled.masked_fill(pooled == -torch.inf, 0)


@BOTH
def test_roi_pool_equals_asking_every_cell(lab4: types.ModuleType) -> None:
    features, rois = random_maps(2, 3, (9, 14)), random_rois(30, 2, (72, 112), seed=3, beyond=20)
    wanted = [slow_roi_pool(features[int(roi[0])], roi[1:].tolist(), (4, 3), 1 / 8) for roi in rois]
    torch.testing.assert_close(lab4.roi_pool(features, rois, (4, 3), 1 / 8), torch.stack(wanted), rtol=0, atol=0)


@BOTH
def test_roi_align_of_a_ramp_is_the_ramp(lab4: types.ModuleType) -> None:
    """Closed form: on a map that rises evenly, the mean of a bin is the value at its middle."""
    y, x = torch.meshgrid(torch.arange(40.0).double(), torch.arange(60.0).double(), indexing="ij")
    rois = random_rois(20, 1, (480, 800), seed=4) * 0.7 + torch.tensor([0.0, 60, 60, 60, 60]).double()
    rois[:, 0] = 0
    found = lab4.roi_align((3 * y - 2 * x + 5)[None, None], rois, (3, 4), 1 / 16, 2)[:, 0]
    x1, y1, x2, y2 = (rois[:, 1:] / 16 - 0.5).unbind(1)
    middle_y = y1[:, None] + (y2 - y1)[:, None] * (torch.arange(3) + 0.5) / 3
    middle_x = x1[:, None] + (x2 - x1)[:, None] * (torch.arange(4) + 0.5) / 4
    torch.testing.assert_close(found, 3 * middle_y[:, :, None] - 2 * middle_x[:, None, :] + 5)


@BOTH
@DTYPES
def test_bilinear_sample_reads_as_roi_align_does(lab4: types.ModuleType, dtype: torch.dtype) -> None:
    """Each point as an ROI without extent, which ``roi_align`` reads in one place."""
    generator = torch.Generator().manual_seed(5)
    feature = random_maps(1, 3, (7, 11))[0].to(dtype)
    y = torch.rand(500, generator=generator).to(dtype) * 12 - 3
    x = torch.rand(500, generator=generator).to(dtype) * 16 - 3
    y[:4], x[:4] = torch.tensor([-1, 7, 3, 3], dtype=dtype), torch.tensor([3, 3, -1, 11], dtype=dtype)
    rois = torch.stack([torch.zeros_like(x), x + 0.5, y + 0.5, x + 0.5, y + 0.5], dim=1)
    wanted = ops.roi_align(feature[None], rois, 1, 1.0, 1, aligned=True)[:, :, 0, 0].T
    torch.testing.assert_close(lab4.bilinear_sample(feature, y, x), wanted, **TOLERANCE[dtype])
    whole_y, whole_x = torch.tensor([0, 3, 6]), torch.tensor([10, 4, 0])
    cells = lab4.bilinear_sample(feature, whole_y.to(dtype), whole_x.to(dtype))
    torch.testing.assert_close(cells, feature[:, whole_y, whole_x], **TOLERANCE[dtype])


def test_the_pooling_functions_differentiate() -> None:
    features = random_maps(2, 2, (5, 6), seed=6).requires_grad_()
    rois = random_rois(4, 2, (40, 48), seed=7)
    assert torch.autograd.gradcheck(lambda f: solutions.roi_pool(f, rois, (2, 3), 1 / 8), features)
    assert torch.autograd.gradcheck(lambda f: solutions.roi_align(f, rois, (2, 3), 1 / 8), features)
    y = (torch.rand(5).double() * 4).requires_grad_()
    x = (torch.rand(5).double() * 5).requires_grad_()
    assert torch.autograd.gradcheck(solutions.bilinear_sample, (features[0], y, x))


@BOTH
def test_the_lectures_sizes(lab4: types.ModuleType) -> None:
    """VGG16's 512 × 50 × 50 and 128 ROIs become 128 × 512 × 7 × 7."""
    features = random_maps(1, 512, (50, 50)).float()
    rois = random_rois(128, 1, (800, 800), seed=8).float()
    for pool, theirs in (
        (lab4.roi_pool, ops.roi_pool(features, rois, 7, 1 / 16)),
        (lab4.roi_align, ops.roi_align(features, rois, 7, 1 / 16, 2, aligned=True)),
    ):
        pooled = pool(features, rois, (7, 7), 1 / 16)
        assert pooled.shape == (128, 512, 7, 7)
        torch.testing.assert_close(pooled, theirs, rtol=1e-4, atol=1e-4)


@DTYPES
@pytest.mark.parametrize(("size", "output_size", "scale"), SHAPES)
def test_the_bonus_equals_torchvision_in_values_and_gradients(
    dtype: torch.dtype, size: tuple[int, int], output_size: tuple[int, int], scale: float
) -> None:
    image = (int(size[0] / scale), int(size[1] / scale))
    rois = random_rois(40, 4, image, seed=9, beyond=90).to(dtype)
    rois = rois[rois[:, 0] != 2]  # an image without ROIs
    weight = random_maps(len(rois), 3, output_size, seed=1).to(dtype)
    for ratio in (1, 2, 3):
        answers, gradients = [], []
        for function in (
            solutions.roi_align_fast,
            lambda *args: ops.roi_align(*args, aligned=True),
        ):
            features = random_maps(4, 3, size).to(dtype).requires_grad_()
            answer = function(features, rois, output_size, scale, ratio)
            answers.append(answer.detach())
            gradients += torch.autograd.grad(answer, features, weight)
        assert answers[0].dtype == dtype
        torch.testing.assert_close(*answers, **TOLERANCE[dtype])
        torch.testing.assert_close(*gradients, **TOLERANCE[dtype])


def test_the_bonus_makes_nothing_on_the_cpu_and_leaves_its_inputs() -> None:
    args = (random_maps(2, 3, (9, 14)), random_rois(9, 2, (72, 112), seed=11), (3, 3), 1 / 8)
    before = [arg.clone() for arg in args[:2]]
    torch.testing.assert_close(on_other_device(solutions.roi_align_fast)(*args), library.roi_align(*args))
    assert all(map(torch.equal, args[:2], before))


@DTYPES
def test_the_bonus_without_rois_is_empty_and_has_a_gradient(dtype: torch.dtype) -> None:
    features = random_maps(2, 4, (13, 21)).to(dtype).requires_grad_()
    answer = solutions.roi_align_fast(features, torch.zeros(0, 5, dtype=dtype), (3, 5), 1 / 16)
    assert (answer.shape, answer.dtype) == ((0, 4, 3, 5), dtype)
    (gradient,) = torch.autograd.grad(answer.sum(), features)
    assert not gradient.any()


def test_the_tutorials_pooling_equals_roi_pool_for_few_rois() -> None:
    """facts.md: adaptive max pooling of a cut-out by ``.long()`` agrees for about 6 % of the lecture's ROIs."""
    features = random_maps(1, 64, (50, 50)).float()
    rois = random_rois(400, 1, (800, 800), seed=10).float()
    cut = (rois[:, 1:] / 16).long().tolist()
    slides = [
        torch.nn.functional.adaptive_max_pool2d(features[0, :, y1 : y2 + 1, x1 : x2 + 1], 7) for x1, y1, x2, y2 in cut
    ]
    same = (torch.stack(slides) == ops.roi_pool(features, rois, 7, 1 / 16)).flatten(1).all(1)
    assert same.float().mean() < 0.12


# --- sample_rois ---------------------------------------------------------------------------------------------


def proposals_around(count: int, seed: int) -> Tensor:
    """Boxes of an 800 × 800 image, half of them near a helmet."""
    generator = torch.Generator().manual_seed(seed)
    points = torch.rand(count, 2, 2, generator=generator) * 800
    boxes = torch.cat([points.amin(1), points.amax(1)], dim=1)
    near = HELMETS[torch.randint(2, (count // 2,), generator=generator)]
    boxes[: count // 2] = near + (torch.rand(near.shape, generator=generator) - 0.5) * 40
    return boxes


def torchvisions_sample(
    proposals: Tensor, truth: Tensor, labels: Tensor, size: int, share: float, least: float
) -> tuple:
    heads = roi_heads.RoIHeads(None, None, None, least, least, size, share, None, 0.05, 0.5, 100)
    rois, _, found, targets = heads.select_training_samples([proposals], [{"boxes": truth, "labels": labels}])
    return rois[0], found[0], targets[0]


def in_order(sample: tuple) -> tuple[Tensor, ...]:
    rois, labels, targets = sample
    order = sorted(range(len(rois)), key=lambda row: rois[row].tolist())
    return rois[order], labels[order], targets[order] * (labels[order] > 0)[:, None]


@BOTH
@DTYPES
@pytest.mark.parametrize("least", [0.3, 0.5, 0.7])
def test_where_all_candidates_fit_the_sample_is_torchvisions(
    lab4: types.ModuleType, dtype: torch.dtype, least: float
) -> None:
    proposals, truth, labels = proposals_around(60, seed=1).to(dtype), HELMETS.to(dtype), torch.tensor([2, 1])
    ours = in_order(lab4.sample_rois(proposals, truth, labels, 600, 0.25, least))
    theirs = in_order(torchvisions_sample(proposals, truth, labels, 600, 0.25, least))
    for mine, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-5, atol=1e-5)
        assert mine.dtype == other.dtype


@BOTH
@settings(max_examples=60, deadline=None)
@given(
    count=st.integers(0, 300),
    size=st.integers(0, 64),
    share=st.sampled_from([0, 0.1, 0.25, 0.5, 1]),
    seed=st.integers(0, 9),
)
def test_a_sample_has_torchvisions_counts_and_no_box_twice(
    lab4: types.ModuleType, count: int, size: int, share: float, seed: int
) -> None:
    proposals, labels = proposals_around(count, seed), torch.tensor([1, 2])
    generator = torch.Generator().manual_seed(seed)
    rois, found, targets = lab4.sample_rois(proposals, HELMETS, labels, size, share, 0.5, generator)
    _, theirs, _ = torchvisions_sample(proposals, HELMETS, labels, size, share, 0.5)
    assert [int((found > 0).sum()), len(found)] == [int((theirs > 0).sum()), len(theirs)]
    candidates = {tuple(box) for box in torch.cat([proposals, HELMETS]).tolist()}
    assert len({tuple(box) for box in rois.tolist()} & candidates) == len(rois)
    assert targets.isfinite().all()
    again = lab4.sample_rois(proposals, HELMETS, labels, size, share, 0.5, torch.Generator().manual_seed(seed))
    assert again[0].equal(rois)


@BOTH
def test_the_lectures_128_rois(lab4: types.ModuleType) -> None:
    rois, labels, _ = lab4.sample_rois(proposals_around(2000, seed=2), HELMETS, torch.tensor([1, 1]))
    assert len(rois) == 128
    assert int((labels > 0).sum()) == 32


@BOTH
def test_every_candidate_is_drawn_equally_often(lab4: types.ModuleType) -> None:
    """10 objects of 40 candidates, 4 and 12 drawn, 300 times: within 5 sigma of the binomial mean."""
    near, far = HELMETS[:1] + torch.arange(9)[:, None] / 8, HELMETS[:1] + 300 + torch.arange(30)[:, None] / 8
    generator, counts = torch.Generator().manual_seed(3), dict.fromkeys(range(40), 0)
    where = {tuple(box): index for index, box in enumerate(torch.cat([near, far, HELMETS[1:]]).tolist())}
    for _ in range(300):
        for box in lab4.sample_rois(torch.cat([near, far]), HELMETS[1:], torch.tensor([1]), 16, 0.25, 0.5, generator)[
            0
        ].tolist():
            counts[where[tuple(box)]] += 1
    assert counts[39] == 300  # the true box is the only object here, so it always comes
    mean = 300 * 15 / 39
    assert all(abs(counts[index] - mean) < 5 * math.sqrt(mean * 24 / 39) for index in range(39))


@BOTH
def test_no_objects_and_no_candidates(lab4: types.ModuleType) -> None:
    nothing, no_labels = torch.zeros(0, 4, dtype=torch.float64), torch.zeros(0, dtype=torch.int64)
    rois, labels, targets = lab4.sample_rois(proposals_around(200, 4).double(), nothing, no_labels)
    assert (len(rois), int(labels.abs().sum()), float(targets.abs().sum())) == (128, 0, 0.0)
    rois, labels, targets = lab4.sample_rois(nothing, nothing, no_labels)
    assert (rois.shape, labels.shape, targets.shape) == ((0, 4), (0,), (0, 4))
    assert (rois.dtype, labels.dtype) == (torch.float64, torch.int64)


# --- the head, its loss, its detections ----------------------------------------------------------------------


@BOTH
def test_box_head_equals_torchvisions_two_modules(lab4: types.ModuleType) -> None:
    ours = lab4.BoxHead(24, 10, 3)
    hidden, predictor = faster_rcnn.TwoMLPHead(24, 10), faster_rcnn.FastRCNNPredictor(10, 3)
    state = ours.state_dict()
    hidden.load_state_dict({name: value for name, value in state.items() if name.startswith("fc")})
    predictor.load_state_dict({name: value for name, value in state.items() if not name.startswith("fc")})
    pooled = torch.randn(5, 6, 2, 2)
    for mine, other in zip(ours(pooled), predictor(hidden(pooled)), strict=True):
        torch.testing.assert_close(mine, other)
    assert [tuple(part.shape) for part in ours(pooled[:0])] == [(0, 3), (0, 12)]


@BOTH
def test_box_head_begins_small(lab4: types.ModuleType) -> None:
    head = lab4.BoxHead(8, 300, 20)
    for layer in (head.cls_score, head.bbox_pred):
        assert float(layer.weight.detach().std()) == pytest.approx(0.01, rel=0.1)
        assert not layer.bias.any()


def slow_loss(logits: Tensor, deltas: Tensor, labels: Tensor, targets: Tensor) -> tuple[float, float]:
    cls, loc = 0.0, 0.0
    for row, label in enumerate(labels.tolist()):
        exps = [math.exp(value) for value in logits[row].tolist()]
        cls -= math.log(exps[label] / sum(exps))
        if label:
            for k in range(4):
                gap = abs(float((deltas[row, 4 * label + k] - targets[row, k]).detach()))
                loc += gap * gap * 4.5 if gap < 1 / 9 else gap - 1 / 18
    return cls / len(labels), loc / len(labels)


@BOTH
@DTYPES
@pytest.mark.parametrize("classes", [2, 3, 21])
def test_detection_loss_equals_torchvision_and_a_loop(lab4: types.ModuleType, dtype: torch.dtype, classes: int) -> None:
    generator = torch.Generator().manual_seed(classes)
    logits = torch.randn(32, classes, generator=generator).to(dtype).requires_grad_()
    deltas = (torch.randn(32, 4 * classes, generator=generator) * 0.2).to(dtype).requires_grad_()
    labels, targets = torch.randint(classes, (32,), generator=generator), torch.zeros(32, 4, dtype=dtype)
    ours = lab4.detection_loss(logits, deltas, labels, targets)
    theirs = roi_heads.fastrcnn_loss(logits, deltas, [labels], [targets])
    assert [float(loss.detach()) for loss in ours] == pytest.approx(
        slow_loss(logits.detach(), deltas, labels, targets), rel=1e-5
    )
    for mine, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine, other)
    gradients = [torch.autograd.grad(sum(losses), (logits, deltas)) for losses in (ours, theirs)]
    torch.testing.assert_close(*gradients)


@BOTH
def test_detection_loss_without_objects_or_rois_is_finite(lab4: types.ModuleType) -> None:
    for count in (0, 7):
        logits, deltas = torch.zeros(count, 3, requires_grad=True), torch.zeros(count, 12, requires_grad=True)
        labels, targets = torch.zeros(count, dtype=torch.int64), torch.zeros(count, 4)
        cls_loss, loc_loss = lab4.detection_loss(logits, deltas, labels, targets)
        (cls_loss + loc_loss).backward()
        assert float(loc_loss.detach()) == 0
        assert float(cls_loss.detach()) == pytest.approx(math.log(3) if count else 0)


def test_detection_loss_differentiates() -> None:
    logits = torch.randn(6, 3, dtype=torch.float64).requires_grad_()
    deltas = torch.randn(6, 12, dtype=torch.float64).requires_grad_()
    labels, targets = torch.tensor([0, 1, 2, 2, 0, 1]), torch.randn(6, 4, dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda a, b: solutions.detection_loss(a, b, labels, targets), (logits, deltas))


def torchvisions_detections(
    logits: Tensor, deltas: Tensor, rois: Tensor, size: tuple, low: float, nms: float, most: int
):
    heads = roi_heads.RoIHeads(None, None, None, 0.5, 0.5, 128, 0.25, None, low, nms, most)
    boxes, scores, labels = heads.postprocess_detections(logits, deltas, [rois], [size])
    return boxes[0], labels[0], scores[0]


@BOTH
@settings(max_examples=60, deadline=None)
@given(
    count=st.integers(0, 40),
    classes=st.integers(2, 5),
    low=st.sampled_from([0.0, 0.05, 0.4]),
    nms=st.sampled_from([0.2, 0.5, 0.8]),
    most=st.sampled_from([0, 3, 100]),
    seed=st.integers(0, 99),
)
def test_postprocessing_equals_torchvision(
    lab4: types.ModuleType, count: int, classes: int, low: float, nms: float, most: int, seed: int
) -> None:
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(count, classes, generator=generator, dtype=torch.float64) * 2
    deltas = torch.randn(count, 4 * classes, generator=generator, dtype=torch.float64) * 2
    rois = random_rois(count, 1, (60, 100), seed, beyond=20)[:, 1:] if count else torch.zeros(0, 4, dtype=torch.float64)
    ours = lab4.postprocess_detections(logits, deltas, rois, (60, 100), low, nms, most)
    for mine, other in zip(ours, torchvisions_detections(logits, deltas, rois, (60, 100), low, nms, most), strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-6, atol=1e-6)


# --- what holds for all --------------------------------------------------------------------------------------


@BOTH
@DTYPES
def test_empty_input_gives_empty_output(lab4: types.ModuleType, dtype: torch.dtype) -> None:
    features, none = random_maps(2, 3, (5, 7)).to(dtype), torch.zeros(0, 5, dtype=dtype)
    for answer, shape in (
        (lab4.roi_pool(features, none, (2, 4), 0.5), (0, 3, 2, 4)),
        (lab4.roi_align(features, none, (2, 4), 0.5), (0, 3, 2, 4)),
        (lab4.bilinear_sample(features[0], none[:, 0], none[:, 0]), (3, 0)),
    ):
        assert (answer.shape, answer.dtype) == (shape, dtype)


@BOTH
def test_inputs_stay_as_they_are(lab4: types.ModuleType) -> None:
    features, rois = random_maps(2, 3, (9, 14)), random_rois(9, 2, (72, 112), seed=11)
    logits, deltas, labels = torch.randn(9, 3), torch.randn(9, 12), torch.arange(9) % 3
    boxes = rois[:, 1:].float()
    for function, args in (
        (lab4.roi_pool, (features, rois, (3, 3), 1 / 8)),
        (lab4.roi_align, (features, rois, (3, 3), 1 / 8)),
        (lab4.bilinear_sample, (features[0], rois[:, 1], rois[:, 2])),
        (lab4.sample_rois, (boxes, HELMETS, torch.tensor([1, 2]))),
        (lab4.detection_loss, (logits, deltas, labels, boxes)),
        (lab4.postprocess_detections, (logits, deltas, boxes, (72, 112))),
    ):
        before = [arg.clone() if isinstance(arg, Tensor) else arg for arg in args]
        function(*args)
        assert all(a.equal(b) if isinstance(a, Tensor) else a == b for a, b in zip(args, before, strict=True))


def test_importing_the_text_form_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    importlib.reload(solutions)
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")


@pytest.mark.gpu
@BOTH
def test_cuda_equals_cpu(lab4: types.ModuleType) -> None:
    features, rois = random_maps(2, 8, (13, 21)).float(), random_rois(40, 2, (208, 336), seed=12, beyond=30).float()
    logits, deltas, labels = torch.randn(40, 3), torch.randn(40, 12), torch.arange(40) % 3
    boxes = rois[:, 1:]
    for name, args in (
        ("roi_pool", (features, rois, (7, 7), 1 / 16)),
        ("roi_align", (features, rois, (7, 7), 1 / 16)),
        ("bilinear_sample", (features[0], rois[:, 1] / 16, rois[:, 2] / 16)),
        ("detection_loss", (logits, deltas, labels, boxes / 100)),
        ("postprocess_detections", (logits, deltas, boxes, (208, 336))),
    ):
        function = getattr(lab4, name)
        there = function(*[arg.cuda() if isinstance(arg, Tensor) else arg for arg in args])
        here = function(*args)
        for mine, other in zip(*(a if isinstance(a, tuple) else (a,) for a in (there, here)), strict=True):
            assert mine.is_cuda
            torch.testing.assert_close(mine.cpu(), other, rtol=1e-4, atol=1e-4)
    there = solutions.roi_align_fast(features.cuda(), rois.cuda(), (7, 7), 1 / 16)
    torch.testing.assert_close(there.cpu(), lab4.roi_align(features, rois, (7, 7), 1 / 16), rtol=1e-4, atol=1e-4)
    truth, classes = HELMETS.cuda(), torch.tensor([1, 2]).cuda()
    for generator in (None, torch.Generator().manual_seed(0), torch.Generator("cuda").manual_seed(0)):
        parts = lab4.sample_rois(boxes.cuda(), truth, classes, 16, 0.25, 0.5, generator)
        assert all(part.is_cuda for part in parts)
        assert [len(part) for part in parts] == [16, 16, 16]
