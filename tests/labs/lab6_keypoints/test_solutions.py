"""The reference of lab 6, and the library that stands in for it, against torchvision and against slow obvious loops."""

import importlib
import math
import types

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torchvision.models.detection import keypoint_rcnn, roi_heads

from course import library
from solutions.lab6_keypoints import keypoints as solutions

BOTH = pytest.mark.parametrize("lab6", [solutions, library], ids=["solutions", "library"])
DTYPES = pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
TOLERANCE = {torch.float32: {"rtol": 1e-5, "atol": 1e-5}, torch.float64: {"rtol": 1e-10, "atol": 1e-10}}


def random_rois(count: int, seed: int, least: float = 0.5, most: float = 90.0) -> Tensor:
    """ROIs (count, 4) in float64, of all shapes, also off the image."""
    generator = torch.Generator().manual_seed(seed)
    sides = least + torch.rand(count, 2, generator=generator, dtype=torch.float64) * (most - least)
    corner = torch.rand(count, 2, generator=generator, dtype=torch.float64) * 200 - 50
    return torch.cat([corner, corner + sides], dim=1)


def random_keypoints(rois: Tensor, count: int, seed: int) -> Tensor:
    """Keypoints (R, count, 3) in and around each ROI, some exactly on its edges, with v = 0, 1, 2."""
    generator = torch.Generator().manual_seed(seed)
    share = torch.rand(len(rois), count, 2, generator=generator, dtype=torch.float64) * 1.6 - 0.3
    place = rois[:, None, :2] + share * (rois[:, None, 2:] - rois[:, None, :2])
    snap = torch.randint(6, place.shape, generator=generator)
    place = torch.where(snap == 0, rois[:, None, :2], torch.where(snap == 1, rois[:, None, 2:], place))
    v = torch.randint(3, (len(rois), count, 1), generator=generator)
    return torch.cat([place, v], dim=2)


