"""The feedback page tells all that there is to tell, loads nothing, runs nothing, and is written anew by each run."""

import re
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from feedback_class import (
    CLAMP,
    OWN,
    READY_MADE,
    REPORTS,
    SWAP,
    changed,
    marked,
    page,
    report,
    something_of_everything,
    write_feedback,
)
from graded_course import LAB, TOTAL, Course
from nbgrader.api import Gradebook

from autograder.grader.exercise_report import MIME, Report, Row
from autograder.labs import LABS
from autograder.nbgrader_plugins.feedback import duration

HOSTILE = '<img src="https://evil.example/x" onerror="alert(1)"><script>alert(2)</script>\u202e'
TAGS = {
    *("html", "head", "meta", "title", "style", "body", "main", "header", "section", "div", "span", "h1", "h2", "h3"),
    *("p", "br", "a", "ol", "ul", "li", "strong", "code", "pre", "img", "details", "summary"),
    *("table", "thead", "tbody", "tr", "th", "td", "svg", "g", "circle", "text", "path"),
}
# attributes that may hold an address
ADDRESSES = {"href", "src", "srcset", "action", "formaction", "data", "poster", "background", "xlink:href", "ping"}
LOADS = re.compile(r"url\(|@import|://")


class Read(HTMLParser):
    """A page's words, line by line of its blocks, and all its tags and attributes."""

    def __init__(self, path: Path) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str, str]] = []
        self._style, self._words, self.styles = False, "", ""
        self.source = path.read_text(encoding="utf-8")
        self.feed(self.source)
        self.close()
        self.text = " ".join(self._words.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self._style = tag == "style"
        self._words += " " if tag in ("p", "li", "td", "h1", "h2", "h3", "pre", "div", "summary", "br") else ""

    def handle_endtag(self, tag: str) -> None:
        self._style = False

    def handle_data(self, data: str) -> None:
        if self._style:
            self.styles += data
        else:
            self._words += data

    def values(self, name: str) -> list[str]:
        return [value for _, attribute, value in self.attributes if attribute == name]

    def between(self, start: str, end: str) -> str:
        return self.text.partition(start)[2].partition(end)[0]


def is_inert(read: Read) -> None:
    """Nothing on the page loads anything, runs, or leads to another place than the page itself."""
    assert read.tags <= TAGS
    assert not [name for _, name, _ in read.attributes if name.startswith("on") or name == "style"]
    for tag, name, value in read.attributes:
        if name in ADDRESSES:
            assert value.startswith("data:image/png;base64," if tag == "img" else "#"), (tag, name, value)
    assert not LOADS.search(read.styles)
    assert not re.findall("[\u202a-\u202e\u2066-\u2069]", read.source)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory, empty_gradebook: Path) -> Course:
    """Mary, with something of everything, and what nbgrader has written for her."""
    made = Course(tmp_path_factory.mktemp("feedback") / "course", empty_gradebook)
    something_of_everything(made)
    write_feedback(made)
    return made


@pytest.fixture(scope="module")
def mary(course: Course) -> Read:
    return Read(page(course))


def test_on_top_stand_the_points_and_where_to_begin(mary: Read) -> None:
    top = mary.text.partition("Exercise by exercise")[0]
    assert "Lab 1 · Boxes and IoU" in top
    assert "mary" in top
    assert f"10 of {TOTAL:g}" in top  # 0 + 2.5 + 7.5 + 1 + 0, and 1 taken off
    assert f"1 of {len(LABS[LAB])} exercises has full marks. " in top
    assert "Begin with remove_small_boxes, where 3 points are still to win." in top
    (picture,) = mary.values("aria-label")
    assert picture.startswith(f"10 of {TOTAL:g} points. yxyx_to_xyxy 0 of 2. box_area 2.5 of 2. ")
    assert " box_iou 7.5 of 10." in picture


def test_lateness_and_what_was_put_right_stand_on_top(mary: Read) -> None:
    top = mary.text.partition("Exercise by exercise")[0]
    assert "Handed in on 30 November 2026, 20:05 UTC, 2 hours 5 minutes late: 1 point taken off." in top
    assert "The file Copy of boxes.ipynb was taken for boxes.ipynb." in top
    assert "About this submission" not in top  # one heading is enough


def test_a_row_for_each_exercise_in_order(mary: Read) -> None:
    rows = mary.between("Exercise by exercise", "Case by case")
    places = [rows.index(words) for words in ("yxyx_to_xyxy 0 of 2", "box_area 2.5 of 2", "box_iou 7.5 of 10")]
    places += [rows.index(words) for words in ("clip_boxes_to_image 1 of 3", "remove_small_boxes")]
    assert places == sorted(places)
    assert f"1 of 3 cases holds First: {SWAP}" in rows
    assert "all 2 cases hold 0.5 of extra credit in it" in rows
    assert f"2 of 3 cases hold First: {CLAMP} Your instructor: Nearly there: look at clamp, and at both sides." in rows
    assert f"points set by your instructor; the grader gave 0 First: {READY_MADE}" in rows
    assert "begin here 0 of 3 not written yet" in rows


