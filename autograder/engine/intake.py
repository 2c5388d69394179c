"""Take submissions in: read what may be hostile files once, carefully, and lay canonical copies ready for nbgrader.

nbgrader itself then only meets regular files that we wrote; what was handed in is never changed.
"""

import fnmatch
import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.utils import is_grade, parse_utc

from autograder.engine.canonical import Canonical, canonical
from autograder.engine.renamed import candidates, known
from autograder.engine.results import TIMESTAMP
from autograder.engine.submitted_cells import LARGEST
from autograder.escaping import markdown

MOST_FILES = 50  # that lie beside the notebooks
MOST_SEEN = 1000  # of them, those that are too large included
NAMED = 5  # of those
LARGEST_FILE = 32 * 2**20
LARGEST_TOTAL = 64 * 2**20  # of these files: they are copied twice
DEEPEST = 4  # folders in folders
TOO_MUCH = f"{MOST_FILES} files of {LARGEST_TOTAL // 2**20} MiB in all are taken"


@dataclass(frozen=True)
class Submission:
    """One student's submission, taken in.

    Attributes:
        student: who.
        folder: the clean copy.
        notebooks: canonical notebooks by name.
        warnings: what the instructor should know of it, one sentence each.
    """

    student: str
    folder: Path
    notebooks: dict[str, Canonical]
    warnings: tuple[str, ...] = ()


def released(release: Path, assignment: str, pattern: str, gradebook: Gradebook) -> dict[str, NotebookNode]:
    """The released notebooks of an assignment whose names fit ``pattern``, hidden tests put back from the gradebook.

    Raises:
        LookupError: the assignment was not generated here; the message says what to run.
    """
    found = {}
    for path in sorted(release.glob("*.ipynb")):
        if fnmatch.fnmatchcase(path.stem, pattern):
            notebook = nbformat.read(path, as_version=4)
            _put_hidden_tests_back(notebook, path.stem, assignment, gradebook)
            found[path.stem] = notebook
    if not found:
        raise LookupError(f"{release} holds no notebook: run nbgrader generate_assignment {assignment} first.")
    return found


def _put_hidden_tests_back(notebook: NotebookNode, name: str, assignment: str, gradebook: Gradebook) -> None:
    first = f"run nbgrader generate_assignment {assignment} first"
    try:
        known = gradebook.find_notebook(name, assignment)
    except MissingEntry:
        raise LookupError(f"the gradebook does not know {assignment}/{name}: {first}.") from None
    graded = {cell.metadata.nbgrader.grade_id for cell in notebook.cells if is_grade(cell)}
    if other := sorted(graded ^ {cell.name for cell in known.grade_cells}):
        raise LookupError(
            f"release/ and the gradebook have other exercises in {assignment}/{name} ({', '.join(other)}): {first}."
        )
    sources = {cell.name: cell for cell in known.source_cells}
    for number, cell in enumerate(notebook.cells):
        cell.setdefault("id", f"released-{number}")
        marks = cell.metadata.get("nbgrader", {})
        if marks.get("grade_id") in sources:
            marks["checksum"] = sources[marks.grade_id].checksum
            if not marks.get("solution"):
                cell.source = sources[marks.grade_id].source


def take_in(folder: Path, student: str, notebooks: dict[str, NotebookNode], clean: Path) -> Submission:
    """Make a clean copy of a submission, replacing an earlier one.

    Args:
        folder: what was handed in.
        student: whose it is.
        notebooks: the released ones, by name.
        clean: the copy's folder.
    """
    shutil.rmtree(clean, ignore_errors=True)
    clean.mkdir(parents=True)
    forms, warnings = {}, []
    linked = folder.is_symlink() or folder.parent.is_symlink()
    notes = [] if linked else _copy_files(folder, clean)
    for name, notebook in notebooks.items():
        submitted, renamed = ("lies in a folder that is a link", "") if linked else _find(folder, name, notebooks)
        warnings += [renamed] if renamed else []
        forms[name] = canonical(notebook, submitted, [renamed, *notes] if renamed else notes)
        nbformat.write(forms[name].notebook, clean / f"{name}.ipynb")
    return Submission(student, clean, forms, tuple(warnings))


