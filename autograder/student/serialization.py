"""Values as JSON and numbered tensors, for a message of :mod:`autograder.student.protocol`, and back.

Numbers, texts, tensors and random generators are written, and tuples, lists and dictionaries of these; anything else
goes as the name of its type. The other side may be lying: what nothing is written as raises :class:`WireError`.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Generator, Tensor

from autograder.student.protocol import LARGEST_BLOB, MOST_TENSORS, WireError

DEEPEST = 30  # levels of lists in lists
MOST_VALUES = 20_000  # in one message: a list that holds itself three times has 3 ** 30


class Writer:
    """Turns values into JSON, and collects the tensors in them; the same tensor twice is one.

    Args:
        strides: whether tensors are written as they lie in memory.
        state: what is written in the place of a random generator's state.
    """

    def __init__(self, strides: bool = False, state: Callable[[Tensor], Tensor] = lambda state: state) -> None:
        self.tensors: list[Tensor] = []
        self.originals: list[Tensor] = []
        self._strides = strides
        self._state = state
        self._numbers: dict[int, int] = {}
        self._left = MOST_VALUES

    def value(self, value: Any, depth: int = 0) -> Any:
        """JSON for a value: numbers, texts, tensors and generators, and tuples, lists and dictionaries of these.

        Anything else goes as the name of its type.
        """
        if depth > DEEPEST:
            return {"other": ["builtins", "deeply nested value"]}
        self._left -= 1
        if self._left < 0:
            raise WireError(f"there are more than {MOST_VALUES:,} values in it")
        if value is None or type(value) in (bool, int, float, str):
            return value
        if isinstance(value, Tensor):
            return self._tensor(value)
        if isinstance(value, tuple | list):  # torch.Size and named tuples are tuples
            kind = "tuple" if isinstance(value, tuple) else "list"
            return {kind: [self.value(part, depth + 1) for part in value]}
        if type(value) is dict:
            pairs = [[self.value(key, depth + 1), self.value(part, depth + 1)] for key, part in value.items()]
            return {"dict": pairs}
        if isinstance(value, Generator):
            return {"generator": self._number(value, self._state(value.get_state()))}
        if isinstance(value, torch.dtype | torch.device):
            return {type(value).__name__: str(value).removeprefix("torch.")}
        return {"other": [str(type(value).__module__)[:100], str(type(value).__name__)[:100]]}

    def state(self, state: Tensor) -> Any:
        """JSON for a random generator of this state."""
        return {"generator": self._number(state, self._state(state))}

    def _number(self, original: Any, tensor: Tensor) -> int:
        if id(original) not in self._numbers:
            if len(self.tensors) == MOST_TENSORS:
                raise WireError(f"there are more than {MOST_TENSORS:,} tensors in it")
            self._numbers[id(original)] = len(self.tensors)
            self.tensors.append(tensor)
            self.originals.append(original)
        return self._numbers[id(original)]

    def _tensor(self, value: Tensor) -> Any:
        if value.layout != torch.strided or value.is_quantized or value.is_nested or value.is_meta:
            return {"odd": True}
        plain = value.detach().as_subclass(Tensor).cpu().resolve_conj().resolve_neg()
        form: dict[str, Any] = {"grad": True} if value.requires_grad else {}
        if plain.is_complex():
            form["complex"], plain = True, torch.view_as_real(plain)
        if plain.numel() * plain.element_size() > LARGEST_BLOB:
            raise WireError(f"a tensor of shape {tuple(value.shape)} is too large")
        if self._strides and not plain.is_contiguous():
            form["strided"] = [list(plain.shape), list(plain.stride())]
            span = 1 + sum((n - 1) * step for n, step in zip(plain.shape, plain.stride(), strict=True))
            plain = plain.as_strided((span,), (1,))
        return {"tensor": self._number(value, plain.contiguous()), **form}


class Reader:
    """Turns JSON and tensors of a message back into values.

    Args:
        tensors: of the message.
        strides: whether tensors may say how they lie in memory, as the grader's do; a student's could claim to be huge.
    """

    def __init__(self, tensors: list[Tensor], strides: bool = True) -> None:
        self.tensors = tensors
        self._strides = strides
        self.made: dict[int, Any] = {}  # by number: tensors as they were handed out, and generators
        self._left = MOST_VALUES

    def value(self, form: Any, depth: int = 0) -> Any:
        """The value that :meth:`Writer.value` wrote.

        Raises:
            WireError: nothing is written so.
        """
        self._left -= 1
        if self._left < 0:
            raise WireError("too many values")
        if form is None or type(form) in (bool, int, float, str):
            return form
        try:
            return self._value(form, depth)
        except (KeyError, IndexError, TypeError, ValueError, AttributeError, RuntimeError) as error:
            raise WireError(f"no value: {type(error).__name__}") from None

    def _value(self, form: dict[str, Any], depth: int) -> Any:
        if depth > DEEPEST:
            raise WireError("a value that is nested too deeply")
        if "tensor" in form:
            return self._tensor(form)
        if "tuple" in form:
            return tuple(self.value(part, depth + 1) for part in form["tuple"])
        if "list" in form:
            return [self.value(part, depth + 1) for part in form["list"]]
        if "dict" in form:
            return {self.value(key, depth + 1): self.value(part, depth + 1) for key, part in form["dict"]}
        if "generator" in form:
            number = form["generator"]
            if number not in self.made:
                self.made[number] = Generator()
                self.made[number].set_state(self.tensors[number])
            return self.made[number]
        if "dtype" in form:
            return {str(dtype): dtype for dtype in _DTYPES}[f"torch.{form['dtype']}"]
        if "device" in form:
            return torch.device(form["device"])
        if "odd" in form:
            return torch.zeros(1).to_sparse()  # stands for every kind of tensor that no comparison takes
        module, name = (str(part) for part in form["other"])
        return type(name, (), {"__module__": module})()

    def _tensor(self, form: dict[str, Any]) -> Tensor:
        number = form["tensor"]
        if number not in self.made:
            tensor = self.tensors[number]
            if "strided" in form and self._strides:
                tensor = tensor.as_strided(*form["strided"])
            if form.get("complex"):
                tensor = torch.view_as_complex(tensor)
            self.made[number] = tensor.requires_grad_() if form.get("grad") else tensor
        made: Tensor = self.made[number]
        return made


_DTYPES = [value for value in vars(torch).values() if isinstance(value, torch.dtype)]
