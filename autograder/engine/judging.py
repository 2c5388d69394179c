"""Judge one submission: run its cells in a kernel, and the graded cells here, against stand-ins for its functions."""

import ast
import builtins
import contextlib
import json
import re
import time
from collections.abc import Callable
from typing import Any

from nbformat import NotebookNode

from autograder.engine.kernel import SHOWN_IN_ALL, Kernel, KernelGone, error_output
from autograder.engine.names import FIGURE, needs_every_cell, students_own, text_of
from autograder.engine.remote import Process
from autograder.engine.verdicts import graded, no_points, shown
from autograder.exercises import EXERCISES
from autograder.grading import ready_made
from autograder.student.wire import Connection
from course.checks.calling import OutOfTimeError, StoppedElsewhere, time_limit

CELL_SECONDS = 30.0  # for one of the student's cells
PARSING_SECONDS = 5.0  # for all of them: IPython takes minutes over a cell of 20,000 magics
SUBMISSION_SECONDS = 420.0  # for everything: restarts after loops and crashes included


class Judging:
    """The judging of one canonical notebook.

    Args:
        notebook: see :mod:`autograder.engine.canonical`; its cells have ids.
        files: what was handed in beside it, by its place: laid where the student's code runs.
        start: starts a kernel.
    """

    def __init__(self, notebook: NotebookNode, files: dict[str, bytes], start: Callable[[], Kernel]) -> None:
        self.notebook = notebook
        self._files = files
        self._start = start
        self._end = time.monotonic() + SUBMISSION_SECONDS
        self._kernel: Kernel | None = None
        self._process: Process | None = None
        self._ran: list[NotebookNode] = []  # what a new kernel has to run again
        self._room = SHOWN_IN_ALL
        self._written = [cell.source for cell in notebook.cells if students_own(cell)]

    def run(self) -> dict[str, list[NotebookNode]]:
        """The outputs of all cells that were run, by cell id."""
        skip = False
        with contextlib.suppress(OutOfTimeError), time_limit(PARSING_SECONDS):
            skip = not needs_every_cell(self.notebook)
        outputs = {}
        try:
            for cell in self.notebook.cells:
                if graded(cell):
                    outputs[cell.id] = self._grade(cell)
                elif cell.cell_type == "code" and not (skip and FIGURE in cell.metadata.get("tags", [])):
                    outputs[cell.id] = self._run(cell)
        finally:
            self._stop()
        return outputs

    def _run(self, cell: NotebookNode) -> list[NotebookNode]:
        try:
            found = self._alive().run(cell.source, min(CELL_SECONDS, self._left()), self._room)
        except KernelGone as gone:
            self._stop()
            return [error_output("Stopped", str(gone))]
        self._ran.append(cell)
        self._room = max(0, self._room - len(json.dumps(found)))
        return found

    def _text(self, name: str) -> str:
        with contextlib.suppress(OutOfTimeError), time_limit(PARSING_SECONDS):
            return text_of(name, self._written)
        return "\n".join(self._written)

    def _left(self) -> float:
        left = self._end - time.monotonic()
        if left <= 0:
            raise KernelGone(f"the whole submission took more than {SUBMISSION_SECONDS:.0f} seconds")
        return left

    def _alive(self) -> Kernel:
        """The kernel; a new one, with all cells run again, where the old one is gone."""
        self._left()
        if self._kernel and self._process and not self._process.gone and self._kernel.fork.running:
            return self._kernel
        self._stop()
        self._kernel = self._start()
        self._process = Process(
            Connection(self._kernel.fork.line),
            self._kernel.waiting,
            lambda name: ready_made(EXERCISES[name]) if name in EXERCISES else (),
            self._text,
        )
        try:
            for name, content in self._files.items():
                self._process.lay(name, content)
        except StoppedElsewhere as stopped:
            raise KernelGone(str(stopped.failure)) from None
        for cell in self._ran:
            self._kernel.run(cell.source, min(CELL_SECONDS, self._left()))
        return self._kernel

    def _stop(self) -> None:
        if self._kernel:
            self._kernel.close()
        self._kernel = self._process = None

    def _grade(self, cell: NotebookNode) -> list[NotebookNode]:
        """Run a graded cell here: nothing but the functions that it names is the student's."""
        try:
            self._alive()
        except KernelGone as gone:
            self._stop()
            return shown(no_points(cell, f"Nothing could be judged: {gone}."))
        assert self._process is not None
        try:
            return shown(_value_of(cell.source, _Names(self._process)))
        except StoppedElsewhere as stopped:
            return shown(no_points(cell, f"{stopped.failure}."))
        except NameError as error:
            name = re.search(r"'(\w+)'", str(error))
            missing = name.group(1) if name else "such name"
            reason = f"There is no {missing} in this notebook: did the cell that defines it stop with an error?"
            return shown(no_points(cell, reason))


class _Names(dict[str, Any]):
    """What a graded cell's names stand for: our own modules, and the student's functions, asked for once."""

    def __init__(self, process: Process) -> None:
        from course import checks

        super().__init__(checks=checks)
        self._process = process

    def __missing__(self, name: str) -> Any:
        if hasattr(builtins, name):
            raise KeyError(name)
        self[name] = self._process.look(name)
        return self[name]


def _value_of(source: str, names: _Names) -> Any:
    """Run a graded cell and give the value of its last line, which is the score.

    A visible check in front of it is left out: while grading it does nothing, and the hidden grader repeats it.
    """
    tree = ast.parse(source)
    body, last = tree.body[:-1], tree.body[-1]
    if not isinstance(last, ast.Expr):
        body, last = tree.body, ast.Expr(ast.Constant(None))
    kept: list[ast.stmt] = [line for line in body if not _is_check(line)]
    code = compile(ast.fix_missing_locations(ast.Module(kept, [])), "<graded cell>", "exec")
    exec(code, {"__name__": "__main__"}, names)
    value = compile(ast.fix_missing_locations(ast.Expression(last.value)), "<graded cell>", "eval")
    return eval(value, {"__name__": "__main__"}, names)


def _is_check(line: ast.stmt) -> bool:
    call = line.value if isinstance(line, ast.Expr) else None
    place = call.func.value if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) else None
    return isinstance(place, ast.Name) and place.id == "checks"
