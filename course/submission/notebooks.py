"""A student's own notebooks of one lab, as they are handed in: found beside the one that runs, and stripped."""

import ast
import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course.errors import PlainError
from course.parts.notebook_definitions import by_number
from course.submission import colab

# Behind the badge in each notebook's first cell: which one it is, whatever its file is called. Other links may lead to
# another one.
BADGE = re.compile(r"colab-badge\.svg\)\]\([^()\s]*/release/(lab\w+)/(\w+)\.ipynb")
KEPT = ("nbgrader", "tags")  # of a cell's metadata; Colab's says who ran it and when
LARGEST = 16 * 2**20  # bytes; grading reads no larger one


class SubmitError(PlainError):
    """Nothing can be handed in; the message says why and what to do."""


@dataclass(frozen=True)
class Notebook:
    """A notebook of a lab, ready to be handed in.

    Attributes:
        lab: the lab's name, as ``lab1_boxes``.
        name: what the notebook is called in the course, without ending, as ``boxes``.
        content: nbformat's JSON without outputs.
        origin: where it was found, and how old that is, for its author to read.
    """

    lab: str
    name: str
    content: dict[str, Any]
    origin: str

    def sources(self) -> list[str]:
        """The text of each code cell."""
        return [text(cell) for cell in self.content["cells"] if cell["cell_type"] == "code"]


def opened() -> list[Notebook]:
    """The notebook that is open in Colab, alone in a list.

    Raises:
        ColabError: Colab did not send it.
        SubmitError: it is not a notebook of a lab any more.
    """
    content = colab.open_notebook()
    return [of(content, "this notebook", "this notebook, as it stands in the browser now")]


def saved(running: str, ran: Sequence[str]) -> list[Notebook]:
    """The saved notebooks of the lab that the running one belongs to, from the working folder.

    Args:
        running: the running notebook's file name; "" if that is not known.
        ran: the text of all cells that the running notebook ran, in order.

    Raises:
        SubmitError: there is none, it is not clear which one is meant, or a change is not saved.
    """
    found = {path: each for path in sorted(Path.cwd().glob("*.ipynb")) if (each := _read(path))}
    here = next((each for path, each in found.items() if path.name == running), None)
    if running and here is None:
        what = "is not a notebook of a lab: its first cell should be the lab's title, with the badge"
        raise SubmitError(f"{running} {what}." if Path(running).exists() else f"there is no file {running} here.")
    labs = sorted({here.lab} if here else {each.lab for each in found.values()}, key=by_number)
    if not labs:
        raise SubmitError(f"there is no saved notebook of a lab in {Path.cwd()}: save this one here first.")
    if len(labs) > 1:
        raise SubmitError(
            f"notebooks of {', '.join(labs)} lie here: say which one, course.submit(…, notebook='….ipynb')."
        )
    chosen: dict[str, Notebook] = {}
    # Of copies the running one counts, else the one that is called as it should be.
    for path in sorted(found, key=lambda path: (path.name != running, path.stem != found[path].name)):
        if found[path].lab == labs[0]:
            chosen.setdefault(found[path].name, found[path])
    for each in chosen.values():
        if name := changed_since(each, ran):
            raise SubmitError(
                f"{name}: what ran last is not in {each.origin}. Save (Ctrl + S, on a Mac ⌘ S), run the cell that "
                f"defines {name}, and then this one."
            )
    return [chosen[name] for name in sorted(chosen)]


def around(folder: Path, running: str = "") -> list[Notebook]:
    """The saved notebooks of all labs in a folder, beside and below it, one of each, in the order of the labs.

    Of copies the running one counts, then those of this folder, then the one that is called as it should be.

    Raises:
        SubmitError: there is none.
    """
    paths = [*folder.glob("*.ipynb"), *folder.parent.glob("*/*.ipynb"), *folder.glob("*/*.ipynb")]
    found = {path: each for path in dict.fromkeys(paths) if (each := _read(path))}
    chosen: dict[tuple[str, str], Notebook] = {}

    def rank(path: Path) -> tuple[bool, bool, bool, str]:
        here = path.parent == folder
        return not (here and path.name == running), not here, path.stem != found[path].name, str(path)

    for path in sorted(found, key=rank):
        chosen.setdefault((found[path].lab, found[path].name), found[path])
    if not chosen:
        raise SubmitError(f"there is no saved notebook of a lab in {folder}, beside it or below it.")
    return [chosen[key] for key in sorted(chosen, key=lambda key: by_number("/".join(key)))]


def changed_since(notebook: Notebook, ran: Sequence[str]) -> str:
    """The first exercise whose cell, as it ran last, is in no cell of the saved notebook; "" where all are there."""
    known = {source.strip() for source in notebook.sources()}
    for name in exercises(notebook.content):
        last = next((source for source in reversed(ran) if name in _defined(source)), None)
        if last is not None and last.strip() not in known:
            return name
    return ""


def exercises(content: dict[str, Any]) -> list[str]:
    """The names of a notebook's exercises, in order: those of its graded cells, ``test_`` taken off."""
    marks = [cell.get("metadata", {}).get("nbgrader", {}) for cell in content["cells"]]
    return [mark["grade_id"].removeprefix("test_") for mark in marks if mark.get("grade") and not mark.get("solution")]


def text(cell: dict[str, Any]) -> str:
    """A cell's text; files have it line by line, or as one."""
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(source)


def _read(path: Path) -> Notebook | None:
    """A saved notebook of a lab; ``None`` for any other file."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if not BADGE.search("".join(text(cell) for cell in content["cells"])):
            return None
        age = max(0, round(time.time() - path.stat().st_mtime))
        ago = (
            f"{age} seconds ago"
            if age < 120
            else time.strftime("on %d %B at %H:%M", time.localtime(path.stat().st_mtime))
        )
        return of(content, path.name, f"{path.name}, saved {ago}")
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def of(content: dict[str, Any], called: str, origin: str) -> Notebook:
    """What a notebook's JSON is in the course, stripped to what is handed in; ``called`` is its name in errors.

    Raises:
        SubmitError: it does not say which lab it is, or is too large.
    """
    match = BADGE.search("".join(text(cell) for cell in content["cells"]))
    if match is None:
        raise SubmitError(
            f"{called} has lost its first cell, with the lab's title and badge: it says which lab this is."
        )
    cells = []
    for cell in content["cells"]:
        plain = {
            **cell,
            "metadata": {key: cell.get("metadata", {})[key] for key in KEPT if key in cell.get("metadata", {})},
        }
        if cell["cell_type"] == "code":
            plain |= {"outputs": [], "execution_count": None}
        cells.append(plain)
    kernel = {
        key: value for key, value in content.get("metadata", {}).items() if key in ("kernelspec", "language_info")
    }
    stripped = {**content, "metadata": kernel, "cells": cells}
    if len(json.dumps(stripped)) > LARGEST:
        raise SubmitError(
            f"{called} has more than {LARGEST // 2**20} MiB without outputs: take pictures out of its text."
        )
    return Notebook(match[1], match[2], stripped, origin)


def _defined(source: str) -> set[str]:
    """The functions, classes and variables that a cell's text gives a value at top level."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError):  # magics, or no Python
        return set()
    names = {node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    targets = [target for node in body if isinstance(node, ast.Assign) for target in node.targets]
    return names | {target.id for target in targets if isinstance(target, ast.Name)}