def random_maps(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


# --- the head ------------------------------------------------------------------------------------------------


def in_torchvisions_names(name: str) -> str:
    """The mapping of the docstring: a parameter's name in torchvision's ``roi_heads``."""
    if name.startswith("convs."):
        return name.replace("convs.", "keypoint_head.")
    return f"keypoint_predictor.{name}"


def torchvisions_head(state: dict[str, Tensor], channels: int, hidden: int, keypoints: int) -> torch.nn.Module:
    """The two modules of torchvision, under its own names, with our weights."""
    both = torch.nn.ModuleDict(
        {
            "keypoint_head": keypoint_rcnn.KeypointRCNNHeads(channels, (hidden,) * 8),
            "keypoint_predictor": keypoint_rcnn.KeypointRCNNPredictor(hidden, keypoints),
        }
    )
    both.load_state_dict({in_torchvisions_names(name): value for name, value in state.items()})
    both.forward = lambda features: both["keypoint_predictor"](both["keypoint_head"](features))
    return both


@BOTH
@DTYPES
@settings(max_examples=15, deadline=None)
@given(
    count=st.integers(0, 3),
    widths=st.tuples(st.integers(1, 4), st.integers(1, 6), st.integers(1, 18)),
    size=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    seed=st.integers(0, 99),
)
def test_the_head_equals_torchvisions_in_values_and_gradients(
    lab6: types.ModuleType,
    dtype: torch.dtype,
    count: int,
    widths: tuple[int, int, int],
    size: tuple[int, int],
    seed: int,
) -> None:
    torch.manual_seed(seed)
    ours = lab6.KeypointHead(*widths).to(dtype)
    theirs = torchvisions_head(ours.state_dict(), *widths).to(dtype)
    answers, gradients = [], []
    for head in (ours, theirs):
        features = random_maps(count, widths[0], *size, seed=seed).to(dtype).requires_grad_()
        answer = head(features)
        (answer * torch.arange(answer.numel()).to(dtype).cos().reshape(answer.shape)).sum().backward()
        answers.append(answer.detach())
        gradients.append({"features": features.grad} | {name: p.grad for name, p in head.named_parameters()})
    assert answers[0].shape == (count, widths[2], 4 * size[0], 4 * size[1])
    torch.testing.assert_close(*answers, **TOLERANCE[dtype])
    for name, slope in gradients[0].items():
        other = gradients[1][name if name == "features" else in_torchvisions_names(name)]
        torch.testing.assert_close(slope, other, **TOLERANCE[dtype])


@BOTH
def test_the_lectures_head(lab6: types.ModuleType) -> None:
    """Names and shapes are those of torchvision's real model; 14 × 14 becomes 56 × 56, not the slide's 28 × 28."""
    with torch.device("meta"):
        model = keypoint_rcnn.keypointrcnn_resnet50_fpn(weights=None, weights_backbone=None)
        head = lab6.KeypointHead(256)
    theirs = {name: tuple(value.shape) for name, value in model.roi_heads.state_dict().items() if "keypoint" in name}
    ours = {in_torchvisions_names(name): tuple(value.shape) for name, value in head.state_dict().items()}
    assert ours == theirs
    small = lab6.KeypointHead(3, 4)
    low = small.kps_score_lowres(small.convs(torch.zeros(2, 3, 14, 14)))
    assert low.shape == (2, 17, 28, 28)
    assert small(torch.zeros(2, 3, 14, 14)).shape == (2, 17, 56, 56)


@BOTH
def test_the_head_begins_as_torchvisions(lab6: types.ModuleType) -> None:
    """The same seed gives the same weights, layer by layer; and their spread is that of He's paper."""
    torch.manual_seed(3)
    head = lab6.KeypointHead(40, 48, 17)
    for name, value in head.state_dict().items():
        if name.endswith("bias"):
            assert not value.any()
            continue
        fan_out = value.shape[0] * value[0, 0].numel()
        assert float(value.std()) == pytest.approx(math.sqrt(2 / fan_out), rel=0.05)
        assert abs(float(value.mean())) < 5 * math.sqrt(2 / fan_out / value.numel())
    transposed = keypoint_rcnn.KeypointRCNNPredictor(48, 17).kps_score_lowres
    assert float(head.kps_score_lowres.weight.detach().std()) == pytest.approx(
        float(transposed.weight.detach().std()), rel=0.05
    )


# --- keypoints to cells --------------------------------------------------------------------------------------


@BOTH
@DTYPES
@settings(max_examples=60, deadline=None)
@given(
    count=st.integers(0, 6),
    keypoints=st.integers(1, 18),
    size=st.one_of(st.integers(1, 9), st.sampled_from([28, 55, 56, 57])),
    seed=st.integers(0, 999),
)
def test_cells_equal_torchvisions(
    lab6: types.ModuleType, dtype: torch.dtype, count: int, keypoints: int, size: int, seed: int
) -> None:
    rois = random_rois(count, seed).to(dtype)
    joints = random_keypoints(rois, keypoints, seed)
    index, valid = lab6.keypoints_to_heatmap(joints, rois, size)
    theirs, counted = roi_heads.keypoints_to_heatmap(joints, rois, size)
    assert (index.dtype, valid.dtype) == (torch.int64, torch.bool)
    assert index.equal(theirs)
    assert valid.equal(counted.bool())


@BOTH
@settings(max_examples=150, deadline=None)
@given(
    corner=st.tuples(st.integers(-4, 9), st.integers(-4, 9)),
    sides=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    place=st.tuples(st.integers(-12, 40), st.integers(-12, 40)),
    v=st.sampled_from([0, 1, 2]),
    size=st.integers(1, 8),
)
def test_cells_by_exact_fractions(
    lab6: types.ModuleType,
    corner: tuple[int, int],
    sides: tuple[int, int],
    place: tuple[int, int],
    v: int,
    size: int,
) -> None:
    """On a grid of half pixels, edges and borders of cells included, by whole numbers; sides are powers of two."""
    width, height = 2 ** (sides[0] // 2), 2 ** (sides[1] // 2)
    (x1, y1), (x, y) = corner, (place[0] / 2, place[1] / 2)
    index, valid = lab6.keypoints_to_heatmap(
        torch.tensor([[[x, y, v]]], dtype=torch.float64),
        torch.tensor([[x1, y1, x1 + width, y1 + height]], dtype=torch.float64),
        size,
    )
    inside = x1 <= x <= x1 + width and y1 <= y <= y1 + height
    column = min((place[0] - 2 * x1) * size // (2 * width), size - 1)
    row = min((place[1] - 2 * y1) * size // (2 * height), size - 1)
    assert bool(valid) == (inside and v > 0)
    assert int(index) == (row * size + column if inside and v > 0 else 0)


@BOTH
def test_hidden_joints_count_and_unlabelled_ones_do_not(lab6: types.ModuleType) -> None:
    joints = torch.tensor([[[5.0, 5, 0], [5, 5, 1], [5, 5, 2], [0, 0, 0], [10, 10, 2], [10.01, 5, 2], [-0.01, 5, 2]]])
    index, valid = lab6.keypoints_to_heatmap(joints, torch.tensor([[0.0, 0, 10, 10]]))
    assert valid.tolist() == [[False, True, True, False, True, False, False]]
    assert index.tolist() == [[0, 28 * 56 + 28, 28 * 56 + 28, 0, 56 * 56 - 1, 0, 0]]


# --- the loss ------------------------------------------------------------------------------------------------


def slow_loss(maps: Tensor, index: Tensor, valid: Tensor) -> float:
    """By the formula, one keypoint after the other, in Python's numbers."""
    costs = []
    for person, keypoint in valid.nonzero().tolist():
        values = maps[person, keypoint].flatten().tolist()
        most = max(values)
        total = sum(math.exp(value - most) for value in values)
        costs.append(math.log(total) + most - values[int(index[person, keypoint])])
    return sum(costs) / max(len(costs), 1)


@BOTH
@DTYPES
@settings(max_examples=40, deadline=None)
@given(
    count=st.integers(0, 4),
    keypoints=st.integers(1, 17),
    size=st.integers(1, 13),
    scale=st.sampled_from([0.1, 3.0, 200.0]),
    seed=st.integers(0, 999),
)
def test_the_loss_equals_torchvisions_and_a_loop(
    lab6: types.ModuleType, dtype: torch.dtype, count: int, keypoints: int, size: int, scale: float, seed: int
) -> None:
    """Through the whole of torchvision's loss, from keypoints on; values to 1e-6, and gradients."""
    rois = random_rois(count, seed, least=3)
    joints = random_keypoints(rois, keypoints, seed)
    maps = (random_maps(count, keypoints, size, size, seed=seed) * scale).to(dtype).requires_grad_()
    index, valid = solutions.keypoints_to_heatmap(joints, rois, size)
    ours = lab6.keypoint_loss(maps, index, valid)
    theirs = roi_heads.keypointrcnn_loss(maps, [rois], [joints], [torch.arange(count)])
    assert ours.dtype == dtype
    torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=1e-6)
    assert float(ours.detach()) == pytest.approx(slow_loss(maps.detach(), index, valid), rel=1e-5, abs=1e-6)
    slopes = [torch.autograd.grad(loss, maps)[0] for loss in (ours, theirs)]
    torch.testing.assert_close(*slopes, rtol=1e-6, atol=1e-6)


@BOTH
def test_an_empty_map_costs_the_logarithm_of_its_cells(lab6: types.ModuleType) -> None:
    index, valid = torch.tensor([[0, 3000]]), torch.tensor([[True, True]])
    assert float(lab6.keypoint_loss(torch.zeros(1, 2, 56, 56), index, valid)) == pytest.approx(math.log(3136))


@BOTH
@pytest.mark.parametrize("count", [0, 3])
def test_no_keypoint_that_counts_gives_0_with_gradient(lab6: types.ModuleType, count: int) -> None:
    maps = torch.randn(count, 17, 5, 5, requires_grad=True)
    nothing = torch.zeros(count, 17, dtype=torch.int64)
    loss = lab6.keypoint_loss(maps, nothing, nothing.bool())
    loss.backward()
    assert float(loss.detach()) == 0
    assert maps.grad is not None
    assert not maps.grad.any()


@BOTH
def test_what_does_not_count_does_not_matter(lab6: types.ModuleType) -> None:
    maps, index = random_maps(2, 4, 5, 5), torch.arange(8).reshape(2, 4)
    valid = index % 3 == 0
    other = torch.where(valid[..., None, None], maps, 1000 * random_maps(2, 4, 5, 5, seed=1))
    first = lab6.keypoint_loss(maps, index, valid)
    assert first.equal(lab6.keypoint_loss(other, torch.where(valid, index, 24 - index), valid))


def test_the_loss_differentiates() -> None:
    maps, index = random_maps(2, 3, 4, 4, seed=2).requires_grad_(), torch.arange(6).reshape(2, 3)
    assert torch.autograd.gradcheck(lambda m: solutions.keypoint_loss(m, index, index % 2 == 0), maps)


# --- heat maps to keypoints ----------------------------------------------------------------------------------


@BOTH
@DTYPES
@settings(max_examples=50, deadline=None)
@given(
    count=st.integers(1, 4),
    keypoints=st.integers(1, 6),
    size=st.tuples(st.integers(1, 20), st.integers(1, 20)),
    seed=st.integers(0, 999),
)
def test_places_and_scores_equal_torchvisions(
    lab6: types.ModuleType, dtype: torch.dtype, count: int, keypoints: int, size: tuple[int, int], seed: int
) -> None:
    """ROIs from nothing to 90 pixels; gradients of the scores as well."""
    rois = random_rois(count, seed).to(dtype)
    rois[::3, 2] = rois[::3, 0]  # no width at all
    answers, slopes = [], []
    for decode in (lab6.heatmaps_to_keypoints, torchvisions_keypoints):
        maps = random_maps(count, keypoints, *size, seed=seed).to(dtype).requires_grad_()
        found = decode(maps, rois)
        slopes.append(torch.autograd.grad(found[..., 2].cos().sum(), maps)[0])
        answers.append(found.detach())
    assert answers[0].dtype == dtype
    torch.testing.assert_close(answers[0], answers[1].to(dtype), rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(*slopes, rtol=1e-5, atol=1e-5)


def torchvisions_keypoints(maps: Tensor, rois: Tensor) -> Tensor:
    found, scores = roi_heads.heatmaps_to_keypoints(maps, rois)
    assert (found[..., 2] == 1).all()
    return torch.cat([found[..., :2], scores[..., None]], dim=2)


def cubic(distance: float) -> float:
    """Keys' kernel (1981) with a = -3/4, as PyTorch and OpenCV have it."""
    d, a = abs(distance), -0.75
    if d <= 1:
        return (a + 2) * d**3 - (a + 3) * d**2 + 1
    return a * d**3 - 5 * a * d**2 + 8 * a * d - 4 * a if d < 2 else 0.0


def axis_weights(cells: int, pixels: int) -> Tensor:
    """(pixels, cells): how much each cell counts in each pixel of an axis; beyond the end the last cell counts."""
    weights = torch.zeros(pixels, cells, dtype=torch.float64)
    for pixel in range(pixels):
        middle = (pixel + 0.5) * cells / pixels - 0.5
        for cell in range(math.floor(middle) - 1, math.floor(middle) + 3):
            weights[pixel, min(max(cell, 0), cells - 1)] += cubic(middle - cell)
    return weights


@BOTH
def test_places_and_scores_by_the_formula(lab6: types.ModuleType) -> None:
    close = 1e-9 if lab6 is solutions else 1e-5  # torchvision's is rounded to float32
    rois, maps = random_rois(12, seed=5), random_maps(12, 3, 7, 11, seed=5)
    found = lab6.heatmaps_to_keypoints(maps, rois)
    for person, (x1, y1, x2, y2) in enumerate(rois.tolist()):
        wide, high = max(x2 - x1, 1.0), max(y2 - y1, 1.0)
        down, across = axis_weights(7, math.ceil(high)), axis_weights(11, math.ceil(wide))
        for keypoint in range(3):
            large = down @ maps[person, keypoint] @ across.T
            row, column = divmod(int(large.argmax()), math.ceil(wide))
            x = x1 + (column + 0.5) * wide / math.ceil(wide)
            y = y1 + (row + 0.5) * high / math.ceil(high)
            assert found[person, keypoint].tolist() == pytest.approx([x, y, float(large.max())], rel=close)


@BOTH
def test_of_several_hottest_pixels_the_first_counts(lab6: types.ModuleType) -> None:
    maps = torch.zeros(1, 1, 3, 4)
    maps[0, 0, 1, 3] = maps[0, 0, 2, 0] = 7.0
    assert lab6.heatmaps_to_keypoints(maps, torch.tensor([[10.0, 20, 14, 23]])).tolist() == [[[13.5, 21.5, 7]]]


@BOTH
@settings(max_examples=30, deadline=None)
@given(size=st.integers(2, 20), seed=st.integers(0, 99))
def test_there_and_back_a_joint_is_off_by_less_than_a_cell(lab6: types.ModuleType, size: int, seed: int) -> None:
    """And half a pixel, in ROIs that are no smaller than the grid.

    Half a cell would do, but at the border of a map, where the last cell counts several times, bicubic peaks move.
    """
    rois = random_rois(3, seed, least=20)
    joints = random_keypoints(rois, 5, seed)
    index, valid = lab6.keypoints_to_heatmap(joints, rois, size)
    maps = torch.nn.functional.one_hot(index, size**2).unflatten(2, (size, size)).double()
    found = lab6.heatmaps_to_keypoints(maps, rois)
    sides = (rois[:, 2:] - rois[:, :2])[:, None]
    reach = sides / size + 0.5 * sides / sides.ceil() + 1e-9
    assert ((found[..., :2] - joints[..., :2]).abs() <= reach)[valid].all()


# --- what holds for all --------------------------------------------------------------------------------------


@BOTH
@DTYPES
def test_empty_input_gives_empty_output(lab6: types.ModuleType, dtype: torch.dtype) -> None:
    none = torch.zeros(0, 4, dtype=dtype)
    head = lab6.KeypointHead(3, 4, 5).to(dtype)
    answers = (
        (head(torch.zeros(0, 3, 14, 14, dtype=dtype)), (0, 5, 56, 56), dtype),
        (lab6.keypoints_to_heatmap(torch.zeros(0, 17, 3, dtype=dtype), none)[0], (0, 17), torch.int64),
        (lab6.keypoints_to_heatmap(torch.zeros(0, 17, 3, dtype=dtype), none)[1], (0, 17), torch.bool),
        (lab6.heatmaps_to_keypoints(torch.zeros(0, 17, 56, 56, dtype=dtype), none), (0, 17, 3), dtype),
    )
    for answer, shape, kind in answers:
        assert (answer.shape, answer.dtype) == (shape, kind)


@BOTH
def test_inputs_stay_as_they_are(lab6: types.ModuleType) -> None:
    rois = random_rois(4, seed=6, least=3)
    joints, maps = random_keypoints(rois, 17, seed=6), random_maps(4, 17, 9, 9, seed=6)
    index, valid = solutions.keypoints_to_heatmap(joints, rois, 9)
    features = torch.randn(2, 3, 4, 5)
    for function, args in (
        (lab6.KeypointHead(3, 4, 5), (features,)),
        (lab6.keypoints_to_heatmap, (joints, rois)),
        (lab6.keypoint_loss, (maps, index, valid)),
        (lab6.heatmaps_to_keypoints, (maps, rois)),
    ):
        before = [arg.clone() for arg in args]
        function(*args)
        assert all(a.equal(b) for a, b in zip(args, before, strict=True))


def test_importing_the_text_form_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    importlib.reload(solutions)
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")


@pytest.mark.gpu
@BOTH
def test_cuda_equals_cpu(lab6: types.ModuleType) -> None:
    rois = random_rois(6, seed=7, least=3).float()
    joints, maps = random_keypoints(rois, 17, seed=7), random_maps(6, 17, 14, 14, seed=7).float()
    index, valid = solutions.keypoints_to_heatmap(joints, rois, 14)
    for name, args in (
        ("keypoints_to_heatmap", (joints, rois, 14)),
        ("keypoint_loss", (maps, index, valid)),
        ("heatmaps_to_keypoints", (maps, rois)),
    ):
        function = getattr(lab6, name)
        there = function(*[arg.cuda() if isinstance(arg, Tensor) else arg for arg in args])
        here = function(*args)
        for mine, other in zip(*(a if isinstance(a, tuple) else (a,) for a in (there, here)), strict=True):
            assert mine.is_cuda
            torch.testing.assert_close(mine.cpu(), other, rtol=1e-4, atol=1e-4)
    head = lab6.KeypointHead(3, 4, 5)
    features = torch.randn(2, 3, 7, 6)
    torch.testing.assert_close(head.cuda()(features.cuda()).cpu(), head.cpu()(features), rtol=1e-3, atol=1e-3)
