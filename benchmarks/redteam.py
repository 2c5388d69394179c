"""The red team: what hostile, broken and odd submissions (tests/attacks) get out of stock nbgrader, and out of ours.

    python benchmarks/redteam.py

Stock nbgrader grades each submission alone, in a throw-away course folder inside bubblewrap, with a time limit; its
neighbour has been graded before. Ours grades the whole class in one run. Bombs are left out on stock nbgrader.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import nbformat  # noqa: E402
from attacks.corpus import BOAST, LAB, NOTEBOOK, POINTS, Entry, World, entries  # noqa: E402
from attacks.running import HALF, Listener, grade_class, scores  # noqa: E402

from autograder.commands import notebooks  # noqa: E402

SECONDS = 180  # for one submission on stock nbgrader
NEIGHBOUR = "neighbour-first"
OURS = ("c.Autograde", "c.Sandbox", "c.OverwriteCells")


@dataclass
class Outcome:
    """What an entry got."""

    gained: float = 0.0
    lost: float = 0.0
    harm: list[str] = field(default_factory=list)


def plain(config: str) -> str:
    """Our configuration without what chooses our grading; lists that go over several lines are left out whole."""
    kept, open_list = [], False
    for line in config.splitlines():
        open_list = open_list or line.startswith(OURS)
        if not open_list:
            kept.append(line)
        if open_list and (line.rstrip().endswith("]") or not line.rstrip().endswith(("[", ","))):
            open_list = False
    return "\n".join([*kept, "c.Execute.timeout = 20", ""])


def template(course: Path) -> None:
    """A course folder for stock nbgrader, in which the neighbour has been graded."""
    notebooks.generate(LAB, course)
    config = course / "nbgrader_config.py"
    config.write_text(plain(config.read_text(encoding="utf-8")), encoding="utf-8")
    folder = course / "submitted" / NEIGHBOUR / LAB
    folder.mkdir(parents=True)
    released = notebooks.read(course / "release" / LAB / f"{NOTEBOOK}.ipynb")
    solved = notebooks.solutions(LAB, NOTEBOOK)
    cells = {name: solved[name] for name, worth in HALF.items() if worth}
    nbformat.write(notebooks.solve(released, cells), folder / f"{NOTEBOOK}.ipynb")
    notebooks.nbgrader("autograde", LAB, "--student", NEIGHBOUR, course=course)


def inside(course: Path, student: str, port: int) -> None:
    """In bubblewrap: grade one student, and say how it ended and who came to the port."""
    listener = Listener(port)
    path = str(Path(sys.executable).parent) + os.pathsep + os.environ["PATH"]
    command = [sys.executable, "-m", "nbgrader", "autograde", LAB, "--student", student]
    with open(course.parent / "log.txt", "w") as log:
        try:
            done = subprocess.run(
                command, cwd=course, env={**os.environ, "PATH": path}, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                timeout=SECONDS,
            ).returncode  # fmt: skip
        except subprocess.TimeoutExpired:
            done = -1
    (course.parent / "ended.json").write_text(json.dumps({"code": done, "visitors": listener.came}))


def digests(course: Path) -> dict[str, str]:
    """What nobody but the instructor may change, and the neighbour's files."""
    places = ["nbgrader_config.py", "../canary.txt"]
    for part in ("source", "release", f"submitted/{NEIGHBOUR}", f"autograded/{NEIGHBOUR}"):
        places += [str(path.relative_to(course)) for path in (course / part).rglob("*") if path.is_file()]
    return {place: hashlib.sha256((course / place).read_bytes()).hexdigest() for place in places}


def bubblewrap(root: Path) -> list[str]:
    """The start of a command that may write into ``root`` alone, without network."""
    shell = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--ro-bind", "/", "/", "--dev", "/dev"]
    shell += ["--proc", "/proc", "--tmpfs", "/tmp"]
    for place in {str(ROOT), sys.prefix}:  # which may be below /tmp
        shell += ["--ro-bind", place, place]
    shell += ["--bind", str(root), str(root), "--setenv", "HOME", str(root / "home")]
    return [*shell, "--setenv", "PYTHONPATH", str(ROOT), "--setenv", "RCNN_SECRET", "hidden"]


def on_stock(entry: Entry, made: Path, scratch: Path) -> Outcome:
    """Grade one entry with stock nbgrader."""
    root = scratch / entry.name
    course = root / "course"
    shutil.copytree(made, course)
    (root / "canary.txt").write_text("untouched")
    (root / "home").mkdir()
    port = 7777  # in a network of its own
    released = notebooks.read(course / "release" / LAB / f"{NOTEBOOK}.ipynb")
    if NEIGHBOUR not in entry.name:
        entry.lay(World(course, ROOT, root / "canary.txt", port), released, notebooks.solutions(LAB, NOTEBOOK))
    before = digests(course)
    words = [sys.executable, __file__, "--inside", str(course), "--student", entry.name, "--port", str(port)]
    ended = {"code": -1, "visitors": 0}
    try:
        subprocess.run([*bubblewrap(root), "--", *words], capture_output=True, timeout=SECONDS + 60)
        ended = json.loads((root / "ended.json").read_text())
    except (subprocess.TimeoutExpired, FileNotFoundError, ValueError):
        pass  # the grader itself was ended
    outcome = Outcome()
    try:
        found = scores(course)
        after = digests(course)
    except Exception:  # a gradebook, or files, that are gone
        found, after = {}, {}
    judge(entry, found.get(entry.name), outcome)
    if found.get(NEIGHBOUR) != HALF:
        outcome.harm.append("another student's score changed")
    if after != before:
        outcome.harm.append("files changed")
    if ended["visitors"]:
        outcome.harm.append("network reached")
    if ended["code"]:
        outcome.harm.append("run stopped" if ended["code"] > 0 else "run hung or was killed")
    if entry.kind != "odd":
        outcome.harm += looks(course, entry)
    shutil.rmtree(root, ignore_errors=True)
    return outcome


