"""`make` on a bare machine: what it refuses, what it makes, and that it does nothing twice."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TARGETS = [".venv", "demo", "test", "test-exhaustive", "lab", "instructor", "release", "check", "bench"]

# Answers what the Makefile asks of a Python, notes each install, and fails one when told to.
FAKE_PYTHON = """#!/bin/sh
case "$*" in
    *platform.python_version*) echo "{version}" ;;
    "-m venv"*) mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
    "-m pip install"*) echo "$*" >> installs.log; test ! -e fail-install ;;
    *setup.check_versions*) test ! -e wrong-pair || {{ echo "torch 2.14 needs torchvision 0.29"; exit 1; }} ;;
esac
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What `make` needs of the repository, in a folder whose name has a space in it."""
    folder = tmp_path / "my course"
    folder.mkdir()
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, folder)
    return folder


def fake_python(folder: Path, name: str, version: str) -> Path:
    script = folder / name
    script.write_text(FAKE_PYTHON.format(version=version), encoding="utf-8")
    script.chmod(0o755)
    return script


def make(folder: Path, *words: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    environment = inherited if path is None else {**inherited, "PATH": path}
    command = [shutil.which("make") or "make", *words]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def own_lines(finished: subprocess.CompletedProcess[str]) -> list[str]:
    """What our recipes said, without make's own closing line."""
    return [line for line in (finished.stdout + finished.stderr).splitlines() if not line.startswith("make")]


def installs(folder: Path) -> int:
    log = folder / "installs.log"
    return len(log.read_text().splitlines()) if log.exists() else 0


@pytest.mark.parametrize("version", ["3.9.2", "3.10.13", "2.7.18"])
@pytest.mark.parametrize("target", [".venv", "demo"])
def test_an_old_python_is_named_in_one_line_and_nothing_is_made(checkout: Path, version: str, target: str) -> None:
    fake_python(checkout, "oldpython", version)
    before = sorted(checkout.iterdir())
    finished = make(checkout, target, "PYTHON=./oldpython")
    assert finished.returncode != 0
    assert own_lines(finished) == [
        f"rcnn-by-hand needs Python 3.11 or newer; ./oldpython is {version}: install it, or run make PYTHON=python3.12"
    ]
    assert sorted(checkout.iterdir()) == before


def test_no_python_at_all(checkout: Path) -> None:
    finished = make(checkout, ".venv", "PYTHON=./nowhere")
    assert finished.returncode != 0
    (line,) = own_lines(finished)
    assert line.startswith("rcnn-by-hand needs Python 3.11 or newer; ./nowhere does not run: ")
    assert not (checkout / ".venv").exists()