def _find(folder: Path, name: str, notebooks: dict[str, NotebookNode]) -> tuple[bytes | str, str]:
    """A notebook's bytes, or why there are none, and under which other name it was found, if it was.

    A file of the right name counts whatever is in it.
    """
    path = folder / f"{name}.ipynb"
    if os.path.lexists(path):
        return _read(path, LARGEST), ""
    there = candidates(folder, LARGEST, _read)
    mine = known(notebooks[name], there)
    if not mine:
        others = [markdown(each.path.name[:60]) for each in there if each.path.stem not in notebooks]
        return "is missing in the submission" + (f": {', '.join(others)} is none of it" if others else ""), ""
    why = "by its cells' names or its badge"
    if len(mine) > 1:
        left = ", ".join(markdown(each.path.name[:60]) for each in mine[1:])
        why = f"rather than {left}, as more of the lab's cells are in it, or it is newer"
    return mine[0].content, f"There is no file {path.name}: {markdown(mine[0].path.name[:60])} was taken for it, {why}."


def _read(path: Path, largest: int) -> bytes | str:
    """A regular file's bytes, or why there are none, in words that follow "this notebook"."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return "is missing in the submission"
    except OSError as error:
        return "is a link, not a file" if path.is_symlink() else f"cannot be opened ({error.strerror})"
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        return "is no file"
    with os.fdopen(descriptor, "rb") as file:
        try:
            return file.read(largest + 1)
        except OSError as error:
            return f"cannot be read ({error.strerror})"


def _copy_files(folder: Path, clean: Path) -> list[str]:
    """Copy the files beside the notebooks, as far as they are files, and not too many or too large.

    What is too much is known by number and size before anything is read: a sparse file of any size takes no room on the
    disk of whoever hands it in.

    Returns:
        what their owner should know of those that were left out.
    """
    notes = []
    left, room, seen, large = MOST_FILES, LARGEST_TOTAL, MOST_SEEN, list[str]()
    for path in _files(folder):
        shown = markdown(path.name[:60])
        size = path.lstat().st_size
        seen -= 1
        if size > LARGEST_FILE and seen >= 0:
            large.append(shown)
            continue
        left, room = left - 1, room - size
        if left < 0 or room < 0 or seen < 0:
            notes.append(f"The file {shown} and those after it are left out: {TOO_MUCH}.")
            break
        content = _read(path, size)
        if isinstance(content, str) or (path.name == TIMESTAMP and not _is_time(content)):
            continue
        if _may_be_weights(content):
            from autograder.engine.copied_weights import borrowed  # with torch, which most labs can do without here

            if borrowed(content):
                notes.append(f"The file {shown} is left out: its weights began as the course's own.")
                continue
        copy = clean / path.relative_to(folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(content)
    if large:
        names = ", ".join(large[:NAMED]) + (f" and {len(large) - NAMED:,} more" if len(large) > NAMED else "")
        notes.append(f"Left out, since larger than {LARGEST_FILE // 2**20} MiB: {names}.")
    return notes


def _files(folder: Path) -> Iterator[Path]:
    """The files that may be copied, folder by folder in the order of their names."""
    for where, folders, names in os.walk(folder):
        inside = Path(where).relative_to(folder)
        folders[:] = [name for name in sorted(folders) if _may_be_copied(name) and len(inside.parts) < DEEPEST]
        yield from (Path(where, name) for name in sorted(names) if name == TIMESTAMP or _may_be_copied(name))


def _may_be_weights(content: bytes) -> bool:
    """Whether a file may be one of safetensors, whatever it is called: a length, then JSON."""
    return content[8:9] == b"{"


def _may_be_copied(name: str) -> bool:
    """Whether a file's or folder's name can be written down as text, and takes the place of none of ours."""
    return name.isprintable() and not name.startswith(".") and not name.endswith(".ipynb") and name != TIMESTAMP


def _is_time(content: bytes) -> bool:
    """Whether nbgrader can read a time of submission; it stops at one that it cannot."""
    try:
        return parse_utc(content.decode().strip()) is not None
    except (ValueError, OverflowError):
        return False
