"""A function that is not there: its author is told the error that kept it away, and of which Python it is."""

import sys
import time
from contextlib import closing
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from autograder.engine.kernel_outputs import error_output
from autograder.engine.missing import why_missing
from autograder.engine.results import Results
from autograder.grader.exercise_report import MIME
from autograder.nbgrader_plugins.pool_client import PoolClient

VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
STOPPED = "There is no {} in this notebook: the cell that should define it stopped with an error. {}"
NEWER = f" It is graded with Python {VERSION}: if it runs for you, it may be written for a newer one."


def solution(source: str, grade_id: str) -> NotebookNode:
    cell = new_code_cell(source, id=grade_id)
    cell.metadata["nbgrader"] = {"schema_version": 3, "grade": False, "solution": True, "grade_id": grade_id}
    return cell


@pytest.mark.sandbox
def test_the_reason_quotes_the_cells_own_error(tmp_path: Path) -> None:
    cells = {
        "box_area": "def box_area(boxes) -> float\n    return 1",  # in no version
        "box_iou": "import no_such_package\ndef box_iou(boxes1, boxes2):\n    return 1",
        "nms": "",
    }
    expected = {
        "box_area": STOPPED.format("box_area", "SyntaxError: expected ':' (line 1).") + NEWER,
        "box_iou": STOPPED.format("box_iou", "ModuleNotFoundError: No module named 'no_such_package'."),
        "nms": "There is no nms in this notebook: no cell of it defines one.",
    }
    notebook = new_notebook(cells=[solution(source, name) for name, source in cells.items()])
    for name in cells:
        cell = new_code_cell(f"from autograder import grade\ngrade('{name}', {name})", id=f"test-{name}")
        marks = {"schema_version": 3, "grade": True, "solution": False, "grade_id": f"test_{name}", "points": 2.0}
        cell.metadata["nbgrader"] = marks
        notebook.cells.append(cell)
    path = tmp_path / "clean" / "lab.ipynb"
    path.parent.mkdir()
    nbformat.write(notebook, path)
    results = Results(tmp_path / "results")
    with closing(PoolClient(results, sandboxed=True, cores=1)) as client:
        client.send("job", path, b"secret")
        assert list(client.wait_for("job")) == ["job"]
    found = results.read("job")
    assert found is not None
    assert {name: found["outputs"][f"test-{name}"][0].data[MIME]["reason"] for name in cells} == expected


def test_a_definition_in_a_cell_of_ones_own_counts_and_an_error_elsewhere_does_not() -> None:
    own = new_code_cell("def nms[T](boxes: T) -> T:\n    return boxes", id="own-1")
    own.metadata["own"] = True
    elsewhere = new_code_cell("nms(1)\nprint(nms == 2)", id="own-2")
    elsewhere.metadata["own"] = True
    outputs = {
        "own-1": [error_output("SyntaxError", "expected '(' (123456.py, line 1)")],
        "own-2": [error_output("NameError", "name 'nms' is not defined")],
    }
    told = why_missing("nms", new_notebook(cells=[own, elsewhere]), outputs)
    assert told == STOPPED.format("nms", "SyntaxError: expected '(' (line 1).") + NEWER
    assert why_missing("nms", new_notebook(cells=[elsewhere]), outputs).endswith("no cell of it defines one.")


def test_a_text_that_is_made_to_take_long_does_not() -> None:
    odd = [new_code_cell(text * 100_000, id=f"own-{n}") for n, text in enumerate(("\n ", " \t", "nms ", "def "))]
    for cell in odd:
        cell.metadata["own"] = True
    outputs = {"own-2": [error_output("E", " (" * 1_000_000)]}
    start = time.process_time()
    why_missing("nms", new_notebook(cells=[*odd, solution("", "nms")]), outputs)
    why_missing("nms", new_notebook(cells=[solution("", "nms")]), {"nms": outputs["own-2"]})
    assert time.process_time() - start < 2.0
