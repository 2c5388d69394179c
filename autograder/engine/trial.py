"""Try what grading does with the sandbox before it does so: a real kernel that runs one cell.

Where bubblewrap starts and kernels die in it, every student would get 0.
"""

import os
import sys
from contextlib import closing
from typing import NoReturn

from autograder.engine import sandbox
from autograder.engine.fork_client import Preloaded, SandboxError
from autograder.engine.kernel import Kernel, KernelGone

CELL, SHOWS = "print(6 * 7)", "42\n"
SECONDS = 60.0


def lacking() -> str:
    """Why students' code cannot be run in a sandbox on this machine, or ``""``; takes a few seconds."""
    if reason := sandbox.lacking():
        return reason
    with closing(Preloaded(sandboxed=True)) as preloaded:
        try:
            preloaded.wait()
            attempt(preloaded.address)
        except SandboxError as error:
            return str(error)
    return ""


def attempt(address: str) -> None:
    """Run a cell in a kernel of the preloaded process at ``address``.

    It is done in a process of its own, as judges do: a kernel's client starts threads, and who has some may not fork.

    Raises:
        SandboxError: that does not work.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        _run(address, writing)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as said:
        reason = said.read()
    _, status = os.waitpid(child, 0)
    if reason or status:
        raise SandboxError(reason or "the trial of a kernel ended without a word")


def _run(address: str, writing: int) -> NoReturn:
    """In the forked process: run the cell, write what is wrong, and end."""
    try:
        with closing(Kernel(address)) as kernel:
            outputs = kernel.run(CELL, SECONDS)
        shown = "".join(output.get("text", output.get("evalue", "")) for output in outputs)
        if shown != SHOWS:
            raise SandboxError(f"a kernel was asked for {CELL}, and showed {shown!r}")
    except (SandboxError, KernelGone, OSError) as error:
        os.write(writing, str(error).encode(errors="replace"))
        os._exit(1)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        os._exit(1)
    os._exit(0)
