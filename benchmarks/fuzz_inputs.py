"""Inputs for each exercise, of another kind than its grader's, and the ways to run a function on them.

Numbers lie on coarse grids, where ties and exact thresholds are common, or anywhere, at scales down to a tenth of a
pixel; there are few of each thing, often none. Functions that draw at random are compared by what is sure about their
samples: counts, the origin of each, repetition, how often each comes, alone and together with each other.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Generator, Tensor
from torch.utils._pytree import tree_leaves

from autograder import modules
from autograder.exercise import answer
from autograder.exercises.inputs_lab6 import begins
from autograder.standing import answer_and_arguments, answer_elsewhere
from autograder.student.other_device import on_other_device
from course import library

Run = Callable[[Callable, tuple], Any]
Inputs = Callable[[Generator], tuple]
PLAIN: tuple[Run, ...] = (answer_and_arguments, answer_elsewhere)


@dataclass(frozen=True)
class Data:
    """What an exercise is asked.

    Attributes:
        inputs: makes arguments, without a generator for the function's own use.
        runs: ways to run a function on them, which take turns.
        rounds: how many.
        once: further questions: a run and its own inputs.
        tolerance: rtol and atol in float64. In float32, where decisions and cancellation leave few digits, only the
            coarse things are looked at.
    """

    inputs: Inputs
    runs: tuple[Run, ...] = PLAIN
    rounds: int = 400
    once: tuple[tuple[Run, Inputs], ...] = ()
    tolerance: tuple[float, float] = (1e-8, 1e-8)
    coarse: tuple[float, float] = field(default=(1e-3, 1e-2))

    def close(self, double: bool) -> tuple[float, float]:
        """The tolerance (rtol, atol) in float64 or float32."""
        return self.tolerance if double else self.coarse


# --- pieces ---


def pick(g: Generator, *values: Any) -> Any:
    """One of the values."""
    return values[int(torch.randint(len(values), (), generator=g))]


def uniform(g: Generator, *shape: int, low: float = 0.0, high: float = 1.0) -> Tensor:
    """Random numbers in float64."""
    return low + (high - low) * torch.rand(*shape, generator=g, dtype=torch.float64)


def normal(g: Generator, *shape: int) -> Tensor:
    """Random numbers of either sign in float64."""
    return torch.randn(*shape, generator=g, dtype=torch.float64)


def whole(g: Generator, *shape: int, low: int = 0, high: int = 9) -> Tensor:
    """Random whole numbers from ``low`` to ``high`` in float64."""
    return torch.randint(low, high + 1, shape, generator=g).double()


def corners(points: Tensor) -> Tensor:
    """Boxes ``(N, 4)`` of pairs of points ``(N, 2, 2)``."""
    return torch.cat([points.amin(1), points.amax(1)], dim=1)


def anywhere(g: Generator, count: int | None = None, *, scale: float | None = None) -> Tensor:
    """Boxes of any scale, a third of them without width."""
    count = pick(g, 0, 1, 2, 4, 9) if count is None else count
    scale = pick(g, 0.1, 1, 30, 900) if scale is None else scale
    found = corners((uniform(g, count, 2, 2) - 0.3) * scale)
    found[::3, 2] = found[::3, 0]
    return found


def solid(g: Generator, count: int) -> Tensor:
    """Boxes of any scale, whose sides are above 0."""
    scale = pick(g, 0.1, 1, 30, 900)
    first = (uniform(g, count, 2) - 0.3) * scale
    return torch.cat([first, first + (0.05 + uniform(g, count, 2)) * scale], dim=1)


def on_grid(g: Generator, count: int, high: int = 6, wide: int | None = None, low: int = 0) -> Tensor:
    """Boxes between few whole coordinates: equal ones, flat ones and ties are common."""
    x, y = whole(g, count, 2, low=low, high=wide or high), whole(g, count, 2, low=low, high=high)
    return corners(torch.stack([x, y], dim=2))


def distinct(g: Generator, count: int) -> Tensor:
    """Numbers in (0, 1), no two of them close."""
    return (torch.randperm(count, generator=g).double() + 1) / (count + 1)


def gradients(count: int) -> Run:
    """A run that gives the answer, and the gradients of a mixture of all of it by the first ``count`` arguments."""

    def run(function: Callable, args: tuple) -> Any:
        leaves = [value.clone().requires_grad_() for value in args[:count]]
        came = function(*leaves, *args[count:])
        # cosines of 0, 1, 2, …: every number counts differently
        parts = [(value.flatten() * torch.arange(value.numel()).to(value).cos()).sum() for value in tree_leaves(came)]
        wanted = [part + 0.7 * number * part for number, part in enumerate(parts)]
        return (came, *modules.slopes(torch.stack(wanted).sum(), leaves))

    run.__name__ = "answer_and_gradients"
    return run


# --- labs 1 and 2 ---

SIDES = (1, 7, 33, 480), (2, 5, 61, 640)


def _size(g: Generator) -> tuple[int, int]:
    return pick(g, *SIDES[0]), pick(g, *SIDES[1])


def _shapes(g: Generator) -> tuple:
    count = lambda: pick(g, 0, 1, 2, 4)  # noqa: E731
    scales, ratios = uniform(g, count(), low=0.1, high=40), uniform(g, count(), low=0.05, high=20)
    return pick(g, 1, 7, 16, 33.5), tuple(scales.tolist()), tuple(ratios.tolist())


def _grid(g: Generator) -> tuple:
    size = (pick(g, 0, 1, 2, 5, 9), pick(g, 0, 1, 3, 4, 11))
    return size, pick(g, 1, 2, 5, 16, 33), uniform(g, pick(g, 0, 1, 2, 5), 2) * pick(g, 0.1, 3, 500)


def _inside(g: Generator) -> tuple:
    high, wide = pick(g, 1, 3, 5), pick(g, 2, 4, 7)
    boxes = on_grid(g, pick(g, 0, 1, 9), high + 1, wide + 1, low=-1)
    return boxes + pick(g, 0, 0, 0.25, -0.01), (high, wide)


def _table(g: Generator) -> tuple:
    count, truths = pick(g, 0, 1, 2, 5, 12), pick(g, 0, 1, 2, 4)
    eighths = whole(g, count, truths, high=8) / 8
    table = pick(g, eighths, uniform(g, count, truths), eighths / 4, uniform(g, count, truths) / 3)
    empty = uniform(g, count, truths) < pick(g, 0, 0.5, 0.9)
    untouched = uniform(g, truths) < pick(g, 0, 0.3)
    return table.masked_fill(empty | untouched, 0), pick(g, 0.5, 0.625, 0.75, 1.0), pick(g, 0.0, 0.125, 0.25, 0.5)


def _labels(g: Generator) -> tuple:
    labels = torch.randint(-1, 2, (pick(g, 0, 1, 5, 12, 40, 700),), generator=g)
    return labels, pick(g, 0, 1, 2, 7, 16, 256), pick(g, 0.0, 0.1, 0.25, 0.5, 0.8, 1.0)


def seeded(function: Callable, seed: int | None) -> Callable:
    """``function`` with a generator of that seed each time, by its name; without one where ``seed`` is ``None``."""

    def draw(*args: Any) -> Any:
        return function(*args, **({} if seed is None else {"generator": torch.Generator().manual_seed(seed)}))

    return draw


def label_counts(function: Callable, args: tuple, seed: int | None = 3) -> Any:
    """What is sure about a sample of labels: counts, nothing new, repetition, dtype; and the labels handed over."""
    before = args[0].clone()
    drawn, again = (seeded(function, seed)(*args) for _ in range(2))
    if drawn.shape != before.shape:
        return drawn
    counts = [int((drawn == value).sum()) for value in (1, 0, -1)]
    new = bool(((drawn != before) & (drawn != -1)).any())
    repeats = seed is None or bool((drawn == again).all())
    return torch.tensor(counts), torch.tensor([new, repeats]), drawn[:0], args[0]


def label_counts_unseeded(function: Callable, args: tuple) -> Any:
    """The same with torch's own random numbers."""
    return label_counts(function, args, seed=None)


