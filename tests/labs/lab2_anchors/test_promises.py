"""Every sentence of lab 2's docstrings has a case that asks it."""

from tests.labs.promises import (
    CHECK,
    NOTHING,
    Table,
    assert_every_case_is_asked_for,
    assert_every_sentence_has_a_case,
)

LAB = "lab2_anchors"
DTYPE_AND_DEVICE = ("the dtype of the answer", "float64 in, float64 out", "tensors on another device")
LEFT_ALONE = "the arguments are left as they were"
MANY = "many boxes in good time"

PROMISES: Table = {
    "anchor_shapes": [
        (
            "Compute the widths and heights of the anchors that stand at every point.",
            "the lecture's nine shapes",
        ),
        ("Args:", NOTHING),
        (
            "base_size (float): side of the square anchor of scale 1, in pixels.",
            ["as many scales as ratios, another base size", "anchors below a pixel"],
        ),
        (
            "scales (sequence of S floats): sizes, as multiples of ``base_size``; S may be 0.",
            ["four scales and two ratios", "no scales"],
        ),
        (
            "ratios (sequence of R floats): proportions, height / width; R may be 0.",
            ["one scale and five ratios", "no ratios"],
        ),
        ("Returns:", NOTHING),
        (
            "Tensor[R * S, 2]: one row (width, height) for each anchor, in pixels,",
            ["the lecture's nine shapes", "as many scales as ratios, another base size"],
        ),
        ("float32, not rounded.", ["the dtype of the answer", "anchors below a pixel"]),
        (
            "The ratio is the outer loop and the scale the inner one: the first S rows have the first ratio.",
            ["the lecture's nine shapes", "four scales and two ratios"],
        ),
        ("No scales or no ratios give empty (0, 2).", ["no scales", "no ratios"]),
        ('Source: Faster R-CNN, "Anchors"; torchvision\'s AnchorGenerator (which rounds).', NOTHING),
    ],
    "grid_anchors": [
        (
            "Lay anchors of the given shapes around the middle of every cell of a feature map.",
            ["a wide feature map, one shape", "a single cell", "the lecture's 22,500 anchors"],
        ),
        ("Args:", NOTHING),
        (
            "feature_size (tuple[int, int]): ``(height, width)`` of the feature map, in cells; either may be 0.",
            ["a wide feature map, one shape", "a high feature map, three shapes", "no cells"],
        ),
        (
            "stride (int): height and width of a cell, in pixels of the image.",
            ["a high feature map, three shapes", "an odd stride"],
        ),
        (
            "shapes (Tensor[A, 2]): float (width, height) of each anchor, in pixels; A may be 0.",
            ["a high feature map, three shapes", LEFT_ALONE, "no shapes"],
        ),
        ("Returns:", NOTHING),
        (
            "Tensor[height * width * A, 4]: anchors ``(x1, y1, x2, y2)``, in pixels, row by row, in a row cell by "
            "cell, in a cell shape by shape;",
            ["a high feature map, three shapes", "a square feature map", MANY],
        ),
        ("same dtype and device as ``shapes``.", DTYPE_AND_DEVICE),
        ("Anchors may leave the image.", ["a wide feature map, one shape", "the lecture's 22,500 anchors"]),
        ("No cells or no shapes give empty (0, 4).", ["no cells", "no shapes"]),
        (
            'Source: lecture, "Generate anchors and anchor boxes"; torchvision\'s AnchorGenerator (which rounds, and '
            "centres anchors on the corner of a cell).",
            NOTHING,
        ),
    ],
    "inside_image": [
        ("Tell which boxes lie wholly inside an image.", ["a wide image", "boxes wholly outside, and some inside"]),
        ("Args:", NOTHING),
        (
            "boxes (Tensor[N, 4]): float boxes ``(x1, y1, x2, y2)``, in pixels; N may be 0.",
            ["a wide image", MANY, LEFT_ALONE, "no boxes"],
        ),
        ("size (tuple[int, int]): ``(height, width)`` of the image, in pixels.", ["a wide image", "a high image"]),
        ("Returns:", NOTHING),
        (
            "Tensor[N]: bool, True where no part of the box is outside;",
            ["a wide image", "a high image", "the dtype of the answer", "float64 in, float64 out"],
        ),
        ("borders count as inside.", "boxes that end on the border"),
        ("Same device.", "tensors on another device"),
        ("Empty (0, 4) gives empty (0,), bool.", "no boxes"),
        ('Source: lecture, "After removing cross-boundary ones, 8940 valid anchor boxes are left".', NOTHING),
    ],
    "label_anchors": [
        (
            "Label each anchor as object, background or ignored, and find its ground truth.",
            "anchors that fit well or hardly at all",
        ),
        (
            "An anchor is 1 if its best IoU is ``>= pos_threshold``,",
            ["anchors that fit well or hardly at all", "exactly on the thresholds"],
        ),
        (
            "or if it has the best IoU of some ground truth",
            [
                "a ground truth whose best IoU is between the thresholds",
                "a ground truth whose best IoU is below 0.3, or hardly above 0",
                "a single ground truth, a single anchor",
            ],
        ),
        (
            "(ties included: equal, not nearly equal)",
            ["several anchors tie for the best", "anchors that are nearly the best"],
        ),
        (
            "and that IoU is above 0;",
            [
                "a ground truth that no anchor touches",
                "no anchor touches anything",
                "a ground truth whose best IoU is below 0.3, or hardly above 0",
            ],
        ),
        (
            "otherwise 0 if its best IoU is ``< neg_threshold``; otherwise -1.",
            ["anchors of all kinds, also between the thresholds", "exactly on the thresholds"],
        ),
        ("Args:", NOTHING),
        (
            "iou (Tensor[N, M]): float IoU of N anchors (rows) with M ground truths (columns); N and M may be 0.",
            [MANY, LEFT_ALONE, "float64 in, float64 out", "no ground truth", "no anchors"],
        ),
        (
            "pos_threshold (float): from here on an anchor is an object.",
            ["exactly on the thresholds", "other thresholds"],
        ),
        (
            "neg_threshold (float): below this an anchor is background.",
            ["exactly on the thresholds", "other thresholds"],
        ),
        ("Returns:", NOTHING),
        (
            "tuple[Tensor[N], Tensor[N]]: labels (1, 0 or -1),",
            "anchors of all kinds, also between the thresholds",
        ),
        (
            "and for each anchor the number of the ground truth with which its IoU is largest (the first of equals);",
            [
                "the best anchor of one ground truth overlaps another one more",
                "anchors that overlap several ground truths equally, or none",
            ],
        ),
        ("both int64, on the same device.", ["the dtype of the answer", "tensors on another device"]),
        ("Without ground truths all labels and numbers are 0;", "no ground truth"),
        ("no anchors give two empty (0,).", "no anchors"),
        (
            'Source: lecture, "Label the 8,940 valid anchor boxes"; torchvision\'s Matcher with '
            "allow_low_quality_matches (which takes a best IoU of 0 for a match).",
            NOTHING,
        ),
    ],
    "sample_labels": [
        (
            "Keep a random sample of the labels and set all others to -1.",
            ["more than enough of both: 128 and 128", "every label has the same chance to stay"],
        ),
        (
            "At most ``int(batch_size * positive_fraction)`` labels 1 stay;",
            ["more than enough of both: 128 and 128", "a fraction of the batch that is not whole"],
        ),
        (
            "labels 0 fill up to ``batch_size``, as far as there are any.",
            ["few labels 1: labels 0 fill up", "no labels 1", "few labels 0: the batch stays short"],
        ),
        (
            "Each label 1 has the same chance to stay, and so has each label 0,",
            "every label has the same chance to stay",
        ),
        (
            "wherever it stands and whichever stayed in earlier calls.",
            ["labels stay from everywhere, however many there are", "one generator, several calls"],
        ),
        ("Args:", NOTHING),
        (
            "labels (Tensor[N]): int64, 1 object, 0 background, -1 ignored; N may be 0.",
            ["fewer than the batch: nothing to drop", MANY, LEFT_ALONE, "no labels"],
        ),
        (
            "batch_size (int): how many labels 1 and 0 stay together, at most.",
            "another batch size and fraction",
        ),
        (
            "positive_fraction (float): share of ``batch_size`` that labels 1 may take, at most.",
            ["another batch size and fraction", "a fraction of the batch that is not whole"],
        ),
        (
            "generator (torch.Generator, optional): where all random numbers come from, on the device of ``labels``;",
            "equal seeds give equal samples, other seeds others",
        ),
        ("by default torch's own.", "without a generator, and with all defaults"),
        (
            "Neither is seeded: each call goes on where the last one stopped, and with a generator torch's own stay as "
            "they are.",
            "one generator, several calls",
        ),
        ("Returns:", NOTHING),
        (
            "Tensor[N]: a new tensor; each label is as it was, or -1.",
            [LEFT_ALONE, "fewer than the batch: nothing to drop"],
        ),
        ("Same dtype and device.", ["the dtype of the answer", "tensors on another device"]),
        ("Empty (0,) gives empty (0,).", ["no labels", CHECK]),
        (
            'Source: lecture, "Sample a batch of anchor boxes"; torchvision\'s BalancedPositiveNegativeSampler.',
            NOTHING,
        ),
    ],
    "encode_boxes": [
        ("Express each ground-truth box relative to its anchor.", "boxes and anchors anywhere"),
        ("Args:", NOTHING),
        (
            "gt_boxes (Tensor[N, 4]): float boxes ``(x1, y1, x2, y2)``, in pixels, with ``x1 < x2`` and ``y1 < y2``; "
            "row i belongs to row i of ``anchors``; N may be 0.",
            ["exactly four boxes", "boxes beyond the image", "sides below a pixel", MANY, "no boxes"],
        ),
        ("anchors (Tensor[N, 4]): as ``gt_boxes``, same dtype and device.", ["boxes and anchors anywhere", LEFT_ALONE]),
        (
            "weights (tuple of 4 floats): factors of dx, dy, dw and dh.",
            ["the second stage's weights", "four different weights"],
        ),
        ("Returns:", NOTHING),
        (
            "Tensor[N, 4]: deltas (dx, dy, dw, dh): shift of the centre in widths and heights of the anchor, natural "
            "logarithm of the change of width and height,",
            ["boxes and anchors anywhere", "a box that is its own anchor, and others"],
        ),
        ("each times its weight;", ["the second stage's weights", "four different weights"]),
        ("same dtype and device.", DTYPE_AND_DEVICE),
        ("Empty (0, 4) gives empty (0, 4).", "no boxes"),
        (
            'Source: lecture, "Normalized location representation of anchor box" (which has the order dy, dx, dh, dw); '
            "torchvision's BoxCoder.",
            NOTHING,
        ),
    ],
    "decode_boxes": [
        ("Apply deltas to anchors: the way back from ``encode_boxes``.", "deltas such as occur"),
        ("Args:", NOTHING),
        (
            "deltas (Tensor[N, 4]): float (dx, dy, dw, dh), each times its weight; N may be 0.",
            ["deltas such as occur", "large shifts and very negative dw", MANY, "no boxes"],
        ),
        (
            "anchors (Tensor[N, 4]): float boxes ``(x1, y1, x2, y2)``, in pixels; row i belongs to row i of "
            "``deltas``; same dtype and device.",
            ["exactly four boxes", LEFT_ALONE],
        ),
        (
            "weights (tuple of 4 floats): the factors that ``encode_boxes`` was given.",
            ["the second stage's weights", "four different weights"],
        ),
        ("Returns:", NOTHING),
        ("Tensor[N, 4]: boxes ``(x1, y1, x2, y2)``, in pixels,", "deltas such as occur"),
        ("same dtype and device;", DTYPE_AND_DEVICE),
        ("they may leave the image.", ["deltas such as occur", "large shifts and very negative dw"]),
        (
            "dw and dh, divided by their weights, count as log(1000 / 16) where they are larger.",
            ["dw and dh far too large", "dw and dh far too large, with weights"],
        ),
        ("Empty (0, 4) gives empty (0, 4).", "no boxes"),
        ("Source: Faster R-CNN, equation 2; torchvision's BoxCoder. (The lecture has no limit.)", NOTHING),
    ],
}


def test_every_sentence_of_a_docstring_has_a_case() -> None:
    assert_every_sentence_has_a_case(PROMISES, LAB)


def test_every_case_is_asked_for_by_a_sentence() -> None:
    assert_every_case_is_asked_for(PROMISES, LAB)
