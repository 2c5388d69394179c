"""Bad input to the command line: one clear line, a non-zero exit, and nothing half-written."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import autograder.__main__ as commands
from autograder.commands import notebooks, release
from autograder.commands.notebooks import ROOT
from course import setup

LAB = "lab1_boxes"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(commands.main, arguments)


def refused(result: Result, *words: str) -> None:
    """The command failed with one line that holds the words."""
    assert result.exit_code == 1, result.output
    lines = result.output.strip().splitlines()
    assert len(lines) == 1, lines
    assert lines[0].startswith("Error: ")
    for word in words:
        assert word in lines[0]


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course folder with a source and nothing handed in."""
    shutil.copytree(ROOT / "source", tmp_path / "course" / "source")
    return tmp_path / "course"


@pytest.mark.parametrize("command", ["demo", "report"])
def test_an_unknown_lab_is_named_with_those_that_exist(command: str, tmp_path: Path) -> None:
    refused(run(command, "--lab", "lab9", "--out", str(tmp_path / "out")), "'lab9'", LAB)
    assert not (tmp_path / "out").exists()


def test_a_lab_without_exercises_has_nothing_to_grade(tmp_path: Path) -> None:
    refused(run("demo", "--lab", "lab0_tour", "--out", str(tmp_path / "out")), "lab0_tour", "nothing to grade")
    assert not (tmp_path / "out").exists()


def test_without_source_there_is_nothing_to_release_or_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = run("report", "--lab", LAB, "--out", str(tmp_path / "out"), "--course", str(tmp_path))
    refused(result, "no lab has a notebook in", "source")
    with pytest.raises(commands.InstructorError, match="no lab has a notebook in"):
        release.release(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_without_submissions_there_is_no_report(course: Path, tmp_path: Path) -> None:
    refused(run("report", "--lab", LAB, "--out", str(tmp_path / "out"), "--course", str(course)), "no submissions")
    assert not (tmp_path / "out").exists()


def test_a_submission_that_was_not_graded_yet_is_named(course: Path, tmp_path: Path) -> None:
    folder = course / "submitted" / "bob" / LAB
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "release" / LAB / "boxes.ipynb", folder)
    result = run("report", "--lab", LAB, "--out", str(tmp_path / "out"), "--course", str(course))
    refused(result, "no gradebook", f"run nbgrader autograde {LAB} first")
    assert not (tmp_path / "out").exists()


def test_somebody_elses_folder_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "mine"
    out.mkdir()
    (out / "thesis.tex").write_text("ten years of work")
    refused(run("demo", "--lab", LAB, "--out", str(out)), str(out), "was not made by this command")
    for name in ("collect", "not_handed_in"):
        monkeypatch.setattr(f"autograder.__main__.{name}", lambda course, lab: [])
    refused(run("report", "--lab", LAB, "--out", str(out)), str(out), "was not made by this command")
    assert [path.name for path in out.iterdir()] == ["thesis.tex"]
    assert (out / "thesis.tex").read_text() == "ten years of work"


def test_an_output_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    refused(run("demo", "--lab", LAB, "--out", str(tmp_path / "file")), "is a file")
    assert (tmp_path / "file").read_text() == "mine"


def test_our_own_folder_is_made_anew(tmp_path: Path) -> None:
    from autograder.errors import own_folder

    folder = own_folder(tmp_path / "out", "a test")
    (folder / "old").write_text("")
    assert [path.name for path in own_folder(folder, "a test").iterdir()] == [".rcnn-by-hand"]


def test_dist_with_something_strange_is_refused(tmp_path: Path) -> None:
    for name in ("source", "solutions"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "thesis.pdf").write_text("")
    with pytest.raises(commands.InstructorError, match=r"thesis\.pdf"):
        release.release(tmp_path)
    assert not (tmp_path / "release").exists()


def test_text_and_notebook_out_of_step_are_told_with_the_mending_command(tmp_path: Path) -> None:
    for name in ("source", "solutions", "release"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    text = tmp_path / "solutions" / LAB / "boxes.py"
    text.write_text(text.read_text(encoding="utf-8").replace("width * height", "height * width"), encoding="utf-8")
    (problem,) = notebooks.out_of_step(LAB, tmp_path)
    assert "differ in the source of cell" in problem
    assert "jupytext --to ipynb --update" in problem
    with pytest.raises(commands.InstructorError, match="differ in"):
        release.release(tmp_path)
    assert not (tmp_path / "dist").exists()


def test_a_stale_release_is_told(tmp_path: Path) -> None:
    for name in ("source", "solutions", "release"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    path = tmp_path / "release" / LAB / "boxes.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("Lab 1", "Lab one"), encoding="utf-8")
    (problem,) = notebooks.out_of_step(LAB, tmp_path)
    assert "make release" in problem


@pytest.mark.parametrize(
    ("torch", "torchvision", "fine"),
    [
        ("2.14.1", "0.29.1", True),
        ("2.6.0+cu124", "0.21.0+cu124", True),
        ("2.14.1", "0.28.0", False),
        ("2.6.0", "0.29.1", False),
    ],
)
def test_torch_and_torchvision_must_belong_together(
    torch: str, torchvision: str, fine: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("course.setup.metadata.version", {"torch": torch, "torchvision": torchvision}.__getitem__)
    if fine:
        setup.check_versions()
        return
    refused(run("check"), torch, torchvision, "pip install")
    with pytest.raises(setup.SetupError) as caught:
        setup.device()
    assert len(caught.value._render_traceback_()) == 1


def test_a_missing_torchvision_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def version(name: str) -> str:
        if name == "torchvision":
            raise setup.metadata.PackageNotFoundError(name)
        return "2.14.1"

    monkeypatch.setattr("course.setup.metadata.version", version)
    refused(run("check"), "torchvision is not installed")


@pytest.mark.parametrize("package", ["course", "autograder"])
def test_an_old_python_is_told_so(package: str) -> None:
    code = (
        "import sys; sys.version_info = (3, 10, 9, 'final', 0); sys.version = '3.10.9 (main)'\n"
        f"try:\n    import {package}\nexcept (ImportError, SystemExit) as error:\n    print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip() == "rcnn-by-hand needs Python 3.11 or newer; this is 3.10.9."


def test_a_failing_nbgrader_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(commands.InstructorError) as caught:
        notebooks.nbgrader("autograde", "nothing", course=tmp_path)
    assert "nbgrader autograde nothing failed" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_every_command_explains_itself() -> None:
    for name in ("demo", "report", "release", "check"):
        assert name in run("--help").output
        assert run(name, "--help").exit_code == 0
