"""Private names of other packages that grading uses: the installed version has them, and they stand in one file."""

import pkgutil
import re
import subprocess
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import pytest

from autograder.student import ipykernel_internals

AUTOGRADER = Path(__file__).resolve().parent.parent / "autograder"


@pytest.mark.parametrize(
    "name",
    [
        "torch._C:DisableTorchFunction",
        "torch._dynamo.utils:is_compile_supported",
        "torch._ops:OpOverload.__call__.__code__",
        "torch._ops:OpOverloadPacket.__call__.__code__",
        "torch._functorch.apis:vmap_impl",
        "torch.utils._pytree:tree_leaves",
        "torch.utils._pytree:tree_map",
        "ipykernel.kernelapp:IPKernelApp.quiet",
        "ipykernel.zmqshell:ZMQInteractiveShell.ask_exit",
        "IPython.core.history:HistoryManager.enabled",
    ],
)
def test_what_grading_uses_of_other_packages_inside_is_there(name: str) -> None:
    package = name.partition(".")[0]
    try:
        pkgutil.resolve_name(name)
    except (ImportError, AttributeError):
        pytest.fail(f"{package} {version(package)} has no {name}: see *_internals.py and guard.py")


@pytest.mark.parametrize("name", ipykernel_internals.IMPORTED)
def test_what_a_kernel_imports_is_there(name: str) -> None:
    import_module(name)


def test_torchs_private_names_stand_in_one_file() -> None:
    private = re.compile(r"\btorch(\.\w+)*(\._\w+| import _\w+)")
    users = {path.name for path in AUTOGRADER.rglob("*.py") if private.search(path.read_text(encoding="utf-8"))}
    assert users == {"torch_internals.py"}


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=AUTOGRADER.parent)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_course_imports_where_torch_calls_its_operators_otherwise() -> None:
    code = """
import types, torch
ops, torch._ops = torch._ops, types.SimpleNamespace()
from course.checking import guard
torch._ops = ops
import course.checks
print(guard.OPERATORS)
"""
    assert run(code) == "()\n"


def test_a_check_for_devices_that_cannot_run_is_told_as_the_graders_failure() -> None:
    """Where it passed everything, code that breaks on a GPU would keep its points."""
    code = """
from torch._functorch import apis
del apis.vmap_impl
from autograder import grade
from course.library import box_area
report = grade("box_area", lambda boxes: box_area(boxes))
print(report.certain, report.score, report.reason)
"""
    assert run(code).startswith("False 0.0 The grader itself failed")
