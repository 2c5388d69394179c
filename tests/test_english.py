"""The notebooks' prose keeps clear of constructions that an editor removed, and the test says what to write instead."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted(ROOT.glob("solutions/lab*/[!_]*.py"))
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
}


def prose(text: str) -> str:
    """The Markdown cells of a notebook in percent format, each paragraph in one line."""
    cells = re.split(r"^# %%", text, flags=re.MULTILINE)
    cells = [cell.split("\n", 1)[1] for cell in cells if cell.startswith(" [markdown]")]
    words = "\n".join(re.sub(r"^# ?", "", line) for cell in cells for line in cell.split("\n"))
    return re.sub(r"(?<!\n)\n(?![\n|#*-])", " ", words)


def test_paragraphs_are_read_as_one_line() -> None:
    assert prose('# %% [markdown] tags=["a"]\n# One\n# two.\n#\n# Three.\n# %%\nwhoever = 1\n') == "One two.\n\nThree. "


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_notebook_has_a_construction_that_was_removed(path: Path) -> None:
    text = prose(path.read_text(encoding="utf-8"))
    found = {
        match[0]: instead for pattern, instead in REMOVED.items() for match in re.finditer(pattern, text, re.MULTILINE)
    }
    assert found == {}


@pytest.mark.parametrize("pattern", REMOVED)
def test_good_english_is_left_alone(pattern: str) -> None:
    good = (
        "The best result, whoever wrote it, counts. If you are online, torchvision's weights are used. It can be hard. "
        "Students who hand in late lose points. This is new. We are much faster. Some thousand boxes."
    )
    assert not re.search(pattern, good)
