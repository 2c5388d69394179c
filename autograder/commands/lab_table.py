"""The README's lab table, written by ``make release`` from the notebooks' first cells and graded cells."""

from pathlib import Path

from traitlets.config.loader import PyFileConfigLoader

from autograder.commands.notebook_header import header
from autograder.errors import InstructorError
from autograder.grader.graded_cells import graded_cells, lab_number
from autograder.nbgrader_plugins.preprocessors import PLACEHOLDER

BEGIN = "<!-- lab table: written by `make release` from solutions/, do not edit -->"
END = "<!-- end of the lab table -->"
HEAD = ("| lab | what students build | time | points | |", "|---|---|---|---|---|")
NEXT = "<br>"  # between the notebooks of one lab


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
    """One row for each lab, in Markdown."""
    rows = map(_row, notebooks_by_lab(root).values())
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
    points = sum(cell.points for text in texts for cell in graded_cells(text).values())
    columns = (
        f"{lab_number(lab)} " + NEXT.join(f"`{lab}/{text.stem}`" for text in texts),
        NEXT.join(
            f"**{head.title}**: {_exercises(text) or head.work}" for text, head in zip(texts, headers, strict=True)
        ),
        NEXT.join(head.time for head in headers),
        f"{points:g}" if points else "–",
        NEXT.join(head.badge for head in headers),
    )
    return f"| {' | '.join(columns)} |"


def _exercises(text: Path) -> str:
    return " · ".join(f"`{name}` {cell.points:g}" for name, cell in graded_cells(text).items())


def _repository(root: Path) -> str:
    """Where students find the course on GitHub, as nbgrader's settings say for the badges in notebooks."""
    settings = PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    return str(settings.SetRepository.get("repository", PLACEHOLDER))
