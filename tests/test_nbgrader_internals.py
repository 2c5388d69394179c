"""What we use of nbgrader's inside is there, in the version that is installed, and private names are nobody's."""

import os
import subprocess
import sys
import tomllib
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

import nbgrader.api
import pytest
from nbconvert.exporters import NotebookExporter
from nbformat import reads
from nbformat.v4 import new_code_cell, new_notebook, new_output
from nbgrader.api import Gradebook
from nbgrader.apps import ZipCollectApp
from nbgrader.converters import Autograde
from nbgrader.converters.base import BaseConverter
from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins import ExtractorPlugin, FileNameCollectorPlugin
from nbgrader.preprocessors import ClearOutput, SaveCells
from packaging.requirements import Requirement

from autograder.engine.sandbox import ROOT
from autograder.nbgrader_plugins.nbgrader_internals import DONE, convert_within, going_through, one_engine

VERSION = f"nbgrader {metadata.version('nbgrader')}"


def test_the_version_is_one_that_was_looked_at() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (bound,) = (line for line in project["optional-dependencies"]["lab"] if Requirement(line).name == "nbgrader")
    specifier = Requirement(bound).specifier
    assert metadata.version("nbgrader") in specifier
    assert "1.0" not in specifier


@pytest.mark.parametrize(
    "name",
    [
        "assignments",
        "convert_notebooks",
        "coursedir",
        "notebooks",
        "post_convert_hook",
        "run_post_convert_hook",
        "sanitize_preprocessors",
    ],
)
def test_a_converter_has(name: str) -> None:
    assert hasattr(Autograde(coursedir=CourseDirectory()), name), f"{VERSION} has no Autograde.{name}"


def test_a_step_that_is_not_enabled_is_left_out() -> None:
    """As nbgrader's own ``--no-db`` leaves out the gradebook."""
    exporter = NotebookExporter()
    step = ClearOutput()
    exporter.register_preprocessor(step, enabled=True)
    notebook = new_notebook(cells=[new_code_cell("1", outputs=[new_output("stream", text="1")])])
    for enabled, left in ((False, 1), (True, 0)):
        step.enabled = enabled
        text, _ = exporter.from_notebook_node(notebook)
        assert len(reads(text, as_version=4).cells[0].outputs) == left, VERSION


def test_steps_chosen_by_name_are_registered_as_what_they_are() -> None:
    class Noting(NotebookExporter):
        def register_preprocessor(self, preprocessor, enabled=False):
            seen.append(super().register_preprocessor(preprocessor, enabled))
            return seen[-1]

    seen: list[object] = []
    Noting().register_preprocessor("nbgrader.preprocessors.SaveCells")
    assert any(isinstance(step, SaveCells) for step in seen), VERSION


