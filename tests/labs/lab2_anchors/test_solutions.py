"""The reference of lab 2, and the library that stands in for it, against torchvision, slow loops and the lecture."""

import importlib
import itertools
import math
import types
from math import comb

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Generator, Tensor
from torchvision.models.detection import _utils as det_utils
from torchvision.models.detection.anchor_utils import AnchorGenerator

from autograder.labs.lab2_anchors.cases import random_samples
from course import library
from solutions.lab2_anchors import anchors as solutions

BOTH = pytest.mark.parametrize("lab2", [solutions, library], ids=["solutions", "library"])
DTYPES = pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
SCALES, RATIOS, SIZE = (8, 16, 32), (0.5, 1, 2), (800, 800)
HELMETS = torch.tensor([[147.0, 160.0, 234.0, 260.0], [312.0, 139.0, 348.0, 200.0]])


def valid_anchors(lab2: types.ModuleType) -> Tensor:
    """The lecture's anchors inside the image."""
    anchors = lab2.grid_anchors((50, 50), 16, lab2.anchor_shapes(16, SCALES, RATIOS))
    return anchors[lab2.inside_image(anchors, SIZE)]


def random_boxes(count: int, dtype: torch.dtype, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    corner = torch.rand(count, 2, generator=generator, dtype=torch.float64) * 800 - 100
    sides = 4 + torch.rand(count, 2, generator=generator, dtype=torch.float64) * 300
    return torch.cat([corner, corner + sides], dim=1).to(dtype)


# --- the lecture's numbers ----------------------------------------------------------------------------------


@BOTH
def test_22500_anchors_of_which_8940_are_inside(lab2: types.ModuleType) -> None:
    shapes = lab2.anchor_shapes(16, SCALES, RATIOS)
    anchors = lab2.grid_anchors((50, 50), 16, shapes)
    assert anchors.shape == (22_500, 4)
    centres = (anchors[:, :2] + anchors[:, 2:]) / 2
    assert centres.unique().round(decimals=2).unique().tolist() == list(range(8, 800, 16))
    inside = lab2.inside_image(anchors, SIZE)
    assert int(inside.sum()) == 8940
    assert inside.view(2500, 9).sum(0).tolist() == [1672, 1064, 112, 1764, 1156, 324, 1672, 1064, 112]


@BOTH
def test_the_helmets_labels_and_their_sample(lab2: types.ModuleType) -> None:
    iou = library.box_iou(valid_anchors(lab2), HELMETS)
    labels, matched = lab2.label_anchors(iou)
    assert iou.max() < 0.7  # no anchor is an object by the threshold alone
    near, far = (labels == 1) & (matched == 0), (labels == 1) & (matched == 1)
    assert int(near.sum()) == 4
    # 69 anchors of area 128² contain the far helmet and tie on paper; rounding decides which of them win
    assert 1 <= int(far.sum()) <= 69
    assert iou[far, 1].tolist() == pytest.approx([36 * 61 / 128**2] * int(far.sum()), rel=1e-5)
    assert int((labels == -1).sum()) == 86
    sampled = lab2.sample_labels(labels, generator=Generator().manual_seed(0))
    ones = int((labels == 1).sum())
    assert [int((sampled == value).sum()) for value in (1, 0, -1)] == [ones, 256 - ones, 8940 - 256]


# --- torchvision as the oracle ------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("ratios", [RATIOS, (1.7,), (0.2, 3.0)])
def test_shapes_round_to_torchvisions(lab2: types.ModuleType, ratios: tuple[float, ...]) -> None:
    ours = lab2.anchor_shapes(16, SCALES, ratios)
    theirs = AnchorGenerator(((128, 256, 512),), (ratios,)).cell_anchors[0]
    torch.testing.assert_close((torch.cat([-ours, ours], dim=1) / 2).round(), theirs, rtol=0, atol=0)
    closed = [[16 * s / math.sqrt(r), 16 * s * math.sqrt(r)] for r in ratios for s in SCALES]
    torch.testing.assert_close(ours, torch.tensor(closed))
    assert ours.dtype == torch.float32


@pytest.mark.parametrize(("feature_size", "stride"), [((50, 50), 16), ((3, 7), 8), ((6, 2), 5)])
def test_the_grid_is_torchvisions_moved_by_half_a_cell(feature_size: tuple[int, int], stride: int) -> None:
    generator = AnchorGenerator(((32, 64),), (RATIOS,))
    base = generator.cell_anchors[0]  # rounded sides, centred at 0
    theirs = generator.grid_anchors([list(feature_size)], [[stride, stride]])[0] + stride / 2
    ours = solutions.grid_anchors(feature_size, stride, base[:, 2:] - base[:, :2])
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-3)


