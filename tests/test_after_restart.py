"""What a cell says before the first cell has run, and which Python the first cell accepts."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from autograder.commands import release
from course import after_restart

REPO = Path(__file__).resolve().parent.parent


@pytest.fixture
def shell() -> InteractiveShell:
    """IPython as a kernel starts it where the students' wheel is installed."""
    fresh = InteractiveShell(config=Config(HistoryManager={"enabled": False}))
    after_restart.install(fresh)
    return fresh


def said(shell: InteractiveShell, cell: str, capsys: pytest.CaptureFixture) -> str:
    result = shell.run_cell(cell)
    assert isinstance(result.error_in_exec, NameError)  # so Run All stops there
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("checks.box_iou(box_iou)", "checks"),
        ("explore.iou(box_iou)", "explore"),
        ("def area(boxes: Tensor): ...", "Tensor"),
        ("x = torch.zeros(3)", "torch"),
    ],
)
def test_before_the_first_cell_has_run_a_name_of_it_says_so(
    cell: str, name: str, shell: InteractiveShell, capsys: pytest.CaptureFixture
) -> None:
    text = said(shell, cell, capsys)
    assert text.startswith(f"{name} is not known: the kernel has restarted and knows nothing yet.\nRun the")
    assert "Traceback" not in text


def test_afterwards_an_exercise_that_is_not_defined_says_so(
    shell: InteractiveShell, capsys: pytest.CaptureFixture
) -> None:
    shell.run_cell("from course import checks, setup")
    assert said(shell, "box_iou", capsys).startswith("box_iou is not known: run the cell that defines it")


@pytest.mark.parametrize("cell", ["my_boxes", "def f():\n    return x\n    x = 1\nf()", "checks"])
def test_any_other_name_is_pythons_to_explain(
    cell: str, shell: InteractiveShell, capsys: pytest.CaptureFixture
) -> None:
    if cell == "checks":
        shell.run_cell("from course import setup")
    text = said(shell, cell, capsys)
    assert "Traceback" in text
    assert "is not known" not in text


@pytest.fixture(scope="module")
def brought(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the students' wheel puts beside the package, by its place in the environment."""
    with zipfile.ZipFile(release.build_wheel(tmp_path_factory.mktemp("wheel"))) as file:
        names = [name for name in file.namelist() if ".data/data/" in name]
        return {name.partition(".data/data/")[2]: file.read(name).decode() for name in names}


def test_the_wheel_brings_it_and_an_editable_install_does_not(brought: dict[str, str]) -> None:
    assert {place.split("/")[1] for place in brought} == {"ipython", "jupyter"}
    editable = subprocess.run(
        [
            sys.executable,
            "-c",
            "import hatch_build as h; d = {'shared_data': {}}; "
            "h.StudentsJupyter.initialize(None, 'editable', d); print(d)",
        ],
        cwd=REPO,
        capture_output=True,
        text=True,
        check=True,
    )
    assert editable.stdout.strip() == "{'shared_data': {}}"


def test_a_kernel_runs_it_and_keeps_no_name_of_it(brought: dict[str, str], tmp_path: Path) -> None:
    (startup,) = (text for place, text in brought.items() if place.startswith("etc/ipython/startup/"))
    profile = tmp_path / "profile_default" / "startup"
    profile.mkdir(parents=True)
    (profile / "50-rcnn-by-hand.py").write_text(startup, encoding="utf-8")
    environment = {**os.environ, "IPYTHONDIR": str(tmp_path), "PYTHONPATH": str(REPO)}
    script = "print('course' in globals()); checks.nms(nms)"
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "--no-banner", "--colors=NoColor", "-c", script],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.stdout.startswith("False\n"), done.stdout + done.stderr
    assert "checks is not known: the kernel has restarted" in done.stdout + done.stderr


# --- the first cell ---


def first_cell(folder: Path, path: str = str(REPO), before: str = "") -> subprocess.CompletedProcess[str]:
    """Run lab 1's first cell in a fresh Python, whose pip is a stand-in that says what it was asked for."""
    notebook = json.loads((REPO / "release" / "lab1_boxes" / "boxes.ipynb").read_text(encoding="utf-8"))
    cell = next("".join(each["source"]) for each in notebook["cells"] if each["cell_type"] == "code")
    return subprocess.run(
        [sys.executable, "-S", "-c", f"import sys\nsys.path.insert(0, '')\n{before}\n{cell}"],
        env={**os.environ, "PYTHONPATH": path},
        cwd=folder,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("folder_called_course", [False, True])
def test_a_foreign_python_is_told_which_kernel_to_choose_and_nothing_is_installed(
    folder_called_course: bool, tmp_path: Path
) -> None:
    if folder_called_course:
        (tmp_path / "course").mkdir()
    done = first_cell(tmp_path, path="", before="import subprocess; subprocess.run = sys.exit")
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith(
        f"ImportError: The course is not installed in this kernel's Python, {sys.executable}. Choose"
    )


def test_colab_installs_it_also_beside_a_folder_of_that_name(tmp_path: Path) -> None:
    (tmp_path / "course").mkdir()
    asked = "import subprocess; subprocess.run = lambda command, check: sys.exit(' '.join(command[1:4]))"
    done = first_cell(tmp_path, path="", before=f"sys.modules['google.colab'] = sys; {asked}")
    assert done.stderr.strip() == "-m pip install"


def test_what_hides_the_course_is_named(tmp_path: Path) -> None:
    (tmp_path / "course.py").write_text("", encoding="utf-8")
    done = first_cell(tmp_path)
    last = done.stderr.splitlines()[-1]
    assert last == (
        f"ImportError: {tmp_path / 'course.py'} has the same name as the course and hides it: rename it, then restart "
        "the kernel."
    )
