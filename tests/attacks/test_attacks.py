"""One class of hostile, broken and odd submissions, graded by one ``nbgrader autograde``."""

import hashlib
import html
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import pytest
from attacks.corpus import BOAST, LAB, NOTEBOOK, POINTS, Entry, World, entries
from nbgrader.api import Gradebook, MissingEntry

from autograder import notebooks

pytestmark = pytest.mark.sandbox

CORPUS = entries()
NEIGHBOURS = ("neighbour-first", "zz-neighbour-last")
HALF = {"yxyx_to_xyxy": 2.0, "box_area": 2.0, "box_iou": 0.0, "clip_boxes_to_image": 3.0, "remove_small_boxes": 0.0}
MINE = ("gradebook.db", "autograded", ".grader", "feedback")  # of the course folder: what nbgrader writes
REPOSITORY = ("autograder", "course", "solutions", "source", "release", "tests", "nbgrader_config.py")


class Listener:
    """A TCP port that counts who comes."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.came = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                self.socket.accept()[0].close()
            except OSError:
                return
            self.came += 1


@dataclass
class Graded:
    """What a run left behind."""

    world: World
    done: subprocess.CompletedProcess
    scores: dict[str, dict[str, float]] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)
    processes: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    visitors: int = 0


def contents(*places: Path) -> dict[str, str]:
    """All files and folders below places, and a digest of what they hold."""
    found = {}
    for place in places:
        for where, folders, names in os.walk(place) if place.is_dir() else [(str(place.parent), [], [place.name])]:
            folders[:] = [name for name in folders if name not in ("__pycache__", ".git", *MINE)]
            for name in [*folders, *names]:
                path = Path(where, name)
                plain = path.is_file() and not path.is_symlink() and path.stat().st_size < 2**27
                if name not in MINE:
                    found[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest() if plain else str(path.lstat().st_mode)
    return found


def words_of(pid: str) -> str:
    try:
        return Path("/proc", pid, "cmdline").read_bytes().decode(errors="replace").replace("\0", " ")
    except OSError:
        return ""


def parent_of(pid: str) -> str:
    try:
        return Path("/proc", pid, "stat").read_text().rpartition(")")[2].split()[1]
    except OSError:
        return "0"


def left_by(course: Path) -> list[str]:
    """Processes of an engine, except those of other courses' runs, which have a living pool of their own above them."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        if not re.search(r"bwrap --unshare|autograder\.(student|engine)\.", words_of(folder.name)):
            continue
        above, pid = [], folder.name
        while pid not in ("0", "1"):
            above.append(words_of(pid))
            pid = parent_of(pid)
        pools = [words for words in above if "autograder.engine.pool" in words]
        if not pools or any(str(course) in words for words in pools):
            found.append(f"{folder.name} {above[0][:200] if above else ''}")
    return sorted(found)


def owner(folder: Path) -> str:
    """The process that a folder of sockets belongs to."""
    try:
        return (folder / "owner").read_text()
    except OSError:
        return "nobody's"


def scores(course: Path) -> dict[str, dict[str, float]]:
    found = {}
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        for path in (course / "submitted").iterdir():
            try:
                submission = gradebook.find_submission(LAB, path.name)
            except MissingEntry:
                continue
            grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
            if all(grade.auto_score is not None for grade in grades):
                found[path.name] = {grade.name.removeprefix("test_"): grade.score for grade in grades}
    return found


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """The class, graded once, and the state of the world before and after."""
    root = tmp_path_factory.mktemp("attacks")
    course, home, canary = root / "course", root / "home", root / "canary.txt"
    home.mkdir()
    canary.write_text("untouched")
    shared = Path("/tmp") / f"canary-of-{os.getpid()}.txt"
    shared.write_text("untouched")
    shared.chmod(0o666)
    notebooks.generate(LAB, course)
    with (course / "nbgrader_config.py").open("a") as file:
        file.write("\nc.Sandbox.required = True  # without it, bombs and signals would hit this machine\n")
    released = notebooks.read(course / "release" / LAB / f"{NOTEBOOK}.ipynb")
    reference = notebooks.solutions(LAB, NOTEBOOK)
    listener = Listener()
    world = World(course, notebooks.ROOT, canary, listener.port)
    for entry in CORPUS:
        entry.lay(world, released, reference)
    for name in NEIGHBOURS:
        folder = course / "submitted" / name / LAB
        folder.mkdir(parents=True)
        solved = {each: reference[each] for each, worth in HALF.items() if worth}
        nbformat.write(notebooks.solve(released, solved), folder / f"{NOTEBOOK}.ipynb")
    places = (course, home, canary, shared, *(notebooks.ROOT / name for name in REPOSITORY))
    before, folders = contents(*places), set(Path("/tmp").glob("rcnn-*"))
    path = str(Path(sys.executable).parent) + os.pathsep + os.environ["PATH"]
    environment = {**os.environ, "PATH": path, "HOME": str(home), "RCNN_SECRET": "hidden", "MPLCONFIGDIR": str(root / "mpl")}
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "autograde", LAB],
        cwd=course, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=900,
    )  # fmt: skip
    result = Graded(world, done, visitors=listener.came)
    result.processes = left_by(course)
    result.folders = [
        str(path) for path in set(Path("/tmp").glob("rcnn-*")) - folders if not Path("/proc", owner(path)).exists()
    ]
    after = contents(*places)
    result.changed = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
    result.scores = scores(course)
    listener.socket.close()
    shared.unlink()
    return result


