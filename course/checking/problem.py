"""What a visible check finds wrong with a function: fields for programs, text for its author."""

import textwrap
from dataclasses import dataclass
from enum import StrEnum

from course.checking import calling

WIDTH = 80  # nbgrader's Validate cuts longer lines off


class Kind(StrEnum):
    """What kind of problem it is: no call was made, the call ended without an answer, or the answer is not right."""

    NOT_A_FUNCTION = "not a function"
    UNWRITTEN = "unwritten"
    READY_MADE = calling.READY_MADE
    OUT_OF_TIME = calling.OUT_OF_TIME
    GONE = calling.GONE
    ERROR = "error"
    TYPE = "type"
    SHAPE = "shape"
    DTYPE = "dtype"
    DEVICE = "device"
    VALUES = "values"
    ARGUMENTS = "arguments"
    GRADIENT = "gradient"


@dataclass(frozen=True)
class Problem:
    """What is wrong with a function, by the first example that does not hold. As text: a few lines for its author.

    Attributes:
        exercise: what the function is called.
        kind: what kind of problem it is.
        title: what the example shows; ``""`` where none was looked at.
        inputs: names and values of the example's arguments, as short texts.
        printed: the last lines that the function printed there.
        variables: names and values of the function's own variables as the call left them, where it was traced.
        expected: the right answer, or what about it the answer lacks, as a short text.
        got: the same of the function's answer.
        part: which part of an answer of several these are about; ``""`` for an answer of one.
        error: what ended the call where there is no answer, else ``""``.
        where: the line of the student's own code that the error came from, if it did.
        hint: the misconception behind it, where one is known, else an idea, or ``""``.
    """

    exercise: str
    kind: Kind
    title: str = ""
    inputs: tuple[tuple[str, str], ...] = ()
    printed: tuple[str, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    expected: str = ""
    got: str = ""
    part: str = ""
    error: str = ""
    where: str = ""
    hint: str = ""

    @property
    def headline(self) -> str:
        """The problem in one line: the example that does not hold, or why none was looked at."""
        if self.kind is Kind.NOT_A_FUNCTION:
            return f"{self.exercise} should be a function, but it is a {self.got}: run the cell that defines it."
        if self.kind is Kind.UNWRITTEN:
            return f"{self.exercise} is not written yet: replace `raise NotImplementedError()` with your code."
        return self.title

    def __str__(self) -> str:
        if self.kind in (Kind.NOT_A_FUNCTION, Kind.UNWRITTEN):
            return self.headline
        lines = [f"{self.exercise}: {self.title}", *(_row(*row) for row in self.inputs)]
        lines += [_row("printed" if not number else "", line) for number, line in enumerate(self.printed)]
        if self.variables:
            lines += ["  your own variables, as the call left them:", *(_row(*row, indent=4) for row in self.variables)]
        if self.error:
            rows = [("error", self.error), *([("at", self.where)] if self.where else [])]
        else:
            part = f"{self.part}: " if self.part else ""
            rows = [("expected", part + self.expected), ("got", part + self.got)]
        rows += [("hint", self.hint)] if self.hint else []
        return "\n".join([*lines, *(_row(*row) for row in rows)])


def _row(name: str, text: str, indent: int = 2) -> str:
    first = f"{' ' * indent}{name:<8} "
    return textwrap.fill(
        text, WIDTH, initial_indent=first, subsequent_indent=" " * (indent + 9), break_long_words=False
    )
