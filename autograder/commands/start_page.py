"""START.html, the page in the students' zip: how to install the course, and which labs there are."""

import html
from pathlib import Path

from autograder.commands.lab_table import notebooks_by_lab
from autograder.commands.notebook_header import header
from autograder.grader.graded_cells import graded_cells, lab_number

TEMPLATE = Path(__file__).with_name("start.html")
HEAD = "<table>\n<tr><th>lab</th><th>notebook</th><th>time</th><th>points</th></tr>"


def start_page(root: Path, wheel: str) -> str:
    """The page's text.

    Args:
        root: the repository.
        wheel: the wheel's file name, as it lies beside the page.

    Raises:
        InstructorError: a notebook's first cell lacks its title or the line with the points.
    """
    texts = [text for lab in notebooks_by_lab(root).values() for text in lab]
    labs = "\n".join([HEAD, *map(_row, texts), "</table>"])
    page = TEMPLATE.read_text(encoding="utf-8")
    return page.replace("{wheel}", wheel).replace("{first}", _path(texts[0])).replace("{labs}", labs)


def _row(text: Path) -> str:
    head = header(text)
    points = sum(cell.points for cell in graded_cells(text).values())
    titled = f"{html.escape(head.title)}<br><code>{_path(text)}</code>"
    cells = (str(lab_number(text.parent.name)), titled, html.escape(head.time), f"{points:g}" if points else "–")
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _path(text: Path) -> str:
    """Where students have the notebook, from the page's folder."""
    return f"{text.parent.name}/{text.stem}.ipynb"
