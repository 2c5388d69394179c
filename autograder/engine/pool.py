"""Judge a class, in the process that nbgrader's own starts for it (``autograder/engine/__main__.py``).

It has everything imported, and forks a judge for each submission; each judge has a kernel forked from the preloaded
process. Jobs come as lines of JSON on standard input; for each a line goes to standard output when its result is there.
"""

import gc
import json
import logging
import os
import resource
import selectors
import signal
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.provisioning.factory import KernelProvisionerFactory

from autograder.engine.judging import SUBMISSION_SECONDS, Judging
from autograder.engine.kernel import Kernel
from autograder.engine.names import learn
from autograder.engine.preloaded import Preloaded, end_with_parent
from autograder.engine.results import Results, beside
from autograder.engine.verdicts import all_lost

MEMORY = 8 * 2**30  # bytes of address space more than at the start, for one judge: what a message bomb could fill
WORST = SUBMISSION_SECONDS + 120  # seconds after which a judge is given up
STILL = 60  # seconds without a tick of computing after which it is: one that waits for a student's code looks at it
ATTEMPTS = 2  # judges that a submission gets, should one fail


@dataclass
class Running:
    """A judge at work: on what, its process's handle, when to give it up, and when it last was seen to compute."""

    job: dict[str, Any]
    handle: int
    end: float
    ticks: int = 0
    seen: float = 0.0


class Pool:
    """Judges side by side, as many as there are cores for them."""

    def __init__(self, results: Results, preloaded: Preloaded, cores: int) -> None:
        self.results = results
        self.cores = cores
        self.waiting: list[dict[str, Any]] = []
        self.running: dict[int, Running] = {}  # by process
        self.selector = selectors.DefaultSelector()
        self.preloaded = preloaded
        self._learnt: set[str] = set()  # notebooks, by name

    def serve(self) -> None:
        """Judge what comes until standard input ends."""
        # once, instead of in each judge: compile the schema of notebooks, and look through all installed packages
        nbformat.validate(nbformat.v4.new_notebook())
        KernelProvisionerFactory.instance()
        gc.freeze()  # else each judge would look through all that was imported, and so copy it
        gc.enable()
        self.selector.register(sys.stdin.fileno(), selectors.EVENT_READ)
        rest = b""
        while True:
            for key, _ in self.selector.select(timeout=1.0):
                if key.data is not None:
                    self._reap(key.data)
                    continue
                part = os.read(sys.stdin.fileno(), 2**16)
                if not part:  # nbgrader has all it wants, or is gone
                    return
                *lines, rest = (rest + part).split(b"\n")
                self.waiting += map(json.loads, lines)
            self._give_up()
            while self.waiting and len(self.running) < self.cores:
                self._fork(self.waiting.pop(0))

    def _fork(self, job: dict[str, Any]) -> None:
        if (name := Path(job["notebook"]).name) not in self._learnt:  # the released cells are the same for all
            self._learnt.add(name)
            learn(nbformat.read(job["notebook"], as_version=4))
        child = os.fork()
        if not child:
            self._judge(job)
        handle = os.pidfd_open(child)
        self.running[child] = Running(job, handle, end=time.monotonic() + WORST, seen=time.monotonic())
        self.selector.register(handle, selectors.EVENT_READ, data=child)

    def _judge(self, job: dict[str, Any]) -> None:
        """In the forked process: judge, write the result, and end."""
        try:
            end_with_parent()
            address_space = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
            resource.setrlimit(resource.RLIMIT_AS, (address_space + MEMORY, address_space + MEMORY))
            logging.disable(logging.CRITICAL)  # once, instead of at every call (:func:`course.checks.calling.quiet`)
            start = time.perf_counter()
            notebook = nbformat.read(job["notebook"], as_version=4)
            files = beside(Path(job["notebook"]).parent)
            outputs = Judging(notebook, files, lambda: Kernel(self.preloaded.address)).run()
            self.results.write(job["key"], outputs, time.perf_counter() - start)
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)

    def _reap(self, child: int) -> None:
        judge = self.running.pop(child)
        job, handle = judge.job, judge.handle
        os.waitpid(child, 0)
        self.preloaded.end_kernel_of(child)
        self.selector.unregister(handle)
        os.close(handle)
        failed = self.results.read(job["key"]) is None
        if failed and job.setdefault("attempts", 1) < ATTEMPTS:
            job["attempts"] += 1
            self.waiting.append(job)
            return
        if failed:
            notebook = nbformat.read(job["notebook"], as_version=4)
            reason = "The grader itself failed on this submission. Your instructor knows, and can look into it."
            self.results.write(job["key"], all_lost(notebook, reason), 0.0, certain=False)
        print(json.dumps({"key": job["key"]}), flush=True)

    def close(self) -> None:
        """End all judges."""
        for child in self.running:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)

    def _give_up(self) -> None:
        now = time.monotonic()
        for child, judge in self.running.items():
            ticks = _ticks(child)
            if ticks != judge.ticks:
                judge.ticks, judge.seen = ticks, now
            if now > judge.end or now - judge.seen > STILL:
                os.kill(child, signal.SIGKILL)


def _ticks(process: int) -> int:
    """Clock ticks for which a process has computed."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])