def label_counts_elsewhere(function: Callable, args: tuple) -> Any:
    """The same with labels on another device."""
    return label_counts(on_other_device(seeded(function, 3)), args, seed=None)


DRAWS = 1000


def _as_often(kept: Tensor, chance: Tensor) -> Tensor:
    """Whether each two of N things came together as often as they should: ``kept`` is ``(DRAWS, N)``, 0 or 1.

    ``chance`` ``(N, N)`` is how probable that is. 6 sigma: 2e-9 for each of about 200 numbers.
    """
    kept = kept.double()
    together = kept.T @ kept
    spread = (DRAWS * chance * (1 - chance)).sqrt()
    return ((together - DRAWS * chance).abs() <= 6 * spread).all()


def _chances(groups: tuple[tuple[int, int], ...]) -> Tensor:
    """How probable it is that two things come together where of each group (drawn, size) that many are drawn."""
    alone = torch.cat([torch.full((size,), drawn / size).double() for drawn, size in groups])
    both = alone[:, None] * alone[None]
    start = 0
    for drawn, size in groups:
        both[start : start + size, start : start + size] = drawn * (drawn - 1) / (size * (size - 1))
        start += size
    both.diagonal().copy_(alone)
    return both


def label_chances(function: Callable, args: tuple) -> Any:
    """Whether any two of 6 labels 1 and 9 labels 0 stay together as often as they should when 3 and 4 of them stay."""
    generator = torch.Generator().manual_seed(5)
    labels = torch.tensor([1] * 6 + [0] * 9)
    kept = torch.stack([function(labels.clone(), 7, 0.5, generator=generator) != -1 for _ in range(DRAWS)])
    return _as_often(kept, _chances(((3, 6), (4, 9))))


