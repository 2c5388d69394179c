"""Results by content: the same submission, graded by the same code, is graded once.

A result is the outputs of a canonical notebook's cells. It is written in one step under a key made of everything that
it depends on, so whoever kills the grader in the middle finds every finished result again.
"""

import functools
import hashlib
import json
import os
import platform
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("torch", "torchvision", "numpy", "ipykernel")
OURS = ("autograder", "course", "solutions")
TIMESTAMP = "timestamp.txt"  # nbgrader's, of when something was handed in


class Results:
    """The results in one folder, of the course that it belongs to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def key(self, notebook: NotebookNode, files: dict[str, bytes], sandboxed: bool) -> str:
        """What a canonical notebook's result is called, which had ``files`` beside it."""
        cells = [[cell.cell_type, cell.source, cell.metadata] for cell in notebook.cells]
        contents = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
        return _digest([cells, contents, sandboxed, _versions()])

    def path(self, key: str) -> Path:
        """Where a result is or will be."""
        return self.folder / f"{key}.json"

    def read(self, key: str) -> dict[str, Any] | None:
        """A result: ``outputs`` by cell id, and the ``seconds`` that it took; ``None`` while there is none."""
        try:
            result = json.loads(self.path(key).read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return None
        result["outputs"] = {
            name: [nbformat.from_dict(output) for output in outputs] for name, outputs in result["outputs"].items()
        }
        return dict(result)

    def write(self, key: str, outputs: dict[str, list[NotebookNode]], seconds: float, certain: bool = True) -> None:
        """Keep a result; one that is not ``certain``, since the grader failed, only until the next run."""
        result = {"outputs": outputs, "seconds": seconds, "certain": certain}
        # lone surrogates in what a student's code says cannot be written into a notebook: here they become "?"
        write(self.path(key), json.dumps(result, ensure_ascii=False))


def beside(folder: Path) -> dict[str, bytes]:
    """The files that lie beside the notebooks of a clean copy, by their place in it."""
    found = {str(path.relative_to(folder)): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {name: path.read_bytes() for name, path in found.items() if path.suffix != ".ipynb" and name != TIMESTAMP}


def write(path: Path, text: str) -> None:
    """Write a file in one step: it is there whole, or as it was."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    scratch.write_text(text, encoding="utf-8", errors="replace")
    scratch.replace(path)


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:32]


@functools.cache
def _versions() -> list[str]:
    """Everything else that a result depends on: our code, Python, and the packages that compute."""
    code = hashlib.sha256()
    for package in OURS:
        for path in sorted((ROOT / package).rglob("*.py")):
            code.update(path.read_bytes())
    return [code.hexdigest(), sys.version, platform.machine(), *map(metadata.version, PACKAGES)]
