"""Lab 6: its right and wrong answers, and the demo's class made of them."""

from autograder.answers import Submission
from autograder.answers.lab6_keypoints import right, wrong

MODULES = (right, wrong)


def _submission(student: str, *answers: str) -> Submission:
    """A student's answers by name, in the order of the notebook; those that are missing stay unwritten."""
    exercises = ("KeypointHead", "keypoints_to_heatmap", "keypoint_loss", "heatmaps_to_keypoints")
    return Submission(student, dict(zip(exercises, answers, strict=False)))


STUDENTS = (
    _submission("ada", "plain", "axes", "by_hand", "matrices"),
    _submission("alan", "slides_end", "edge_dropped", "nan", "not_resized"),  # follows the slide as it is printed
    _submission("emmy", "slides", "torchvisions", "ignoring", "loop"),
    _submission("grace", "by_hand", "loop", "loop", "joints"),  # loops wherever one can loop
    _submission("kurt", "plain", "axes"),  # gave up half-way
    _submission("linus", "no_relu", "v0_counted", "yes_or_no", "no_half"),
    _submission("mary", "nearest", "truncated", "constant", "swapped"),
    _submission("noor"),  # hands in the release as it is
    _submission("rosa", "default_start", "swapped", "divided_by_all", "ones"),
)
