"""A student's answer as the grader meets it, wherever the code of it runs."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from typing import Any

from autograder.grader.disguise import Disguise
from autograder.spec import current
from autograder.student import namespace
from course.checking.guard import Guard


class Answer(ABC):
    """What the grader asks of an answer beside calling it.

    Attributes:
        function: what stands for the answer in cases; it may turn out not to be callable.
        disguise: how random states reach its code; ``None`` for as they are.
    """

    function: Any
    disguise: Disguise | None = None

    @abstractmethod
    def watched(self, guard: Guard) -> Callable:
        """The function under the eyes of ``guard``."""

    @abstractmethod
    def seed(self, name: str) -> int:
        """The seed for the exercise ``name``: the same for the same work of a student, another for others."""

    @abstractmethod
    def neighbours(self, names: Collection[str], guard: Guard) -> AbstractContextManager[bool]:
        """While active, these ``names`` stand for the course's library's functions, defined or not.

        Gives whether there were any of the student's. ``guard`` lets the stand-ins call what the student may not.
        """


class LocalAnswer(Answer):
    """An answer in this process, as in a notebook that stock nbgrader runs."""

    def __init__(self, function: Any) -> None:
        self.function = function

    def watched(self, guard: Guard) -> Callable:
        """The function as one that puts ``guard`` up while it runs."""
        return guard.watching(self.function)

    def seed(self, name: str) -> int:
        """What derives from the source of the function: its process has no secret that it could not read too."""
        text = f"{name}\n{namespace.source(self.function)}"
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")

    def neighbours(self, names: Collection[str], guard: Guard) -> AbstractContextManager[bool]:
        """Swap them in the function's own namespace."""
        return namespace.library_neighbours(self.function, names, guard, current().library)


def as_answer(function: Any) -> Answer:
    """The answer that a graded cell names: a stand-in for another process's is one already."""
    return function if isinstance(function, Answer) else LocalAnswer(function)
