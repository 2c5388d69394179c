"""Lab 7: its right and wrong answers, and the demo's class made of them.

The class hands in no trained file: the demo's ``detect`` shows what is said then.
"""

from autograder.answers import Submission
from autograder.answers.lab7_capstone import right, wrong

MODULES = (right, wrong)


def _submission(student: str, *answers: str) -> Submission:
    """A student's answers by name, in the order of the notebook; those that are missing stay unwritten."""
    exercises = ("average_precision", "detect", "culprit")
    return Submission(student, dict(zip(exercises, answers, strict=False)))


STUDENTS = (
    _submission("ada", "envelope", "all_at_once", "table"),
    _submission("alan", "eleven"),  # found it on the web, where PASCAL VOC's measure still is
    _submission("emmy", "best_from_here", "each_alone", "one_by_one"),
    _submission("grace", "lists"),  # loops wherever one can loop
    _submission("kurt", "crashes_on_nothing"),
    _submission("linus", "not_sorted", "untrained", "the_loss"),
    _submission("mary", "no_envelope"),
    _submission("noor"),  # hands in the release as it is
    _submission("rosa", "area"),
)
