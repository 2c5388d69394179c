"""Right and wrong answers as students write them: the graders' tests, the diagnosis of mistakes, and the demo's class.

Each lab has modules ``right`` and ``wrong``, and ``students`` with ``STUDENTS``, the class. Each answer is a function
named ``exercise__answer``: ``@right``, or ``@wrong(hint)`` with the hint that this misconception must get. What counts
is its source text under the exercise's name, as a student would hand it in. An answer to a module is a class. Wrong
answers that differ from another one in a few places are its :func:`variants`.
"""

import inspect
import linecache
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field


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


def variants(base: Callable, /, **made: tuple) -> tuple[Answer, ...]:
    """Wrong answers made of one base, each by small edits of its text.

    Args:
        base: a function or class named ``exercise__answer``: an answer, or only what its variants have in common.
        made: under each variant's name its hint and its edits ``(old, new)``, which replace every ``old``.

    Raises:
        ValueError: an old text is not there.
    """
    exercise, _, text = _source(base)
    return tuple(Answer(exercise, name, _edited(text, edits, base), hint) for name, (hint, *edits) in made.items())


def _edited(text: str, edits: list[tuple[str, str]], base: Callable) -> str:
    for old, new in edits:
        if old not in text:
            raise ValueError(f"{old!r} is not in {base.__name__}")
        text = text.replace(old, new)
    return text


def _mark(function: Callable, hint: str) -> Callable:
    exercise, name, text = _source(function)
    function.answer = Answer(exercise, name, text, hint)  # type: ignore[attr-defined]
    return function


def _source(function: Callable) -> tuple[str, str, str]:
    """The exercise, the answer's name, and its text under the exercise's name, without decorators."""
    exercise, name = function.__name__.split("__")
    text = textwrap.dedent(inspect.getsource(function))
    kind = "class" if inspect.isclass(function) else "def"
    text = text[text.index(f"{kind} ") :].replace(f"{kind} {exercise}__{name}(", f"{kind} {exercise}(", 1)
    return exercise, name, text
