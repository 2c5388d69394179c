"""Messages between the grader and a student's process: what is too much is refused before it is read."""

import json
import socket
from collections.abc import Callable, Iterator

import pytest
import torch
from student_process import student_process

from autograder.student.protocol import LARGEST_BLOB, LENGTHS, LONGEST_ENTRY, MOST_TENSORS, Connection, WireError
from autograder.student.serialization import Writer
from course.checking.calling import StoppedElsewhere


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


def zeros(parts: int, size: int) -> list[torch.Tensor]:
    """An answer of any size."""
    return [torch.zeros(size, dtype=torch.uint8) for _ in range(parts)]


class Unruly(list):
    """A list that refuses to be looked at."""

    def __iter__(self) -> Iterator:
        raise LookupError("no one looks in here")


def answers() -> dict[str, Callable]:
    """The student's functions."""
    return {"zeros": zeros, "unruly": lambda: Unruly([1])}


def test_an_answer_that_cannot_be_handed_over_costs_itself_alone() -> None:
    """What comes after it is answered by the same process."""
    with student_process(answers) as process:
        for parts, size in [(1, LARGEST_BLOB + 1), (3, LARGEST_BLOB // 2)]:
            with pytest.raises(StoppedElsewhere, match=r"the answer cannot be handed over: .* too (large|much)"):
                process.call("zeros", (parts, size), {})
        with pytest.raises(StoppedElsewhere, match="no one looks in here"):
            process.call("unruly", (), {})
        assert [len(part) for part in process.call("zeros", (2, 3), {})] == [3, 3]
        assert not process.gone
