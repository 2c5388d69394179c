"""Exercises that come to a lab, or leave it, after hand-ins: what nbgrader allows, and what an instructor can do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import is_grade, is_locked, is_solution, is_task

from autograder.nbgrader_plugins.nbgrader_internals import course_like
from autograder.nbgrader_plugins.planning import submissions

KINDS = {  # of the cells that the gradebook keeps, each with what nbgrader knows it by
    "grade_cells": (is_grade,),
    "solution_cells": (is_solution,),
    "task_cells": (is_task,),
    "source_cells": (is_grade, is_solution, is_locked, is_task),
}


@dataclass(frozen=True)
class Changed:
    """What has changed in a lab since the gradebook last heard of it, if something has.

    Attributes:
        lab: its name.
        new: exercises, or other cells that nbgrader keeps, and notebooks, that were not there.
        gone: those that are no longer there.
        graded: how many of its hand-ins the gradebook knows.
        handed_in: how many lie in ``submitted/``.
    """

    lab: str
    new: tuple[str, ...]
    gone: tuple[str, ...]
    graded: int
    handed_in: int

    def refusal(self) -> str:
        """What to do where hand-ins are graded, ``""`` where none is: nbgrader ties them to the exercises they met."""
        if not self.graded or not (self.new or self.gone):
            return ""
        what = "; ".join(
            f"{word}: {', '.join(names)}" for word, names in (("new", self.new), ("gone", self.gone)) if names
        )
        return (
            f"{self.lab} has other exercises than its {self.graded} graded hand-ins ({what}). Put new ones into "
            "another lab; or, if the due date, and scores and comments given by hand, may go, run "
            f"nbgrader db assignment remove {self.lab} --force, then nbgrader generate_assignment {self.lab}, then "
            f"nbgrader autograde {self.lab} --force."
        )

    def warning(self) -> str:
        """What to do where hand-ins lie there that lack something, else ``""``."""
        if not self.handed_in or not self.new:
            return ""
        return (
            f"submitted/ has hand-ins of {self.lab} by {self.handed_in} students, who may not know of "
            f"{', '.join(self.new)} yet and would get no points for it: give them the new release, and collect again."
        )


def changed_exercises(course: CourseDirectory, notebooks: Mapping[str, NotebookNode]) -> Changed:
    """In what notebooks about to be released differ from what the gradebook knows of them.

    Args:
        course: the folder, of one assignment.
        notebooks: by name; with ``notebook_id`` other than ``*`` not all of them.
    """
    lab = course.assignment_id
    new, gone = set[str](), set[str]()
    with Gradebook(course.db_url, course.course_id) as gradebook:
        try:
            known = {notebook.name: notebook for notebook in gradebook.find_assignment(lab).notebooks}
        except MissingEntry:  # nor is there a hand-in, then
            return Changed(lab, (), (), 0, 0)
        if course.notebook_id == "*" and known:
            new, gone = notebooks.keys() - known.keys(), known.keys() - notebooks.keys()
        for name in known.keys() & notebooks.keys():
            for kind, marks in KINDS.items():
                before = {cell.name for cell in getattr(known[name], kind)}
                now = _marked(notebooks[name], marks)
                new, gone = new | (now - before), gone | (before - now)
        graded = len(gradebook.assignment_submissions(lab))
    everybody = course_like(course)
    everybody.student_id = "*"
    return Changed(lab, _exercises(new), _exercises(gone), graded, len(submissions(everybody)))


def _exercises(names: set[str]) -> tuple[str, ...]:
    """Names of cells as people know them: a solution cell, and the cell that grades it, are one exercise."""
    return tuple(sorted({name.removeprefix("test_") for name in names}))


def _marked(notebook: NotebookNode, marks: tuple[Callable[[NotebookNode], bool], ...]) -> set[str]:
    return {cell.metadata.nbgrader.grade_id for cell in notebook.cells if any(mark(cell) for mark in marks)}
