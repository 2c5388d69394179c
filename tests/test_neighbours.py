"""A mistake costs once: also one that keeps a cell from defining its function at all."""

import ast
import linecache
from contextlib import closing
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder import grade
from autograder.engine.results import Results
from autograder.grader.answers import define
from autograder.grader.exercise_report import MIME
from autograder.labs import EXERCISES
from autograder.nbgrader_plugins.pool_client import PoolClient
from autograder.student.namespace import library_neighbours
from course import library
from course.checking.guard import Guard

IOU = """
def box_iou(boxes1, boxes2):
    lt = torch.max(boxes1[:, None, :2], boxes2[:, :2])
    inter = (torch.min(boxes1[:, None, 2:], boxes2[:, 2:]) - lt).clamp(min=0).prod(-1)
    union = box_area(boxes1)[:, None] + box_area(boxes2) - inter
    return torch.where(union > 0, inter / torch.where(union > 0, union, 1), 0)
"""


def alone(repo: Path, name: str) -> dict:
    """The reference notebook's namespace, as if the cells of its other exercises had stopped with an error."""
    place = EXERCISES[name].place
    path = repo / "solutions" / place.lab / f"{place.notebook}.py"
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kept = [node for node in tree.body if getattr(node, "name", name) == name or node.name not in EXERCISES]
    text = "\n\n".join(map(ast.unparse, kept))  # type: ignore[arg-type]
    filename = f"<{name} alone>"
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    names: dict = {"__name__": "__main__"}
    exec(compile(text, filename, "exec"), names)
    return names


@pytest.mark.usefixtures("beside_the_detector")
@pytest.mark.parametrize("name", EXERCISES)
def test_an_exercise_keeps_its_points_when_all_others_of_its_notebook_are_broken(name: str, repo: Path) -> None:
    names = alone(repo, name)
    before = set(names)
    report = grade(name, names[name])
    assert report.score == report.points, [(row.title, row.detail) for row in report.rows if not row.held]
    assert set(names) == before


def test_some_references_do_call_others(repo: Path) -> None:
    """Else the test above would show nothing."""
    for name, called in (("box_iou", "box_area"), ("make_proposals", "nms"), ("roi_align", "bilinear_sample")):
        names = alone(repo, name)
        assert called in names[name].__code__.co_names
        assert called not in names


def test_undefined_names_are_undefined_again() -> None:
    text = "box_area = 'no function'\ndef nms(boxes): return box_area, mask_loss, sample_rois"
    function = define(text, "nms", "<nms>")
    space = function.__globals__
    del space["mask_loss"]
    before = dict(space)
    with library_neighbours(function, ["box_area", "mask_loss", "roi_pool"], Guard(), "course.library") as swapped:
        assert swapped
        area, loss, rois = function(None)
        assert callable(area)
        assert callable(loss)
        assert rois is library.sample_rois  # not asked for
    assert space == before


def test_names_that_nobody_defined_are_none_of_the_students_own() -> None:
    function = define("def nms(boxes): return 1", "nms", "<nms>")
    del function.__globals__["mask_loss"]
    with library_neighbours(function, ["mask_loss"], Guard(), "course.library") as swapped:
        assert not swapped


@pytest.mark.sandbox
def test_a_cell_without_its_function_costs_its_own_points_alone(tmp_path: Path) -> None:
    broken = {
        "syntax error": "def box_area(boxes)\n    return 1",
        "empty": "",
        "stopped": "box_area = boxs\ndef box_area(b): pass",
    }
    results = Results(tmp_path / "results")
    with closing(PoolClient(results, sandboxed=True, cores=1)) as client:
        for job, text in broken.items():
            client.send(job, hand_in(tmp_path / job, text), b"secret")
        for job in broken:
            list(client.wait_for(job))
    for job in broken:
        found = results.read(job)
        assert found is not None, job
        reports = {name: found["outputs"][f"test-{name}"][0].data[MIME] for name in ("box_area", "box_iou")}
        assert {name: report["score"] for name, report in reports.items()} == {"box_area": 0.0, "box_iou": 10.0}, job
        assert found["certain"]


def hand_in(folder: Path, area: str) -> Path:
    """A clean copy's notebook, whose cell for box_area has this text."""
    cells = [new_code_cell("import torch", id="own-0"), new_code_cell(area, id="area"), new_code_cell(IOU, id="iou")]
    for cell, name in zip(cells[1:], ("box_area", "box_iou"), strict=True):
        cell.metadata["nbgrader"] = {"schema_version": 3, "grade": False, "solution": True, "grade_id": name}
    for name in ("box_area", "box_iou"):
        cell = new_code_cell(f"from autograder import grade\ngrade('{name}', {name})", id=f"test-{name}")
        marks = {"schema_version": 3, "grade": True, "solution": False, "grade_id": f"test_{name}"}
        cell.metadata["nbgrader"] = {**marks, "points": EXERCISES[name].points}
        cells.append(cell)
    folder.mkdir()
    nbformat.write(new_notebook(cells=cells), folder / "lab.ipynb")
    return folder / "lab.ipynb"
