"""What can be told of a student's code: its functions, the line where it stopped, and the loop around that line."""

import ast
import dis
import functools
import inspect
import linecache
import os
import sys
from collections.abc import Callable, Collection, Iterator
from types import CodeType, TracebackType
from typing import Any

LONGEST = 300  # characters of a line that are told


def functions(answer: Any) -> list[Callable]:
    """The plain functions behind an answer.

    The answer itself; what a partial, a method or a decorator with ``functools.wraps`` stands for; the methods of a
    class, or of the class of an object that can be called.
    """
    for _ in range(20):  # decorators on decorators; more is a loop
        if isinstance(answer, functools.partial):
            answer = answer.func
        elif inspect.ismethod(answer):
            answer = answer.__func__
        elif inspect.isfunction(answer) and "__wrapped__" in vars(answer):
            answer = vars(answer)["__wrapped__"]
        else:
            break
    if inspect.isfunction(answer):
        return [answer]
    owner = answer if inspect.isclass(answer) else type(answer)
    return [value for value in vars(owner).values() if inspect.isfunction(value)]


def neighbours(answer: Any, names: Collection[str], called: Collection[CodeType]) -> dict[str, Any]:
    """What stands under ``names`` in an answer's own namespaces, is defined there, and has code that was ``called``."""
    spaces = {id(function.__globals__): function.__globals__ for function in functions(answer)}
    return {
        name: space[name]
        for space in spaces.values()
        for name in [name for name in space if name in names]
        for function in functions(space[name])
        if function.__globals__ is space and function.__code__ in called
    }


def returns(answer: Any) -> bool:
    """Whether an answer's code has a ``return`` with something behind it."""
    for function in functions(answer):
        before = None
        for step in dis.get_instructions(function):
            given = before if step.opname == "RETURN_VALUE" else step if step.opname == "RETURN_CONST" else None
            if given and not (given.opname in ("LOAD_CONST", "RETURN_CONST") and given.argval is None):
                return True
            before = step
    return False


def line_of(error: BaseException) -> str:
    """``line 7: inter = w * h`` for the last line of the student's own code in the error's traceback, or ``""``."""
    return next((_line(filename, number) for filename, number in _own_lines(error)), "")


def line_and_loop_of(error: BaseException) -> str:
    """As :func:`line_of`, and which loop was running there: ``… (in the loop of line 5: while n < 9:)``."""
    line = line_of(error)
    loops = filter(None, (_loop_around(filename, number) for filename, number in _own_lines(error)))
    loop = next(loops, line)
    return line if loop == line else f"{line} (in the loop of {loop})"


def _own_lines(error: BaseException) -> Iterator[tuple[str, int]]:
    """File and line of the student's own frames in a traceback, the last one first.

    They are those outside our packages, the installed ones and the standard library.
    """
    libraries = (os.path.dirname(os.__file__), sys.prefix, "<__array_function__")
    for step in reversed(list(_steps(error.__traceback__))):
        frame = step.tb_frame
        filename, package = frame.f_code.co_filename, str(frame.f_globals.get("__name__")).split(".")[0]
        if package not in ("course", "autograder", "solutions") and not filename.startswith(libraries):
            yield filename, _number(step)


def _steps(step: TracebackType | None) -> Iterator[TracebackType]:
    while step:
        yield step
        step = step.tb_next


def _number(step: TracebackType) -> int:
    """The line of a step; where a limit of time stopped a jump that Python put in, and that has none, the one before.

    ``tb_lineno`` is ``None`` there.
    """
    code = step.tb_frame.f_code
    before = [line for start, _, line in code.co_lines() if line and start <= step.tb_lasti]
    return before[-1] if before else code.co_firstlineno


def _line(filename: str, number: int) -> str:
    text = linecache.getline(filename, number).strip()[:LONGEST]
    return f"line {number}: {text}" if text else f"line {number}"


def _loop_around(filename: str, number: int) -> str:
    """The ``while`` next around a line, else the outermost ``for``, or ``""``."""
    tree = _parsed("".join(linecache.getlines(filename)))
    loops = [node for node in ast.walk(tree) if isinstance(node, ast.While | ast.For)]  # the outer ones first
    around = [node for node in loops if node.lineno <= number <= (node.end_lineno or 0)]
    endless = [node for node in around if isinstance(node, ast.While)][-1:] or around[:1]
    return _line(filename, endless[0].lineno) if endless else ""


def _parsed(text: str) -> ast.Module:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # made otherwise than from this text
        return ast.Module([], [])
