"""What holds for every picture of every lab; tests/labs/<lab>/pictures.py says how each is made."""

import base64
import inspect
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
import torch
from labs.shown import show
from matplotlib import pyplot
from PIL import Image

from course import draw, library
from course.drawing import figure
from course.drawing.ask_student import ask
from course.drawing.figure import Drawing, Picture, to_png

TESTS = Path(__file__).parent
LABS = {
    path.parent.name: import_module(f"labs.{path.parent.name}.pictures") for path in TESTS.glob("labs/*/pictures.py")
}


def each(*kinds: str) -> pytest.MarkDecorator:
    """A test of every picture of these kinds."""
    names = sorted((lab, name) for lab, made in LABS.items() for kind in kinds for name in getattr(made, kind))
    return pytest.mark.parametrize(("lab", "name"), names)


EVERY = each("STUDENTS", "PLAIN")
STUDENTS = each("STUDENTS")


@dataclass(frozen=True)
class Shown:
    """What came of showing a picture to a student who has settings of matplotlib of their own.

    Attributes:
        pictures: what was shown.
        sizes: of all letters, in points.
        changed: the student's settings that are not as they were, and figures left open.
    """

    pictures: list[Picture]
    sizes: list[float]
    changed: list


@cache
def shown(lab: str, name: str) -> Shown:
    """Show a picture; once for all tests."""
    pictures: list[Picture] = []
    sizes: list[float] = []

    def render(drawing: Drawing) -> Picture:
        picture = rendered(drawing)
        texts = drawing.figure.findobj(mpl.text.Text)
        sizes.extend(text.get_fontsize() for text in texts if text.get_text())
        return picture

    rendered = figure.render
    with pytest.MonkeyPatch.context() as patch, mpl.rc_context({"font.size": 23, "axes.facecolor": "black"}):
        patch.delenv("NBGRADER_EXECUTION", raising=False)
        patch.setattr(figure, "display", pictures.append)
        patch.setattr(figure, "render", render)
        before = dict(mpl.rcParams)
        assert show(LABS[lab], name) is None
        changed = [key for key, value in before.items() if mpl.rcParams[key] != value] + pyplot.get_fignums()
    return Shown(pictures, sizes, changed)


def test_every_public_function_is_tried_here_or_in_its_labs_file() -> None:
    elsewhere = "".join(path.read_text(encoding="utf-8") for path in TESTS.glob("labs/*/test_*.py"))
    tried = {name for name in draw.__all__ if re.search(rf"\bdraw\.{name}\b", elsewhere)}
    made = {name for lab in LABS.values() for name in [*lab.STUDENTS, *lab.PLAIN]}
    assert set(draw.__all__) | {"pipeline"} == made | tried


@EVERY
def test_a_picture_is_sharp_described_and_given_once(lab: str, name: str) -> None:
    (picture,) = shown(lab, name).pictures
    data, metadata = picture._repr_mimebundle_()
    assert set(data) == {"text/html", "image/png", "text/plain"}
    width, height = Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).size
    assert picture.width == width // figure.RETINA
    assert picture.width <= 1000  # fits beside JupyterLab's file browser on a 1400 px screen
    assert height / figure.RETINA <= 900
    assert data["text/plain"] == metadata["image/png"]["alt"] == picture.alt
    assert len(picture.alt) > 40
    assert picture.caption
    assert re.search(r'<img [^>]*alt="[^"]{40,}"', data["text/html"])
    assert "<figcaption" in data["text/html"]


@EVERY
def test_no_text_is_smaller_than_nine_points(lab: str, name: str) -> None:
    assert min(shown(lab, name).sizes) >= 9


@EVERY
def test_the_students_own_matplotlib_is_left_alone(lab: str, name: str) -> None:
    assert shown(lab, name).changed == []


@EVERY
def test_nothing_is_drawn_while_grading(
    lab: str, name: str, pictures: list, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    show(LABS[lab], name)
    assert pictures == []
    assert capsys.readouterr() == ("", "")


def unwritten(name: str) -> object:
    """A function, or a class, as it is released."""

    def stub(*args: object) -> None:
        raise NotImplementedError

    stub.__name__ = name
    return type(name, (torch.nn.Module,), {"__init__": stub}) if inspect.isclass(getattr(library, name)) else stub


@STUDENTS
def test_an_unwritten_function_leaves_one_friendly_line(
    lab: str, name: str, pictures: list, capsys: pytest.CaptureFixture[str]
) -> None:
    function, show_it = LABS[lab].STUDENTS[name]
    show_it(unwritten(function))
    assert pictures == []
    assert capsys.readouterr() == (f"This picture appears once {function} is written.\n", "")


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (lambda *args: 1 / 0, "fails with ZeroDivisionError: division by zero"),
        (lambda *args: torch.zeros(7, 7, 7, 7, 7), "gave shape (7, 7, 7, 7, 7) instead of ("),
        (lambda *args: [1.0], "gave list instead of a tensor"),
    ],
    ids=["error", "shape", "type"],
)
@STUDENTS
def test_a_broken_function_leaves_one_line_that_points_to_its_check(
    lab: str, name: str, answer: Callable, problem: str, pictures: list, capsys: pytest.CaptureFixture[str]
) -> None:
    made = LABS[lab]
    function, show_it = made.STUDENTS[name]
    show_it(answer)
    if "gave" in problem and inspect.isclass(getattr(library, function)):
        problem = "should be an nn.Module"
    elif "gave" in problem and name in getattr(made, "UNPACKED", ()):
        problem = "values to unpack"
    assert pictures == []
    line = capsys.readouterr().out
    assert line.count("\n") == 1
    assert "check cell" in line
    assert problem in line


def test_the_students_settings_do_not_change_the_picture(pictures: list) -> None:
    show(LABS["lab1_boxes"], "areas")
    with mpl.rc_context({"font.size": 23, "axes.facecolor": "black", "hatch.linewidth": 5}):
        show(LABS["lab1_boxes"], "areas")
    assert pictures[0].png == pictures[1].png


def test_ask_hands_over_copies() -> None:
    boxes = torch.rand(2, 4)
    before = boxes.clone()
    ask(lambda b: b.zero_(), boxes, shape=(2, 4))
    assert torch.equal(boxes, before)


def test_text_alternatives_are_escaped() -> None:
    html = Picture([to_png(np.zeros((1, 1, 3), np.uint8))], 10, 'a < b & "c"', "<caption>").html()
    assert 'alt="a &lt; b &amp; &quot;c&quot;"' in html
    assert "&lt;caption&gt;" in html


def test_functions_keep_their_names_and_docstrings() -> None:
    for name in draw.__all__:
        function = getattr(draw, name)
        assert function.__name__ == name
        assert inspect.getdoc(function)
