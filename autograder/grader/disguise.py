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


@dataclass(frozen=True)
class Disguise:
    """The states that belong to one ``secret``."""

    secret: bytes = field(repr=False)

    def there(self, state: Tensor) -> Tensor:
        """What a state of the grader's is in the student's process.

        States of one generator have one :meth:`torch.Generator.initial_seed` there too: going back to it
        works.
        """
        return _begun(self._seed(b"begun there", _bytes(_beginning(state))), self._state(b"there", state))

    def here(self, before: Tensor, came: Tensor) -> Tensor:
        """What the grader's state ``before`` becomes once the student's process has come to the state ``came``.

        Its numbers depend on ``came`` alone: code that seeds torch again gets the same ones from any other state.
        """
        seed = _beginning(came)
        same = seed == self._seed(b"begun there", _bytes(_beginning(before)))
        return _begun(
            _beginning(before) if same else self._seed(b"begun here", _bytes(seed)), self._state(b"here", came)
        )

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

    def _state(self, way: bytes, state: Tensor) -> Tensor:
        return Generator().manual_seed(self._seed(way, state.numpy().tobytes())).get_state()

    def _seed(self, way: bytes, text: bytes) -> int:
        digest = hmac.digest(self.secret, way + hashlib.sha256(text).digest(), "sha256")
        return int.from_bytes(digest[:8], "big") >> 1


def _beginning(state: Tensor) -> int:
    generator = Generator()
    generator.set_state(state)
    return generator.initial_seed()


def _begun(seed: int, state: Tensor) -> Tensor:
    """A state with another initial seed, which stands in its first eight bytes."""
    begun = state.clone()
    begun[:8] = torch.frombuffer(bytearray(_bytes(seed)), dtype=torch.uint8)
    return begun


def _bytes(seed: int) -> bytes:
    return seed.to_bytes(8, "little")
