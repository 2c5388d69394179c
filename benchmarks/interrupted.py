"""Kill ``nbgrader autograde`` at random moments, start it again, and compare the gradebook with an undisturbed one.

    python benchmarks/interrupted.py [--count 60] [--kills 20] [--lab lab1_boxes]

Each kill (SIGKILL) meets a class of its own, ``--count`` different submissions; the run that follows must redo none of
the results that were finished, and leave no process behind.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.autograde import autograde, course_folder, scores


def killed_after(lab: str, course: Path, seconds: float) -> bool:
    """Start a run and kill it; give whether it was still going on."""
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
        return False
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return True


def finished(course: Path) -> dict[str, int]:
    """When each result was written."""
    return {path.name: path.stat().st_mtime_ns for path in (course / ".grader" / "results").glob("*.json")}


def main() -> None:
    """Kill, go on, compare, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lab", default="lab1_boxes")
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--kills", type=int, default=20)
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
        equal = redone = in_time = 0
        for _ in range(options.kills):
            course = shutil.copytree(bare, scratch / "killed")
            in_time += killed_after(options.lab, course, moments.uniform(0.5, whole))
            known = finished(course)
            autograde(options.lab, course)
            redone += sum(when != finished(course)[name] for name, when in known.items())
            equal += scores(options.lab, course) == wanted
            shutil.rmtree(course)
        print(f"{options.kills} runs of {options.count} submissions, {in_time} killed before their end:")
        print(f"{equal} gradebooks equal to the undisturbed one, {redone} finished results redone")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
