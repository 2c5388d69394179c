"""Hold the grader's part of a student's process in its place.

What is ready-made is noticed by a profiler (:class:`course.checks.guard.Guard`) in the student's process, and what an
answer does to its arguments is noticed there too. Python asks an audit hook before it changes the profiler, forks,
starts a program or puts other code into a function; no hook can be taken out. For names in modules and classes it asks
nobody: before each request of the grader they are compared with what they were.
"""

import pkgutil
import sys
from collections.abc import Callable, Mapping
from typing import Any

from course.checks.guard import Guard

OURS = (Guard.__enter__.__code__, Guard.__exit__.__code__)
ELSEWHERE = ("os.fork", "os.forkpty", "os.posix_spawn", "os.exec", "os.system", "subprocess.Popen")
JUDGING = (
    "autograder.student.answering",
    "autograder.student.namespace",
    "autograder.student.nested",
    "autograder.student.other_device",
    "autograder.student.wire",
    "course.checks.calling",
    "course.checks.guard",
)
CALLED = {  # by these, outside of our packages
    "sys": ("setprofile", "getprofile"),
    "threading": ("setprofile",),
    "fnmatch": ("fnmatchcase",),
    "importlib.util": ("find_spec",),
    "torch": ("equal", "get_rng_state", "set_rng_state", "no_grad"),
    "torch.Tensor": ("as_subclass", "clone", "detach", "nan_to_num", "data_ptr"),
}


class UnwatchedError(RuntimeError):
    """A student's code tried to get rid of what watches it."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is not possible where answers are judged")


def hold() -> Callable[[], str]:
    """From now on, refuse to let go of a guard that is up, and to change a function of :data:`JUDGING`. For good.

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
    look, getprofile, frame = Guard._look, sys.getprofile, sys._getframe  # as they are before any student's code

    def hook(event: str, arguments: Any) -> None:
        if event in ("object.__setattr__", "object.__delattr__"):
            if id(getattr(arguments[0], "__globals__", None)) in spaces:
                raise UnwatchedError("to change a function of the grader")
            return
        if event == "sys.setprofile":
            if frame(1).f_code in OURS:
                return
        elif event not in ELSEWHERE:
            return
        watcher: Any = getprofile()
        # Python itself takes a profiler away that has raised an error, which this one does once it has seen enough.
        if getattr(watcher, "__func__", None) is look and not watcher.__self__.seen:
            raise UnwatchedError(event)

    return hook