@st.composite
def tables(draw: st.DrawFn) -> Tensor:
    """IoU tables of a few distinct values, so that ties, zeros and values on a threshold are common."""
    rows, columns = draw(st.integers(1, 7)), draw(st.integers(1, 4))
    values = st.sampled_from([0.0, 0.0, 0.1, 0.25, 0.3, 0.5, 0.7, 0.75, 1.0])
    numbers = draw(st.lists(values, min_size=rows * columns, max_size=rows * columns))
    return torch.tensor(numbers, dtype=torch.float64).reshape(rows, columns)


def slow_labels(iou: Tensor, pos_threshold: float, neg_threshold: float) -> tuple[list[int], list[int]]:
    """The rules, word by word."""
    table = iou.tolist()
    labels, matched = [], []
    for row in table:
        best = max(row)
        label = 1 if best >= pos_threshold else 0 if best < neg_threshold else -1
        for j, value in enumerate(row):
            if value > 0 and value == max(other[j] for other in table):
                label = 1
        labels.append(label)
        matched.append(row.index(best))
    return labels, matched


@BOTH
@given(iou=tables(), thresholds=st.sampled_from([(0.7, 0.3), (0.75, 0.25), (0.5, 0.5), (0.9, 0.0)]))
@settings(max_examples=300, deadline=None)
def test_labels_follow_the_rules(lab2: types.ModuleType, iou: Tensor, thresholds: tuple[float, float]) -> None:
    before = iou.clone()
    labels, matched = lab2.label_anchors(iou, *thresholds)
    assert (labels.dtype, matched.dtype) == (torch.int64, torch.int64)
    assert (labels.tolist(), matched.tolist()) == slow_labels(iou, *thresholds)
    assert iou.equal(before)


@given(iou=tables())
@settings(max_examples=200, deadline=None)
def test_labels_are_the_matchers_where_every_truth_is_touched(iou: Tensor) -> None:
    iou = iou[:, (iou > 0).any(dim=0)]
    if iou.numel() == 0:
        return
    matches = det_utils.Matcher(0.7, 0.3, allow_low_quality_matches=True)(iou.T)
    labels, matched = solutions.label_anchors(iou)
    assert ((labels == 1) == (matches >= 0)).all()
    assert ((labels == 0) == (matches == -1)).all()
    assert matched[labels == 1].equal(matches[labels == 1])


@BOTH
@given(
    ones=st.integers(0, 30),
    zeros=st.integers(0, 60),
    ignored=st.integers(0, 9),
    batch_size=st.integers(0, 40),
    fraction=st.sampled_from([0, 0.25, 0.3, 0.5, 1]),
    seed=st.integers(0, 9),
)
@settings(max_examples=200, deadline=None)
def test_samples_have_torchvisions_numbers(
    lab2: types.ModuleType, ones: int, zeros: int, ignored: int, batch_size: int, fraction: float, seed: int
) -> None:
    labels = torch.tensor([1] * ones + [0] * zeros + [-1] * ignored, dtype=torch.int64)
    labels = labels[torch.randperm(len(labels), generator=Generator().manual_seed(seed))]
    before = labels.clone()
    sampled = lab2.sample_labels(labels, batch_size, fraction, Generator().manual_seed(seed))
    again = lab2.sample_labels(labels, batch_size, fraction, Generator().manual_seed(seed))
    (positive,), (negative,) = det_utils.BalancedPositiveNegativeSampler(batch_size, fraction)([labels])
    assert int((sampled == 1).sum()) == int(positive.sum())
    assert int((sampled == 0).sum()) == int(negative.sum())
    assert ((sampled == labels) | (sampled == -1)).all()
    assert sampled.equal(again)
    assert labels.equal(before)


@BOTH
def test_a_sample_leaves_torchs_own_random_numbers_alone(lab2: types.ModuleType) -> None:
    labels = torch.randint(0, 2, (600,), generator=Generator().manual_seed(1))
    before = torch.get_rng_state()
    first = lab2.sample_labels(labels, generator=Generator().manual_seed(2))
    assert torch.get_rng_state().equal(before)
    assert not first.equal(lab2.sample_labels(labels, generator=Generator().manual_seed(3)))


@BOTH
@DTYPES
@pytest.mark.parametrize("weights", [(1, 1, 1, 1), (10, 10, 5, 5), (2.0, 3.0, 4.0, 8.0)])
def test_coding_is_the_box_coders(lab2: types.ModuleType, dtype: torch.dtype, weights: tuple) -> None:
    truth, anchors = random_boxes(2000, dtype, seed=1), random_boxes(2000, dtype, seed=2)
    coder = det_utils.BoxCoder(weights)
    deltas = lab2.encode_boxes(truth, anchors, weights)
    assert deltas.dtype == dtype
    tolerance = {"rtol": 1e-5, "atol": 1e-5} if dtype == torch.float32 else {"rtol": 1e-12, "atol": 1e-12}
    torch.testing.assert_close(deltas, coder.encode_single(truth, anchors), **tolerance)
    wild = deltas * torch.tensor([1, 1, 5, 5], dtype=dtype)
    decoded = lab2.decode_boxes(wild, anchors, weights)
    assert decoded.isfinite().all()
    torch.testing.assert_close(decoded, coder.decode_single(wild, anchors), rtol=1e-5, atol=1e-3)


