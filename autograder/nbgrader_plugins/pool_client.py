"""Talk to the process that judges submissions (``autograder/engine/__main__.py``)."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograder.engine import sandbox
from autograder.engine.results import Results
from autograder.spec import python_path

POOL = "autograder.engine"
RESTARTS = 3
FAILURES = 2  # times that it finds that it cannot judge: once may be an accident


class PoolError(Exception):
    """The pool ended again and again, or cannot judge; the message says why."""


class PoolClient:
    """A pool, which starts with the first job, and again should it die.

    Args:
        results: where it writes them.
        sandboxed: whether students' code is shut in.
        cores: how many submissions are judged side by side.
    """

    def __init__(self, results: Results, sandboxed: bool, cores: int) -> None:
        self.results = results
        self.jobs: dict[str, dict[str, str]] = {}  # not finished: what the pool is told, by the key of the result
        self._settings = {"results": str(results.folder), "sandboxed": sandboxed, "cores": cores}
        self._process: subprocess.Popen[str] | None = None
        self._restarts = 0
        self._failures: list[str] = []

    def send(self, key: str, notebook: Path, secret: bytes) -> None:
        """Have a notebook of a hand-in with this ``secret`` judged; nothing happens if one with this key is."""
        if key not in self.jobs:
            self.jobs[key] = {"key": key, "notebook": str(notebook), "secret": secret.hex()}
            self._tell(key)

    def wait_until_ready(self) -> None:
        """Wait until the pool has imported everything, and tried a kernel; nothing happens if it has no job.

        Raises:
            PoolError: it cannot judge.
        """
        while self.jobs and "ready" not in (said := self._hear()):
            if not said:
                list(self._start_again())

    def wait_for(self, key: str) -> Iterator[str]:
        """Wait until a job is finished; give the keys of those that are finished on the way, itself included.

        Raises:
            PoolError: it cannot judge, or ended more often than it is started again.
        """
        while key in self.jobs:
            said = self._hear()
            if not said:
                yield from self._start_again()
            elif (done := said.get("key")) in self.jobs:
                del self.jobs[done]
                yield done
        if not self.jobs:
            self._hang_up()  # it ends while nbgrader writes what is left

    def close(self) -> None:
        """End the pool; calling this again does no harm."""
        self._hang_up()
        if self._process:
            assert self._process.stdout is not None
            self._process.wait()
            self._process.stdout.close()
            self._process = None

    def _hang_up(self) -> None:
        if self._process:
            assert self._process.stdin is not None
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()

    def _tell(self, key: str) -> None:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", POOL, json.dumps(self._settings)],
                env={**os.environ, **sandbox.ONE_THREAD, "PYTHONPATH": python_path()},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=None if sys.__stderr__ else subprocess.DEVNULL,  # closed, its number may be another file's
                text=True,
                start_new_session=True,  # Ctrl-C is for nbgrader, which ends the pool
            )
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            print(json.dumps(self.jobs[key]), file=self._process.stdin, flush=True)

    def _hear(self) -> dict[str, Any]:
        """What the pool says next; nothing if it has ended, or says that it cannot judge."""
        if self._process is None:
            raise PoolError("the process that judges submissions has ended")
        assert self._process.stdout is not None
        said = json.loads(self._process.stdout.readline() or "{}")
        if "failed" in said:
            self._failures.append(said["failed"])
            return {}
        return dict(said)

    def _start_again(self) -> Iterator[str]:
        """Start another pool for what is left, should one have died; give the keys of what it has finished unheard."""
        self.close()
        self._restarts += 1
        if len(self._failures) >= FAILURES:
            raise PoolError(f"students' code cannot be run here: {self._failures[-1]}")
        if self._restarts > RESTARTS:
            raise PoolError("the process that judges submissions ended again and again: see the messages above")
        for key in [key for key in self.jobs if self.results.read(key) is not None]:
            del self.jobs[key]
            yield key
        for key in self.jobs:
            self._tell(key)
