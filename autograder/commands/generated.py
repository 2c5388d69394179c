"""All files outside of release/ and dist/ that ``make release`` writes and ``autograder check`` compares."""

from pathlib import Path

from autograder.commands.exports import exports
from autograder.commands.lab_table import readme


def generated(root: Path) -> dict[Path, str]:
    """Their text, by path.

    Raises:
        InstructorError: a notebook or the README lacks what they are made of.
    """
    return {**_packages(root), **exports(root), **readme(root)}


def stale(root: Path) -> list[str]:
    """Those that are missing or out of date, one line each with the command that mends it."""
    return [
        f"{path.relative_to(root)} is not what the labs' folders and notebooks make of it: run `make release`"
        for path, text in generated(root).items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]


def _packages(root: Path) -> dict[Path, str]:
    """An ``__init__.py`` for each folder of a lab that has none yet, so that nobody has to think of it."""
    folders = [*root.glob("solutions/lab*"), *root.glob("*/labs/lab*")]
    missing = [folder / "__init__.py" for folder in folders if not (folder / "__init__.py").exists()]
    return {path: f'"""{path.parent.name}, one room of it."""\n' for path in missing}
