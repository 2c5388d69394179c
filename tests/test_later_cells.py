"""What cells show after an exercise was judged tells nothing of hidden inputs, and is there all the same."""

from contextlib import closing
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from autograder.engine.results import Results
from autograder.grader.exercise_report import MIME
from autograder.nbgrader_plugins.pool_client import PoolClient

pytestmark = pytest.mark.sandbox

KEEPING = """kept = []
def box_area(boxes):
    kept.append(boxes.sum().item())
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
"""


def marked(source: str, grade_id: str, **marks: object) -> NotebookNode:
    cell = new_code_cell(source, id=grade_id)
    cell.metadata["nbgrader"] = {"schema_version": 3, "grade": False, "solution": True, "grade_id": grade_id, **marks}
    return cell


def own(source: str, name: str) -> NotebookNode:
    cell = new_code_cell(source, id=name)
    cell.metadata["own"] = True
    return cell


def test_of(name: str) -> NotebookNode:
    source = f"from autograder import grade\ngrade('{name}', {name})"
    return marked(source, f"test_{name}", grade=True, solution=False, points=2.0)


test_of.__test__ = False  # type: ignore[attr-defined]


def judged(tmp_path: Path, *cells: NotebookNode) -> dict[str, list[NotebookNode]]:
    path = tmp_path / "clean" / "lab.ipynb"
    path.parent.mkdir()
    nbformat.write(new_notebook(cells=list(cells)), path)
    results = Results(tmp_path / "results")
    with closing(PoolClient(results, sandboxed=True, cores=1)) as client:
        client.send("job", path, b"secret")
        assert list(client.wait_for("job")) == ["job"]
    found = results.read("job")
    assert found is not None
    assert found["certain"]
    return found["outputs"]


def text(outputs: list[NotebookNode]) -> str:
    return "".join(output.get("text", output.get("evalue", "")) for output in outputs)


def test_later_cells_show_what_they_show_where_nothing_was_judged(tmp_path: Path) -> None:
    outputs = judged(
        tmp_path,
        new_code_cell("import torch", id="first"),
        own("print('before')", "own-1"),
        marked(KEEPING, "box_area"),
        test_of("box_area"),
        own("print('kept:', kept)", "own-2"),
        own("raise ValueError(kept)", "own-3"),
        own("kept", "own-4"),
        marked("raise RuntimeError(f'because of {kept}')\ndef box_iou(a, b): pass", "box_iou"),
        test_of("box_iou"),
    )
    assert outputs["test_box_area"][0].data[MIME]["score"] == 2.0
    assert text(outputs["own-1"]) == "before\n"
    assert text(outputs["own-2"]) == "kept: []\n"
    assert [(output.ename, output.evalue) for output in outputs["own-3"]] == [("ValueError", "[]")]
    assert outputs["own-4"][0].data["text/plain"] == "[]"
    assert "RuntimeError: because of []." in outputs["test_box_iou"][0].data[MIME]["reason"]


def test_a_cell_that_ends_its_kernel_is_told_so_and_later_ones_are_shown(tmp_path: Path) -> None:
    outputs = judged(
        tmp_path,
        new_code_cell("import torch, os", id="first"),
        marked(KEEPING, "box_area"),
        test_of("box_area"),
        own("os._exit(0)", "own-1"),
        own("print(len(kept))", "own-2"),
    )
    assert outputs["test_box_area"][0].data[MIME]["score"] == 2.0
    assert "the process with your code ended" in text(outputs["own-1"])
    assert text(outputs["own-2"]) == "0\n"


def test_what_cannot_be_shown_says_why(tmp_path: Path) -> None:
    """The cell runs well where functions were judged, and ends its kernel where none was."""
    outputs = judged(
        tmp_path,
        new_code_cell("import torch, os", id="first"),
        marked(KEEPING, "box_area"),
        test_of("box_area"),
        own("kept or os._exit(0)\nprint(kept)", "own-1"),
        own("print(kept)", "own-2"),
    )
    for name in ("own-1", "own-2"):
        assert [output.ename for output in outputs[name]] == ["NotShown"]
        assert text(outputs[name]).startswith("what this cell shows could be hidden inputs")
        assert "the process with your code ended" in text(outputs[name])
