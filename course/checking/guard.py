"""Notice when a function under judgement calls the ready-made operator that it is asked to build."""

import contextlib
import fnmatch
import importlib.util
import re
import sys
import threading
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import torch
from torch import nn


class ReadyMadeError(Exception):
    """The student's function called an operator that the exercise asks for."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"it calls {name}, a ready-made version of what this exercise asks you to build. "
            "Please write the steps yourself, with plain tensor operations."
        )


COMPILERS = ("torch/jit/_script.py", "torch/jit/_trace.py")
TORCHS_OWN = getattr(torch.conv1d, "__qualname__", "").rpartition(".")[0]  # where torch's functions in C++ live


def _operators() -> tuple[CodeType, ...]:
    """What runs for ``torch.ops.torchvision.nms``: one code for all operators, and the object tells which one it is.

    Empty where another torch calls it otherwise: the guard then sees less, and the course still imports. Whether the
    installed one has it is for tests/test_internals.py to say.
    """
    classes = (getattr(getattr(torch, "_ops", None), name, None) for name in ("OpOverloadPacket", "OpOverload"))
    codes = (getattr(vars(each).get("__call__"), "__code__", None) for each in classes if each)
    return tuple(code for code in codes if code)


OPERATORS = _operators()


class Guard:
    """A context in which calling one of ``names`` raises :class:`ReadyMadeError`, however the function was reached.

    ``names`` are dotted, like ``torchvision.ops.boxes.box_iou``; ``*`` stands for anything, as in ``solutions.*``. An
    operator in C++ goes by its place in ``torch.ops``, like ``torch.ops.torchvision.nms``.
    Every Python call is looked at while the guard is up (``sys.setprofile``), and recognised by the file that its code
    was compiled from: an alias, ``getattr``, ``importlib`` or a copy of the function object make no difference. torch's
    own functions without Python code, such as ``torch.conv_transpose2d``, are recognised by their place in ``torch``.

    ``seen`` holds the first forbidden name that was called, even if the student's code caught the error.
    """

    def __init__(self, names: tuple[str, ...] = ()) -> None:
        self.names = names
        self.seen = ""
        self._roots = _package_folders({name.split(".")[0] for name in names})
        self._paused = False
        self._before: list[tuple[Any, Any]] = []  # the profilers at each entry, of this thread and of new ones
        self._torchs_own = any(name.startswith("torch.") for name in names)
        self._harmless: set[CodeType] = set()

    def __enter__(self) -> "Guard":
        self._before.append((sys.getprofile(), threading.getprofile()))
        if self._roots:
            threading.setprofile(self._look)  # threads that the function starts
            sys.setprofile(self._look)
        return self

    def __exit__(self, *exc_info: object) -> None:
        this_thread, new_threads = self._before.pop()
        if self._roots:
            sys.setprofile(this_thread)
            threading.setprofile(new_threads)

    @property
    def called(self) -> Collection[CodeType]:
        """The code of what was called in Python while the guard was up, but for what is forbidden."""
        return self._harmless

    def watching(self, function: Callable) -> Callable:
        """``function`` as one that puts up this guard while it runs.

        A class may be watched as well: the module that it makes (``nn.Module``) puts up the guard at every call.
        """

        def watched(*args: Any, **kwargs: Any) -> Any:
            self.seen = self.seen or self.compiled(function)
            with self:
                result = function(*args, **kwargs)
            if isinstance(result, nn.Module):
                result.forward = self.watching(result.forward)
            return result

        watched.__name__ = str(getattr(function, "__name__", "watched"))
        watched.__wrapped__ = function  # type: ignore[attr-defined]
        watched.guard = self  # type: ignore[attr-defined]
        return watched

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Let calls pass for a while: our own stand-ins may use what the student may not."""
        before, self._paused = self._paused, True
        try:
            yield
        finally:
            self._paused = before

    def pausing(self, function: Callable) -> Callable:
        """``function`` as one that pauses this guard while it runs."""

        def stand_in(*args: Any, **kwargs: Any) -> Any:
            with self.paused():
                return function(*args, **kwargs)

        return stand_in

    def _look(self, frame: FrameType, event: str, argument: Any) -> None:
        if event == "call":
            if frame.f_code in self._harmless or self._paused:
                return
            verdict = self._called(frame)
        elif event == "c_call":
            if self._paused or not self._torchs_own:
                return
            owner, _, name = getattr(argument, "__qualname__", "").rpartition(".")
            verdict = self._listed(f"torch.{name}") if owner == TORCHS_OWN else ""
        else:
            return
        if verdict:
            self.seen = self.seen or verdict
            raise ReadyMadeError(verdict)

    def _called(self, frame: FrameType) -> str:
        """The forbidden name of what a call in Python runs, or ``""``; code that never is forbidden is remembered."""
        code = frame.f_code
        if code in OPERATORS:
            return self._listed(_operator(str(frame.f_locals["self"])))
        if code.co_filename.endswith(COMPILERS):  # what is compiled runs later without a Python call: look at it now
            return self._forbidden(getattr(frame.f_locals.get("obj", frame.f_locals.get("func")), "__code__", code))
        verdict = self._forbidden(code)
        if not verdict:
            self._harmless.add(code)
        return verdict

    def compiled(self, function: Any) -> str:
        """Where a TorchScript function, which makes no Python calls, comes from if that is forbidden, else ``""``."""
        graph = str(getattr(function, "inlined_graph", "")) if isinstance(function, torch.jit.ScriptFunction) else ""
        operators = [self._listed(_operator(name)) for name in re.findall(r" = (\w+::\w+)\(", graph)]
        if any(operators):
            return next(filter(None, operators))
        places = re.findall(r"# (\S+\.py):\d+", graph)
        hits = [place for place in places for folder, _ in self._roots if place.startswith(folder)]
        return f"a compiled form of {Path(hits[0]).stem}" if hits else ""

    def _forbidden(self, code: CodeType) -> str:
        """The dotted name of ``code`` if it may not be called, else ``""``."""
        for folder, package in self._roots:
            if code.co_filename.startswith(folder):
                module = code.co_filename[len(folder) :].removesuffix(".py").replace("\\", "/").replace("/", ".")
                if name := self._listed(f"{package}.{module}.{code.co_qualname}"):
                    return name
        return ""

    def _listed(self, name: str) -> str:
        """``name`` if it is among the names or fits a pattern, else ``""``."""
        return name if any(fnmatch.fnmatchcase(name, pattern) for pattern in self.names) else ""


def _operator(name: str) -> str:
    """``torch.ops.torchvision.nms`` for ``torchvision::nms``, ``torchvision.nms`` or ``torchvision.nms.default``."""
    return ".".join(["torch.ops", *name.replace("::", ".").split(".")[:2]])


def _package_folders(packages: set[str]) -> list[tuple[str, str]]:
    """``(folder with a trailing slash, package)`` of the packages that are installed, without importing them."""
    found = []
    for package in sorted(packages):
        spec = importlib.util.find_spec(package)
        for folder in (spec.submodule_search_locations or []) if spec else []:
            found.append((str(Path(folder)) + "/", package))
    return found
