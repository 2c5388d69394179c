"""Whatever students write is shown as they wrote it: no link, no picture, no colour, no command, no formula."""

import csv
import io
import json
import subprocess
import sys
import unicodedata
import warnings
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from nbconvert.filters import markdown2html
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from rich.console import Console
from rich.text import Text

from autograder import escaping
from autograder.commands import class_report, notebooks
from autograder.commands.class_results import Result, Student
from autograder.commands.worth_a_look import Look
from autograder.engine.canonical import canonical
from autograder.engine.intake import take_in
from autograder.grader.exercise_report import Report

ACTS = [
    "[click](javascript:alert(1))",
    "![](https://example.org/seen.png)",
    "<img src=x onerror=alert(1)>",
    "<https://example.org>",
    "https://example.org www.example.org",
    "`](javascript:alert(1))[`",
    "``` [a](b) ```",
    "$\\href{javascript:alert(1)}{x}$",
    "\\(x\\) \\[y\\]",
    "a\n\n# b\n[c]: https://example.org",
    "\x1b]8;;https://example.org\x07x\x1b[31m",
    "OSError: [/tmp/data] is no [bold]tag[/bold]",
    ":smile: [link=https://example.org]x[/link]",
    '=HYPERLINK("https://example.org")',
    " =1+1",
    "\t@SUM(A1)",
    "\u202egnp.exe",
    "&lt;b&gt;",
    "",
]
texts = st.one_of(
    st.text(max_size=60),
    st.sampled_from(ACTS),
    st.text(alphabet="[]()!<>`$\\*_~#&;:/ \n\t=+-@'\"abw.", max_size=40),
)


