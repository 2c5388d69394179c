"""The student's own cells as a feedback page shows them, with what they printed and drew, within limits of a page."""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from nbconvert.filters import strip_ansi
from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution, is_task

from autograder.engine.cell_analysis import students_own

PICTURES = ("image/png", "image/jpeg")
BASE64 = re.compile(r"[A-Za-z0-9+/\s]+={0,2}\s*")
LONGEST_CODE = 20_000  # characters of one cell that are shown
LONGEST_OUTPUT = 4_000  # and of one output
TEXTS = 150_000  # characters on a page, of all cells and outputs
PICTURE_BYTES = 2**20  # of all pictures on a page, as they stand in the notebook


@dataclass(frozen=True)
class Output:
    """A text, or a picture of this kind in base64, that a cell shows."""

    kind: str
    content: str


@dataclass(frozen=True)
class Shown:
    """A cell of the student's, as it was run."""

    title: str
    code: str
    prose: str
    outputs: tuple[Output, ...]


def shown_cells(notebook: NotebookNode) -> Iterator[Shown]:
    """The student's own cells, and what is to be graded by hand; the lab's texts and figures are left out."""
    room = _Room()
    ours = "rcnn_by_hand" in notebook.metadata  # else nobody has told apart whose cells are whose
    for cell in notebook.cells:
        own = students_own(cell) or is_solution(cell) or is_task(cell)
        if own or (not ours and cell.cell_type == "code" and not is_grade(cell)):
            yield room.cell(cell)


class _Room:
    """How much of a notebook still goes onto a page: what code prints has no end by itself."""

    def __init__(self) -> None:
        self._texts, self._pictures = TEXTS, PICTURE_BYTES

    def cell(self, cell: NotebookNode) -> Shown:
        """A cell with its outputs, as far as there is room."""
        code = cell.cell_type == "code"
        # an own text was put into the notebook as a block of code, so that nothing in it acts
        source = cell.source if code or not cell.metadata.get("own") else textwrap.dedent(cell.source)
        text = self._text(source, LONGEST_CODE)
        outputs = [self._output(output) for output in cell.get("outputs", [])]
        return Shown(
            title=cell.metadata.get("nbgrader", {}).get("grade_id", ""),
            code=text if code else "",
            prose="" if code else text,
            outputs=tuple(output for output in outputs if output.content.strip()),
        )

    def _output(self, output: NotebookNode) -> Output:
        if output.output_type == "stream":
            return self._words(output.text)
        if output.output_type == "error":
            return self._words("\n".join(output.traceback))
        data = output.get("data", {})
        kind = next((kind for kind in PICTURES if kind in data), "")
        if kind and BASE64.fullmatch(str(data[kind])):
            self._pictures -= len(data[kind])
            if self._pictures >= 0:
                return Output(kind, "".join(data[kind].split()))
            return Output("", "A picture is left out here: there are too many, or they are too large.")
        return self._words(str(data.get("text/plain", "")))

    def _words(self, text: str) -> Output:
        return Output("", self._text(strip_ansi(text).rstrip(), LONGEST_OUTPUT))

    def _text(self, text: str, most: int) -> str:
        kept = text[: max(0, min(most, self._texts))]
        self._texts -= len(kept)
        left = len(text) - len(kept)
        return f"{kept}\n… {left:,} more characters are left out here." if left else kept
