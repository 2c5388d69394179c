"""The way of a lab through stock nbgrader, as the instructor and a student go it."""

import csv
import getpass
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder import notebooks

LAB = "lab1_boxes"
NAMES = ["yxyx_to_xyxy", "box_area", "box_iou", "clip_boxes_to_image", "remove_small_boxes"]


class Desk:
    """A folder in which somebody types nbgrader commands."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder = folder
        path = str(Path(sys.executable).parent) + os.pathsep + os.environ["PATH"]
        self.environment = {**os.environ, "HOME": str(home), "PATH": path}

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
        )
        said = done.stdout + done.stderr
        assert done.returncode == 0, said
        return said


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, Desk]:
    """The instructor's course folder as a clone has it, and a student's empty folder; both use one exchange."""
    root = tmp_path_factory.mktemp("nbgrader")
    exchange, home, course, student = (root / name for name in ("exchange", "home", "course", "student"))
    for folder in (exchange, home, student):
        folder.mkdir()
    exchange.chmod(0o777)  # nbgrader wants an exchange that everybody can write into
    for name in ("source", "release"):
        shutil.copytree(notebooks.ROOT / name / LAB, course / name / LAB)
    settings = f'\nc.Exchange.root = "{exchange}"\n'
    config = (notebooks.ROOT / "nbgrader_config.py").read_text(encoding="utf-8")
    (course / "nbgrader_config.py").write_text(config + settings, encoding="utf-8")
    (student / "nbgrader_config.py").write_text(
        f'c = get_config()\nc.CourseDirectory.course_id = "rcnn-by-hand"{settings}', encoding="utf-8"
    )
    return Desk(course, home), Desk(student, home)


def scores(course: Path, student: str) -> dict[str, float]:
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        submission = gradebook.find_submission(LAB, student)
        return {grade.name.removeprefix("test_"): grade.score for nb in submission.notebooks for grade in nb.grades}


def test_from_source_to_fetched_feedback(desks: tuple[Desk, Desk]) -> None:
    instructor, student = desks
    me = getpass.getuser()

    instructor.run("generate_assignment", LAB)
    released = instructor.folder / "release" / LAB / "boxes.ipynb"
    assert released.read_bytes() == (notebooks.ROOT / "release" / LAB / "boxes.ipynb").read_bytes()
    instructor.run("release_assignment", LAB)
    assert LAB in instructor.run("list")

    student.run("fetch_assignment", LAB)
    mine = student.folder / LAB / "boxes.ipynb"
    said = student.run("validate", str(mine))
    assert "VALIDATION FAILED ON 5 CELL(S)" in said
    for name in NAMES:
        assert f"{name} is not written yet" in said

    cells = notebooks.solutions(LAB, "boxes")
    cells["remove_small_boxes"] = (
        "def remove_small_boxes(boxes, min_size):\n"
        "    sides = boxes[:, 2:] - boxes[:, :2]\n"
        "    return torch.where((sides > min_size).all(dim=1))[0]\n"
    )
    nbformat.write(notebooks.solve(notebooks.read(mine), cells), mine)
    said = student.run("validate", str(mine))
    assert "VALIDATION FAILED ON 1 CELL(S)" in said
    assert "A side of exactly min_size is large enough" in said
    student.run("submit", LAB)

    instructor.run("collect", LAB)
    instructor.run("autograde", LAB)
    first = scores(instructor.folder, me)
    assert {name: first[name] for name in NAMES[:4]} == {
        "yxyx_to_xyxy": 2, "box_area": 2, "box_iou": 10, "clip_boxes_to_image": 3,
    }  # fmt: skip
    assert 0 < first["remove_small_boxes"] < 3
    instructor.run("generate_feedback", LAB)
    instructor.run("release_feedback", LAB)

    student.run("fetch_feedback", LAB)
    (page,) = student.folder.glob(f"{LAB}/feedback/*/boxes.html")
    text = page.read_text(encoding="utf-8")
    assert "A side of exactly min_size is large enough" in text
    assert "sides of exactly min_size" in text
    assert "HIDDEN TESTS" not in text
    assert "grade(" not in text

    instructor.run("export", "--to", "grades.csv")
    with (instructor.folder / "grades.csv").open(encoding="utf-8") as file:
        (row,) = [line for line in csv.DictReader(file) if line["student_id"] == me]
    assert (float(row["score"]), float(row["max_score"])) == (
        pytest.approx(17 + first["remove_small_boxes"]),
        20,
    )

    # Now she puts it right and hands in again, and every function has full marks.
    nbformat.write(notebooks.solve(notebooks.read(mine), notebooks.solutions(LAB, "boxes")), mine)
    assert "Success!" in student.run("validate", str(mine))
    student.run("submit", LAB)
    instructor.run("collect", "--update", LAB)
    instructor.run("autograde", LAB)
    assert sum(scores(instructor.folder, me).values()) == 20


def test_a_second_hand_in_without_graded_cells_does_not_keep_the_first_ones_score(
    desks: tuple[Desk, Desk],
) -> None:
    instructor, _ = desks
    released = notebooks.read(notebooks.ROOT / "release" / LAB / "boxes.ipynb")
    folder = instructor.folder / "submitted" / "again" / LAB
    folder.mkdir(parents=True)
    nbformat.write(notebooks.solve(released, notebooks.solutions(LAB, "boxes")), folder / "boxes.ipynb")
    instructor.run("autograde", LAB, "--student", "again")
    assert sum(scores(instructor.folder, "again").values()) == 20

    released.cells = [cell for cell in released.cells if not cell.metadata.get("nbgrader", {}).get("grade")]
    nbformat.write(released, folder / "boxes.ipynb")
    instructor.run("autograde", LAB, "--student", "again", "--force")
    assert sum(scores(instructor.folder, "again").values()) == 0
