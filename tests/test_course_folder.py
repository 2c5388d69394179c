"""One run of ``nbgrader autograde`` at a time, in a course folder that can be written; nobody else reads results."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from nbgrader.coursedir import CourseDirectory
from nbgrader_commands import nbgrader

from autograder.commands import demo
from autograder.nbgrader_plugins.course_folder import FOLDER, CourseFolderError, gradebook_file, held

LAB = "lab1_boxes"
HOLD = """
import sys
from nbgrader.coursedir import CourseDirectory
from autograder.commands import demo
from autograder.nbgrader_plugins.course_folder import held
with held(CourseDirectory(root=sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def holder(course: Path) -> subprocess.Popen:
    """Another process that has the course folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(course)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def autograde(course: Path, *shell: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "nbgrader", "autograde", LAB]
    return subprocess.run([*shell, *words], cwd=course, capture_output=True, text=True, timeout=300)


@pytest.fixture
def course(tmp_path: Path) -> CourseDirectory:
    return CourseDirectory(root=str(tmp_path / "course"))


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, None])
def test_a_run_has_a_folder_alone_until_it_ends_however_that_is(course: CourseDirectory, how: int | None) -> None:
    other = holder(Path(course.root))
    with pytest.raises(CourseFolderError, match=rf"nbgrader autograde is running in .*\(process {other.pid}\)"):
        held(course).__enter__()
    if how is not None:
        other.send_signal(how)
    other.communicate()
    with held(course):
        pass


def test_two_runs_in_one_process_are_two_runs(course: CourseDirectory) -> None:
    """As in threads of formgrader's server."""
    with held(course), pytest.raises(CourseFolderError, match=f"process {os.getpid()}"):
        held(course).__enter__()


def test_a_second_run_is_refused_in_one_line(tmp_path: Path, lay_course: Callable[[Path], Path]) -> None:
    folder = lay_course(tmp_path / "course")
    (folder / "submitted" / "ada" / LAB).mkdir(parents=True)
    (folder / "submitted" / "ada" / LAB / "boxes.ipynb").write_text("{}")
    other = holder(folder)
    done = nbgrader("autograde", LAB, course=folder)
    other.communicate()
    assert done.returncode != 0
    (line,) = [line for line in done.stderr.splitlines() if "nbgrader autograde is running in" in line]
    assert f"process {other.pid}" in line
    assert "Traceback" not in done.stderr
    assert not (folder / "autograded").exists()


def test_gradebook_and_results_are_for_their_owner_alone(course: CourseDirectory) -> None:
    root, before = Path(course.root), os.umask(0o000)
    try:
        (root / FOLDER).mkdir(parents=True)  # as an earlier version left it
        (root / "gradebook.db").touch()
        with held(course):
            assert (mode(root / FOLDER), mode(root / "gradebook.db")) == (0o700, 0o600)
        (root / "gradebook.db").chmod(0o664)
        (root / FOLDER).chmod(0o2775)
        course.groupshared = True
        with held(course):
            assert (mode(root / FOLDER), mode(root / "gradebook.db")) == (0o2770, 0o660)
    finally:
        os.umask(before)


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("sqlite:///gradebook.db", "{root}/gradebook.db"),
        ("sqlite:////srv/books/lab.db", "/srv/books/lab.db"),
        ("sqlite://", None),
        ("postgresql://ada:secret@db/grades", None),
    ],
)
def test_which_gradebooks_are_files(course: CourseDirectory, url: str, file: str | None) -> None:
    course.db_url = url
    assert gradebook_file(course) == (Path(file.format(root=course.root)) if file else None)


@pytest.mark.sandbox
def test_a_read_only_course_folder_is_refused_in_one_line(tmp_path: Path, lay_course: Callable[[Path], Path]) -> None:
    folder = lay_course(tmp_path / "course")
    (folder / "submitted" / "ada" / LAB).mkdir(parents=True)
    (folder / "submitted" / "ada" / LAB / "boxes.ipynb").write_text("{}")
    done = autograde(folder, "bwrap", "--dev-bind", "/", "/", "--ro-bind", str(folder), str(folder))
    assert done.returncode != 0
    (line,) = [line for line in done.stderr.splitlines() if "cannot be written" in line]
    assert str(folder) in line
    assert "Traceback" not in done.stderr


@pytest.mark.sandbox
def test_closed_descriptors_change_nothing(tmp_path: Path, lay_course: Callable[[Path], Path]) -> None:
    """As under a scheduler that gives commands none: nothing to write to, and their numbers free for other files."""
    folder = lay_course(tmp_path / "course")
    (folder / "submitted" / "ada" / LAB).mkdir(parents=True)
    released = (folder / "release" / LAB / "boxes.ipynb").read_text(encoding="utf-8")
    (folder / "submitted" / "ada" / LAB / "boxes.ipynb").write_text(released, encoding="utf-8")
    done = autograde(folder, "sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh")
    assert done.returncode == 0
    assert (folder / "autograded" / "ada" / LAB / "boxes.ipynb").exists()


def test_a_full_disk_is_told_in_one_line(tmp_path: Path, lay_course: Callable[[Path], Path]) -> None:
    """As far as a limit on the size of files is like one."""
    folder = lay_course(tmp_path / "course")
    (folder / "submitted" / "ada" / LAB).mkdir(parents=True)
    (folder / "submitted" / "ada" / LAB / "boxes.ipynb").write_text("{}")
    done = autograde(folder, "bash", "-c", 'ulimit -f 2; exec "$@"', "bash")
    assert done.returncode != 0
    assert "File too large" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "limit",
    [
        "-n 40",  # open files
        pytest.param("-f 100", marks=pytest.mark.exhaustive),  # repeats it for the size of files
        pytest.param("-v 3000000", marks=pytest.mark.exhaustive),  # repeats it for memory
    ],
)
@pytest.mark.sandbox
def test_a_shell_whose_limits_are_too_low_grades_nothing_and_says_so(
    limit: str, tmp_path: Path, lay_course: Callable[[Path], Path]
) -> None:
    course = lay_course(tmp_path / "course")
    demo.hand_in(LAB, course)
    done = autograde(course, "bash", "-c", f'ulimit {limit}; exec "$@"', "bash")
    assert done.returncode == 1
    assert "nothing was graded: " in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert not (course / "autograded").exists()
