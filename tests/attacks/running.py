"""Grade a class made of the corpus, and look at the world before and after."""

import contextlib
import hashlib
import os
import re
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import psutil
from nbgrader.api import Gradebook, MissingEntry

from attacks.corpus import LAB, NOTEBOOK, Entry, World
from autograder.commands import notebooks

NEIGHBOURS = ("neighbour-first", "zz-neighbour-last")
HALF = {"yxyx_to_xyxy": 2.0, "box_area": 2.0, "box_iou": 0.0, "clip_boxes_to_image": 3.0, "remove_small_boxes": 0.0}
MINE = ("gradebook.db", "autograded", ".grader", "feedback")  # of the course folder: what nbgrader writes
REPOSITORY = ("autograder", "course", "solutions", "source", "release", "tests", "nbgrader_config.py")


class Listener:
    """A TCP port that counts who comes."""

    def __init__(self, port: int = 0) -> None:
        self.socket = socket.create_server(("127.0.0.1", port))
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
                    found[str(path)] = (
                        hashlib.sha256(path.read_bytes()).hexdigest() if plain else str(path.lstat().st_mode)
                    )
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


def owner(folder: Path) -> str:
    """The process that a folder of sockets belongs to."""
    try:
        return (folder / "owner").read_text()
    except OSError:
        return "nobody's"


def left_by(course: Path) -> list[str]:
    """Processes of an engine, except those that another living process than this course's pool has started."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        if not re.search(r"bwrap --unshare|-m autograder\.(student|engine)\b", words_of(folder.name)):
            continue
        above, pid = [], folder.name
        while pid not in ("0", "1"):
            above.append(words_of(pid))
            pid = parent_of(pid)
        pools = [words for words in above if "-m autograder.engine " in words]
        starters = [words_of(owner(Path(place))) for place in re.findall(r"/tmp/rcnn-\w+", " ".join(above))]
        starters = [words for words in [*pools, *starters] if words]
        if not starters or any(str(course) in words for words in starters):
            found.append(f"{folder.name} {above[0][:200] if above else ''}")
    return sorted(found)


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


def run_and_note_folders(
    command: list[str], folder: Path, environment: dict[str, str]
) -> tuple[subprocess.CompletedProcess[str], set[Path]]:
    """Run a command; what came of it, and the folders of sockets that belong to processes that it started."""
    found: set[Path] = set()
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    ) as process:  # fmt: skip
        end = time.monotonic() + 900
        while True:
            with contextlib.suppress(psutil.NoSuchProcess):
                children = {str(child.pid) for child in psutil.Process(process.pid).children()}
                found |= {path for path in Path("/tmp").glob("rcnn-*") if owner(path) in children}
            try:
                out, errors = process.communicate(timeout=0.2)
            except subprocess.TimeoutExpired:
                if time.monotonic() > end:
                    process.kill()
                    raise
            else:
                return subprocess.CompletedProcess(command, process.returncode, out, errors), found


def grade_class(root: Path, corpus: list[Entry]) -> Graded:
    """Lay a class out below ``root``, grade it in one run of ``nbgrader autograde``, and tell what has changed."""
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
    for entry in corpus:
        entry.lay(world, released, reference)
    for name in NEIGHBOURS:
        folder = course / "submitted" / name / LAB
        folder.mkdir(parents=True)
        solved = {each: reference[each] for each, worth in HALF.items() if worth}
        nbformat.write(notebooks.solve(released, solved), folder / f"{NOTEBOOK}.ipynb")
    places = (course, home, canary, shared, *(notebooks.ROOT / name for name in REPOSITORY))
    before = contents(*places)
    path = str(Path(sys.executable).parent) + os.pathsep + os.environ["PATH"]
    environment = {
        **os.environ,
        "PATH": path,
        "HOME": str(home),
        "RCNN_SECRET": "hidden",
        "MPLCONFIGDIR": str(root / "mpl"),
    }
    done, folders = run_and_note_folders([sys.executable, "-m", "nbgrader", "autograde", LAB], course, environment)
    result = Graded(world, done, visitors=listener.came)
    result.processes = left_by(course)
    assert folders  # the run has been watched
    result.folders = [str(path) for path in folders if path.exists()]
    after = contents(*places)
    result.changed = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
    result.scores = scores(course)
    listener.socket.close()
    shared.unlink()
    return result
