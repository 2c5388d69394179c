"""Lab 4: its right and wrong answers, and the demo's class made of them."""

from autograder.answers import Submission
from autograder.answers.lab4_roi_heads import right, wrong

MODULES = (right, wrong)


def _submission(student: str, *answers: str) -> Submission:
    """A student's answers by name, in the order of the notebook; those that are missing stay unwritten."""
    exercises = (
        "sample_rois",
        "roi_pool",
        "bilinear_sample",
        "roi_align",
        "BoxHead",
        "detection_loss",
        "postprocess_detections",
    )
    return Submission(student, dict(zip(exercises, answers, strict=False)))


STUDENTS = (
    _submission("ada", "masks", "masks", "hats", "matrices", "functional", "masked", "batched"),
    # hands in the lecture's code, and its tutorial's, as printed
    _submission("alan", "slides", "slides", "nearest", "slides", "slides", "slides", "one_per_roi"),
    _submission("emmy", "plain", "slices", "four_corners", "grid_sample", "matrices", "plain", "flat"),
    _submission("grace", "loop", "bins", "loop", "bin_by_bin", "plain", "loop", "loop"),  # loops wherever one can loop
    _submission("kurt", "masks", "slices"),  # gave up half-way
    _submission("linus", "no_truth", "truncated", "fading", "no_half_pixel", "two_classes", "first_four", "background"),
    _submission("mary", "no_limit", "no_gradient", "swapped", "corners", "one_relu", "per_object", "nms_over_all"),
    _submission("noor"),  # hands in the release as it is
    _submission("rosa", "unweighted", "no_scale", "never_gone", "no_scale", "softmax", "beta_one", "unweighted"),
)
