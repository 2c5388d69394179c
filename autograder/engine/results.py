"""Results by content: the same submission, graded by the same code, is graded once.

A result is the outputs of a canonical notebook's cells. It is written in one step under a key made of everything that
it depends on, so whoever kills the grader in the middle finds every finished result again.
"""

import functools
import hashlib
import json
import platform
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.spec import ROOT, current
from course.files import atomic_write

PACKAGES = ("torch", "torchvision", "numpy", "ipykernel", "safetensors", "pycocotools")
OPENCV = ("opencv-python", "opencv-python-headless", "opencv-contrib-python", "opencv-contrib-python-headless")
OURS = ("autograder", "course")
TIMESTAMP = "timestamp.txt"  # nbgrader's, of when something was handed in


class Results:
    """The results in one folder, of the course that it belongs to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def key(self, notebook: NotebookNode, files: dict[str, bytes], sandboxed: bool, secret: bytes) -> str:
        """What a canonical notebook's result is called, with the ``files`` beside it and the hand-in's ``secret``."""
        cells = [[cell.cell_type, cell.source, cell.metadata] for cell in notebook.cells]
        contents = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
        return _digest([cells, contents, sandboxed, hashlib.sha256(secret).hexdigest(), self._versions])

    @functools.cached_property
    def _versions(self) -> list[str]:
        """Everything else that a result depends on: our code and data, the course's, Python, and what computes."""
        course = current()
        folders = dict.fromkeys([*(ROOT / name for name in OURS), *(course.root / name for name in course.code)])
        return [*map(contents, folders), sys.version, platform.machine(), *map(_version, (*PACKAGES, *OPENCV))]

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
        # lone surrogates in what a student's code says cannot be written into a notebook: they become "?"
        atomic_write(self.path(key), json.dumps(result, ensure_ascii=False))


def beside(folder: Path) -> dict[str, bytes]:
    """The files that lie beside the notebooks of a clean copy, by their place in it."""
    found = {str(path.relative_to(folder)): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {name: path.read_bytes() for name, path in found.items() if path.suffix != ".ipynb" and name != TIMESTAMP}


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:32]


def contents(folder: Path) -> str:
    """A package's files, or one file, as one short text: code, weights and whatever else, but not what Python wrote."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")) if folder.is_dir() else [folder]:
        place = path.relative_to(folder)
        if path.is_file() and not any(part == "__pycache__" or part.startswith(".") for part in place.parts):
            digest.update(f"{place.as_posix()}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\0".encode())
    return digest.hexdigest()


def _version(package: str) -> str:
    """A package's version, with its name; only the name where it is not installed."""
    try:
        return f"{package} {metadata.version(package)}"
    except metadata.PackageNotFoundError:
        return package
