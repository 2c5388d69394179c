"""Labs solved with the reference, and their notebooks run as a kernel runs them, where there is IPython and no Jupyter.

``python session.py NOTEBOOK …`` runs the code cells one after the other in one IPython shell and ends at the first
error. Only the standard library and IPython are imported.
"""

import argparse
import importlib
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

# Lab 7 trains for minutes; a few steps on a few pictures go through the same lines.
HURRY = (
    (r"(?m)^( *STEPS) = \d+$", r"\1 = 2"),
    (r"(?m)^( *PICTURES) = \d+$", r"\1 = 3"),
    (r"Scenes\(40, seed=1\)", "Scenes(4, seed=1)"),
)


def hurried(text: str) -> str:
    """A cell's text, with a few steps and pictures where a training would have hundreds."""
    for usual, short in HURRY:
        text = re.sub(usual, short, text)
    return text


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


def run(
    *notebooks: Path,
    python: Sequence[str] = (sys.executable, __file__),
    options: Sequence[str] = (),
    environment: Mapping[str, str],
) -> dict[str, Any]:
    """Run notebooks in one process, in the folder of the first; what came of it, as :func:`main` tells.

    Args:
        *notebooks: their paths.
        python: the command, up to this file.
        options: of the command line below.
        environment: what this process's own environment lacks, or has otherwise.

    Raises:
        AssertionError: a cell failed; with all that was printed.
    """
    folder = notebooks[0].parent
    done = subprocess.run(
        [*python, *options, *map(str, notebooks)],
        cwd=folder,
        env={**os.environ, "IPYTHONDIR": str(folder / ".ipython"), "MPLBACKEND": "agg", **environment},
        capture_output=True,
        text=True,
        timeout=560,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return {"said": done.stdout, **json.loads(done.stdout.splitlines()[-1])}


def main() -> int:
    """Run notebooks, each with names of its own; 1 where a cell fails.

    The last line of output is JSON: which device the last notebook chose, and how often each kind was shown.
    """
    from IPython.core.displaypub import CapturingDisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    ask = argparse.ArgumentParser()
    ask.add_argument("--no-figures", action="store_true", help="leave out what checks nothing and defines nothing")
    ask.add_argument("--import", action="append", default=[], dest="modules", help="what the kernel imports first")
    ask.add_argument("notebooks", nargs="+", type=Path)
    given = ask.parse_args()
    for name in given.modules:
        importlib.import_module(name)
    shell = InteractiveShell.instance(
        config=Config(HistoryManager={"enabled": False}), display_pub_class=CapturingDisplayPublisher
    )
    device = ""
    for notebook in given.notebooks:
        shell.reset()
        for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
            figure = "active-ipynb" in cell["metadata"].get("tags", []) and not cell["metadata"].get("nbgrader")
            if cell["cell_type"] == "code" and not (figure and given.no_figures):
                text = hurried("".join(cell["source"]))
                if not shell.run_cell(text).success:
                    print(f"{notebook}:\n{text}", file=sys.stderr)
                    return 1
        device = shell.user_ns["device"].type
    shown = Counter(next(iter(output["data"])) for output in shell.display_pub.outputs)
    print(json.dumps({"device": device, "shown": shown}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
