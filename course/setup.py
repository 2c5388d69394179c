"""The first cell of every lab: right versions, and the device to work on."""

import json
import os
import re
import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from course.duplicates import duplicates, running_file
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
    if _in_kernel() and attended():  # not where a program imports a lab's text form
        print("\n".join([f"Ready: torch {torch.__version__} on {name}.", *_duplicates()]))
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
    """Whether nbgrader is autograding this notebook."""
    return _nbgrader() == "autograde"


def attended() -> bool:
    """Whether somebody is running this notebook, rather than nbgrader to grade or validate it.

    For pictures, explorers, films and training: nobody looks at them then, *Validate* gives a cell 30 seconds, and
    JupyterLab answers nothing else meanwhile.
    """
    return not _nbgrader()


def _nbgrader() -> str:
    """What nbgrader is running this notebook for: "autograde", "validate", or "" where a person runs it.

    The one place that decides. nbgrader tells its kernels through ``NBGRADER_EXECUTION``; but a *Validate* that crashed
    (two cells with one ``grade_id`` are enough) leaves it set to "validate" in JupyterLab's own process, and every
    kernel started later inherits it. Only the kernel of a notebook that somebody has opened is also told
    ``JPY_SESSION_NAME``; *Validate* starts its own without it. "autograde" is always believed: it means points.
    """
    mode = os.environ.get("NBGRADER_EXECUTION", "")
    return "" if mode == "validate" and os.environ.get("JPY_SESSION_NAME") else mode


def _duplicates() -> list[str]:
    """Exercises that the running notebook has more than once, as it is saved; none where no such file is known."""
    try:
        cells = json.loads(Path(name := running_file()).read_text(encoding="utf-8"))["cells"]
        return list(duplicates(cells, name))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):  # no file, or no notebook
        return []


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
