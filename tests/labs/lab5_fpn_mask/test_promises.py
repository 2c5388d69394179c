"""Lab 5: which case asks which sentence of a docstring."""

from tests.labs.promises import (
    CHECK,
    NOTHING,
    assert_every_sentence_has_a_case,
    assert_every_sentence_of_forward_has_a_case,
)

DTYPE = ("the dtype of the answer", "float64 in, float64 out")
DEVICE = "tensors on another device"
MODULE = ("float64 in, float64 out", "weights and inputs on another device")
GRADIENTS = "gradients reach every map and every weight"
HEAD = "14 × 14 cells become 28 × 28"
HEAD_SIZES = "one channel, many classes, another size"
TARGETS = "28 × 28 by default, several masks"
PASTE = "28 × 28 into a wide image"
NOT_SQUARE = "masks smaller and larger than their boxes, not square"
FLAT = "a box without width, without height, without both"
UP_GRADIENTS = "gradients by the map and by the kernels"

TABLE = {
    "FPN": (
        (
            "A feature pyramid: maps of one width, each with the knowledge of all coarser ones.",
            ("three maps of different widths", "four maps, as in ResNet-50"),
        ),
        ("Args:", NOTHING),
        (
            "in_channels (list[int]): channels of the backbone's maps, fine to coarse; one or more.",
            ("three maps of different widths", "a single map"),
        ),
        ("out_channels (int): channels of every output.", "four maps, as in ResNet-50"),
        (
            "Layers, in two ``nn.ModuleList`` with one entry for each map, in the same order: ``inner_blocks``, "
            "``nn.Conv2d`` with kernel 1 (in_channels[k] → out_channels), and ``layer_blocks``, ``nn.Conv2d`` with "
            "kernel 3 and padding 1 (out_channels → out_channels).",
            ("three maps of different widths", "four maps, as in ResNet-50", GRADIENTS),
        ),
        ("Their start is left to you; PyTorch's own is fine.", "torch's random numbers are not seeded again"),
        (
            "The class neither sets torch's seed nor draws random numbers in ``forward``.",
            ("torch's random numbers are not seeded again", "three maps of different widths"),
        ),
        (
            'Source: lecture, "FasterRCNN with FPN"; Feature Pyramid Networks, section 3; torchvision\'s '
            "FeaturePyramidNetwork with LastLevelMaxPool.",
            NOTHING,
        ),
    ),
    "roi_level": (
        ("Say from which level of the pyramid each ROI is read.", "ROIs of all sizes"),
        ("Args:", NOTHING),
        (
            "boxes (Tensor[N, 4]): float boxes ``(x1, y1, x2, y2)``, in pixels;",
            ("ROIs of all sizes", "wide and high ones"),
        ),
        ("N may be 0.", "no boxes"),
        (
            "k_min (int): the finest level; one cell of level k is 2ᵏ pixels wide. k_max (int): the coarsest level.",
            ("other levels", "levels from 0"),
        ),
        ("Returns:", NOTHING),
        ("Tensor[N]: int64, on the boxes' device:", ("the dtype of the answer", DEVICE)),
        (
            "floor(4 + log₂(√(w · h) / 224) + 10⁻⁶),",
            ("ROIs of all sizes", "an area of exactly 56², 112², 224² and 448²", "a hair under them"),
        ),
        ("limited to ``k_min`` … ``k_max``.", "very small and very large ones"),
        ("It is the level itself, 2 to 5, not a place in a list of maps.", "ROIs of all sizes"),
        ("A box without area gives ``k_min``;", "boxes without a side"),
        ("no boxes give empty (0,).", "no boxes"),
        (
            "Source: Feature Pyramid Networks, equation 1; torchvision's LevelMapper (which gives k − k_min).",
            NOTHING,
        ),
    ),
    "upsample_1d": (
        ("Enlarge a row of numbers by a transposed convolution.", "kernel 3, stride 2"),
        ("Args:", NOTHING),
        ("x (Tensor[L]): float numbers; L may be 0.", ("a single number, and a kernel of one", "no numbers")),
        ("weight (Tensor[k]): the kernel, same dtype and device;", (*DTYPE, DEVICE)),
        ("k is 1 or more.", "a single number, and a kernel of one"),
        (
            "stride (int): how many places lie between the copies of the kernel, 1 or more;",
            "larger kernels, strides 1 to 3",
        ),
        ("it may be larger than k, then zeros are in between.", "a stride as large as the kernel, or larger"),
        ("Returns:", NOTHING),
        (
            "Tensor[(L − 1) · stride + k]: the sum of all copies of the kernel, the one of x[i] times x[i] and "
            "beginning at i · stride.",
            ("kernel 3, stride 2", "larger kernels, strides 1 to 3", CHECK),
        ),
        ("Same dtype and device,", (*DTYPE, DEVICE)),
        ("with gradient to both.", "gradients by the numbers and by the kernel"),
        ("No numbers give empty (0,).", "no numbers"),
        (
            'Source: lecture, "Up Sampling – 1D example"; torch.nn.functional.conv_transpose1d without padding.',
            NOTHING,
        ),
    ),
    "upsample_2d": (
        ("Enlarge a map by a transposed convolution.", "kernel 2, stride 2, as in the mask head"),
        ("Args:", NOTHING),
        ("x (Tensor[C, H, W]): one float map of C channels;", "kernel 2, stride 2, as in the mask head"),
        ("H and W may be 0.", ("a map without rows", "a map without columns")),
        (
            "weight (Tensor[C, K, k, k]): a k × k kernel for each pair of an input and an output channel,",
            ("kernel 3, stride 2: copies overlap", "as many channels out as in"),
        ),
        ("same dtype and device;", (*DTYPE, DEVICE)),
        (
            "k is 1 or more. stride (int): cells between the copies of a kernel, 1 or more; may be larger than k.",
            "other kernels and strides, gaps between copies",
        ),
        ("Returns:", NOTHING),
        (
            "Tensor[K, (H − 1) · stride + k, (W − 1) · stride + k]: the sum of all copies of the kernels, each times "
            "the cell that wrote it.",
            ("kernel 3, stride 2: copies overlap", "other kernels and strides, gaps between copies", CHECK),
        ),
        ("Same dtype and device,", (*DTYPE, DEVICE)),
        ("with gradient to both.", UP_GRADIENTS),
        (
            "A map without cells (H or W is 0) gives empty (K, 0, 0).",
            ("a map without rows", "a map without columns"),
        ),
        (
            'Source: lecture, "Up Sampling – 2D example"; torch.nn.functional.conv_transpose2d without padding.',
            NOTHING,
        ),
    ),
    "MaskHead": (
        ("The mask branch: a small fully convolutional network on each ROI.", (HEAD, HEAD_SIZES)),
        ("Args:", NOTHING),
        ("in_channels (int): channels of the pooled features, 256 behind an FPN.", HEAD_SIZES),
        ("hidden (int): channels of all layers inside.", HEAD_SIZES),
        ("num_classes (int): K, background included.", HEAD_SIZES),
        (
            "Layers, in this order: ``mask_fcn1`` (in_channels → hidden), ``mask_fcn2``, ``mask_fcn3``, ``mask_fcn4`` "
            "(hidden → hidden), ``nn.Conv2d`` with kernel 3 and padding 1; ``conv5_mask`` (hidden → hidden), "
            "``nn.ConvTranspose2d`` with kernel 2 and stride 2; each followed by ReLU; then ``mask_fcn_logits`` "
            "(hidden → K), ``nn.Conv2d`` with kernel 1.",
            (HEAD, "as many channels in as inside", "gradients reach the features and every weight"),
        ),
        ("Their start is left to you; PyTorch's own is fine.", "torch's random numbers are not seeded again"),
        (
            "The class neither sets torch's seed nor draws random numbers in ``forward``.",
            ("torch's random numbers are not seeded again", HEAD),
        ),
        (
            "Source: lecture, the printed ``mask_head`` and ``mask_predictor``; Mask R-CNN, figure 4; torchvision's "
            "MaskRCNNHeads and MaskRCNNPredictor.",
            NOTHING,
        ),
    ),
    "mask_targets": (
        ("Cut each ROI out of the true mask of its object.", TARGETS),
        ("Args:", NOTHING),
        (
            "masks (Tensor[M, H, W]): the true masks of one image, 1 inside and 0 outside, of any dtype (uint8 in our "
            "scenes).",
            (TARGETS, "another size, a high image", "masks of other types"),
        ),
        (
            "rois (Tensor[R, 4]): float boxes ``(x1, y1, x2, y2)``, in pixels; they may reach beyond the image;",
            (TARGETS, "ROIs that leave the image, and some off it"),
        ),
        ("R may be 0.", ("no ROIs", "no ROIs and no masks")),
        (
            "matched (Tensor[R]): int64, 0 to M − 1, which mask each ROI belongs to.",
            "many ROIs for few masks, and more masks than ROIs",
        ),
        ("size (int): height and width of the targets.", "another size, a high image"),
        ("Returns:", NOTHING),
        (
            "Tensor[R, size, size]: the share of each cell that is inside the object, 0 to 1,",
            (TARGETS, "soft masks"),
        ),
        ("in the dtype and on the device of ``rois``:", (*DTYPE, DEVICE)),
        (
            "ROI align (half-pixel aligned, 2 × 2 points for each cell) of the matched mask at scale 1.",
            ("a fine pattern", "ROIs smaller than a pixel, and larger than the image"),
        ),
        ("No ROIs give empty (0, size, size).", "no ROIs"),
        (
            'Source: Mask R-CNN, section 3.1, "Training"; torchvision\'s project_masks_on_boxes, there without the '
            "half pixel.",
            NOTHING,
        ),
    ),
    "mask_loss": (
        ("Compute the loss of the mask branch.", "five ROIs, four classes"),
        ("Args:", NOTHING),
        (
            "logits (Tensor[R, K, m, m]): for each ROI one mask per class, before the sigmoid;",
            ("28 × 28 cells, masks of 0 and 1, and a single cell", "very sure answers"),
        ),
        ("R may be 0.", ("no ROIs, with gradient", "no ROIs, on another device")),
        (
            "labels (Tensor[R]): int64, the true class of each ROI, 1 to K − 1.",
            ("many classes", "one class and background"),
        ),
        (
            "targets (Tensor[R, m, m]): what the mask of the true class should be, 0 to 1,",
            ("five ROIs, four classes", "28 × 28 cells, masks of 0 and 1, and a single cell"),
        ),
        ("in the dtype of ``logits``.", DTYPE),
        ("Returns:", NOTHING),
        (
            "Tensor[]: the mean binary cross-entropy over all cells of the true classes' masks,",
            ("five ROIs, four classes", "many classes", "28 × 28 cells, masks of 0 and 1, and a single cell"),
        ),
        ("in the dtype of ``logits``,", DTYPE),
        ("with gradient.", "the gradient reaches the true class's mask only"),
        ("No ROIs give 0, with gradient, never NaN.", "no ROIs, with gradient"),
        (
            'Source: Mask R-CNN, section 3, "Mask Representation" and the loss above it; torchvision\'s maskrcnn_loss.',
            NOTHING,
        ),
    ),
    "paste_mask": (
        ("Paste one small mask into its box in the image.", PASTE),
        ("Args:", NOTHING),
        ("mask (Tensor[h, w]): float, mostly 28 × 28, probabilities 0 to 1.", (PASTE, NOT_SQUARE)),
        (
            "box (Tensor[4]): float ``(x1, y1, x2, y2)``, in pixels; may reach beyond the image or lie off it.",
            ("boxes that leave the image on each side", "boxes wholly off the image"),
        ),
        (
            "size (tuple[int, int]): ``(height, width)`` of the image.",
            ("high and wide boxes in a high image", "an image without pixels"),
        ),
        ("Returns:", NOTHING),
        (
            "Tensor[height, width]: bool, on the device of ``mask``.",
            ("the dtype of the answer", DEVICE, "high and wide boxes in a high image"),
        ),
        (
            "A pixel is set where its middle is inside the box and the mask, sampled bilinearly there, is at least "
            "0.5;",
            (PASTE, "boxes with corners anywhere", "exactly 0.5"),
        ),
        ("beyond the middles of the outermost cells these count in full.", ("boxes with corners anywhere", NOT_SQUARE)),
        (
            "(A middle exactly on the box's border counts either way.) A box without area, or off the image, sets no "
            "pixel.",
            (FLAT, "boxes wholly off the image"),
        ),
        (
            'Source: Mask R-CNN, section 3.1, "Inference". Unlike torchvision\'s paste_masks_in_image, which pads the '
            "mask by a cell and rounds the box.",
            NOTHING,
        ),
    ),
}

