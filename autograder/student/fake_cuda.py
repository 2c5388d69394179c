"""Another device without a GPU: CPU tensors that are labelled as CUDA tensors and refuse to mix with unlabelled ones.

Code that hard-codes the CPU (``torch.zeros(n)``, ``.cpu()``, ``.numpy()``) runs on a laptop and breaks on a GPU. The
grader mostly has no GPU; here such code fails as it would on one.
"""

import functools
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from autograder.student.containers import all_tensors_in
from autograder.student.torch_internals import DisableTorchFunction, inside_vmap, tree_leaves, tree_map

LABEL = torch.device("cuda", 0)
JOINING = ("cat", "concat", "stack", "hstack", "vstack")  # these refuse single numbers from the CPU as well


class DeviceMixError(RuntimeError):
    """Code met tensors of two devices, or left its answer on the wrong one: what this mode is there to find."""


class Labelled(Tensor):
    """A CPU tensor that says it is on :data:`LABEL`; what is computed from it is labelled too."""

    device = property(lambda self: LABEL)
    is_cuda = property(lambda self: True)
    is_cpu = property(lambda self: False)

    def get_device(self) -> int:
        """The number of the device."""
        return LABEL.index

    def cpu(self, *args: Any, **kwargs: Any) -> Tensor:
        """The plain CPU tensor."""
        return unlabel(self)

    def cuda(self, *args: Any, **kwargs: Any) -> Tensor:
        """Itself: it is there already."""
        return self

    def numpy(self, *args: Any, **kwargs: Any) -> Any:
        """Fail as a tensor on a GPU does."""
        raise DeviceMixError(f"can't convert {LABEL} device type tensor to numpy")

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        return self.numpy()

    def __deepcopy__(self, memo: dict) -> Tensor:
        return label(unlabel(self).clone())


def label(value: Any) -> Any:
    """``value`` with every tensor in it labelled."""
    return _as(Labelled, value)


def unlabel(value: Any) -> Any:
    """``value`` with every tensor in it as the plain CPU tensor that it is."""
    return _as(Tensor, value)