def _encoding(g: Generator) -> tuple:
    count = pick(g, 0, 1, 2, 4, 9)
    return solid(g, count), solid(g, count), _weights(g)


def _weights(g: Generator) -> tuple:
    return pick(g, (1, 1, 1, 1), (10.0, 10.0, 5.0, 5.0), tuple(uniform(g, 4, low=0.1, high=12).tolist()))


def _decoding(g: Generator) -> tuple:
    count = pick(g, 0, 1, 2, 4, 9)
    deltas = normal(g, count, 4) * pick(g, 0.1, 1, 4, 50)
    return deltas, anywhere(g, count), _weights(g)


# --- lab 3 ---


def _rpn_head(g: Generator) -> tuple:
    channels = pick(g, 1, 2, 5)
    features = normal(g, pick(g, 1, 2, 3), channels, pick(g, 1, 2, 5), pick(g, 1, 3, 4))
    return modules.module_inputs(library.RPNHead, (channels, pick(g, 1, 3, 8), pick(g, 1, 2, 4)), g, features)


def _rpn_loss(g: Generator) -> tuple:
    count = pick(g, 0, 1, 3, 9, 30)
    labels = pick(g, torch.randint(-1, 2, (count,), generator=g), torch.full((count,), pick(g, -1, 0, 1)))
    deltas = normal(g, count, 4) * 3
    targets = deltas + normal(g, count, 4) * pick(g, 0.3, 1, 3)
    return normal(g, count, 2) * pick(g, 0.3, 3, 40), deltas, labels, targets, pick(g, 0, 1, 2.5, 10.0)


def _suppression(g: Generator) -> tuple:
    count = pick(g, 0, 1, 2, 8, 20)
    boxes = pick(g, on_grid(g, count, pick(g, 2, 4, 6)) + torch.tensor([0, 0, 1, 1]), solid(g, count))
    scores = pick(g, distinct(g, count), distinct(g, count), whole(g, count, high=3) / 4 - 0.5)
    return boxes, scores, pick(g, 0.0, 0.25, 0.5, 0.5, 0.75, 1.0)


def _proposals(g: Generator) -> tuple:
    """On the grid nothing is rounded: exp(0) is 1, so sides and IoU meet their limits exactly."""
    count = pick(g, 0, 1, 5, 14, 30)
    size = pick(g, (20, 33), (40, 30), (12, 50))
    if pick(g, True, False):
        anchors, deltas = on_grid(g, count, size[0] + 9, size[1] + 9, low=-9), torch.zeros(count, 4).double()
        anchors = (anchors / 4).round() * 4
    else:
        anchors, deltas = solid(g, count), normal(g, count, 4) * pick(g, 0.1, 1, 3)
    background = 3 * normal(g, count)
    logits = torch.stack([background, background + 8 * distinct(g, count) - 4], dim=1)
    limits = pick(g, 12000, 10, 3, 1), pick(g, 2000, 5, 2, 1)
    return logits, deltas, anchors, size, *limits, pick(g, 0.25, 0.5, 0.75, 0.7), pick(g, 16, 8, 4, 1, 0)


