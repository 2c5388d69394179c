"""From a bare checkout to a graded class: release, hand-ins, nbgrader autograde, feedback, report."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import nbformat

from autograder.commands import class_report, notebooks
from autograder.commands.class_results import Student, collect, found_worth_a_look
from autograder.engine import sandbox, seeds
from autograder.errors import InstructorError, own_folder
from autograder.nbgrader_plugins.course_folder import FOLDER
from autograder.spec import current

SECRET = b"known to all, so all demos agree"  # of the made-up class's course
TRUSTED = """
# Written by the demo, on a machine without a sandbox: its made-up class is trusted. Never so with students' code.
c.Sandbox.required = False
"""


def demo(lab: str, out: Path, say: Callable[[str], None]) -> list[Student]:
    """Grade the lab's made-up class with stock nbgrader commands in ``out/course``, and report on it in ``out``.

    Raises:
        InstructorError: unknown lab, one without graded exercises, ``out`` is somebody else's folder, or an nbgrader
            command failed.
    """
    notebooks.known_lab(lab)
    if not any(exercise.place.lab == lab for exercise in current().all_exercises().values()):
        raise InstructorError(f"{lab} has no graded exercises, so there is nothing to grade.")
    own_folder(out, "the demo")
    course = out / "course"
    say(f"nbgrader generate_assignment {lab}")
    notebooks.generate(lab, course)
    if lacking := sandbox.lacking():
        say(f"No sandbox: {lacking}. As this class is made up, the demo's own nbgrader_config.py does without:")
        say("c.Sandbox.required = False")
        with (course / "nbgrader_config.py").open("a", encoding="utf-8") as settings:
            settings.write(TRUSTED)
    (course / FOLDER).mkdir(exist_ok=True)
    (course / FOLDER / seeds.FILE).write_bytes(SECRET)
    count = hand_in(lab, course)
    say(f"{count} students hand in; nbgrader autograde {lab}")
    notebooks.nbgrader("autograde", lab, course=course)
    say(f"nbgrader generate_feedback {lab}")
    notebooks.nbgrader("generate_feedback", lab, course=course)
    results = collect(course, lab)
    class_report.write(results, lab, found_worth_a_look(results, course, lab), out)
    return results


def hand_in(lab: str, course: Path) -> int:
    """Write the class's submissions into a course folder that has the release; give their number."""
    made_up = import_module(current().made_up)
    texts = {(answer.exercise, answer.name): answer.text for answer in made_up.answers(lab)}
    for path in sorted((course / "release" / lab).glob("*.ipynb")):
        released = notebooks.read(path)
        to_write = notebooks.to_write(released).keys()  # a lab may have several notebooks
        for student in made_up.students(lab):
            given = {exercise: texts[exercise, name] for exercise, name in student.answers.items()} | student.written
            cells = {exercise: text for exercise, text in given.items() if exercise in to_write}
            folder = course / "submitted" / student.student / lab
            folder.mkdir(parents=True, exist_ok=True)
            nbformat.write(notebooks.solve(released, cells, student.extra_cells), folder / path.name)
    return len(made_up.students(lab))
