"""From what an example's call gave to what its author is told."""

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from course.checking import forms
from course.checking.arguments import unchanged
from course.checking.calling import GONE, OUT_OF_TIME, READY_MADE, Failure
from course.checking.comparing import Difference, difference
from course.checking.example import Example
from course.checking.problem import Kind, Problem
from course.checking.showing import safely, show, type_name
from course.checking.silence import Tail
from course.checking.witness import Witness

MISTAKES = ("RuntimeError", "IndexError", "ValueError", "TypeError")  # errors that a misconception may lead to
LINES = 5  # printed lines that are told
WRITES = (
    "Right values, but your function changes its own input: x[…] = … and functions that end in _ write into the "
    "tensor of the caller. Work on a copy: x.clone()."
)
ALMOST = "Almost: they differ behind the digits that are shown. Is something rounded, or computed in half precision?"
CUT_OFF = (
    "Right values, but without a gradient nothing is learnt: .detach(), .data, .item(), float() and torch.tensor(…) "
    "cut it off."
)


def explain(
    name: str, parts: tuple[str, ...], example: Example, args: tuple, got: Any, witness: Witness, heard: Tail
) -> Problem | None:
    """What is wrong with a call's outcome, ``None`` for nothing.

    Args:
        name: of the exercise.
        parts: names for the parts of its answer, if it has several.
        example: what was called for.
        args: the arguments, as the call left them; none where only values count.
        got: what ``example.run`` gave.
        witness: of the student's function in it.
        heard: what was printed.
    """
    if isinstance(got, Failure) and got.unwritten:
        return Problem(name, Kind.UNWRITTEN)
    inputs = tuple((each, show(value)) for each, value in example.inputs.items())
    about = Problem(name, Kind.VALUES, example.title, inputs, heard.lines(LINES), witness.variables())
    found = _wrong_kind(parts, example, got, witness, heard) or difference(example.expected, got, parts=parts)
    if not found:
        return _beside_the_values(about, parts, example, args, got) if args else None
    if isinstance(got, Failure) and found.kind == "error":
        kind = Kind(got.kind) if got.kind in (OUT_OF_TIME, READY_MADE, GONE) else Kind.ERROR
        return replace(about, kind=kind, error=str(got), where=got.where, hint=_hint(example, got))
    expected, came = found.expected or show(example.expected), found.got or show(got)
    hint = found.hint or (ALMOST if expected == came else _hint(example, got))
    return replace(about, kind=Kind(found.kind), expected=expected, got=came, part=found.part, hint=hint)


def _wrong_kind(parts: tuple[str, ...], example: Example, got: Any, witness: Witness, heard: Tail) -> Difference | None:
    """How the student's own answer differs in kind from what is expected, if nothing else is to be said.

    It is None; or ``example.run`` of ours failed with it.
    """
    if not witness.answered:
        return None
    answer = witness.answer
    due = f"{len(parts)} values: {', '.join(parts)}" if parts else "an answer" if answer is None else "torch.Tensor"
    if answer is None:
        hint = forms.PRINTED if heard.lines(1) else forms.PASSED_BY if witness.returns else forms.NOTHING
    elif isinstance(got, Failure) and not got.where and got.kind in (*MISTAKES, "AttributeError"):
        hint = forms.about_parts(answer, parts) if parts else forms.about(answer)
    else:
        return None
    return Difference("type", "", due, type_name(answer), hint=hint) if hint else None


def _beside_the_values(
    about: Problem, parts: tuple[str, ...], example: Example, args: tuple, got: Any
) -> Problem | None:
    """What is wrong where the values are right: an argument is not as it was, or something has no gradient."""
    for name, now, before in zip(example.inputs, args, example.arguments(), strict=True):
        if not unchanged(now, before):
            return replace(about, kind=Kind.ARGUMENTS, expected=show(before), got=safely(now), part=name, hint=WRITES)
    if example.learns:
        leaves = {name: leaf for name, leaf in zip(example.inputs, args, strict=True) if name in example.learns}
        if part := _without_gradient(got, parts, leaves):
            return replace(about, kind=Kind.GRADIENT, expected="a gradient", got="none", part=part, hint=CUT_OFF)
    return None


def _without_gradient(got: Any, parts: tuple[str, ...], leaves: dict[str, Tensor]) -> str:
    """Which part of an answer has no gradient, or which argument has none from any of them; ``""`` for neither."""
    answers = got if isinstance(got, tuple | list) else (got,)
    for name, answer in zip(parts or ("the answer",) * len(answers), answers, strict=True):
        if not answer.requires_grad:
            return name
    total = torch.stack([answer.sum() for answer in answers]).sum()
    gradients = torch.autograd.grad(total, list(leaves.values()), allow_unused=True)
    return next((name for name, gradient in zip(leaves, gradients, strict=True) if gradient is None), "")


def _hint(example: Example, got: Any) -> str:
    if isinstance(got, Failure) and got.kind == READY_MADE:
        return "The hidden tests give 0 for a ready-made operator."
    if isinstance(got, Failure) and got.kind not in MISTAKES:
        return ""  # a misspelt name, a loop without end: the message says it, and an idea would mislead
    for explanation, answer in example.misreadings.items():
        if not difference(answer, got, rtol=1e-3):
            return explanation
    return example.hint
