"""Run a student's cells in a kernel of their own, within limits, and collect what they show."""

import asyncio
import select
import signal
import time
from collections.abc import Callable, Collection
from typing import Any

import nbformat
import zmq
from jupyter_client.manager import AsyncKernelManager
from nbformat import NotebookNode
from traitlets import Instance

from autograder.engine.fork_client import SandboxError
from autograder.engine.kernel_outputs import SHOWN, Outputs, error_output
from autograder.engine.processes import hold_more_than, share_a_core, with_descendants
from autograder.engine.provisioner import PreloadedKernelspecs, PreloadedProvisioner
from autograder.student.protocol import WireError
from course.checking.limits import in_line

MIB = 2**20
MEMORY = 4096 * MIB  # of all processes that a student's code has started
MOST_PROCESSES = 16  # beyond them a bomb would take the cores from other students' code
MESSAGE = 8 * MIB  # one message from a kernel
SHOWN_IN_ALL = 4 * MIB  # of a whole submission's outputs that are kept
GRACE = 3.0  # seconds that an interrupted cell has to stop
TOO_MUCH = "(This cell showed more than can be kept.)\n"
POLL = 200  # milliseconds between two looks at the process
EXECUTION = {
    "silent": False,
    "store_history": True,
    "allow_stdin": False,
    "stop_on_error": False,
    "user_expressions": {},
}


class KernelGone(Exception):
    """The student's kernel came to an end; the message says how, in words for its owner."""


class Manager(AsyncKernelManager):
    """Starts a kernel in an event loop, and talks to it without one."""

    context = Instance(zmq.Context)


class Kernel:
    """A kernel forked from the preloaded process at ``address``.

    Args:
        address: of the preloaded process.
        operators: whether it has the ready-made code that a course keeps out of judging.
        blocked: torch's operators in whose place the grader stands there.

    Raises:
        SandboxError: it does not start.
    """

    def __init__(self, address: str, operators: bool = False, blocked: Collection[str] = ()) -> None:
        context = zmq.Context()
        context.setsockopt(zmq.MAXMSGSIZE, MESSAGE)
        context.setsockopt(zmq.RCVHWM, 50)
        context.setsockopt(zmq.LINGER, 0)
        context.setsockopt(zmq.RECONNECT_IVL, 5)  # milliseconds; by default 100, and the kernel is there after 50
        specs = PreloadedKernelspecs(address=address, operators=operators, blocked=list(blocked))
        self._manager = Manager(context=context, kernel_spec_manager=specs)
        self._loop = asyncio.new_event_loop()
        self._channels: list[Any] = []
        try:
            self._do(self._manager.start_kernel())
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
        for channel in (self._iopub, self._shell, self.fork.line):
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
        processes = with_descendants(self.fork.pid)
        if len(processes) > MOST_PROCESSES:
            self.close()
            raise KernelGone(f"your code started more than {MOST_PROCESSES} processes, so it was stopped")
        share_a_core(processes)  # else another student's answer, beside many processes of this one, is out of time
        if hold_more_than(MEMORY, processes):
            self.close()
            raise KernelGone(f"your code took more than {MEMORY // 2**30} GiB of memory, so it was stopped")

    def clock(self) -> float:
        """The time, which stands still while the kernel stands in line for a processor, behind its neighbours."""
        return time.monotonic() - in_line(self.fork.pid)

    def waiting(self) -> None:
        """What to do while the process's answer to a call is awaited.

        Raises:
            WireError: see :meth:`watch`.
        """
        try:
            self.watch()
        except KernelGone as gone:
            raise WireError(str(gone)) from None

    def run(
        self, source: str, seconds: float, room: int = SHOWN, asked: Callable[[], None] | None = None
    ) -> list[NotebookNode]:
        """Run a cell and give its outputs, as far as they fit into ``room`` bytes.

        ``asked`` is called whenever the process asks for something by its line; it raises :class:`WireError` to give
        the process up.

        Raises:
            KernelGone: the process ended on the way, or would not stop after ``seconds``.
        """
        request = self._session.send(self._shell, "execute_request", {"code": source, **EXECUTION})
        wanted = request["header"]["msg_id"]
        outputs = Outputs(min(room, SHOWN))
        end, interrupted, replied, idle = self.clock() + seconds, False, False, False
        look = 0.0
        while not (replied and idle):
            if (now := time.monotonic()) > look:  # also while messages pour in
                self.watch()
                look = now + POLL / 1000
            ready = dict(self._poller.poll(POLL))
            if asked and select.select([self.fork.line], [], [], 0)[0]:
                self._compute(asked)
            for channel in ready:
                if channel == self.fork.line.fileno():
                    continue
                message = self._receive(channel)
                if message is None or message["parent_header"].get("msg_id") != wanted:
                    continue
                if channel is self._shell:
                    replied, end = True, min(end, self.clock() + 2)
                elif message.get("msg_type") == "status":
                    idle = message["content"].get("execution_state") == "idle"
                else:
                    outputs.take(message)
            if self.clock() > end:
                if replied:
                    self._cut_short(outputs)
                    break
                if interrupted:
                    self.close()
                    raise KernelGone(f"a cell took more than {seconds:.0f} seconds and did not stop when interrupted")
                self.fork.send_signal(signal.SIGINT)
                interrupted, end = True, self.clock() + GRACE
        if interrupted:
            outputs.add(error_output("CellTimeoutError", f"this cell took more than {seconds:.0f} seconds"))
        return outputs.cells

    def _cut_short(self, outputs: Outputs) -> None:
        """Leave the rest of a cell's outputs, whose end never came because there were too many."""
        outputs.add(nbformat.v4.new_output("stream", name="stdout", text=TOO_MUCH))
        self._iopub.close(0)
        self._connect()

    def _compute(self, asked: Callable[[], None]) -> None:
        try:
            asked()
        except WireError as error:
            self.fork.wait(1.0)  # where the line ends with the process
            self.watch()
            self.close()
            raise KernelGone(str(error)) from None

    def close(self) -> None:
        """End the kernel and everything that it started; calling this again does no harm."""
        if self._loop.is_closed():
            return
        for channel in self._channels:
            channel.close(0)
        self._do(self._manager.cleanup_resources(restart=False))
        self._manager.context.destroy(0)
        self._loop.close()
