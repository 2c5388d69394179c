"""A submission in canonical form: the released notebook with the student's own code in it, and nothing else of theirs.

Marks, tags, points, order, outputs and kernel come from the release; a submission can only say what stands in its
solution cells and in cells of its own. What had to be put right is told to the student.
"""

import copy
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field

import nbformat
from nbformat import NotebookNode

from autograder.engine.submitted_cells import SubmittedCell, UnreadableError, submitted_cells
from autograder.escaping import markdown

NOTE = "about-this-submission"  # the id of the cell that tells what was put right
MOST_CELLS = 300  # of a student's own
LONGEST_CELL = 200_000  # characters


@dataclass
class Canonical:
    """A canonical notebook, and what its author should know about it.

    Attributes:
        notebook: the release with the student's code; a note in front if there are any.
        notes: what was put right, one sentence each, in Markdown: what students wrote is escaped.
        unreadable: why nothing of the submission could be used, or ``""``.
    """

    notebook: NotebookNode
    notes: list[str] = field(default_factory=list)
    unreadable: str = ""


def canonical(released: NotebookNode, submitted: bytes | str, notes: Sequence[str] = ()) -> Canonical:
    """The canonical form of a submitted notebook.

    Args:
        released: the notebook as students got it, hidden tests included.
        submitted: the file's bytes; or, where there is no such file, a text that says so ("is missing").
        notes: what else the author should know, in Markdown.
    """
    try:
        if isinstance(submitted, str):
            raise UnreadableError(submitted)
        return _merge(released, submitted_cells(submitted), notes)
    except UnreadableError as error:
        form = Canonical(copy.deepcopy(released), [f"This notebook cannot be graded: it {error}.", *notes], str(error))
        _put_note(form)
        return form


def _merge(released: NotebookNode, cells: list[SubmittedCell], notes: Sequence[str]) -> Canonical:
    notebook = copy.deepcopy(released)
    form = Canonical(notebook, [*notes])
    places = {_mark(cell): place for place, cell in enumerate(notebook.cells) if _mark(cell)}
    ids = {cell.get("id"): place for place, cell in enumerate(notebook.cells) if not _mark(cell)}
    sources = {cell.source: place for place, cell in enumerate(notebook.cells) if not _mark(cell)}
    found: dict[str, SubmittedCell] = {}
    own: dict[int, list[SubmittedCell]] = {}
    order: list[int] = []
    here = -1  # the released cell that the student's cell stands behind
    for cell in cells:
        if cell.grade_id in places:
            here = places[cell.grade_id]
            order.append(here)
            if not notebook.cells[here].metadata.nbgrader.solution:
                found.setdefault(cell.grade_id, cell)
                continue
            if cell.grade_id in found:
                form.notes.append(f"There is more than one cell for {cell.grade_id}: the last one counts.")
                own.setdefault(here - 1, []).append(found[cell.grade_id])
            found[cell.grade_id] = cell
            continue
        place = ids.get(cell.id, sources.get(cell.source))
        if place is not None and notebook.cells[place].source == cell.source:
            here = place
            continue
        if cell.grade_id:
            form.notes.append(
                f"No cell of this lab is called {markdown(cell.grade_id[:60])}: yours counts as a cell of your own."
            )
        here = here if place is None else place  # a changed cell of the release: the release's, then theirs
        own.setdefault(here, []).append(cell)
    _take_solutions(form, places, found)
    if order != sorted(order):
        form.notes.append("Some cells had changed places: they are run in the order of the released notebook.")
    _put_own(form, own)
    _put_note(form)
    return form


def _mark(cell: NotebookNode) -> str:
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))


def _take_solutions(form: Canonical, places: dict[str, int], found: dict[str, SubmittedCell]) -> None:
    """Fill in the student's solutions, and tell what is missing or was changed."""
    for grade_id, place in places.items():
        released, cell = form.notebook.cells[place], found.get(grade_id)
        if cell is None:
            what = "the cell" if released.metadata.nbgrader.solution else "the graded cell"
            form.notes.append(f"{what.capitalize()} {grade_id} is missing: the released one was put back.")
            continue
        marks = released.metadata.nbgrader
        if any(cell.marks.get(key) != value for key, value in marks.items() if key != "checksum"):
            form.notes.append(f"nbgrader's marks of the cell {grade_id} were changed: the released ones count.")
        if marks.solution:
            if cell.kind != released.cell_type:
                form.notes.append(
                    f"The cell {grade_id} had become a {markdown(cell.kind[:20])} cell: it is run as code."
                )
            if len(cell.source) > LONGEST_CELL:
                form.notes.append(f"The cell {grade_id} is longer than {LONGEST_CELL:,} characters: it is left out.")
            else:
                released.source = cell.source
        elif _visible(cell.source) != _visible(released.source):
            form.notes.append(f"The graded cell {grade_id} was changed: the released one is run.")


def _visible(source: str) -> str:
    """A graded cell's text without its hidden tests, as the student got it."""
    return source.partition("### BEGIN HIDDEN TESTS")[0].strip()


def _put_own(form: Canonical, own: dict[int, list[SubmittedCell]]) -> None:
    """Put the student's own cells behind the released cells that they stood behind."""
    left = MOST_CELLS
    cells: list[NotebookNode] = []
    for place in range(-1, len(form.notebook.cells)):
        if place >= 0:
            cells.append(form.notebook.cells[place])
        for cell in own.get(place, []):
            if cell.kind not in ("code", "markdown") or not cell.source.strip():
                continue
            left -= 1
            if left < 0:
                continue
            if len(cell.source) > LONGEST_CELL:
                form.notes.append(f"A cell of your own is longer than {LONGEST_CELL:,} characters: it is left out.")
                continue
            new = nbformat.v4.new_code_cell if cell.kind == "code" else nbformat.v4.new_markdown_cell
            # a student's HTML and links would act in the browser of whoever reads the submission: as it was typed
            added = new(cell.source if cell.kind == "code" else textwrap.indent(cell.source, "    ", lambda line: True))
            added.metadata["own"] = True
            added.id = f"own-{MOST_CELLS - left}"
            cells.append(added)
    if left < 0:
        form.notes.append(f"Of your own cells {MOST_CELLS} are run; there are {MOST_CELLS - left}.")
    form.notebook.cells = cells


def _put_note(form: Canonical) -> None:
    if form.notes:
        lines = "\n".join(f"- {note}" for note in dict.fromkeys(form.notes))
        note = nbformat.v4.new_markdown_cell(f"**About this submission**\n\n{lines}")
        note.id = NOTE
        form.notebook.cells.insert(0, note)
