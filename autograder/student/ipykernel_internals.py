"""What is used of ipykernel and IPython inside: all of it stands here, and tests/test_internals.py asks for each."""

import sys
from typing import Any

# what a kernel imports as it starts: a forked one has it already
IMPORTED = (
    "pdb",
    "tornado.platform.asyncio",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "ipykernel.debugger",
    "ipykernel.kernelapp",
    "IPython.core.completer",
    "matplotlib_inline.backend_inline",
)


def without_debugger() -> None:
    """Have kernels start without ``debugpy``: each would get ready to be debugged, for 0.1 s."""
    sys.modules["debugpy"] = None  # type: ignore[assignment]


def kernel(connection_file: str) -> Any:
    """A stock IPython kernel's application with its sockets open; ``start()`` runs it."""
    from ipykernel.kernelapp import IPKernelApp

    app = IPKernelApp.instance()
    app.initialize(["-f", connection_file, "--HistoryManager.enabled=False", "--IPKernelApp.quiet=True"])
    shell: Any = app.shell
    shell.ask_exit = lambda: None  # a stray exit() would end the process, and again whenever its cells are run again
    return app