def test_then_the_cases_and_the_notebook_last_all_folded(mary: Read) -> None:
    cases = mary.between("Case by case", "Your notebook")
    assert "a handful of boxes 28 of 28 values are wrong" in cases
    assert "✓ holds boxes that all overlap 5.00 of 5.00" in cases
    assert "✓ holds no boxes 0.00 of 0.29" in cases  # no case counts before an ordinary one
    assert "seed 13" in cases
    assert not mary.values("open")
    shown = mary.text.partition("Your notebook")[2]
    assert f"A cell of your own {' '.join(OWN.split())} three torch.Size([3, 4])" in shown
    for name in REPORTS:
        assert f"def {name}(" in shown


def test_the_labs_texts_hidden_tests_and_figures_are_left_out(mary: Read) -> None:
    assert "HIDDEN" not in mary.source
    assert "grade(" not in mary.text
    assert "draw." not in mary.text
    assert "very easy" not in mary.text


def test_links_lead_to_places_of_the_page(mary: Read) -> None:
    links = set(mary.values("href"))
    assert links
    assert links <= {f"#{value}" for value in mary.values("id")}


def test_the_page_is_one_small_file_that_loads_nothing(course: Course, mary: Read) -> None:
    is_inert(mary)
    assert page(course).stat().st_size < 100_000
    assert [path.name for path in page(course).parent.iterdir()] == ["boxes.html"]
    (policy,) = [value for value in mary.values("content") if "default-src" in value]
    assert policy == (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    assert mary.source.index("Content-Security-Policy") < mary.source.index("<style")


@pytest.fixture
def fresh(tmp_path: Path, empty_gradebook: Path) -> Course:
    return Course(tmp_path / "course", empty_gradebook)


def test_each_run_tells_what_has_changed_since(fresh: Course) -> None:
    something_of_everything(fresh)
    write_feedback(fresh)
    with marked(fresh, "mary") as find:
        find("grade", "test_box_iou").manual_score = 9.25
        find("comment", "box_iou").manual_comment = "Looked at again."
    write_feedback(fresh)
    again = Read(page(fresh)).text
    assert "9.25 of 10" in again
    assert "the grader gave 7.5" in again
    assert "Looked at again." in again


def test_full_marks_are_said_in_two_words(fresh: Course) -> None:
    fresh.grade("ada", 1.0)
    write_feedback(fresh)
    read = Read(page(fresh, "ada"))
    assert "Full marks. Well done!" in read.text
    for absent in ("Begin with", "First:", "begin here", "Case by case", "Handed in", "About what you handed in"):
        assert absent not in read.text


def test_where_nothing_can_be_graded_the_reason_stands_with_every_exercise(fresh: Course) -> None:
    reason = "This notebook cannot be graded: it is broken JSON."
    fresh.grade("bob", 0.0, reason)
    write_feedback(fresh)
    assert Read(page(fresh, "bob")).text.count(f"First: {reason}") == len(LABS[LAB])


def test_hostile_text_is_shown_and_does_nothing(fresh: Course) -> None:
    """Wherever a student's words, or those of who wrote a notebook that nbgrader alone has run, come to the page."""
    something_of_everything(fresh)
    hostile = Report(
        *("box_iou", 10.0, 5.0, 1),
        rows=(Row(f"t{HOSTILE}", 1.0, True, "", ""), Row("u", 1.0, False, f"d{HOSTILE}", f"h{HOSTILE}")),
        hint=f"f{HOSTILE}",
    )
    html = {"text/html": HOSTILE, "image/svg+xml": HOSTILE, "text/latex": HOSTILE, "application/javascript": "alert(3)"}
    outputs = [
        nbformat.v4.new_output("display_data", data={**html, "text/plain": f"o{HOSTILE}"}),
        nbformat.v4.new_output("display_data", data={"image/png": f'"> {HOSTILE}', "text/plain": "no picture"}),
        nbformat.v4.new_output("display_data", data={"image/png": "iVBORw0KGgo=\n"}),
        nbformat.v4.new_output("error", ename="E", evalue=HOSTILE, traceback=[f"\x1b[31me{HOSTILE}"]),
    ]
    with changed(fresh, "mary") as notebook:
        report(notebook, {"box_iou": hostile})
        notebook.cells[0].source = f"**About this submission**\n\n- n{HOSTILE} ![](https://evil.example/y)"
        notebook.cells[1].source = f"# Lab {HOSTILE}"
        notebook.cells[-1].source = f"'c{HOSTILE}'"
        notebook.cells[-1].outputs = outputs
        prose = nbformat.v4.new_markdown_cell(f"    p{HOSTILE} $x$", id="own-2", metadata={"own": True})
        notebook.cells.append(prose)
    with marked(fresh, "mary") as find:
        find("comment", "box_iou").manual_comment = f"[x](javascript:alert(1)) ![y](https://evil.example/z) m{HOSTILE}"
    write_feedback(fresh)
    read = Read(page(fresh))
    is_inert(read)
    seen = "<script>alert(2)</script>"
    assert all(f'{letter}<img src="https://evil.example/x"' in read.text for letter in "tdhfoecpnm")
    assert read.text.count(seen) >= 10
    assert "no picture" in read.text
    assert [value for tag, name, value in read.attributes if tag == "img" and name == "src"] == [
        "data:image/png;base64,iVBORw0KGgo="
    ]


@pytest.mark.parametrize(
    "data",
    [
        [],
        "text",
        {"rows": 3},
        {**REPORTS["box_iou"]._repr_mimebundle_()[MIME], "rows": [{"title": 1}]},
        {**REPORTS["box_iou"]._repr_mimebundle_()[MIME], "points": "many"},
        {**REPORTS["box_iou"]._repr_mimebundle_()[MIME], "score": float("nan")},
        {**REPORTS["box_iou"]._repr_mimebundle_()[MIME], "seed": 1e999},
    ],
)
def test_what_is_no_report_is_not_read_as_one(data: object) -> None:
    with pytest.raises(ValueError, match=r"no report|no number"):
        Report.read(data)


@pytest.mark.parametrize("each", REPORTS.values(), ids=REPORTS)
def test_a_report_comes_back_as_it_was(each: Report) -> None:
    assert Report.read(each._repr_mimebundle_()[MIME]) == each


def test_without_a_report_there_is_the_error_or_that_somebody_will_look(fresh: Course) -> None:
    something_of_everything(fresh)
    error = nbformat.v4.new_output(
        "error", ename="NameError", evalue="name 'box_area' is not defined", traceback=["\x1b[31massert hidden == 3"]
    )
    with changed(fresh, "mary") as notebook:
        for cell in notebook.cells:
            if cell.metadata.get("nbgrader", {}).get("grade_id") in ("test_box_area", "test_box_iou"):
                cell.outputs = [error] if cell.metadata.nbgrader.grade_id == "test_box_area" else []
    with marked(fresh, "mary") as find:
        find("grade", "test_box_area").auto_score, find("grade", "test_box_area").extra_credit = 0.0, None
        find("grade", "test_box_iou").auto_score = None
    write_feedback(fresh)
    read = Read(page(fresh))
    assert "First: There is no box_area in this notebook" in read.text
    assert "hidden == 3" not in read.text
    assert "box_iou 0 of 10 not graded yet" in read.text


def test_a_comment_on_what_gives_no_points_stands_by_itself(fresh: Course) -> None:
    with Gradebook(fresh.address, "rcnn-by-hand") as book:
        book.add_solution_cell("essay", "boxes", LAB)
    something_of_everything(fresh)
    with marked(fresh, "mary") as find:
        find("comment", "essay").manual_comment = "A *good* read."
    write_feedback(fresh)
    assert "From your instructor essay: A good read." in Read(page(fresh)).text


def test_however_much_code_prints_the_page_stays_small(fresh: Course) -> None:
    something_of_everything(fresh)
    line = nbformat.v4.new_output("stream", name="stdout", text="z" * 400_000)
    picture = nbformat.v4.new_output("display_data", data={"image/png": "A" * 400_000})
    with changed(fresh, "mary") as notebook:
        for number in range(30):
            metadata = {"own": True}
            notebook.cells.append(
                nbformat.v4.new_code_cell(
                    f"'{'x' * 30_000}'", id=f"own-9{number}", metadata=metadata, outputs=[line, picture]
                )
            )
    write_feedback(fresh)
    read = Read(page(fresh))
    assert page(fresh).stat().st_size < 1_500_000
    assert "396,000 more characters are left out here." in read.text
    assert read.text.count("A picture is left out here") == 28
    assert len(read.values("src")) == 2


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1 minute"),
        (3600, "1 hour"),
        (7500, "2 hours 5 minutes"),
        (90_061, "1 day 1 hour"),
        (172_860, "2 days 1 minute"),
    ],
)
def test_a_time_in_words(seconds: float, words: str) -> None:
    assert duration(seconds) == words
