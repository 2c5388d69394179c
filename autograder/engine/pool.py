"""Judge a class, in the process that nbgrader's own starts for it (``autograder/engine/__main__.py``).

It has everything imported, and forks a judge for each submission; each judge has a kernel forked from the preloaded
process. Jobs come as lines of JSON on standard input; for each a line goes to standard output when its result is there.
What happens when is decided elsewhere (:mod:`autograder.engine.scheduling`); here it is done.
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
from typing import NoReturn

import nbformat
from jupyter_client.provisioning.factory import KernelProvisionerFactory

from autograder.engine.cell_analysis import learn
from autograder.engine.cell_outputs import all_lost
from autograder.engine.fork_client import Preloaded, SandboxError, answers
from autograder.engine.kernel import Kernel
from autograder.engine.processes import end_with_parent, ticks
from autograder.engine.results import Results, beside
from autograder.engine.scheduling import (
    Event,
    InputEnded,
    JobArrived,
    JudgeEnded,
    Kill,
    Limits,
    Report,
    Scheduler,
    Start,
    Stop,
    Tick,
    WriteUncertain,
)
from autograder.engine.submission import Judging
from autograder.engine.workplace import SUBMISSION_SECONDS

MEMORY = 8 * 2**30  # bytes of address space more than at the start, for one judge: what a message bomb could fill
WORST = SUBMISSION_SECONDS + 120  # seconds after which a judge is given up
GRADER_FAILED = "The grader itself failed on this submission. Your instructor knows, and can look into it."


@dataclass(frozen=True)
class Judge:
    """A judge at work: on which job, with whose kernels, and its process's number and handle."""

    job: str
    preloaded: Preloaded
    process: int
    handle: int


class Pool:
    """Judges side by side, as many as there are cores for them.

    Args:
        results: where judges write them.
        preloaded: forks the kernels; the pool starts another should it end, and ends it.
        cores: how many judges.
    """

    def __init__(self, results: Results, preloaded: Preloaded, cores: int) -> None:
        self.results = results
        self.preloaded = preloaded
        self.scheduler = Scheduler(cores, Limits(seconds=WORST))
        self.notebooks: dict[str, Path] = {}  # by job
        self._secrets: dict[str, bytes] = {}  # by job
        self.judges: dict[int, Judge] = {}
        self.selector = selectors.DefaultSelector()
        self._rest = b""  # of standard input: a line that has not ended
        self._stopped = False
        self._learnt: set[str] = set()  # notebooks, by name

    def serve(self) -> None:
        """Judge what comes until standard input ends."""
        # once, instead of in each judge: compile the schema of notebooks, and look through all installed packages
        nbformat.validate(nbformat.v4.new_notebook())
        KernelProvisionerFactory.instance()
        gc.freeze()  # else each judge would look through all that was imported, and so copy it
        gc.enable()
        self.selector.register(sys.stdin.fileno(), selectors.EVENT_READ)
        while not self._stopped:
            for key, _ in self.selector.select(timeout=1.0):
                if key.data is None:
                    self._read()
                else:
                    self._reap(key.data)
            computed = {number: ticks(judge.process) for number, judge in self.judges.items()}
            self._handle(Tick(time.monotonic(), computed))

    def _handle(self, event: Event) -> None:
        """Tell the scheduler what has happened, and do what it says."""
        for instruction in self.scheduler.handle(event):
            match instruction:
                case Start(number, job):
                    self._fork(number, job)
                case Kill(number):
                    os.kill(self.judges[number].process, signal.SIGKILL)
                case WriteUncertain(job):
                    notebook = nbformat.read(self.notebooks[job], as_version=4)
                    self.results.write(job, all_lost(notebook, GRADER_FAILED), 0.0, certain=False)
                case Report(job):
                    print(json.dumps({"key": job}), flush=True)
                case Stop():
                    self._stopped = True

    def _read(self) -> None:
        part = os.read(sys.stdin.fileno(), 2**16)
        if not part:  # nbgrader has all it wants, or is gone
            self._handle(InputEnded())
        *lines, self._rest = (self._rest + part).split(b"\n")
        for job in map(json.loads, lines):
            self.notebooks[job["key"]] = Path(job["notebook"])
            self._secrets[job["key"]] = bytes.fromhex(job["secret"])
            self._handle(JobArrived(job["key"]))

    def _fork(self, number: int, job: str) -> None:
        notebook = self.notebooks[job]
        if notebook.name not in self._learnt:  # the released cells are the same for all
            self._learnt.add(notebook.name)
            learn(nbformat.read(notebook, as_version=4))
        if self.preloaded.ended:
            self._start_preloaded_again()
        child = os.fork()
        if not child:
            self._judge(job)
        self.judges[number] = Judge(job, self.preloaded, child, os.pidfd_open(child))
        self.selector.register(self.judges[number].handle, selectors.EVENT_READ, data=number)

    def _judge(self, job: str) -> NoReturn:
        """In the forked process: judge, write the result, and end."""
        try:
            end_with_parent()
            address_space = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
            resource.setrlimit(resource.RLIMIT_AS, (address_space + MEMORY, address_space + MEMORY))
            logging.disable(logging.CRITICAL)  # once, instead of at every call (:func:`course.checking.silence.quiet`)
            start = time.perf_counter()
            notebook = nbformat.read(self.notebooks[job], as_version=4)
            files = beside(self.notebooks[job].parent)
            judging = Judging(
                notebook, files, self._secrets[job], lambda *wanted: Kernel(self.preloaded.address, *wanted)
            )
            outputs = judging.run()
            if not answers(self.preloaded.address):  # a kernel that went with it looks like one that a student ended
                raise SandboxError("the process for students' code has ended on the way")
            self.results.write(job, outputs, time.perf_counter() - start, certain=judging.certain)
            os._exit(0)
        except SandboxError as error:
            print(f"Not judged: {error}.", file=sys.stderr, flush=True)
            os._exit(1)
        except BaseException:
            traceback.print_exc()
            os._exit(1)

    def _reap(self, number: int) -> None:
        judge = self.judges.pop(number)
        os.waitpid(judge.process, 0)
        judge.preloaded.end_kernel_of(judge.process)
        self.selector.unregister(judge.handle)
        os.close(judge.handle)
        result = self.results.read(judge.job) is not None
        if not result and judge.preloaded is self.preloaded and not answers(self.preloaded.address):
            self._start_preloaded_again()
        self._handle(JudgeEnded(number, result, lost=judge.preloaded is not self.preloaded))

    def _start_preloaded_again(self) -> None:
        """Start another preloaded process, and end the judges that had kernels of the old one: they are lost.

        Raises:
            SandboxError: it does not start.
        """
        print("The process for students' code has ended: starting another.", file=sys.stderr, flush=True)
        for judge in self.judges.values():
            os.kill(judge.process, signal.SIGKILL)
            judge.preloaded.end_kernel_of(judge.process)
        self.preloaded.close()
        self.preloaded = self.preloaded.anew()
        self.preloaded.wait()

    def close(self) -> None:
        """End all judges, and the preloaded process."""
        for judge in self.judges.values():
            os.kill(judge.process, signal.SIGKILL)
            os.waitpid(judge.process, 0)
        self.preloaded.close()