# --- lab 4 ---


def _rois_to_sample(g: Generator) -> tuple:
    """No candidate has its best IoU with two true boxes: which one wins is left open."""
    count, truths = pick(g, 0, 1, 4, 12, 40, 300), pick(g, 0, 1, 2, 4)
    if pick(g, True, False):
        proposals, truth = (on_grid(g, n, 4) + torch.tensor([0, 0, 1, 1]) for n in (min(count, 40), truths))
    else:
        truth = solid(g, truths)
        owner = torch.randint(max(truths, 1), (count,), generator=g)
        near = truth[owner] if truths else solid(g, count)
        moved = near + 0.15 * normal(g, count, 4) * (near[:, 2:] - near[:, :2]).repeat(1, 2)
        proposals = corners(moved.reshape(-1, 2, 2)) + torch.tensor([0.0, 0.0, 0.01, 0.01])
    if truths > 1:
        truth = truth[~(library.box_iou(truth, truth) > 0.999).triu(1).any(dim=0)]
        iou = library.box_iou(proposals, truth)
        best = iou.amax(dim=1, keepdim=True)
        proposals = proposals[(best[:, 0] == 0) | ((iou > best - 1e-6).sum(dim=1) == 1)]
    classes = torch.randint(1, 5, (len(truth),), generator=g)
    batch, fraction = pick(g, 0, 1, 4, 9, 64, 128), pick(g, 0.0, 0.25, 0.34, 0.5, 1.0)
    return proposals, truth, classes, batch, fraction, pick(g, 0.25, 0.5, 0.5, 0.75)


def roi_facts(function: Callable, args: tuple, seed: int | None = 3) -> Any:
    """What is sure about a sample of ROIs, in any order: counts, origin, labels, targets, repetition, dtypes."""
    before = tuple(arg.clone() if isinstance(arg, Tensor) else arg for arg in args)
    came, again = (seeded(function, seed)(*args) for _ in range(2))
    rois, labels, targets = came
    if not rois.shape == targets.shape == (len(labels), 4) or rois.dtype != args[0].dtype:
        return tuple(came)
    threshold = args[5] if len(args) > 5 else 0.5
    every, own, deltas = library.sample_rois(*before[:3], 10**6, 1.0, threshold)  # all candidates, each with its own
    rows = [tuple(box) for box in rois.tolist()]
    candidates = [tuple(box) for box in every.tolist()]
    facts = [all(rows.count(row) <= candidates.count(row) for row in rows), bool(targets.isfinite().all())]
    if facts[0]:
        place = torch.tensor([candidates.index(row) for row in rows], dtype=torch.int64)
        close = 1e-8 if rois.dtype == torch.float64 else 1e-2
        facts.append(bool((labels == own[place]).all()))
        objects = labels > 0
        facts.append(torch.allclose(targets[objects], deltas[place][objects].to(targets), rtol=close, atol=close))
    facts.append(seed is None or sorted(rows) == sorted(tuple(box) for box in again[0].tolist()))
    counts = torch.tensor([len(rois), int((labels > 0).sum())])
    return counts, torch.tensor(facts), rois[:0], labels[:0], targets[:0], *args[:3]


def roi_facts_unseeded(function: Callable, args: tuple) -> Any:
    """The same with torch's own random numbers."""
    return roi_facts(function, args, seed=None)


def roi_facts_elsewhere(function: Callable, args: tuple) -> Any:
    """The same with tensors on another device."""
    return roi_facts(on_other_device(seeded(function, 3)), args, seed=None)


def roi_chances(function: Callable, args: tuple) -> Any:
    """Whether any two of 6 objects and 9 others come together as often as they should when 3 and 4 are drawn."""
    near = torch.tensor([10.0, 10, 50, 60]) + torch.arange(5.0)[:, None]
    far = torch.tensor([200.0, 0, 230, 40]) + torch.arange(9.0)[:, None] * 50
    truth = torch.tensor([[8.0, 9.0, 49.0, 58.0]])
    every = torch.cat([near, truth, far])
    generator = torch.Generator().manual_seed(5)
    kept = []
    for _ in range(DRAWS):
        rois, *_ = function(torch.cat([near, far]), truth, torch.tensor([2]), 7, 0.5, generator=generator)
        kept.append((every[:, None] == rois[None]).all(dim=2).any(dim=1))
    return _as_often(torch.stack(kept), _chances(((3, 6), (4, 9))))


