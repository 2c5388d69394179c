"""Where the seeds of random inputs come from: a secret of the course, and the whole of what was handed in.

The same hand-in always meets the same inputs. Whoever changes anything in it meets others, and nobody can work out
which without the secret: no process of a student's sees it, nor what derives from it.
"""

import hashlib
import hmac
import json
import os
import secrets
import tempfile
from pathlib import Path

from nbformat import NotebookNode

from autograder.engine.cell_analysis import students_own

FILE = "secret"  # in the course's .grader
BYTES = 32


class SecretError(Exception):
    """There is a file for the course's secret, and it holds none; the message says what to do."""


def course_secret(folder: Path, *, shared: bool) -> bytes:
    """The course's secret, which is made at the first use; of several runs at once all get the same.

    Args:
        folder: which holds it.
        shared: whether the owner's group may read it too.

    Raises:
        SecretError: the file is no secret of ours.
        OSError: it can be neither read nor made.
    """
    path = folder / FILE
    if not path.exists():
        _make(path, 0o640 if shared else 0o600)
    found = path.read_bytes()
    if len(found) != BYTES:
        raise SecretError(
            f"{path} should hold {BYTES} bytes. Got {len(found)}: put the right file back, or remove this one, and all "
            "random inputs change."
        )
    return found


def _make(path: Path, mode: int) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{FILE}-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(secrets.token_bytes(BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(name, path)  # in one step, and never over one that is there
        except FileExistsError:  # of another run
            return
        except OSError:  # a file system without links: the lock of the course folder keeps other runs away
            os.replace(name, path)
    finally:
        Path(name).unlink(missing_ok=True)


def hand_in_secret(secret: bytes, notebook: NotebookNode, files: dict[str, bytes]) -> bytes:
    """The secret of one hand-in: it derives from the course's, and from all that its student wrote.

    Args:
        secret: the course's.
        notebook: a canonical one; what is the release's in it counts for nothing.
        files: what was handed in beside it, by its place.
    """
    cells = [
        [cell.metadata.get("nbgrader", {}).get("grade_id"), cell.cell_type, cell.source]
        for cell in notebook.cells
        if students_own(cell)
    ]
    contents = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    return derived(secret, json.dumps([cells, contents], sort_keys=True).encode())


def exercise_seed(secret: bytes, exercise: str) -> int:
    """The seed for one exercise of the hand-in that has this ``secret``."""
    return int.from_bytes(derived(secret, f"the seed of {exercise}".encode())[:4], "big")


def derived(secret: bytes, text: bytes) -> bytes:
    """32 bytes that belong to a text, and that only who has the secret can tell."""
    return hmac.digest(secret, text, "sha256")
