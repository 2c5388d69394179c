"""The reference of lab 5, and the library that stands in for it, against torchvision and against slow obvious loops."""

import importlib
import math
import types
from collections import OrderedDict
from collections.abc import Callable
from fractions import Fraction

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as F
from torchvision import ops
from torchvision.models.detection import mask_rcnn, roi_heads
from torchvision.ops.feature_pyramid_network import LastLevelMaxPool
from torchvision.ops.poolers import LevelMapper

from course import library, scenes
from solutions.lab5_fpn_mask import fpn as first_half
from solutions.lab5_fpn_mask import mask as second_half

reference = types.SimpleNamespace(**{**vars(first_half), **vars(second_half)})
BOTH = pytest.mark.parametrize("lab5", [reference, library], ids=["solutions", "library"])
DTYPES = pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
TOLERANCE = {torch.float32: {"rtol": 1e-4, "atol": 1e-5}, torch.float64: {"rtol": 1e-10, "atol": 1e-10}}


def normal(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(dtype)


def mixed(answers: list[Tensor]) -> Tensor:
    """One number in which every value of every answer counts differently."""
    parts = [(a.flatten() * torch.arange(a.numel()).to(a).cos()).sum() * (k + 1) for k, a in enumerate(answers)]
    return torch.stack(parts).sum()


def compare(ours: Callable, theirs: Callable, inputs: list[Tensor], dtype: torch.dtype) -> None:
    """Values, and gradients by every floating-point input."""
    results = []
    for function in (ours, theirs):
        leaves = [value.clone().requires_grad_(value.is_floating_point()) for value in inputs]
        answer = function(*leaves)
        answers = list(answer) if isinstance(answer, list | tuple) else [answer]
        wanted = [leaf for leaf in leaves if leaf.requires_grad]
        slopes = torch.autograd.grad(mixed(answers), wanted, allow_unused=True, materialize_grads=True)
        results.append([*[a.detach() for a in answers], *slopes])
    assert len(results[0]) == len(results[1])
    for mine, other in zip(*results, strict=True):
        assert mine.dtype == other.dtype
        torch.testing.assert_close(mine, other, **TOLERANCE[dtype])


# --- FPN and roi_level ---------------------------------------------------------------------------------------


def torchvisions_pyramid(state: dict[str, Tensor], channels: list[int], width: int, dtype: torch.dtype) -> Callable:
    """The FPN of torchvision with our weights, on a list of maps."""
    theirs = ops.FeaturePyramidNetwork(channels, width, LastLevelMaxPool()).to(dtype)
    renamed = {".".join([*name.split(".")[:2], "0", name.split(".")[2]]): value for name, value in state.items()}
    theirs.load_state_dict(renamed)
    return lambda *maps: list(theirs(OrderedDict((str(k), feature) for k, feature in enumerate(maps))).values())


@BOTH
@settings(max_examples=40, deadline=None)
@given(
    sizes=st.lists(st.tuples(st.integers(1, 19), st.integers(1, 19)), min_size=1, max_size=4),
    batch=st.integers(1, 2),
    width=st.integers(1, 3),
    double=st.booleans(),
)
def test_fpn_equals_torchvision_in_values_and_gradients(
    lab5: types.ModuleType, sizes: list[tuple[int, int]], batch: int, width: int, double: bool
) -> None:
    """Over any sizes, also such as no backbone gives."""
    dtype = torch.float64 if double else torch.float32
    sizes = sorted(sizes, reverse=True)
    channels = [1 + k % 3 for k in range(len(sizes))]
    ours = lab5.FPN(channels, width).to(dtype)
    theirs = torchvisions_pyramid(ours.state_dict(), channels, width, dtype)
    maps = [
        normal(batch, c, *size, seed=k, dtype=dtype) for k, (c, size) in enumerate(zip(channels, sizes, strict=True))
    ]
    compare(lambda *inputs: ours(list(inputs)), theirs, maps, dtype)


@BOTH
def test_fpn_sends_gradients_to_every_weight(lab5: types.ModuleType) -> None:
    channels, maps = [2, 3], [normal(1, 2, 7, 5), normal(1, 3, 4, 3, seed=1)]
    ours = lab5.FPN(channels, 2).double()
    theirs = torchvisions_pyramid(ours.state_dict(), channels, 2, torch.float64)
    mixed(ours(maps)).backward()
    module = theirs.__closure__[0].cell_contents  # type: ignore[attr-defined]
    mixed(theirs(*maps)).backward()
    for mine, other in zip(ours.parameters(), module.parameters(), strict=True):
        torch.testing.assert_close(mine.grad, other.grad, rtol=1e-9, atol=1e-9)


@BOTH
def test_the_lectures_pyramid(lab5: types.ModuleType) -> None:
    """ResNet-50's stages for an 800 × 800 image: five maps of 256 channels, and the printed weights."""
    pyramid = lab5.FPN([256, 512, 1024, 2048], 256)
    shapes = {name: tuple(value.shape) for name, value in pyramid.state_dict().items() if name.endswith("weight")}
    assert shapes == {
        **{f"inner_blocks.{k}.weight": (256, 256 * 2**k, 1, 1) for k in range(4)},
        **{f"layer_blocks.{k}.weight": (256, 256, 3, 3) for k in range(4)},
    }
    with torch.no_grad():
        maps = pyramid([torch.zeros(1, 256 * 2**k, 200 // 2**k, 200 // 2**k) for k in range(4)])
    assert [tuple(feature.shape) for feature in maps] == [(1, 256, side, side) for side in (200, 100, 50, 25, 13)]


@BOTH
def test_the_list_that_came_in_is_left_as_it_was(lab5: types.ModuleType) -> None:
    maps = [normal(1, 2, 5, 7, dtype=torch.float32), normal(1, 2, 3, 4, seed=1, dtype=torch.float32)]
    before = [feature.clone() for feature in maps]
    given = list(maps)
    lab5.FPN([2, 2], 3)(given)
    assert all(now is then for now, then in zip(given, maps, strict=True))
    assert all(now.equal(then) for now, then in zip(maps, before, strict=True))


@BOTH
@DTYPES
@settings(max_examples=150, deadline=None)
@given(
    sides=st.lists(st.tuples(st.floats(0, 3000), st.floats(0, 3000)), max_size=12),
    k_min=st.integers(0, 4),
    levels=st.integers(0, 4),
)
def test_roi_level_equals_torchvision(
    lab5: types.ModuleType, dtype: torch.dtype, sides: list, k_min: int, levels: int
) -> None:
    corner = torch.tensor([7.5, -3.25], dtype=dtype)
    boxes = torch.cat([corner.expand(len(sides), 2), corner + torch.tensor(sides, dtype=dtype).reshape(-1, 2)], dim=1)
    found = lab5.roi_level(boxes, k_min, k_min + levels)
    assert found.dtype == torch.int64
    assert found.equal(LevelMapper(k_min, k_min + levels)([boxes]) + k_min)


@BOTH
@DTYPES
def test_roi_level_at_its_steps(lab5: types.ModuleType, dtype: torch.dtype) -> None:
    """Exactly the side is the upper level, a thousandth less is the lower one."""
    for side, level in ((112, 3), (224, 4), (448, 5)):
        boxes = torch.tensor([[0, 0, side, side], [0, 0, side, side * 0.999], [5, 5, 5 + side / 2, 5 + 2 * side]])
        assert lab5.roi_level(boxes.to(dtype)).tolist() == [level, level - 1, level]


# --- up-sampling ---------------------------------------------------------------------------------------------


@BOTH
@settings(max_examples=80, deadline=None)
@given(length=st.integers(1, 9), size=st.integers(1, 7), stride=st.integers(1, 5), double=st.booleans())
def test_upsample_1d_equals_torch_in_values_and_gradients(
    lab5: types.ModuleType, length: int, size: int, stride: int, double: bool
) -> None:
    dtype = torch.float64 if double else torch.float32
    compare(
        lambda x, w: lab5.upsample_1d(x, w, stride),
        lambda x, w: F.conv_transpose1d(x[None, None], w[None, None], stride=stride)[0, 0],
        [normal(length, dtype=dtype), normal(size, seed=1, dtype=dtype)],
        dtype,
    )


@BOTH
@settings(max_examples=60, deadline=None)
@given(
    channels=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    size=st.tuples(st.integers(1, 6), st.integers(1, 6)),
    kernel=st.integers(1, 5),
    stride=st.integers(1, 4),
    double=st.booleans(),
)
def test_upsample_2d_equals_torch_in_values_and_gradients(
    lab5: types.ModuleType, channels: tuple, size: tuple, kernel: int, stride: int, double: bool
) -> None:
    dtype = torch.float64 if double else torch.float32
    compare(
        lambda x, w: lab5.upsample_2d(x, w, stride),
        lambda x, w: F.conv_transpose2d(x[None], w, stride=stride)[0],
        [normal(channels[0], *size, dtype=dtype), normal(*channels, kernel, kernel, seed=1, dtype=dtype)],
        dtype,
    )


def test_the_upsampling_functions_differentiate() -> None:
    x, w = normal(4).requires_grad_(), normal(3, seed=1).requires_grad_()
    assert torch.autograd.gradcheck(lambda a, b: reference.upsample_1d(a, b, 2), (x, w))
    x, w = normal(2, 3, 2).requires_grad_(), normal(2, 2, 3, 3, seed=1).requires_grad_()
    assert torch.autograd.gradcheck(lambda a, b: reference.upsample_2d(a, b, 2), (x, w))


@BOTH
def test_the_table_of_the_notebook(lab5: types.ModuleType) -> None:
    sums = lab5.upsample_1d(torch.tensor([3.0, 5.0]), torch.tensor([1.0, 2.0, 1.0]), 2)
    assert sums.tolist() == [3, 6, 8, 10, 5]


# --- the head ------------------------------------------------------------------------------------------------


@BOTH
@settings(max_examples=25, deadline=None)
@given(
    count=st.integers(1, 3),
    size=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    widths=st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(2, 5)),
    double=st.booleans(),
)
def test_mask_head_equals_torchvisions_two_modules(
    lab5: types.ModuleType, count: int, size: tuple, widths: tuple[int, int, int], double: bool
) -> None:
    dtype = torch.float64 if double else torch.float32
    inner, hidden, classes = widths
    ours = lab5.MaskHead(*widths).to(dtype)
    head = mask_rcnn.MaskRCNNHeads(inner, [hidden] * 4, 1).to(dtype)
    predictor = mask_rcnn.MaskRCNNPredictor(hidden, hidden, classes).to(dtype)
    state = ours.state_dict()
    for k in range(4):
        head[k][0].load_state_dict({kind: state[f"mask_fcn{k + 1}.{kind}"] for kind in ("weight", "bias")})
    predictor.load_state_dict({name: value for name, value in state.items() if name in predictor.state_dict()})
    compare(ours, lambda x: predictor(head(x)), [normal(count, inner, *size, dtype=dtype)], dtype)
    own = torch.autograd.grad(mixed([ours(normal(count, inner, *size, dtype=dtype))]), list(ours.parameters()))
    other = torch.autograd.grad(
        mixed([predictor(head(normal(count, inner, *size, dtype=dtype)))]),
        [*head.parameters(), *predictor.parameters()],
    )
    for mine, theirs in zip(own, other, strict=True):
        torch.testing.assert_close(mine, theirs, **TOLERANCE[dtype])


@BOTH
def test_the_lectures_mask_head(lab5: types.ModuleType) -> None:
    """The printed names and shapes, and 28 × 28 for each of COCO's 91 classes."""
    head = lab5.MaskHead(256, 256, 91)
    shapes = {name: tuple(value.shape) for name, value in head.state_dict().items() if name.endswith("weight")}
    assert shapes == {
        **{f"mask_fcn{k}.weight": (256, 256, 3, 3) for k in (1, 2, 3, 4)},
        "conv5_mask.weight": (256, 256, 2, 2),
        "mask_fcn_logits.weight": (91, 256, 1, 1),
    }
    with torch.no_grad():
        assert head(torch.zeros(2, 256, 14, 14)).shape == (2, 91, 28, 28)


# --- targets and loss ----------------------------------------------------------------------------------------


@BOTH
@DTYPES
@settings(max_examples=60, deadline=None)
@given(
    boxes=st.lists(st.tuples(*[st.floats(-15, 45, width=32)] * 4), max_size=6),
    size=st.integers(1, 9),
    image=st.tuples(st.integers(1, 30), st.integers(1, 30)),
    count=st.integers(1, 4),
)
def test_mask_targets_equal_torchvisions_aligned_roi_align(
    lab5: types.ModuleType, dtype: torch.dtype, boxes: list, size: int, image: tuple[int, int], count: int
) -> None:
    points = torch.tensor(boxes, dtype=dtype).reshape(-1, 2, 2)
    rois = torch.cat([points.amin(1), points.amax(1)], dim=1)
    masks = (normal(count, *image) > 0).to(torch.uint8)
    matched = torch.arange(len(rois)) * 7 % count
    by_mask = torch.cat([matched[:, None].to(dtype), rois], dim=1)
    wanted = ops.roi_align(masks[:, None].to(dtype), by_mask, size, 1.0, 2, aligned=True)[:, 0]
    found = lab5.mask_targets(masks, rois, matched, size)
    assert found.dtype == dtype
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-6)


@BOTH
def test_mask_targets_are_torchvisions_up_to_the_half_pixel(lab5: types.ModuleType) -> None:
    """``project_masks_on_boxes`` reads half a pixel further on, with 2 × 2 points where cells are up to 2 pixels."""
    generator = torch.Generator().manual_seed(3)
    masks = (torch.rand(3, 60, 80, generator=generator) > 0.4).to(torch.uint8)
    corner = torch.rand(9, 2, generator=generator, dtype=torch.float64) * 20
    rois = torch.cat([corner, corner + 14 + 13.9 * torch.rand(9, 2, generator=generator, dtype=torch.float64)], dim=1)
    matched = torch.arange(9) % 3
    theirs = roi_heads.project_masks_on_boxes(masks, rois - 0.5, matched, 14)
    torch.testing.assert_close(lab5.mask_targets(masks, rois, matched, 14), theirs, rtol=0, atol=1e-9)


def test_a_box_of_whole_pixels_is_cut_out_exactly() -> None:
    """Closed form: cells of 2 × 2 pixels are the means of four pixels."""
    masks = (normal(2, 12, 20) > 0).to(torch.uint8)
    rois = torch.tensor([[2.0, 4, 10, 12], [0, 0, 8, 8], [12, 2, 20, 10]])
    found = reference.mask_targets(masks, rois, torch.tensor([1, 0, 1]), 4)
    for target, (x1, y1, x2, y2), which in zip(found, rois.int().tolist(), (1, 0, 1), strict=True):
        cut = F.avg_pool2d(masks[which, y1:y2, x1:x2].float()[None], 2)[0]
        torch.testing.assert_close(target, cut)


@BOTH
@settings(max_examples=60, deadline=None)
@given(
    count=st.integers(1, 7),
    classes=st.integers(2, 6),
    side=st.integers(1, 9),
    spread=st.sampled_from([0.1, 2.0, 50.0]),
    double=st.booleans(),
)
def test_mask_loss_equals_torchvision_in_value_and_gradient(
    lab5: types.ModuleType, count: int, classes: int, side: int, spread: float, double: bool
) -> None:
    """Against ``maskrcnn_loss``, which cuts its targets out of whole masks itself; to 1e-6."""
    dtype = torch.float64 if double else torch.float32
    generator = torch.Generator().manual_seed(count + 10 * side)
    labels = torch.randint(1, classes, (count,), generator=generator)
    masks = (torch.rand(count, 3 * side, 3 * side, generator=generator) > 0.5).to(torch.uint8)
    corner = torch.rand(count, 2, generator=generator).to(dtype) * side
    rois = torch.cat([corner, corner + side + 1], dim=1)
    matched = torch.randperm(count, generator=generator)
    targets = roi_heads.project_masks_on_boxes(masks, rois, matched, side)
    logits = (spread * normal(count, classes, side, side)).to(dtype)
    results = []
    for loss in (
        lambda z: lab5.mask_loss(z, labels, targets),
        lambda z: roi_heads.maskrcnn_loss(z, [rois], [masks], [labels[matched.argsort()]], [matched]),
    ):
        leaf = logits.clone().requires_grad_()
        value = loss(leaf)
        results.append((value.detach(), *torch.autograd.grad(value, leaf)))
    # the labels that torchvision looks up by matched are ours
    for mine, other in zip(*results, strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-6, atol=1e-6)


@BOTH
def test_mask_loss_by_the_textbook(lab5: types.ModuleType) -> None:
    """−t log p − (1 − t) log(1 − p), number by number, to 1e-6."""
    logits, targets, labels = normal(5, 4, 3, 3), normal(5, 3, 3, seed=1).sigmoid(), torch.tensor([1, 3, 2, 1, 3])
    total = 0.0
    for r, label in enumerate(labels.tolist()):
        for z, t in zip(logits[r, label].flatten().tolist(), targets[r].flatten().tolist(), strict=True):
            p = 1 / (1 + math.exp(-z))
            total -= t * math.log(p) + (1 - t) * math.log(1 - p)
    assert float(lab5.mask_loss(logits, labels, targets)) == pytest.approx(total / 45, abs=1e-9)
    assert float(lab5.mask_loss(logits.float(), labels, targets.float())) == pytest.approx(total / 45, abs=1e-6)


@BOTH
def test_mask_loss_without_rois_is_0_with_a_gradient(lab5: types.ModuleType) -> None:
    logits = torch.zeros(0, 4, 28, 28, requires_grad=True)
    loss = lab5.mask_loss(logits, torch.zeros(0, dtype=torch.int64), torch.zeros(0, 28, 28))
    assert float(loss.detach()) == 0
    loss.backward()
    assert logits.grad is not None
    assert logits.grad.shape == (0, 4, 28, 28)


@BOTH
def test_mask_loss_teaches_the_true_class_only(lab5: types.ModuleType) -> None:
    logits = normal(3, 4, 2, 2).requires_grad_()
    lab5.mask_loss(logits, torch.tensor([2, 1, 3]), torch.full((3, 2, 2), 0.3, dtype=torch.float64)).backward()
    taught = logits.grad.abs().sum(dim=(2, 3)) > 0
    assert taught.nonzero().tolist() == [[0, 2], [1, 1], [2, 3]]


# --- pasting -------------------------------------------------------------------------------------------------


def exact_paste(mask: list[list[Fraction]], box: list[Fraction], size: tuple[int, int]) -> list[list[bool]]:
    """The promise in exact fractions, pixel by pixel: no rounding anywhere."""
    high, wide = len(mask), len(mask[0])
    x1, y1, x2, y2 = box

    def between(place: Fraction, count: int) -> tuple[int, int, Fraction]:
        place = min(max(place, Fraction(0)), Fraction(count - 1))
        low = math.floor(place)
        return low, min(low + 1, count - 1), place - low

    pixels = []
    for i in range(size[0]):
        row = []
        for j in range(size[1]):
            y, x = i + Fraction(1, 2), j + Fraction(1, 2)
            if not (x1 <= x < x2 and y1 <= y < y2):
                row.append(False)
                continue
            top, bottom, b = between((y - y1) / (y2 - y1) * high - Fraction(1, 2), high)
            left, right, a = between((x - x1) / (x2 - x1) * wide - Fraction(1, 2), wide)
            upper = (1 - a) * mask[top][left] + a * mask[top][right]
            lower = (1 - a) * mask[bottom][left] + a * mask[bottom][right]
            row.append((1 - b) * upper + b * lower >= Fraction(1, 2))
        pixels.append(row)
    return pixels


@BOTH
@settings(max_examples=120, deadline=None)
@given(
    shape=st.tuples(st.integers(1, 6), st.integers(1, 6)),
    corners=st.tuples(*[st.integers(-29, 90)] * 4),
    size=st.tuples(st.integers(0, 12), st.integers(0, 12)),
    seed=st.integers(0, 999),
)
def test_paste_mask_equals_exact_fractions(
    lab5: types.ModuleType, shape: tuple[int, int], corners: tuple[int, ...], size: tuple[int, int], seed: int
) -> None:
    """Corners on sevenths of a pixel, where no middle is on a border, and mask values that make no exact ties."""
    a, b, c, d = (Fraction(value, 7) for value in corners)
    box = [min(a, c), min(b, d), max(a, c), max(b, d)]
    numbers = torch.randint(0, 1000, shape, generator=torch.Generator().manual_seed(seed))
    mask = [[Fraction(int(value), 1009) for value in row] for row in numbers]
    wanted = torch.tensor(exact_paste(mask, box, size), dtype=torch.bool).reshape(size)
    given_mask = torch.tensor([[float(value) for value in row] for row in mask], dtype=torch.float64)
    given_box = torch.tensor([float(value) for value in box], dtype=torch.float64)
    found = lab5.paste_mask(given_mask, given_box, size)
    assert found.dtype == torch.bool
    assert found.equal(wanted)


@BOTH
@settings(max_examples=40, deadline=None)
@given(
    corners=st.tuples(*[st.floats(-6, 26, width=32)] * 4),
    seed=st.integers(0, 99),
)
def test_paste_mask_equals_a_sub_pixel_brute_force(lab5: types.ModuleType, corners: tuple, seed: int) -> None:
    """The mask enlarged 64-fold by ``F.interpolate``, each pixel reading the sub-cell that its middle falls into.

    A pixel whose value there is within a sub-cell's slope of 0.5, or whose middle is next to the border, is not judged.
    """
    a, b, c, d = corners
    x1, y1, x2, y2 = min(a, c), min(b, d), max(a, c) + 0.5, max(b, d) + 0.5
    mask = torch.rand(1, 1, 5, 7, generator=torch.Generator().manual_seed(seed))
    fine = F.interpolate(mask, scale_factor=64, mode="bilinear", align_corners=False)[0, 0]
    found = lab5.paste_mask(mask[0, 0], torch.tensor([x1, y1, x2, y2]), (18, 21))
    for i in range(18):
        for j in range(21):
            down, across = (i + 0.5 - y1) / (y2 - y1), (j + 0.5 - x1) / (x2 - x1)
            if min(abs(down), abs(across), abs(1 - down), abs(1 - across)) < 1e-4:
                continue
            if not (0 < down < 1 and 0 < across < 1):
                assert not found[i, j]
                continue
            value = float(fine[int(down * len(fine)), int(across * fine.shape[1])])
            if abs(value - 0.5) > 2 / 64:
                assert bool(found[i, j]) == (value > 0.5)


@BOTH
def test_a_mask_survives_the_way_to_28_and_back(lab5: types.ModuleType) -> None:
    """True masks of scenes, through ``mask_targets`` and ``paste_mask``: thin parts apart, all of it comes back."""
    ious = []
    for seed in range(4):
        _, target = scenes.scene(seed, (160, 240))
        masks, boxes = target["masks"], target["boxes"]
        small = lab5.mask_targets(masks, boxes, torch.arange(len(boxes)))
        for mask, tiny, box in zip(masks.bool(), small, boxes, strict=True):
            pasted = lab5.paste_mask(tiny, box, tuple(mask.shape))
            ious.append(float((pasted & mask).sum() / (pasted | mask).sum()))
    assert len(ious) > 15
    assert sum(ious) / len(ious) > 0.94
    assert min(ious) > 0.85


# --- what holds for all --------------------------------------------------------------------------------------


@BOTH
@DTYPES
def test_empty_input_gives_empty_output(lab5: types.ModuleType, dtype: torch.dtype) -> None:
    def zeros(*shape: int) -> Tensor:
        return torch.zeros(shape, dtype=dtype)

    nobody = torch.zeros(0, dtype=torch.int64)
    for answer, shape, kind in (
        (lab5.roi_level(zeros(0, 4)), (0,), torch.int64),
        (lab5.upsample_1d(zeros(0), zeros(3), 2), (0,), dtype),
        (lab5.upsample_2d(zeros(2, 0, 3), zeros(2, 4, 3, 3), 2), (4, 0, 0), dtype),
        (lab5.upsample_2d(zeros(2, 3, 0), zeros(2, 4, 3, 3), 2), (4, 0, 0), dtype),
        (lab5.MaskHead(2, 3, 4).to(dtype)(zeros(0, 2, 14, 14)), (0, 4, 28, 28), dtype),
        (lab5.mask_targets(torch.ones(3, 9, 7, dtype=torch.uint8), zeros(0, 4), nobody), (0, 28, 28), dtype),
        (lab5.mask_targets(torch.ones(0, 9, 7, dtype=torch.uint8), zeros(0, 4), nobody, 5), (0, 5, 5), dtype),
        (lab5.mask_loss(zeros(0, 4, 28, 28), nobody, zeros(0, 28, 28)), (), dtype),
        (lab5.paste_mask(zeros(28, 28) + 1, zeros(4), (5, 7)), (5, 7), torch.bool),
        (lab5.paste_mask(zeros(28, 28) + 1, zeros(4) + 2, (0, 7)), (0, 7), torch.bool),
        *((feature, (0, 3, *size), dtype) for feature, size in zip(
            lab5.FPN([2, 2], 3).to(dtype)([zeros(0, 2, 5, 6), zeros(0, 2, 3, 3)]), ((5, 6), (3, 3), (2, 2)), strict=True
        )),
    ):  # fmt: skip
        assert (tuple(answer.shape), answer.dtype) == (shape, kind)


@BOTH
def test_inputs_stay_as_they_are(lab5: types.ModuleType) -> None:
    box, rois = torch.tensor([2.2, 3.1, 17.4, 12.8]), torch.tensor([[1.5, 2, 9, 8], [-3, 0, 30, 30]])
    for function, args in (
        (lab5.roi_level, (rois,)),
        (lab5.upsample_1d, (normal(4), normal(3), 2)),
        (lab5.upsample_2d, (normal(2, 3, 4), normal(2, 1, 3, 3), 2)),
        (lab5.mask_targets, ((normal(2, 9, 9) > 0).to(torch.uint8), rois, torch.tensor([1, 0]), 5)),
        (lab5.mask_loss, (normal(2, 3, 4, 4), torch.tensor([1, 2]), normal(2, 4, 4).sigmoid())),
        (lab5.paste_mask, (normal(7, 7, dtype=torch.float32).sigmoid(), box, (15, 20))),
    ):
        before = [arg.clone() if isinstance(arg, Tensor) else arg for arg in args]
        function(*args)
        assert all(a.equal(b) if isinstance(a, Tensor) else a == b for a, b in zip(args, before, strict=True))


@pytest.mark.parametrize("module", [first_half, second_half], ids=["fpn", "mask"])
def test_importing_the_text_form_says_nothing(module: types.ModuleType, capfd: pytest.CaptureFixture[str]) -> None:
    importlib.reload(module)
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")


@pytest.mark.gpu
@BOTH
def test_cuda_equals_cpu(lab5: types.ModuleType) -> None:
    rois = torch.rand(9, 4, generator=torch.Generator().manual_seed(1)) * 30
    rois[:, 2:] += rois[:, :2] + 1
    masks, matched = (normal(3, 50, 60) > 0).to(torch.uint8), torch.arange(9) % 3
    for name, args in (
        ("roi_level", (rois * 20,)),
        ("upsample_1d", (normal(9), normal(3), 2)),
        ("upsample_2d", (normal(3, 5, 6), normal(3, 4, 2, 2), 2)),
        ("mask_targets", (masks, rois, matched)),
        ("mask_loss", (normal(9, 4, 28, 28), 1 + matched, normal(9, 28, 28, seed=1).sigmoid())),
        ("paste_mask", (normal(28, 28).sigmoid(), rois[0].double(), (50, 60))),
    ):
        function = getattr(lab5, name)
        there = function(*[arg.cuda() if isinstance(arg, Tensor) else arg for arg in args])
        assert there.is_cuda
        torch.testing.assert_close(there.cpu(), function(*args), rtol=1e-5, atol=1e-5)
    for module, inputs in (
        (lab5.FPN([2, 3], 4), ([normal(1, 2, 9, 7).float(), normal(1, 3, 5, 4).float()],)),
        (lab5.MaskHead(3, 4, 5), (normal(2, 3, 14, 14).float(),)),
    ):
        here = module(*inputs)
        moved = [[x.cuda() for x in value] if isinstance(value, list) else value.cuda() for value in inputs]
        there = module.cuda()(*moved)
        for mine, other in zip(*(a if isinstance(a, list) else [a] for a in (there, here)), strict=True):
            torch.testing.assert_close(mine.cpu(), other, rtol=1e-3, atol=1e-3)