@BOTH
@given(
    anchor=st.tuples(*[st.integers(-50, 50)] * 2, *[st.integers(1, 60)] * 2),
    truth=st.tuples(*[st.integers(-50, 50)] * 2, *[st.integers(1, 60)] * 2),
)
@settings(max_examples=200, deadline=None)
def test_coding_in_plain_numbers_and_back(lab2: types.ModuleType, anchor: tuple, truth: tuple) -> None:
    """One pair of boxes given as centre and size, by the formulas with ``math.log``."""

    def corners(x: float, y: float, w: float, h: float) -> Tensor:
        return torch.tensor([[x - w / 2, y - h / 2, x + w / 2, y + h / 2]], dtype=torch.float64)

    (ax, ay, aw, ah), (x, y, w, h) = anchor, truth
    deltas = lab2.encode_boxes(corners(*truth), corners(*anchor))
    by_hand = [(x - ax) / aw, (y - ay) / ah, math.log(w / aw), math.log(h / ah)]
    assert deltas[0].tolist() == pytest.approx(by_hand, abs=1e-12)
    back = lab2.decode_boxes(deltas, corners(*anchor))
    torch.testing.assert_close(back, corners(*truth), rtol=1e-12, atol=1e-9)


@BOTH
def test_huge_deltas_stop_at_62_and_a_half_anchors(lab2: types.ModuleType) -> None:
    box = lab2.decode_boxes(torch.tensor([[0.0, 0.0, 100.0, 8.0]]), torch.tensor([[0.0, 0.0, 16.0, 16.0]]))
    assert box[0].tolist() == pytest.approx([-492, -492, 508, 508], abs=1e-3)


# --- brute force --------------------------------------------------------------------------------------------


@BOTH
@DTYPES
def test_the_grid_by_three_loops(lab2: types.ModuleType, dtype: torch.dtype) -> None:
    shapes = torch.tensor([[10.0, 4.0], [3.0, 7.5]], dtype=dtype)
    wanted = []
    for row, column, (w, h) in itertools.product(range(3), range(5), shapes.tolist()):
        x, y = (column + 0.5) * 7, (row + 0.5) * 7
        wanted.append([x - w / 2, y - h / 2, x + w / 2, y + h / 2])
    came = lab2.grid_anchors((3, 5), 7, shapes)
    assert came.dtype == dtype
    torch.testing.assert_close(came, torch.tensor(wanted, dtype=dtype))


@BOTH
@given(
    rows=st.lists(st.tuples(*[st.integers(-2, 9)] * 4), max_size=8),
    size=st.tuples(st.integers(1, 7), st.integers(1, 7)),
)
@settings(max_examples=200, deadline=None)
def test_inside_by_comparisons(lab2: types.ModuleType, rows: list[tuple], size: tuple[int, int]) -> None:
    boxes = torch.tensor(
        [[min(a, c), min(b, d), max(a, c), max(b, d)] for a, b, c, d in rows], dtype=torch.float32
    ).reshape(-1, 4)
    inside = lab2.inside_image(boxes, size)
    assert inside.dtype == torch.bool
    assert inside.tolist() == [a >= 0 and b >= 0 and c <= size[1] and d <= size[0] for a, b, c, d in boxes.tolist()]


# --- edges ------------------------------------------------------------------------------------------------


@BOTH
@DTYPES
def test_empty_input_gives_empty_output(lab2: types.ModuleType, dtype: torch.dtype) -> None:
    none, shapes = torch.zeros(0, 4, dtype=dtype), torch.zeros(2, 2, dtype=dtype)
    assert lab2.anchor_shapes(16, (), RATIOS).shape == lab2.anchor_shapes(16, SCALES, ()).shape == (0, 2)
    for grid in (lab2.grid_anchors((0, 3), 16, shapes), lab2.grid_anchors((2, 3), 16, shapes[:0])):
        assert (grid.shape, grid.dtype) == ((0, 4), dtype)
    assert lab2.inside_image(none, SIZE).equal(torch.zeros(0, dtype=torch.bool))
    for shape in ((3, 0), (0, 2), (0, 0)):
        for answer in lab2.label_anchors(torch.zeros(shape, dtype=dtype)):
            assert answer.equal(torch.zeros(shape[0], dtype=torch.int64))
    assert lab2.sample_labels(torch.zeros(0, dtype=torch.int64)).equal(torch.zeros(0, dtype=torch.int64))
    assert lab2.encode_boxes(none, none).equal(none)
    assert lab2.decode_boxes(none, none).equal(none)


