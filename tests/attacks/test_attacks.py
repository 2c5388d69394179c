"""One class of hostile, broken and odd submissions, graded by one ``nbgrader autograde``."""

import html
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from torch.utils._pytree import tree_leaves

from attacks.corpus import BOAST, LAB, NOTEBOOK, POINTS, Entry, entries
from attacks.running import HALF, NEIGHBOURS, Graded, grade_class
from autograder.exercises import EXERCISES

PAGES = (
    "scripts|fail|monster_(error|surr|eight)|kernel_m|odd_types|null|surrog|file_n|publ|memor|other_k|300|sixty|frames"
)

pytestmark = pytest.mark.sandbox

CORPUS = entries()
# entries that try to get something onto a page
SHOWN = [entry for entry in CORPUS if re.search(PAGES, entry.name)]


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graded]:
    """The class, graded once, and the state of the world before and after."""
    result = grade_class(tmp_path_factory.mktemp("attacks"), CORPUS)
    yield result
    shutil.rmtree(result.world.course / "submitted")  # files that claim to be 8 GiB


@pytest.fixture(scope="module")
def pages(graded: Graded) -> dict[str, str]:
    """Feedback pages, by student, of those entries that might get something onto one."""
    course = graded.world.course
    for folder in (course / "autograded").iterdir():
        if folder.name not in (*NEIGHBOURS, *(entry.name for entry in SHOWN)):
            folder.rename(course / f"left-out-{folder.name}")  # nbgrader takes two seconds for each
    path = str(Path(sys.executable).parent) + os.pathsep + os.environ["PATH"]
    command = [sys.executable, "-m", "nbgrader", "generate_feedback", LAB]
    environment = {**os.environ, "PATH": path}
    subprocess.run(command, cwd=course, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    for folder in course.glob("left-out-*"):
        folder.rename(course / "autograded" / folder.name.removeprefix("left-out-"))
    found = (course / "feedback").glob(f"*/{LAB}/{NOTEBOOK}.html")
    return {page.parents[1].name: page.read_text(encoding="utf-8") for page in found}


def test_there_are_enough() -> None:
    odd = [entry for entry in CORPUS if entry.kind == "odd"]
    assert len(odd) >= 20
    assert len(CORPUS) - len(odd) >= 65
    assert len({entry.name for entry in CORPUS}) == len(CORPUS)


def test_the_run_ends_well(graded: Graded) -> None:
    assert graded.done.returncode == 0, graded.done.stderr[-3000:]
    assert "The grader failed on" not in graded.done.stderr


@pytest.mark.parametrize("entry", CORPUS, ids=lambda entry: entry.name)
def test_points(graded: Graded, entry: Entry) -> None:
    worth = {} if entry.kind == "inside" else entry.points
    assert graded.scores.get(entry.name) == {name: worth.get(name, 0.0) for name in POINTS}, entry.tries


@pytest.mark.parametrize("name", NEIGHBOURS)
def test_neighbours(graded: Graded, name: str) -> None:
    assert graded.scores[name] == HALF


@pytest.mark.parametrize("entry", [each for each in CORPUS if each.kind != "odd"], ids=lambda entry: entry.name)
def test_no_harm_is_told_of(graded: Graded, entry: Entry) -> None:
    path = graded.world.course / "autograded" / entry.name / LAB / f"{NOTEBOOK}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    said = [json.dumps(cell.outputs) for cell in notebook.cells if cell.cell_type == "code" and cell.outputs]
    assert not [text[:500] for text in said if BOAST in text], entry.tries
    assert path.stat().st_size < 8 * 2**20


def test_nothing_changed(graded: Graded) -> None:
    assert graded.changed == []
    assert graded.visitors == 0


def test_nothing_is_left(graded: Graded) -> None:
    assert graded.processes == []
    assert graded.folders == []


def test_there_is_a_page_for_everybody(pages: dict[str, str]) -> None:
    assert pages.keys() == {entry.name for entry in SHOWN} | set(NEIGHBOURS)


@pytest.mark.parametrize("name", [*(entry.name for entry in SHOWN), *NEIGHBOURS])
def test_pages_are_harmless(pages: dict[str, str], name: str) -> None:
    page = pages[name]
    text = html.unescape(re.sub(r"<[^>]*>", "", page))
    for hidden in ("HIDDEN TESTS", "from autograder import grade", 'grade("box_iou"'):
        assert hidden not in text
    assert not re.search(
        r"<script[^>]*>\s*alert|<[^>]*\bon(error|toggle|load)\s*=|<[^>]*\b(href|src)\s*=\s*.?javascript:", page
    )
    assert len(page) < 12 * 2**20


def test_pages_hold_no_expected_value(pages: dict[str, str]) -> None:
    """No number with four digits that a case wants stands in a report."""
    exercise = next(exercise for exercise in EXERCISES.values() if exercise.name == "box_iou")
    report = re.compile(r"<table>.*?</table>", re.S)
    for case in exercise.cases:
        for name, page in pages.items():
            seed = re.findall(r"Random inputs from seed (\d+)", page)
            wanted = case.run(exercise.reference, case.arguments(int(seed[0]))) if seed else ()
            numbers = [value for each in tree_leaves(wanted) for value in each.flatten().tolist()]
            shown = " ".join(report.findall(page))
            assert not [value for value in numbers if len(f"{value:.4g}") == 6 and f"{value:.4g}" in shown], (
                name,
                case.title,
            )
