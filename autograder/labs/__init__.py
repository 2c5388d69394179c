"""All exercises and answers, found by scanning: each lab is one folder here.

In a lab's folder, modules (or packages of modules) ``cases`` define exercises, ``right`` and ``wrong`` mark answers,
and ``students`` holds the demo's class of that lab.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType

from autograder.grader.answers import Answer, Submission
from autograder.grader.exercise import Exercise
from autograder.grader.graded_cells import lab_number

HERE = Path(__file__).parent


def _modules(lab: str, room: str) -> Iterator[ModuleType]:
    """The modules of one room of a lab: the module of that name, or those of the package, in order."""
    if not any(module.name == room for module in iter_modules([str(HERE / lab)])):
        return
    module = import_module(f"{__name__}.{lab}.{room}")
    yield module
    for part in iter_modules(getattr(module, "__path__", [])):
        yield import_module(f"{module.__name__}.{part.name}")


@cache
def answers(lab: str) -> tuple[Answer, ...]:
    """All answers of a lab: the right ones, then the wrong ones, each in the order of its module."""
    modules = (module for room in ("right", "wrong") for module in _modules(lab, room))
    return tuple(answer for module in modules for value in vars(module).values() for answer in _answers_in(value))


def _answers_in(value: object) -> tuple[Answer, ...]:
    """The answers that a module's value holds: a marked function's one, or all of a tuple of variants."""
    if isinstance(value, tuple):
        return tuple(part for part in value if isinstance(part, Answer))
    return (value.answer,) if hasattr(value, "answer") else ()


def students(lab: str) -> tuple[Submission, ...]:
    """The made-up class of a lab; nobody, where a lab has none."""
    return next((module.STUDENTS for module in _modules(lab, "students")), ())


@cache
def _misconceptions(lab: str, exercise: str) -> list[tuple[str, Callable]]:
    """The wrong answers to an exercise as pairs (hint, function)."""
    return [(a.hint, a.function()) for a in answers(lab) if a.exercise == exercise and a.hint]


def _exercises(lab: str) -> tuple[Exercise, ...]:
    """A lab's exercises in the order of its notebooks, with what its wrong answers tell of misconceptions."""
    found = [value for module in _modules(lab, "cases") for value in vars(module).values()]
    exercises = sorted((value for value in found if isinstance(value, Exercise)), key=lambda exercise: exercise.place)
    return tuple(
        exercise
        if exercise.misconceptions is not None
        else replace(exercise, misconceptions=partial(_misconceptions, lab, exercise.name))
        for exercise in exercises
    )


_NAMES = sorted((folder.name for folder in iter_modules([str(HERE)]) if folder.ispkg), key=lab_number)
LABS: dict[str, tuple[Exercise, ...]] = {lab: _exercises(lab) for lab in _NAMES}
EXERCISES: dict[str, Exercise] = {exercise.name: exercise for lab in LABS.values() for exercise in lab}
