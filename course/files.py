"""Files that are there as a whole or not at all, even if the program is ended on the way."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Where to write a file of that name; when the block ends it takes the place of an older one, in one step.

    If the block raises an error, the older one stays, and no other file is left. Two programs may do this at once.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield beside
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def atomic_write(path: Path, text: str) -> None:
    """Write a text in UTF-8, in one step; lone surrogates, which UTF-8 cannot hold, become "?"."""
    with replacing(path) as beside:
        beside.write_text(text, encoding="utf-8", errors="replace")
