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
    wanted = [f"refused {name.strip()} is not possible where answers are judged" for name in ways]
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


def test_what_was_put_in_the_place_of_ours_is_named() -> None:
    """All in one process; each change is taken back before the next."""
    script = """
import fnmatch, sys
import torch
from autograder.student import answering
from autograder.student.holding import UnwatchedError, hold
from course.checks import calling, guard

replaced = hold()
print(replaced() or "nothing")
changes = [(guard.Guard, "_look"), (answering.Answering, "_call"), (answering, "call"), (calling, "neutral"),
           (fnmatch, "fnmatchcase"), (torch, "equal"), (torch.Tensor, "clone"), (sys, "setprofile")]
for owner, name in changes:
    own, before = name in vars(owner), getattr(owner, name)
    setattr(owner, name, lambda *_: None)
    print(replaced())
    setattr(owner, name, before) if own else delattr(owner, name)
torch.optim.SGD([torch.zeros(2, requires_grad=True)], lr=0.1)  # imports torch's compiler
torch.set_default_dtype(torch.float64)
torch.Tensor.mine = torch.mine = answering.mine = 3
print(replaced() or "nothing")
for value in (lambda: None).__code__, None:
    try:
        setattr(answering.call, "__code__" if value else "__defaults__", value)
        print("went through")
    except UnwatchedError:
        print("refused")
def own(x=1): pass
own.__defaults__ = own.__code__.co_consts[:1]
print("free")
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120)
    assert done.stdout.splitlines() == [
        "nothing",
        "course.checks.guard.Guard._look",
        "autograder.student.answering.Answering._call",
        "autograder.student.answering.call",
        "course.checks.calling.neutral",
        "fnmatch.fnmatchcase",
        "torch.equal",
        "torch.Tensor.clone",
        "sys.setprofile",
        "nothing",
        "refused",
        "refused",
        "free",
    ], done.stderr
