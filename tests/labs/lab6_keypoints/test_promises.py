"""Lab 6: which case asks which sentence of a docstring."""

from tests.labs.promises import (
    NOTHING,
    assert_every_sentence_has_a_case,
    assert_every_sentence_of_forward_has_a_case,
)

DTYPE = ("the dtype of the answer", "float64 in, float64 out")
DEVICE = "tensors on another device"
SIZES = "features of other sizes, 17 keypoints by default"
START = "weights and biases to begin with"
EDGES = "exactly on the edges of the ROI, and just off them"
NONE = "not a single keypoint counts"

TABLE = {
    "KeypointHead": (
        ("Draw a heat map for each keypoint of each person.", "square features"),
        ("Args:", NOTHING),
        (
            "in_channels (int): C, channels of the features; 256 with a pyramid. hidden (int): channels of the eight "
            "convolutions. num_keypoints (int): K, how many heat maps.",
            ("square features", SIZES),
        ),
        ("Layers, with the names that are graded:", NOTHING),
        (
            "``convs``: ``nn.Sequential`` as the slide prints it, places 0 to 15: a convolution 3 × 3 with padding 1 "
            "at each even place (C → hidden, then hidden → hidden), a ReLU at each odd one.",
            (
                "square features",
                "features of a single cell, as many channels as inside",
                "gradients reach the features and every weight",
            ),
        ),
        (
            "``kps_score_lowres``: ``nn.ConvTranspose2d`` (hidden → K), kernel 4, stride 2, padding 1.",
            ("square features", SIZES),
        ),
        (
            'All nine weights begin by ``nn.init.kaiming_normal_`` with ``mode="fan_out"`` and '
            '``nonlinearity="relu"``, all biases as 0.',
            START,
        ),
        (
            "The class neither sets torch's seed nor draws random numbers in ``forward``.",
            ("torch's random numbers are not seeded again", "square features"),
        ),
        (
            "In torchvision's model ``convs.0`` … ``convs.14`` are ``keypoint_head.0`` … ``.14``, and "
            "``kps_score_lowres`` is ``keypoint_predictor.kps_score_lowres``.",
            "square features",
        ),
        (
            'Source: lecture, "KeypointRCNN head"; Mask R-CNN, section 5; torchvision\'s KeypointRCNNHeads and '
            "KeypointRCNNPredictor.",
            NOTHING,
        ),
    ),
    "keypoints_to_heatmap": (
        (
            "Find the cell of each keypoint in a grid that is stretched over its ROI.",
            ("all keypoints seen, all inside", "ROIs smaller than the grid"),
        ),
        ("Args:", NOTHING),
        (
            "keypoints (Tensor[R, K, 3]): ``(x, y, v)`` of the person in each ROI: x and y in pixels, v the visibility "
            "(0 not labelled, 1 hidden, 2 seen);",
            ("all keypoints seen, all inside", "v = 0, 1 and 2"),
        ),
        ("R may be 0.", "no ROIs"),
        (
            "rois (Tensor[R, 4]): float boxes ``(x1, y1, x2, y2)`` in pixels, x1 < x2 and y1 < y2;",
            ("all keypoints seen, all inside", "ROIs smaller than the grid", "ROIs that leave the image"),
        ),
        ("same dtype and device.", (*DTYPE, DEVICE)),
        ("size (int): S, rows and columns of the grid.", "other grids, odd ones too"),
        ("Returns:", NOTHING),
        (
            "index (Tensor[R, K]): int64, row · S + column of the cell.",
            ("all keypoints seen, all inside", "the dtype of the answer"),
        ),
        (
            "Cells are half open: a keypoint between two cells belongs to the later one;",
            "exactly between two cells",
        ),
        ("only one exactly on the right or lower edge of the ROI belongs to the last column or row.", EDGES),
        ("valid (Tensor[R, K]): bool,", "the dtype of the answer"),
        (
            "whether the keypoint counts: it lies in the ROI, edges included, and v > 0.",
            (
                EDGES,
                "v = 0, 1 and 2",
                "v = 0 at (0, 0), in an ROI at the corner of the image",
                "keypoints outside their ROI, on all sides",
                "less than a cell outside",
            ),
        ),
        ("Where it does not, index is 0.", "the index of what does not count"),
        ("No ROIs give empty (0, K) and (0, K).", "no ROIs"),
        ('Source: Mask R-CNN, section 5, "one-hot"; torchvision\'s keypoints_to_heatmap.', NOTHING),
    ),
    "keypoint_loss": (
        ("Compute how far the heat maps are from the true cells.", "some keypoints count"),
        ("Args:", NOTHING),
        (
            "heatmaps (Tensor[R, K, S, S]): logits, float;",
            ("very sure maps", "maps of odd sizes, another number of keypoints"),
        ),
        ("R may be 0.", ("no ROIs", "no ROIs, with gradient")),
        (
            "index (Tensor[R, K]): int64, the true cell of each map, row · S + column.",
            ("some keypoints count", "all 17 count, maps of 56 × 56"),
        ),
        ("valid (Tensor[R, K]): bool, whether a keypoint counts.", "some keypoints count"),
        (
            "What index and the map hold where it does not must not matter, be it no cell at all, infinite or NaN.",
            "index and maps hold nonsense where nothing counts",
        ),
        ("Returns:", NOTHING),
        (
            "Tensor[]: cross-entropy over the S · S cells of a map, the mean over all keypoints that count;",
            ("some keypoints count", "persons with all keypoints, with a single one, with none"),
        ),
        ("with gradient,", "gradients"),
        ("in the dtype of ``heatmaps``.", DTYPE),
        ("If none counts (or R is 0) it is 0, with a gradient of 0.", (NONE, "no ROIs, with gradient")),
        ("Source: Mask R-CNN, section 5; torchvision's keypointrcnn_loss.", NOTHING),
    ),
    "heatmaps_to_keypoints": (
        ("Find the keypoints that heat maps show.", "places in ROIs larger than the maps"),
        ("Args:", NOTHING),
        (
            "heatmaps (Tensor[R, K, H, W]): logits, float;",
            ("nothing but negative logits", "maps that are not square, odd sizes, other numbers of keypoints"),
        ),
        ("R may be 0.", "no ROIs"),
        (
            "rois (Tensor[R, 4]): the boxes ``(x1, y1, x2, y2)`` that the maps are stretched over, in pixels;",
            ("places in ROIs larger than the maps", "ROIs that leave the image"),
        ),
        ("same dtype and device.", (*DTYPE, DEVICE)),
        ("Returns:", NOTHING),
        (
            "Tensor[R, K, 3]: x, y in pixels of the image, and the score;",
            ("places in ROIs larger than the maps", "scores", "ROIs that leave the image"),
        ),
        ("same dtype and device.", (*DTYPE, DEVICE)),
        (
            "Each map is resized to its ROI, height × width in pixels, rounded up, with bicubic interpolation "
            "(``align_corners=False``);",
            (
                "places in ROIs larger than the maps",
                "ROIs smaller than the maps",
                "narrow ROIs whose sides are not whole numbers",
            ),
        ),
        ("sides below 1 count as 1.", "ROIs below a pixel, or without width or height"),
        (
            "x and y are the middle of its largest pixel (the first one in reading order, if several are largest),",
            ("places in ROIs larger than the maps", "several hottest pixels"),
        ),
        ("the score is that pixel's value.", ("scores", "nothing but negative logits")),
        ("No ROIs give empty (0, K, 3).", "no ROIs"),
        ("Source: Mask R-CNN, section 5; torchvision's heatmaps_to_keypoints.", NOTHING),
    ),
}

FORWARD = {
    "KeypointHead": (
        ("Draw the heat maps.", "square features"),
        ("Args:", NOTHING),
        (
            "features (Tensor[R, C, H, W]): aligned features of R persons, 14 × 14 in the lecture;",
            ("square features", SIZES, "a whole feature map in good time"),
        ),
        ("R may be 0.", "no ROIs"),
        ("Returns:", NOTHING),
        ("Tensor[R, K, 4 H, 4 W]: logits,", ("square features", SIZES)),
        ("same dtype and device.", ("float64 in, float64 out", "weights and inputs on another device")),
        (
            "Twice as large by the transposed convolution (without ReLU: logits may be negative), and twice again by "
            "bilinear interpolation (``align_corners=False``).",
            ("square features", "features of a single cell, as many channels as inside"),
        ),
        ("No persons give empty (0, K, 4 H, 4 W).", "no ROIs"),
    ),
}


def test_every_sentence_of_a_docstring_has_a_case() -> None:
    assert_every_sentence_has_a_case(TABLE, "lab6_keypoints")
    assert_every_sentence_of_forward_has_a_case(FORWARD, "lab6_keypoints")
