"""Visible checks of lab 5's first half: the feature pyramid, in numbers that students can work out on paper."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from course.checking.check import Check
from course.checking.example import Example
from course.checking.modules import outputs

OUTPUTS_ADDED = (
    "You enlarge and add the coarser *output*: what goes on downwards is the merged map, before its 3 × 3 convolution."
)
NO_TOP_DOWN = "Each output knows its own stage only: enlarge the coarser merged map and add it."
NO_LATERAL = (
    "The laterals are missing on the way down: add the 1 × 1 convolution of each stage, or the exact places are lost."
)
RELU = "There is no ReLU in the pyramid: negative numbers stay as they are."
NEAREST = "Enlarge by copying cells, mode='nearest': interpolating mixes neighbours."
FACTOR_TWO = "Odd sizes: 13 cells enlarged by 2 are 26, and the lateral has 25. Enlarge to the lateral's size instead."
COARSE_FIRST = "The outputs come in the order of the inputs, fine to coarse, and the max-pooled one last."
NO_EXTRA = "One map more comes out than goes in: the coarsest output, max-pooled with kernel 1 and stride 2."
EXTRA_POOL = "The extra map is every second cell of the coarsest output: max pooling with kernel 1 and stride 2."
EXTRA_FROM = "The extra map is pooled from the coarsest *output*, after its 3 × 3 convolution."
NAMES = (
    "inner_blocks and layer_blocks are nn.ModuleLists with one nn.Conv2d for each map: kernel 1, and kernel 3 with "
    "padding 1."
)
A_LIST = "Give a list of maps, one after the other."

AREA = "The side is the square root of the area: √(w · h), not w · h."
FLOOR = "Round down, with torch.floor: up to just under 224 it is level 3."
NOT_LIMITED = "Limit the level to k_min … k_max: other maps don't exist."
PLACE_IN_LIST = "Give the level itself, k_min to k_max, not its place in a list of maps."
LONGER_SIDE = "The rule looks at the square root of the area, not at the longer side."
SHORTER_SIDE = "The rule looks at the square root of the area, not at the shorter side."
NATURAL = "The logarithm is the one of base 2: twice the side is one level more."
FIXED_LIMITS = "k_min and k_max are arguments: 2 and 5 are only their defaults."


def maps(answer: Any) -> tuple[Tensor, ...]:
    """A pyramid's maps one by one.

    Raises:
        TypeError: it is not a list.
    """
    if not isinstance(answer, tuple | list):
        raise TypeError(f"expected a list of maps, got {type(answer).__name__}")
    return tuple(answer)


def pyramid(module: Callable, args: tuple) -> Any:
    """The way to run a pyramid: ``args`` are its arguments, its weights, and its list of maps."""
    return maps(outputs(module, args))


def _map(*rows: tuple[float, ...]) -> Tensor:
    return torch.tensor(rows, dtype=torch.float32)[None, None]


def _passing_on(levels: int, layer: float) -> Mapping[str, Tensor]:
    """Weights that pass a single channel on: inner blocks times 1, layer blocks times ``layer``."""
    middle = torch.zeros(1, 1, 3, 3)
    middle[0, 0, 1, 1] = layer
    weights: dict[str, Tensor] = {}
    for level in range(levels):
        weights |= {f"inner_blocks.{level}.weight": torch.ones(1, 1, 1, 1)}
        weights |= {f"inner_blocks.{level}.bias": torch.zeros(1)}
        weights |= {f"layer_blocks.{level}.weight": middle, f"layer_blocks.{level}.bias": torch.zeros(1)}
    return weights


def _with(levels: int, layer: float) -> Callable[[Callable, tuple], Any]:
    """Run a pyramid whose layers pass on, times ``layer`` in the layer blocks."""

    def run(module: Callable, args: tuple) -> Any:
        return pyramid(module, (([1] * levels, 1), _passing_on(levels, layer), *args))

    return run


_COARSE = (_map((20, 40)), _map((20,)))

FPN = Check(
    "FPN",
    (
        Example(
            "two maps; inner_blocks pass on, layer_blocks double",
            {"features": [_map((1, -20, 3), (4, 5, 6)), _map((10, 20))]},
            (_map((22, -20, 46), (28, 30, 52)), *_COARSE),
            "First output: 2 · (lateral + coarse map enlarged to 10, 10, 20). Then 2 · the coarse one; every second "
            f"cell of that. {NAMES}",
            {
                OUTPUTS_ADDED: (_map((42, 0, 86), (48, 50, 92)), *_COARSE),
                NO_TOP_DOWN: (_map((2, -40, 6), (8, 10, 12)), *_COARSE),
                NO_LATERAL: (_map((20, 20, 40), (20, 20, 40)), *_COARSE),
                RELU: (_map((22, 0, 46), (28, 30, 52)), *_COARSE),
                "A ReLU on the laterals? There is none in the pyramid.": (
                    _map((22, 20, 46), (28, 30, 52)),
                    *_COARSE,
                ),
                NO_EXTRA: (_map((22, -20, 46), (28, 30, 52)), _COARSE[0]),
                COARSE_FIRST: (_COARSE[0], _map((22, -20, 46), (28, 30, 52)), _COARSE[1]),
                EXTRA_FROM: (_map((22, -20, 46), (28, 30, 52)), _COARSE[0], _map((10,))),
            },
            _with(2, 2.0),
        ),
        Example(
            "an odd number of cells: 3 become 5",
            {"features": [_map((0, 0, 0, 0, 0)), _map((1, 2, 3))]},
            (_map((1, 1, 2, 2, 3)), _map((1, 2, 3)), _map((1, 3))),
            f"{FACTOR_TWO} F.interpolate(…, size=…) does that, in its mode 'nearest'.",
            {NEAREST: (_map((1, 1.4, 2, 2.6, 3)), _map((1, 2, 3)), _map((1, 3)))},
            _with(2, 1.0),
        ),
        Example(
            "three maps, full of 1, 10 and 100",
            {"features": [_map(*[(1,) * 4] * 4), _map((10, 10), (10, 10)), _map((100,))]},
            (_map(*[(111,) * 4] * 4), _map((110, 110), (110, 110)), _map((100,)), _map((100,))),
            "Every output holds its own stage and all coarser ones, each once.",
            run=_with(3, 1.0),
        ),
    ),
    ready_made=("torchvision.ops.feature_pyramid_network.FeaturePyramidNetwork.*",),
)


def _boxes(*sides: tuple[float, float]) -> Tensor:
    return torch.tensor([(10, 20, 10 + w, 20 + h) for w, h in sides], dtype=torch.float32).reshape(-1, 4)


def _levels(*levels: int) -> Tensor:
    return torch.tensor(levels, dtype=torch.int64)


roi_level = Check(
    "roi_level",
    (
        Example(
            "seven boxes, from 10 · 10 to 2000 · 2000 pixels",
            {"boxes": _boxes((224, 224), (112, 112), (448, 112), (220, 224), (10, 10), (450, 450), (2000, 2000))},
            _levels(4, 3, 4, 3, 2, 5, 5),
            "Sides 224 · 224, 112 · 112, 448 · 112, 220 · 224, 10 · 10, 450 · 450, 2000 · 2000: floor(4 + log2(√(w h) "
            "/ 224)), limited to 2 … 5.",
            {
                PLACE_IN_LIST: _levels(2, 1, 2, 1, 0, 3, 3),
                AREA: _levels(5, 5, 5, 5, 2, 5, 5),
                FLOOR: _levels(4, 3, 4, 4, 2, 5, 5),
                NOT_LIMITED: _levels(4, 3, 4, 3, -1, 5, 7),
                LONGER_SIDE: _levels(4, 3, 5, 4, 2, 5, 5),
                SHORTER_SIDE: _levels(4, 3, 3, 3, 2, 5, 5),
                NATURAL: _levels(4, 3, 4, 3, 2, 4, 5),
            },
        ),
        Example(
            "levels 3 to 4 only",
            {"boxes": _boxes((10, 10), (224, 224), (2000, 2000)), "k_min": 3, "k_max": 4},
            _levels(3, 4, 4),
            FIXED_LIMITS,
        ),
        Example(
            "a box without width",
            {"boxes": _boxes((0, 50))},
            _levels(2),
            "log2(0) is minus infinity: limit first, then make it an integer.",
        ),
        Example("no boxes", {"boxes": _boxes()}, _levels(), "No boxes, no levels: shape (0,), int64."),
    ),
    ready_made=("torchvision.ops.poolers.*",),
)
