"""A Jupyter kernel provisioner whose kernels are forked from a preloaded process: torch is there at once.

Any Jupyter tool can use it: name ``rcnn-preloaded`` as ``kernel_provisioner`` in a kernelspec's metadata. Without an
``address`` it starts a preloaded process of its own, sandboxed where that is possible.
"""

import atexit
import functools
import os
import shutil
import signal
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.provisioning.provisioner_base import KernelProvisionerBase
from traitlets import Bool, List, Unicode

from autograder.engine import sandbox
from autograder.engine.fork_client import Fork, Preloaded, kernel_folder

NAME = "rcnn-preloaded"


def kernelspec(address: str = "", **config: Any) -> KernelSpec:
    """A Python kernelspec that uses this provisioner with the preloaded process at ``address``."""
    provisioner = {"provisioner_name": NAME, "config": {"address": address, **config}}
    return KernelSpec(
        argv=["-f", "{connection_file}"],
        display_name="Python 3 (preloaded)",
        language="python",
        metadata={"kernel_provisioner": provisioner},
    )


class PreloadedKernelspecs(KernelSpecManager):
    """What gives a kernel manager this kernelspec, whatever name it asks for; nothing needs to be installed."""

    address = Unicode("", help="See PreloadedProvisioner.")
    operators = Bool(True, help="See PreloadedProvisioner.")
    blocked = List(Unicode(), help="See PreloadedProvisioner.")

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """The kernelspec."""
        return kernelspec(self.address, operators=self.operators, blocked=self.blocked)


@functools.cache
def _shared() -> Preloaded:
    preloaded = Preloaded(sandboxed=not sandbox.lacking())
    atexit.register(preloaded.close)
    preloaded.wait()
    return preloaded


class PreloadedProvisioner(KernelProvisionerBase):
    """One kernel forked from a preloaded process; it talks to its manager over Unix sockets."""

    address = Unicode("", help="The preloaded process's socket; by default one is started.").tag(config=True)
    operators = Bool(
        True, help="Whether the kernel has a course's ready-made code; else its line is asked for it."
    ).tag(config=True)
    blocked = List(Unicode(), help="torch's operators that the kernel's line is asked for.").tag(config=True)

    fork: Fork | None = None
    _folder: Path | None = None

    @property
    def has_process(self) -> bool:
        """Whether a kernel was started."""
        return self.fork is not None

    async def poll(self) -> int | None:
        """``None`` while the kernel runs, else 0: how it ended is not known."""
        return None if self.fork and self.fork.running else 0

    async def wait(self) -> int | None:
        """Wait for the kernel's end."""
        if self.fork:
            self.fork.wait()
        return 0

    async def send_signal(self, signum: int) -> None:
        """Send the kernel a signal."""
        if self.fork:
            self.fork.send_signal(signum)

    async def kill(self, restart: bool = False) -> None:
        """End the kernel and all that it started."""
        await self.send_signal(signal.SIGKILL)

    async def terminate(self, restart: bool = False) -> None:
        """End the kernel as :meth:`kill` does: the first process of a namespace ignores anything less."""
        await self.kill(restart)

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Choose Unix sockets in a folder of the kernel's own, and write the connection file there."""
        address = self.address or _shared().address
        self._folder = kernel_folder(Path(address).parent)
        manager: Any = self.parent
        manager.transport, manager.ip = "ipc", str(self._folder / "kernel")
        manager.connection_file = str(self._folder / "kernel.json")
        manager.write_connection_file()
        if os.getuid() == 0:
            os.chown(manager.connection_file, sandbox.NOBODY, sandbox.NOBODY)
        kwargs = await super().pre_launch(cmd=["preloaded"], **kwargs)
        return {**kwargs, "address": address, "connection_file": manager.connection_file}

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork a kernel."""
        wanted = {"operators": self.operators, "blocked": self.blocked}
        self.fork = Fork(kwargs["address"], str(self._folder), kwargs["connection_file"], wanted)
        manager: Any = self.parent
        self.connection_info = manager.get_connection_info()
        return self.connection_info

    async def cleanup(self, restart: bool = False) -> None:
        """Close the line to the kernel, which ends it, and remove its folder."""
        if self.fork:
            self.fork.close()
            self.fork = None
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
