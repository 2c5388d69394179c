"""Every sentence of lab 1's docstrings has a case that asks it."""

from tests.labs.promises import CHECK, NOTHING, Table, assert_every_case_is_asked_for, assert_every_sentence_has_a_case

DTYPE_AND_DEVICE = ("the dtype of the answer", "float64 in, float64 out", "tensors on another device")
ANYWHERE = "boxes beyond the image"
LEFT_ALONE = "the arguments are left as they were"

PROMISES: Table = {
    "yxyx_to_xyxy": [
        ("Reorder boxes from the slides' convention to ours.", "a handful of boxes"),
        ("Args:", NOTHING),
        (
            "boxes (Tensor[N, 4]): float boxes ``[ymin, xmin, ymax, xmax]``, in pixels; N may be 0.",
            ["exactly four boxes", "a single box beyond the image", "many boxes in good time", "no boxes"],
        ),
        ("Returns:", NOTHING),
        (
            "Tensor[N, 4]: a new tensor of the same boxes as ``(x1, y1, x2, y2)``;",
            ["a handful of boxes", "two calls in a row", LEFT_ALONE],
        ),
        ("same dtype and device.", DTYPE_AND_DEVICE),
        ("Empty (0, 4) gives empty (0, 4).", ["no boxes", CHECK]),
        ('Source: lecture, "Input image and ground truth boxes".', NOTHING),
    ],
    "box_area": [
        ("Compute the area of each box.", "a handful of boxes"),
        ("Args:", NOTHING),
        (
            "boxes (Tensor[N, 4]): float boxes ``(x1, y1, x2, y2)``, in pixels, with ``x1 <= x2`` and ``y1 <= y2``; "
            "N may be 0.",
            [
                "exactly four boxes",
                ANYWHERE,
                "boxes without width or height",
                "a single box",
                "many boxes in good time",
                "no boxes",
            ],
        ),
        ("Returns:", NOTHING),
        (
            "Tensor[N]: areas in square pixels,",
            ["a handful of boxes", "boxes smaller than a pixel", "two calls in a row", LEFT_ALONE],
        ),
        ("same dtype and device;", DTYPE_AND_DEVICE),
        ("a box without width or height has area 0.", "boxes without width or height"),
        ("Empty (0, 4) gives empty (0,).", "no boxes"),
        ('Source: lecture, "Non-maximum Suppression (NMS)": ``areas``; torchvision.ops.box_area.', NOTHING),
    ],
    "box_iou": [
        (
            "Compute the IoU (intersection over union) of every pair of a box1 and a box2.",
            ["boxes that all overlap", "boxes anywhere, near and far", "a box inside another"],
        ),
        ("Args:", NOTHING),
        (
            "boxes1 (Tensor[N, 4]): float boxes ``(x1, y1, x2, y2)``, in pixels, with ``x1 <= x2`` and ``y1 <= y2``; "
            "N may be 0.",
            ["one box against one", ANYWHERE, "boxes without area", "no boxes on the left"],
        ),
        (
            "boxes2 (Tensor[M, 4]): as ``boxes1``, same dtype and device; M may be 0.",
            [
                "as many boxes on both sides",
                "many boxes against one",
                "many boxes in good time",
                "no boxes on the right",
            ],
        ),
        ("Returns:", NOTHING),
        (
            "Tensor[N, M]: IoU between 0 and 1,",
            ["boxes that almost coincide", "boxes smaller than a pixel", "two calls in a row", LEFT_ALONE],
        ),
        ("same dtype and device.", DTYPE_AND_DEVICE),
        ("Boxes that only touch get 0;", "boxes that only touch"),
        ("a box of zero area gets 0 with every box, also with itself, never NaN.", "boxes without area"),
        (
            "No boxes on one side give an empty (0, M) or (N, 0).",
            ["no boxes on the left", "no boxes on the right"],
        ),
        ('Source: lecture, "Calculate IOU"; torchvision.ops.box_iou (which gives NaN for 0 / 0).', NOTHING),
    ],
    "clip_boxes_to_image": [
        ("Clip boxes so that they lie inside an image.", ["a wide image", "a high image"]),
        ("Args:", NOTHING),
        (
            "boxes (Tensor[N, 4]): float boxes ``(x1, y1, x2, y2)``, in pixels; N may be 0.",
            ["a single box", "many boxes in good time", "no boxes"],
        ),
        (
            "size (tuple[int, int]): ``(height, width)`` of the image, in pixels.",
            ["a wide image", "a high image"],
        ),
        ("Returns:", NOTHING),
        (
            "Tensor[N, 4]: a new tensor with ``0 <= x <= width`` and ``0 <= y <= height``;",
            ["boxes wholly inside, up to the border", "two calls in a row", LEFT_ALONE],
        ),
        ("same dtype and device.", DTYPE_AND_DEVICE),
        ("A box wholly outside ends up without area on the border.", "boxes wholly outside"),
        ("Empty (0, 4) gives empty (0, 4).", "no boxes"),
        ('Source: Faster R-CNN, "Implementation Details"; torchvision.ops.clip_boxes_to_image.', NOTHING),
    ],
    "remove_small_boxes": [
        (
            "Find the boxes whose width and height are both at least ``min_size``.",
            ["boxes of all sizes", "one large box among small ones"],
        ),
        ("Args:", NOTHING),
        (
            "boxes (Tensor[N, 4]): float boxes ``(x1, y1, x2, y2)``, in pixels; N may be 0.",
            [ANYWHERE, "boxes smaller than a pixel", "many boxes in good time", "no boxes"],
        ),
        (
            "min_size (float): smallest side that is kept, in pixels; a side of exactly ``min_size`` stays.",
            ["sides of exactly min_size", "a min_size between whole pixels", "min_size 0 keeps all"],
        ),
        ("Returns:", NOTHING),
        (
            "Tensor[K]: int64 indices of the boxes to keep,",
            [
                "boxes that are equal",
                "none is large enough",
                "the dtype of the answer",
                "float64 in, float64 out",
                "two calls in a row",
                LEFT_ALONE,
            ],
        ),
        ("ascending,", "boxes of all sizes"),
        ("on the same device.", "tensors on another device"),
        ("Empty (0, 4) gives empty (0,).", "no boxes"),
        ('Source: lecture, "Remove ROIs with h, w < 16"; torchvision.ops.remove_small_boxes.', NOTHING),
    ],
}


def test_every_sentence_of_a_docstring_has_a_case() -> None:
    assert_every_sentence_has_a_case(PROMISES, "lab1_boxes")


def test_every_case_is_asked_for_by_a_sentence() -> None:
    assert_every_case_is_asked_for(PROMISES, "lab1_boxes")
