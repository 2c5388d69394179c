"""What goes into lab 4's hidden cases, and how answers that are drawn at random or lead to gradients are compared.

Corners of ROIs keep a tenth of a cell away from where rounding turns, scores and overlaps keep away from thresholds: so
that every order of computing gives the same answer.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Generator, Tensor

from autograder.exercise import answer
from course import library

Run = Callable[[Callable, tuple], Any]
SEED = 0
DRAWS, LEAST, MOST = 60, 8, 52


def maps(generator: Generator, batch: int = 1, channels: int = 3, size: tuple[int, int] = (13, 21)) -> Tensor:
    """Random feature maps, of either sign."""
    return torch.randn(batch, channels, *size, generator=generator)


def rois(
    generator: Generator,
    count: int,
    scale: float,
    batch: int = 1,
    size: tuple[int, int] = (13, 21),
    beyond: float = 0.0,
    smallest: float = 0.5,
    largest: float = 1.0,
) -> Tensor:
    """ROIs ``(count, 5)`` of all images of a batch in turn, last one first, on maps of ``size`` cells.

    They reach up to ``beyond`` cells off the map; their sides are ``smallest`` cells or more, up to the share
    ``largest`` of the map's.
    """
    extent = torch.tensor([size[1], size[0]]) + 2 * beyond
    sides = smallest + torch.rand(count, 2, generator=generator) * (extent * largest - smallest)
    first = torch.rand(count, 2, generator=generator) * (extent - sides) - beyond
    corners = torch.cat([first, first + sides], dim=1)
    corners = corners.round() + (corners - corners.round()) * 0.8
    image = batch - 1 - torch.arange(count) % batch
    return torch.cat([image[:, None], corners / scale], dim=1)


def clear_rois(
    generator: Generator, count: int, scale: float, output_size: tuple[int, int], ratio: int = 2, **kwargs: Any
) -> Tensor:
    """ROIs none of whose sample points is within 0.001 cells of where a map ends for ``roi_align``."""
    size = kwargs.get("size", (13, 21))
    found = rois(generator, 8 * count, scale, **kwargs)
    clear = torch.ones(len(found), dtype=torch.bool)
    for axis in (0, 1):
        parts = output_size[1 - axis] * ratio
        begin, end = found[:, 1 + axis] * scale - 0.5, found[:, 3 + axis] * scale - 0.5
        points = begin[:, None] + (torch.arange(parts) + 0.5) * (end - begin)[:, None] / parts
        for edge in (-1, size[1 - axis]):
            clear &= ((points - edge).abs() > 1e-3).all(dim=1)
    found = found[clear][:count]
    found[:, 0] = kwargs.get("batch", 1) - 1 - torch.arange(len(found)) % kwargs.get("batch", 1)
    return found


def scene(generator: Generator, near: int, between: int, far: int) -> tuple[Tensor, Tensor, Tensor]:
    """Proposals, three true boxes and their classes 1 to 3.

    The IoU of a proposal with its true box is 0.7 or more for ``near`` ones, which are also up to an eighth larger or
    smaller, 0.25 to 0.38 for those ``between``, and 0 for ``far`` ones.
    """
    corner = torch.tensor([[20.0, 30.0], [220.0, 20.0], [420.0, 40.0]])
    truth = torch.cat([corner, corner + 60 + 60 * torch.rand(3, 2, generator=generator)], dim=1)
    owner = torch.randint(3, (near + between,), generator=generator)
    share, growth = torch.rand(2, near + between, 2, generator=generator)
    share = 0.08 * share
    share[near:, 0] = 0.45 + 1.875 * share[near:, 0]
    share[near:, 1] = 0
    growth = 0.12 * (2 * growth - 1)
    growth[near:] = 0
    sign = torch.randint(2, share.shape, generator=generator) * 2 - 1
    sides = truth[owner, 2:] - truth[owner, :2]
    moved = truth[owner] + torch.cat([sides * (share * sign - growth / 2), sides * (share * sign + growth / 2)], dim=1)
    place = torch.rand(far, 2, generator=generator) * torch.tensor([500.0, 200.0]) + torch.tensor([0.0, 200.0])
    away = torch.cat([place, place + 20 + 60 * torch.rand(far, 2, generator=generator)], dim=1)
    proposals = torch.cat([moved, away])[torch.randperm(near + between + far, generator=generator)]
    return proposals, truth, torch.randperm(3, generator=generator) + 1


def crossing_truth(generator: Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Proposals that two true boxes of different classes could claim, but one overlaps more; the boxes, their classes.

    The true boxes share two thirds of their width. A proposal lies a sixth of the way from one to the other, give or
    take a little: its IoU is about 0.9 with the nearer one and 0.57 with the other.
    """
    side = 60 + 60 * torch.rand(2, generator=generator)
    first = torch.tensor([100.0, 50.0])
    truth = torch.stack([first, first + torch.tensor([side[0] / 3, 0.0])])
    way = (1 / 6 + 0.02 * torch.rand(4, generator=generator)) * side[0] / 3
    corner = first + torch.stack([torch.stack([way[0], way[1], side[0] / 3 - way[2], side[0] / 3 - way[3]])] * 2, dim=1)
    corner[:, 1] = first[1]
    boxes = torch.cat([truth, corner])
    boxes = torch.cat([boxes, boxes + side], dim=1)
    return boxes[2:], boxes[:2], torch.randperm(2, generator=generator) + 1