def _pooled(g: Generator, exact: bool) -> tuple:
    """Features, ROIs, output size and scale. ``exact``: corners also halfway between two cells, and on them."""
    features = normal(g, pick(g, 1, 2), pick(g, 1, 3), high := pick(g, 1, 4, 9), wide := pick(g, 1, 6, 13))
    count, scale = pick(g, 0, 1, 5), pick(g, 1.0, 0.5, 1 / 16, 0.3)
    points = uniform(g, count, 2, 2) * torch.tensor([wide, high]) * pick(g, 0.3, 1, 2) - pick(g, 0, 0, 4)
    if exact and pick(g, True, False):
        points, scale = (points.abs() * 2).round() / 2, 0.5  # which way halves below 0 go, off the map, is left open
    image = torch.randint(len(features), (count, 1), generator=g)
    rois = torch.cat([image.double(), corners(points) / scale], dim=1)
    return features, rois, pick(g, (1, 1), (2, 3), (7, 7), (4, 1)), scale


def _read(g: Generator) -> tuple:
    """A map and points on it, around it, and in steps of half a cell."""
    high, wide, count = pick(g, 1, 2, 6), pick(g, 1, 3, 9), pick(g, 0, 1, 30)
    feature = normal(g, pick(g, 1, 3), high, wide)
    y, x = uniform(g, count, low=-2, high=high + 1.5), uniform(g, count, low=-2, high=wide + 1.5)
    return (feature, (2 * y).round() / 2, (2 * x).round() / 2) if pick(g, True, False) else (feature, y, x)


def _box_head(g: Generator) -> tuple:
    shape = pick(g, (5,), (2, 1, 3), (3, 2, 2))
    features = normal(g, pick(g, 0, 1, 4), *shape)
    arguments = (features[:1].numel() or int(torch.tensor(shape).prod()), pick(g, 1, 6), pick(g, 2, 3, 5))
    return modules.module_inputs(library.BoxHead, arguments, g, features)


def last_layers(module: Callable, args: tuple) -> Any:
    """Whether the last two layers begin as they should; how the hidden ones do is left to each."""
    return modules.initial(0.01)(module, args)[4:]


def _detection_loss(g: Generator) -> tuple:
    count, classes = pick(g, 0, 1, 3, 9), pick(g, 2, 3, 5)
    labels = pick(g, torch.randint(classes, (count,), generator=g), torch.full((count,), pick(g, 0, 1)))
    deltas = normal(g, count, 4 * classes)
    own = deltas.unflatten(1, (-1, 4))[torch.arange(count), labels]
    targets = own + normal(g, count, 4) * pick(g, 0.03, 0.3, 3)
    return normal(g, count, classes) * pick(g, 0.3, 3, 40), deltas, labels, targets


def _detections(g: Generator) -> tuple:
    """On the grid nothing is rounded: the first ROI's probabilities are the threshold, IoU may be exactly 0.5.

    Sometimes there are 120 ROIs far from each other, more than stay by default.
    """
    count, classes = pick(g, 0, 1, 3, 8), pick(g, 2, 3, 5)
    size = pick(g, (20, 33), (40, 30), (500, 900))
    most = pick(g, 100, 3, 1)
    if pick(g, True, *[False] * 9):
        corner = 9.0 * torch.cartesian_prod(torch.arange(12), torch.arange(10)).double()
        logits = torch.stack([torch.zeros(120).double(), 8 * distinct(g, 120) - 2], dim=1)
        return logits, torch.zeros(120, 8).double(), torch.cat([corner, corner + 8], dim=1), (500, 900), 0.05, 0.5, most
    if pick(g, True, False, False):
        classes = pick(g, 2, 4)
        rois = 8 * (on_grid(g, count, 4) + torch.tensor([0, 0, 1, 1]))
        logits = 8 * distinct(g, count * classes).reshape(count, classes)
        logits[:1] = 0
        return logits, torch.zeros(count, 4 * classes).double(), rois, size, 1 / classes, pick(g, 0.25, 0.5), most
    rois = solid(g, count)
    deltas = normal(g, count, 4 * classes) * pick(g, 0.3, 2, 12)
    thresholds = pick(g, 0.05, 0.2, 0.4, 0.0), pick(g, 0.5, 0.2, 0.9)
    return normal(g, count, classes) * pick(g, 0.3, 2), deltas, rois, size, *thresholds, most


