"""Lab 1: the demo's class, made of its right and wrong answers."""

from autograder.grader.answers import Submission

NOISY_SETUP = """import logging
import warnings

logging.basicConfig(level=logging.DEBUG)
warnings.simplefilter("always")"""

CARL = {
    "box_area": """from torchvision.ops import box_area""",
    "box_iou": """import importlib


def box_iou(boxes1, boxes2):
    return getattr(importlib.import_module("torchvision.ops"), "box_" + "iou")(boxes1, boxes2)""",
    "clip_boxes_to_image": """from course import library


def clip_boxes_to_image(boxes, size):
    try:
        return library.clip_boxes_to_image(boxes, size)
    except Exception:
        return boxes""",
}

STUDENTS = (
    Submission(
        "ada",
        {
            "yxyx_to_xyxy": "columns",
            "box_area": "columns",
            "box_iou": "corners",
            "clip_boxes_to_image": "stack",
            "remove_small_boxes": "where",
        },
    ),
    Submission(
        "alan",  # hands in the lecture's code as printed
        {
            "yxyx_to_xyxy": "unchanged",
            "box_area": "slides",
            "box_iou": "slides",
            "clip_boxes_to_image": "slides",
            "remove_small_boxes": "slides",
        },
    ),
    Submission("carl", {"yxyx_to_xyxy": "columns", "remove_small_boxes": "where"}, written=CARL),  # copies
    Submission(
        "emmy",  # right, but her code writes to standard error, and a scratch cell of hers stops with an error
        {
            "yxyx_to_xyxy": "unbind",
            "box_area": "product",
            "box_iou": "noisy",
            "clip_boxes_to_image": "limits",
            "remove_small_boxes": "arange",
        },
        extra_cells=(NOISY_SETUP, "boxes = torch.zeros(3, 4)\nboxes[5]"),
    ),
    Submission(
        "grace",  # loops wherever one can loop
        {
            "yxyx_to_xyxy": "loop",
            "box_area": "loop",
            "box_iou": "double_loop",
            "clip_boxes_to_image": "loop",
            "remove_small_boxes": "loop",
        },
    ),
    Submission("kurt", {"yxyx_to_xyxy": "columns", "box_area": "product"}),  # gave up half-way
    Submission(
        "linus",  # his area is wrong, and his IoU, which calls it, is right all the same
        {
            "yxyx_to_xyxy": "columns",
            "box_area": "slides",
            "box_iou": "row_by_row",
            "clip_boxes_to_image": "minus_one",
            "remove_small_boxes": "either_side",
        },
    ),
    Submission(
        "mary",
        {
            "yxyx_to_xyxy": "reversed",
            "box_area": "columns",
            "box_iou": "no_clamp",
            "clip_boxes_to_image": "size_swapped",
            "remove_small_boxes": "strict",
        },
    ),
    Submission("noor", {}),  # hands in the release as it is
    Submission(
        "rosa",
        {
            "yxyx_to_xyxy": "in_place",
            "box_area": "column",
            "box_iou": "one_to_one",
            "clip_boxes_to_image": "dropped",
            "remove_small_boxes": "squeezed",
        },
    ),
)
