"""Random states as a student's process gets them: unrelated to the grader's own.

The grader's states tell the seed (:func:`torch.initial_seed`), and with it every hidden input. Equal states here are
equal states there, so two calls with the same seed still agree; what is drawn there moves the state on here, in a way
that depends on nothing else.
"""

import functools
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Generator, Tensor, nn

from autograder.student.torch_internals import tree_leaves

SEED = 8  # the first bytes of a state hold its generator's initial seed
REMEMBERED = 256  # states, of 5 kB each


@dataclass(frozen=True)
class Disguise:
    """The states that belong to one ``secret``; do not write into one: it is given again."""

    secret: bytes = field(repr=False)

    def there(self, state: Tensor) -> Tensor:
        """What a state of the grader's is in the student's process.

        States of one generator have one :meth:`torch.Generator.initial_seed` there too: going back to it works.
        """
        return _there(self.secret, state.numpy().tobytes())

    def here(self, before: Tensor, came: Tensor) -> Tensor:
        """What the grader's state ``before`` becomes once the student's process has come to the state ``came``.

        Its numbers depend on ``came`` alone: code that seeds torch again gets the same ones from any other state.
        """
        return _here(self.secret, _beginning(before.numpy().tobytes()), came.numpy().tobytes())

    def over(self, function: Callable) -> Callable:
        """A function or module of ours with the random states that it would have in the student's process."""

        @functools.wraps(function)
        def disguised(*args: Any, **kwargs: Any) -> Any:
            drawn_from = [torch.default_generator, *(v for v in tree_leaves((args, kwargs)) if type(v) is Generator)]
            generators = list({id(generator): generator for generator in drawn_from}.values())
            before = [generator.get_state() for generator in generators]
            there = [self.there(state) for state in before]
            for generator, state in zip(generators, there, strict=True):
                generator.set_state(state)
            try:
                made = function(*args, **kwargs)
                if isinstance(made, nn.Module):  # it draws, by dropout say, when it is called
                    made.forward = self.over(made.forward)
                return made
            finally:
                for generator, old, state in zip(generators, before, there, strict=True):
                    came = generator.get_state()
                    generator.set_state(old if torch.equal(came, state) else self.here(old, came))

        return disguised


# A case puts one state to the student's function and to ours, and every case of an exercise begins with the same one.
@functools.lru_cache(REMEMBERED)
def _there(secret: bytes, state: bytes) -> Tensor:
    return _begun(_seed(secret, b"begun there", _bytes(_beginning(state))), secret, b"there", state)


@functools.lru_cache(REMEMBERED)
def _here(secret: bytes, before: int, came: bytes) -> Tensor:
    seed = _beginning(came)
    same = seed == _seed(secret, b"begun there", _bytes(before))
    return _begun(before if same else _seed(secret, b"begun here", _bytes(seed)), secret, b"here", came)


def _begun(beginning: int, secret: bytes, way: bytes, state: bytes) -> Tensor:
    """The state that belongs to another one, with an initial seed of its own."""
    made = Generator().manual_seed(_seed(secret, way, state)).get_state()
    made[:SEED] = torch.frombuffer(bytearray(_bytes(beginning)), dtype=torch.uint8)
    return made


def _seed(secret: bytes, way: bytes, text: bytes) -> int:
    digest = hmac.digest(secret, way + hashlib.sha256(text).digest(), "sha256")
    return int.from_bytes(digest[:8], "big") >> 1


def _beginning(state: bytes) -> int:
    """The seed that a generator of this state was begun with."""
    return int.from_bytes(state[:SEED], "little")


def _bytes(seed: int) -> bytes:
    return seed.to_bytes(SEED, "little")