def _pyramid(g: Generator) -> tuple:
    """One to four maps of any sizes, which halve or do not."""
    sides = sorted((pick(g, 1, 2, 5, 8, 13) for _ in range(pick(g, 1, 2, 3, 4))), reverse=True)
    channels = [pick(g, 1, 2, 3) for _ in sides]
    batch = pick(g, 0, 1, 2)
    maps = [normal(g, batch, c, side, pick(g, 1, side, side + 3)) for c, side in zip(channels, sides, strict=True)]
    return modules.module_inputs(library.FPN, (channels, pick(g, 1, 3)), g, maps)


def _rois_to_level(g: Generator) -> tuple:
    """Boxes anywhere, and boxes whose √area is exactly where a level begins."""
    k_min = pick(g, 2, 0, 3)
    limits = (k_min, k_min + pick(g, 3, 0, 1, 5))
    if pick(g, True, False):
        return (anywhere(g), *limits)
    side = 7 * 2.0 ** torch.randint(0, 9, (5,), generator=g).double()
    stretch = 2.0 ** torch.randint(-1, 2, (5,), generator=g).double()
    corner = whole(g, 5, 2)
    return (torch.cat([corner, corner + torch.stack([side * stretch, side / stretch], dim=1)], dim=1), *limits)


def _numbers_up(g: Generator) -> tuple:
    return normal(g, pick(g, 0, 1, 2, 7)), normal(g, pick(g, 1, 2, 5)), pick(g, 1, 2, 3, 6)


def _map_up(g: Generator) -> tuple:
    inner, outer, size = pick(g, 1, 2), pick(g, 1, 2, 3), pick(g, 1, 2, 4)
    x = normal(g, inner, pick(g, 0, 1, 3, 5), pick(g, 0, 1, 2, 6))
    return x, normal(g, inner, outer, size, size), pick(g, 1, 2, 3, 5)


def _mask_head(g: Generator) -> tuple:
    arguments = (pick(g, 1, 3), pick(g, 1, 4), pick(g, 2, 5))
    features = normal(g, pick(g, 0, 1, 3), arguments[0], pick(g, 1, 4, 7), pick(g, 1, 3, 14))
    return modules.module_inputs(library.MaskHead, arguments, g, features)


def _masks_to_cut(g: Generator) -> tuple:
    count, high, wide = pick(g, 1, 2, 5), pick(g, 1, 7, 30), pick(g, 1, 11, 20)
    rois = anywhere(g, scale=pick(g, 1, 30, 90))
    masks = (normal(g, count, high, wide) > 0).to(pick(g, torch.uint8, torch.float64))
    matched = torch.randint(count, (len(rois),), generator=g)
    return masks, rois, matched, pick(g, 28, 1, 4)


def _mask_loss(g: Generator) -> tuple:
    count, classes, side = pick(g, 0, 1, 2, 6), pick(g, 2, 3, 9), pick(g, 1, 2, 7)
    labels = 1 + torch.randint(classes - 1, (count,), generator=g)
    targets = pick(g, uniform(g, count, side, side), whole(g, count, side, side, high=1))
    return normal(g, count, classes, side, side) * pick(g, 0.3, 3, 60, 900), labels, targets


def _paste(g: Generator) -> tuple:
    """Boxes on tenths of a pixel with 0.03 to spare, so that no middle is on a border; masks of any numbers."""
    size = (pick(g, 0, 1, 9, 17), pick(g, 1, 4, 20))
    box = (whole(g, 1, 2, 2, low=-120, high=300) / 10 + 0.03).reshape(1, 2, 2)
    return uniform(g, pick(g, 1, 3, 28), pick(g, 1, 2, 28)), corners(box)[0], size


# --- lab 6 ---


