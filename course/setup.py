"""The first cell of every lab: right versions, and the device to work on."""

import os
import re
import sys
from importlib import metadata
from typing import TYPE_CHECKING

from course.errors import PlainError

if TYPE_CHECKING:
    import torch


class SetupError(PlainError):
    """The machine lacks something that every lab needs; the message says what and how to get it."""


def device() -> "torch.device":
    """Return the device of this session: CUDA where there is one, else the CPU; in a notebook, say so in one line.

    Raises:
        SetupError: torch and torchvision do not belong together.
    """
    check_versions()
    import torch  # only now: who looks at versions, or asks whether this is grading, does without

    chosen = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    name = torch.cuda.get_device_name(chosen) if chosen.type == "cuda" else "CPU"
    if _in_kernel() and not grading():  # not where a program imports a lab's text form
        print(f"Ready: torch {torch.__version__} on {name}.")
    return chosen


def check_versions() -> None:
    """Raise :class:`SetupError` unless the installed torch and torchvision are a released pair.

    torchvision's compiled operators load only with the torch that they were built for: torchvision 0.(k + 15) goes
    with torch 2.k. The packages' metadata is read, because importing a wrong pair already fails, in C++ words.
    """
    found = {}
    for package in ("torch", "torchvision"):
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            raise SetupError(f"{package} is not installed: pip install torch torchvision") from None
    torch_minor, vision_minor = (_minor(version) for version in found.values())
    if found["torch"].startswith("2.") and vision_minor != torch_minor + 15:
        raise SetupError(
            f"torch {found['torch']} needs torchvision 0.{torch_minor + 15}, but {found['torchvision']} is installed: "
            f"pip install 'torchvision==0.{torch_minor + 15}.*', then restart the kernel."
        )


def grading() -> bool:
    """Whether nbgrader is autograding this notebook (it tells its kernels through ``NBGRADER_EXECUTION``)."""
    return os.environ.get("NBGRADER_EXECUTION") == "autograde"


def attended() -> bool:
    """Whether somebody is running this notebook, rather than nbgrader to grade or validate it.

    For what takes minutes: *Validate* gives a cell 30 seconds.
    """
    return "NBGRADER_EXECUTION" not in os.environ


def _in_kernel() -> bool:
    """Whether this runs in a notebook's kernel; IPython's shell in a terminal has none."""
    ipython = sys.modules.get("IPython")
    return hasattr(ipython.get_ipython(), "kernel") if ipython else False


def _minor(version: str) -> int:
    """The second number of a version: 14 for ``2.14.1+cu130``."""
    match = re.match(r"\d+\.(\d+)", version)
    if match is None:
        raise SetupError(f"cannot read the version {version!r}: expected something like 2.14.1")
    return int(match.group(1))
