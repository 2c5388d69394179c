"""Visible check of lab 7's trained detector: the form of its answers, and mistakes that would cost it its points.

How good it is, its AP50, the notebook shows and the hidden cases judge.
"""

import functools
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torchvision.ops import batched_nms

from course.checking.check import Check
from course.checking.example import Example
from course.scenes import CLASSES, scene

Answer = dict[str, Tensor]
Detect = Callable[[list[Tensor]], Any]  # a student's function may give anything

BATCH = 8  # pictures in one call: each has its own limit of time
CLEARLY = 0.1  # by so much more AP50 a mistake is recognised, once it is undone
SOME = 0.2  # AP50 below which nothing can be said
SURE = 0.3  # a score that the least sure of many boxes never has, unless somebody has left out the rest

# The form of an answer, in the order in which it is looked at.
FORM = (
    "Give a list with one dictionary for each picture, with boxes (D, 4) float32, labels (D,) int64 and scores (D,) "
    "float32: just what the detector gives in evaluation mode.",
    "Labels are numbers of classes, from 1 up; 0 is the background, which nobody wants to see.",
    "Scores are probabilities, from 0 to 1: after the softmax, not before.",
    "Best first: sort the scores of each picture from high to low, and boxes and labels along with them.",
    "Boxes are (x1, y1, x2, y2) in pixels, x1 < x2 and y1 < y2, inside the picture.",
)
UNIFORM = "All your scores are equal: pass on those of the detector, or nobody can tell a sure box from a guess."
SURE_ONES = (
    "You hand in sure boxes only. Average precision goes through all of them, best first: a doubtful one at the end "
    "costs nothing, a missing one costs an object. Leave the score threshold at 0.05."
)


def _resized(answer: Answer, size: tuple[int, int]) -> Answer:
    tall, wide = size
    return {**answer, "boxes": answer["boxes"] * torch.tensor([wide, tall, wide, tall])}


def _turned(answer: Answer, size: tuple[int, int]) -> Answer:
    return {**answer, "boxes": answer["boxes"][:, [1, 0, 3, 2]]}


def _cornered(answer: Answer, size: tuple[int, int]) -> Answer:
    first, sides = answer["boxes"].split(2, dim=1)
    return {**answer, "boxes": torch.cat((first, first + sides), dim=1)}


def _higher(answer: Answer, size: tuple[int, int]) -> Answer:
    return {**answer, "labels": answer["labels"] + 1}


def _lower(answer: Answer, size: tuple[int, int]) -> Answer:
    return {**answer, "labels": answer["labels"] - 1}


def _doubtful(answer: Answer, size: tuple[int, int]) -> Answer:
    return {**answer, "scores": 1 - answer["scores"]}


def _thinned(answer: Answer, size: tuple[int, int]) -> Answer:
    keep = batched_nms(answer["boxes"], answer["scores"], answer["labels"], 0.5)
    return {key: value[keep] for key, value in answer.items()}


# Mistakes, each with the way to undo it: where that helps clearly, it was this one.
UNDOING: dict[str, Callable[[Answer, tuple[int, int]], Answer]] = {
    "Your boxes are shares of the picture's sides, from 0 to 1: they should be pixels.": _resized,
    "x and y have changed places: a box is (x1, y1, x2, y2).": _turned,
    "Your boxes are (x, y, width, height): they should be corners, (x1, y1, x2, y2).": _cornered,
    "Your labels are one too low: 0 is the background, and the first class is 1.": _higher,
    "Your labels are one too high: the detector's labels are right as they are.": _lower,
    "Your scores are the wrong way round: high means sure.": _doubtful,
    "Many objects are found again and again: let NMS take all but the best box of each.": _thinned,
}
MISTAKES = (UNIFORM, *UNDOING, SURE_ONES)


def form(function: Detect, args: tuple[tuple[int, ...], tuple[int, int]]) -> Tensor:
    """Which rule of :data:`FORM` the answers break first, counted from 1; 0 where they keep all of them.

    ``args`` are the seeds of the scenes and their (height, width).
    """
    answers = found(function, *args)
    tall, wide = args[1]
    if not isinstance(answers, list) or len(answers) != len(args[0]) or not all(map(_has_form, answers)):
        return torch.tensor(1)
    broken = torch.zeros(len(FORM), dtype=torch.bool)
    for answer in answers:
        boxes, labels, scores = answer["boxes"], answer["labels"], answer["scores"]
        inside = (boxes >= -0.01) & (boxes <= torch.tensor([wide, tall, wide, tall]) + 0.01)  # [D, 4]
        broken |= torch.stack(
            (
                torch.tensor(False),
                ((labels < 1) | (labels >= len(CLASSES))).any(),
                ((scores < 0) | (scores > 1) | scores.isnan()).any(),
                (scores.diff() > 0).any(),
                (~inside).any() | (boxes[:, 2:] <= boxes[:, :2]).any(),
            )
        )
    return torch.where(broken.any(), broken.int().argmax() + 1, 0)


