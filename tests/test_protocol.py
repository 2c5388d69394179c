"""Messages between the grader and a student's process: what is too much is refused before it is read."""

import json
import socket
from collections.abc import Iterator

import pytest
import torch

from autograder.student.protocol import LENGTHS, LONGEST_ENTRY, MOST_TENSORS, Connection, WireError
from autograder.student.serialization import Writer


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, Connection]]:
    """A student's end, which may send anything, and the grader's."""
    theirs, ours = socket.socketpair()
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**22)
    with theirs, ours:
        yield theirs, Connection(ours)


def blob(count: int) -> bytes:
    """So many empty tensors, as safetensors writes them."""
    header = {str(number): {"dtype": "U8", "shape": [0], "data_offsets": [0, 0]} for number in range(count)}
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text


def sent(theirs: socket.socket, tensors: bytes) -> None:
    theirs.sendall(LENGTHS.pack(2, len(tensors)) + b"{}" + tensors)


def test_as_many_tensors_as_are_allowed_arrive(ends: tuple[socket.socket, Connection]) -> None:
    sent(ends[0], blob(MOST_TENSORS))
    _, tensors = ends[1].receive(seconds=60)
    assert len(tensors) == MOST_TENSORS


@pytest.mark.parametrize(
    "tensors",
    [
        blob(MOST_TENSORS + 1),
        (MOST_TENSORS * LONGEST_ENTRY + 1).to_bytes(8, "little") + b"{}",  # refused by the length that it claims
        (2**64 - 1).to_bytes(8, "little") + b"{}",
    ],
    ids=["one too many", "a long description", "an endless one"],
)
def test_more_are_refused_by_their_number(tensors: bytes, ends: tuple[socket.socket, Connection]) -> None:
    sent(ends[0], tensors)
    with pytest.raises(WireError, match=f"more than {MOST_TENSORS:,} tensors"):
        ends[1].receive(seconds=60)


@pytest.mark.parametrize("tensors", [b"{}", b"\x05", b"\x03\0\0\0\0\0\0\0[1]", b"\x03\0\0\0\0\0\0\0\xff\xff\xff"])
def test_what_is_no_blob_of_tensors_is_no_message(tensors: bytes, ends: tuple[socket.socket, Connection]) -> None:
    sent(ends[0], tensors)
    with pytest.raises(WireError, match="no message"):
        ends[1].receive(seconds=60)


def test_who_answers_with_more_is_told_so() -> None:
    with pytest.raises(WireError, match=f"more than {MOST_TENSORS:,} tensors"):
        Writer().value([torch.zeros(0) for _ in range(MOST_TENSORS + 1)])