def each(run: Run = answer) -> Run:
    """A run for several tuples of arguments in turn, so that one case can ask more than one question."""

    def ask(function: Callable, args: tuple) -> Any:
        return tuple(run(function, one) for one in args)

    return ask


def sampled(run: Run = answer) -> Run:
    """A run that tells what is sure about a random sample: how many, from where, with which labels and targets."""

    def tell(function: Callable, args: tuple) -> Any:
        came = run(partial(function, generator=torch.Generator().manual_seed(SEED)), args)
        (sample, *rest) = came if run is not answer and isinstance(came[0], tuple | list) else (came,)
        return (*_facts(sample, args), *rest)

    return tell


def _facts(came: Any, args: tuple) -> tuple:
    """Numbers (ROIs, objects, background), yes/no facts, and empty tensors for dtype and device.

    Among the facts: whether the deltas are right, right but for the weights, right but for the direction.
    """
    proposals, truth, classes, *options = args
    threshold = options[2] if options else 0.5
    rois, labels, targets = came
    if not rois.shape == targets.shape == (len(labels), 4):
        return tuple(came)
    objects = labels > 0
    numbers = torch.tensor([len(rois), int(objects.sum()), int((labels == 0).sum())])
    candidates = {tuple(box) for box in torch.cat([proposals, truth]).tolist()}
    boxes = [tuple(box) for box in rois.tolist()]
    wanted, kinds = torch.zeros_like(labels), [torch.zeros_like(targets)] * 3
    if len(truth) and len(rois):
        best, owner = library.box_iou(rois, truth.to(rois)).max(dim=1)
        wanted = torch.where(best >= threshold, classes[owner], 0).to(labels.dtype)
        own, weights = truth.to(rois)[owner], (10.0, 10.0, 5.0, 5.0)
        kinds = [
            library.encode_boxes(own, rois, weights),
            library.encode_boxes(own, rois, (1.0, 1.0, 1.0, 1.0)),
            library.encode_boxes(rois, own, weights),
        ]
    close = 1e-4 if targets.dtype == torch.float32 else 1e-9
    both = objects & (wanted > 0)
    facts = [
        set(boxes) <= candidates,
        len(set(boxes)) == len(boxes),
        bool((labels == wanted).all()),
        *(torch.allclose(targets[both], kind[both].to(targets), rtol=close, atol=close) for kind in kinds),
        bool(targets.isfinite().all()),
    ]
    return numbers, torch.tensor(facts), rois[:0], labels[:0], targets[:0]


def drawn_evenly(function: Callable, args: tuple) -> Tensor:
    """Whether each of 12 objects and 12 others comes about as often as it should when 6 of each are drawn, 60 times.

    The count of one is binomial, 60 draws with probability 1/2: mean 30, standard deviation 3.9. Below 8 or above 52
    it is with probability 7.7e-10 (exact tails), and any of the 24 with 1.9e-8.
    """
    candidates = {tuple(box): 0 for box in torch.cat(args[:2]).tolist()}
    generator = torch.Generator().manual_seed(SEED)
    for _ in range(DRAWS):
        rois, *_ = function(*args, generator)
        for box in rois.tolist():
            candidates[tuple(box)] += 1
    return torch.tensor(all(LEAST <= count <= MOST for count in candidates.values()))


def gradient(function: Callable, args: tuple) -> Any:
    """The gradient, by the first argument, of a fixed mixture of all values of the answer."""
    features, *rest = args
    leaf = features.clone().requires_grad_()
    value = function(leaf, *rest)
    weights = torch.arange(value.numel()).to(value).cos().reshape(value.shape)
    (value * weights).sum().backward()
    return leaf.grad


def losses_and_gradients(function: Callable, args: tuple) -> Any:
    """Both losses, and the gradients of their weighted sum by logits and deltas."""
    logits, deltas, *rest = args
    leaves = [logits.clone().requires_grad_(), deltas.clone().requires_grad_()]
    cls_loss, loc_loss = function(*leaves, *rest)
    return (cls_loss, loc_loss, *torch.autograd.grad(cls_loss + 3 * loc_loss, leaves, materialize_grads=True))


