"""What ``nbgrader autograde`` says: a line at the end, and nothing for each student but what is wrong."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from graded_course import TOTAL, Course
from nbgrader.api import Gradebook
from nbgrader_commands import nbgrader

from autograder.commands import demo
from autograder.nbgrader_plugins.run_summary import RunSummary

pytestmark = pytest.mark.sandbox

LAB = "lab1_boxes"
LAST = re.compile(r"\[AutogradeApp \| INFO\] (\d+ graded.*)\n\Z")


@pytest.fixture(scope="module")
def course(lay_course: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four students of the demo's class, one of whom handed in what is no notebook."""
    folder = lay_course(tmp_path_factory.mktemp("summary") / "course")
    demo.hand_in(LAB, folder)
    for student in (folder / "submitted").iterdir():
        if student.name not in ("ada", "alan", "carl", "kurt"):
            shutil.rmtree(student)
    (folder / "submitted" / "carl" / LAB / "boxes.ipynb").write_text("no notebook")
    return folder


@pytest.fixture(scope="module")
def stopped(course: Path) -> str:
    """What a run says that somebody stops by Ctrl-C while its last student's notebook waits, and others are done."""
    last = course / "submitted" / "kurt" / LAB / "boxes.ipynb"
    handed_in = last.read_text(encoding="utf-8")
    notebook = nbformat.reads(handed_in, 4)
    notebook.cells.insert(1, nbformat.v4.new_code_cell("import time\ntime.sleep(25)"))
    nbformat.write(notebook, last)
    process = subprocess.Popen(
        [sys.executable, "-m", "nbgrader", "autograde", LAB],
        cwd=course,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while not (course / "autograded" / "alan").exists():
        assert process.poll() is None
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does, to all of its processes
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 1
    last.write_text(handed_in, encoding="utf-8")
    return said


def test_who_stops_a_run_is_told_how_to_go_on(stopped: str) -> None:
    told = re.search(r"\| ERROR\] Stopped: (\d) of 4 judged; run it again to go on\.\n", stopped)
    assert told, stopped
    assert int(told[1]) in (1, 2, 3)
    assert "Traceback" not in stopped
    assert "Canceled" not in stopped


@pytest.mark.usefixtures("stopped")
def test_a_run_ends_with_a_line_and_the_next_one_says_that_nothing_changed(course: Path) -> None:
    first, second = (nbgrader("autograde", LAB, course=course).stderr for _ in range(2))
    for said in (first, second):
        assert "Warning" not in said
        assert [line for line in said.splitlines() if "| INFO]" in line] == said.splitlines()[-1:]
        (line,) = LAST.findall(said)
        assert "; 1 unreadable; 0 uncertain; 0 worth a look; mean " in line
        assert re.search(rf"mean \d+\.\d of {TOTAL:g} points; \d+ s\.$", line)
    assert re.match(r"[123] graded, [123] unchanged; ", LAST.findall(first)[0])
    assert LAST.findall(second)[0].startswith("0 graded, 4 unchanged; ")
    assert "carl/boxes: This notebook cannot be graded: it is broken JSON" in first


def test_the_mean_counts_penalties_for_lateness(tmp_path: Path, empty_gradebook: Path) -> None:
    late = Course(tmp_path / "course", empty_gradebook)
    summary = RunSummary()
    for student, share, penalty in (("ada", 1.0, 2.0), ("bob", 0.0, 2.0), ("cat", 0.5, 0.0)):
        late.grade(student, share)
        summary.add(student, [], readable=True)
        with Gradebook(late.address) as book:
            book.find_submission_notebook("boxes", LAB, student).late_submission_penalty = penalty
            book.db.commit()
    points = sum(cell.metadata.nbgrader.points for cell in late.cells)
    mean = ((points - 2) + 0 + points / 2) / 3
    assert f"; mean {mean:.1f} of {points:g} points; " in summary.sentence(late.address, LAB, {})


@pytest.mark.usefixtures("stopped")
def test_who_asks_for_more_gets_nbgraders_steps_as_well(course: Path) -> None:
    said = nbgrader("autograde", LAB, "--debug", course=course).stderr
    assert said.count("Skipping existing assignment") == 4
