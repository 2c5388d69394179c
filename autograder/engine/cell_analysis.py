"""Which names cells define and use: whether a student's code leans on cells that only draw."""

import builtins
import functools
import symtable
from collections.abc import Iterator

from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode

FIGURE = "active-ipynb"  # the tag of cells that check, draw or demonstrate


def needs_every_cell(notebook: NotebookNode) -> bool:
    """Whether the student's cells use a name that only a figure's cell defines, so that none may be skipped."""
    figures: set[str] = set()
    others: set[str] = set(dir(builtins))
    used: set[str] = set()
    for cell in notebook.cells:
        if cell.cell_type != "code" or cell.metadata.get("nbgrader", {}).get("grade"):
            continue
        defined, loaded = names(cell.source)
        if FIGURE in cell.metadata.get("tags", []):
            figures |= defined
        else:
            others |= defined
            used |= loaded
    return bool(used & (figures - others))


@functools.lru_cache(1000)
def _python(source: str) -> str:
    """The Python code that IPython makes of a cell."""
    return TransformerManager().transform_cell(source)


@functools.lru_cache(1000)
def names(source: str) -> tuple[set[str], set[str]]:
    """The global names that a cell defines, and those that it uses; none where it does not compile."""
    try:
        return _names(symtable.symtable(_python(source), "<cell>", "exec"))
    except Exception:  # whatever IPython, the parser or the compiler make of a text that may be meant to break them
        return set(), set()


def _names(table: symtable.SymbolTable) -> tuple[set[str], set[str]]:
    defined = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
    loaded = {
        symbol.get_name()
        for scope in _scopes(table)
        for symbol in scope.get_symbols()
        if symbol.is_referenced() and (scope is table or symbol.is_global())
    }
    return defined, loaded - defined


def learn(notebook: NotebookNode) -> None:
    """Look at the cells of a canonical notebook that are the release's: what follows are copies of this process."""
    for cell in notebook.cells:
        if cell.cell_type == "code" and not students_own(cell):
            names(cell.source)


def students_own(cell: NotebookNode) -> bool:
    """Whether a canonical notebook's cell holds what its student wrote."""
    return bool(cell.metadata.get("own") or cell.metadata.get("nbgrader", {}).get("solution"))


def _scopes(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _scopes(child)