def _as(kind: type[Tensor], value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.as_subclass(kind)
    if type(value) in (tuple, list):
        return type(value)([_as(kind, part) for part in value])
    if isinstance(value, tuple | list | dict):  # of any kind: named ones, torch.return_types, ordered dictionaries
        return tree_map(lambda leaf: leaf.as_subclass(kind) if isinstance(leaf, Tensor) else leaf, value)
    return value


class OtherDevice(TorchFunctionMode):
    """While active, tensors asked for on :data:`LABEL` are labelled, and mixing labelled with plain tensors raises.

    As on a real GPU, a plain tensor may take part if it is a single number, or if it indexes a labelled tensor.
    """

    def __torch_function__(
        self, func: Callable, types: Any, args: tuple = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = dict(kwargs or {})
        name = getattr(func, "__name__", "")
        if name in ("__get__", "__set__"):  # attributes such as .shape, .T, .grad
            return func(*args, **kwargs)
        if func is Tensor.cuda:
            return label(args[0])
        if func in (Tensor.to, Tensor.type_as):
            return self._to(*args, **kwargs)
        if "device" in kwargs and kwargs["device"] is not None:
            place = kwargs.pop("device")
            there = type(place) is int or torch.device(place).type == LABEL.type
            result = func(*unlabel(args), **unlabel(kwargs))
            return label(result) if there else unlabel(result)
        if func in (torch.tensor, torch.as_tensor) and isinstance(args[0], Labelled):
            return label(func(unlabel(args[0]), *args[1:], **kwargs))
        if name == "copy_" or (name == "__setitem__" and not all_tensors_in(args[1])):
            return func(*args, **kwargs)  # copies between devices are allowed
        if name in ("__getitem__", "__setitem__", "index_put", "index_put_") and isinstance(args[0], Labelled):
            args = (args[0], label(args[1]), *args[2:])  # positions may live on the CPU
        if not self._inside_vmap:
            self._refuse_a_mix(name, args, kwargs)
        return func(*args, **kwargs)

    _inside_vmap = False

    def vmap(self, vmap_impl: Callable) -> Callable:
        """``torch.vmap``'s inner function, labelled from outside: the tensors that it makes inside lose the label."""

        def labelled_vmap(*args: Any, **kwargs: Any) -> Any:
            before, self._inside_vmap = self._inside_vmap, True
            try:
                result = vmap_impl(*unlabel(args), **kwargs)
            finally:
                self._inside_vmap = before
            there = before or any(isinstance(tensor, Labelled) for tensor in all_tensors_in(args))
            return label(result) if there else result

        return labelled_vmap

    @staticmethod
    def _to(tensor: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        """``tensor.to(...)`` with a new label in place of a move between devices."""
        labelled = isinstance(tensor, Labelled)
        stay: list[Any] = []  # the arguments that say something else than where to go
        for value in (*args, *([kwargs.pop("device")] if "device" in kwargs else [])):
            if isinstance(value, Tensor):
                labelled = isinstance(value, Labelled)
                stay.append(value.dtype)
            elif isinstance(value, str | torch.device) or type(value) is int:  # an int is the number of a GPU
                labelled = type(value) is int or torch.device(value).type == LABEL.type
            elif value is not None:
                stay.append(value)
        with DisableTorchFunction():
            moved = tensor.as_subclass(Tensor).to(*stay, **kwargs) if stay or kwargs else tensor.as_subclass(Tensor)
        return label(moved) if labelled else moved

    @staticmethod
    def _refuse_a_mix(name: str, args: tuple, kwargs: dict[str, Any]) -> None:
        tensors = all_tensors_in((args, kwargs))
        plain = [tensor for tensor in tensors if not isinstance(tensor, Labelled)]
        if len(plain) in (0, len(tensors)):
            return
        if name in JOINING or any(tensor.dim() > 0 for tensor in plain):
            raise DeviceMixError(
                f"Expected all tensors to be on the same device, but found at least two devices, {LABEL} and cpu!"
            )


def verify() -> None:
    """Make sure that this mode finds, with the torch that is installed, what it is there to find.

    It rests on names that torch may change; then code that breaks on a GPU would pass for right, without a word.

    Raises:
        RuntimeError: it does not.
    """
    sound: tuple[Callable, ...] = (
        lambda x: x + torch.zeros(4, device=x.device),
        lambda x: torch.zeros(4).to(x) + torch.zeros_like(x),
        lambda x: torch.vmap(lambda row: row * 2)(x),
    )
    broken: tuple[Callable, ...] = (
        lambda x: x + torch.zeros(4),
        lambda x: x.cpu(),
        lambda x: torch.vmap(lambda row: row * 2)(x) + torch.zeros(4),
        lambda x: torch.from_numpy(x.numpy()),
    )
    found = [_breaks(function) for function in (*sound, *broken)]
    if found != [False] * len(sound) + [True] * len(broken):
        raise RuntimeError(f"the check for other devices does not work with torch {version('torch')}")


def _breaks(function: Callable) -> bool:
    met: list[bool] = []

    def noting(x: Tensor) -> Any:
        met.append(isinstance(x, Labelled))
        return function(x)

    try:
        on_other_device(noting)(torch.ones(2, 4))
    except DeviceMixError:
        return True
    if met != [True]:  # it was run again, on the CPU as it is: the mode itself has failed
        raise RuntimeError(f"the check for other devices cannot follow torch {version('torch')}")
    return False


def on_other_device(function: Callable) -> Callable:
    """``function`` as it would run with its tensors on :data:`LABEL`; its answer comes back unlabelled.

    What the mode cannot follow (compiled functions, sparse tensors) is run on the CPU as it is: only what it is there
    to find counts against the function.

    Raises:
        DeviceMixError: tensors of two devices met, or the answer is not on the device of the inputs.
    """
    if isinstance(getattr(function, "__wrapped__", function), torch.jit.ScriptFunction | torch.jit.ScriptModule):
        return function

    @functools.wraps(function)
    def labelled(*args: Any, **kwargs: Any) -> Any:
        try:
            with OtherDevice() as mode, inside_vmap(mode.vmap):
                answer = function(*label(args), **label(kwargs))
        except DeviceMixError:
            raise
        except Exception:  # the function's own fault, which the plain call shows, or the mode's
            return function(*args, **kwargs)
        if any(type(leaf) is Tensor for leaf in tree_leaves(answer)):
            raise DeviceMixError(f"the answer is on the CPU though the inputs are on {LABEL}")
        return unlabel(answer)

    return labelled
