"""What a result's key depends on."""

from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder.engine.results import Results, contents


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "package"
    (folder / "weights").mkdir(parents=True)
    (folder / "__init__.py").write_text("a = 1\n")
    (folder / "weights" / "boxes.safetensors").write_bytes(b"\0\1")
    return folder


def change_code(package: Path) -> None:
    (package / "__init__.py").write_text("a = 2\n")


def change_data(package: Path) -> None:
    (package / "weights" / "boxes.safetensors").write_bytes(b"\0\2")


def add(package: Path) -> None:
    (package / "classes.json").write_text("[]")


def rename(package: Path) -> None:
    (package / "weights").rename(package / "w")


@pytest.mark.parametrize("change", [change_code, change_data, add, rename])
def test_another_package_is_another_key(package: Path, change) -> None:
    before = contents(package)
    change(package)
    assert contents(package) != before


def test_what_python_and_editors_write_changes_nothing(package: Path) -> None:
    before = contents(package)
    (package / "weights" / "__pycache__").mkdir()
    (package / "weights" / "__pycache__" / "a.cpython-311.pyc").write_bytes(b"\0")
    (package / ".__init__.py.swp").write_bytes(b"\0")
    assert contents(package) == before


@pytest.mark.parametrize(
    "package", ["torch", "torchvision", "numpy", "ipykernel", "safetensors", "pycocotools", "opencv-python-headless"]
)
def test_another_version_of_what_computes_is_another_key(
    tmp_path: Path, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder in front of the path stands for an installation that has it in another version."""
    notebook = new_notebook(cells=[new_code_cell("1")])
    before = Results(tmp_path).key(notebook, {}, sandboxed=True, secret=b"a")
    other = tmp_path / f"{package.replace('-', '_')}-99.dist-info"
    other.mkdir()
    (other / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 99\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert Results(tmp_path).key(notebook, {}, sandboxed=True, secret=b"a") != before
