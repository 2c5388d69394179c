"""While an answer is judged, the watcher stays: in a process of its own, as an audit hook is there for good."""

import subprocess
import sys

SCRIPT = """
import cProfile, os, subprocess, sys
from autograder.student.holding import UnwatchedError, hold
from course.checks.guard import Guard

hold()
guard = Guard(("torchvision.ops.boxes.box_iou",))
{before}

def answer():
    {inside}

try:
    guard.watching(answer)()
    print("went through")
except UnwatchedError as error:
    print("refused", error)
{after}
print(sys.getprofile())
"""


def said(inside: str, before: str = "", after: str = "") -> list[str]:
    script = SCRIPT.format(before=before, inside=inside, after=after)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.split("\n")


def test_what_takes_the_watcher_away_is_refused_and_only_while_it_watches() -> None:
    """All in one process: starting one takes seconds."""
    ways = {
        "sys.setprofile": "sys.setprofile(None)",
        "sys.setprofile ": "cProfile.Profile().enable()",
        "os.fork": "os.fork()",
        "subprocess.Popen": "subprocess.run(['true'])",
        "os.system": "os.system('true')",
    }
    tries = "\n".join(
        f"    try:\n        {way}\n        print('{name.strip()} went through')\n"
        f"    except UnwatchedError as error:\n        print('refused', error)"
        for name, way in ways.items()
    ).removeprefix("    ")
    free = "subprocess.run(['true']); sys.setprofile(None)"
    lines = said(tries, before=free, after=free)
    wanted = [f"refused {name.strip()} is not possible while an answer is judged" for name in ways]
    assert lines == [*wanted, "went through", "None", ""], lines


def test_threads_are_watched_and_may_be_used() -> None:
    inside = (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "    import torch, torchvision\n"
        "    boxes = torch.tensor([[0.0, 0, 1, 1]])\n"
        "    with ThreadPoolExecutor(2) as pool:\n"
        "        print(sum(pool.map(abs, [-1, -2])))\n"
        "        print(type(pool.submit(torchvision.ops.box_iou, boxes, boxes).exception()).__name__)"
    )
    assert said(inside)[:3] == ["3", "ReadyMadeError", "went through"]