def _keypoint_head(g: Generator) -> tuple:
    channels, hidden, keypoints = pick(g, 1, 3), pick(g, 1, 2, 5), pick(g, 1, 4, 17)
    features = normal(g, pick(g, 0, 1, 3), channels, pick(g, 1, 2, 5), pick(g, 1, 3, 4))
    return modules.module_inputs(library.KeypointHead, (channels, hidden, keypoints), g, features)


def _joints(g: Generator) -> tuple:
    """Keypoints and ROIs anywhere, or on a grid of half pixels where sides are powers of two and edges are common."""
    count, keypoints = pick(g, 0, 1, 4), pick(g, 1, 5, 17)
    v = whole(g, count, keypoints, 1, high=2)
    if pick(g, True, False):
        corner, sides = whole(g, count, 2, low=-4), 2.0 ** whole(g, count, 2, low=-1, high=3)
        place = whole(g, count, keypoints, 2, low=-12, high=30) / 2
    else:
        rois = solid(g, count)
        corner, sides = rois[:, :2], rois[:, 2:] - rois[:, :2]
        place = corner[:, None] + (uniform(g, count, keypoints, 2) * 1.6 - 0.3) * sides[:, None]
    return torch.cat([place, v], dim=2), torch.cat([corner, corner + sides], dim=1), pick(g, 1, 2, 7, 28, 56)


def _keypoint_loss(g: Generator) -> tuple:
    count, keypoints, size = pick(g, 0, 1, 3), pick(g, 1, 5), pick(g, 1, 2, 5, 8)
    maps = normal(g, count, keypoints, size, size) * pick(g, 0.3, 3, 300)
    index = torch.randint(size**2, (count, keypoints), generator=g)
    return maps, index, uniform(g, count, keypoints) < pick(g, 0, 0.1, 0.5, 1)


def _decoding(g: Generator) -> tuple:
    """Maps of two cells and more: what is enlarged from a single one is equal everywhere, but for rounding."""
    count = pick(g, 0, 1, 3)
    maps = normal(g, count, pick(g, 1, 4), pick(g, 2, 5, 9), pick(g, 2, 4, 14)) * pick(g, 0.1, 1, 30)
    corner = (uniform(g, count, 2) - 0.3) * 200
    return maps, torch.cat([corner, corner + uniform(g, count, 2) * pick(g, 0.9, 4, 30, 90)], dim=1)


def _ranked(g: Generator) -> tuple:
    """Predictions with many equal scores; objects whose number shares no factor with 100, or one of 1, 2 and 4.

    Else recalls such as 7/20 lie on one of the 101, and right answers may round them in two ways.
    """
    count = pick(g, 0, 1, 2, 5, 20, 60)
    matched = uniform(g, count) < pick(g, 0, 0.2, 0.6, 1)
    enough = [number for number in (0, 1, 2, 4, 7, 11, 23, 61, 101) if number >= int(matched.sum())]
    scores = pick(g, whole(g, count, low=-2, high=3), normal(g, count), uniform(g, count))
    return scores, matched, pick(g, *enough[:3])


def _photo(g: Generator) -> tuple:
    """A photo of whole pixels with few marks, often none; the first anchor is always inside."""
    marks, kinds = pick(g, 0, 1, 3), pick(g, 1, 3)
    numbers = torch.randperm(90, generator=g)[:kinds].tolist()
    corner, sides = whole(g, marks, 2, high=20), whole(g, marks, 2, low=1, high=12)
    coco = {
        "images": [{"id": 1, "file_name": "photo.jpg", "height": 32, "width": 48}],
        "annotations": [
            {"id": place, "image_id": 1, "category_id": pick(g, *numbers), "bbox": bbox}
            for place, bbox in enumerate(torch.cat((corner, sides), dim=1).tolist())
        ],
        "categories": [{"id": number, "name": str(number)} for number in numbers],
    }
    count, rois = pick(g, 1, 4, 30), pick(g, 1, 5, 20)
    first = whole(g, count + rois, 2, low=-3, high=24)
    first[0] = 4
    boxes = torch.cat((first, first + whole(g, count + rois, 2, low=1, high=12)), dim=1)
    seen = normal(g, count, 2), normal(g, count, 4), boxes[count:], normal(g, rois, kinds + 1)
    return coco, boxes[:count], *seen, normal(g, rois, 4 * (kinds + 1))


