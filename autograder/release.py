"""Rebuild release/ and write dist/: the wheel and the zip that students get, and nothing else."""

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from autograder import notebooks
from autograder.errors import InstructorError
from autograder.notebooks import ROOT
from course import __version__

START = ROOT / "autograder" / "start.html"
WHEEL = f"rcnn_by_hand-{__version__}-py3-none-any.whl"
ARCHIVE = f"rcnn-by-hand-{__version__}-student.zip"


def release(root: Path = ROOT) -> list[Path]:
    """Write release/ for every lab and both files of dist/, all or nothing; give the paths of the latter.

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
        if problems := [line for line in notebooks.out_of_step(lab, root) if not line.startswith("release/")]:
            raise InstructorError(problems[0])
    with tempfile.TemporaryDirectory(dir=_made(root / "build")) as scratch:
        fresh = Path(scratch)
        for lab in labs:
            shutil.copytree(notebooks.generate(lab, fresh / "courses" / lab, root), fresh / "release" / lab)
        wheel = build_wheel(fresh / "dist", root)
        archive(fresh / "release", wheel, fresh / "dist" / ARCHIVE)
        for name in ("release", "dist"):
            shutil.rmtree(root / name, ignore_errors=True)
            os.replace(fresh / name, root / name)
    return sorted(dist.iterdir())


def build_wheel(folder: Path, root: Path = ROOT) -> Path:
    """Build the wheel of ``course`` into ``folder``, without network."""
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(root)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise InstructorError(f"the wheel could not be built: {(done.stderr or done.stdout).strip().splitlines()[-1]}")
    return folder / WHEEL


def archive(released: Path, wheel: Path, path: Path) -> None:
    """Zip what a student needs: the notebooks, the wheel, and a page that says how to start."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        top = "rcnn-by-hand"
        file.writestr(f"{top}/START.html", START.read_text(encoding="utf-8").replace("{wheel}", wheel.name))
        file.write(wheel, f"{top}/{wheel.name}")
        for notebook in sorted(released.glob("*/*.ipynb")):
            file.write(notebook, f"{top}/{notebook.relative_to(released).as_posix()}")


def _made(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder
