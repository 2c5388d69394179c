"""What a visible check is: examples with known answers, and words for what went wrong."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from course.checking import explaining
from course.checking.calling import call
from course.checking.definitions import newer_definition
from course.checking.example import Example
from course.checking.guard import Guard
from course.checking.problem import Kind, Problem
from course.checking.silence import Tail
from course.checking.students_code import neighbours
from course.checking.witness import Witness
from course.errors import PlainError
from course.setup import grading

_made: dict[str, "Check"] = {}  # every check, by name: a function's check knows those of the functions that it calls


class CheckFailed(PlainError, AssertionError):
    """A visible check that does not hold; shown as its message alone."""


@dataclass(frozen=True)
class Check:
    """The visible check of one function: ``checks.box_iou(box_iou)``.

    Attributes:
        name: of the exercise.
        examples: what it tries, in this order, up to the first that does not hold.
        ready_made: the operators that the exercise asks for and that the answer may therefore not call.
        parts: names for the parts of an answer that has several.
    """

    name: str
    examples: tuple[Example, ...]
    ready_made: tuple[str, ...]
    parts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        places = (f"course.labs.*.library.{self.name}", f"course.labs.*.library.*.{self.name}")
        methods = (f"{place}.*" for place in places)  # where it is a class
        object.__setattr__(self, "ready_made", (*self.ready_made, *places, *methods))
        _made[self.name] = self

    def __call__(self, function: Any, trace: bool = False) -> "NoCredit | None":
        """Say in one line that all examples hold, or raise :class:`CheckFailed` for the first that does not.

        With ``trace`` the message shows the function's own variables as well, as that example left them.

        While nbgrader autogrades, nothing is raised or printed: the hidden grader repeats the check as its first case,
        and an error here would cost the partial credit. A failure then returns :class:`NoCredit`.
        """
        if grading():
            return NoCredit() if self.problem(function) else None
        note = newer_definition(function)
        if problem := self._cause(function, trace):
            raise CheckFailed("\n".join(filter(None, (note, problem)))) from None
        if note:
            print(note)
        print(f"{self.name}: all {len(self.examples)} visible examples hold.")
        return None

    def problem(self, function: Any, watched: Callable[[Guard], Callable] | None = None) -> Problem | None:
        """What is wrong with ``function``, by the first example that does not hold; ``None`` when all of them hold.

        ``watched`` is the grader's way to give it under the eyes of a guard, maybe in another process. Then only values
        count: whether arguments stay as they are, and whether there are gradients, its own cases ask.
        """
        found = self._first_failing(function, watched)
        return found[0] if found else None

    def _cause(self, function: Any, trace: bool) -> str:
        """What to tell the author of a function that is wrong; ``""`` of one that is right.

        Where it calls another function of its author's that is wrong, that one comes first.
        """
        found = self._first_failing(function, trace=trace)
        if not found:
            return ""
        problem, guard = found
        for name, neighbour in neighbours(function, _made.keys() - {self.name}, guard.called).items():
            if cause := _made[name].problem(neighbour):
                todo = "is not written yet: write" if cause.kind is Kind.UNWRITTEN else "is wrong: mend"
                first = f"{name}, which {self.name} calls, {todo} that first."
                return first if cause.kind is Kind.UNWRITTEN else f"{first}\n{cause}"
        return str(problem)

    def _first_failing(
        self, function: Any, watched: Callable[[Guard], Callable] | None = None, trace: bool = False
    ) -> tuple[Problem, Guard] | None:
        """The problem with the first example that does not hold, and the guard that watched the student's code."""
        guard = Guard(self.ready_made)
        if not callable(function):
            return Problem(self.name, Kind.NOT_A_FUNCTION, expected="function", got=type(function).__name__), guard
        for example in self.examples:
            args, heard, witness = example.arguments(learning=not watched), Tail(), Witness(function, trace)
            guard = Guard(self.ready_made)
            student = witness.beside(watched(guard) if watched else guard.watching(function))
            got = call(example.run, student, args, guard=guard, heard=heard)
            problem = explaining.explain(self.name, self.parts, example, () if watched else args, got, witness, heard)
            if problem:
                return problem, guard
        return None


class NoCredit:
    """A cell's result that nbgrader reads as the score 0, should a course be graded without the hidden tests."""

    def __repr__(self) -> str:
        return "0.0"
