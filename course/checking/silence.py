"""Keep what a student's code prints, warns and logs from doing harm, and the last of it for its author."""

import contextlib
import io
import logging
import os
import sys
import warnings
from collections.abc import Iterator

KEPT = 4_000  # characters of what was printed


class Tail(io.TextIOBase):
    """A text stream that keeps the last :data:`KEPT` characters."""

    def __init__(self) -> None:
        self._text = ""

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, text: str) -> int:
        """Take a text, however long."""
        self._text = (self._text + text[-KEPT:])[-KEPT:]
        return len(text)

    def lines(self, most: int) -> tuple[str, ...]:
        """The last lines, at most ``most`` of them, without empty ones."""
        return tuple([line.rstrip() for line in self._text.splitlines() if line.strip()][-most:])


@contextlib.contextmanager
def quiet(heard: Tail | None = None) -> Iterator[None]:
    """Drop warnings, logging and all that is written to standard output or error, also by compiled code.

    nbgrader gives 0 to a graded cell that writes anything to standard error, however right the answer. What Python
    prints to standard output goes to ``heard``, if that is given.
    """
    before = logging.root.manager.disable
    with open(os.devnull, "w") as sink, warnings.catch_warnings(), _descriptors_to(sink.fileno()):
        warnings.simplefilter("ignore")
        if before < logging.CRITICAL:  # it is slow: each time all loggers forget what they knew
            logging.disable(logging.CRITICAL)
        try:
            with contextlib.redirect_stdout(heard or sink), contextlib.redirect_stderr(sink):
                yield
        finally:
            if before < logging.CRITICAL:
                logging.disable(before)


@contextlib.contextmanager
def _descriptors_to(target: int) -> Iterator[None]:
    """Point file descriptors 1 and 2 at ``target`` for a while (C++ warnings of torch bypass ``sys.stderr``)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # Jupyter's own streams never write to the descriptors
            with contextlib.suppress(Exception):  # a student may have put anything in their place
                stream.flush()
    saved = [os.dup(1), os.dup(2)]
    try:
        os.dup2(target, 1)
        os.dup2(target, 2)
        yield
    finally:
        for descriptor, copy in enumerate(saved, start=1):
            os.dup2(copy, descriptor)
            os.close(copy)
