"""Messages between the grader and a student's process: JSON for the structure, safetensors for the tensors, no pickle.

A frame is two lengths (eight bytes, big-endian), a JSON text and a safetensors blob. Either side may be lying, so a
reader believes nothing: lengths have limits, and whatever does not fit raises :class:`WireError`.
How values become JSON and tensors stands in :mod:`autograder.student.serialization`.
"""

import json
import math
import select
import socket
import struct
import time
from collections.abc import Callable
from typing import Any

from safetensors import SafetensorError, TensorSpec, serialize
from safetensors.torch import load
from torch import Tensor

LENGTHS = struct.Struct(">II")
LONGEST_TEXT = 8 * 2**20  # bytes of JSON in one message
LARGEST_BLOB = 256 * 2**20  # bytes of tensors in one message
MOST_TENSORS = 5000  # in one message: to read one takes a tenth of a millisecond, though it be empty
LONGEST_ENTRY = 256  # bytes that the description of a tensor may take
PATIENCE = 0.2  # seconds between two looks at the other side's process


class WireError(Exception):
    """The other side broke off, or sent something that is no message."""


class Connection:
    """One end of a stream socket, for whole messages; ``clock`` tells the time that the other side has for them."""

    def __init__(self, end: socket.socket, clock: Callable[[], float] = time.monotonic) -> None:
        self.socket = end
        self.clock = clock

    def send(self, message: dict[str, Any], tensors: list[Tensor] | None = None) -> None:
        """Send a message and the tensors that it speaks of by their numbers.

        Raises:
            WireError: it is too large, or nobody listens.
        """
        try:
            text = json.dumps(message).encode()
        except (TypeError, ValueError, RecursionError) as error:  # a whole number of 5,000 digits is one
            raise WireError(f"it cannot be written down ({error})") from None
        blob = _blob(tensors) if tensors else b""
        if len(text) > LONGEST_TEXT or len(blob) > LARGEST_BLOB:
            raise WireError(f"{(len(text) + len(blob)) / 2**20:.0f} MiB is too much for one message")
        try:
            self.socket.sendall(LENGTHS.pack(len(text), len(blob)) + text + blob)
        except OSError as error:
            raise WireError(f"cannot be reached: {error}") from None

    def receive(
        self, waiting: Callable[[], None] = lambda: None, seconds: float = math.inf
    ) -> tuple[dict[str, Any], list[Tensor]]:
        """The next message; ``waiting`` is called every :data:`PATIENCE` seconds meanwhile, and may raise.

        Raises:
            WireError: the other side is gone, this is no message, or it is not there whole after ``seconds``.
        """
        end = self.clock() + seconds
        text_length, blob_length = LENGTHS.unpack(self._exactly(LENGTHS.size, waiting, end))
        if text_length > LONGEST_TEXT or blob_length > LARGEST_BLOB:
            raise WireError("a message that is too large")
        both = self._exactly(text_length + blob_length, waiting, end)
        text, blob = both[:text_length], both[text_length:]
        try:
            message = json.loads(text)
            named = counted_tensors(blob) if blob else {}
            tensors = [named[str(number)] for number in range(len(named))]
        except (ValueError, KeyError, RecursionError, SafetensorError, RuntimeError, TypeError) as error:
            raise WireError(f"no message: {type(error).__name__}") from None
        if not isinstance(message, dict):
            raise WireError("no message: expected a JSON object")
        return message, tensors

    def _exactly(self, count: int, waiting: Callable[[], None], end: float) -> bytes:
        parts = bytearray()
        look = time.monotonic() + PATIENCE
        while len(parts) < count:
            ready = select.select([self.socket], [], [], PATIENCE)[0]
            if (now := time.monotonic()) > look:  # also while bytes trickle in
                look = now + PATIENCE
                waiting()
            if self.clock() > end:
                raise WireError("no whole answer in time")
            if not ready:
                continue
            try:
                part = self.socket.recv(min(count - len(parts), 2**20))
            except OSError as error:
                raise WireError(f"cannot be reached: {error}") from None
            if not part:
                raise WireError("the process is gone")
            parts += part
        return bytes(parts)


def _blob(tensors: list[Tensor]) -> bytes:
    """Contiguous tensors of the CPU by number, in the format of safetensors.

    ``safetensors.torch.save`` takes ten times as long: it goes through NumPy, and looks for tensors in the same memory,
    which here may be.
    """
    specs = {
        str(number): TensorSpec(
            dtype=str(tensor.dtype).removeprefix("torch."),
            shape=tensor.shape,
            data_ptr=tensor.data_ptr() or 1,  # an empty tensor has no address, and Rust wants one even for no bytes
            data_len=tensor.nbytes,
        )
        for number, tensor in enumerate(tensors)
    }
    return bytes(serialize(specs))


def counted_tensors(blob: bytes) -> dict[str, Tensor]:
    """The tensors of a blob of safetensors, which are counted before any is read.

    Raises:
        WireError: there are more than :data:`MOST_TENSORS`.
        ValueError, SafetensorError: it is no such blob.
    """
    length = int.from_bytes(blob[:8], "little")
    if length > MOST_TENSORS * LONGEST_ENTRY or len(json.loads(blob[8 : 8 + length])) > MOST_TENSORS:
        raise WireError(f"a message of more than {MOST_TENSORS:,} tensors")
    return load(blob)
