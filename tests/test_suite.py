"""The suite itself: what only repeats a promise is left out until it is asked for, and says what it repeats."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
TWO = """
import pytest

def test_once():
    pass

@pytest.mark.exhaustive
def test_again():
    pass
"""


@pytest.mark.parametrize(
    ("options", "runs"),
    [((), "test_once"), (("-m", "not browser"), "test_once"), (("-m", "exhaustive"), "test_again")],
)
def test_repetitions_run_where_they_are_asked_for(options: tuple[str, ...], runs: str, tmp_path: Path) -> None:
    for path in (TESTS.parent / "pyproject.toml", TESTS / "conftest.py"):
        shutil.copy(path, tmp_path)
    (tmp_path / "test_it.py").write_text(TWO)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rA", *options, "test_it.py"],
        cwd=tmp_path,
        env={**os.environ, "RCNN_REQUIRE": ""},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert "1 passed, 1 deselected" in done.stdout
    assert f"PASSED test_it.py::{runs}\n" in done.stdout


def test_every_repetition_says_what_it_repeats() -> None:
    found = 0
    for path in TESTS.rglob("test_*.py"):
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)):
            marks = [ast.unparse(mark) for mark in getattr(node, "decorator_list", [])]
            if "pytest.mark.exhaustive" in marks:
                found += 1
                assert (ast.get_docstring(node) or "").startswith("Repeats "), (path, node.name)
        for line in text.splitlines():
            if "marks=pytest.mark." + "exhaustive" in line:
                found += 1
                assert "# repeats " in line, (path, line)
    assert found > 0
