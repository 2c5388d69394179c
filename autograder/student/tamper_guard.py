"""Hold the grader's part of a student's process in its place.

What an answer does to its arguments, and whether tensors of two devices meet, is noticed in the student's process.
Python asks an audit hook before it puts other code into a function; no hook can be taken out. For names in modules and
classes it asks nobody: before each request of the grader they are compared with what they were.
"""

import pkgutil
import sys
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any

JUDGING = (
    "autograder.student.request_handler",
    "autograder.student.call_effects",
    "autograder.student.namespace",
    "autograder.student.containers",
    "autograder.student.fake_cuda",
    "autograder.student.protocol",
    "autograder.student.serialization",
    "autograder.student.torch_internals",
    "course.checking.calling",
    "course.checking.limits",
    "course.checking.silence",
    "course.checking.students_code",
)
CALLED = {  # by these, outside of our packages
    "torch": ("equal", "get_rng_state", "set_rng_state", "no_grad"),
    "torch.Tensor": ("as_subclass", "clone", "detach", "nan_to_num", "data_ptr"),
}


class ChangedError(RuntimeError):
    """A student's code tried to change what judges it."""


def hold() -> Callable[[], str]:
    """From now on, refuse to change a function of :data:`JUDGING`. For good.

    Returns:
        A function that gives the name of something in :data:`JUDGING` or :data:`CALLED` that is no longer what it is
        now, or ``""``.
    """
    spaces = [vars(pkgutil.resolve_name(name)) for name in JUDGING]
    kept: list[tuple[str, Mapping[str, Any], dict[str, Any]]]
    kept = [(name, space, dict(space)) for name, space in zip(JUDGING, spaces, strict=True)]
    for name, _, before in list(kept):
        for each in before.values():
            if isinstance(each, type) and each.__module__ == name:
                kept.append((f"{name}.{each.__name__}", vars(each), dict(vars(each))))
    for name, keys in CALLED.items():
        space = vars(pkgutil.resolve_name(name))
        kept.append((name, space, {key: space.get(key) for key in keys}))  # a tensor's methods lie in a class above
    sys.addaudithook(_hook({id(space) for space in spaces}))

    def replaced() -> str:
        for name, now, before in kept:
            for key, value in before.items():
                if now.get(key) is not value:
                    return f"{name}.{key}"
        return ""

    return replaced


def _hook(spaces: set[int]) -> Callable[[str, Any], None]:
    def hook(event: str, arguments: Any) -> None:
        changes = event in ("object.__setattr__", "object.__delattr__") and type(arguments[0]) is FunctionType
        if changes and id(arguments[0].__globals__) in spaces:
            raise ChangedError("to change a function of the grader is not possible where answers are judged")

    return hook