def on_ours(corpus: list[Entry], scratch: Path) -> dict[str, Outcome]:
    """Grade all entries in one run of ours, and say what harm that did."""
    (scratch / "ours").mkdir()
    graded = grade_class(scratch / "ours", corpus)
    ours = {}
    for entry in corpus:
        outcome = Outcome()
        judge(entry, graded.scores.get(entry.name), outcome)
        outcome.harm += looks(graded.world.course, entry) if entry.kind != "odd" else []
        ours[entry.name] = outcome
        show("ours", entry, outcome)
    for what, harm in (
        ("exit code", graded.done.returncode), ("files changed", graded.changed), ("visitors", graded.visitors),
        ("processes left", graded.processes), ("folders left", graded.folders),
        ("neighbours", [name for name in (NEIGHBOUR,) if graded.scores.get(name) != HALF]),
    ):  # fmt: skip
        print(f"ours, all in all: {what}: {harm or 'none'}")
    return ours


def judge(entry: Entry, came: dict[str, float] | None, outcome: Outcome) -> None:
    """Compare an entry's scores with what it honestly earns."""
    if came is None:
        outcome.harm.append("no score")
    for name in POINTS:
        more = (came or {}).get(name, 0.0) - entry.points.get(name, 0.0)
        outcome.gained += max(0.0, more)
        outcome.lost += max(0.0, -more)


def looks(course: Path, entry: Entry) -> list[str]:
    """What an entry says that it has reached, as far as its graded notebook tells."""
    path = course / "autograded" / entry.name / LAB / f"{NOTEBOOK}.ipynb"
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError):
        return []
    said = json.dumps([cell.get("outputs") for cell in cells])
    return ["saw or wrote what it should not"] if BOAST in said else []


def table(corpus: list[Entry], stock: dict[str, Outcome], ours: dict[str, Outcome]) -> str:
    """The table of docs/security.md."""
    lines = [
        "| kind | entries | stock: gained points | stock: did harm | ours: gained points | ours: did harm |",
        "|---|---|---|---|---|---|",
    ]
    kinds = defaultdict(list)
    for entry in corpus:
        kinds[entry.kind].append(entry)
    for kind, members in kinds.items():
        cells = []
        for outcomes in (stock, ours):
            tried = [outcomes[entry.name] for entry in members if entry.name in outcomes]
            if kind == "odd":
                losers = [outcome.lost for outcome in tried if outcome.lost > 0]
                cells += [f"{len(losers)} of {len(tried)} lost {sum(losers):.0f} points", harmful(tried)]
            else:
                winners = [outcome.gained for outcome in tried if outcome.gained > 0.005]
                cells += [f"{len(winners)} of {len(tried)} ({sum(winners):.1f} points)", harmful(tried)]
        lines.append(f"| {kind} | {len(members)} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def harmful(outcomes: list[Outcome]) -> str:
    """How many did harm."""
    return str(sum(bool(outcome.harm) for outcome in outcomes))


def main() -> None:
    """Run both and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="a regular expression for names of entries")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--student", help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, default=0, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.inside:
        inside(chosen.inside, chosen.student, chosen.port)
        return
    corpus = [entry for entry in entries() if re.search(chosen.only, entry.name)]
    for entry in corpus:
        if entry.stock:
            print(f"not on stock nbgrader: {entry.name} ({entry.stock})", flush=True)
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:  # /tmp is another one in the sandbox
        scratch = Path(folder)
        template(scratch / "template")
        tried = [entry for entry in corpus if not entry.stock]
        with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
            found = pool.map(lambda entry: on_stock(entry, scratch / "template", scratch), tried)
            stock = {}
            for entry, outcome in zip(tried, found, strict=True):
                stock[entry.name] = outcome
                show("stock", entry, outcome)
        ours = on_ours(corpus, scratch)
    kinds = Counter(line for outcome in stock.values() for line in set(outcome.harm))
    print("harm on stock nbgrader:", ", ".join(f"{line} {count}" for line, count in kinds.most_common()))
    print(table(corpus, stock, ours))


def show(where: str, entry: Entry, outcome: Outcome) -> None:
    """One line for an outcome that is not as it should be."""
    if outcome.gained > 0.005 or outcome.lost > 0.005 or outcome.harm:
        harm = ", ".join(outcome.harm)
        print(f"{where}: {entry.name}: +{outcome.gained:g} -{outcome.lost:g} {harm}", flush=True)


if __name__ == "__main__":
    main()
