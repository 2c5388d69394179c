"""The README's lab table, written by ``make release`` from the notebooks' first cells and graded cells."""

import re
from collections.abc import Iterable
from pathlib import Path

from traitlets.config.loader import PyFileConfigLoader

from autograder.commands.notebook_header import header
from autograder.errors import InstructorError
from autograder.grader.graded_cells import graded_cells, lab_number
from autograder.nbgrader_plugins.preprocessors import PLACEHOLDER

BEGIN = "<!-- lab table: written by `make release` from solutions/, do not edit -->"
END = "<!-- end of the lab table -->"
HEAD = ("| lab | what students build | minutes | points | |", "|---|---|---|---|---|")
NEXT = "<br>"  # between the notebooks of one lab
NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
TIME = re.compile(rf"about (\d+|{'|'.join(NUMBERS)})( and a half)? (minute|hour)s?\b")


def readme(root: Path) -> dict[Path, str]:
    """The README with the lab table as the notebooks have it, by its path.

    Raises:
        InstructorError: the README has no place for the table, or a notebook's first cell lacks something.
    """
    path = root / "README.md"
    text = path.read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise InstructorError(f"{path} should have one line {BEGIN} and, below it, one line {END}.")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    return {path: f"{before}{BEGIN}\n\n{lab_table(root)}\n\n{END}{after}"}


def lab_table(root: Path) -> str:
    """One row for each lab, and their sums, in Markdown."""
    labs = notebooks_by_lab(root)
    everything = [text for texts in labs.values() for text in texts]
    rows = [*map(_row, labs.values()), f"| | **together** | {_minutes(everything)} | {_points(everything)} | |"]
    return "\n".join([*HEAD, *rows]).replace(PLACEHOLDER, _repository(root))


def notebooks_by_lab(root: Path) -> dict[str, list[Path]]:
    """Each lab's notebooks as text, by the lab's name, in the order of the course."""
    texts: dict[str, list[Path]] = {}
    for text in sorted(root.glob("solutions/*/[!_]*.py")):
        texts.setdefault(text.parent.name, []).append(text)
    return {lab: texts[lab] for lab in sorted(texts, key=lab_number)}


def _row(texts: list[Path]) -> str:
    """The row of a lab, whose notebooks are in percent format."""
    lab, headers = texts[0].parent.name, [header(text) for text in texts]
    columns = (
        f"{lab_number(lab)} " + NEXT.join(f"`{lab}/{text.stem}`" for text in texts),
        NEXT.join(
            f"**{head.title}**: {_exercises(text) or head.work}" for text, head in zip(texts, headers, strict=True)
        ),
        str(_minutes(texts)),
        _points(texts),
        NEXT.join(head.badge for head in headers),
    )
    return f"| {' | '.join(columns)} |"


def minutes(time: str) -> int:
    """How many minutes the words of a first cell mean: 75 for "about 75 minutes", 150 for "about two and a half hours".

    Raises:
        InstructorError: they mean no time.
    """
    found = TIME.match(time)
    if not found:
        raise InstructorError(
            f"expected a time such as “about 75 minutes” or “about two and a half hours”, got “{time}”."
        )
    number = NUMBERS.index(found[1]) + 1 if found[1] in NUMBERS else int(found[1])
    return int((number + (0.5 if found[2] else 0)) * (60 if found[3] == "hour" else 1))


def _minutes(texts: Iterable[Path]) -> int:
    return sum(minutes(header(text).time) for text in texts)


def _points(texts: Iterable[Path]) -> str:
    points = sum(cell.points for text in texts for cell in graded_cells(text).values())
    return f"{points:g}" if points else "–"


def _exercises(text: Path) -> str:
    return " · ".join(f"`{name}` {cell.points:g}" for name, cell in graded_cells(text).items())


def _repository(root: Path) -> str:
    """Where students find the course on GitHub, as nbgrader's settings say for the badges in notebooks."""
    settings = PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    return str(settings.SetRepository.get("repository", PLACEHOLDER))
