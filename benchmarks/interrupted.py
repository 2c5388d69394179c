"""Kill parts of ``nbgrader autograde`` at random moments, start it again, and compare with an undisturbed gradebook.

    python benchmarks/interrupted.py [--count 20] [--kills 30] [--lab lab1_boxes]

Each kill (SIGKILL) meets a class of its own, ``--count`` different submissions, and nbgrader or one of the processes
that it has started: pool, judges, bubblewrap, the preloaded process. A run that ends well nevertheless must have the
right gradebook; the plain run that follows must make it right, and redo no finished result. Kernels are left out: from
outside, one that is killed looks like one that its student's code has ended.
"""

import argparse
import contextlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import psutil

from benchmarks.autograde import autograde, course_folder, scores

PRELOADED = "preloaded process"
KINDS = {"bwrap": "bwrap", "fork_server": PRELOADED, "autograder.engine": "pool or judge"}


def killed_after(lab: str, course: Path, seconds: float, choose: random.Random) -> tuple[str, int]:
    """Start a run, and kill one of its processes; give what was killed, and the run's exit status."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    process = subprocess.Popen(
        [sys.executable, "-m", "nbgrader", "autograde", lab],
        cwd=course,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        process.wait(seconds)
        return "nothing", process.returncode
    except subprocess.TimeoutExpired:
        victims = processes(process.pid)
        kind = choose.choice(sorted(victims))
        with contextlib.suppress(psutil.Error):
            choose.choice(victims[kind]).kill()
        return kind, process.wait()


def processes(number: int) -> dict[str, list[psutil.Process]]:
    """A run's processes by what they are."""
    run = psutil.Process(number)
    found = {"nbgrader": [run]}
    for process in run.children(recursive=True):
        with contextlib.suppress(psutil.Error):
            words, parent = process.cmdline(), process.parent()
            kind = next((name for part, name in KINDS.items() if part in " ".join(words)), "another")
            if kind != PRELOADED or (parent and parent.cmdline() != words):  # its kernels are forks of it
                found.setdefault(kind, []).append(process)
    return found


def finished(course: Path) -> dict[str, int]:
    """When each result was written."""
    return {path.name: path.stat().st_mtime_ns for path in (course / ".grader" / "results").glob("*.json")}


def main() -> None:
    """Kill, go on, compare, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lab", default="lab1_boxes")
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    scratch = Path(tempfile.mkdtemp(prefix="interrupted-"))
    moments = random.Random(options.seed)
    try:
        bare = course_folder(options.lab, scratch / "bare", options.count, stock=False)
        undisturbed = shutil.copytree(bare, scratch / "undisturbed")
        start = time.perf_counter()
        autograde(options.lab, undisturbed)
        whole = time.perf_counter() - start
        wanted = scores(options.lab, undisturbed)
        equal = redone = wrong = 0
        killed: Counter[str] = Counter()
        for _ in range(options.kills):
            course = shutil.copytree(bare, scratch / "killed")
            kind, status = killed_after(options.lab, course, moments.uniform(0.5, whole), moments)
            killed[kind] += 1
            if status == 0 and (found := scores(options.lab, course)) != wanted:
                wrong += 1
                print(f"{kind} killed, status 0, and these differ: {sorted(set(found.items()) ^ set(wanted.items()))}")
            known = finished(course)
            autograde(options.lab, course)
            redone += sum(when != finished(course)[name] for name, when in known.items())
            if (found := scores(options.lab, course)) == wanted:
                equal += 1
            else:
                print(f"{kind} killed, run again, and these differ: {sorted(set(found.items()) ^ set(wanted.items()))}")
            shutil.rmtree(course)
        print(f"{options.kills} runs of {options.count} submissions; killed: {dict(killed)}")
        print(f"{wrong} of them ended well with a wrong gradebook; after one plain run more {equal} are equal to the")
        print(f"undisturbed one, {redone} finished results redone")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
