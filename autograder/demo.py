"""From a bare checkout to a graded class: release, hand-ins, nbgrader autograde, feedback, report."""

from collections.abc import Callable
from pathlib import Path

import nbformat

from autograder import notebooks, report
from autograder.answers import answers, students
from autograder.errors import own_folder


def demo(lab: str, out: Path, say: Callable[[str], None]) -> list[report.Student]:
    """Grade the lab's made-up class with stock nbgrader commands in ``out/course``, and report on it in ``out``.

    Raises:
        InstructorError: unknown lab, ``out`` is somebody else's folder, or an nbgrader command failed.
    """
    notebooks.known_lab(lab)
    own_folder(out, "the demo")
    course = out / "course"
    say(f"nbgrader generate_assignment {lab}")
    notebooks.generate(lab, course)
    count = hand_in(lab, course)
    say(f"{count} students hand in; nbgrader autograde {lab}")
    notebooks.nbgrader("autograde", lab, course=course)
    say(f"nbgrader generate_feedback {lab}")
    notebooks.nbgrader("generate_feedback", lab, course=course)
    results = report.collect(course, lab)
    report.write(results, lab, out)
    return results


def hand_in(lab: str, course: Path) -> int:
    """Write the class's submissions into a course folder that has the release; give their number."""
    texts = {(answer.exercise, answer.name): answer.text for answer in answers(lab)}
    for path in sorted((course / "release" / lab).glob("*.ipynb")):
        released = notebooks.read(path)
        to_write = notebooks.to_write(released).keys()  # a lab may have several notebooks
        for student in students(lab):
            given = {exercise: texts[exercise, name] for exercise, name in student.answers.items()} | student.written
            cells = {exercise: text for exercise, text in given.items() if exercise in to_write}
            folder = course / "submitted" / student.student / lab
            folder.mkdir(parents=True, exist_ok=True)
            nbformat.write(notebooks.solve(released, cells, student.extra_cells), folder / path.name)
    return len(students(lab))
