"""A last look at a part before it goes into a detector: does it give, on this device, what the library's gives?

The visible checks are small and run on the CPU. Here each part meets random input of the kind that a detector hands it.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Generator, Tensor, nn

from course import library
from course.checks.calling import call
from course.checks.comparing import difference
from course.checks.modules import fresh, with_weights
from course.parts import Parts

SECONDS = 20.0  # of computing for one part; a loop in Python takes far less on these sizes
SIZE = (48, 64)


def trial(parts: Parts, name: str, device: torch.device) -> str:
    """How the part differs from the library's, in a few words; "" where it does not."""
    arguments, inputs = TRIALS[name](Generator().manual_seed(0))
    ours, spare = parts[name], getattr(library, name)
    if ours is spare:
        return ""
    run = _function if arguments is None else _module(arguments, spare)
    wanted, came = (
        call(lambda part=part: run(part, _on(device, inputs), device), seconds=SECONDS) for part in (spare, ours)
    )
    found = difference(wanted, came, rtol=1e-3, atol=1e-4)
    return f"yours passes its check, but on random input {found.what}" if found else ""


def _function(part: Callable[..., Any], inputs: tuple[Any, ...], device: torch.device) -> Any:
    return _plain(part(*inputs))


def _module(arguments: tuple[Any, ...], spare: Callable[..., Any]) -> Callable[..., Any]:
    luck = Generator().manual_seed(1)
    state = fresh(spare, arguments).state_dict()
    weights = {name: torch.randn(value.shape, generator=luck) / 4 for name, value in state.items()}

    def run(part: Callable[..., Any], inputs: tuple[Any, ...], device: torch.device) -> Any:
        made: nn.Module = with_weights(part, arguments, weights).to(device)
        return _plain(made(*inputs))

    return run


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
    "label_anchors": lambda luck: (None, (torch.rand(60, 3, generator=luck), 0.7, 0.3)),
    "encode_boxes": lambda luck: (None, (_boxes(luck, 40), _boxes(luck, 40), CODING)),
    "decode_boxes": lambda luck: (None, (2 * _randn(luck, 40, 4), _boxes(luck, 40), CODING)),
    "nms": lambda luck: (None, (_boxes(luck, 80), torch.rand(80, generator=luck), 0.4)),
    "roi_align": lambda luck: (None, (_randn(luck, 2, 3, 12, 16), _rois(luck, 30), (3, 2), 0.25, 2)),
    "detection_loss": lambda luck: (
        None,
        (_randn(luck, 30, 4), _randn(luck, 30, 16), _index(luck, 4, 30), _randn(luck, 30, 4)),
    ),
    "postprocess_detections": lambda luck: (
        None,
        (2 * _randn(luck, 30, 4), _randn(luck, 30, 16), _boxes(luck, 30), SIZE, 0.05, 0.5, 20),
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
            _randn(luck, 20, 17, 8, 8),
            _index(luck, 64, 20 * 17).reshape(20, 17),
            torch.rand(20, 17, generator=luck) < 0.5,
        ),
    ),
    "heatmaps_to_keypoints": lambda luck: (None, (_randn(luck, 4, 17, 14, 14), _boxes(luck, 4))),
}
