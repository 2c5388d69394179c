"""Whether a check is about to judge an older definition than the one that its author has just written.

What is known: the cells that were run, in IPython's history, and the notebook as it was saved last. An edit that was
neither run nor saved cannot be seen.
"""

import ast
import json
import linecache
import os
import re
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

from course.checking.problem import WIDTH
from course.checking.students_code import functions

_looked: dict[int, float] = {}  # by the number of a cell: a moment by which it had been run


def newer_definition(function: Any) -> str:
    """A line or two about a newer definition of a function than ``function`` itself, ``""`` where none is known of."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    name = getattr(function, "__name__", "")
    history = getattr(shell, "history_manager", None)
    if history is None or not functions(function) or not name.isidentifier():
        return ""
    cells = list(history.input_hist_parsed)  # by the numbers that the notebook shows
    number = _cell_of(functions(function)[0].__code__.co_filename, cells)
    if number is None:
        return ""
    by_now = _looked.setdefault(number, time.time())
    text = _later_cell(name, number, cells) or _saved_cell(name, number, history.input_hist_raw[number], by_now, shell)
    return textwrap.fill(text, WIDTH, break_long_words=False)


def _cell_of(filename: str, cells: list[str]) -> int | None:
    """The number of the cell that a function's code was compiled from, the last one of that text."""
    text = "".join(linecache.getlines(filename)).strip()
    return next((number for number in range(len(cells) - 1, 0, -1) if text and cells[number].strip() == text), None)


def _later_cell(name: str, number: int, cells: list[str]) -> str:
    """What to say of a cell that was run later and should have defined the function again."""
    for later in range(len(cells) - 1, number, -1):
        try:
            tree = ast.parse(cells[later])
        except SyntaxError as error:
            if _defines(name, cells[later]):
                return (
                    f"Cell [{later}], which should define {name} again, has a syntax error in line {error.lineno}: "
                    f"this check still judges the older {name} of cell [{number}]."
                )
        except ValueError:  # zero bytes
            continue
        else:
            if any(isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name for node in tree.body):
                return (
                    f"This check judges the {name} of cell [{number}]. Cell [{later}] defines it too, but that one is "
                    "not in use: did the cell stop with an error?"
                )
    return ""


def _saved_cell(name: str, number: int, ran: str, by_now: float, shell: Any) -> str:
    """What to say of a cell that was edited and saved after it was run.

    Only where the saved cell carries the very number under which the function was defined, and was saved later.
    """
    path = Path(str(shell.user_ns.get("__vsc_ipynb_file__") or os.environ.get("JPY_SESSION_NAME") or ""))
    try:
        if path.suffix != ".ipynb" or path.stat().st_mtime < by_now:
            return ""
        saved = json.loads(path.read_text(encoding="utf-8"))["cells"]
        texts = {"".join(cell["source"]): cell.get("execution_count") for cell in saved if cell["cell_type"] == "code"}
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    defining = [(text, count) for text, count in texts.items() if _defines(name, text)]
    if len(defining) != 1 or defining[0][1] != number or defining[0][0].strip() == ran.strip():
        return ""
    return f"You have edited the cell of {name} since it was run as [{number}]: run it, then check again."


def _defines(name: str, text: str) -> bool:
    """Whether a text, which need not be Python, seems to define a name."""
    return bool(re.search(rf"^\s*(async\s+def|def|class)\s+{name}\b", text, re.MULTILINE))
