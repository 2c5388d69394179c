"""Lab 2: the demo's class, made of its right and wrong answers."""

from autograder.grader.answers import Submission

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


STUDENTS = (
    Submission(
        "ada",
        {
            "anchor_shapes": "grid",
            "grid_anchors": "meshgrid",
            "inside_image": "comparisons",
            "label_anchors": "masks",
            "sample_labels": "keep",
            "encode_boxes": "columns",
            "decode_boxes": "columns",
        },
    ),
    # hands in the lecture's code as printed
    Submission(
        "alan",
        {
            "anchor_shapes": "loop",
            "grid_anchors": "slides",
            "inside_image": "slides",
            "label_anchors": "slides",
            "sample_labels": "slides",
            "encode_boxes": "slides",
            "decode_boxes": "slides",
        },
    ),
    # copies
    Submission(
        "carl",
        {
            "anchor_shapes": "loop",
            "grid_anchors": "loop",
            "inside_image": "loop",
            "label_anchors": "loop",
            "sample_labels": "python",
            "encode_boxes": "loop",
            "decode_boxes": "loop",
        },
        written=CARL,
    ),
    # mends the lecture's code
    Submission(
        "emmy",
        {
            "anchor_shapes": "numpy",
            "grid_anchors": "repeat",
            "inside_image": "clipped",
            "label_anchors": "where",
            "sample_labels": "disable",
            "encode_boxes": "pairs",
            "decode_boxes": "pairs",
        },
    ),
    # loops wherever one can loop
    Submission(
        "grace",
        {
            "anchor_shapes": "loop",
            "grid_anchors": "loop",
            "inside_image": "loop",
            "label_anchors": "loop",
            "sample_labels": "python",
            "encode_boxes": "loop",
            "decode_boxes": "loop",
        },
    ),
    # gave up half-way
    Submission("kurt", {"anchor_shapes": "loop", "grid_anchors": "loop", "inside_image": "comparisons"}),
    # his encoding and decoding fit each other, and both are wrong
    Submission(
        "linus",
        {
            "anchor_shapes": "grid",
            "grid_anchors": "column_major",
            "inside_image": "strict",
            "label_anchors": "argmax",
            "sample_labels": "not_filled",
            "encode_boxes": "corners",
            "decode_boxes": "corners",
        },
    ),
    Submission(
        "mary",
        {
            "anchor_shapes": "ratio_inverted",
            "grid_anchors": "corner",
            "inside_image": "size_swapped",
            "label_anchors": "background_last",
            "sample_labels": "all_negatives",
            "encode_boxes": "no_log",
            "decode_boxes": "no_exp",
        },
    ),
    # hands in the release as it is
    Submission("noor", {}),
    Submission(
        "rosa",
        {
            "anchor_shapes": "rounded",
            "grid_anchors": "yxyx",
            "inside_image": "far_borders",
            "label_anchors": "untouched",
            "sample_labels": "global_random",
            "encode_boxes": "weights_ignored",
            "decode_boxes": "no_limit",
        },
    ),
)
