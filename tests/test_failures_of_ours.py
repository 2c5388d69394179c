"""What a function does to its arguments costs its own points; our failures cost one exercise, and are told as ours."""

import dataclasses
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import nbformat
import pytest
import torch
from nbformat.v4 import new_code_cell, new_notebook
from torch import Generator, Tensor, nn

from autograder.engine.results import Results
from autograder.grader.answers import define
from autograder.grader.exercise import Case
from autograder.grader.exercise_report import MIME
from autograder.grader.grading import judge
from autograder.labs import EXERCISES, answers
from autograder.nbgrader_plugins.pool_client import PoolClient
from course.checking.arguments import unchanged
from course.checking.comparing import difference

TOUCHED = "are left as they were"  # so end the titles of the cases that ask it
AREA = "    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])"
ODD = """
class Odd(torch.Tensor):
    @property
    def requires_grad(self):
        raise SystemExit("an attribute that ends the process")
"""


@pytest.mark.parametrize("line", ["maps.pop()", "maps.append(maps[0])", "maps.clear()", "maps[0] = None"])
def test_a_function_that_changes_its_list_loses_what_asks_that_alone(line: str) -> None:
    right = next(answer for answer in answers("lab5_fpn_mask") if answer.exercise == "FPN" and not answer.hint)

    class Changing(right.function()):  # type: ignore[misc]
        def forward(self, features: list[Tensor]) -> list[Tensor]:
            made = super().forward(list(features))
            exec(line, {"maps": features})
            return list(made)

    report = judge(EXERCISES["FPN"], Changing, seed=3)
    assert [row.title for row in report.rows if not row.held] == ["the same list twice", f"the inputs {TOUCHED}"]
    assert report.certain


# grades each text in a process of its own, which a tensor without memory ends when somebody reads it
EACH_ALONE = """
import os, sys
from autograder import grade
from autograder.grader.answers import define
from autograder.labs import EXERCISES  # once for all

ending, *texts = sys.argv[1:]
for text in texts:
    if not (child := os.fork()):
        report = grade("box_area", define(text, "box_area", "<answer>"))
        assert [row.title.endswith(ending) for row in report.rows if not row.held] == [True], report.rows
        assert report.certain
        break
    print(os.waitpid(child, 0)[1], flush=True)
"""


def test_an_argument_that_cannot_be_looked_at_any_more_counts_as_changed() -> None:
    changes = ("boxes.untyped_storage().resize_(0)", "boxes.__class__ = Odd", "boxes.data = boxes.data[:0]")
    texts = [
        f"{ODD}\ndef box_area(boxes):\n    area = box_area_of(boxes)\n    {change}\n    return area\n"
        f"def box_area_of(boxes):\n{AREA}\n"
        for change in changes
    ]
    words = [sys.executable, "-c", EACH_ALONE, TOUCHED, *texts]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120)
    assert done.stdout.split() == ["0"] * len(changes), done.stdout + done.stderr


def test_unchanged_compares_structures() -> None:
    tensor = torch.tensor([1.0, torch.nan])
    before = (tensor, [1, 2.0, "a", None, float("nan")], {"x": (True, torch.Generator())})
    same = (tensor.clone(), [1, 2.0, "a", None, before[1][4]], {"x": (True, torch.Generator().manual_seed(7))})
    assert unchanged(same, before)
    for other in (
        (tensor + 1, *same[1:]),
        (tensor.double(), *same[1:]),
        (nn.Parameter(tensor), *same[1:]),
        (tensor.clone().requires_grad_(), *same[1:]),
        (tensor[None], *same[1:]),
        (same[0], same[1][:-1], same[2]),
        (same[0], [2, *same[1][1:]], same[2]),
        (same[0], [True, *same[1][1:]], same[2]),
        (same[0], tuple(same[1]), same[2]),
        (same[0], same[1], {}),
        (same[0], same[1], {"y": same[2]["x"]}),
        same[:2],
        list(same),
        None,
    ):
        assert not unchanged(other, before), other


def test_an_answer_without_memory_is_no_tensor() -> None:
    code = (
        "import torch\n"
        "from course.checking.comparing import difference\n"
        "answer = torch.ones(3)\n"
        "answer.untyped_storage().resize_(0)\n"
        "assert difference(torch.ones(3), answer).kind == 'type'"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=120).returncode == 0
    assert difference(torch.ones(3), torch.ones(1).expand(3)) is None  # one number in memory, three to read
    assert difference(torch.ones(2), torch.ones(9)[3:9:3]) is None


def test_an_error_of_ours_is_told_as_ours(capsys: pytest.CaptureFixture[str]) -> None:
    def broken(generator: Generator) -> tuple:
        raise LookupError("hidden numbers")

    exercise = dataclasses.replace(EXERCISES["box_area"], cases=(Case("a case", broken, "a hint"),))
    report = judge(exercise, define(f"def box_area(boxes):\n{AREA}", "box_area", "<answer>"))
    assert (report.score, report.certain) == (0.0, False)
    assert "The grader itself failed on this exercise" in report.reason
    assert "hidden numbers" not in report.html()
    assert "LookupError: hidden numbers" in capsys.readouterr().err


@pytest.mark.sandbox
def test_an_error_of_ours_costs_one_exercise_and_leaves_the_result_uncertain(tmp_path: Path) -> None:
    marks = {"schema_version": 3, "grade": True, "solution": False, "locked": True, "points": 2.0}
    cells = [new_code_cell(f"def box_area(boxes):\n{AREA}", id="own-1")]
    for name, code in (
        ("broken", "grade('no such exercise', box_area)"),
        ("box_area", "grade('box_area', box_area)"),
    ):
        cell = new_code_cell(f"from autograder import grade\n{code}", id=name)
        cell.metadata["nbgrader"] = {**marks, "grade_id": f"test_{name}"}
        cells.append(cell)
    path = tmp_path / "clean" / "lab.ipynb"
    path.parent.mkdir()
    nbformat.write(new_notebook(cells=cells), path)
    results = Results(tmp_path / "results")
    with closing(PoolClient(results, sandboxed=True, cores=1)) as client:
        client.send("job", path, b"secret")
        assert list(client.wait_for("job")) == ["job"]
    found = results.read("job")
    assert found is not None
    assert not found["certain"]
    broken, right = (found["outputs"][name][0].data[MIME] for name in ("broken", "box_area"))
    assert "The grader itself failed on this exercise" in broken["reason"]
    assert not broken["certain"]
    assert (right["score"], right["certain"]) == (2.0, True)
