"""A course folder with lab 1 as ``nbgrader autograde`` leaves it, made without running anything."""

import shutil
import warnings
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook

from autograder.commands import notebooks
from autograder.commands.notebooks import ROOT
from autograder.engine.cell_outputs import all_lost
from autograder.labs import LABS

LAB = "lab1_boxes"
TOTAL = sum(exercise.points for exercise in LABS[LAB])


class Course:
    """One course; ``empty`` is an empty gradebook (the fixture ``empty_gradebook``)."""

    def __init__(self, root: Path, empty: Path, name: str = "gradebook.db") -> None:
        self.root, self.address = root, f"sqlite:///{root / name}"
        self.released = notebooks.read(ROOT / "release" / LAB / "boxes.ipynb")
        (root / "release" / LAB).mkdir(parents=True)
        nbformat.write(self.released, root / "release" / LAB / "boxes.ipynb")
        (root / "source" / LAB).mkdir(parents=True)
        nbformat.write(self.released, root / "source" / LAB / "boxes.ipynb")
        self.cells = [cell for cell in self.released.cells if cell.metadata.get("nbgrader", {}).get("grade")]
        shutil.copy(empty, root / name)
        with Gradebook(self.address, "rcnn-by-hand") as book:
            book.add_assignment(LAB)
            book.add_notebook("boxes", LAB)
            for cell in reversed(self.cells):  # the gradebook keeps no order
                marks = cell.metadata.nbgrader
                book.add_grade_cell(marks.grade_id, "boxes", LAB, max_score=marks.points, cell_type="code")
            for name in notebooks.to_write(self.released):
                book.add_solution_cell(name, "boxes", LAB)

    def hand_in(self, student: str, text: str | None) -> None:
        folder = self.root / "submitted" / student / LAB
        folder.mkdir(parents=True)
        if text is not None:
            (folder / "boxes.ipynb").write_text(text, encoding="utf-8")

    def grade(self, student: str, share: float, reason: str = "", seconds: float | None = None) -> None:
        """Every exercise gets this share of its points."""
        notebook = notebooks.solve(self.released, {})
        outputs = all_lost(notebook, reason)
        # nbgrader ties a submission to its assignment before it adds it, which SQLAlchemy 2.1 remarks upon
        with warnings.catch_warnings(action="ignore"), Gradebook(self.address, "rcnn-by-hand") as book:
            book.add_student(student)
            book.add_submission(LAB, student)
            for cell in self.cells:
                marks = cell.metadata.nbgrader
                book.find_grade(marks.grade_id, "boxes", LAB, student).auto_score = share * marks.points
            book.db.commit()
        for cell in notebook.cells:
            if cell.id in outputs:
                cell.outputs = outputs[cell.id]
                cell.execution_count = 1
        if seconds is not None:
            notebook.metadata["rcnn_by_hand"] = {"seconds": seconds}
        folder = self.root / "autograded" / student / LAB
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / "boxes.ipynb")
