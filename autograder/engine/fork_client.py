"""Start the preloaded process, and have it fork kernels."""

import contextlib
import json
import os
import secrets
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from autograder.engine import sandbox
from autograder.spec import current, python_path

START = 120  # seconds for the imports, on a busy machine
ANSWER = 30  # seconds for a sign of life
SCM_CREDENTIALS, CREDENTIALS = 2, struct.Struct("3i")
KERNEL_ENDED = "a kernel ended before it began, without a word; too low a limit of the shell (ulimit -a) does that"
FOLDER, OWNER = "rcnn-", "owner"
PROGRAM = "autograder.student.fork_server"


class SandboxError(Exception):
    """Students' code cannot be run; the message says why."""


class Preloaded:
    """A preloaded process that is starting or running, see :mod:`autograder.student.fork_server`.

    Args:
        sandboxed: run it in bubblewrap, and each kernel in namespaces of its own.
        program: its module.
        seconds: that it may take to start.
    """

    def __init__(self, sandboxed: bool, program: str = PROGRAM, seconds: float = START) -> None:
        # /tmp, wherever TMPDIR points: socket paths are at most 107 bytes, and a student's process gets another /tmp
        self.folder = Path(tempfile.mkdtemp(prefix=FOLDER, dir="/tmp"))
        (self.folder / OWNER).write_text(str(os.getpid()))
        self.address = str(self.folder / "preloaded.sock")
        user = sandbox.NOBODY if sandboxed and os.getuid() == 0 else None
        self._sandboxed, self._program, self._seconds = sandboxed, program, seconds
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115  read if the process fails to start
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self.address)
            listener.listen(64)
            settings: dict[str, Any] = {
                "listener": listener.fileno(),
                "isolate": sandboxed,
                "user": user,
                "keep": sandbox.keep(),
            }
            course = current()
            leaks = [name.removesuffix(".*") for name in course.leaks]
            settings |= {"preload": course.preload, "absent": [*course.absent, *leaks], "kept": course.kept}
            settings |= {"native": [*sandbox.NATIVE, *course.native]}
            words = [sys.executable, "-m", program, json.dumps(settings)]
            if user is not None:
                self.folder.chmod(0o711)
            plain = {**os.environ, **sandbox.environment(str(self.folder)), "PYTHONPATH": python_path()}
            self._process = subprocess.Popen(
                sandbox.command(self.folder, words) if sandboxed else words,
                pass_fds=(listener.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                env=None if sandboxed else plain,
            )

    def wait(self) -> None:
        """Wait until it can fork.

        Raises:
            SandboxError: it does not start.
        """
        with self._errors as errors:
            said = self._first_line()
            if said == b"ready\n":
                return
            self.close()
            errors.seek(0)
            last = (errors.read().strip().splitlines() or ["no message"])[-1]
            reason = last if said is not None else f"it was not ready after {self._seconds:g} seconds"
            raise SandboxError(f"the process for students' code does not start: {reason}")

    def _first_line(self) -> bytes | None:
        """What it says first, as far as it gets before it ends; ``None`` if its time is up before that."""
        assert self._process.stdout is not None
        said, end = b"", time.monotonic() + self._seconds
        while not said.endswith(b"\n"):
            if not select.select([self._process.stdout], [], [], max(0.0, end - time.monotonic()))[0]:
                return None
            if not (part := os.read(self._process.stdout.fileno(), 4096)):
                break
            said += part
        return said

    @property
    def ended(self) -> bool:
        """Whether the process is known to have ended; cheap."""
        return self._process.poll() is not None

    def anew(self) -> "Preloaded":
        """Another one like it, which is starting."""
        return Preloaded(self._sandboxed, self._program, self._seconds)

    def end_kernel_of(self, judge: int) -> None:
        """End the kernel that a judge's process has left behind, should it not have ended it."""
        note = _note(self.folder, judge)
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            os.kill(int(note.read_text()), signal.SIGKILL)
            note.unlink()

    def close(self) -> None:
        """End the process, with all kernels in it, and remove its folder."""
        self._process.kill()
        self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Fork:
    """One kernel forked from a preloaded process: the line to it, and the power to end it.

    Args:
        address: of the preloaded process.
        folder: where the kernel's sockets go; the only place outside its scratch folder that it can write to.
        connection_file: in that folder, Jupyter's.
        wanted: what else the request says: see :mod:`autograder.student.fork_server`.

    Raises:
        SandboxError: it was not started.
    """

    def __init__(self, address: str, folder: str, connection_file: str, wanted: dict[str, Any]) -> None:
        self.line = socket.socket(socket.AF_UNIX)
        self.line.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        try:
            self.line.connect(address)
            request = {"folder": folder, "connection_file": connection_file, **wanted}
            self.line.sendall(json.dumps(request).encode() + b"\n")
            self.line.settimeout(START)
            said, attached, *_ = self.line.recvmsg(4096, socket.CMSG_SPACE(CREDENTIALS.size))
            self.line.settimeout(None)
        except OSError as error:
            self.line.close()
            raise SandboxError(f"the preloaded process does not answer: {error}") from None
        if said != b"started\n":
            self.line.close()
            raise SandboxError(said.decode(errors="replace").strip() or KERNEL_ENDED)
        self.pid = CREDENTIALS.unpack(attached[0][2][: CREDENTIALS.size])[0]
        self._handle = os.pidfd_open(self.pid)
        self._note = _note(Path(address).parent, os.getpid())
        self._note.write_text(str(self.pid))

    def send_signal(self, number: int) -> None:
        """Send the kernel's process a signal; nothing happens if it has ended."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._handle, number)

    @property
    def running(self) -> bool:
        """Whether the kernel's process still is there."""
        return not select.select([self._handle], [], [], 0)[0]

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the process's end; give whether it has come."""
        return bool(select.select([self._handle], [], [], seconds)[0])

    def close(self) -> None:
        """End the process and all that it has started."""
        self.send_signal(signal.SIGKILL)
        self.wait(10)
        self._note.unlink(missing_ok=True)
        self.line.close()
        os.close(self._handle)


def answers(address: str, seconds: float = ANSWER) -> bool:
    """Whether the preloaded process at ``address`` still forks kernels.

    Its end is the end of its kernels, and it is the first to go: after an answer, a kernel that was seen dead before
    has died for a reason of its own.
    """
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(seconds)
        try:
            line.connect(address)
            line.sendall(b'{"alive": true}\n')
            return line.recv(16) == b"alive\n"
        except OSError:
            return False


def _note(folder: Path, judge: int) -> Path:
    """Where a judge notes which kernel it has; no kernel sees this file."""
    return folder / f"kernel-of-{judge}"


def remove_leftovers() -> None:
    """Remove the folders of preloaded processes that were killed together with their starter."""
    for folder in Path("/tmp").glob(f"{FOLDER}*"):
        with contextlib.suppress(OSError, ValueError):
            if folder.stat().st_uid == os.getuid() and not Path("/proc", (folder / OWNER).read_text()).exists():
                shutil.rmtree(folder, ignore_errors=True)


def kernel_folder(parent: Path) -> Path:
    """A new folder for one kernel's sockets, which the kernel's user may write into."""
    folder = parent / f"kernel-{secrets.token_hex(8)}"
    folder.mkdir(mode=0o700)
    if os.getuid() == 0:
        os.chown(folder, sandbox.NOBODY, sandbox.NOBODY)
    return folder
