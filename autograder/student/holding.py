"""Hold the watcher in its place: while an answer is judged, its code can neither take it away nor go where none is.

What is ready-made is noticed by a profiler (:class:`course.checks.guard.Guard`) in the student's process. Python asks
an audit hook before it changes the profiler, forks or starts a program; no hook can be taken out.
"""

import sys
from typing import Any

from course.checks.guard import Guard

OURS = (Guard.__enter__.__code__, Guard.__exit__.__code__)
ELSEWHERE = ("os.fork", "os.forkpty", "os.posix_spawn", "os.exec", "os.system", "subprocess.Popen")


class UnwatchedError(RuntimeError):
    """Code under judgement tried to get rid of its watcher."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is not possible while an answer is judged")


def hold() -> None:
    """From now on, refuse to let go of a guard that is up. For good: there is no way back."""
    look, getprofile, frame = Guard._look, sys.getprofile, sys._getframe  # as they are before any student's code

    def hook(event: str, _: Any) -> None:
        if event == "sys.setprofile":
            if frame(1).f_code in OURS:
                return
        elif event not in ELSEWHERE:
            return
        watcher: Any = getprofile()
        # Python itself takes a profiler away that has raised an error, which this one does once it has seen enough.
        if getattr(watcher, "__func__", None) is look and not watcher.__self__.seen:
            raise UnwatchedError(event)

    sys.addaudithook(hook)
