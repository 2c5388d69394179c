"""The figures that notebooks tell are those that `benchmarks/traps.py` measures today."""

import re
from dataclasses import replace
from pathlib import Path

from benchmarks import traps

NOTEBOOKS = sorted(traps.ROOT.glob("solutions/lab*/[!_]*.py"))


def test_the_notebooks_tell_what_is_measured() -> None:
    found = traps.figures()
    assert len(found) > 20
    assert [figure for figure in found if not traps.told(figure)] == []


def test_another_figure_is_noticed_and_another_line_end_is_not(tmp_path: Path) -> None:
    (tmp_path / "solutions").mkdir()
    (tmp_path / "solutions" / "lab.py").write_text("# It decides about\n# 70 of\n#\n# them.\n", encoding="utf-8")
    figure = traps.Figure("lab", "decides about 70 of them")
    assert traps.told(figure, tmp_path)
    assert not traps.told(replace(figure, words="decides about 80 of them"), tmp_path)


def test_figures_are_rounded_as_they_are_told() -> None:
    assert [traps.about(value) for value in (71, 6272, 96)] == ["70", "6,000", "100"]
    assert [traps.in_words(value) for value in (0.243, 21 / 69, 0.5, 2.2)] == ["a quarter", "a third", "half", "twice"]


def test_no_notebook_tells_a_measurement_that_nobody_can_repeat() -> None:
    memory = re.compile(r"\bwe (?:measured|counted)\b|\bexperiment\b|\brun of ours\b")
    found = {path.stem: memory.findall(path.read_text(encoding="utf-8")) for path in NOTEBOOKS}
    assert {name: words for name, words in found.items() if words} == {}
