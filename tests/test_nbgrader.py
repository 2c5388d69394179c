"""The way of a lab through stock nbgrader, as the instructor and a student go it."""

import csv
import getpass
import shutil
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader_commands import nbgrader

from autograder.commands import notebooks
from autograder.grader.graded_cells import graded_cells

LAB = "lab1_boxes"
CELLS = graded_cells(notebooks.ROOT / "solutions" / LAB / "boxes.py")
POINTS = sum(cell.points for cell in CELLS.values())
NAMES = list(CELLS)


class Desk:
    """A folder in which somebody types nbgrader commands."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder, self.home = folder, home

    def run(self, *words: str) -> str:
        done = nbgrader(*words, course=self.folder, environment={"HOME": str(self.home)})
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
    right = notebooks.solutions(LAB, "boxes")
    wrong = (
        "def remove_small_boxes(boxes, min_size):\n"
        "    sides = boxes[:, 2:] - boxes[:, :2]\n"
        "    return torch.where((sides > min_size).all(dim=1))[0]\n"
    )
    assert NAMES[-1] == "remove_small_boxes"
    nbformat.write(notebooks.solve(notebooks.read(mine), {NAMES[-1]: wrong}), mine)
    said = student.run("validate", str(mine))
    assert f"VALIDATION FAILED ON {len(NAMES)} CELL(S)" in said
    for name in NAMES[:-1]:
        assert f"{name} is not written yet" in said
    assert "A side of exactly min_size is large enough" in said

    nbformat.write(notebooks.solve(notebooks.read(mine), {**right, NAMES[-1]: wrong}), mine)
    student.run("submit", LAB)
    again = instructor.folder / "submitted" / "again" / LAB
    again.mkdir(parents=True)
    nbformat.write(notebooks.solve(notebooks.read(released), right), again / "boxes.ipynb")

    instructor.run("collect", LAB)
    instructor.run("autograde", LAB)
    first = scores(instructor.folder, me)
    assert {name: first[name] for name in NAMES[:-1]} == {name: CELLS[name].points for name in NAMES[:-1]}
    assert 0 < first["remove_small_boxes"] < 3
    assert sum(scores(instructor.folder, "again").values()) == POINTS
    instructor.run("generate_feedback", LAB)
    shutil.rmtree(instructor.folder / "feedback" / "again")  # nothing goes back to who did not use the exchange
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
        pytest.approx(POINTS - 3 + first["remove_small_boxes"]),
        POINTS,
    )

    # Now she puts it right and hands in again, and every function has full marks.
    nbformat.write(notebooks.solve(notebooks.read(mine), right), mine)
    assert "Success!" in student.run("validate", str(mine))
    student.run("submit", LAB)
    # Somebody else hands in again without graded cells, and does not keep the score of the first time.
    bare = notebooks.read(released)
    bare.cells = [cell for cell in bare.cells if not cell.metadata.get("nbgrader", {}).get("grade")]
    nbformat.write(bare, again / "boxes.ipynb")
    instructor.run("collect", "--update", LAB)
    instructor.run("autograde", LAB)
    assert sum(scores(instructor.folder, me).values()) == POINTS
    assert sum(scores(instructor.folder, "again").values()) == 0
