"""Labs solved with the reference, and their notebooks run as a kernel runs them, where there is IPython and no Jupyter.

``python session.py NOTEBOOK`` runs a notebook's code cells one after the other in one IPython shell, in the notebook's
folder, and ends at the first error; its last line of output is JSON: the names of kinds of what was shown, how often,
and the device that the notebook chose. Only the standard library and IPython are imported.
"""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

# Lab 7 trains for minutes; a few steps on a few pictures go through the same lines.
HURRY = (
    (r"(?m)^( *STEPS) = \d+$", r"\1 = 2"),
    (r"(?m)^( *PICTURES) = \d+$", r"\1 = 3"),
    (r"Scenes\(40, seed=1\)", "Scenes(4, seed=1)"),
)


def notebooks(repo: Path) -> list[str]:
    """The released notebooks, as ``lab/name.ipynb``, in order."""
    return sorted(path.relative_to(repo / "release").as_posix() for path in (repo / "release").glob("*/*.ipynb"))


def solve(repo: Path, folder: Path) -> Path:
    """Lay out what a student has who wrote the reference solutions: every released notebook; gives ``folder``."""
    for name in notebooks(repo):
        released, source = (
            json.loads((repo / form / name).read_text(encoding="utf-8")) for form in ("release", "source")
        )
        answers = {grade_id(cell): cell["source"] for cell in source["cells"] if grade_id(cell)}
        for cell in released["cells"]:
            if grade_id(cell):
                cell["source"] = answers[grade_id(cell)]
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(released), encoding="utf-8")
    return folder


def grade_id(cell: dict[str, Any]) -> str:
    """The name of a solution cell, "" for any other."""
    tag = cell["metadata"].get("nbgrader", {})
    return tag["grade_id"] if tag.get("solution") else ""


def run(notebook: Path, **environment: str) -> dict[str, Any]:
    """Run a notebook in a process of its own, with no other environment than this process's and the given; what came.

    Raises:
        AssertionError: a cell failed; with all that was printed.
    """
    done = subprocess.run(
        [sys.executable, __file__, str(notebook)],
        cwd=notebook.parent,
        env={**os.environ, "IPYTHONDIR": str(notebook.parent / ".ipython"), "MPLBACKEND": "agg", **environment},
        capture_output=True,
        text=True,
        timeout=560,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def main(notebook: Path) -> int:
    """Run the code cells; 1 where one fails."""
    from IPython.core.displaypub import CapturingDisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    shell = InteractiveShell.instance(
        config=Config(HistoryManager={"enabled": False}), display_pub_class=CapturingDisplayPublisher
    )
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            text = "".join(cell["source"])
            for usual, short in HURRY:
                text = re.sub(usual, short, text)
            if not shell.run_cell(text).success:
                print(text, file=sys.stderr)
                return 1
    shown = Counter(next(iter(output["data"])) for output in shell.display_pub.outputs)
    print(json.dumps({"device": shell.user_ns["device"].type, "shown": shown}))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
