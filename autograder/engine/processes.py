"""What Linux tells of processes, and does for them."""

import contextlib
import ctypes
import math
import os
import signal
from pathlib import Path

PARENT_DEATH = 1  # prctl's number


def end_with_parent() -> None:
    """Have the system end this process when the one that started it is gone, however it went."""
    ctypes.CDLL(None).prctl(PARENT_DEATH, signal.SIGKILL, 0, 0, 0)


def with_descendants(pid: int) -> list[int]:
    """A process and all that came of it, as far as they live."""
    found = [pid]
    for pid in found:  # grows on the way
        with contextlib.suppress(OSError, ValueError):
            for task in os.listdir(f"/proc/{pid}/task"):
                found += map(int, Path(f"/proc/{pid}/task/{task}/children").read_text().split())
    return found


def share_a_core(pids: list[int]) -> None:
    """Have what came of the first of these processes compute as much as one process, all together, on a busy machine.

    Each gets a nicer value, a step of which is worth a fourth (see sched(7)); nobody's is lowered again.
    """
    first, *others = pids
    steps = math.ceil(math.log(max(1, len(others)), 1.25))
    for pid in others:
        with contextlib.suppress(OSError):  # it has just ended
            nice = min(19, os.getpriority(os.PRIO_PROCESS, first) + steps)
            for thread in map(int, os.listdir(f"/proc/{pid}/task")):
                if os.getpriority(os.PRIO_PROCESS, thread) < nice:
                    os.setpriority(os.PRIO_PROCESS, thread, nice)


def ticks(pid: int) -> int:
    """Clock ticks for which a process has computed."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def hold_more_than(memory: int, pids: list[int]) -> bool:
    """Whether these processes hold more bytes for themselves."""
    # The first sum is cheap, and counts memory that a process shares with its parent for both.
    return _sum(pids, "status", ("RssAnon:", "RssShmem:")) > memory and _sum(pids, "smaps_rollup", "Pss:") > memory


def _sum(pids: list[int], file: str, names: str | tuple[str, ...]) -> int:
    """The bytes that these processes' files in /proc give under these names."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError, ValueError, IndexError):
            for line in Path(f"/proc/{pid}/{file}").read_text().splitlines():
                if line.startswith(names):
                    total += int(line.split()[1]) * 1024
    return total
