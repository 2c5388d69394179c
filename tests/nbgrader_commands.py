"""nbgrader's command line without a start for each command, which takes longer than most commands.

The first command starts a process that imports what all of them need, and each one runs in a fork of it, as
``python -m nbgrader`` would. Where the start itself matters, or another process around it, tests start that.
"""

import atexit
import functools
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path


def nbgrader(*words: str, course: Path, environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess:
    """Run ``nbgrader`` with these words in a folder; with this process's environment, and nbgrader's programs first."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, **(environment or {})}
    server = _server()
    assert server.stdin is not None
    assert server.stdout is not None
    with tempfile.TemporaryDirectory() as folder:
        said = [Path(folder) / name for name in ("stdout", "stderr")]
        job = {"words": words, "course": str(course), "environment": environment, "said": [str(path) for path in said]}
        server.stdin.write(json.dumps(job) + "\n")
        server.stdin.flush()
        status = json.loads(server.stdout.readline())
        stdout, stderr = (path.read_text(encoding="utf-8") for path in said)
    return subprocess.CompletedProcess(["nbgrader", *words], status, stdout, stderr)


@functools.cache
def _server() -> subprocess.Popen:
    server = subprocess.Popen(
        [sys.executable, "-P", __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )

    def end() -> None:
        with server:
            assert server.stdin is not None
            server.stdin.close()

    atexit.register(end)
    return server


def _forked() -> None:
    """Fork for each line of standard input; comes back in the forks alone, at its end in this process."""
    for line in sys.stdin:
        if not (child := os.fork()):
            return _become(json.loads(line))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)
    sys.exit()


def _become(job: dict) -> None:
    """Take the place of a process that was started so."""
    os.chdir(job["course"])
    os.environ.clear()
    os.environ.update(job["environment"])
    sys.argv = ["nbgrader", *job["words"]]
    sys.path.insert(0, job["course"])
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, path in enumerate(job["said"], start=1):
        os.dup2(os.open(path, os.O_CREAT | os.O_WRONLY), number)


if __name__ == "__main__":
    # nothing of ours: settings choose that, and it changes nbgrader
    import nbconvert.exporters  # noqa: F401
    import nbgrader.converters  # noqa: F401
    import tqdm  # noqa: F401
    from nbgrader.apps.nbgraderapp import main

    _forked()
    main()
