"""Why a function that is to be judged is not there, in words for its author."""

import re
import sys
from collections.abc import Mapping

from nbformat import NotebookNode

from autograder.engine.cell_analysis import students_own

LONGEST = 300  # characters of an error that are quoted
FILE = re.compile(r" \(\S+, (line \d+)\)$")  # IPython names a file for each cell


def why_missing(name: str, notebook: NotebookNode, outputs: Mapping[str, list[NotebookNode]]) -> str:
    """Why no cell has defined ``name``: the error of the one that should have, where it stopped with one.

    Args:
        name: of the function.
        notebook: a canonical one.
        outputs: of the cells that were run, by cell id.
    """
    errors = [
        output
        for cell in notebook.cells
        if students_own(cell) and _is_to_define(cell, name)
        for output in outputs.get(cell.id, [])
        if output.output_type == "error"
    ]
    there_is_none = f"There is no {name} in this notebook"
    if not errors:
        return f"{there_is_none}: no cell of it defines one."
    error = errors[-1]
    message = FILE.sub(r" (\1)", str(error.evalue)[:LONGEST].strip().partition("\n")[0]).rstrip(".")
    told = f"{there_is_none}: the cell that should define it stopped with an error. {error.ename}: {message}."
    if error.ename != "SyntaxError":
        return told
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return f"{told} It is graded with Python {version}: if it runs for you, it may be written for a newer one."


def _is_to_define(cell: NotebookNode, name: str) -> bool:
    """Whether a cell is the one for a function, or has a definition of it that need not compile."""
    # blanks, but no line ends: a cell of empty lines alone would take minutes
    definition = rf"^[ \t]*(?:def|class)[ \t]+{re.escape(name)}\b|^[ \t]*{re.escape(name)}[ \t]*="
    mine = cell.metadata.get("nbgrader", {}).get("grade_id") == name
    return mine or re.search(definition, cell.source, re.MULTILINE) is not None
