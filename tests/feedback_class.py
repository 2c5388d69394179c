"""A student with something of everything that a feedback page can tell, and what writes the page."""

import datetime
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from graded_course import LAB, Course
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from traitlets.config.loader import PyFileConfigLoader

from autograder.commands import notebooks
from autograder.commands.notebooks import ROOT
from autograder.grader.exercise_report import Report, Row

CHECK = Row("the visible check", 1.0, True, "", "")
CLAMP = "Boxes that lie apart share nothing: clamp the overlap's width and height at 0 before you multiply."
SWAP = "The whole row is reversed, so that the far corner comes first: swap within each corner only."
READY_MADE = (
    "It calls torchvision.ops.clip_boxes_to_image, a ready-made version of what this exercise asks you to build."
)
REPORTS = {
    "yxyx_to_xyxy": Report(
        *("yxyx_to_xyxy", 2.0, 0.0, 11),
        rows=(
            Row("the visible check", 1.0, False, "the slide's two helmets", ""),
            Row("a handful of boxes", 2.0, False, "28 of 28 values are wrong", SWAP),
            Row("no boxes", 0.5, True, "", ""),
        ),
        hint=SWAP,
        core_holds=False,
    ),
    "box_area": Report("box_area", 2.0, 2.0, 12, rows=(CHECK, Row("a single box", 1.0, True, "", ""))),
    "box_iou": Report(
        *("box_iou", 10.0, 7.5, 13),
        rows=(CHECK, Row("boxes that all overlap", 2.0, True, "", ""), Row("boxes apart", 1.0, False, "0.4", CLAMP)),
        hint=CLAMP,
    ),
    "clip_boxes_to_image": Report("clip_boxes_to_image", 3.0, 0.0, 14, reason=READY_MADE),
    "remove_small_boxes": Report(
        *("remove_small_boxes", 3.0, 0.0, 15),
        rows=(Row("the visible check", 1.0, False, "it is not written yet", ""),),
        hint="remove_small_boxes is not written yet.",
        core_holds=False,
        unwritten=True,
    ),
}
NOTES = """**About this submission**

- The file `Copy of boxes.ipynb` was taken for boxes.ipynb.
- The graded cell test_box_iou was changed: the released one is run."""
COMMENT = "Nearly there: look at `clamp`, and at **both** sides."
OWN = 'boxes = torch.zeros(3, 4)\nprint("three", boxes.shape)'


def something_of_everything(course: Course, student: str = "mary") -> None:
    """Points of every kind, late by two hours, with notes, a comment and a cell of her own."""
    course.grade(student, 0.0)
    with changed(course, student) as notebook:
        report(notebook, REPORTS)
        notebook.metadata["rcnn_by_hand"] = {"seconds": 1.0}
        note = nbformat.v4.new_markdown_cell(NOTES, id="about-this-submission")
        printed = nbformat.v4.new_output("stream", name="stdout", text="three torch.Size([3, 4])\n")
        own = nbformat.v4.new_code_cell(OWN, id="own-1", metadata={"own": True}, outputs=[printed], execution_count=1)
        notebook.cells = [note, *notebook.cells, own]
    with marked(course, student) as find:
        for name, each in REPORTS.items():
            find("grade", f"test_{name}").auto_score = each.score
        find("grade", "test_box_area").extra_credit = 0.5
        find("grade", "test_clip_boxes_to_image").manual_score = 1.0
        find("notebook").late_submission_penalty = 1.0
        find("notebook").assignment.assignment.duedate = datetime.datetime(2026, 11, 30, 18, 0)
        find("notebook").assignment.timestamp = datetime.datetime(2026, 11, 30, 20, 5)
        find("comment", "box_iou").manual_comment = COMMENT


@contextmanager
def changed(course: Course, student: str) -> Iterator[NotebookNode]:
    """The autograded notebook, to be changed."""
    path = course.root / "autograded" / student / LAB / "boxes.ipynb"
    notebook = notebooks.read(path)
    yield notebook
    nbformat.write(notebook, path)


def report(notebook: NotebookNode, reports: dict[str, Report]) -> None:
    """Have graded cells show these reports."""
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if each := reports.get(name.removeprefix("test_")) if name.startswith("test_") else None:
            data = each._repr_mimebundle_()
            cell.outputs = [nbformat.v4.new_output("execute_result", data=data, execution_count=1)]


@contextmanager
def marked(course: Course, student: str) -> Iterator[Callable[..., Any]]:
    """The gradebook, to be changed: a function that finds a ``grade``, a ``comment`` or the ``notebook``."""
    with warnings.catch_warnings(action="ignore"), Gradebook(course.address, "rcnn-by-hand") as book:

        def find(kind: str, name: str = "") -> Any:
            where = ("boxes", LAB, student)
            if kind == "notebook":
                return book.find_submission_notebook(*where)
            return getattr(book, f"find_{kind}")(name, *where)

        yield find
        book.db.commit()


def write_feedback(course: Course) -> None:
    """Write all pages, as ``nbgrader generate_feedback`` does with our settings."""
    config = PyFileConfigLoader("nbgrader_config.py", str(ROOT)).load_config()
    where = CourseDirectory(root=str(course.root), assignment_id=LAB, db_url=course.address)
    with warnings.catch_warnings(action="ignore"):
        GenerateFeedback(coursedir=where, config=config).start()


def page(course: Course, student: str = "mary") -> Path:
    """Where a page is."""
    return course.root / "feedback" / student / LAB / "boxes.html"
