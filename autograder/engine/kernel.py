"""Run a student's cells in a kernel of their own, within limits, and collect what they show."""

import asyncio
import json
import signal
import time
from typing import Any

import nbformat
import zmq
from jupyter_client.manager import KernelManager
from nbformat import NotebookNode

from autograder.engine.preloaded import SandboxError, hold_more_than
from autograder.engine.provisioner import PreloadedProvisioner, kernelspec
from autograder.student.wire import WireError

MIB = 2**20
MEMORY = 4096 * MIB  # of all processes that a student's code has started
MOST_PROCESSES = 16  # beyond them a bomb would take the cores from other students' code
MESSAGE = 8 * MIB  # one message from a kernel
SHOWN = MIB // 2  # of one cell's output that is kept
SHOWN_IN_ALL = 4 * MIB  # of a whole submission's
GRACE = 3.0  # seconds that an interrupted cell has to stop
PICTURES = ("image/png", "image/jpeg")
TOO_MUCH = "(This cell showed more than can be kept.)\n"
POLL = 200  # milliseconds between two looks at the process


class KernelGone(Exception):
    """The student's kernel came to an end; the message says how, in words for its owner."""


class Kernel:
    """A kernel forked from the preloaded process at ``address``.

    Raises:
        SandboxError: it does not start.
    """

    def __init__(self, address: str) -> None:
        context = zmq.Context()
        context.setsockopt(zmq.MAXMSGSIZE, MESSAGE)
        context.setsockopt(zmq.RCVHWM, 50)
        context.setsockopt(zmq.LINGER, 0)
        context.setsockopt(zmq.RECONNECT_IVL, 5)  # milliseconds; by default 100, and the kernel is there after 50
        self._manager = KernelManager(context=context)
        self._manager._kernel_spec = kernelspec(address)
        self._loop = asyncio.new_event_loop()
        self._channels: list[Any] = []
        try:
            self._do(self._manager._async_start_kernel())
            provisioner = self._manager.provisioner
            if not isinstance(provisioner, PreloadedProvisioner) or provisioner.fork is None:
                raise SandboxError("no kernel was started")
            self.fork = provisioner.fork
            self._session = self._manager.session
            self._shell = self._opened(self._manager.connect_shell())
            self._connect()
        except BaseException:
            self.close()  # a context that is collected with open sockets waits for them for ever
            raise

    def _do(self, task: Any) -> Any:
        return self._loop.run_until_complete(task)

    def _opened(self, channel: Any) -> Any:
        self._channels.append(channel)
        return channel

    def _connect(self, seconds: float = 60.0) -> None:
        """Subscribe to the kernel's outputs, which takes a moment: what is published before is lost."""
        self._iopub = self._opened(self._manager.connect_iopub())
        self._poller = zmq.Poller()
        for channel in (self._iopub, self._shell):
            self._poller.register(channel, zmq.POLLIN)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._session.send(self._shell, "kernel_info_request")
            if self._iopub.poll(50):
                self._receive(self._iopub)
                return
            if not self.fork.running:
                break
        # none of the student's code has run: whoever can't start it is to blame, and grades again
        raise SandboxError("a kernel was forked, and does not answer")

    def _receive(self, channel: Any) -> dict[str, Any] | None:
        """The next message, or ``None`` where it is none: a student's code can write whatever it likes."""
        try:
            _, message = self._session.recv(channel, zmq.NOBLOCK)
        except Exception:
            return None
        parts = (message.get(part) for part in ("header", "parent_header", "content"))
        return message if all(isinstance(part, dict) for part in parts) else None

    def watch(self) -> None:
        """Look at the process.

        Raises:
            KernelGone: it has ended, or was ended because it took too much memory or too many processes.
        """
        if not self.fork.running:
            raise KernelGone("the process with your code ended: it crashed, was killed, or ended itself")
        processes = self.fork.processes()
        if len(processes) > MOST_PROCESSES:
            self.close()
            raise KernelGone(f"your code started more than {MOST_PROCESSES} processes, so it was stopped")
        if hold_more_than(MEMORY, processes):
            self.close()
            raise KernelGone(f"your code took more than {MEMORY // 2**30} GiB of memory, so it was stopped")

    def waiting(self) -> None:
        """What to do while the process's answer to a call is awaited.

        Raises:
            WireError: see :meth:`watch`.
        """
        try:
            self.watch()
        except KernelGone as gone:
            raise WireError(str(gone)) from None

    def run(self, source: str, seconds: float, room: int = SHOWN) -> list[NotebookNode]:
        """Run a cell and give its outputs, as far as they fit into ``room`` bytes.

        Raises:
            KernelGone: the process ended on the way, or would not stop after ``seconds``.
        """
        content = {"code": source, "silent": False, "store_history": True, "allow_stdin": False, "stop_on_error": False}
        request = self._session.send(self._shell, "execute_request", {**content, "user_expressions": {}})
        wanted = request["header"]["msg_id"]
        outputs = Outputs(min(room, SHOWN))
        end, interrupted, replied, idle = time.monotonic() + seconds, False, False, False
        look = 0.0
        while not (replied and idle):
            if (now := time.monotonic()) > look:  # also while messages pour in
                self.watch()
                look = now + POLL / 1000
            ready = dict(self._poller.poll(POLL))
            for channel in ready:
                message = self._receive(channel)
                if message is None or message["parent_header"].get("msg_id") != wanted:
                    continue
                if channel is self._shell:
                    replied, end = True, min(end, time.monotonic() + 2)
                elif message.get("msg_type") == "status":
                    idle = message["content"].get("execution_state") == "idle"
                else:
                    outputs.take(message)
            if time.monotonic() > end:
                if replied:  # the end of the outputs never came, because there were too many
                    outputs.add(nbformat.v4.new_output("stream", name="stdout", text=TOO_MUCH))
                    self._iopub.close(0)
                    self._connect()
                    break
                if interrupted:
                    self.close()
                    raise KernelGone(f"a cell took more than {seconds:.0f} seconds and did not stop when interrupted")
                self.fork.send_signal(signal.SIGINT)
                interrupted, end = True, time.monotonic() + GRACE
        if interrupted:
            outputs.add(error_output("CellTimeoutError", f"this cell took more than {seconds:.0f} seconds"))
        return outputs.cells

    def close(self) -> None:
        """End the kernel and everything that it started; calling this again does no harm."""
        if self._loop.is_closed():
            return
        for channel in self._channels:
            channel.close(0)
        self._do(self._manager._async_cleanup_resources(restart=False))
        self._manager.context.destroy(0)
        self._loop.close()


