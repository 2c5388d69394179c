"""The documents cannot lie: what they tell one to type exists, and what they count is so."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder.__main__ import main
from autograder.commands.notebooks import ROOT
from autograder.labs import LABS

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "docs" / "instructor.md"]


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_command_exists(path: Path) -> None:
    targets = set(re.findall(r"^([a-z.-]+):", text(ROOT / "Makefile"), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)`|^    make ([a-z-]+)", text(path), re.MULTILINE)) != set()
    for found in re.findall(r"`make ([a-z-]+)`|^    make ([a-z-]+)", text(path), re.MULTILINE):
        assert (found[0] or found[1]) in targets
    for command in re.findall(r"python -m autograder (\w+)", text(path)):
        assert CliRunner().invoke(main, [command, "--help"]).exit_code == 0


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_file_that_is_named_exists(path: Path) -> None:
    links = r"\]\((?!http)([^)#]+)\)"
    paths = r"`((?:benchmarks|tests|course|autograder|docs)/[\w./]*)`"
    for link, name in re.findall(f"{links}|{paths}", text(path)):
        assert (path.parent / link if link else ROOT / name).exists(), (link, name)


@pytest.mark.parametrize("folder", sorted((ROOT / "release").iterdir()), ids=lambda folder: folder.name)
def test_the_table_tells_what_students_see_in_a_lab(folder: Path) -> None:
    (row,) = [line for line in text(ROOT / "README.md").splitlines() if f"`{folder.name}/" in line]
    points = 0.0
    for path in sorted(folder.glob("*.ipynb")):
        cells = json.loads(text(path))["cells"]
        first = "".join(cells[0]["source"])
        title, _, badge, _, summary = first.splitlines()[:5]
        assert f"**{title.partition(' · ')[2]}**" in row
        assert badge in row
        assert summary.split(" · ")[1] in row
        for mark in (cell["metadata"].get("nbgrader", {}) for cell in cells):
            if mark.get("grade"):
                assert f"`{mark['grade_id'].removeprefix('test_')}` {mark['points']}" in row
                points += mark["points"]
    assert f"| {points:g} |" in row or (points == 0 and "| – |" in row)
    names = [exercise.name for exercise in LABS.get(folder.name, ())]
    assert re.findall(r"`(\w+)` \d", row) == names


def test_every_figure_has_its_script() -> None:
    figures = text(ROOT / "README.md").split("## Figures")[1].split("## More")[0]
    rows = [line for line in figures.splitlines() if line.startswith("| ") and not line.startswith("| what")]
    assert rows
    for row in rows:
        (script,) = re.findall(r"`(benchmarks/\w+\.py)`", row)
        assert (ROOT / script).exists()


def test_the_message_in_the_readme_is_what_the_check_says() -> None:
    from autograder.labs import answers
    from course import checks
    from course.checking.check import Check

    plus_one = next(a for a in answers("lab1_boxes") if (a.exercise, a.name) == ("box_iou", "plus_one"))
    touching = tuple(example for example in checks.box_iou.examples if "touch" in example.title)
    message = Check("box_iou", touching, ()).problem(plus_one.function())
    shown = "\n".join(f"    {line}" for line in str(message).splitlines())
    assert shown in text(ROOT / "README.md")
