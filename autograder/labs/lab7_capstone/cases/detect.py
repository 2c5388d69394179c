"""Hidden cases of lab 7's trained detector: AP50 on building sites that nobody has seen.

Their seeds are drawn from so many that no list of scenes helps. The student's function gets pictures alone; the truth
stays here, and so does the measuring. All cases of a kind share one prediction.
"""

from collections.abc import Callable

import torch
from torch import Generator, Tensor

from autograder.grader.exercise import Case, Exercise, answer
from autograder.labs.lab7_capstone.hints import BLACK, CORE, EMPTY, KEPT, STAGES, TRAIN
from course import checks
from course.labs.lab7_capstone.checks import detect as look
from solutions.lab7_capstone import capstone as reference

SCENES = 32
SQUARE, WIDE = (128, 128), (96, 160)
SEEDS = 2**60
REACHED = torch.tensor(0)
SAID = look.numbered((*look.MISTAKES, look.FORM[0]))


def drawn(generator: Generator, count: int, size: tuple[int, int]) -> tuple[tuple[int, ...], tuple[int, int]]:
    """Seeds of scenes, and their size."""
    return tuple(torch.randint(SEEDS, (count,), generator=generator).tolist()), size


def at_least(ap50: float, weight: float) -> Case:
    """The case that AP50 reaches a number."""

    def run(function: look.Detect, args: tuple) -> Tensor:
        if look.form(function, args) == 1:
            return SAID[look.FORM[0]]
        if look.ap50(look.found(function, *args), look.sites(*args)[1]) >= ap50:
            return REACHED
        seen = look.mistake(function, args)
        return torch.where(seen > 0, seen, -1)

    return Case(
        f"AP50 of at least {ap50:g} on {SCENES} new building sites",
        lambda g: drawn(g, SCENES, SQUARE),
        TRAIN.format(ap50),
        weight,
        run,
        core=ap50 == CORE,
        expected=REACHED,
        misreadings=SAID,
    )


def of_the_form(title: str, inputs: Callable[[Generator], tuple], weight: float) -> Case:
    """The case that answers have the form of answers."""
    return Case(
        title,
        inputs,
        look.FORM[0],
        weight,
        look.form,
        expected=REACHED,
        misreadings=look.numbered(look.FORM),
    )


def wide(function: look.Detect, args: tuple) -> Tensor:
    """Whether the ordinary AP50 is reached in pictures of another shape."""
    return torch.tensor(look.ap50(look.found(function, *args), look.sites(*args)[1]) >= CORE)


def black(function: look.Detect, args: tuple) -> Tensor:
    """Whether a black picture has an answer."""
    return torch.tensor(len(function([torch.zeros(3, *args[0])])))


def unchanged(function: look.Detect, args: tuple) -> Tensor:
    """Whether pictures are afterwards as they were."""
    pictures = [picture.clone() for picture in look.sites(*args)[0]]
    function(pictures)
    return torch.tensor(all(map(torch.equal, pictures, look.sites(*args)[0])))


DETECT = Exercise(
    checks.detect,
    reference.detect,
    (
        *(at_least(ap50, weight) for ap50, weight in STAGES.items()),
        of_the_form("the form of the answers", lambda g: drawn(g, SCENES, SQUARE), 0.5),
        of_the_form("the form of the answers to wide pictures", lambda g: drawn(g, 6, WIDE), 0.25),
        Case(
            f"AP50 of at least {CORE:g} on wide pictures too",
            lambda g: drawn(g, 6, WIDE),
            "Wide pictures go wrong where square ones go right: does one of your parts mix up height and width?",
            0.25,
            wide,
            expected=torch.tensor(True),
        ),
        Case(
            "the pictures are left as they were",
            lambda g: drawn(g, 1, SQUARE),
            KEPT,
            0.25,
            unchanged,
            expected=torch.tensor(True),
        ),
        Case("a black picture", lambda g: (SQUARE,), BLACK, 0.25, black, expected=torch.tensor(1), any_hint=True),
        Case("no pictures", lambda g: ([],), EMPTY, 0.25, answer, expected=[], any_hint=True),
    ),
    misconceptions=list,  # no suspects to compare with: mistakes are recognised by what undoing them brings
    patience=3.0,
    operators=True,
)
