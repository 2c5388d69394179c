"""A machine without a working sandbox: grading refuses, unless the instructor says otherwise; the demo needs none."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from nbgrader_commands import nbgrader

from autograder import labs
from autograder.commands import demo, notebooks
from autograder.engine import sandbox

LAB = "lab1_boxes"
FALSE = "c.Sandbox.required = False"


class Demonstration(NamedTuple):
    """What the demo made and said, what ``nbgrader autograde`` said in it, and its student's score."""

    out: Path
    said: list[str]
    autograde: str
    score: float


@pytest.fixture(scope="module")
def bin_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A PATH of a machine on which bubblewrap was never installed."""
    only = tmp_path_factory.mktemp("bin")
    (only / "alembic").symlink_to(Path(sys.executable).parent / "alembic")
    return only


@pytest.fixture
def course(tmp_path: Path, lay_course: Callable[[Path], Path]) -> Path:
    """A course with our settings as they ship, and a student who handed in the release."""
    made = lay_course(tmp_path / "course")
    shutil.copytree(made / "release" / LAB, made / "submitted" / "ada" / LAB)
    return made


def autograde(course: Path, path: Path) -> subprocess.CompletedProcess:
    return nbgrader("autograde", LAB, course=course, environment={"PATH": str(path)})


def test_without_bubblewrap_one_line_says_how_to_get_it_and_nothing_is_graded(course: Path, bin_folder: Path) -> None:
    done = autograde(course, bin_folder)
    assert done.returncode != 0
    (line,) = done.stderr.splitlines()
    assert "nothing is graded without a sandbox" in line
    assert "apt-get install bubblewrap" in line
    assert not (course / "autograded").exists()
    assert not (course / ".grader" / "results").exists()


def test_with_a_bubblewrap_that_does_not_work_its_words_are_in_that_line(course: Path, bin_folder: Path) -> None:
    broken = course.parent / "broken"
    shutil.copytree(bin_folder, broken, symlinks=True)
    (broken / "bwrap").write_text("#!/bin/sh\necho 'bwrap: No permissions to\ncreate new namespace' >&2\nexit 1\n")
    (broken / "bwrap").chmod(0o755)
    done = autograde(course, broken)
    assert done.returncode != 0
    (line,) = done.stderr.splitlines()
    assert "bwrap: No permissions to create new namespace" in line


def test_off_linux_grading_refuses_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process's ``sys.platform`` cannot be set; the sentence that it would say can be asked for."""
    sandbox.lacking.cache_clear()
    monkeypatch.setattr(sys, "platform", "darwin")
    assert "Linux only" in sandbox.lacking()
    monkeypatch.undo()
    sandbox.lacking.cache_clear()


@pytest.mark.parametrize(
    ("bubblewrap", "told"),
    [
        ("#!/bin/sh\nexec /bin/sleep 600\n", "bubblewrap hangs here: it did not run `true` within 0.5 seconds"),
        ("#!/no/such/shell\n", "bubblewrap cannot be started: "),
        ("#!/bin/sh\nprintf '\\377 no' >&2\nexit 3\n", "bubblewrap does not work here: \ufffd no"),
    ],
    ids=["hangs", "cannot be started", "says no text"],
)
def test_a_bubblewrap_that_does_not_do_is_told_in_a_line(
    bubblewrap: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bwrap").write_text(bubblewrap)
    (tmp_path / "bwrap").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    sandbox.lacking.cache_clear()
    said = sandbox.lacking(0.5)
    sandbox.lacking.cache_clear()
    assert said.startswith(told)
    assert "\n" not in said


@pytest.fixture(scope="module")
def demonstration(bin_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    """The demo with one student of its class, on such a machine."""
    out, said, by_nbgrader = tmp_path_factory.mktemp("demo") / "out", [], {}
    (ada,) = (student for student in labs.students(LAB) if student.student == "ada")
    theirs = notebooks.nbgrader

    def noted(*words: str, course: Path) -> str:
        return by_nbgrader.setdefault(words[0], theirs(*words, course=course))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(labs, "students", lambda lab: (ada,))
        patch.setattr(notebooks, "nbgrader", noted)
        patch.setenv("PATH", str(bin_folder))
        sandbox.lacking.cache_clear()
        (result,) = demo.demo(LAB, out, said.append)
    sandbox.lacking.cache_clear()
    return Demonstration(out, said, by_nbgrader["autograde"], result.score)


def test_the_demo_works_without_bubblewrap_and_says_so(demonstration: Demonstration) -> None:
    assert FALSE in demonstration.said
    assert FALSE in (demonstration.out / "course" / "nbgrader_config.py").read_text(encoding="utf-8")
    assert demonstration.score == 20
    assert (demonstration.out / "grades.csv").is_file()


def test_an_instructor_who_sets_false_as_the_demo_does_is_told_at_every_run(
    demonstration: Demonstration, bin_folder: Path
) -> None:
    done = autograde(demonstration.out / "course", bin_folder)
    assert done.returncode == 0, done.stderr
    for said in (demonstration.autograde, done.stderr):
        (line,) = [line for line in said.splitlines() if "WARNING" in line and "sandbox" in line]
        assert FALSE.replace(" = ", " is ") in line
        assert "apt-get install bubblewrap" in line