def mistake(function: Detect, args: tuple[tuple[int, ...], tuple[int, int]]) -> Tensor:
    """Which of :data:`MISTAKES` the answers show, counted from 1; 0 where there is none to be seen."""
    return torch.tensor(_mistake(function, *args))


def ap50(answers: list[Answer], targets: list[dict[str, Any]]) -> float:
    """The mean over the classes of COCO's average precision at an IoU of 0.5."""
    from course import metrics  # pycocotools takes a while to import, and few checks need it
    from course.library import average_precision

    each = [average_precision(*matched) for matched in metrics.matched(answers, targets).values()]
    return float(torch.stack(each).mean())


def sites(seeds: tuple[int, ...], size: tuple[int, int]) -> tuple[list[Tensor], list[dict[str, Any]]]:
    """Pictures of building sites, and the truth about them."""
    pictures, targets = zip(*(_site(seed, size) for seed in seeds), strict=True)
    return list(pictures), list(targets)


@functools.lru_cache(maxsize=4)
def found(function: Detect, seeds: tuple[int, ...], size: tuple[int, int]) -> Any:
    """What a function finds in these scenes, asked for once; if it does not give a list, that answer itself."""
    answers: list[Answer] = []
    for start in range(0, len(seeds), BATCH):
        pictures, _ = sites(seeds[start : start + BATCH], size)
        came = function([picture.clone() for picture in pictures])
        if not isinstance(came, list):
            return came
        answers += came
    return answers


_site = functools.lru_cache(maxsize=64)(scene)


@functools.lru_cache(maxsize=4)
def _mistake(function: Detect, seeds: tuple[int, ...], size: tuple[int, int]) -> int:
    answers, targets = found(function, seeds, size), sites(seeds, size)[1]
    scores = torch.cat([answer["scores"] for answer in answers])
    if len(scores) >= len(seeds) and scores.unique().numel() == 1:
        return 1
    least = max(ap50(answers, targets) + CLEARLY, SOME)
    undone = [ap50([undo(answer, size) for answer in answers], targets) for undo in UNDOING.values()]
    if max(undone) >= least:
        return 2 + undone.index(max(undone))
    return len(MISTAKES) if len(scores) and scores.min() > SURE else 0


def _has_form(answer: Any) -> bool:
    if not isinstance(answer, dict) or any(not isinstance(answer.get(key), Tensor) for key in WANTED):
        return False
    count = len(answer["labels"]) if answer["labels"].dim() else -1
    return all(
        answer[key].dtype == dtype and answer[key].shape == (count, *shape) for key, (dtype, shape) in WANTED.items()
    )


WANTED: dict[str, tuple[torch.dtype, tuple[int, ...]]] = {
    "boxes": (torch.float32, (4,)),
    "labels": (torch.int64, ()),
    "scores": (torch.float32, ()),
}


def numbered(explanations: tuple[str, ...]) -> dict[str, Tensor]:
    """Explanations with the numbers that :func:`form` and :func:`mistake` give them."""
    return {explanation: torch.tensor(number) for number, explanation in enumerate(explanations, start=1)}


detect = Check(
    "detect",
    (
        Example(
            "no pictures: an empty list",
            {"images": []},
            [],
            "For no pictures give an empty list: nothing is found in nothing.",
        ),
        Example(
            "the form of what is found on two wide building sites (0: right)",
            {"scenes": (3_000_000, 3_000_001), "size": (96, 160)},
            torch.tensor(0),
            FORM[0],
            numbered(FORM),
            run=form,
        ),
        Example(
            "eight building sites, and a known mistake (0: none)",
            {"scenes": tuple(range(2_000_000, 2_000_008)), "size": (128, 128)},
            torch.tensor(0),
            FORM[0],
            numbered(MISTAKES),
            run=mistake,
        ),
    ),
    ready_made=("course.zoo.*",),
)
