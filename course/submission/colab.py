"""What is different in a Colab session: the open notebook is no file there, files go through the browser."""

import importlib
import sys
from pathlib import Path
from typing import Any

from course.errors import PlainError

SECONDS = 30  # for the browser to send the notebook; a slow line needs a few


class ColabError(PlainError):
    """Colab did not do what was asked; the message says what to do instead."""


def inside() -> bool:
    """Whether this is a Colab session: its kernels import Google's package before the first cell runs."""
    return "google.colab" in sys.modules


def open_notebook() -> dict[str, Any]:
    """The notebook as it stands in the browser now, saved or not, as nbformat's JSON.

    Raises:
        ColabError: the browser did not send it.
    """
    message = importlib.import_module("google.colab._message")  # Colab has no public name for this
    try:
        reply = message.blocking_request("get_ipynb", request="", timeout_sec=SECONDS)
        notebook = reply["ipynb"]
        if not isinstance(notebook["cells"], list):
            raise TypeError("cells should be a list")
    except Exception as error:  # its own errors, None after the time is up, or an answer in another form
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        raise ColabError(
            f"Colab did not send this notebook ({reason}). Run this cell once more; if that does not help, choose "
            "File → Download → Download .ipynb, and hand in that file."
        ) from None
    return dict(notebook)


def download(path: Path) -> None:
    """Have the browser save a file of this session."""
    importlib.import_module("google.colab.files").download(str(path))
