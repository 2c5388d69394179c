"""``make release`` writes all or nothing."""

import shutil
from pathlib import Path

import pytest

from autograder.commands import release
from autograder.commands.notebooks import ROOT
from autograder.errors import InstructorError

LAB = "lab1_boxes"
EXPORTS = ("checks", "draw", "explore", "library")


@pytest.fixture
def old(tmp_path: Path) -> dict[str, str]:
    """A clone with one lab, released before, and what it holds by path."""
    for name in ("course", f"solutions/{LAB}", f"source/{LAB}"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for file in filter(Path.is_file, ROOT.glob("[!.]*")):
        shutil.copy(file, tmp_path)
    for room in EXPORTS:
        (tmp_path / "course" / room / "__init__.py").write_text("old\n")
    for name in (f"release/{LAB}/boxes.ipynb", "release/lab0_gone/gone.ipynb", f"dist/{release.WHEEL}"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("old\n")
    return written(tmp_path)


def written(root: Path) -> dict[str, str]:
    """What a release writes, and what it leaves in build/, by path."""
    paths = [path for name in ("release", "dist", "build") for path in (root / name).rglob("*") if path.is_file()]
    paths += [root / "course" / room / "__init__.py" for room in EXPORTS]
    return {str(path.relative_to(root)): path.read_text(encoding="latin-1") for path in paths}


def test_all_is_written_anew(tmp_path: Path, old: dict[str, str]) -> None:
    made = release.release(tmp_path)
    now = written(tmp_path)
    assert now.keys() == old.keys() - {"release/lab0_gone/gone.ipynb"} | {f"dist/{release.ARCHIVE}"}
    assert not [name for name in old.keys() & now.keys() if now[name] == old[name]]
    assert [path.name for path in made] == [release.ARCHIVE, release.WHEEL]
    assert now[f"release/{LAB}/boxes.ipynb"] == (ROOT / "release" / LAB / "boxes.ipynb").read_text(encoding="latin-1")


def test_a_wheel_that_cannot_be_built_leaves_all_as_it_was(tmp_path: Path, old: dict[str, str]) -> None:
    (tmp_path / "pyproject.toml").write_text("[build-system]\nrequires = 3\n")
    with pytest.raises(InstructorError, match="the wheel could not be built"):
        release.release(tmp_path)
    assert written(tmp_path) == old


@pytest.fixture
def places(tmp_path: Path) -> Path:
    """A folder with an old folder, an old file and their new ones, and nothing in the third place."""
    for place, name in (("release/a", "old a"), ("file", "old file"), ("new/release/b", "new b")):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text(name)
    for name in ("file", "third"):
        (tmp_path / "new" / name).write_text(f"new {name}")
    return tmp_path


def texts(root: Path) -> dict[str, str]:
    return {str(path.relative_to(root)): path.read_text() for path in root.rglob("*") if path.is_file()}


def test_everything_takes_its_place(places: Path) -> None:
    new = {places / name: places / "new" / name for name in ("release", "file", "third")}
    release.replace_all(new, places / "aside")
    assert texts(places) == {"release/b": "new b", "file": "new file", "third": "new third"}
    assert sorted(path.name for path in places.iterdir()) == ["file", "new", "release", "third"]


@pytest.mark.parametrize("last", ["new/missing", "new/third"])
def test_a_place_that_cannot_be_taken_gives_all_others_back(places: Path, last: str) -> None:
    before = texts(places)
    new = {places / name: places / "new" / name for name in ("release", "file", "third")}
    where = places / ("fourth" if last == "new/missing" else "no folder/fourth")
    del new[places / "third"]
    with pytest.raises(FileNotFoundError):
        release.replace_all({**new, where: places / last}, places / "aside")
    assert texts(places) == before
    assert not (places / "aside").exists()


def test_an_interrupt_in_the_middle_gives_all_back(places: Path) -> None:
    class Interrupted(dict):
        """What goes where; whoever asks for the third is interrupted, as by Ctrl-C."""

        def items(self):
            yield from list(super().items())[:2]
            raise KeyboardInterrupt

    before = texts(places)
    new = {places / name: places / "new" / name for name in ("release", "third", "file")}
    with pytest.raises(KeyboardInterrupt):
        release.replace_all(Interrupted(new), places / "aside")
    assert texts(places) == before
