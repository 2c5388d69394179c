"""While *Validate* runs a notebook, JupyterLab answers nothing else: so no pictures, films and training there."""

import json
import os
from pathlib import Path

import pytest
import session

REPO = Path(__file__).resolve().parent.parent
NEEDS_TRAINING = "checks.detect(detect)"  # looks at what lab 7's training has written


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = session.solve(REPO, tmp_path_factory.mktemp("labs"))
    path = folder / "lab7_capstone" / "capstone.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cells = [cell for cell in notebook["cells"] if "".join(cell["source"]) != NEEDS_TRAINING]
    assert len(cells) == len(notebook["cells"]) - 1
    path.write_text(json.dumps(notebook | {"cells": cells}), encoding="utf-8")
    return folder


def validate(*notebooks: Path) -> dict:
    return session.run(
        *notebooks,
        options=["--import", "unattended"],
        environment={"NBGRADER_EXECUTION": "validate", "PYTHONPATH": os.pathsep.join(map(str, (REPO, REPO / "tests")))},
    )


def test_no_notebook_draws_films_or_trains(solved: Path) -> None:
    came = validate(*(solved / name for name in session.notebooks(REPO)))
    assert came["shown"] == {}
    assert came["said"].count("nbgrader is running this notebook") == len(session.notebooks(REPO)) - 1  # not the tour


@pytest.mark.parametrize(
    "cell",
    [
        "pipeline.show('boxes')",
        pytest.param(
            "from course import video; video.read(video.scene_video('film.webm'))",
            marks=pytest.mark.exhaustive,  # repeats it with a film
        ),
        pytest.param(
            "from course import training; training.train(None, [1], steps=1)",
            marks=pytest.mark.exhaustive,  # repeats it with a training
        ),
    ],
)
def test_it_would_be_noticed(cell: str, solved: Path, tmp_path: Path) -> None:
    notebook = json.loads((solved / "lab1_boxes" / "boxes.ipynb").read_text(encoding="utf-8"))
    cells = [each for each in notebook["cells"] if each["cell_type"] == "code"]
    again = "import os; os.environ.pop('NBGRADER_EXECUTION')"  # as if a person ran it
    for each, text in zip(cells[1:3], (again, cell), strict=True):
        each |= {"source": text, "metadata": {}}
    path = tmp_path / "boxes.ipynb"
    path.write_text(json.dumps(notebook | {"cells": cells[:3]}), encoding="utf-8")
    with pytest.raises(AssertionError):
        validate(path)
