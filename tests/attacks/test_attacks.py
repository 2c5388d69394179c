"""Hostile, broken and odd submissions, graded as one class by one ``nbgrader autograde``.

Some of each kind are, every time; all others are another class, which repeats it (``pytest -m exhaustive``).
"""

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
from autograder.labs import EXERCISES

PAGES = (
    "scripts|fail|monster_(error|surr|eight)|kernel_m|odd_types|null|surrog|file_n|publ|memor|other_k|300|sixty|frames"
)

pytestmark = pytest.mark.sandbox

CORPUS = entries()
# entries that try to get something onto a page
SHOWN = [entry for entry in CORPUS if re.search(PAGES, entry.name)]
# by kind, entries that stand for a mechanism of their own and soon come to an end; `exhaustive` runs the others
EVERY_TIME = {
    "forgery": (
        "input_transformer equal_to_anything patched_grade published_report points_raised graded_cell_rewritten frames"
    ),
    "breakout": (
        "writes_the_gradebook kills_everybody network process_table becomes_root fork_bomb hidden_memory "
        "daemons_outlive_the_kernel never_ends"
    ),
    "wire": (
        "nonsense announces_four_gigabytes closes_the_line steals_the_line looks_wrong safetensors_lies odd_types "
        "monster_of_monsters"
    ),
    "inside": "profiler_off watcher_blinded device_denied",
    "ready_made": (
        "in_torchscript in_a_subclass by_the_library by_ctypes by_the_librarys_text by_pycocotools "
        "by_asking_out_of_turn"
    ),
    "clairvoyant": "seed_of_the_random_state table_in_a_helper_cell arguments_printed_later secret_read",
    "broken": (
        "no_notebook notebook_renamed link_to_the_source notebook_is_a_pipe timestamp_nonsense file_names cut_off "
        "graded_cells_deleted ids_shared scripts"
    ),
    "odd": "default_dtype leaves_early older_notebook helpers_beside",
}
CHOSEN = {f"{kind}-{name}" for kind, names in EVERY_TIME.items() for name in names.split()}
PARTS = {
    "some": [entry for entry in CORPUS if entry.name in CHOSEN],
    "others": [entry for entry in CORPUS if entry.name not in CHOSEN],
}


MARKS = {"some": (), "others": pytest.mark.exhaustive}  # repeats with more entries what some show


def for_each(*entries: Entry) -> pytest.MarkDecorator:
    """Run a test with each of these entries, and with the part of the corpus that is graded along with it."""
    cases = [
        pytest.param(part, entry, id=entry.name, marks=MARKS[part])
        for part, graded_together in PARTS.items()
        for entry in entries
        if entry in graded_together
    ]
    return pytest.mark.parametrize(("part", "entry"), cases, indirect=["part"])


for_both = pytest.mark.parametrize("part", [pytest.param(part, marks=MARKS[part]) for part in PARTS], indirect=True)


@pytest.fixture(scope="module")
def part(request: pytest.FixtureRequest) -> list[Entry]:
    """The entries that are graded together."""
    return PARTS[request.param]


@pytest.fixture(scope="module")
def graded(part: list[Entry], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graded]:
    """The class, graded once, and the state of the world before and after."""
    result = grade_class(tmp_path_factory.mktemp("attacks"), part)
    yield result
    shutil.rmtree(result.world.course / "submitted")  # files that claim to be 8 GiB


@pytest.fixture(scope="module")
def pages(part: list[Entry], graded: Graded) -> dict[str, str]:
    """Feedback pages, by student, of those entries that might get something onto one."""
    course = graded.world.course
    for folder in (course / "autograded").iterdir():
        if folder.name not in (*NEIGHBOURS, *(entry.name for entry in SHOWN)):
            folder.rename(course / f"left-out-{folder.name}")  # nbgrader takes a moment for each
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


def test_some_of_each_kind_are_graded_every_time() -> None:
    assert EVERY_TIME.keys() == {entry.kind for entry in CORPUS}
    assert {entry.name for entry in CORPUS} >= CHOSEN
    assert 40 <= len(CHOSEN) <= 70


@for_both
def test_the_run_ends_well(graded: Graded) -> None:
    assert graded.done.returncode == 0, graded.done.stderr[-3000:]
    assert "The grader failed on" not in graded.done.stderr


@for_each(*CORPUS)
def test_points(graded: Graded, entry: Entry) -> None:
    worth = {} if entry.kind == "inside" else entry.points
    assert graded.scores.get(entry.name) == {name: worth.get(name, 0.0) for name in POINTS}, entry.tries


@for_both
def test_neighbours(graded: Graded) -> None:
    assert {name: graded.scores[name] for name in NEIGHBOURS} == dict.fromkeys(NEIGHBOURS, HALF)


@for_each(*(entry for entry in CORPUS if entry.kind != "odd"))
def test_no_harm_is_told_of(graded: Graded, entry: Entry) -> None:
    path = graded.world.course / "autograded" / entry.name / LAB / f"{NOTEBOOK}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    said = [json.dumps(cell.outputs) for cell in notebook.cells if cell.cell_type == "code" and cell.outputs]
    assert not [text[:500] for text in said if BOAST in text], entry.tries
    assert path.stat().st_size < 8 * 2**20


@for_both
def test_nothing_changed(graded: Graded) -> None:
    assert graded.changed == []
    assert graded.visitors == 0


@for_both
def test_nothing_is_left(graded: Graded) -> None:
    assert graded.processes == []
    assert graded.folders == []


@for_both
def test_there_is_a_page_for_everybody(part: list[Entry], pages: dict[str, str]) -> None:
    assert pages.keys() == {entry.name for entry in SHOWN if entry in part} | set(NEIGHBOURS)


def assert_harmless(page: str) -> None:
    """It holds nothing hidden, and nothing that runs."""
    text = html.unescape(re.sub(r"<[^>]*>", "", page))
    for hidden in ("HIDDEN TESTS", "from autograder import grade", 'grade("box_iou"'):
        assert hidden not in text
    assert not re.search(r"<script|<[^>]*\bon\w+\s*=|<[^>]*\b(href|src)\s*=\s*.?(javascript|https?):", page)
    assert len(page) < 2 * 2**20


@for_each(*SHOWN)
def test_pages_are_harmless(pages: dict[str, str], entry: Entry) -> None:
    assert_harmless(pages[entry.name])


@for_both
def test_neighbours_pages_are_harmless(pages: dict[str, str]) -> None:
    for name in NEIGHBOURS:
        assert_harmless(pages[name])


@for_both
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
