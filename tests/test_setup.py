"""Who runs a notebook: a person, or nbgrader to grade or validate it; and what its first cell says."""

import json
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from course import setup
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
