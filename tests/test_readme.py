"""The documents cannot lie: what they tell one to type exists, and what they count is so."""

import json
import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder.__main__ import main
from autograder.commands.lab_table import lab_table, minutes
from autograder.commands.notebooks import ROOT
from autograder.errors import InstructorError
from autograder.labs import LABS

README = ROOT / "README.md"
PAGES = [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/*.md"))]
NOW = [page for page in PAGES if page.name != "CHANGELOG.md"]  # that one tells of what was
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)")


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def prose(path: Path) -> str:
    """A page without its listings, where "#" begins a comment and brackets are Python's."""
    return re.sub(r"^```[\s\S]*?^```$|^    .*$", "", text(path), flags=re.MULTILINE)


def anchors(path: Path) -> set[str]:
    """What GitHub calls the headings of a page."""
    counted: Counter[str] = Counter()
    names = set()
    for heading in re.findall(r"^#+ (.+)$", prose(path), re.MULTILINE):
        name = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        names.add(f"{name}-{counted[name]}" if counted[name] else name)
        counted[name] += 1
    return names


@pytest.mark.parametrize("path", NOW, ids=lambda path: path.name)
def test_every_command_exists(path: Path) -> None:
    targets = set(re.findall(r"^([a-z.-]+):", text(ROOT / "Makefile"), re.MULTILINE))
    if path.name in ("README.md", "CONTRIBUTING.md", "instructor.md", "benchmarks.md"):
        assert re.search(r"`make [a-z-]+`|^    make [a-z-]+", text(path), re.MULTILINE)
    for found in re.findall(r"`make ([a-z-]+)`|^    make ([a-z-]+)", text(path), re.MULTILINE):
        assert (found[0] or found[1]) in targets
    for command in re.findall(r"python -m autograder (\w+)", text(path)):
        assert CliRunner().invoke(main, [command, "--help"]).exit_code == 0


@pytest.mark.parametrize("path", NOW, ids=lambda path: path.name)
def test_every_file_that_is_named_exists(path: Path) -> None:
    for name in re.findall(r"`((?:benchmarks|tests|course|autograder|docs)/[\w./]*)`", text(path)):
        assert (ROOT / name).exists(), name


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_link_leads_somewhere(path: Path) -> None:
    for page, anchor in LINK.findall(prose(path)):
        target = path.parent / page if page else path
        assert target.exists(), page
        assert not anchor or anchor in anchors(target), (page, anchor)


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, left = set(), [README]
    while left:
        path = left.pop()
        if path not in reached and path.suffix == ".md":
            reached.add(path)
            left += [(path.parent / page).resolve() for page, _ in LINK.findall(prose(path)) if page]
    assert reached == set(PAGES)


def test_the_readme_is_read_in_half_a_minute() -> None:
    assert len(text(README).splitlines()) <= 100
    ((words, picture),) = re.findall(r"!\[([^\]]{80,})\]\((docs/[^)]+)\)", text(README))
    assert (ROOT / picture).stat().st_size <= 300 * 1024
    for part in ("check", "explorer", "detector", "feedback page"):
        assert part in words


def test_the_badges_are_true() -> None:
    project = tomllib.loads(text(ROOT / "pyproject.toml"))["project"]
    assert dict(re.findall(r"badge/(\w+)-([^-]+)-\w+\)", text(README))) == {
        "python": project["requires-python"].removeprefix(">=") + "%2B",
        "licence": project["license"],
    }
    assert text(ROOT / "LICENSE").startswith(project["license"])


@pytest.mark.parametrize("folder", sorted((ROOT / "release").iterdir()), ids=lambda folder: folder.name)
def test_the_table_tells_what_students_see_in_a_lab(folder: Path) -> None:
    (row,) = [line for line in text(README).splitlines() if f"`{folder.name}/" in line]
    points = time = 0.0
    for path in sorted(folder.glob("*.ipynb")):
        cells = json.loads(text(path))["cells"]
        first = "".join(cells[0]["source"])
        title, _, badge, _, summary = first.splitlines()[:5]
        assert f"**{title.partition(' · ')[2]}**" in row
        assert badge in row
        time += minutes(summary.split(" · ")[1])
        for mark in (cell["metadata"].get("nbgrader", {}) for cell in cells):
            if mark.get("grade"):
                assert f"`{mark['grade_id'].removeprefix('test_')}` {mark['points']}" in row
                points += mark["points"]
    assert f"| {time:g} | {points:g} |" in row or (points == 0 and f"| {time:g} | – |" in row)
    names = [exercise.name for exercise in LABS.get(folder.name, ())]
    assert re.findall(r"`(\w+)` \d", row) == names


def test_the_table_ends_with_its_sums() -> None:
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lab_table(ROOT).splitlines()[2:]]
    *labs, together = rows
    assert [sum(int(row[column].replace("–", "0")) for row in labs) for column in (2, 3)] == [*map(int, together[2:4])]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("about 75 minutes", 75),
        ("about 2 hours", 120),
        ("about one hour", 60),
        ("about two and a half hours, with", 150),
    ],
)
def test_minutes_are_read_from_a_first_cell(words: str, expected: int) -> None:
    assert minutes(words) == expected


@pytest.mark.parametrize("words", ["75 minutes", "about an afternoon", "about twenty minutes", "about 75"])
def test_a_time_that_cannot_be_read_is_told(words: str) -> None:
    with pytest.raises(InstructorError, match=f"expected a time such as .* got “{words}”"):
        minutes(words)


def test_every_figure_has_its_script() -> None:
    rows = [line for line in text(ROOT / "docs" / "benchmarks.md").splitlines() if line.startswith("| ")]
    assert len(rows) > 20
    for row in rows[1:]:
        (script,) = re.findall(r"`(benchmarks/\w+\.py)`", row)
        assert (ROOT / script).exists()


def test_the_red_team_is_counted_alike_everywhere() -> None:
    page = text(ROOT / "docs" / "security.md")
    rows = [row.split("|")[2:-1] for row in page.splitlines() if re.match(r"\| [\w ,':]+ \| \d", row)]
    told = str(sum(int(row[0]) for row in rows))
    assert set(re.findall(r"(\d+) hostile, broken and odd", page)) == {told}
    assert f"none of {told} hostile, broken and odd submissions gained points or did harm" in " ".join(
        text(README).split()
    )
    for entries, *_, gained, harm in rows:
        assert (gained.strip(), harm.strip()) == (f"0 of {entries.strip()}", "0")


def test_the_message_in_the_readme_is_what_the_check_says() -> None:
    from autograder.labs import answers
    from course import checks
    from course.checking.check import Check

    plus_one = next(a for a in answers("lab1_boxes") if (a.exercise, a.name) == ("box_iou", "plus_one"))
    touching = tuple(example for example in checks.box_iou.examples if "touch" in example.title)
    message = Check("box_iou", touching, ()).problem(plus_one.function())
    shown = "\n".join(f"    {line}" for line in str(message).splitlines())
    assert shown in text(README)
