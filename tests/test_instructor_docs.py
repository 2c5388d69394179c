"""The instructor's page cannot lie: its limits are the code's, its exercise works as written, its settings exist."""

import os
import re
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from autograder.engine.autograde import Sandbox
from autograder.exporters import CanvasExporter, MoodleExporter
from autograder.notebooks import ROOT

TEXT = (ROOT / "docs" / "instructor.md").read_text(encoding="utf-8")
UNITS = {"": 1, "s": 1, "characters": 1, "MiB": 2**20}
LIMIT = re.compile(r"\| [^|]+ \| ([\d.]+)(?: (s|MiB|characters))?(?: of computing)? \| `(\w+)` in `([\w/]+)\.py` \|")
LAB = Path("lab1_boxes")


def test_the_limits_are_those_of_the_code() -> None:
    rows = [line for line in TEXT.split("| limit |")[1].split("\n\n")[0].splitlines()[2:] if line]
    assert len(rows) >= 12
    for row in rows:
        match = LIMIT.fullmatch(row)
        assert match, row
        number, unit, name, module = match.groups()
        assert getattr(import_module(module.replace("/", ".")), name) == float(number) * UNITS[unit or ""], row


def test_the_settings_exist() -> None:
    classes = {"Sandbox": Sandbox, "CanvasExporter": CanvasExporter, "MoodleExporter": MoodleExporter}
    found = re.findall(r"c\.(Sandbox|CanvasExporter|MoodleExporter)\.(\w+)", TEXT)
    assert {name for name, _ in found} == classes.keys()
    for name, trait in found:
        assert trait in classes[name].class_traits(config=True), (name, trait)
    for trait in Sandbox.class_own_traits(config=True):
        assert f"c.Sandbox.{trait}" in TEXT


def insert(path: Path, mark: str, block: str, behind: str = "\n\n\n") -> None:
    """Put a block of the page in front of a mark that is there once."""
    text = path.read_text(encoding="utf-8")
    assert text.count(mark) == 1, (path, mark)
    path.write_text(text.replace(mark, block + behind + mark), encoding="utf-8")


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the course in which somebody has followed "Add an exercise" to the letter."""
    root = tmp_path_factory.mktemp("followed")
    for folder in ("autograder", "course", "solutions", "source", "tests"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "README.md", "nbgrader_config.py"):
        shutil.copy(ROOT / file, root)
    section = TEXT.split("## 6.")[1].split("## 7.")[0]
    blocks = [block.strip() for block in re.findall(r"```python\n(.*?)```", section, re.DOTALL)]
    cells, check, library, exercise, wrong, right = blocks
    insert(root / "solutions" / LAB / "boxes.py", "# %% [markdown]\n# The two helmets again, now as", cells, "\n\n")
    for package, block, mark in (
        ("checks", check, "box_iou = Check("),
        ("library", library, "def box_iou("),
    ):
        folder = root / "course" / package
        insert(folder / ("lab1_boxes.py" if package == "checks" else "boxes.py"), mark, block)
        names = (folder / "__init__.py").read_text(encoding="utf-8")
        names = names.replace("import box_area, ", "import box_area, box_centers, ")
        (folder / "__init__.py").write_text(names.replace('"box_area",', '"box_area",\n    "box_centers",'))
    hidden = root / "autograder" / "exercises" / "lab1_boxes.py"
    insert(hidden, "BOX_IOU = Exercise(", exercise)
    insert(hidden, "BOX_IOU, CLIP", "BOX_CENTERS, ", "")
    for name, block in (("wrong", wrong), ("right", right)):
        insert(root / "autograder" / "answers" / LAB / f"{name}.py", "# box_iou\n", block)
    return root


def test_the_exercise_of_the_page_works_as_written(followed: Path) -> None:
    command = re.findall(r"^    (pytest tests/test_grading.*)$", TEXT, re.MULTILINE)
    (words,) = [line.split() for line in command]
    done = subprocess.run(
        [sys.executable, "-m", *words, "-p", "no:cacheprovider"],
        cwd=followed,
        env={**os.environ, "PYTHONPATH": str(followed)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    passed = int(re.findall(r"(\d+) passed", done.stdout)[0])
    assert passed >= 10


def test_its_notebook_can_be_written(followed: Path) -> None:
    command = re.findall(r"^    jupytext (.*)$", TEXT, re.MULTILINE)
    (words,) = [line.split() for line in command]
    done = subprocess.run(
        [sys.executable, "-m", "jupytext", *words], cwd=followed, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    notebook = (followed / "source" / LAB / "boxes.ipynb").read_text(encoding="utf-8")
    assert '"grade_id": "test_box_centers"' in notebook
