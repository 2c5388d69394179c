"""Lab 2: its right and wrong answers, and the demo's class made of them."""

from autograder.answers import Submission
from autograder.answers.lab2_anchors import right, wrong

MODULES = (right, wrong)

NAMES = (
    "anchor_shapes",
    "grid_anchors",
    "inside_image",
    "label_anchors",
    "sample_labels",
    "encode_boxes",
    "decode_boxes",
)

CARL = {
    "label_anchors": """from torchvision.models.detection._utils import Matcher


def label_anchors(iou, pos_threshold=0.7, neg_threshold=0.3):
    matches = Matcher(pos_threshold, neg_threshold, True)(iou.T)
    return (matches >= 0).long(), matches""",
    "encode_boxes": """from torchvision.models.detection._utils import BoxCoder


def encode_boxes(gt_boxes, anchors, weights=(1, 1, 1, 1)):
    return BoxCoder(weights).encode_single(gt_boxes, anchors)""",
    "decode_boxes": """from course.library import decode_boxes""",
}


def _all(*answers: str) -> dict[str, str]:
    """One answer to each exercise, in their order."""
    return dict(zip(NAMES, answers, strict=True))


STUDENTS = (
    Submission("ada", _all("grid", "meshgrid", "comparisons", "masks", "keep", "columns", "columns")),
    # hands in the lecture's code as printed
    Submission("alan", _all("loop", "slides", "slides", "slides", "slides", "slides", "slides")),
    # copies
    Submission("carl", _all("loop", "loop", "loop", "loop", "python", "loop", "loop"), written=CARL),
    # mends the lecture's code
    Submission("emmy", _all("numpy", "repeat", "clipped", "where", "disable", "pairs", "pairs")),
    # loops wherever one can loop
    Submission("grace", _all("loop", "loop", "loop", "loop", "python", "loop", "loop")),
    # gave up half-way
    Submission("kurt", {"anchor_shapes": "loop", "grid_anchors": "loop", "inside_image": "comparisons"}),
    # his encoding and decoding fit each other, and both are wrong
    Submission("linus", _all("grid", "column_major", "strict", "argmax", "not_filled", "corners", "corners")),
    Submission(
        "mary", _all("ratio_inverted", "corner", "size_swapped", "background_last", "all_negatives", "no_log", "no_exp")
    ),
    # hands in the release as it is
    Submission("noor", {}),
    Submission(
        "rosa", _all("rounded", "yxyx", "far_borders", "untouched", "global_random", "weights_ignored", "no_limit")
    ),
)
