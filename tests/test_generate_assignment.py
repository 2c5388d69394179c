"""``nbgrader generate_assignment``: whatever stops it, the old release and the gradebook stay as they were."""

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbgrader.coursedir import CourseDirectory
from nbgrader_commands import nbgrader

from autograder.commands.notebooks import ROOT
from autograder.nbgrader_plugins.course_folder import held
from autograder.nbgrader_plugins.whole_release import put

LAB = "lab5_fpn_mask"  # of two notebooks
# A step of the conversion that ends its process at the n-th call, and files that do so when the n-th takes its place.
ENDING = """
import os, shutil, signal
from nbgrader.preprocessors import NbGraderPreprocessor

def ended_at(count):
    calls = iter(range(1, 100))
    def call():
        if next(calls) == count:
            os.kill(os.getpid(), signal.SIGKILL)
    return call

def ending(function, count):
    end = ended_at(count)
    def called(*words, **more):
        end()
        return function(*words, **more)
    return called

class End(NbGraderPreprocessor):
    end = staticmethod(ended_at(int(os.environ.get("END_STEP", 0))))
    def preprocess(self, nb, resources):
        self.end()
        return nb, resources

shutil.copy = ending(shutil.copy, int(os.environ.get("END_COPY", 0)))
os.replace = ending(os.replace, int(os.environ.get("END_REPLACE", 0)))
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course folder in which the lab was generated."""
    course = tmp_path_factory.mktemp("generated") / "course"
    shutil.copytree(ROOT / "source" / LAB, course / "source" / LAB)
    shutil.copy(ROOT / "nbgrader_config.py", course)
    done = nbgrader("generate_assignment", LAB, course=course)
    assert done.returncode == 0, done.stderr
    return course


@pytest.fixture
def course(made: Path, tmp_path: Path) -> Path:
    """A copy of it, whose notebooks have changed since."""
    folder = Path(shutil.copytree(made, tmp_path / "course"))
    for path in source(folder):
        notebook = nbformat.read(path, as_version=4)
        notebook.cells[0].source += "\n\nNew words."
        nbformat.write(notebook, path)
    return folder


def source(course: Path) -> list[Path]:
    return sorted((course / "source" / LAB).glob("*.ipynb"))


def released(course: Path) -> dict[str, bytes]:
    """What lies in the release, by path."""
    folder = course / "release" / LAB
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def book(course: Path) -> list[str]:
    """All that the gradebook knows."""
    with sqlite3.connect(course / "gradebook.db") as database:
        return sorted(database.iterdump())


