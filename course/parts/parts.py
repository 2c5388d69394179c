"""Your own functions and classes beside the library's: one for each function of the labs, and where each comes from."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from course import library
from course.errors import PlainError
from course.parts.notebook_definitions import Definitions
from course.summary import summary

NAMES = tuple(library.__all__)
NOWHERE = "no notebook here has it"
ASKED_FOR = "the library was asked for"
MANY = 12  # parts that are in no notebook here: so many are counted, fewer are named


class PartsError(PlainError):
    """Parts cannot be collected; the message says what was expected and what it got."""


@dataclass(frozen=True)
class Part:
    """A function or class of the labs: the student's ``own``, or the library's, and then for which ``reason``.

    ``origin`` is the notebook that one's own was collected from; there it is called ``bonus``, of
    :data:`course.parts.collect.BONUS`, where that took the part's place, else as the part.
    """

    name: str
    value: Callable[..., Any]
    own: bool
    reason: str = ""
    origin: Definitions | None = field(default=None, repr=False, compare=False)
    bonus: str = ""


class Parts(Mapping[str, Callable[..., Any]]):
    """A function or class for each name of :data:`NAMES`: ``parts.nms`` or ``parts["nms"]``.

    As text it is a summary: how many are the student's own, and why the others are not.
    """

    def __init__(self, parts: Iterable[Part]) -> None:
        given = {part.name: part for part in parts}
        rest = (Part(name, getattr(library, name), False, NOWHERE) for name in NAMES if name not in given)
        self._parts = {**given, **{part.name: part for part in rest}}

    def __getitem__(self, name: str) -> Callable[..., Any]:
        return self._parts[name].value

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_") or name not in self._parts:  # the former while a copy is being made
            raise AttributeError(f"no part is called {name!r}; there are {', '.join(NAMES)}")
        return self._parts[name].value

    def part(self, name: str) -> Part:
        """The part of that name, with where it comes from."""
        return self._parts[name]

    def own(self) -> tuple[str, ...]:
        """The names of the student's own parts."""
        return tuple(name for name, part in self._parts.items() if part.own)

    def replaced(self) -> dict[str, str]:
        """The names of the library's parts, each with the reason why the student's own is not used."""
        return {name: part.reason for name, part in self._parts.items() if not part.own}

    def bonuses(self) -> dict[str, str]:
        """The names of those parts of one's own that a bonus stands for, each with the bonus's name."""
        return {name: part.bonus for name, part in self._parts.items() if part.bonus}

    def with_library(self, name: str, reason: str) -> "Parts":
        """These parts with the library's in one place."""
        changed = Part(name, getattr(library, name), False, reason)
        return Parts(changed if part.name == name else part for part in self._parts.values())

    def __str__(self) -> str:
        replaced = self.replaced()
        absent = [name for name, reason in replaced.items() if reason == NOWHERE]
        headline = f"{len(self.own())} of {len(self)} parts are yours"
        if len(absent) > MANY:
            headline += f", {len(absent)} are of other notebooks"
            replaced = {name: reason for name, reason in replaced.items() if reason != NOWHERE}
        return summary(headline, {**{name: f"your {bonus}" for name, bonus in self.bonuses().items()}, **replaced})

    __repr__ = __str__


def as_parts(source: Any) -> Parts:
    """Parts of anything that has some: parts as they are, a mapping, a module such as ``course.library``.

    What it lacks comes from the library.
    """
    if isinstance(source, Parts):
        return source
    look_up = source.get if isinstance(source, Mapping) else lambda name: getattr(source, name, None)
    found = {name: look_up(name) for name in NAMES}
    given = {name: value for name, value in found.items() if callable(value)}
    if not given:
        came = type(source).__name__
        raise PartsError(
            f"expected parts (course.parts.collect(folder), course.library, a mapping), got a {came} with none"
        )
    ready = {name for name, value in given.items() if value is getattr(library, name)}
    return Parts(
        Part(name, value, name not in ready, ASKED_FOR if name in ready else "") for name, value in given.items()
    )
