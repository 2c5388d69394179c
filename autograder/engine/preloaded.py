"""Start the preloaded process, and have it fork kernels."""

import contextlib
import ctypes
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
from pathlib import Path

from autograder.engine import sandbox

START = 120  # seconds for the imports, on a busy machine
PARENT_DEATH = 1  # prctl's number
SCM_CREDENTIALS, CREDENTIALS = 2, struct.Struct("3i")
FOLDER, OWNER = "rcnn-", "owner"
PROGRAM = "autograder.student.preloaded"


class SandboxError(Exception):
    """Students' code cannot be run; the message says why."""


class Preloaded:
    """A preloaded process that is starting or running, see :mod:`autograder.student.preloaded`.

    Args:
        sandboxed: run it in bubblewrap, and each kernel in namespaces of its own.
    """

    def __init__(self, sandboxed: bool) -> None:
        # /tmp, wherever TMPDIR points: socket paths are at most 107 bytes, and a student's process gets another /tmp
        self.folder = Path(tempfile.mkdtemp(prefix=FOLDER, dir="/tmp"))
        (self.folder / OWNER).write_text(str(os.getpid()))
        self.address = str(self.folder / "preloaded.sock")
        user = sandbox.NOBODY if sandboxed and os.getuid() == 0 else None
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115  read if the process fails to start
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self.address)
            listener.listen(64)
            settings = {"listener": listener.fileno(), "isolate": sandboxed, "user": user, "keep": sandbox.keep()}
            program = [sys.executable, "-m", PROGRAM, json.dumps(settings)]
            if user is not None:
                self.folder.chmod(0o711)
            plain = {**os.environ, **sandbox.environment(str(self.folder)), "PYTHONPATH": str(sandbox.ROOT)}
            self._process = subprocess.Popen(
                sandbox.command(self.folder, program) if sandboxed else program,
                pass_fds=(listener.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                env=None if sandboxed else plain,
                text=True,
            )

    def wait(self) -> None:
        """Wait until it can fork.

        Raises:
            SandboxError: it does not start.
        """
        with self._errors as errors:
            if self._process.stdout is None or self._process.stdout.readline() != "ready\n":
                self._process.wait(START)
                errors.seek(0)
                last = (errors.read().strip().splitlines() or ["no message"])[-1]
                self.close()
                raise SandboxError(f"the process for students' code does not start: {last}")

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

    Raises:
        SandboxError: it was not started.
    """

    def __init__(self, address: str, folder: str, connection_file: str) -> None:
        self.line = socket.socket(socket.AF_UNIX)
        self.line.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        try:
            self.line.connect(address)
            self.line.sendall(json.dumps({"folder": folder, "connection_file": connection_file}).encode() + b"\n")
            self.line.settimeout(START)
            said, attached, *_ = self.line.recvmsg(4096, socket.CMSG_SPACE(CREDENTIALS.size))
            self.line.settimeout(None)
        except OSError as error:
            self.line.close()
            raise SandboxError(f"the preloaded process does not answer: {error}") from None
        if said != b"started\n":
            self.line.close()
            raise SandboxError(said.decode(errors="replace").strip() or "a kernel could not be started")
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

    def processes(self) -> list[int]:
        """The kernel's process and all that came of it, as far as they live."""
        found = [self.pid]
        for pid in found:  # grows on the way
            with contextlib.suppress(OSError, ValueError):
                for task in os.listdir(f"/proc/{pid}/task"):
                    found += map(int, Path(f"/proc/{pid}/task/{task}/children").read_text().split())
        return found

    def close(self) -> None:
        """End the process and all that it has started."""
        self.send_signal(signal.SIGKILL)
        self.wait(10)
        self._note.unlink(missing_ok=True)
        self.line.close()
        os.close(self._handle)


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


def end_with_parent() -> None:
    """Have the system end this process when the one that started it is gone, however it went."""
    ctypes.CDLL(None).prctl(PARENT_DEATH, signal.SIGKILL, 0, 0, 0)
