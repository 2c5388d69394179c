"""The reference of lab 1, and the library that stands in for it, against torchvision and against counting pixels."""

import importlib
import types

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torchvision import ops

from course import library
from solutions.lab1_boxes import boxes as solutions

BOTH = pytest.mark.parametrize("lab1", [solutions, library], ids=["solutions", "library"])
DTYPES = pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
# float32 has 24 bits; the products of two sides of up to 1000 px carry their rounding error into the quotient
TOLERANCE = {torch.float32: {"rtol": 1e-5, "atol": 1e-6}, torch.float64: {"rtol": 1e-12, "atol": 1e-12}}


def random_boxes(count: int, dtype: torch.dtype, seed: int, beyond: float = 0.0) -> Tensor:
    """Boxes in an image of 600 × 1000, reaching ``beyond`` pixels out of it."""
    generator = torch.Generator().manual_seed(seed)
    points = torch.rand(count, 2, 2, generator=generator, dtype=torch.float64)
    points = points * torch.tensor([1000 + 2 * beyond, 600 + 2 * beyond]) - beyond
    return torch.cat([points.amin(1), points.amax(1)], dim=1).to(dtype)


@st.composite
def boxes(draw: st.DrawFn, largest: int = 12) -> Tensor:
    """A few boxes on a coarse grid, so that ties, touching sides and zero area are common."""
    corners = st.tuples(*[st.integers(-4, largest)] * 4)
    rows = draw(st.lists(corners, max_size=6))
    return torch.tensor(
        [[min(a, c), min(b, d), max(a, c), max(b, d)] for a, b, c, d in rows], dtype=torch.float64
    ).reshape(-1, 4)


def counted_iou(first: list[float], second: list[float]) -> float:
    """IoU of two boxes with whole coordinates, by counting unit squares."""

    def squares(box: list[float]) -> set[tuple[int, int]]:
        x1, y1, x2, y2 = (int(value) for value in box)
        return {(x, y) for x in range(x1, x2) for y in range(y1, y2)}

    a, b = squares(first), squares(second)
    return len(a & b) / len(a | b) if a | b else 0.0


@BOTH
@DTYPES
def test_10_000_random_boxes_equal_torchvision(lab1: types.ModuleType, dtype: torch.dtype) -> None:
    many, few = random_boxes(10_000, dtype, seed=1, beyond=200), random_boxes(20, dtype, seed=2)
    tolerance = TOLERANCE[dtype]
    torch.testing.assert_close(lab1.box_area(many), ops.box_area(many), **tolerance)
    torch.testing.assert_close(lab1.box_iou(many, few), ops.box_iou(many, few), **tolerance)
    torch.testing.assert_close(lab1.box_iou(few, many), ops.box_iou(few, many), **tolerance)
    clipped = ops.clip_boxes_to_image(many, (600, 1000))
    torch.testing.assert_close(lab1.clip_boxes_to_image(many, (600, 1000)), clipped, rtol=0, atol=0)
    for least in (0, 16, 133.5):
        assert lab1.remove_small_boxes(many, least).equal(ops.remove_small_boxes(many, least))
    assert lab1.yxyx_to_xyxy(many).equal(many[:, [1, 0, 3, 2]])


@BOTH
@given(first=boxes(), second=boxes())
@settings(max_examples=300, deadline=None)
def test_iou_counts_squares(lab1: types.ModuleType, first: Tensor, second: Tensor) -> None:
    iou = lab1.box_iou(first, second)
    assert iou.shape == (len(first), len(second))
    expected = [[counted_iou(a, b) for b in second.tolist()] for a in first.tolist()]
    torch.testing.assert_close(iou, torch.tensor(expected, dtype=torch.float64).reshape(iou.shape), rtol=1e-12, atol=0)


@BOTH
@given(some=boxes(), height=st.integers(1, 9), width=st.integers(1, 9), least=st.sampled_from([0, 1, 2.5, 3]))
@settings(max_examples=300, deadline=None)
def test_edge_cases_equal_torchvision(
    lab1: types.ModuleType, some: Tensor, height: int, width: int, least: float
) -> None:
    before = some.clone()
    assert lab1.box_area(some).equal(ops.box_area(some))
    clipped = lab1.clip_boxes_to_image(some, (height, width))
    assert clipped.equal(ops.clip_boxes_to_image(some, (height, width)))
    kept = lab1.remove_small_boxes(some, least)
    assert kept.dtype == torch.int64
    assert kept.equal(ops.remove_small_boxes(some, least))
    assert lab1.yxyx_to_xyxy(lab1.yxyx_to_xyxy(some)).equal(some)
    assert some.equal(before)


@BOTH
@DTYPES
def test_empty_input_gives_empty_output(lab1: types.ModuleType, dtype: torch.dtype) -> None:
    none, three = torch.zeros(0, 4, dtype=dtype), random_boxes(3, dtype, seed=3)
    for iou, shape in (
        (lab1.box_iou(none, three), (0, 3)),
        (lab1.box_iou(three, none), (3, 0)),
        (lab1.box_iou(none, none), (0, 0)),
    ):
        assert (iou.shape, iou.dtype) == (shape, dtype)
    assert (lab1.box_area(none).shape, lab1.box_area(none).dtype) == ((0,), dtype)
    assert lab1.clip_boxes_to_image(none, (5, 7)).equal(none)
    assert lab1.remove_small_boxes(none, 16).equal(torch.zeros(0, dtype=torch.int64))
    assert lab1.yxyx_to_xyxy(none).equal(none)


@pytest.mark.parametrize("name", ["yxyx_to_xyxy", "box_area", "box_iou", "clip_boxes_to_image"])
def test_the_reference_differentiates(name: str) -> None:
    function = getattr(solutions, name)
    first, second = (random_boxes(3, torch.float64, seed).requires_grad_() for seed in (4, 5))
    extra = {"box_iou": (second,), "clip_boxes_to_image": ((400, 700),)}.get(name, ())
    assert torch.autograd.gradcheck(function, (first, *extra))


def test_iou_of_boxes_without_area_keeps_gradients_finite() -> None:
    flat = torch.tensor([[3.0, 3.0, 3.0, 3.0], [0.0, 0.0, 8.0, 0.0]], requires_grad=True)
    solutions.box_iou(flat, flat).sum().backward()
    assert flat.grad is not None
    assert flat.grad.isfinite().all()


def test_importing_the_text_form_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    importlib.reload(solutions)
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")


@pytest.mark.gpu
@pytest.mark.parametrize("lab1", [solutions, library], ids=["solutions", "library"])
def test_cuda_equals_cpu(lab1: types.ModuleType) -> None:
    many, few = (
        random_boxes(5_000, torch.float32, seed=6, beyond=100),
        random_boxes(20, torch.float32, seed=7),
    )
    for name, args in (
        ("yxyx_to_xyxy", (many,)),
        ("box_area", (many,)),
        ("box_iou", (many, few)),
        ("clip_boxes_to_image", (many, (600, 1000))),
        ("remove_small_boxes", (many, 16)),
    ):
        function = getattr(lab1, name)
        there = function(*[arg.cuda() if isinstance(arg, Tensor) else arg for arg in args])
        assert there.is_cuda
        torch.testing.assert_close(there.cpu(), function(*args), rtol=1e-5, atol=1e-6)
