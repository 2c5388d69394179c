"""Lab 7: its right and wrong answers, and the demo's class made of them."""

from autograder.answers import Submission
from autograder.answers.lab7_capstone import right, right_photo, wrong, wrong_photo

MODULES = (right, right_photo, wrong, wrong_photo)


def _submission(student: str, *answers: str) -> Submission:
    """A student's answers by name, in the order of the notebook; those that are missing stay unwritten."""
    exercises = ("average_precision", "photo_losses")
    return Submission(student, dict(zip(exercises, answers, strict=False)))


STUDENTS = (
    _submission("ada", "envelope", "stage_by_stage"),
    _submission("alan", "eleven", "corners"),  # found it on the web, where PASCAL VOC's measure still is
    _submission("emmy", "best_from_here", "loops"),
    _submission("grace", "lists", "loops"),  # loops wherever one can loop
    _submission("kurt", "crashes_on_nothing", "crashes_unmarked"),
    _submission("linus", "not_sorted", "number_is_class"),
    _submission("mary", "no_envelope"),
    _submission("noor"),  # hands in the release as it is
    _submission("rosa", "area", "every_anchor"),
)
