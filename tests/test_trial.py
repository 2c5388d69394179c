"""Before anything is graded a real kernel runs a cell: a sandbox that starts, but whose kernels die, grades nobody."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from nbgrader_commands import nbgrader

from autograder.engine import trial
from autograder.engine.fork_client import SandboxError

LAB = "lab1_boxes"
pytestmark = pytest.mark.sandbox

# passes the trial of bubblewrap alone, and gives kernels a folder for their sockets that they cannot write into
READ_ONLY = """#!{python}
import os, sys
os.execv("{bwrap}", ["{bwrap}", *("--ro-bind" if word == "--bind" else word for word in sys.argv[1:])])
"""


def noexec_tmp(*words: str) -> list[str]:
    """A command with a /tmp of its own, of which no program can be started: as on machines made safe by the book."""
    prepare = 'mount -t tmpfs -o noexec,nosuid,nodev tmpfs /tmp && exec "$@"'
    root = () if os.getuid() == 0 else ("--map-root-user",)
    return ["unshare", "--mount", *root, "sh", "-c", prepare, "sh", *words]


def test_where_tmp_is_noexec_kernels_run() -> None:
    """And so they do where it is not: what is tried here is more than the usual."""
    code = "from autograder.engine.trial import lacking; print(lacking() or 'works')"
    words = noexec_tmp(sys.executable, "-c", code)
    done = subprocess.run(words, capture_output=True, text=True, timeout=300)
    if "mount:" in done.stderr or "unshare:" in done.stderr:
        assert trial.lacking() == ""
        pytest.skip(f"no /tmp of one's own can be mounted here: {done.stderr.strip()}")
    assert done.stdout == "works\n", done.stderr


def test_who_gives_no_kernel_says_why(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="No such file"):
        trial.attempt(str(tmp_path / "preloaded.sock"))


def test_a_sandbox_in_which_kernels_die_grades_nobody(tmp_path: Path, lay_course: Callable[[Path], Path]) -> None:
    course = lay_course(tmp_path / "course")
    shutil.copytree(course / "release" / LAB, course / "submitted" / "ada" / LAB)
    fake = tmp_path / "bin" / "bwrap"
    fake.parent.mkdir()
    fake.write_text(READ_ONLY.format(python=sys.executable, bwrap=shutil.which("bwrap")))
    fake.chmod(0o755)
    path = os.pathsep.join([str(fake.parent), str(Path(sys.executable).parent), os.environ["PATH"]])
    done = nbgrader("autograde", LAB, course=course, environment={"PATH": path})
    assert done.returncode != 0
    (line,) = [line for line in done.stderr.splitlines() if "nothing was graded" in line]
    assert "students' code cannot be run here: a kernel was forked, and does not answer" in line
    assert "Traceback" not in done.stderr, done.stderr
    assert not (course / "autograded").exists()