class Page(HTMLParser):
    """The elements of a page, and the text that one reads."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert not attrs, attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def seen(text: str) -> str:
    """A text as one reads it: without control characters and changes of direction, any break or blank as one blank."""
    left = [
        letter for letter in text if unicodedata.category(letter) not in ("Cc", "Zl", "Zp", "Cs") or letter in "\n\t"
    ]
    return " ".join(
        "".join(
            letter for letter in left if letter not in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
        ).split()
    )


@given(texts)
@example(ACTS[0])
@example(ACTS[5])
@example("www.example.org")
@example("a.WWW.example.org")
@example("__init__")
def test_markdown_is_the_text_or_one_piece_of_code(text: str) -> None:
    page = Page(markdown2html(f"- before {escaping.markdown(text)} between {escaping.markdown(text)} after"))
    assert page.tags <= {"ul", "li", "code"}
    shown = seen(text).replace("`", "'")
    assert " ".join(page.text.split()) == " ".join(f"before {shown} between {shown} after".split())


@pytest.mark.parametrize("name", ["detector.safetensors", "box_iou_2", "boxes-Copy1.ipynb", "markdown"])
def test_an_ordinary_name_reads_as_it_is(name: str) -> None:
    assert escaping.markdown(name) == name


@given(texts)
def test_html_is_the_text(text: str) -> None:
    page = Page(f"<p>{escaping.html(text)}</p>")
    assert page.tags <= {"p", "br"}
    assert "".join(page.text.split()) == "".join(seen(text).split())


@given(texts)
def test_a_terminal_gets_no_command_and_rich_shows_all_of_it(text: str) -> None:
    for letter in escaping.terminal(text):
        assert unicodedata.category(letter) != "Cc" or letter in "\n\t"
    printed = io.StringIO()
    console = Console(file=printed, width=500, color_system="truecolor", force_terminal=True)
    console.print(Text(escaping.terminal(text)))
    assert "\x1b" not in printed.getvalue()
    assert seen(printed.getvalue()) == seen(text)


@given(st.lists(st.one_of(texts, st.integers(-99, 99), st.floats(-99, 99)), min_size=1))
def test_no_cell_of_a_csv_file_is_a_formula_and_numbers_are_numbers(cells: list) -> None:
    file = io.StringIO()
    csv.writer(file).writerow([escaping.csv(cell) for cell in cells])
    file.seek(0)
    (row,) = csv.reader(file)
    for written, cell in zip(row, cells, strict=True):
        if isinstance(cell, str):
            assert not written.strip().startswith(tuple("=+-@"))
            assert not written.startswith(("\t", "\r"))
            assert seen(written.removeprefix("'")) == seen(cell.removeprefix("'"))
        else:
            assert float(written) == cell


# --- where it goes out ---


@pytest.fixture(scope="module")
def released() -> NotebookNode:
    return notebooks.read(notebooks.ROOT / "release" / "lab1_boxes" / "boxes.ipynb")


@pytest.mark.parametrize("text", [text for text in ACTS if text])
def test_notes_about_a_hand_in_are_plain(text: str, released: NotebookNode) -> None:
    submitted = json.loads(json.dumps(released))
    marked = [cell for cell in submitted["cells"] if "nbgrader" in cell["metadata"]]
    marked[0]["metadata"]["nbgrader"]["grade_id"] = text
    marked[2]["cell_type"] = text
    form = canonical(released, json.dumps(submitted).encode())
    (note,) = [cell for cell in form.notebook.cells if cell.id == "about-this-submission"]
    assert any("No cell of this lab" in line for line in form.notes)
    assert Page(markdown2html(note.source)).tags <= {"p", "strong", "ul", "li", "code"}


@pytest.mark.parametrize("text", ["[a](javascript:b)", "![](x)", "www.example.org", "<b>", "`c`", "\x1b[31m", "$x$"])
def test_notes_about_files_are_plain(text: str, tmp_path: Path, released: NotebookNode) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / f"{text}.ipynb").write_text(json.dumps(released))
    submission = take_in(tmp_path / "in", "ada", {"boxes": released}, tmp_path / "clean")
    note = submission.notebooks["boxes"].notebook.cells[0]
    assert "was taken for it" in note.source
    assert Page(markdown2html(note.source)).tags == {"p", "strong", "ul", "li", "code"}
    assert "\x1b" not in submission.warnings[0]


def test_control_characters_stay_outside(released: NotebookNode) -> None:
    submitted = json.loads(
        json.dumps(notebooks.solve(released, {"box_iou": "def box_iou(a, b):\x00\x1b\n\treturn 1\n"}))
    )
    form = canonical(released, json.dumps(submitted).encode())
    assert notebooks.to_write(form.notebook)["box_iou"].source == "def box_iou(a, b):\n\treturn 1\n"
    nbformat.validate(form.notebook)


def a_class(text: str) -> list[Student]:
    return [Student(text, (Result("box_iou", -1.0, 10.0, text),), 1.0, called=text)]


@pytest.mark.parametrize("text", [text for text in ACTS if text.strip()])
def test_the_class_report_is_plain_in_all_its_forms(text: str, tmp_path: Path) -> None:
    class_report.write(a_class(text), "lab1_boxes", [Look(text, text, 1, text, text)], tmp_path)
    with (tmp_path / "grades.csv").open(encoding="utf-8", newline="") as file:
        _, (name, called, score, *_, hint) = csv.reader(file)
    assert not name.strip().startswith(tuple("=+-@"))
    assert not called.strip().startswith(tuple("=+-@"))
    assert float(score) == -1
    assert not hint.startswith(tuple("=+-@"))
    page = (tmp_path / "report.html").read_text(encoding="utf-8").partition("<tbody>")[2].partition("</tbody>")[0]
    assert Page(page).tags <= {"tr", "td", "code", "br"}
    assert "".join(seen(text).split()) in "".join(Page(page).text.split())
    printed = io.StringIO()
    Console(file=printed, width=500, color_system="truecolor", force_terminal=True).print(
        class_report.table(a_class(text))
    )
    for word in seen(text).split():
        assert word in printed.getvalue()
    assert "\x1b]8" not in printed.getvalue()
    assert "\x1b[31m" not in printed.getvalue()


@given(texts.filter(bool))
def test_a_reason_on_a_feedback_page_is_plain(text: str) -> None:
    assert Page(Report("box_iou", 10.0, 0.0, 0, reason=text).html()).tags <= {"p", "strong", "br"}


@pytest.mark.parametrize(("exporter", "file"), [("MoodleExporter", "moodle.csv"), ("CanvasExporter", "canvas.csv")])
def test_names_are_no_formulas_to_those_who_open_an_export(exporter: str, file: str, tmp_path: Path) -> None:
    """``../shared/faults/32``."""
    with warnings.catch_warnings(action="ignore"), Gradebook(f"sqlite:///{tmp_path}/gradebook.db") as book:
        book.add_assignment("lab1_boxes")
        book.add_student("eve", first_name="=1+1", last_name="@SUM(A1)", email="+e@x.org", lms_user_id="7")
        book.add_student('=HYPERLINK("x")', first_name="-1", email="b@x.org", lms_user_id="8")
    module = "autograder.nbgrader_plugins.exporters"
    subprocess.run(
        [sys.executable, "-m", "nbgrader", "export", "--exporter", f"{module}.{exporter}"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    with (tmp_path / file).open(encoding="utf-8", newline="") as opened:
        cells = [cell for row in csv.reader(opened) for cell in row]
    assert "'=1+1" in " ".join(cells).replace("'@SUM(A1), ", "'")
    assert not [cell for cell in cells if cell.startswith(tuple("=+-@"))]
