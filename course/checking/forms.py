"""One true sentence about an answer that is not even of the right kind: nothing, an array, a list, a function."""

from typing import Any

from torch import Tensor

NOTHING = "Nothing came back: is there a `return`?"
PRINTED = "Nothing came back, but something was printed: `return` gives a value back, `print` only shows it."
PASSED_BY = (
    "Nothing came back: this call ended before it reached a `return`, or what it returns is None, as append and other "
    "methods that change something in place give."
)
ARRAY = "This comes from NumPy. Stay with torch, which has most of NumPy's functions under nearly the same names."
NUMBER = "This is a plain Python number. Keep it a tensor: leave out .item(), float(), int() and bool()."
NUMBERS = "This is a list of numbers: torch.tensor(…) makes a tensor of it."
TENSORS = "This is a list of tensors: torch.stack(…) or torch.cat(…) makes one tensor of them."
LIST = "This is a list, but a tensor is expected."
COMMA = "This is a tuple with one thing in it: is there a comma too many after what you return?"
TWO_AT_ONCE = (
    "max, min, sort and topk with a dimension give two things at once, values and indices: pick one, with .values or "
    ".indices."
)
NOT_CALLED = "This is a function that was not called: its brackets () are missing."
GENERATOR = (
    "This is a generator: it comes from `yield`, or from round brackets around `… for … in …`. `return` a tensor "
    "instead."
)


def about(got: Any) -> str:
    """A sentence about an answer where one tensor is expected; ``""`` where the name of its type says enough.

    Types are told by their names: what comes from another process is only named so.
    """
    name, module = type(got).__name__, type(got).__module__.split(".")[0]
    if got is None:
        return NOTHING
    if module == "numpy":
        return ARRAY
    if module == "torch" and isinstance(got, tuple):  # torch.return_types.max and others
        return TWO_AT_ONCE
    if isinstance(got, bool | int | float):
        return NUMBER
    if isinstance(got, list):
        return _about_list(got)
    if isinstance(got, tuple):
        return (
            COMMA
            if len(got) == 1
            else f"You return {len(got)} things, but one tensor is expected: `return` only that one."
        )
    if name in ("function", "method", "builtin_function_or_method", "method_descriptor"):
        return NOT_CALLED
    return GENERATOR if name == "generator" else ""


def _about_list(got: list) -> str:
    if got and all(isinstance(part, Tensor) for part in got):
        return TENSORS
    return NUMBERS if got and all(isinstance(part, bool | int | float) for part in got) else LIST


def about_parts(got: Any, names: tuple[str, ...]) -> str:
    """A sentence about an answer where several are expected, called ``names``; ``""`` for the right kind."""
    if got is None:
        return NOTHING
    if isinstance(got, tuple | list) and len(got) == len(names):
        return ""
    return f"{len(names)} answers are expected, side by side: return {', '.join(names)}." if names else ""
