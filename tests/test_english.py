"""Notebooks, pages, hints, messages and docstrings keep clear of what an editor removed; the test says what to write.

Of notebooks and pages the prose is read; of the students' library and of the hidden cases every text in the code.
"""

import ast
import re
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted(ROOT.glob("solutions/lab*/[!_]*.py"))
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *ROOT.glob("docs/*.md"),
    *ROOT.glob("autograder/commands/*.html"),
]
CODE = [path for room in ("course", "autograder/labs", "autograder/grader") for path in (ROOT / room).rglob("*.py")]
# a pattern that good English never has, and what an editor writes in its place
REMOVED = {
    r"(?<!, )\b[Ww]hoever\b": "if you …, students who …",
    r"\([Ww]here (sliders|your course)\b": "If sliders …, if your course …",
    r"\b[Ww]ith(out)? network\b": "with internet access, offline",
    r", by (both of )?your functions?[,:.]": "with your function",
    r"\bcomes ready-made from here\b": "from here on … comes ready-made",
    r"\b[Aa] right one is\b": "if yours is right, …",
    r"\bsave your time\b": "save you time",
    r"\bsome (thousands|hundreds)\b": "a few thousand",
    r"\b(is|are) much for\b|\b\d+ pixels are much\b": "is a lot for",
    r"\b\d+ times background\b": "… background anchors",
    r"\bcan(not|'t)? be had\b": "is available",
    r"\bthe picture alone\b": "only the picture",
    r"\bits check does not pass\b": "it fails its check",
    r"\b[Yy]ellow is what\b": "… is yellow",
    r"\b(points?|lies?) behind the map\b": "beyond the map",
    r"[;:] wanted (is|are)\b|\bWanted (is|are)\b": "the task is, expected is",
    r"(^|[.:] )New (is|are)\b": "… is new",
    r"\b(so one can|that one can see)\b": "so you can",
    r"\b(order|ones) wanted\b|\bwanted order\b": "the requested order",
    r"\bhardly anybody comes\b|\bnobody is ignored\b|\bbest of nobody\b|\bnobody twice\b": "no box is …",
    r"\bmade good later\b|\bnobody knows any more\b|\bwrites itself down\b": "say it plainly",
    r"\b[Ww]ho (joins|lacks|knows|hands)\b": "if somebody …, students who …",
    r"\b(is|are) (wanted|due)\b": "give …, take …, … is expected",
    r"\bat the most\b": "at most",
    r"\b(removes?|overlaps?|stops?|costs?) nobody\b": "no other box, no student",
    r"\b[Aa]lso (where|when|if)\b": "even if",
    r"\b(of|by) whom\b": "with, whose",
    r"\bcannot be meant\b": "makes no sense",
    r"\bin the place of\b": "instead of",
    r"\bbe (it|they)\b": "whether or not",
    r"\b(it|that) (is|are) no [a-z]+\b": "is not a",
    r"\banew\b": "again",
}


def prose(text: str) -> str:
    """The Markdown cells of a notebook in percent format, each paragraph in one line."""
    cells = re.split(r"^# %%", text, flags=re.MULTILINE)
    cells = [cell.split("\n", 1)[1] for cell in cells if cell.startswith(" [markdown]")]
    words = "\n".join(re.sub(r"^# ?", "", line) for cell in cells for line in cell.split("\n"))
    return re.sub(r"(?<!\n)\n(?![\n|#*-])", " ", words)


def test_paragraphs_are_read_as_one_line() -> None:
    assert prose('# %% [markdown] tags=["a"]\n# One\n# two.\n#\n# Three.\n# %%\nwhoever = 1\n') == "One two.\n\nThree. "


def page(text: str) -> str:
    """A page without its code and tables, each paragraph in one line."""
    text = re.sub(r"```.*?```|<(style|pre)>.*?</\1>", "", text, flags=re.DOTALL)
    text = re.sub(r"^(    |\|).*$", "", text, flags=re.MULTILINE)
    return re.sub(r"(?<!\n)\n(?![\n|#*-])", " ", re.sub(r"`[^`]*`|</?\w[^>]*>", "", text))


def texts(code: str) -> str:
    """Every text of two words or more in Python code, each in one line; values in f-strings read as "x"."""
    inside, found = set(), []
    for node in ast.walk(ast.parse(code)):  # an f-string comes before its parts
        if isinstance(node, ast.JoinedStr):
            inside |= {part for part in ast.walk(node) if part is not node}
            found.append("".join(part.value if isinstance(part, ast.Constant) else "x" for part in node.values))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in inside:
            found.append(node.value)
    return "\n".join(" ".join(text.split()) for text in found if " " in text)


def removed(text: str) -> dict[str, str]:
    """The constructions in a text that an editor removed, each with what to write instead."""
    return {match[0]: instead for pattern, instead in REMOVED.items() for match in re.finditer(pattern, text, re.M)}


def test_pages_are_read_without_code_and_code_by_its_texts() -> None:
    assert page("One `whoever`\ntwo.\n\n    whoever()\n").strip() == "One  two."
    assert texts('whoever = "one"\nb = ["a\\nb", f"{whoever}: two" "words"]\n') == "x: twowords"
    assert len(PAGES) >= 8
    assert len(CODE) >= 200


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_notebook_has_a_construction_that_was_removed(path: Path) -> None:
    assert removed(prose(path.read_text(encoding="utf-8"))) == {}


@pytest.mark.parametrize(("paths", "reading"), [(PAGES, page), (CODE, texts)], ids=["pages", "code"])
def test_no_page_hint_message_or_docstring_has_one(paths: list[Path], reading: Callable[[str], str]) -> None:
    found = {str(path.relative_to(ROOT)): removed(reading(path.read_text(encoding="utf-8"))) for path in paths}
    assert {path: each for path, each in found.items() if each} == {}


@pytest.mark.parametrize("pattern", REMOVED)
def test_good_english_is_left_alone(pattern: str) -> None:
    good = (
        "The best result, whoever wrote it, counts. If you are online, torchvision's weights are used. It can be hard. "
        "Students who hand in late lose points. This is new. We are much faster. Some thousand boxes. "
        "It is not a list. Give one instead of two, at most three, also in a loop. Nobody stops."
    )
    assert not re.search(pattern, good)
