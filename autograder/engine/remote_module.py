"""A stand-in, on the grader's side, for an ``nn.Module`` that a student's class made."""

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn

from autograder.student.serialization import Reader


class RemoteModule(nn.Module):
    """A module that the student's class made: its weights are here, and go along with every call.

    Args:
        call: the process's :meth:`autograder.engine.proxies.Process.call`.
        name: of the class, there.
        form: what the process wrote of the object: its number, its mode, and its weights by name.
        reader: of the tensors in ``form``.
    """

    def __init__(self, call: Callable[..., Any], name: str, form: dict[str, Any], reader: Reader) -> None:
        super().__init__()
        self._call, self._name, self._number = call, name, int(form["module"])
        values: dict[str, Tensor] = {}
        for path, first, is_parameter, value in form["state"]:
            if first not in values:
                plain = reader.value(value).detach()
                values[first] = nn.Parameter(plain, bool(value.get("grad"))) if is_parameter else plain
            *folders, leaf = str(path).split(".")
            owner: nn.Module = self
            for folder in folders:
                if folder not in dict(owner.named_children()):
                    owner.add_module(folder, nn.Module())
                owner = owner.get_submodule(folder)
            if is_parameter:
                owner.register_parameter(leaf, values[first])  # type: ignore[arg-type]
            else:
                owner.register_buffer(leaf, values[first])
        self.train(bool(form["training"]))

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the student's module gives for these inputs and the present weights."""
        state = self.state_dict(keep_vars=True)
        further = _repeated(state)
        weights = {name: value for name, value in state.items() if name not in further}
        module = {"module": self._number, "training": self.training, "weights": weights}
        return self._call(self._name, args, kwargs, **module)


def _repeated(state: dict[str, Tensor]) -> set[str]:
    """Further names of tensors that are in a state already."""
    seen: set[int] = set()
    return {name for name, value in state.items() if id(value) in seen or seen.add(id(value))}  # type: ignore[func-returns-value]