def losses(generator: Generator, count: int, classes: int = 4, background: float = 0.5) -> tuple:
    """Logits, deltas, labels and targets, with a share of background, whose targets are nonsense.

    Deltas miss their targets by up to 0.3, so that both pieces of the smooth L1 loss count.
    """
    logits = torch.randn(count, classes, generator=generator) * 2
    deltas = torch.randn(count, 4 * classes, generator=generator)
    labels = torch.randint(1, classes, (count,), generator=generator)
    own = deltas.unflatten(1, (-1, 4))[torch.arange(count), labels]
    targets = own + (torch.rand(own.shape, generator=generator) - 0.5) * 0.6
    labels[: round(count * background)] = 0
    targets[labels == 0] = 100.0
    return logits, deltas, labels, targets


def detections(
    generator: Generator,
    count: int,
    classes: int = 4,
    size: tuple[int, int] = (120, 200),
    score_threshold: float = 0.05,
    nms_threshold: float = 0.5,
    max_detections: int = 100,
    beyond: float = 10.0,
) -> tuple:
    """Logits, deltas, ROIs in bundles of about four, and settings; drawn anew until no decision is close."""
    while True:
        bundle = torch.rand(count // 4 + 1, 2, generator=generator) * torch.tensor([150.0, 80.0]) - beyond
        corner = bundle.repeat(4, 1)[:count] + 8 * torch.rand(count, 2, generator=generator)
        rois = torch.cat([corner, corner + 30 + 40 * torch.rand(count, 2, generator=generator)], dim=1)
        logits = 2 * torch.randn(count, classes, generator=generator)
        deltas = torch.randn(count, 4 * classes, generator=generator) * 0.8
        settings = (size, score_threshold, nms_threshold, max_detections)
        if _clear(logits, deltas, rois, *settings):
            return (logits, deltas, rois, *settings)


def plenty(generator: Generator) -> tuple:
    """More detections than stay by default: 120 places far apart, and a second box at every fourth. No options.

    The IoU of two boxes at one place is 0.6 or more; probabilities are in equal steps, none within 1e-3 of 0.05.
    """
    place = torch.cartesian_prod(torch.arange(12), torch.arange(10)) * 40.0
    corner = torch.cat([place, place[::4]])
    corner = corner + torch.rand(corner.shape, generator=generator)
    rois = torch.cat([corner, corner + 20 + torch.rand(corner.shape, generator=generator)], dim=1)
    likely = torch.linspace(0.055, 0.95, len(rois))[torch.randperm(len(rois), generator=generator)]
    logits = torch.stack([torch.zeros_like(likely), likely.logit()], dim=1)
    return logits, 0.05 * torch.randn(len(rois), 8, generator=generator), rois, (390, 470)


def crowded(generator: Generator, most: int = 5) -> tuple:
    """As :func:`detections`, with a limit of ``most``; the likeliest four answers are nearly one box, of one class.

    So it matters whether the limit comes before or after NMS.
    """
    while True:
        logits, deltas, rois, size, low, high, _ = detections(generator, 16)
        rois[:4], deltas[:4] = rois[0] + torch.rand(4, 4, generator=generator), 0.0
        logits[:4] -= 4
        logits[:4, 1] = 5 + 0.5 * torch.randperm(4, generator=generator)
        if _clear(logits, deltas, rois, size, low, high, most) and _distinct(logits, most, low):
            return logits, deltas, rois, size, low, high, most


def _distinct(logits: Tensor, most: int, low: float) -> bool:
    """Whether the four made-up answers lead, and at least ``most`` others could fill the places that NMS leaves."""
    scores = logits.softmax(dim=1)[:, 1:]
    return bool(scores[4:].max() < scores[:4, 0].min()) and int((scores[4:] > low).sum()) > 2 * most


def _clear(
    logits: Tensor, deltas: Tensor, rois: Tensor, size: tuple[int, int], low: float, high: float, _: int
) -> bool:
    scores = logits.softmax(dim=1)[:, 1:]
    ranked = scores.flatten().sort().values
    if ((scores - low).abs() < 1e-4).any() or (ranked.diff() < 1e-7).any():
        return False
    for label in range(1, logits.shape[1]):
        boxes = library.decode_boxes(deltas[:, 4 * label : 4 * label + 4], rois, (10.0, 10.0, 5.0, 5.0))
        boxes = library.clip_boxes_to_image(boxes, size)
        sides = boxes[:, 2:] - boxes[:, :2]
        iou = library.box_iou(boxes, boxes)
        if ((sides > 0) & (sides < 0.1)).any() or ((iou - high).abs() < 1e-3).any():
            return False
    return True
