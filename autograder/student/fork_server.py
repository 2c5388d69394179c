"""A process that has imported what every student needs, and forks a Jupyter kernel whenever the grader asks for one.

Run as ``python -m autograder.student.fork_server``, mostly inside bubblewrap. A request is one line of JSON; the
connection that it came by stays open as the new kernel's line to the grader. It names the kernel's ``folder`` and
``connection_file``, torch's operators that are ``blocked`` in it, and whether it has the course's ready-made
``operators``, which the preloaded process itself has not.
"""

import contextlib
import gc
import importlib
import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.student import ipykernel_internals

if TYPE_CHECKING:
    from autograder.student.absent import Finder

# what a kernel imports as it starts, and what answering the grader needs
IMPORTED = (
    *ipykernel_internals.IMPORTED,
    "torch.func",
    "autograder.student.request_handler",
    "autograder.student.tamper_guard",
    "autograder.student.isolation",
    "autograder.student.dispatcher",
)


def main() -> None:
    """Import, say so on standard output, and fork a kernel for each request until the grader hangs up.

    The settings on the command line say, beside what keeps students apart, what the course has its notebooks import.
    """
    settings = json.loads(sys.argv[1])
    if settings["user"] is not None:
        from autograder.student.isolation import become

        become(settings["user"])
    absent = _preload(settings)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the children
    listener = socket.socket(fileno=settings["listener"])
    print("ready", flush=True)
    while True:
        connection, _ = listener.accept()
        with connection:
            if (request := _request(connection)) and _forked(connection):
                listener.close()
                _become_kernel(connection, request, settings, absent)


def _request(connection: socket.socket) -> dict[str, Any] | None:
    """What is asked for, if it is a kernel; nothing that a dying grader has sent ends this process."""
    with contextlib.suppress(OSError, ValueError):
        request = dict(json.loads(_line(connection)))
        if "alive" not in request:
            return request
        connection.sendall(b"alive\n")
    return None


def _forked(connection: socket.socket) -> bool:
    """Fork; whether this is the new process. Where there is none, the grader is told why."""
    try:
        return not os.fork()
    except OSError as error:
        with contextlib.suppress(OSError):
            connection.sendall(f"{error}\n".encode())
        return False


def _become_kernel(
    connection: socket.socket, request: dict[str, Any], settings: dict[str, Any], absent: "Finder"
) -> None:
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        seal: Callable[[], None] = lambda: None  # noqa: E731
        if settings["isolate"]:
            from autograder.student.isolation import isolate

            seal = isolate(Path(request["folder"]), settings["keep"], () if request["operators"] else absent.hidden())
        else:
            os.setsid()
            os.chdir(request["folder"])
        nothing = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nothing, descriptor)
        connection.sendall(b"started\n")  # the grader reads the sender's process number from this message
    except OSError as error:
        with contextlib.suppress(OSError):
            connection.sendall(f"{error}\n".encode())
        os._exit(1)
    try:
        if request["operators"]:
            from autograder.student.slim_imports import leave_out

            absent.remove()
            leave_out()
        if request["blocked"]:
            from autograder.student.dispatcher import block

            block(request["blocked"])
        _kernel(request["connection_file"], connection, seal)
    finally:
        os._exit(0)


def _kernel(connection_file: str, line: socket.socket, seal: Callable[[], None]) -> None:
    """Run a stock IPython kernel; whenever nothing runs in it, the grader's calls are answered on its main thread.

    ``seal`` is called once its sockets are there.
    """
    from tornado.ioloop import IOLoop

    from autograder.student.protocol import LENGTHS, Connection
    from autograder.student.request_handler import Answering
    from autograder.student.tamper_guard import hold

    app = ipykernel_internals.kernel(connection_file)
    seal()
    replaced = hold()
    answering = Answering(Connection(line), app.shell.user_ns)
    loop = IOLoop.current()

    def answer(*_: Any) -> None:
        if name := replaced():  # whatever it would answer could be a lie
            text = f'{{"replaced": "{name}"}}'.encode()
            line.sendall(LENGTHS.pack(len(text), 0) + text)
        elif answering.serve():
            return
        os._exit(0)

    loop.add_handler(line.fileno(), answer, loop.READ)
    app.start()


def _line(connection: socket.socket) -> bytes:
    """The request, which ends with its line."""
    text = b""
    while not text.endswith(b"\n") and (part := connection.recv(65536)):
        text += part
    return text


def refuse_threads() -> None:
    """End this process if it has more than one thread, before it forks.

    Raises:
        SystemExit: it has.
    """
    if os.path.isdir("/proc/self/task") and len(os.listdir("/proc/self/task")) > 1:
        raise SystemExit("an import has started a thread: what is forked now may wait for its locks for ever")


def _preload(settings: dict[str, Any]) -> "Finder":
    """Import without starting a thread: a fork takes only the one that forks along. Gives what has stand-ins."""
    ipykernel_internals.without_debugger()
    from autograder.student.slim_imports import without_grammars

    gc.disable()  # while importing it would take a tenth of the time, and find next to nothing
    without_grammars()
    for name in IMPORTED:
        importlib.import_module(name)
    from autograder.student.absent import Finder

    absent = Finder(settings["absent"], settings["kept"], settings["native"])
    absent.install()
    for name in settings["preload"]:
        importlib.import_module(name)
    fake_cuda = importlib.import_module("autograder.student.fake_cuda")
    fake_cuda.verify()  # before anybody is graded
    refuse_threads()
    gc.freeze()  # memory that all kernels share stays shared
    gc.enable()
    return absent


if __name__ == "__main__":
    main()