LEARNED = 2  # the first two arguments of a loss come from the network
LABELS = (label_counts, label_counts_unseeded, label_counts_elsewhere)
ROIS = (roi_facts, roi_facts_unseeded, roi_facts_elsewhere)
HEAD = (modules.outputs_and_inputs, modules.gradients, modules.outputs_elsewhere)
ROUNDING = (1e-9, 1e-5)  # a right answer may add or subtract a small number against 0 / 0


def _none(g: Generator) -> tuple:
    return ()


FUZZ: dict[str, Data] = {
    "yxyx_to_xyxy": Data(lambda g: (anywhere(g),)),
    "box_area": Data(lambda g: (anywhere(g),)),
    "box_iou": Data(lambda g: (anywhere(g), anywhere(g)), tolerance=ROUNDING, coarse=(1e-5, 1e-5)),
    "clip_boxes_to_image": Data(lambda g: (anywhere(g), _size(g))),
    "remove_small_boxes": Data(lambda g: (anywhere(g), pick(g, 0, 0.05, 1, 3.3, 40))),
    "anchor_shapes": Data(_shapes, (answer,), tolerance=(1e-5, 1e-5), coarse=(1e-5, 1e-5)),
    "grid_anchors": Data(_grid),
    "inside_image": Data(_inside),
    "label_anchors": Data(_table, rounds=1000),
    "sample_labels": Data(_labels, LABELS, once=((label_chances, _none),)),
    "encode_boxes": Data(_encoding, tolerance=(1e-8, 1e-5)),  # a right answer may add a small number against 0 / 0
    "decode_boxes": Data(_decoding, tolerance=(1e-6, 1e-3)),  # the limit may be a float32 number
    "RPNHead": Data(
        _rpn_head,
        HEAD,
        rounds=120,
        once=((modules.initial(0.01), lambda g: modules.module_inputs(library.RPNHead, (48, 200, 10), g)),),
    ),
    "rpn_loss": Data(_rpn_loss, (*PLAIN, gradients(LEARNED)), rounds=500),
    "nms": Data(_suppression, rounds=800),
    "make_proposals": Data(_proposals, rounds=800),
    "sample_rois": Data(_rois_to_sample, ROIS, rounds=500, once=((roi_chances, _none),)),
    "roi_pool": Data(lambda g: _pooled(g, exact=True), (*PLAIN, gradients(1))),
    "bilinear_sample": Data(_read, (*PLAIN, gradients(1))),
    "roi_align": Data(
        lambda g: (*_pooled(g, exact=False), pick(g, 1, 2, 3)), (*PLAIN, gradients(1)), coarse=(1e-2, 1e-2)
    ),
    "BoxHead": Data(
        _box_head,
        HEAD,
        rounds=120,
        once=((last_layers, lambda g: modules.module_inputs(library.BoxHead, (4, 250, 20), g)),),
    ),
    "detection_loss": Data(_detection_loss, (*PLAIN, gradients(LEARNED)), rounds=500),
    "postprocess_detections": Data(_detections, rounds=500),
    "FPN": Data(_pyramid, HEAD, rounds=120),
    "roi_level": Data(_rois_to_level),
    "upsample_1d": Data(_numbers_up, (*PLAIN, gradients(LEARNED))),
    "upsample_2d": Data(_map_up, (*PLAIN, gradients(LEARNED))),
    "MaskHead": Data(_mask_head, HEAD, rounds=120),
    "mask_targets": Data(_masks_to_cut),
    "mask_loss": Data(_mask_loss, (*PLAIN, gradients(1)), rounds=500),
    "paste_mask": Data(_paste),
    "KeypointHead": Data(
        _keypoint_head,
        HEAD,
        rounds=120,
        once=((begins, lambda g: modules.module_inputs(library.KeypointHead, (24, 24, 17), g)),),
    ),
    "keypoints_to_heatmap": Data(_joints, rounds=800),
    "keypoint_loss": Data(_keypoint_loss, (*PLAIN, gradients(1)), rounds=500),
    # a place may be computed in float32, and in float32 a neighbour may seem to be the hottest pixel
    "heatmaps_to_keypoints": Data(_decoding, tolerance=(1e-5, 1e-4), coarse=(1e-2, 1.5)),
    "average_precision": Data(_ranked, rounds=800, coarse=(1e-5, 1e-6)),
    "photo_losses": Data(_photo),
}
