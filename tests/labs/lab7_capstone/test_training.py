"""Lab 7's second half: the notebook assembles, trains, shows and saves, in a hurry here; nbgrader runs none of it."""

import re
import shutil
from pathlib import Path

import pytest
import session
import torch

from autograder.commands import notebooks
from autograder.engine.cell_analysis import FIGURE
from course import annotate, library, parts, scenes, setup, uploads, video
from course.annotate import marking
from course.detector import Detector, load_weights
from course.drawing import figure
from course.drawing.figure import Picture
from course.exploring import explorer
from course.parts.collect import BONUS
from course.video import made_up, showing


@pytest.fixture
def pictures(pictures: list, monkeypatch: pytest.MonkeyPatch) -> list:
    """What a test has shown so far, explorers included."""
    for module in (explorer, marking, showing, uploads):
        monkeypatch.setattr(module, "display", lambda what, **kwargs: figure.display(what))
    return pictures


def cells(checked: bool) -> list[str]:
    """The notebook's imports and definitions, then all code from "Assemble" on, with fewer pictures and steps.

    ``checked``: with the visible checks, as for a student.
    """
    whole = notebooks.read(notebooks.ROOT / "source" / "lab7_capstone" / "capstone.ipynb").cells
    first = next(place for place, cell in enumerate(whole) if cell.source.startswith("## Assemble"))
    text = "\0".join(
        cell.source.partition("### BEGIN HIDDEN TESTS")[0]
        for place, cell in enumerate(whole)
        if cell.cell_type == "code"
        and (place > first or FIGURE not in cell.metadata.get("tags", []))
        and (checked or not cell.metadata.get("nbgrader", {}).get("grade"))
    )
    short = session.hurried(text)
    assert all(line in short for line in ("STEPS = 2\n", "PICTURES = 3\n", "Scenes(4, seed=1)"))
    return short.split("\0")


def run(folder: Path, monkeypatch: pytest.MonkeyPatch, checked: bool = True) -> dict:
    """Run these cells as a notebook in ``folder`` does; gives its names."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr(made_up, "SECONDS", 0.5)
    names: dict = {"__name__": "__main__"}
    for source in cells(checked):
        exec(compile(source, "<capstone>", "exec"), names)
    return names


def test_among_the_labs_it_trains_and_keeps_a_detector_of_ones_own_parts(
    tmp_path: Path, pictures: list, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(notebooks.ROOT / "source", tmp_path / "labs")
    here = tmp_path / "labs" / "lab7_capstone"
    names = run(here, monkeypatch)
    count = len(parts.NAMES)
    said = capsys.readouterr().out
    assert f"{count} of {count} parts are yours" in said
    assert names["own"].bonuses() == BONUS
    assert "detector.safetensors: " in said
    assert "detect: all 3 visible examples hold." in said
    assert re.search(r"AP50 of the detector in detector.safetensors: 0\.\d\d\n", said)
    told = [picture.alt for picture in pictures if isinstance(picture, Picture)]
    assert [re.match(r"[\w']+ [\w']+", alt).group() for alt in told] == [
        "The detector's",
        "Step 2",
        "4 pictures",
        "Predictions with",
        "A photo",
    ]
    assert "of 2." in told[1]
    assert any(isinstance(picture, explorer.Explorer) for picture in pictures)
    marked = annotate.load(here / "hopper.json")
    assert {marked.classes[label - 1] for label in marked.labels} == {"person", "helmet"}
    assert sum(1 for _ in video.read(here / "found.webm")) == 6

    again = Detector(library, len(scenes.CLASSES)).eval()
    load_weights(again, here / "detector.safetensors")
    image = [names["images"][0]]
    with torch.no_grad():
        torch.testing.assert_close(again(image)[0]["scores"], names["after"][0]["scores"])

    losses = names["losses"]  # once more, after a restart: nothing is left to do, and the picture comes all the same
    pictures.clear()
    names = run(here, monkeypatch)
    assert names["losses"] == losses
    assert any("Step 2 of 2" in picture.alt for picture in pictures if isinstance(picture, Picture))


def test_alone_it_goes_on_with_the_library_and_what_it_defines(
    tmp_path: Path, pictures: list, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "alone").mkdir()
    names = run(tmp_path / "alone", monkeypatch)
    assert names["own"].own() == ("average_precision",)
    assert "There are no labs in '..'" in capsys.readouterr().out


@pytest.mark.parametrize("mode", ["autograde", "validate"])
def test_nbgrader_runs_none_of_it(
    mode: str, tmp_path: Path, pictures: list, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NBGRADER_EXECUTION", mode)
    assert not setup.attended()
    assert "detector" not in run(tmp_path, monkeypatch, checked=False)
    assert pictures == []
    said, errors = capsys.readouterr()
    assert said.startswith("nbgrader is running this notebook, so nothing is handed in.\n")  # by the last cell
    assert (said.count("\n"), errors) == (2, "")
    assert list(tmp_path.iterdir()) == []
