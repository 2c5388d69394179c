"""What an instructor may want to look at in a class's hand-ins: a list, no accusation, and never a point.

Code without an honest use, a function of the same form as another student's, a copy of a library's text. Short
functions are left out: there the obvious answer is everybody's.
"""

import functools
import importlib.util
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from autograder.commands.code_forms import Form, forms, parsed
from autograder.commands.odd_code import imports, may_be_odd, odd_lines
from autograder.engine.cell_analysis import students_own
from autograder.spec import current

SHARED = 150  # nodes of a syntax tree; textbooks give everybody an IoU of 137 and an NMS of 147
COPIED = 60  # the same for a library's text: no known right answer has the form of one, however short
MOST = 20  # lines of one student
LONGEST = 200  # characters of a line that are quoted
READ = 200_000  # characters of one student
NAMED = 10  # students that are named beside a function that they share
READY_MADE = {"torchvision": ("ops", "models/detection")}


@dataclass(frozen=True)
class Written:
    """A cell of code that a student wrote: where it stands, its text, and whether the student added it."""

    where: str
    source: str
    own: bool


@dataclass(frozen=True)
class Look:
    """A line that is worth a look: whose, in which cell, its number from 1 and its text, and why."""

    student: str
    where: str
    line: int
    text: str
    why: str


def written(notebook: NotebookNode) -> list[Written]:
    """The cells of code of a canonical notebook that its student wrote."""
    return [
        Written(
            cell.metadata.get("nbgrader", {}).get("grade_id") or str(cell.get("id")),
            cell.source,
            bool(cell.metadata.get("own")),
        )
        for cell in notebook.cells
        if cell.cell_type == "code" and students_own(cell)
    ]


def looks(class_: Mapping[str, Sequence[Written]], given: Sequence[str]) -> list[Look]:
    """What is worth a look, by student.

    Args:
        class_: what each student wrote.
        given: the texts of cells that everybody got: what is in them is nobody's own.
    """
    known = {form.digest for source in given for form in _forms(source)}
    copies = {digest: place for digest, place in _libraries().items() if digest not in known}
    found: list[Look] = []
    shared: dict[str, dict[str, tuple[Written, Form]]] = defaultdict(dict)
    for student, cells in class_.items():
        read = list(_read(cells))
        found += _odd(student, read, given)
        for cell in read:
            for form in _forms(cell.source):
                if form.digest in copies and form.size >= COPIED:
                    found.append(_look(student, cell, form.line, f"{form.name} has the form of {copies[form.digest]}"))
                elif form.digest not in known and form.size >= SHARED:
                    shared[form.digest].setdefault(student, (cell, form))
    for group in shared.values():
        for student, (cell, form) in group.items():
            if others := [name for name in group if name != student]:
                more = f" and {len(others) - NAMED} more" if len(others) > NAMED else ""
                found.append(_look(student, cell, form.line, f"the same as {', '.join(others[:NAMED])}{more}"))
    return sorted(found, key=lambda look: look.student)


def _read(cells: Sequence[Written]) -> Iterator[Written]:
    """As many cells as are read of one student, those of exercises first."""
    room = READ
    for cell in sorted(cells, key=lambda cell: cell.own):
        room -= len(cell.source)
        if room >= 0:
            yield cell


def _odd(student: str, cells: Sequence[Written], given: Sequence[str]) -> list[Look]:
    if not any(may_be_odd(cell.source) for cell in cells):
        return []
    texts = [*given, *(cell.source for cell in cells)]
    imported = {name: whole for text in texts for name, whole in _imports(text).items()}
    lines = {line.strip() for text in given for line in text.split("\n")}
    found = [
        _look(student, cell, line, why)
        for cell in cells
        for line, why in sorted(odd_lines(cell.source, _parsed(cell.source), imported).items())
    ]
    return [look for look in found if look.text not in lines][:MOST]


def _look(student: str, cell: Written, line: int, why: str) -> Look:
    lines = cell.source.split("\n")
    return Look(student, cell.where, line, lines[min(line, len(lines)) - 1].strip()[:LONGEST], why)


_parsed = functools.lru_cache(maxsize=2000)(parsed)


@functools.lru_cache(maxsize=2000)
def _imports(source: str) -> dict[str, str]:
    tree = _parsed(source)
    return imports(tree) if tree else {}


@functools.lru_cache(maxsize=2000)
def _forms(source: str) -> list[Form]:
    tree = _parsed(source)
    return list(forms(tree)) if tree else []


@functools.cache
def _libraries() -> dict[str, str]:
    """Forms of the functions that students' code can read, and what they are called."""
    course = current()
    roots = [(course.root, package) for package in course.packages]
    for name, folders in READY_MADE.items():
        if (spec := importlib.util.find_spec(name)) and spec.origin:
            roots += [(Path(spec.origin).parents[1], f"{name}/{folder}") for folder in folders]
    found: dict[str, str] = {}
    for root, place in roots:
        for path in sorted((root / place).rglob("*.py")):
            module = ".".join(path.relative_to(root).with_suffix("").parts)
            tree = parsed(path.read_text(encoding="utf-8"))
            for form in forms(tree) if tree else ():
                found.setdefault(form.digest, f"{module}.{form.name}")
    return found
