"""Every sentence of a docstring is a promise that a case or the visible check asks: tables, and what holds for each."""

import inspect
import re
from collections.abc import Mapping, Sequence

from autograder.labs import EXERCISES

CHECK = "the visible check"
# What promises nothing that a case could ask.
NOTHING = "no promise"

Table = Mapping[str, Sequence[tuple[str, str | Sequence[str]]]]


def sentences(name: str) -> str:
    """The docstring of an exercise's reference as one line."""
    return " ".join((inspect.getdoc(EXERCISES[name].reference) or "").split())


def assert_every_sentence_of_forward_has_a_case(table: Table, lab: str) -> None:
    """The same for the docstrings of ``forward``, of each exercise of the lab that is a class."""
    modules = {
        n: e.reference.forward for n, e in EXERCISES.items() if e.place.lab == lab and inspect.isclass(e.reference)
    }
    assert set(table) == set(modules)
    for name, forward in modules.items():
        _assert_covered(name, " ".join((inspect.getdoc(forward) or "").split()), table[name])


def assert_every_sentence_has_a_case(table: Table, lab: str) -> None:
    """Each exercise's sentences, joined, are its docstring, and each names cases that exist.

    Args:
        table: for each exercise the parts of its docstring in their order, each with the titles of the cases that ask
            it, with :data:`CHECK`, or with :data:`NOTHING`.
        lab: whose exercises they are.
    """
    assert set(table) == {name for name, exercise in EXERCISES.items() if exercise.place.lab == lab}
    for name, rows in table.items():
        _assert_covered(name, sentences(name), rows)


def _assert_covered(name: str, text: str, rows: Sequence[tuple[str, str | Sequence[str]]]) -> None:
    known = {case.title for case in EXERCISES[name].cases} | {CHECK, NOTHING}
    assert " ".join(" ".join(part.split()) for part, _ in rows) == text, name
    for part, asked in rows:
        titles = [asked] if isinstance(asked, str) else list(asked)
        assert titles, (name, part)
        assert set(titles) <= known, (name, part, sorted(set(titles) - known))
        if titles == [NOTHING]:
            assert re.match(r"(Args:|Returns:|Source: |Attributes:)", part.strip()) or part.strip().endswith(":")


def assert_every_case_is_asked_for(table: Table, lab: str) -> None:
    """Each case of a lab is named by some sentence: none asks what no docstring promises."""
    for name, rows in table.items():
        asked = {title for _, titles in rows for title in ([titles] if isinstance(titles, str) else titles)}
        assert not {case.title for case in EXERCISES[name].cases} - asked, (lab, name)
