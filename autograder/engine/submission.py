"""Judge one submission: run its cells in a kernel, and the graded cells here, against stand-ins for its functions."""

import ast
import builtins
import contextlib
import dataclasses
import json
import traceback
from collections.abc import Sequence
from typing import Any

from nbformat import NotebookNode

from autograder.engine.allowed_functions import operators
from autograder.engine.cell_analysis import FIGURE, needs_every_cell
from autograder.engine.cell_outputs import graded, no_points, shown
from autograder.engine.kernel import SHOWN_IN_ALL, KernelGone
from autograder.engine.kernel_outputs import error_output
from autograder.engine.missing import why_missing
from autograder.engine.proxies import Process, UndefinedError
from autograder.engine.workplace import Clock, Start, Workplace, ready_made_for
from autograder.grader.exercise_report import Report
from autograder.grader.grading import GRADER_FAILED
from autograder.spec import current
from course.checking.calling import StoppedElsewhere
from course.checking.limits import OutOfTimeError, time_limit

PARSING_SECONDS = 5.0  # for all of them: IPython takes minutes over a cell of 20,000 magics
NOT_SHOWN = "what this cell shows could be hidden inputs, and it could not be run without them: {}"


class Judging:
    """The judging of one canonical notebook.

    What a cell shows after the first exercise was judged could be hidden inputs that the student's functions have kept.
    So such outputs come of a second kernel, in which nothing is judged; it is started only if there are any.

    Args:
        notebook: see :mod:`autograder.engine.canonical`; its cells have ids.
        files: what was handed in beside it, by its place: laid where the student's code runs.
        secret: the hand-in's (:mod:`autograder.engine.seeds`).
        start: starts a kernel, with the course's ready-made code or without, and with the grader in the place of some
            torch's operators: see :class:`autograder.engine.kernel.Kernel`.

    Attributes:
        certain: whether the grader itself worked so far; each exercise on which it failed costs that exercise alone.
    """

    def __init__(self, notebook: NotebookNode, files: dict[str, bytes], secret: bytes, start: Start) -> None:
        self.notebook = notebook
        self.certain = True
        self._with_operators = False
        clock = Clock()
        self._anew = lambda: Workplace(start, self._with_operators, self._blocked(), files, secret, clock)
        self._place: Workplace | None = None
        self._outputs: dict[str, list[NotebookNode]] = {}  # by cell id
        self._ran: list[NotebookNode] = []  # what a new kernel has to run again
        self._room = SHOWN_IN_ALL
        self._judged = False  # whether any exercise was
        self._knowing: set[str] = set()  # ids of cells with outputs that may tell of hidden inputs
        self._undefined: list[tuple[NotebookNode, str]] = []  # graded cells, and the name that is missing

    def run(self) -> dict[str, list[NotebookNode]]:
        """The outputs of all cells that were run, by cell id."""
        skip = False
        with contextlib.suppress(OutOfTimeError), time_limit(PARSING_SECONDS):
            skip = not needs_every_cell(self.notebook)
        try:
            passes = sorted({self._operators(cell) for cell in self.notebook.cells if graded(cell)}) or [False]
            for operators in passes:
                self._pass(operators, last=operators is passes[-1], skip=skip)
            self._stop()
            if self._knowing:
                self._show_anew()
        finally:
            self._stop()
        for cell, name in self._undefined:
            self._outputs[cell.id] = shown(no_points(cell, why_missing(name, self.notebook, self._outputs)))
        return self._outputs

    def _pass(self, operators: bool, last: bool, skip: bool) -> None:
        """Run the notebook and grade those exercises that may use the course's ready-made code, or those that may not.

        Only the last pass goes on behind the last one that it grades: the outputs that count are its.
        """
        self._stop()
        self._with_operators, self._ran, self._room = operators, [], SHOWN_IN_ALL
        self._judged, self._knowing = False, set()
        left = sum(graded(cell) and self._operators(cell) is operators for cell in self.notebook.cells)
        for cell in self.notebook.cells:
            if not (left or last):
                break
            if graded(cell):
                if self._operators(cell) is operators:
                    self._outputs[cell.id] = self._grade(cell)
                    left -= 1
            elif cell.cell_type == "code" and not (skip and FIGURE in cell.metadata.get("tags", [])):
                self._outputs[cell.id] = self._run(cell)

    def _operators(self, cell: NotebookNode) -> bool:
        """Whether a graded cell's exercise may use the course's ready-made code."""
        known = current().all_exercises()
        return any(known[name].operators for name in named_exercises(cell))

    def _blocked(self) -> Sequence[str]:
        """Torch's operators that some exercise of the notebook asks for."""
        if self._with_operators:
            return ()
        names = {name for cell in self.notebook.cells if graded(cell) for name in named_exercises(cell)}
        return sorted({operator for name in names for operator in operators(ready_made_for(name))})

    def _run(self, cell: NotebookNode) -> list[NotebookNode]:
        try:
            found = self._alive().run(cell, self._room)
        except KernelGone as gone:
            self._stop()
            return [error_output("Stopped", str(gone))]
        self._ran.append(cell)
        if found and self._judged:
            self._knowing.add(cell.id)
        else:
            self._take_room(found)
        return found

    def _take_room(self, found: list[NotebookNode]) -> None:
        self._room = max(0, self._room - len(json.dumps(found)))

    def _show_anew(self) -> None:
        """Run all cells again where nothing is judged, and show what they show there."""
        waiting = set(self._knowing)
        try:
            self._place = self._anew()
            for cell in self._ran:
                found = self._place.run(cell, self._room)
                if cell.id in waiting:
                    self._outputs[cell.id] = found
                    waiting.remove(cell.id)
                    self._take_room(found)
                if not waiting:
                    return
        except KernelGone as gone:
            for name in waiting:
                self._outputs[name] = [error_output("NotShown", NOT_SHOWN.format(gone))]

    def _alive(self) -> Workplace:
        """The kernel; a new one, with all cells run again, where the old one is gone."""
        if not (self._place and self._place.alive):
            self._stop()
            self._place = self._anew()
            for cell in self._ran:
                self._place.run(cell, 0)
        return self._place

    def _stop(self) -> None:
        if self._place:
            self._place.close()
        self._place = None

    def _grade(self, cell: NotebookNode) -> list[NotebookNode]:
        """Run a graded cell here: nothing but the functions that it names is the student's."""
        try:
            process = self._alive().process
        except KernelGone as gone:
            self._stop()
            return shown(no_points(cell, f"Nothing could be judged: {gone}."))
        self._judged = True
        try:
            value = _value_of(cell.source, _Names(process))
        except StoppedElsewhere as stopped:
            value = no_points(cell, f"{stopped.failure}.")
        except UndefinedError as error:
            self._undefined.append((cell, str(error.name)))
            return []
        except Exception:  # nothing here is the student's code: an error of ours, or of the course's
            traceback.print_exc()
            value = dataclasses.replace(no_points(cell, GRADER_FAILED), certain=False)
        self.certain &= not isinstance(value, Report) or value.certain
        return shown(value)


