"""Rebuild release/ and write dist/: the wheel and the zip that students get, and nothing else."""

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from autograder.commands import notebooks
from autograder.commands.generated import generated
from autograder.commands.notebooks import ROOT
from autograder.commands.start_page import start_page
from autograder.errors import InstructorError
from course import __version__

WHEEL = f"rcnn_by_hand-{__version__}-py3-none-any.whl"
ARCHIVE = f"rcnn-by-hand-{__version__}-student.zip"
BUILT_WITH = ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE", ".gitignore")


def release(root: Path = ROOT) -> list[Path]:
    """Write release/ for every lab, both files of dist/ and what notebooks import; give the paths in dist/.

    All or nothing: everything is made beside, and takes the old one's place once nothing can be wrong any more.

    Raises:
        InstructorError: there is no source, text and notebook differ, or dist/ holds something that is not ours.
    """
    dist = root / "dist"
    strange = [path.name for path in dist.glob("*") if not path.name.startswith(("rcnn_by_hand-", "rcnn-by-hand-"))]
    if strange:
        raise InstructorError(
            f"{dist} holds {', '.join(sorted(strange))}, which this command did not make: move it away."
        )
    labs = notebooks.labs(root)
    if not labs:
        notebooks.known_lab("", root)
    for lab in labs:
        if problems := notebooks.forms_differ(lab, root):
            raise InstructorError(problems[0])
    build = root / "build"
    build.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=build) as scratch:
        fresh = Path(scratch)
        for lab in labs:
            shutil.copytree(notebooks.generate(lab, fresh / "courses" / lab, root), fresh / "release" / lab)
        tree, written = _tree(fresh / "tree", root)
        wheel = build_wheel(fresh / "dist", tree)
        archive(fresh / "release", wheel, start_page(root, wheel.name), fresh / "dist" / ARCHIVE)
        new = {root / name: fresh / name for name in ("release", "dist")}
        replace_all({**new, **written}, build / "replaced")
    return sorted(dist.iterdir())


def _tree(tree: Path, root: Path) -> tuple[Path, dict[Path, Path]]:
    """Copy what the wheel is built of, with what is generated written anew; give the latter by its places."""
    shutil.copytree(root / "course", tree / "course", ignore=shutil.ignore_patterns("__pycache__"))
    for path in map(root.joinpath, BUILT_WITH):
        if path.exists():
            shutil.copy(path, tree)
    written = {}
    for place, text in generated(root).items():
        written[place] = tree / place.relative_to(root)
        written[place].parent.mkdir(parents=True, exist_ok=True)
        written[place].write_text(text, encoding="utf-8")
    return tree, written


def replace_all(new: dict[Path, Path], aside: Path) -> None:
    """Move files and folders to their places, and remove what stood there; should that fail, all is as before.

    Only a process that is killed in the middle, which takes some milliseconds, leaves the old ones in ``aside``.

    Args:
        new: where they are now, by place; on one file system.
        aside: a folder for the old ones meanwhile.
    """
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir()
    moves: list[tuple[Path, Path]] = []
    try:
        for number, (place, made) in enumerate(new.items()):
            if place.exists():
                moves.append((place, aside / str(number)))
                os.replace(*moves[-1])
            moves.append((made, place))
            os.replace(*moves[-1])
    except BaseException:
        for before, after in reversed(moves):
            if after.exists() and not before.exists():  # the last one may not have been made
                os.replace(after, before)
        shutil.rmtree(aside)
        raise
    shutil.rmtree(aside)


def build_wheel(folder: Path, root: Path = ROOT) -> Path:
    """Build the wheel of ``course`` into ``folder``, without network."""
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(root)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise InstructorError(f"the wheel could not be built: {(done.stderr or done.stdout).strip().splitlines()[-1]}")
    return folder / WHEEL


def archive(released: Path, wheel: Path, start: str, path: Path) -> None:
    """Zip what a student needs: the notebooks, the wheel, and the page that says how to start."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        top = "rcnn-by-hand"
        file.writestr(f"{top}/START.html", start)
        file.write(wheel, f"{top}/{wheel.name}")
        for notebook in sorted(released.glob("*/*.ipynb")):
            file.write(notebook, f"{top}/{notebook.relative_to(released).as_posix()}")
