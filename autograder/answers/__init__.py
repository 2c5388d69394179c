"""Right and wrong answers as students write them: the graders' tests, the diagnosis of mistakes, and the demo's class.

One package a lab, with ``right`` and ``wrong`` answers and ``STUDENTS``, the class. Each answer is a function named
``exercise__answer``: ``@right``, or ``@wrong(hint)`` with the hint that this misconception must get. What counts is its
source text under the exercise's name, as a student would hand it in. An answer to a module is a class.
"""

import inspect
import linecache
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from types import SimpleNamespace


@dataclass(frozen=True)
class Answer:
    """One answer to one exercise: its text as a notebook cell; ``hint`` is ``""`` for a right one."""

    exercise: str
    name: str
    text: str
    hint: str = ""

    def function(self, names: dict | None = None) -> Callable:
        """Run the text as a cell beside ``torch``, ``Tensor`` and ``names``; give the function that it defines."""
        return define(self.text, self.exercise, f"<answer {self.exercise}: {self.name}>", names)


@dataclass(frozen=True)
class Submission:
    """A made-up student's hand-in.

    Attributes:
        student: who.
        answers: which answer, by name, to which exercise.
        written: cells that are nobody else's answer, by exercise; what is in neither stays unwritten.
        extra_cells: cells that the student added.
    """

    student: str
    answers: dict[str, str]
    written: dict[str, str] = field(default_factory=dict)
    extra_cells: tuple[str, ...] = ()


def define(text: str, name: str, filename: str, names: dict | None = None) -> Callable:
    """Run a cell's text in a namespace like that of a notebook after its imports; give what it calls ``name``."""
    import torch

    from course import library

    imported = {"torch": torch, "Tensor": torch.Tensor, "nn": torch.nn, "F": torch.nn.functional}
    imported |= {earlier: getattr(library, earlier) for earlier in library.__all__ if earlier != name}
    namespace = {"__name__": "__main__", **imported, **(names or {})}
    linecache.cache[filename] = (
        len(text),
        None,
        text.splitlines(keepends=True),
        filename,
    )  # for inspect.getsource
    exec(compile(text, filename, "exec"), namespace)
    return namespace[name]


def right(function: Callable) -> Callable:
    """Mark a right answer."""
    return _mark(function, "")


def wrong(hint: str) -> Callable[[Callable], Callable]:
    """Mark a wrong answer, and say what its author must be told."""
    return lambda function: _mark(function, hint)


def changed(function: Callable, name: str, hint: str, *places: tuple[str, str]) -> SimpleNamespace:
    """Another answer made of one: in its text each ``(old, new)`` of ``places`` is replaced; then as :func:`wrong`.

    Raises:
        ValueError: an old text is not there.
    """
    answer: Answer = function.answer  # type: ignore[attr-defined]
    text = answer.text
    for old, new in places:
        if old not in text:
            raise ValueError(f"{old!r} is not in {answer.exercise}__{answer.name}")
        text = text.replace(old, new)
    return SimpleNamespace(answer=Answer(answer.exercise, name, text, hint))


def _mark(function: Callable, hint: str) -> Callable:
    exercise, name = function.__name__.split("__")
    text = textwrap.dedent(inspect.getsource(function))
    kind = "class" if inspect.isclass(function) else "def"
    text = text[text.index(f"{kind} ") :].replace(f"{kind} {exercise}__{name}(", f"{kind} {exercise}(", 1)
    function.answer = Answer(exercise, name, text, hint)  # type: ignore[attr-defined]
    return function


@cache
def answers(lab: str) -> tuple[Answer, ...]:
    """All answers of a lab, in the order of its module."""
    modules = import_module(f"autograder.answers.{lab}").MODULES
    return tuple(value.answer for module in modules for value in vars(module).values() if hasattr(value, "answer"))


def students(lab: str) -> tuple[Submission, ...]:
    """The made-up class of a lab."""
    return import_module(f"autograder.answers.{lab}").STUDENTS


def misconceptions(lab: str, exercise: str) -> Callable[[], list[tuple[str, Callable]]]:
    """The wrong answers to an exercise as pairs (hint, function), made when they are asked for."""
    return cache(lambda: [(a.hint, a.function()) for a in answers(lab) if a.exercise == exercise and a.hint])
