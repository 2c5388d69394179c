"""A kernel in which a student's cells run, with what was handed in beside the notebook, and the grader's line to it."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from nbformat import NotebookNode

from autograder.engine.kernel import Kernel, KernelGone
from autograder.engine.proxies import Process
from autograder.grader.grading import ready_made
from autograder.spec import current
from autograder.student.protocol import Connection
from course.checking.calling import StoppedElsewhere
from course.checking.limits import awaiting

CELL_SECONDS = 30.0  # for one of the student's cells
SUBMISSION_SECONDS = 420.0  # for everything: restarts after loops and crashes included

Start = Callable[[bool, Sequence[str]], Kernel]


class Clock:
    """The time that a whole submission has."""

    def __init__(self) -> None:
        self._end = time.monotonic() + SUBMISSION_SECONDS

    def left(self) -> float:
        """Seconds.

        Raises:
            KernelGone: there are none left.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise KernelGone(f"the whole submission took more than {SUBMISSION_SECONDS:.0f} seconds")
        return left


class Workplace:
    """A fresh kernel for one hand-in.

    Args:
        start: starts a kernel, with the course's ready-made code or without, and with the grader in the place of some
            of torch's operators: see :class:`autograder.engine.kernel.Kernel`.
        ready_made: whether its code is to be there.
        operators: those of torch's.
        files: what was handed in beside the notebook, by its place.
        secret: the hand-in's (:mod:`autograder.engine.seeds`).
        clock: how long it may take.

    Attributes:
        process: it, as the grader speaks to it.

    Raises:
        KernelGone: it ended before it was ready, or there is no time left.
    """

    def __init__(
        self,
        start: Start,
        ready_made: bool,
        operators: Sequence[str],
        files: dict[str, bytes],
        secret: bytes,
        clock: Clock,
    ) -> None:
        clock.left()
        self._clock = clock
        self._kernel = start(ready_made, operators)
        self._awaited = ExitStack()
        self._awaited.enter_context(awaiting(self._kernel.fork.pid))
        line = Connection(self._kernel.fork.line, self._kernel.clock)
        self.process = Process(line, self._kernel.waiting, ready_made_for, secret, operators)
        try:
            for name, content in files.items():
                self.process.put_file(name, content)
        except StoppedElsewhere as stopped:
            self.close()
            raise KernelGone(str(stopped.failure)) from None

    @property
    def alive(self) -> bool:
        """Whether cells can be run, and functions judged."""
        return not self.process.gone and self._kernel.fork.running

    def run(self, cell: NotebookNode, room: int) -> list[NotebookNode]:
        """Run a cell; its outputs, as far as they fit into ``room`` bytes.

        Raises:
            KernelGone: the kernel ended, or time did.
        """
        return self._kernel.run(cell.source, min(CELL_SECONDS, self._clock.left()), room, self.process.compute)

    def close(self) -> None:
        """End the kernel; calling this again does no harm."""
        self._awaited.close()
        self._kernel.close()


def ready_made_for(name: str) -> tuple[str, ...]:
    """What an answer to the exercise ``name`` may not call; a name may be no exercise's."""
    exercise = current().all_exercises().get(name)
    return ready_made(exercise) if exercise else ()
