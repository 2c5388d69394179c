"""What a cell says when the kernel does not know a name, because it has restarted and forgotten everything.

The students' wheel has IPython install this when a kernel starts (``course/jupyter_config``), so it is there before
any cell has run. Nothing is imported here that takes time.
"""

import importlib.util
import sys
from types import TracebackType
from typing import Any

from course.errors import PlainError

FIRST_CELL = ("device", "torch", "Tensor")  # what it defines beside modules of ours


class NotDefined(PlainError, NameError):
    """A name of the notebook that no cell has defined yet; shown as its message alone."""


def install(shell: Any) -> None:
    """Have an IPython shell show :func:`advice` instead of a ``NameError``'s traceback, if there is any."""
    if shell is not None:
        shell.set_custom_exc((NameError,), _show)


def advice(name: str, known: dict[str, Any]) -> str:
    """What to do about a name that is not defined, or "" where it is none of ours.

    Args:
        name: the missing one.
        known: the names that the notebook has.
    """
    if "setup" not in known and (name in FIRST_CELL or _is_module(name)):
        return (
            f"{name} is not known: the kernel has restarted and knows nothing yet.\n"
            "Run the first cell again, then the cells above this one.\n"
            "(In JupyterLab: Run → Run All Above Selected Cell.)"
        )
    if hasattr(sys.modules.get("course.checks"), name):
        return f"{name} is not known: run the cell that defines it, above this one, and then this one again."
    return ""


def _is_module(name: str) -> bool:
    return name.isidentifier() and importlib.util.find_spec(f"course.{name}") is not None


def _show(
    shell: Any, kind: type[NameError], error: NameError, trace: TracebackType, tb_offset: int | None = None
) -> None:
    """IPython's handler of one kind of exception."""
    text = advice(str(getattr(error, "name", "") or ""), shell.user_ns)
    shown = NotDefined(text) if text else error
    shell.showtraceback((type(shown), shown, trace), tb_offset=tb_offset)