class _Names(dict[str, Any]):
    """What a graded cell's names stand for: our own modules, and the student's functions, asked for once."""

    def __init__(self, process: Process) -> None:
        module = current().checks_module()
        self.checks = module.__name__.rpartition(".")[2]
        super().__init__({self.checks: module})
        self._process = process

    def __missing__(self, name: str) -> Any:
        if hasattr(builtins, name):
            raise KeyError(name)
        self[name] = self._process.lookup(name)
        return self[name]


def _value_of(source: str, names: _Names) -> Any:
    """Run a graded cell and give the value of its last line, which is the score.

    A visible check in front of it is left out: while grading it does nothing, and the hidden grader repeats it.
    """
    tree = ast.parse(source)
    body, last = tree.body[:-1], tree.body[-1]
    if not isinstance(last, ast.Expr):
        body, last = tree.body, ast.Expr(ast.Constant(None))
    kept: list[ast.stmt] = [line for line in body if not _is_check(line, names.checks)]
    code = compile(ast.fix_missing_locations(ast.Module(kept, [])), "<graded cell>", "exec")
    exec(code, {"__name__": "__main__"}, names)
    value = compile(ast.fix_missing_locations(ast.Expression(last.value)), "<graded cell>", "eval")
    return eval(value, {"__name__": "__main__"}, names)


def named_exercises(cell: NotebookNode) -> list[str]:
    """The exercises that a graded cell names: ``grade("box_iou", box_iou)``."""
    known = current().all_exercises()
    texts = (node.value for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Constant))
    return [text for text in texts if isinstance(text, str) and text in known]


def _is_check(line: ast.stmt, checks: str) -> bool:
    call = line.value if isinstance(line, ast.Expr) else None
    place = call.func.value if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) else None
    return isinstance(place, ast.Name) and place.id == checks
