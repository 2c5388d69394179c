"""Who runs a notebook: a person, or nbgrader to grade or validate it; and what its first cell says."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from course import checks, draw, explore, setup
from course.duplicates import duplicates

REPO = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize(
    ("execution", "session", "grading", "attended"),
    [
        ("", "", False, True),
        ("", "boxes.ipynb", False, True),
        ("validate", "", False, False),  # Validate starts a kernel of its own, without a session
        ("validate", "boxes.ipynb", False, True),  # left behind by a Validate that crashed
        ("autograde", "", True, False),
        ("autograde", "boxes.ipynb", True, False),  # `!nbgrader autograde` in an instructor's notebook
    ],
)
def test_who_runs_the_notebook(
    execution: str, session: str, grading: bool, attended: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("NBGRADER_EXECUTION", execution), ("JPY_SESSION_NAME", session)):
        monkeypatch.setenv(name, value)
        if not value:
            monkeypatch.delenv(name)
    assert (setup.grading(), setup.attended()) == (grading, attended)


def test_one_place_decides() -> None:
    """Else a Validate that crashed is survived by some features and not by others."""
    asking = re.compile(r"environ.*NBGRADER_EXECUTION")
    found = {path.name for path in (REPO / "course").rglob("*.py") if asking.search(path.read_text(encoding="utf-8"))}
    assert found == {"setup.py"}


def test_the_first_cell_names_what_the_saved_notebook_has_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    cell = {"metadata": {"nbgrader": {"grade_id": "nms", "solution": True}}}
    (tmp_path / "rpn.ipynb").write_text(json.dumps({"cells": [cell, {"metadata": {}}, cell]}), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "rpn.ipynb"))
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=None)))
    setup.device()
    assert re.search(r"^Ready: .*\nrpn.ipynb has 2 cells that are the exercise nms,", capsys.readouterr().out)
    for name, text in (("gone.ipynb", None), ("broken.ipynb", "{"), ("strange.ipynb", "[]")):
        if text:
            (tmp_path / name).write_text(text, encoding="utf-8")
        monkeypatch.setenv("JPY_SESSION_NAME", name)
        setup.device()
        assert capsys.readouterr().out.count("\n") == 1


def test_cells_without_an_id_may_be_as_many_as_they_like() -> None:
    assert list(duplicates([{}, {"metadata": {}}, {"metadata": {"nbgrader": {}}}] * 3, "this notebook")) == []


# --- what the first cell loads: a hub pays its memory for every student ---

LOADED = """
import sys
before = set(sys.modules)
{cell}
print(*sorted(set(sys.modules) - before))
"""


def loaded(cell: str) -> set[str]:
    """The modules that a fresh Python has after a cell."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED.format(cell=cell)],
        env={**os.environ, "PYTHONPATH": str(REPO)},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.splitlines()[-1].split())


def test_the_first_cell_loads_what_it_uses_and_no_more() -> None:
    notebook = json.loads((REPO / "release" / "lab1_boxes" / "boxes.ipynb").read_text(encoding="utf-8"))
    cell = next("".join(each["source"]) for each in notebook["cells"] if each["cell_type"] == "code")
    modules = loaded(cell)
    assert {"torch", "course.checks", "course.draw", "course.pipeline", "course.setup"} <= modules
    unused = ("course.labs.", "course.detector", "course.scenes", "torchvision", "pycocotools", "cv2", "ipywidgets")
    assert {name for name in modules if name.startswith((*unused, "torch._dynamo", "matplotlib.pyplot"))} == set()


def test_a_check_brings_its_own_lab_alone() -> None:
    modules = loaded("from course import checks; checks.nms")
    labs = {name.split(".")[2] for name in modules if name.startswith("course.labs.")}
    assert labs == {"lab3_rpn"}


@pytest.mark.parametrize("module", [checks, draw, explore])
def test_completion_and_misspelt_names_are_as_ever(module: ModuleType) -> None:
    assert set(module.__all__) == set(dir(module)) == set(module.MODULES)
    name = module.__all__[0]
    assert getattr(module, name).__module__.startswith("course.")
    with pytest.raises(AttributeError, match=f"module '{module.__name__}' has no attribute 'misspelt'"):
        module.misspelt  # noqa: B018