FORWARD = {
    "FPN": (
        ("Turn the backbone's maps into the pyramid.", "three maps of different widths"),
        ("Args:", NOTHING),
        (
            "features (list[Tensor]): float maps (B, in_channels[k], H_k, W_k), fine to coarse. Sizes may be odd, and "
            "need not halve exactly.",
            ("odd heights and widths, two images", "maps half as large again as the next"),
        ),
        ("B may be 0.", "no images"),
        ("Returns:", NOTHING),
        (
            "list[Tensor]: one map (B, out_channels, H_k, W_k) for each input, in the same order, and last the "
            "coarsest of them max-pooled with kernel 1 and stride 2: (B, out_channels, ⌈H / 2⌉, ⌈W / 2⌉).",
            ("three maps of different widths", "odd heights and widths, two images", "a single map"),
        ),
        (
            "Each but the coarsest gets the merged map above it added, enlarged to its size by copying cells, as "
            '``F.interpolate`` does with ``mode="nearest"``;',
            (
                "four maps, as in ResNet-50",
                "odd heights and widths, two images",
                "maps half as large again as the next",
            ),
        ),
        ("no ReLU anywhere.", "negative laterals"),
        ("Same dtype and device,", MODULE),
        ("with gradient;", GRADIENTS),
        (
            "the list that came in is left as it was.",
            ("the same list twice", "the inputs are left as they were"),
        ),
    ),
    "MaskHead": (
        ("Answer for every ROI, every class and every cell.", HEAD),
        ("Args:", NOTHING),
        (
            "features (Tensor[R, in_channels, H, W]): pooled features, mostly 14 × 14;",
            (HEAD, HEAD_SIZES),
        ),
        ("R may be 0.", "no ROIs"),
        ("Returns:", NOTHING),
        ("Tensor[R, K, 2 H, 2 W]: logits before the sigmoid,", (HEAD, HEAD_SIZES)),
        ("same dtype and device.", MODULE),
        ("No ROIs give empty (0, K, 2 H, 2 W).", "no ROIs"),
    ),
}


def test_every_sentence_of_a_docstring_has_a_case() -> None:
    assert_every_sentence_has_a_case(TABLE, "lab5_fpn_mask")
    assert_every_sentence_of_forward_has_a_case(FORWARD, "lab5_fpn_mask")