class Outputs:
    """The outputs of one cell as a notebook keeps them: text and pictures, within ``room`` bytes.

    HTML and scripts of a student would run in the browser of whoever looks at the submission; their text form stays.
    """

    def __init__(self, room: int) -> None:
        self.cells: list[NotebookNode] = []
        self._left = room

    def take(self, message: dict[str, Any]) -> None:
        """Add the output that a message tells of, if it does."""
        kind, content = message.get("msg_type"), message["content"]
        if kind == "clear_output":
            self.cells.clear()
        elif kind == "stream":
            name = "stderr" if content.get("name") == "stderr" else "stdout"
            self._stream(name, str(content.get("text", "")))
        elif kind in ("display_data", "execute_result"):
            data = content.get("data")
            self.add(nbformat.v4.new_output("display_data", data=_harmless(data if isinstance(data, dict) else {})))
        elif kind == "error":
            self.add(
                error_output(
                    str(content.get("ename"))[:200], str(content.get("evalue"))[:2000], content.get("traceback")
                )
            )

    def add(self, output: NotebookNode) -> None:
        """Add an output if there is room."""
        size = len(json.dumps(output))
        if size <= self._left:
            self._left -= size
            self.cells.append(output)

    def _stream(self, name: str, text: str) -> None:
        text = text[: self._left]
        self._left -= len(text)
        last = self.cells[-1] if self.cells else None
        if last is not None and last.output_type == "stream" and last.name == name:
            last.text += text
        elif text:
            self.cells.append(nbformat.v4.new_output("stream", name=name, text=text))


def _harmless(data: dict[str, Any]) -> dict[str, str]:
    kept = {kind: data[kind] for kind in PICTURES if isinstance(data.get(kind), str) and data[kind].isascii()}
    return {"text/plain": str(data.get("text/plain", ""))[:20000], **kept}


def error_output(name: str, value: str, trace: Any = None) -> NotebookNode:
    """An error as a cell shows it, within limits; without lines of a traceback its name and text stand there."""
    lines = [str(line)[:2000] for line in trace[:60]] if isinstance(trace, list) else [f"{name}: {value}"]
    return nbformat.v4.new_output("error", ename=name, evalue=value, traceback=lines)