@BOTH
def test_a_truth_that_nobody_touches_has_no_objects(lab2: types.ModuleType) -> None:
    corner = torch.tensor([[0.0, 0.0, 6.0, 6.0]])
    iou = library.box_iou(valid_anchors(lab2), torch.cat([HELMETS, corner]))
    assert iou[:, 2].max() == 0
    assert lab2.label_anchors(iou)[0].equal(lab2.label_anchors(iou[:, :2])[0])
    assert not lab2.label_anchors(iou[:, 2:])[0].any()


@pytest.mark.parametrize("name", ["encode_boxes", "decode_boxes", "grid_anchors"])
def test_the_reference_differentiates(name: str) -> None:
    first, second = (random_boxes(3, torch.float64, seed).requires_grad_() for seed in (4, 5))
    if name == "grid_anchors":
        shapes = torch.rand(3, 2, dtype=torch.float64, requires_grad=True)
        assert torch.autograd.gradcheck(lambda s: solutions.grid_anchors((2, 3), 16, s), (shapes,))
    else:
        start = first.detach() / 500 if name == "decode_boxes" else first.detach()
        function = getattr(solutions, name)
        weights = (10.0, 10.0, 5.0, 5.0)
        assert torch.autograd.gradcheck(lambda a, b: function(a, b, weights), (start.requires_grad_(), second))


def test_the_false_alarms_of_the_cases_that_draw_are_fewer_than_one_in_a_billion() -> None:
    """Exact sums over all samples that an honest answer may draw."""
    n, off = random_samples.DRAWS, random_samples.TOLERATED
    tail = sum(comb(n, k) for k in range(n + 1) if abs(k - n / 2) > off) / 2**n
    ways = [1.0] + [0.0] * n  # how likely n draws of six of twelve labels 1 give so many different ones
    for _ in range(n):
        ways = [ways[k] * k / 924 + (ways[k - 1] * (925 - k) / 924 if k else 0.0) for k in range(n + 1)]
    few = sum(ways[: n - 11])
    twice = (comb(n, 2) / (924 * comb(24, 12))) ** 2  # two pairs of equal samples
    assert [tail, few] == [pytest.approx(2.6e-12, rel=0.01), pytest.approx(3.2e-11, rel=0.01)]

    draws, missed, halves = random_samples.REACH_DRAWS, 0.0, []
    for count in (2400, 9600):
        missed += 24 * (comb(count - count // 24, 128) / comb(count, 128)) ** draws
        half = [comb(count // 2, k) * comb(count // 2, 128 - k) / comb(count, 128) for k in range(129)]
        total = [1.0]
        for _ in range(draws):
            total = [
                sum(total[i] * half[k - i] for i in range(max(0, k - 128), min(k, len(total) - 1) + 1))
                for k in range(len(total) + 128)
            ]
        halves.append(sum(p for k, p in enumerate(total) if abs(k - 64 * draws) > random_samples.REACH_TOLERATED))
    assert [missed, *halves] == [pytest.approx(value, rel=0.1) for value in (3.6e-13, 1.6e-11, 4e-11)]
    assert 36 * tail + few + twice + missed + sum(halves) < 2.2e-10


def test_importing_the_text_form_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    importlib.reload(solutions)
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")


@pytest.mark.gpu
@BOTH
def test_cuda_equals_cpu(lab2: types.ModuleType) -> None:
    anchors, truth = random_boxes(500, torch.float32, 1), random_boxes(500, torch.float32, 2)
    iou = library.box_iou(anchors, truth[:5])
    labels = lab2.label_anchors(iou)[0]
    shapes = torch.tensor([[10.0, 20.0]])
    for name, args in (
        ("inside_image", (anchors, SIZE)),
        ("label_anchors", (iou,)),
        ("encode_boxes", (truth, anchors)),
        ("decode_boxes", (truth / 500, anchors)),
    ):
        there = getattr(lab2, name)(*[arg.cuda() if isinstance(arg, Tensor) else arg for arg in args])
        here = getattr(lab2, name)(*args)
        for a, b in zip(*[x if isinstance(x, tuple) else (x,) for x in (there, here)], strict=True):
            assert a.is_cuda
            torch.testing.assert_close(a.cpu(), b, rtol=1e-5, atol=1e-3)
    assert lab2.grid_anchors((3, 4), 16, shapes.cuda()).is_cuda
    for generator in (None, Generator().manual_seed(0), Generator("cuda").manual_seed(0)):
        sampled = lab2.sample_labels(labels.cuda(), 64, 0.5, generator)
        assert sampled.is_cuda
        assert int((sampled >= 0).sum()) <= 64
