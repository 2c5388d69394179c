"""Visible checks of lab 7: precision and recall that students can count on their fingers."""

import math

import torch
from torch import Tensor

from course.checking.check import Check
from course.checking.example import Example

SORTED = "The predictions come in any order: sort them by score, the best first, and matched along with them."
WORST_FIRST = "You go from the worst to the best: argsort sorts upwards unless you say descending=True."
ENVELOPE = (
    "The envelope is missing: where precision rises again further right, count that higher value, the best precision "
    "at this recall or more."
)
ELEVEN = "Your mean is over the eleven recalls 0, 0.1, …, 1 of the older PASCAL VOC. COCO takes 101: 0, 0.01, …, 1."
AREA = (
    "You measure the area under the curve, step by step. COCO reads the envelope at 101 recalls and takes their mean."
)
AT_HITS = (
    "You take precision at each right prediction, as one ranks web pages. COCO reads the envelope at 101 recalls: "
    "0, 0.01, …, 1."
)
ALL_PREDICTIONS = "You take the mean precision over the predictions: it is over 101 recalls, 0, 0.01, …, 1."
NEVER_REACHED = (
    "A recall that is never reached has precision 0, and counts: always divide by 101. Recall is found ÷ num_gt, and "
    "num_gt counts the objects that were never found, too."
)
LEFT = (
    "A recall that is reached exactly counts as reached: take the first place where recall ≥ r, not > r "
    "(torch.searchsorted as it is, without right=True)."
)
TIES = "Of equal scores, the one that comes first in the list goes first: argsort(descending=True, stable=True)."
NOTHING_FOUND = "No predictions: every recall is out of reach, the answer is 0."
NO_OBJECTS = "If there is nothing to find, average precision does not exist: give NaN, so that a mean can leave it out."


def _numbers(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float32)


def _truth(marks: str) -> Tensor:
    """``"+-+"`` as truth values."""
    return torch.tensor([mark == "+" for mark in marks], dtype=torch.bool)


average_precision = Check(
    "average_precision",
    (
        Example(
            "five predictions, best first, three objects",
            {"scores": _numbers(0.9, 0.8, 0.7, 0.6, 0.5), "matched": _truth("+--++"), "num_gt": 3},
            torch.tensor((34 * 1 + 67 * 0.6) / 101),
            "Precision 1, 1/2, 1/3, 2/4, 3/5; envelope 1, 0.6, 0.6, 0.6, 0.6. Recall reaches 1/3 at once, which serves "
            "34 of the 101 recalls: 0, …, 0.33. The other 67 get 0.6.",
            {
                ENVELOPE: torch.tensor((34 * 1 + 33 * 0.5 + 34 * 0.6) / 101),
                ELEVEN: torch.tensor((4 * 1 + 7 * 0.6) / 11),
                AREA: torch.tensor((1 + 2 * 0.6) / 3),
                AT_HITS: torch.tensor((1 + 0.5 + 0.6) / 3),
                ALL_PREDICTIONS: torch.tensor((1 + 1 / 2 + 1 / 3 + 2 / 4 + 3 / 5) / 5),
            },
        ),
        Example(
            "three predictions in no order, two objects",
            {"scores": _numbers(0.5, 0.9, 0.7), "matched": _truth("+-+"), "num_gt": 2},
            torch.tensor(2 / 3),
            "Best first they are wrong, right, right: precision 0, 1/2, 2/3, and the envelope is 2/3 everywhere.",
            {SORTED: torch.tensor((51 * 1 + 50 * 2 / 3) / 101), WORST_FIRST: torch.tensor(1.0)},
        ),
        Example(
            "four objects, of which two are found",
            {"scores": _numbers(0.9, 0.8), "matched": _truth("++"), "num_gt": 4},
            torch.tensor(51 / 101),
            "Precision is 1 up to recall 0.5, that is 51 of the 101 recalls, and 0 beyond.",
            {NEVER_REACHED: torch.tensor(1.0), LEFT: torch.tensor(50 / 101)},
        ),
        Example(
            "three equal scores, one object",
            {"scores": _numbers(0.5, 0.5, 0.5), "matched": _truth("+--"), "num_gt": 1},
            torch.tensor(1.0),
            TIES,
        ),
        Example(
            "no predictions, two objects",
            {"scores": _numbers(), "matched": _truth(""), "num_gt": 2},
            torch.tensor(0.0),
            NOTHING_FOUND,
        ),
        Example(
            "one prediction, no objects",
            {"scores": _numbers(0.9), "matched": _truth("-"), "num_gt": 0},
            torch.tensor(math.nan),
            NO_OBJECTS,
        ),
    ),
    ready_made=("pycocotools.cocoeval.*", "course.metrics.*"),
)