def errors(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [line for line in done.stderr.splitlines() if "ERROR" in line]


def generate(course: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return nbgrader("generate_assignment", LAB, *words, course=course, environment=environment)


def test_the_new_release_takes_the_place_of_the_old_one(course: Path) -> None:
    (course / "release" / LAB / "left over").mkdir()
    (course / "release" / LAB / "left over" / "notes.txt").write_text("of an older release")
    (course / "source" / LAB / "data").mkdir()
    (course / "source" / LAB / "data" / "photo.txt").write_text("handed out")
    done = generate(course)
    assert done.returncode == 0, done.stderr
    now = released(course)
    assert now.keys() == {"fpn.ipynb", "mask.ipynb", "data/photo.txt"}
    assert all(b"New words." in now[name] for name in ("fpn.ipynb", "mask.ipynb"))
    assert not (course / "release" / LAB / "left over").exists()
    assert {path.stat().st_mode & 0o777 for path in (course / "release" / LAB).glob("*.ipynb")} == {0o644}
    assert not list((course / ".grader" / "release").glob("*"))


def test_one_notebook_alone_leaves_the_other(course: Path) -> None:
    before = released(course)
    done = generate(course, "--notebook", "mask")
    assert done.returncode == 0, done.stderr
    now = released(course)
    assert now["fpn.ipynb"] == before["fpn.ipynb"]
    assert b"New words." in now["mask.ipynb"]
    assert now.keys() == before.keys()


def test_nbgrader_may_be_told_to_leave_a_release_alone(course: Path) -> None:
    with (course / "nbgrader_config.py").open("a", encoding="utf-8") as settings:
        settings.write("\nc.GenerateAssignment.force = False\n")
    before = released(course)
    done = generate(course)
    assert done.returncode == 0, done.stderr
    assert released(course) == before


def change(path: Path, edit: Callable[[dict], None]) -> None:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    edit(notebook)
    path.write_text(json.dumps(notebook), encoding="utf-8")


def marked(notebook: dict, kind: str) -> dict:
    return next(cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get(kind))


BROKEN = {  # of the lab's second notebook: what is done to it, and what is said
    "broken JSON": (lambda path: path.write_text('{"cells": ['), "JSON"),
    "an empty file": (lambda path: path.write_text(""), "JSON"),
    "not UTF-8": (lambda path: path.write_bytes(b"\xff\xfe"), "utf-8"),
    "a solution without its end": (
        lambda path: change(path, lambda book: marked(book, "solution").update(source=["### BEGIN SOLUTION\n", "1"])),
        "no end solution statement found",
    ),
    "one grade_id twice": (
        lambda path: change(path, lambda book: book["cells"].append({**marked(book, "grade"), "id": "another"})),
        "Duplicate grade id",
    ),
    "marks of a version to come": (
        lambda path: change(path, lambda book: marked(book, "grade")["metadata"]["nbgrader"].update(schema_version=99)),
        "expected 3",
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_notebook_that_cannot_be_released_is_told_and_changes_nothing(kind: str, course: Path) -> None:
    spoil, said = BROKEN[kind]
    spoil(source(course)[1])
    before = released(course), book(course)
    done = generate(course)
    assert done.returncode == 1
    line = errors(done)[-1]  # nbgrader may have said more before
    assert "mask.ipynb cannot be released: " in line
    assert said in line
    assert f"release/{LAB} is as it was." in line
    assert (released(course), book(course)) == before


def test_where_there_was_no_release_none_is_promised(course: Path) -> None:
    shutil.rmtree(course / "release")
    source(course)[1].write_text("")
    done = generate(course)
    assert f"There is no {course}/release/{LAB} yet." in errors(done)[0]
    assert not (course / "release").exists()


@pytest.mark.parametrize(
    "where",
    [
        pytest.param({"END_STEP": "2"}, id="trying the second notebook"),
        pytest.param({"END_STEP": "4"}, id="converting the second one"),
        pytest.param({"END_COPY": "2"}, id="copying the second one"),
        pytest.param({"END_REPLACE": "2"}, id="putting the second one in its place"),
        pytest.param({"END_STEP": "1"}, marks=pytest.mark.exhaustive),  # repeats it for the first one
        pytest.param({"END_STEP": "3"}, marks=pytest.mark.exhaustive),  # repeats it for the first one
        pytest.param({"END_COPY": "1"}, marks=pytest.mark.exhaustive),  # repeats it for the first one
        pytest.param({"END_REPLACE": "1"}, marks=pytest.mark.exhaustive),  # repeats it for the first one
    ],
)
def test_a_killed_run_leaves_whole_notebooks_and_the_next_one_goes_on(where: dict[str, str], course: Path) -> None:
    before = released(course)
    (course / "ending.py").write_text(ENDING)
    with (course / "nbgrader_config.py").open("a", encoding="utf-8") as settings:
        settings.write('\nc.GenerateAssignment.preprocessors.insert(0, "ending.End")\n')
    assert generate(course, **where).returncode == -signal.SIGKILL
    left = released(course)
    done = generate(course)
    assert done.returncode == 0, done.stderr
    after = released(course)
    assert before.keys() == after.keys() == {"fpn.ipynb", "mask.ipynb"}
    for name in before:
        assert before[name] != after[name]
        assert left[name] in (before[name], after[name])


def within(course: Path, *shell: str) -> subprocess.CompletedProcess[str]:
    """The real command, started by another one."""
    words = [sys.executable, "-m", "nbgrader", "generate_assignment", LAB]
    return subprocess.run([*shell, *words], cwd=course, capture_output=True, text=True, timeout=120)


@pytest.mark.sandbox
@pytest.mark.parametrize("folder", ["release", f"release/{LAB}", "."])
def test_a_folder_that_cannot_be_written_is_told_in_one_line(folder: str, course: Path) -> None:
    before = released(course), book(course)
    path = str(course / folder)
    done = within(course, "bwrap", "--dev-bind", "/", "/", "--ro-bind", path, path)
    assert done.returncode == 1
    (line,) = errors(done)
    assert "cannot be written" in line
    assert "Traceback" not in done.stderr
    assert released(course) == before[0]


@pytest.mark.sandbox
def test_a_full_disk_leaves_the_old_release(course: Path, tmp_path: Path) -> None:
    """On a disk that has room for the old one, and for half of a new one."""
    before = released(course)
    old = shutil.copytree(course / "release", tmp_path / "old")
    place, found = course / "release", tmp_path / "found"
    size = sum(map(len, before.values())) * 3 // 2
    script = f'cp -r {old}/. {place} && "$@"; status=$?; cp -r {place} {found}; exit $status'
    done = within(
        course, "bwrap", "--dev-bind", "/", "/", "--size", str(size), "--tmpfs", str(place), "sh", "-c", script, "sh"
    )
    assert done.returncode == 1
    (line,) = errors(done)
    assert "cannot be written: No space left on device." in line
    assert "is as it was." in line
    assert "Traceback" not in done.stderr
    now = {path.name: path.read_bytes() for path in (found / LAB).iterdir()}
    assert now == before


def test_files_that_may_not_grow_leave_the_old_release(course: Path) -> None:
    before = released(course)
    done = within(course, "bash", "-c", 'ulimit -f 8; exec "$@"', "bash")
    assert done.returncode == 1
    assert f"release/{LAB} is as it was." in errors(done)[-1]
    assert released(course) == before


def test_another_command_has_the_course_folder(course: Path) -> None:
    before = released(course)
    with held(CourseDirectory(root=str(course))):
        done = generate(course)
    assert done.returncode == 1
    (line,) = errors(done)
    assert f"nbgrader autograde is running in {course} (process " in line
    assert released(course) == before


def test_files_are_put_in_place_all_or_none(tmp_path: Path) -> None:
    fresh, place = tmp_path / "fresh", tmp_path / "place"
    for folder, names in ((fresh, ("a", "b/c")), (place, ("a", "gone/d"))):
        for name in names:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(folder.name)
    (place / "b").write_text("a file where a folder should be")
    with pytest.raises((FileExistsError, NotADirectoryError)):
        put(fresh, place, whole=True)
    assert sorted(path.name for path in place.iterdir()) == ["a", "b", "gone"]
    assert (place / "a").read_text() == "place"
    (place / "b").unlink()
    put(fresh, place, whole=True)
    assert {path.relative_to(place).as_posix(): path.read_text() for path in place.rglob("*") if path.is_file()} == {
        "a": "fresh",
        "b/c": "fresh",
    }
    assert not (place / "gone").exists()