def test_no_git(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    fake_python(tmp_path / "bin", "python3", "3.12.1")
    finished = make(checkout, ".venv", path=str(tmp_path / "bin"))
    assert finished.returncode != 0
    assert own_lines(finished) == ["rcnn-by-hand needs git: install it and run make again"]
    assert not (checkout / ".venv").exists()


@pytest.mark.parametrize("version", ["3.11.0", "3.12.7", "3.14.0rc1", "3.20.1"])
def test_the_environment_is_made_once(checkout: Path, version: str) -> None:
    fake_python(checkout, "goodpython", version)
    words = (".venv", "PYTHON=./goodpython")
    assert make(checkout, "-q", *words).returncode == 1
    first = make(checkout, *words)
    assert first.returncode == 0, first.stderr
    assert "-c constraints.txt -e .[dev]" in (checkout / "installs.log").read_text()
    assert make(checkout, "-q", *words).returncode == 0
    again = make(checkout, *words)
    assert again.returncode == 0
    assert installs(checkout) == 1


@pytest.mark.parametrize("changed", ["pyproject.toml", "constraints.txt"])
def test_a_changed_dependency_list_installs_again_into_the_same_environment(checkout: Path, changed: str) -> None:
    fake_python(checkout, "goodpython", "3.12.1")
    make(checkout, ".venv", "PYTHON=./goodpython")
    mine = checkout / ".venv" / "mine"
    mine.touch()
    future = (checkout / ".venv" / "installed").stat().st_mtime + 5
    os.utime(checkout / changed, (future, future))
    # The environment is there already, so the machine's own Python is not asked any more.
    assert make(checkout, ".venv", "PYTHON=./nowhere").returncode == 0
    assert installs(checkout) == 2
    assert mine.exists()


@pytest.mark.parametrize("trouble", ["fail-install", "wrong-pair"])
def test_a_half_finished_install_does_not_count(checkout: Path, trouble: str) -> None:
    fake_python(checkout, "goodpython", "3.12.1")
    (checkout / trouble).touch()
    finished = make(checkout, ".venv", "PYTHON=./goodpython")
    assert finished.returncode != 0
    if trouble == "wrong-pair":
        assert own_lines(finished)[-1] == "torch 2.14 needs torchvision 0.29"
    assert make(checkout, "-q", ".venv").returncode == 1
    (checkout / trouble).unlink()
    assert make(checkout, ".venv", "PYTHON=./goodpython").returncode == 0
    assert installs(checkout) == 2


def test_the_targets_are_these_and_each_makes_the_environment_first(checkout: Path) -> None:
    (phony,) = re.findall(r"^\.PHONY: help (.*)$", (checkout / "Makefile").read_text(), flags=re.MULTILINE)
    assert phony.split() == TARGETS
    for target in TARGETS:
        planned = make(checkout, "-n", target)
        assert planned.returncode == 0, planned.stderr
        assert 'pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"' in planned.stdout


def test_plain_make_lists_the_targets(checkout: Path) -> None:
    listed = make(checkout)
    assert [line.split()[1] for line in listed.stdout.splitlines()] == ["help", *TARGETS]
    assert not (checkout / ".venv").exists()


def test_lab_keeps_an_older_student_copy(checkout: Path) -> None:
    fake_python(checkout, "goodpython", "3.12.1")
    make(checkout, ".venv", "PYTHON=./goodpython")
    jupyter = checkout / ".venv" / "bin" / "jupyter"
    jupyter.write_text("#!/bin/sh\nls > opened.txt\n", encoding="utf-8")
    jupyter.chmod(0o755)
    (checkout / "release" / "lab1_boxes").mkdir(parents=True)
    (checkout / "release" / "lab1_boxes" / "boxes.ipynb").write_text("fresh", encoding="utf-8")

    assert make(checkout, "lab").returncode == 0
    student = checkout / "build" / "student"
    assert (student / "opened.txt").read_text().split() == ["lab1_boxes", "opened.txt"]
    (student / "lab1_boxes" / "boxes.ipynb").write_text("an evening's work", encoding="utf-8")
    assert make(checkout, "lab").returncode == 0
    assert (student / "lab1_boxes" / "boxes.ipynb").read_text() == "fresh"
    (kept,) = (checkout / "build").glob("student-*/lab1_boxes/boxes.ipynb")
    assert kept.read_text() == "an evening's work"


def test_ci_calls_check_and_tests_with_browser_and_sandbox_required() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    subprocess.run(["bash", "-n", str(ROOT / ".ci" / "run")], check=True)
    assert re.search(r"^export RCNN_REQUIRE=browser,sandbox$", script, flags=re.MULTILINE)
    assert re.findall(r"^make ([\w-]+) \|\| status=1$", script, flags=re.MULTILINE) == [
        "check",
        "test",
        "test-exhaustive",
    ]


@pytest.mark.parametrize(
    ("required", "status", "says"),
    [
        ("", 0, "SKIPPED"),
        ("browser", 1, "RCNN_REQUIRE wants browser tests to run"),
        ("bowser", 4, "RCNN_REQUIRE knows gpu, browser, sandbox; got bowser"),
    ],
)
def test_a_missing_browser_is_a_skip_here_and_a_failure_where_it_is_required(
    tmp_path: Path, required: str, status: int, says: str
) -> None:
    for name in ("pyproject.toml", "tests/conftest.py"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "test_it.py").write_text("import pytest\n\n@pytest.mark.browser\ndef test_it():\n    pass\n")
    finished = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "test_it.py"],
        cwd=tmp_path,
        env={**os.environ, "RCNN_REQUIRE": required, "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert finished.returncode == status
    said = finished.stdout + finished.stderr
    assert says in said
    assert ("Chromium is not installed" in said) == (status != 4)