def test_a_converter_starts_with_what_is_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It looks convert_notebooks up on itself, so that another can take its place; a block around it always ends."""
    said = []

    class Converter(BaseConverter):
        def init_notebooks(self) -> None:
            said.append("found")

        def convert_notebooks(self) -> None:
            said.append("converted")
            raise ValueError("in the middle")

    @contextmanager
    def block():
        said.append("in")
        try:
            yield
        finally:
            said.append("out")

    converter = Converter(coursedir=CourseDirectory(root=str(tmp_path)))
    for _ in range(2):
        said.clear()
        convert_within(converter, block)
        with pytest.raises(ValueError, match="in the middle"):
            converter.start()
        assert said == ["found", "in", "converted", "out"], VERSION


def test_a_converter_goes_through_copies_and_is_as_before_afterwards(tmp_path: Path) -> None:
    theirs, ours = CourseDirectory(root=str(tmp_path)), CourseDirectory(root=str(tmp_path))
    converter = Autograde(coursedir=theirs, assignments={"submitted/ada/lab": ["a.ipynb"]})
    steps, finished = list(converter.sanitize_preprocessors), []
    with going_through(converter, ours, {tmp_path / "ada": [tmp_path / "ada" / "a.ipynb"]}, finished.append):
        assert converter.coursedir is ours
        assert converter.assignments == {str(tmp_path / "ada"): [str(tmp_path / "ada" / "a.ipynb")]}
        assert converter.sanitize_preprocessors == [ClearOutput], VERSION
        assert set(DONE) == {*steps} - {ClearOutput}
        (converter.notebooks,) = converter.assignments.values()
        converter.run_post_convert_hook()
        assert finished == [tmp_path / "ada"], f"{VERSION} calls no post_convert_hook"
    assert (converter.coursedir, converter.assignments) == (theirs, {"submitted/ada/lab": ["a.ipynb"]})
    assert converter.sanitize_preprocessors == steps
    converter.run_post_convert_hook()
    assert len(finished) == 1


def test_zip_collect_makes_both_plugins_and_has_the_extractor_go_first(tmp_path: Path) -> None:
    """So that one call of the extractor may collect everything and end the command: nothing was asked before it."""
    said = []

    class Extractor(ExtractorPlugin):
        def extract(self, archive_path: str, extracted_path: str) -> None:
            said.append((type(self.parent.collector_plugin_inst), archive_path, extracted_path))
            self.parent.fail("and no further")

    app = ZipCollectApp(extractor_plugin=Extractor)
    app.coursedir = CourseDirectory(parent=app, root=str(tmp_path), assignment_id="lab1")
    (tmp_path / "downloaded" / "lab1" / "archive").mkdir(parents=True)
    app.init_plugins()
    with pytest.raises(SystemExit) as ended:
        app.extract_archive_files()
    below = tmp_path / "downloaded" / "lab1"
    assert said == [(FileNameCollectorPlugin, str(below / "archive"), str(below / "extracted"))], VERSION
    assert ended.value.code == 1


def test_a_hook_of_the_instructors_own_is_called_first(tmp_path: Path) -> None:
    said = []
    converter = Autograde(coursedir=CourseDirectory(), post_convert_hook=lambda **names: said.append(sorted(names)))
    with going_through(converter, CourseDirectory(), {}, said.append):
        converter.notebooks = [str(tmp_path / "ada" / "a.ipynb")]
        converter.run_post_convert_hook()
    assert said == [["assignment", "notebooks", "student"], tmp_path / "ada"]
    converter.run_post_convert_hook()
    assert len(said) == 3


def test_gradebooks_share_an_engine_as_long_as_a_block_lasts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "PATH", str(Path(sys.executable).parent), prepend=os.pathsep
    )  # nbgrader calls alembic by its name
    url, theirs = f"sqlite:///{tmp_path / 'gradebook.db'}", nbgrader.api.create_engine
    with one_engine:
        with one_engine, Gradebook(url) as first:  # as of another run in the same process
            pass
        with Gradebook(url) as second:
            assert second.engine is first.engine, f"{VERSION}: Gradebook makes its engine without create_engine"
    assert nbgrader.api.create_engine is theirs
    with Gradebook(url) as third:
        assert third.engine is not first.engine


def test_runs_that_overlap_leave_nothing_behind() -> None:
    theirs = nbgrader.api.create_engine
    one_engine.__enter__()
    shared = nbgrader.api.create_engine
    one_engine.__enter__()
    one_engine.__exit__()  # the first ends before the second
    assert nbgrader.api.create_engine is shared is not theirs
    one_engine.__exit__()
    assert nbgrader.api.create_engine is theirs


@pytest.mark.parametrize("folder", ["engine", "nbgrader_plugins"])
def test_private_names_of_others_are_left_alone(folder: str) -> None:
    """nbgrader's, jupyter_client's: whatever begins with "_" may be another in the next release."""
    where = f"autograder/{folder}"
    torchs = ["--exclude", "proxies.py"]
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--select", "SLF001", *torchs, where]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
