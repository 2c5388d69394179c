"""Lab 4's special inputs, and how answers that are drawn at random or lead to gradients are compared."""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Generator, Tensor

from autograder.grader.exercise import answer
from autograder.grader.module_cases import gradients_of
from course import library
from course.labs.lab4_roi_heads.samples import detections, undisputed

Run = Callable[[Callable, tuple], Any]
SEED = 0
DRAWS, LEAST, MOST, REPEATS = 60, 6, 54, 14
PARTS = 16


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
    return boxes[2:], boxes[:2], 3 + 4 * torch.randperm(2, generator=generator)


def off_the_map(found: Tensor) -> Tensor:
    """ROIs for a scale of ½, moved off the map in turn to the right, the left, below and above."""
    away = torch.tensor([[80.0, 0.0], [-80.0, 0.0], [0.0, 60.0], [0.0, -60.0]]).repeat(1, 2)
    return torch.cat([found[:, :1], found[:, 1:] + away[torch.arange(len(found)) % 4]], dim=1)


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
    """Whether each of 12 objects and 12 others comes about as often as it should when 6 of each are drawn, 60 times,
    and whether the six objects are others nearly each time.

    The count of one is binomial, 60 draws with probability 1/2: mean 30, standard deviation 3.9. Below 6 or above 54
    it is with probability 1.0e-11 (exact tails), and any of the 24 with 2.5e-10. Of the C(12, 6) = 924 sets of objects
    fewer than two come again in 60 draws, and more than 14 do with probability 2.4e-11 (exact). An answer that draws
    neighbours in a list, from a random one on, has twelve sets.
    """
    candidates = {tuple(box): 0 for box in torch.cat(args[:2]).tolist()}
    generator = torch.Generator().manual_seed(SEED)
    sets = set()
    for _ in range(DRAWS):
        rois, labels, *_ = function(*args, generator)
        boxes = [tuple(box) for box in rois.tolist()]
        sets.add(frozenset(box for box, label in zip(boxes, labels.tolist(), strict=True) if label))
        for box in boxes:
            candidates[box] += 1
    evenly = all(LEAST <= count <= MOST for count in candidates.values())
    return torch.tensor(
        [evenly, not evenly or len(sets) >= DRAWS - REPEATS]
    )  # of fewer candidates there are fewer sets


def from_everywhere(function: Callable, args: tuple) -> Tensor:
    """Whether 128 of 2,000 objects and 128 of 4,000 others, drawn three times, come from each sixteenth of the list.

    One sixteenth of the objects is left out with probability (C(1875, 128) / C(2000, 128))³ = 7.4e-12, any of the 16
    with at most 1.2e-10; of the others, 1.5e-10.
    """
    place = {tuple(box): number for number, box in enumerate(args[0].tolist())}
    kinds = library.box_iou(args[0], args[1]).amax(dim=1) >= 0.5
    rank = torch.where(kinds, kinds.cumsum(0), (~kinds).cumsum(0)) - 1  # of its kind, in the order of the list
    size = torch.where(kinds, kinds.sum(), (~kinds).sum())
    part = (rank * PARTS // size + PARTS * ~kinds).tolist()
    generator = torch.Generator().manual_seed(SEED)
    seen = torch.zeros(2 * PARTS, dtype=torch.bool)
    for _ in range(3):
        rois, *_ = function(*args, generator)
        for box in rois.tolist():
            if tuple(box) in place:  # else a true box
                seen[part[place[tuple(box)]]] = True
    return seen.unflatten(0, (2, PARTS)).all(dim=1)


def by_default(function: Callable, args: tuple) -> Any:
    """What is sure about a sample with all options left out, and whether torch's own random numbers steer it.

    The second call gives another sample, and the first one's seed gives the first one again. Two samples of 32 of more
    than 60 objects are equal by chance with a probability below 1e-17.
    """

    def sample(seed: int | None) -> tuple:
        if seed is not None:
            torch.default_generator.manual_seed(seed)
        return tuple(function(*args))

    with torch.random.fork_rng(devices=[]):
        first, second, again = sample(5), sample(None), sample(5)
    rois = [sorted(some[0].tolist()) for some in (first, second, again)]
    return (*_facts(first, args), torch.tensor([rois[1] != rois[0], rois[2] == rois[0]]))


def gradient(function: Callable, args: tuple) -> Any:
    """The gradient, by the first argument, of a fixed mixture of all values of the answer."""
    features, *rest = args
    leaf = features.clone().requires_grad_()
    value = function(leaf, *rest)
    weights = torch.arange(value.numel()).to(value).cos().reshape(value.shape)
    (value * weights).sum().backward()
    return leaf.grad


def losses_and_gradients(function: Callable, args: tuple) -> Any:
    """Both losses, the gradients of their weighted sum by logits and deltas, and whether each loss has a gradient."""
    logits, deltas, *rest = args
    leaves = [logits.clone().requires_grad_(), deltas.clone().requires_grad_()]
    losses = function(*leaves, *rest)
    if not (isinstance(losses, tuple | list) and len(losses) == 2 and all(isinstance(loss, Tensor) for loss in losses)):
        return losses
    total = losses[0] + 3 * losses[1]
    return (*losses, *gradients_of(total, leaves), torch.tensor([loss.requires_grad for loss in losses]))


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
        if undisputed(logits, deltas, rois, size, low, high, most) and _distinct(logits, most, low):
            return logits, deltas, rois, size, low, high, most


def _distinct(logits: Tensor, most: int, low: float) -> bool:
    """Whether the four made-up answers lead, and at least ``most`` others could fill the places that NMS leaves."""
    scores = logits.softmax(dim=1)[:, 1:]
    return bool(scores[4:].max() < scores[:4, 0].min()) and int((scores[4:] > low).sum()) > 2 * most
