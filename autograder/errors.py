"""Mistakes of the instructor, told in one line; and the folders that we may write into."""

import shutil
from pathlib import Path

import click

MARKER = ".rcnn-by-hand"


class InstructorError(click.ClickException):
    """Something that was asked for cannot be done; the command line prints the message alone and exits with 1."""


def own_folder(path: Path, purpose: str) -> Path:
    """Create an empty folder for our output, or empty one that we made before.

    A marker file says that a folder is ours; nobody else's folder is ever emptied.

    Raises:
        InstructorError: the path exists and was not made by us.
    """
    if path.is_dir() and any(path.iterdir()) and not (path / MARKER).is_file():
        raise InstructorError(f"{path} exists and was not made by this command: name a new folder for {purpose}.")
    if path.exists() and not path.is_dir():
        raise InstructorError(f"expected a folder for {purpose}, but {path} is a file.")
    if path.is_dir():
        shutil.rmtree(path)
    path.mkdir(parents=True)
    (path / MARKER).write_text(f"Made by rcnn-by-hand for {purpose}; emptied when it is made again.\n")
    return path
