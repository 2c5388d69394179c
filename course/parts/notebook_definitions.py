"""What a notebook defines: its functions and classes, without running its demonstrations."""

import ast
import json
import linecache
import re
import symtable
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Any

from course.checking.calling import Failure, call
from course.errors import PlainError

Cell = tuple[str, str]  # a code cell's text, and its grade_id if it is a solution cell, else ""
SECONDS = 10.0  # of computing for one statement; definitions take none, an import may
WHOLE_CELL = ("%%time", "%%timeit", "%%capture", "%%prun")  # magics whose cell is still Python, from the next line on


class NotebookError(PlainError):
    """A file is not the notebook that it should be; the message names it."""


@dataclass(frozen=True)
class Statement:
    """A top-level statement that gives names a value: an import, a function, a class or an assignment.

    ``text`` is its text without comments. ``binds`` are those names ("*" for all of a module's), ``uses`` the names of
    the notebook that it reads, at once or when it is called. ``cell`` is the ``grade_id`` of the solution cell that it
    stands in, or "". ``is_definition``: whether it is a function or class.
    """

    text: str
    code: CodeType
    binds: frozenset[str]
    uses: frozenset[str]
    cell: str
    is_definition: bool


@dataclass(frozen=True)
class Definitions:
    """What a notebook's solution cells define.

    ``names`` are their ``grade_id``s, in order; ``space`` is the namespace, ``problems`` says by ``grade_id`` what kept
    a cell from being read. ``cells`` are the statements that were run, each as (text, ``grade_id`` or ""): a notebook
    reduced to what its definitions need, of which :func:`defined` makes them again.
    """

    names: tuple[str, ...]
    space: dict[str, Any]
    problems: dict[str, str]
    cells: tuple[Cell, ...] = ()


def notebooks(folder: Path) -> list[Path]:
    """The notebooks in a folder and below, in order, without those in hidden folders (as ``.ipynb_checkpoints``)."""
    found = folder.rglob("*.ipynb")
    seen = [path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts)]
    return sorted(seen, key=lambda path: by_number(str(path)))


def by_number(name: str) -> list[str | int]:
    """A key to sort names by, with the numbers in them as numbers: lab2_anchors comes before lab10_yolo."""
    return [int(part) if place % 2 else part for place, part in enumerate(re.split(r"(\d+)", name))]


def definitions(path: Path) -> Definitions:
    """Read a notebook and run, in a namespace of its own, what its solution cells define and what that needs.

    Functions and classes of the solution cells are run, and from all cells, in the order of the notebook, the imports,
    functions, classes and assignments whose names those use, directly or through others. Nothing else is: no
    demonstration, no check, no magic, no print. What fails while it runs is noted and leaves its name undefined.

    Raises:
        NotebookError: the file cannot be read as a notebook.
    """
    return defined(_code_cells(path), f"{path.parent.name}/{path.name}")


def defined(cells: Iterable[Cell], where: str) -> Definitions:
    """As :func:`definitions`, of code cells; ``where`` they stand is said in tracebacks."""
    statements: list[Statement] = []
    names: list[str] = []
    problems: dict[str, str] = {}
    for number, (source, grade_id) in enumerate(cells, start=1):
        names += [grade_id] if grade_id and grade_id not in names else []
        try:
            statements += _statements(source, f"<{where}, code cell {number}>", grade_id)
        except (SyntaxError, ValueError) as error:  # ValueError: a null byte
            if grade_id:
                line = f" in line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
                what = error.msg if isinstance(error, SyntaxError) else str(error)
                problems[grade_id] = f"{type(error).__name__}{line} of its cell: {what}"

    # A graded name is what its own cell makes of it, whatever is tried out elsewhere.
    statements = [each for each in statements if not (each.binds - {each.cell}) & set(names)]
    statements = _needed(statements)
    space: dict[str, Any] = {"__name__": "__main__"}
    for statement in statements:
        result = call(exec, statement.code, space, seconds=SECONDS)
        if isinstance(result, Failure) and statement.cell:
            problems.setdefault(statement.cell, str(result))
    return Definitions(tuple(names), space, problems, tuple((each.text, each.cell) for each in statements))


def _code_cells(path: Path) -> Iterator[Cell]:
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        for cell in cells:
            if cell["cell_type"] == "code":
                text, tag = cell["source"], cell.get("metadata", {}).get("nbgrader", {})
                yield text if isinstance(text, str) else "".join(text), tag["grade_id"] if tag.get("solution") else ""
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        reason = f"{type(error).__name__}: {error}".splitlines()[0][:120]
        raise NotebookError(
            f"{path} cannot be read as a notebook ({reason}). Open it in Jupyter and save it again, or move it away."
        ) from None


def _statements(source: str, filename: str, cell: str) -> Iterator[Statement]:
    """The statements of a cell that give names a value.

    Raises:
        SyntaxError: the cell is not Python, nor IPython.
    """
    text = _python(source)
    tree = ast.parse(text, filename)
    # Tracebacks and checks quote the student's line: they look for it here.
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    for node in tree.body:
        if binds := frozenset(_bound(node)):
            code = compile(ast.Module([node], type_ignores=[]), filename, "exec", dont_inherit=True)
            plain = ast.unparse(node)
            uses = frozenset(_used(symtable.symtable(plain, filename, "exec")))
            yield Statement(plain, code, binds, uses, cell, isinstance(node, ast.FunctionDef | ast.ClassDef))


def _python(source: str) -> str:
    """A cell's text as Python, line by line: IPython's magics become calls (which never run)."""
    first, _, rest = source.lstrip().partition("\n")
    if first.startswith(WHOLE_CELL):
        source = "\n" + rest
    try:
        ast.parse(source)
    except SyntaxError:
        from IPython.core.inputtransformer2 import TransformerManager

        return str(TransformerManager().transform_cell(source))
    return source


def _bound(node: ast.stmt) -> Iterator[str]:
    """The names that a statement gives a value, or changes; none for what is not a definition."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Import | ast.ImportFrom):
        for alias in node.names:
            yield alias.asname or alias.name.split(".")[0]
    elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            for part in ast.walk(target):
                if isinstance(part, ast.Name):  # also the x of x.y = … and of x[i] = …
                    yield part.id


def _used(table: symtable.SymbolTable) -> Iterator[str]:
    """The names of the notebook that a statement reads, in its functions as well."""
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (table.get_type() == "module" or symbol.is_global()):
            yield symbol.get_name()
    for child in table.get_children():
        yield from _used(child)


def _needed(statements: list[Statement]) -> list[Statement]:
    """Those statements, in order, that the solution cells' functions and classes consist of or use."""
    chosen = {
        place
        for place, each in enumerate(statements)
        if (each.cell and (each.is_definition or each.cell in each.binds)) or "*" in each.binds
    }
    names: set[str] = set()
    while True:
        uses = {name for place in chosen for name in statements[place].uses}
        if uses <= names:
            return [statements[place] for place in sorted(chosen)]
        names |= uses
        chosen |= {place for place, each in enumerate(statements) if each.binds & names}
