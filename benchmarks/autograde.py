"""``nbgrader autograde`` of a class in stock nbgrader and in ours, on the same cores: scores, time, CPU and memory.

    python benchmarks/autograde.py [--count 40] [--stock 40] [--lab lab2_anchors]

``--count`` different submissions, three in four solved and one in four blank; ``--stock`` says how many of them stock
nbgrader grades as well (it takes half a minute for each; 0 leaves it out). CPU time is the machine's, so nothing else
should run.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import nbformat
import psutil
from nbgrader.api import Gradebook

from autograder.commands import notebooks
from autograder.commands.release import ROOT


@dataclass
class Measured:
    """What one run took."""

    seconds: float
    cpu: float
    memory: float


def hand_in(lab: str, course: Path, count: int) -> None:
    """Write the submissions: no two are equal, every fourth is blank."""
    for path in sorted((course / "release" / lab).glob("*.ipynb")):
        released = notebooks.read(path)
        solution = notebooks.solutions(lab, path.stem)
        for number in range(count):
            cells = {} if number % 4 == 3 else {name: f"{text}\n# {number}" for name, text in solution.items()}
            notebook = notebooks.solve(released, cells, (f"number = {number}",))
            folder = course / "submitted" / f"student{number:03d}" / lab
            folder.mkdir(parents=True, exist_ok=True)
            nbformat.write(notebook, folder / path.name)


def autograde(lab: str, course: Path) -> Measured:
    """Run the command and watch it."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    start, busy = time.perf_counter(), _busy()
    with (course / "autograde.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "nbgrader", "autograde", lab], cwd=course, env=environment, stdout=log, stderr=log
        )
        peak = [0]
        watcher = threading.Thread(target=_watch, args=(process, peak))
        watcher.start()
        code = process.wait()
        watcher.join()
    if code:
        raise SystemExit(f"nbgrader autograde ended with {code}: see {course / 'autograde.log'}")
    return Measured(time.perf_counter() - start, _busy() - busy, peak[0] / 2**30)


def _busy() -> float:
    """Seconds of CPU that this machine has spent, but for this script's own and what a virtual machine's host took."""
    times = psutil.cpu_times()
    others = times.idle + times.iowait + getattr(times, "steal", 0.0) + time.process_time()
    return float(sum(times) - others)


def _watch(process: subprocess.Popen, peak: list[int]) -> None:
    """Keep the largest sum of what the process and its descendants hold, shared memory divided among its holders."""
    while process.poll() is None:
        total = 0
        try:
            for each in [root := psutil.Process(process.pid), *root.children(recursive=True)]:
                try:
                    total += each.memory_full_info().pss
                except psutil.Error:
                    continue
        except psutil.Error:
            return
        peak[0] = max(peak[0], total)
        try:
            process.wait(1.0)
        except subprocess.TimeoutExpired:
            continue


def scores(lab: str, course: Path) -> dict[tuple[str, str], float]:
    """The gradebook's scores by student and graded cell."""
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        return {
            (submission.student.id, grade.name): grade.score
            for submission in gradebook.assignment_submissions(lab)
            for notebook in submission.notebooks
            for grade in notebook.grades
        }


def course_folder(lab: str, folder: Path, count: int, *, stock: bool) -> Path:
    """A course with submissions, and our settings or nbgrader's own."""
    notebooks.generate(lab, folder, ROOT)
    if stock:
        (folder / "nbgrader_config.py").write_text(
            'c = get_config()\nc.CourseDirectory.course_id = "rcnn-by-hand"\nc.Execute.timeout = 120\n'
        )
    hand_in(lab, folder, count)
    return folder


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lab", default="lab2_anchors")
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--stock", type=int, default=40)
    options = parser.parse_args()
    scratch = Path(tempfile.mkdtemp(prefix="autograde-"))
    try:
        ours = course_folder(options.lab, scratch / "ours", options.count, stock=False)
        took = autograde(options.lab, ours)
        each = took.seconds / options.count
        print(f"ours   {options.count} submissions in {took.seconds:.1f} s: {each:.2f} s each, ", end="")
        print(f"{took.cpu / options.count:.2f} s of CPU each, peak memory {took.memory:.2f} GiB")
        again = autograde(options.lab, ours)
        print(f"       once more, nothing changed: {again.seconds:.1f} s")
        if options.stock:
            stock = course_folder(options.lab, scratch / "stock", options.stock, stock=True)
            slow = autograde(options.lab, stock)
            print(
                f"stock  {options.stock} submissions in {slow.seconds:.1f} s: {slow.seconds / options.stock:.2f} s each"
            )
            same = scores(options.lab, stock).items() <= scores(options.lab, ours).items()
            print(f"scores {'are the same' if same else 'DIFFER'}; stock takes ", end="")
            print(f"{slow.seconds / options.stock / each:.1f} × the time for each submission")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