@pytest.fixture(scope="module")
def pages(graded: Graded) -> dict[str, str]:
    """Feedback pages by student."""
    path = str(Path(sys.executable).parent) + os.pathsep + os.environ["PATH"]
    subprocess.run(
        [sys.executable, "-m", "nbgrader", "generate_feedback", LAB],
        cwd=graded.world.course, env={**os.environ, "PATH": path}, stdin=subprocess.DEVNULL, capture_output=True, check=True,
    )  # fmt: skip
    found = (graded.world.course / "feedback").glob(f"*/{LAB}/{NOTEBOOK}.html")
    return {page.parents[1].name: page.read_text(encoding="utf-8") for page in found}


def test_there_are_enough() -> None:
    odd = [entry for entry in CORPUS if entry.kind == "odd"]
    assert len(odd) >= 20
    assert len(CORPUS) - len(odd) >= 65
    assert len({entry.name for entry in CORPUS}) == len(CORPUS)


def test_the_run_ends_well(graded: Graded) -> None:
    assert graded.done.returncode == 0, graded.done.stderr[-3000:]
    assert "The grader failed on" not in graded.done.stderr


@pytest.mark.parametrize("entry", CORPUS, ids=lambda entry: entry.name)
def test_points(graded: Graded, entry: Entry) -> None:
    assert graded.scores.get(entry.name) == {name: entry.points.get(name, 0.0) for name in POINTS}, entry.tries


@pytest.mark.parametrize("name", NEIGHBOURS)
def test_neighbours(graded: Graded, name: str) -> None:
    assert graded.scores[name] == HALF


@pytest.mark.parametrize("entry", [each for each in CORPUS if each.kind != "odd"], ids=lambda entry: entry.name)
def test_no_harm_is_told_of(graded: Graded, entry: Entry) -> None:
    path = graded.world.course / "autograded" / entry.name / LAB / f"{NOTEBOOK}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    said = [json.dumps(cell.outputs) for cell in notebook.cells if cell.cell_type == "code" and cell.outputs]
    assert not [text[:500] for text in said if BOAST in text], entry.tries
    assert path.stat().st_size < 8 * 2**20


def test_nothing_changed(graded: Graded) -> None:
    assert graded.changed == []
    assert graded.visitors == 0


def test_nothing_is_left(graded: Graded) -> None:
    assert graded.processes == []
    assert graded.folders == []


def test_there_is_a_page_for_everybody(graded: Graded, pages: dict[str, str]) -> None:
    assert pages.keys() == {entry.name for entry in CORPUS} | set(NEIGHBOURS)


@pytest.mark.parametrize("entry", CORPUS, ids=lambda entry: entry.name)
def test_pages_are_harmless(pages: dict[str, str], entry: Entry) -> None:
    page = pages[entry.name]
    for hidden in ("HIDDEN TESTS", "from autograder import grade", "grade(\"box", "wanted   "):
        assert hidden not in html.unescape(re.sub(r"<[^>]*>", "", page)) or hidden in _own_text(entry, page)
    assert not re.search(r"<script[^>]*>\s*alert|<(img|details|iframe|svg)[^>]*(onerror|ontoggle|alert)|href=.javascript:", page)


def _own_text(entry: Entry, page: str) -> str:
    """What stands on the page because the student's own code says so."""
    return page if "grade(" in page and entry.kind == "forgery" else ""


def test_the_page_of_a_blank_hand_in_shows_no_expected_value(pages: dict[str, str]) -> None:
    for name in NEIGHBOURS:
        assert "0.05882" not in pages[name]


@pytest.fixture(scope="module", autouse=True)
def keep(graded: Graded) -> None:
    """A course folder in which files of 8 GiB lie is not kept for a look at it later."""
    yield
    shutil.rmtree(graded.world.course / "submitted", ignore_errors=True)
