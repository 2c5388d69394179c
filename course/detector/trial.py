"""A last look at a part before it goes into a detector: does it give, on this device, what the library's gives?

The visible checks are small and run on the CPU. Here each part meets random input of the kind that a detector hands it.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Generator, Tensor
from torch.utils._pytree import tree_leaves

from course import library
from course.checks.calling import call
from course.checks.comparing import difference
from course.checks.modules import fresh, with_weights
from course.parts import Parts

SECONDS = 20.0  # of computing for one part; a loop in Python takes far less on these sizes
SIZE = (48, 64)


def trial(parts: Parts, name: str, device: torch.device) -> str:
    """What speaks against the part, in a few words; "" where nothing does."""
    arguments, inputs = TRIALS[name](Generator().manual_seed(0))
    ours, spare = parts[name], getattr(library, name)
    if ours is spare:
        return ""
    weights = {} if arguments is None else _weights(spare, arguments)

    def run(part: Callable[..., Any], given: tuple[Any, ...]) -> Any:
        function = part if arguments is None else with_weights(part, arguments, weights).to(device)
        return _answer(function, given, gradient=name in TRAINED)

    before, given = _on(device, inputs), _on(device, inputs)
    wanted = call(run, spare, _on(device, inputs), seconds=SECONDS)
    came = call(run, ours, given, seconds=SECONDS)
    if found := difference(wanted, came, rtol=1e-3, atol=1e-4):
        return f"yours fails on random input: {found.what}"
    return "" if all(map(_same, before, given)) else "yours changes its input"


def _answer(function: Callable[..., Any], inputs: tuple[Any, ...], *, gradient: bool) -> Any:
    """What the function gives, without gradient; and with ``gradient`` its gradient by its first argument."""
    first = inputs[0] if isinstance(inputs[0], list) else [inputs[0]]
    for value in first if gradient else []:
        value.requires_grad_()
    answer = function(*inputs)
    if not gradient:
        return _plain(answer)
    sums = [value.square().sum() for value in tree_leaves(answer) if isinstance(value, Tensor)]
    slopes = torch.autograd.grad(torch.stack(sums).sum(), first)
    for value in first:
        value.requires_grad_(False)
    return _plain((answer, *slopes))


def _weights(module: Callable[..., Any], arguments: tuple[Any, ...]) -> dict[str, Tensor]:
    """Random weights for a module, of order one half."""
    luck = Generator().manual_seed(1)
    return {name: _randn(luck, *value.shape) / 4 for name, value in fresh(module, arguments).state_dict().items()}


def _same(before: Any, after: Any) -> bool:
    if isinstance(before, Tensor):
        return before.equal(after)
    return all(map(_same, before, after)) if isinstance(before, list) else bool(before == after)


def _on(device: torch.device, value: Any) -> Any:
    """A copy of arguments, tensors on a device."""
    if isinstance(value, Tensor):
        return value.clone().to(device)
    if isinstance(value, list | tuple):
        return type(value)(_on(device, each) for each in value)
    return value


def _plain(answer: Any) -> Any:
    """An answer that can be compared: a list as a tuple, everything without gradient."""
    if isinstance(answer, list | tuple):
        return tuple(_plain(each) for each in answer)
    return answer.detach() if isinstance(answer, Tensor) else answer


def _boxes(luck: Generator, count: int, smallest: float = 2.0) -> Tensor:
    """Boxes ``(N, 4)`` of all sizes, some of which leave an image of :data:`SIZE`."""
    first = torch.rand(count, 2, generator=luck) * torch.tensor([SIZE[1], SIZE[0]]) - 8
    return torch.cat((first, first + smallest + 30 * torch.rand(count, 2, generator=luck)), dim=1)


def _rois(luck: Generator, count: int) -> Tensor:
    return torch.cat((torch.randint(2, (count, 1), generator=luck), _boxes(luck, count)), dim=1)


def _randn(luck: Generator, *shape: int) -> Tensor:
    return torch.randn(shape, generator=luck)


def _index(luck: Generator, below: int, count: int) -> Tensor:
    return torch.randint(below, (count,), generator=luck)


def _keypoints(luck: Generator) -> Tensor:
    """Keypoints ``(20, 17, 3)`` all over the image, of all three visibilities."""
    places = torch.rand(20, 17, 2, generator=luck) * torch.tensor([SIZE[1], SIZE[0]])
    return torch.cat((places, _index(luck, 3, 20 * 17).reshape(20, 17, 1)), dim=2)


def _quality(luck: Generator) -> Tensor:
    """An IoU table ``(60, 3)``: ties within a column, values on the thresholds, a true box that no anchor fits well."""
    table = (torch.rand(60, 3, generator=luck) * torch.tensor([0.95, 0.95, 0.4])).mul(20).round() / 20
    table += torch.tensor([0.0, 0.01, 0.02])  # which true box is an anchor's best must not be open
    table[::2, 2] = 0
    return table


LOSSES = ("detection_loss", "mask_loss", "keypoint_loss")
TRAINED = ("FPN", "RPNHead", "BoxHead", "MaskHead", "KeypointHead", "roi_align", *LOSSES)
CODING = (10.0, 10.0, 5.0, 5.0)

# What a module is constructed with (None for a function), and its input.
TRIALS: dict[str, Callable[[Generator], tuple[tuple[Any, ...] | None, tuple[Any, ...]]]] = {
    "RPNHead": lambda luck: ((6, 6, 3), (_randn(luck, 2, 6, 5, 7),)),
    "FPN": lambda luck: (
        ([3, 5, 4], 6),
        ([_randn(luck, 2, 3, 13, 18), _randn(luck, 2, 5, 7, 9), _randn(luck, 2, 4, 3, 4)],),
    ),
    "MaskHead": lambda luck: ((3, 4, 3), (_randn(luck, 2, 3, 14, 14),)),
    "KeypointHead": lambda luck: ((3, 4, 5), (_randn(luck, 2, 3, 14, 14),)),
    "BoxHead": lambda luck: ((24, 10, 4), (_randn(luck, 5, 6, 2, 2),)),
    "box_iou": lambda luck: (None, (_boxes(luck, 40), _boxes(luck, 7))),
    "clip_boxes_to_image": lambda luck: (None, (_boxes(luck, 40), SIZE)),
    "remove_small_boxes": lambda luck: (None, (_boxes(luck, 40), 12.0)),
    "label_anchors": lambda luck: (None, (_quality(luck), 0.75, 0.25)),
    "encode_boxes": lambda luck: (None, (_boxes(luck, 40), _boxes(luck, 40), CODING)),
    "decode_boxes": lambda luck: (None, (15 * _randn(luck, 40, 4), _boxes(luck, 40), CODING)),
    "nms": lambda luck: (None, (_boxes(luck, 80), torch.rand(80, generator=luck), 0.4)),
    "roi_align": lambda luck: (None, (_randn(luck, 2, 3, 12, 16), _rois(luck, 30), (3, 2), 0.25, 2)),
    "detection_loss": lambda luck: (
        None,
        (_randn(luck, 30, 4), _randn(luck, 30, 16), _index(luck, 4, 30), _randn(luck, 30, 4)),
    ),
    "postprocess_detections": lambda luck: (
        None,
        (2 * _randn(luck, 30, 4), _randn(luck, 30, 16), _boxes(luck, 30), SIZE, 0.3, 0.05, 22),
    ),
    "roi_level": lambda luck: (None, (20 * _boxes(luck, 60), 2, 5)),
    "mask_loss": lambda luck: (
        None,
        (_randn(luck, 12, 3, 8, 8), _index(luck, 3, 12), torch.rand(12, 8, 8, generator=luck)),
    ),
    "keypoints_to_heatmap": lambda luck: (None, (_keypoints(luck), _boxes(luck, 20), 56)),
    "keypoint_loss": lambda luck: (
        None,
        (
            100 * _randn(luck, 20, 17, 8, 8),  # very sure, as a trained head is
            _index(luck, 64, 20 * 17).reshape(20, 17),
            torch.rand(20, 17, generator=luck) < 0.5,
        ),
    ),
    "heatmaps_to_keypoints": lambda luck: (None, (_randn(luck, 4, 17, 14, 14), _boxes(luck, 4))),
}
