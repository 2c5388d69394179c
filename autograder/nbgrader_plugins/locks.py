"""One command at a time: a lock that ends with the process that has it, however that ends."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

if sys.platform != "win32":
    import fcntl


class InUseError(Exception):
    """Another process has the lock; the message names its command and says what to do."""


@contextmanager
def one_at_a_time(path: Path, command: str, place: str) -> Iterator[None]:
    """Keep a lock for one run of a command.

    On Windows, and on file systems without locks, two runs at once cannot be told.

    Args:
        path: of the lock, a file that says which command has it; its folder must exist.
        command: which is to have it, such as ``nbgrader autograde``.
        place: where it runs, for the message.

    Raises:
        InUseError: another run has it.
        OSError: the file cannot be written.
    """
    with path.open("a+", encoding="utf-8") as lock:
        if sys.platform != "win32":
            _lock(lock, place)
        lock.truncate(0)
        print(os.getpid(), command, file=lock, flush=True)
        yield


def _lock(lock: IO[str], place: str) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        process, _, command = lock.read().strip().partition(" ")
        raise InUseError(
            f"{command or 'Another command'} is running in {place} (process {process or 'unknown'}): "
            "run this again when it has ended."
        ) from None
    except OSError:
        return
