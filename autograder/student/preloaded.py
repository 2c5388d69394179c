"""A process that has imported what every student needs, and forks a Jupyter kernel whenever the grader asks for one.

Run as ``python -m autograder.student.preloaded``, mostly inside bubblewrap. A request is one line of JSON; the
connection that it came by stays open as the new kernel's line to the grader.
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
from typing import Any

# what a kernel imports as it starts, what notebooks import, and what answering the grader needs
IMPORTED = (
    "pdb",
    "tornado.platform.asyncio",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "ipykernel.debugger",
    "ipykernel.kernelapp",
    "ipykernel.pylab.backend_inline",
    "IPython.core.completer",
    "matplotlib.pyplot",
    "matplotlib_inline.backend_inline",
    "ipywidgets",
    "torch.func",
    "torchvision.models.detection",
    "autograder.student.answering",
    "autograder.student.holding",
    "autograder.student.isolation",
    "course.checks",
    "course.draw",
    "course.explore",
    "course.library",
    "course.pipeline",
    "course.scenes",
    "course.setup",
    "course.training",
)


def main() -> None:
    """Import, say so on standard output, and fork a kernel for each request until the grader hangs up."""
    settings = json.loads(sys.argv[1])
    if settings["user"] is not None:
        from autograder.student.isolation import become

        become(settings["user"])
    _preload()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the children
    listener = socket.socket(fileno=settings["listener"])
    print("ready", flush=True)
    while True:
        connection, _ = listener.accept()
        request = json.loads(_line(connection))
        if os.fork():
            connection.close()
            continue
        listener.close()
        _become_kernel(connection, request, settings)


def _become_kernel(connection: socket.socket, request: dict[str, Any], settings: dict[str, Any]) -> None:
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        seal: Callable[[], None] = lambda: None  # noqa: E731
        if settings["isolate"]:
            from autograder.student.isolation import isolate

            seal = isolate(Path(request["folder"]), settings["keep"])
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
        _kernel(request["connection_file"], connection, seal)
    finally:
        os._exit(0)


def _kernel(connection_file: str, line: socket.socket, seal: Callable[[], None]) -> None:
    """Run a stock IPython kernel; whenever nothing runs in it, the grader's calls are answered on its main thread.

    ``seal`` is called once its sockets are there.
    """
    from ipykernel.kernelapp import IPKernelApp
    from tornado.ioloop import IOLoop

    from autograder.student.answering import Answering
    from autograder.student.holding import hold
    from autograder.student.wire import LENGTHS, Connection

    app = IPKernelApp.instance()
    app.initialize(["-f", connection_file, "--HistoryManager.enabled=False", "--IPKernelApp.quiet=True"])
    seal()
    replaced = hold()
    shell: Any = app.shell
    shell.ask_exit = lambda: None  # a stray exit() would end the process, and again whenever its cells are run again
    answering = Answering(Connection(line), shell.user_ns)
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
    return text or b"{}"


def refuse_threads() -> None:
    """End this process if it has more than one thread, before it forks.

    Raises:
        SystemExit: it has.
    """
    if os.path.isdir("/proc/self/task") and len(os.listdir("/proc/self/task")) > 1:
        raise SystemExit("an import has started a thread: what is forked now may wait for its locks for ever")


def _preload() -> None:
    """Import without starting a thread: a fork takes only the one that forks along."""
    sys.modules["debugpy"] = None  # type: ignore[assignment]  # each kernel would get ready to be debugged, for 0.1 s
    from autograder.student.lean import leave_out

    gc.disable()  # while importing it would take a tenth of the time, and find next to nothing
    leave_out()
    for name in IMPORTED:
        importlib.import_module(name)
    refuse_threads()
    gc.freeze()  # memory that all kernels share stays shared
    gc.enable()


if __name__ == "__main__":
    main()
