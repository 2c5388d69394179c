"""No solution and no hidden check leaves the house: every line of them is searched for in all that students get."""

import base64
import re
import zipfile
from pathlib import Path

import nbformat
import pytest

from autograder.commands import notebooks, release
from autograder.commands.notebooks import ROOT
from autograder.commands.start_page import start_page

LABS = notebooks.labs()
REGIONS = {
    "solution": ("BEGIN SOLUTION", "END SOLUTION"),
    "hidden": ("BEGIN HIDDEN TESTS", "END HIDDEN TESTS"),
}


def region_lines(text: str, begin: str, end: str) -> set[str]:
    """The lines between two markers, without indentation or comment, and without those that hold no code."""
    lines: set[str] = set()
    inside = False
    for line in text.splitlines():
        if begin in line or end in line:
            inside = begin in line
        elif inside:
            lines.add(line.removeprefix("# ").split("  #")[0].strip())
    return {line for line in lines if re.search(r"\w", line)} - {"super().__init__()"}  # every module begins so


def secrets() -> set[str]:
    """Every line of a solution region and of a hidden region of every lab, and every line of the hidden cases."""
    found: set[str] = set()
    for path in ROOT.glob("solutions/*/[!_]*.py"):
        for begin, end in REGIONS.values():
            found |= region_lines(path.read_text(encoding="utf-8"), begin, end)
    for path in [*ROOT.glob("autograder/labs/*/cases.py"), *ROOT.glob("autograder/labs/*/cases/[!_]*.py")]:
        code = re.split(r"\n(?=def |[A-Z_0-9]+ = Exercise)", path.read_text(encoding="utf-8"), maxsplit=1)[1]
        lines = {line.strip() for line in code.splitlines()}
        found |= {
            line for line in lines if len(line) > 12 and not re.fullmatch(r'"?\w+"?,', line)
        }  # a bare name tells nothing
    return found


SECRETS = secrets()


def leaked(text: str) -> list[str]:
    """The secret lines that stand in a text, as lines of their own or within one."""
    lines = {line.strip() for line in text.splitlines()}
    return sorted(secret for secret in SECRETS if secret in lines or (len(secret) > 20 and secret in text))


def cell_text(path: Path | bytes) -> str:
    raw = path.read_text(encoding="utf-8") if isinstance(path, Path) else path.decode()
    return "\n".join(cell.source for cell in nbformat.reads(raw, as_version=4).cells)


def test_there_are_secrets_to_search_for() -> None:
    assert "return width * height" in SECRETS
    assert 'grade("box_iou", box_iou)' in SECRETS
    assert any("_touching" in line for line in SECRETS)
    assert leaked(cell_text(ROOT / "source" / "lab1_boxes" / "boxes.ipynb"))


@pytest.mark.parametrize("path", sorted(ROOT.glob("release/*/*")), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_release_holds_none(path: Path) -> None:
    assert path.suffix == ".ipynb"
    text = cell_text(path)
    assert leaked(text) == []
    assert "BEGIN" not in text
    assert "autograder" not in path.read_text(encoding="utf-8")
    assert all(not cell.get("outputs") for cell in notebooks.read(path).cells)


def test_the_wheel_and_the_archive_hold_none_and_nothing_else(tmp_path: Path) -> None:
    wheel = release.build_wheel(tmp_path)
    archive = tmp_path / release.ARCHIVE
    release.archive(ROOT / "release", wheel, start_page(ROOT, wheel.name), archive)
    with zipfile.ZipFile(wheel) as file:
        for name in file.namelist():
            assert name.startswith(("course/", "rcnn_by_hand-")), name
            assert leaked(file.read(name).decode(errors="replace")) == [], name
    with zipfile.ZipFile(archive) as file:
        names = {name.removeprefix("rcnn-by-hand/") for name in file.namelist()}
        released = {path.relative_to(ROOT / "release").as_posix() for path in ROOT.glob("release/*/*.ipynb")}
        assert names == {"START.html", wheel.name} | released
        page = file.read("rcnn-by-hand/START.html").decode()
        assert f'pip install "{wheel.name}[lab]"' in page
        assert not re.search(r"\{(wheel|first|labs)\}", page)
        (opened,) = re.findall(r"^<pre>jupyter lab --notebook-dir=\. (\S+)</pre>", page, re.MULTILINE)
        assert opened in released  # and the page's folder is the root, so that all others can be reached
        assert {name for name in released if f"<code>{name}</code>" in page} == released
        for name in released:
            assert leaked(cell_text(file.read(f"rcnn-by-hand/{name}"))) == []


def test_no_secret_hides_in_a_picture_or_an_encoding() -> None:
    """Base64 of the solutions would pass a search for lines; nothing that is released carries such a blob."""
    for path in ROOT.glob("release/*/*.ipynb"):
        for blob in re.findall(r"[A-Za-z0-9+/]{200,}", path.read_text(encoding="utf-8")):
            assert b"torch" not in base64.b64decode(blob + "=" * (-len(blob) % 4))
