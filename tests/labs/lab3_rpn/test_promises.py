"""Every sentence of lab 3's docstrings has a case that asks it."""

from tests.labs.promises import (
    NOTHING,
    Table,
    assert_every_case_is_asked_for,
    assert_every_sentence_has_a_case,
)

LAB = "lab3_rpn"
DTYPE_AND_DEVICE = ("the dtype of the answer", "float64 in, float64 out", "tensors on another device")
LEFT_ALONE = "the arguments are left as they were"
COUNTED = "classification loss: positives, negatives and anchors that don't count"
LAYERS = ("a map that is wider than high", "one anchor, one place")

PROMISES: Table = {
    "RPNHead": [
        (
            "The head of the region proposal network: two logits and four deltas for each anchor.",
            [
                "a map that is wider than high, where the ReLU has nothing to do",
                "a map that is wider than high",
                "a batch of maps that are higher than wide",
                "a whole feature map in good time",
                "the inputs are left as they were",
                "float64 in, float64 out",
                "weights and inputs on another device",
            ],
        ),
        ("Args:", NOTHING),
        ("in_channels (int): channels of the features, 512 for VGG16.", LAYERS),
        ("mid_channels (int): channels of the hidden layer.", LAYERS),
        ("num_anchors (int): anchors at each place, A.", ["a batch of maps that are higher than wide", *LAYERS]),
        (
            "Layers: ``conv`` (3 x 3, padding 1), ``cls_logits`` (1 x 1, to 2 A channels) and ``bbox_pred`` (1 x 1, to "
            "4 A channels);",
            [*LAYERS, "gradients reach the features and every weight"],
        ),
        ("weights from N(0, 0.01), biases 0.", "weights and biases to begin with"),
        (
            "The class neither sets torch's seed nor draws random numbers in ``forward``.",
            ["torch's random numbers are not seeded again", "a map that is wider than high"],
        ),
        ('Source: lecture, "Predict ROIs" and "Change RPN output format".', NOTHING),
    ],
    "rpn_loss": [
        ("Compute the loss of the region proposal network.", [COUNTED, "the total of the two losses"]),
        ("Args:", NOTHING),
        (
            "objectness (Tensor[N, 2]): logits (background, object) of each anchor; N may be 0.",
            [COUNTED, "very many anchors in good time", "nothing that counts, and no anchors"],
        ),
        (
            "deltas (Tensor[N, 4]): predicted (dx, dy, dw, dh), same dtype and device.",
            ["localisation loss: errors below and above 1", LEFT_ALONE, *DTYPE_AND_DEVICE],
        ),
        (
            "labels (Tensor[N]): int64; 1 object, 0 background, -1 does not count.",
            [COUNTED, "localisation loss: a single positive"],
        ),
        (
            "targets (Tensor[N, 4]): the right deltas where the label is 1; elsewhere finite numbers that mean "
            "nothing.",
            ["localisation loss: a single positive", "no positive, values and gradients"],
        ),
        (
            "loc_weight (float): weight of the localisation loss in the total.",
            ["the total of the two losses", "another weight"],
        ),
        ("Returns:", NOTHING),
        (
            "tuple of three tensors without dimensions: the total ``cls_loss + loc_weight * loc_loss``,",
            ["the total of the two losses", "another weight"],
        ),
        ("cls_loss (mean over labels 0 and 1)", COUNTED),
        (
            "and loc_loss (smooth L1, summed over positives and divided by their number).",
            ["localisation loss: errors below and above 1", "localisation loss: a single positive"],
        ),
        (
            "Each is part of the graph, so that backward() works on it, also where it is constant:",
            [
                "gradients of the three losses",
                "no positive, values and gradients",
                "nothing that counts, and no anchors",
            ],
        ),
        (
            "where nothing counts it is 0, never NaN, and so is its gradient.",
            ["no positive, values and gradients", "nothing that counts, and no anchors"],
        ),
        ('Source: lecture, "Train RPN"; Faster R-CNN, section 3.1.2.', NOTHING),
    ],
    "nms": [
        (
            "Keep the best boxes, and remove those that overlap a better one too much.",
            [
                "clusters of boxes, the best first already",
                "chains, in which a removed box removes no other",
                "5,000 boxes at a few places, and 120 far apart",
            ],
        ),
        ("Args:", NOTHING),
        (
            "boxes (Tensor[N, 4]): float boxes ``(x1, y1, x2, y2)``, in pixels, in any order; N may be 0.",
            [
                "clusters of boxes, in any order",
                "small boxes",
                "a single box",
                "float64 in, float64 out",
                LEFT_ALONE,
                "no boxes",
            ],
        ),
        (
            "scores (Tensor[N]): one score for each box, any finite number, also 0 or below;",
            "scores of 0 and below",
        ),
        ("of equal ones the first counts as better.", "equal scores"),
        (
            "iou_threshold (float): a box goes if its IoU with a better one that is kept is greater than this, and "
            "only then.",
            [
                "a low threshold",
                "a high threshold",
                "IoU of exactly the threshold, or hardly above it",
                "chains, in which a removed box removes no other",
            ],
        ),
        ("The IoU is lab 1's:", ["small boxes", "boxes that lie apart or only touch"]),
        (
            "a box without area has 0 with every box, also with an equal one.",
            "boxes without area, some of them equal",
        ),
        ("Returns:", NOTHING),
        (
            "Tensor[K]: int64 indices of the boxes to keep, best first,",
            ["clusters of boxes, in any order", "the dtype of the answer"],
        ),
        ("on the same device.", "tensors on another device"),
        ("Empty (0, 4) gives empty (0,).", "no boxes"),
        (
            "For 700 boxes it takes less than 2 seconds of computing: a loop over boxes may be, one over pairs of "
            "tensors may not.",
            "700 boxes within 2 seconds",
        ),
        ('Source: lecture, "Non-maximum Suppression (NMS)"; torchvision.ops.nms.', NOTHING),
    ],
    "make_proposals": [
        (
            "Turn the network's answers for one image into proposals.",
            ["a wide image", "a crowd within the image: the boxes", "one anchor"],
        ),
        ("Args:", NOTHING),
        (
            "objectness (Tensor[N, 2]): logits (background, object) of each anchor; N may be 0.",
            ["scores from both logits", "many boxes in good time", "no anchors"],
        ),
        (
            "deltas (Tensor[N, 4]): predicted (dx, dy, dw, dh), same dtype and device.",
            ["a wide image", "enormous deltas", LEFT_ALONE],
        ),
        ("anchors (Tensor[N, 4]): the anchors ``(x1, y1, x2, y2)``, in pixels.", "a wide image"),
        (
            "size (tuple[int, int]): ``(height, width)`` of the image, in pixels.",
            ["a wide image", "a high image and a lower threshold"],
        ),
        (
            "pre_nms_top_n (int): so many of the best go into NMS.",
            ["12,000 of 12,100 go into NMS", "small boxes that are sure of themselves"],
        ),
        (
            "post_nms_top_n (int): at most so many come out, the best ones.",
            ["2,000 of 2,100 come out of NMS", "a crowd within the image: the boxes"],
        ),
        ("nms_threshold (float): largest IoU that two proposals may have.", "a high image and a lower threshold"),
        (
            "min_size (float): smallest side of a proposal, in pixels, after clipping.",
            [
                "boxes that clipping makes small",
                "small boxes that are sure of themselves",
                "a side of exactly min_size",
                "another min_size",
                "none is large enough",
            ],
        ),
        ("Returns:", NOTHING),
        (
            "tuple of boxes (Tensor[K, 4]) inside the image",
            ["a wide image", "boxes off the image on every side, with min_size 0"],
        ),
        ("and scores (Tensor[K]), the probabilities of an object;", "scores from both logits"),
        ("best first,", ["a crowd within the image: boxes and scores", "2,000 of 2,100 come out of NMS"]),
        ("same dtype and device.", DTYPE_AND_DEVICE),
        ("Empty input gives empty (0, 4) and (0,).", ["no anchors", "none is large enough"]),
        ('Source: lecture, "Change the ROI format" to "Non-maximum Suppression (NMS)".', NOTHING),
    ],
}


def test_every_sentence_of_a_docstring_has_a_case() -> None:
    assert_every_sentence_has_a_case(PROMISES, LAB)


def test_every_case_is_asked_for_by_a_sentence() -> None:
    assert_every_case_is_asked_for(PROMISES, LAB)
