"""The documents cannot lie: what they tell one to type exists, and what they count is so."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder.__main__ import main
from autograder.exercises import LABS
from autograder.notebooks import ROOT

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "docs" / "instructor.md"]


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_command_exists(path: Path) -> None:
    targets = set(re.findall(r"^([a-z.]+):", text(ROOT / "Makefile"), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z]+)`|^    make ([a-z]+)", text(path), re.MULTILINE)) != set()
    for found in re.findall(r"`make ([a-z]+)`|^    make ([a-z]+)", text(path), re.MULTILINE):
        assert (found[0] or found[1]) in targets
    for command in re.findall(r"python -m autograder (\w+)", text(path)):
        assert CliRunner().invoke(main, [command, "--help"]).exit_code == 0


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_file_that_is_named_exists(path: Path) -> None:
    links = r"\]\((?!http)([^)#]+)\)"
    paths = r"`((?:benchmarks|tests|course|autograder|docs)/[\w./]*)`"
    for link, name in re.findall(f"{links}|{paths}", text(path)):
        assert (path.parent / link if link else ROOT / name).exists(), (link, name)


def test_every_lab_is_in_the_table_with_its_exercises_and_points() -> None:
    for lab, exercises in LABS.items():
        (row,) = [line for line in text(ROOT / "README.md").splitlines() if f"`{lab}/" in line]
        assert " · ".join(f"`{exercise.name}` {exercise.points:g}" for exercise in exercises) in row
        assert f"| {sum(exercise.points for exercise in exercises):g} |" in row
        assert f"/release/{lab}/" in row


def test_every_figure_has_its_script() -> None:
    figures = text(ROOT / "README.md").split("## Figures")[1].split("## More")[0]
    rows = [line for line in figures.splitlines() if line.startswith("| ") and not line.startswith("| what")]
    assert rows
    for row in rows:
        (script,) = re.findall(r"`(benchmarks/\w+\.py)`", row)
        assert (ROOT / script).exists()


def test_the_message_in_the_readme_is_what_the_check_says() -> None:
    from autograder.answers import answers
    from course import checks
    from course.checks.check import Check

    plus_one = next(a for a in answers("lab1_boxes") if (a.exercise, a.name) == ("box_iou", "plus_one"))
    touching = tuple(example for example in checks.box_iou.examples if "touch" in example.title)
    message = Check("box_iou", touching, ()).problem(plus_one.function())
    shown = "\n".join(f"    {line}" for line in message.splitlines())
    assert shown in text(ROOT / "README.md")
