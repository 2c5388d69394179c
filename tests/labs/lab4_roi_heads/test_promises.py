"""Lab 4: which case asks which sentence of a docstring."""

from tests.labs.promises import (
    CHECK,
    NOTHING,
    assert_every_sentence_has_a_case,
    assert_every_sentence_of_forward_has_a_case,
)

DTYPE = ("the dtype of the answer", "float64 in, float64 out")
DEVICE = "tensors on another device"
SHAPES_3_5 = "two images, bins in 3 rows and 5 columns"
BEGIN = "weights and biases to begin with"

TABLE = {
    "sample_rois": (
        (
            "Choose the ROIs of one image that the detection network is trained on.",
            ("all candidates fit", "2,000 proposals: 32 objects, 96 background"),
        ),
        ("Args:", NOTHING),
        (
            "proposals (Tensor[N, 4]): float boxes ``(x1, y1, x2, y2)``, in pixels;",
            ("all candidates fit", "another threshold, boxes smaller than a pixel"),
        ),
        ("N may be 0.", ("no proposals but the true boxes", "no candidates")),
        ("gt_boxes (Tensor[M, 4]): the true boxes, same dtype and device;", (*DTYPE, DEVICE)),
        ("M may be 0.", ("an image that shows background only", "the same seed, without true boxes")),
        (
            "gt_labels (Tensor[M]): int64 class of each true box, 1 or more.",
            ("all candidates fit", "true boxes that overlap each other"),
        ),
        ("batch_size (int): how many ROIs are wanted;", "other batch sizes and fractions"),
        ("where there are too few, fewer come.", "little background: fewer ROIs come"),
        (
            "positive_fraction (float): at most ``int(batch_size * positive_fraction)`` ROIs are objects;",
            ("2,000 proposals: 32 objects, 96 background", "other batch sizes and fractions"),
        ),
        ("background fills the other places.", "few objects: background fills up"),
        (
            "iou_threshold (float): a candidate whose best IoU with a true box is at least this is an object of that "
            "box's class, any other one is background.",
            (
                "an IoU of exactly the threshold",
                "another threshold, boxes smaller than a pixel",
                "true boxes that overlap each other",
            ),
        ),
        (
            "generator (torch.Generator, optional): where all random numbers come from, on the device of the boxes;",
            ("the same seed gives the same sample, another seed another", "the same seed, without true boxes"),
        ),
        ("by default torch's own.", "called with three arguments alone"),
        ("Returns:", NOTHING),
        (
            "rois (Tensor[R, 4]): candidates drawn at random without replacement, in any order.",
            ("2,000 proposals: 32 objects, 96 background", "every candidate has the same chance"),
        ),
        (
            "Candidates are the proposals and the true boxes.",
            ("all candidates fit", "no proposals but the true boxes"),
        ),
        (
            "Each object has the same chance to be drawn, and so has all background.",
            ("every candidate has the same chance", "thousands of proposals, and none is left out"),
        ),
        ("Same dtype and device.", (*DTYPE, DEVICE)),
        (
            "labels (Tensor[R]): int64 class of each ROI, 0 for background.",
            ("all candidates fit", "the dtype of the answer"),
        ),
        (
            "targets (Tensor[R, 4]): for an object, the deltas from the ROI to its true box with weights "
            "(10, 10, 5, 5).",
            ("all candidates fit", "true boxes that overlap each other"),
        ),
        ("Rows of background are not used: 0, or anything finite.", "an image that shows background only"),
        ("No candidates at all give empty (0, 4), (0,) and (0, 4).", "no candidates"),
        (
            'Source: lecture, "Based on the 2,000 ROIs filtered by NMS …"; Fast R-CNN, section 2.3; torchvision\'s '
            "RoIHeads.select_training_samples.",
            NOTHING,
        ),
    ),
    "roi_pool": (
        (
            "Pool each ROI's part of the feature map into a grid of one size, by the maximum.",
            ("7 × 7 bins at 1/16", "nothing but negative features"),
        ),
        ("Args:", NOTHING),
        ("features (Tensor[B, C, H, W]): float feature maps of B images.", SHAPES_3_5),
        (
            "rois (Tensor[R, 5]): image number (0 … B − 1), then ``(x1, y1, x2, y2)`` in pixels of the image;",
            (SHAPES_3_5, CHECK),
        ),
        ("same dtype and device;", (*DTYPE, DEVICE)),
        ("R may be 0.", "no ROIs"),
        ("output_size (tuple[int, int]): ``(height, width)`` of the grid, in bins.", SHAPES_3_5),
        (
            "spatial_scale (float): cells of the map per pixel of the image, such as 1 / 16.",
            ("7 × 7 bins at 1/16", "ROIs smaller than the grid"),
        ),
        ("Returns:", NOTHING),
        ("Tensor[R, C, height, width]: same dtype and device,", (*DTYPE, DEVICE)),
        ("with gradient to ``features``.", "gradients reach the features"),
        (
            "The four coordinates times ``spatial_scale`` are rounded to whole cells (halves up; below 0 either way);",
            ("7 × 7 bins at 1/16", "corners halfway between two cells", "ROIs that leave the map"),
        ),
        (
            "the ROI covers the cells from first to last, both included, and at least one.",
            ("ROIs smaller than a cell", CHECK),
        ),
        (
            "Bin k of n spans the cells floor(k · side / n) to ceil((k + 1) · side / n), counted from the first one, "
            "the last not included;",
            ("ROIs smaller than the grid", SHAPES_3_5),
        ),
        ("only then it is cut off at the map.", ("ROIs that leave the map", CHECK)),
        ("A bin without a cell gives 0.", "ROIs off the map, on all sides"),
        ("No ROIs give empty (0, C, height, width).", "no ROIs"),
        ('Source: lecture, "ROI Pooling"; Fast R-CNN, section 2.1; torchvision.ops.roi_pool.', NOTHING),
    ),
    "bilinear_sample": (
        ("Read a feature map at points between its cells.", "points between the cells"),
        ("Args:", NOTHING),
        ("feature (Tensor[C, H, W]): one float feature map.", "points between the cells"),
        ("y (Tensor[K]): where the points are, counted in rows, same dtype and device;", (*DTYPE, DEVICE)),
        (
            "whole numbers are the middles of cells.",
            "points in the middle of a cell, or exactly one cell off",
        ),
        ("K may be 0.", "no points"),
        (
            "x (Tensor[K]): the same, counted in columns: y = 0, x = 2 is the middle of ``feature[:, 0, 2]``.",
            ("points in the middle of a cell, or exactly one cell off", CHECK),
        ),
        ("Returns:", NOTHING),
        (
            "Tensor[C, K]: the mean of the four nearest cells, weighted by nearness;",
            "points between the cells",
        ),
        ("same dtype and device,", (*DTYPE, DEVICE)),
        ("with gradient to ``feature``.", "gradients reach the features"),
        (
            "A point up to one cell off the map reads the nearest place on it;",
            ("points up to a cell off the map", "points in the middle of a cell, or exactly one cell off"),
        ),
        ("one further away (below −1, or above H or W) gives 0.", "points further away"),
        ("No points give empty (C, 0).", "no points"),
        ('Source: Mask R-CNN, "RoIAlign"; the sampling inside torchvision.ops.roi_align.', NOTHING),
    ),
    "roi_align": (
        (
            "Pool each ROI's part of the feature map into a grid of one size, without rounding.",
            ("7 × 7 bins at 1/16, 2 × 2 points a bin by default", "ROIs smaller than a cell"),
        ),
        ("Args:", NOTHING),
        ("features (Tensor[B, C, H, W]): float feature maps of B images.", SHAPES_3_5),
        (
            "rois (Tensor[R, 5]): image number (0 … B − 1), then ``(x1, y1, x2, y2)`` in pixels of the image;",
            (SHAPES_3_5, CHECK),
        ),
        ("same dtype and device;", (*DTYPE, DEVICE)),
        ("R may be 0.", "no ROIs"),
        ("output_size (tuple[int, int]): ``(height, width)`` of the grid, in bins.", SHAPES_3_5),
        (
            "spatial_scale (float): cells of the map per pixel of the image, such as 1 / 16.",
            ("7 × 7 bins at 1/16, 2 × 2 points a bin by default", SHAPES_3_5),
        ),
        (
            "sampling_ratio (int): sample points along each side of a bin, 1 or more.",
            ("three points along each side of a bin", "one point per bin"),
        ),
        ("Returns:", NOTHING),
        ("Tensor[R, C, height, width]: same dtype and device,", (*DTYPE, DEVICE)),
        ("with gradient to ``features``.", "gradients reach the features"),
        (
            "An image coordinate p is at p · ``spatial_scale`` − 0.5 on the map, where whole numbers are the middles "
            "of cells.",
            ("7 × 7 bins at 1/16, 2 × 2 points a bin by default", CHECK),
        ),
        (
            "Each bin is the mean of ``sampling_ratio`` × ``sampling_ratio`` points, spread evenly: the middles of "
            "that many equal parts.",
            ("three points along each side of a bin", "one point per bin"),
        ),
        (
            "Each point is read as ``bilinear_sample`` does.",
            ("ROIs that leave the map", "ROIs off the map, among others"),
        ),
        ("No ROIs give empty (0, C, height, width).", "no ROIs"),
        ('Source: Mask R-CNN, "RoIAlign"; torchvision.ops.roi_align with ``aligned=True``.', NOTHING),
    ),
    "BoxHead": (
        (
            "The detection network: which class is in each ROI, and where exactly?",
            "one class and background, as in the lecture",
        ),
        ("Args:", NOTHING),
        ("in_features (int): numbers per ROI, C · height · width after pooling.", "five classes, flat features"),
        (
            "hidden (int): width of the two hidden layers.",
            ("five classes, flat features", "as many features in as hidden ones"),
        ),
        ("num_classes (int): K, background included.", "five classes, flat features"),
        (
            "Layers, all ``nn.Linear``: ``fc6`` (in_features → hidden) and ``fc7`` (hidden → hidden), each followed "
            "by ReLU;",
            (
                "one class and background, as in the lecture",
                "as many features in as hidden ones",
                "gradients reach the features and every weight",
            ),
        ),
        (
            "then side by side ``cls_score`` (hidden → K) and ``bbox_pred`` (hidden → 4 K).",
            "five classes, flat features",
        ),
        ("The weights of the last two begin as N(0, 0.01), their biases as 0.", BEGIN),
        (
            "The class neither sets torch's seed nor draws random numbers in ``forward``.",
            ("torch's random numbers are not seeded again", "one class and background, as in the lecture"),
        ),
        (
            'Source: lecture, "Send ROI samples to detection network"; Fast R-CNN, section 2; torchvision\'s '
            "TwoMLPHead and FastRCNNPredictor.",
            NOTHING,
        ),
    ),
    "detection_loss": (
        ("Compute both losses of the detection network.", "four classes"),
        ("Args:", NOTHING),
        (
            "logits (Tensor[R, K]): class scores before softmax, float;",
            ("many classes, mostly background, and a single ROI", "very sure logits"),
        ),
        ("R may be 0.", "no ROIs"),
        ("deltas (Tensor[R, 4 K]): predicted deltas, four for each class.", "four classes"),
        ("labels (Tensor[R]): int64 true classes, 0 for background.", "one class and background"),
        ("targets (Tensor[R, 4]): true deltas of the objects;", "four classes"),
        ("rows of background are not used: 0, or anything finite.", ("four classes", "not a single object")),
        ("Returns:", NOTHING),
        (
            "cls_loss (Tensor[]): mean cross-entropy over the R ROIs.",
            ("four classes", "many classes, mostly background, and a single ROI"),
        ),
        (
            "loc_loss (Tensor[]): smooth L1 (β = 1/9) between the true class's four deltas and the targets, summed "
            "over the objects and their four numbers, divided by R.",
            ("four classes", "many classes, mostly background, and a single ROI", CHECK),
        ),
        ("Both in the dtype of ``logits``", DTYPE),
        (
            "and with gradient, also where they are 0 because nothing counts.",
            ("losses and gradients", "gradients without objects, and without any ROI"),
        ),
        ("No ROIs give 0 and 0, never NaN.", "no ROIs"),
        ('Source: Fast R-CNN, section 2.3, "Multi-task loss"; torchvision\'s fastrcnn_loss.', NOTHING),
    ),
    "postprocess_detections": (
        (
            "Turn what the head gives for one image into its detections.",
            ("three classes in a wide image", "other thresholds, a high image"),
        ),
        ("Args:", NOTHING),
        ("logits (Tensor[R, K]): class scores before softmax, float;", "three classes in a wide image"),
        ("class 0 is background.", "one class and background"),
        (
            "deltas (Tensor[R, 4 K]): predicted deltas, weights (10, 10, 5, 5), four per class.",
            ("three classes in a wide image", "enormous deltas"),
        ),
        ("rois (Tensor[R, 4]): the ROIs ``(x1, y1, x2, y2)``, in pixels;", "three classes in a wide image"),
        ("R may be 0.", "no ROIs"),
        ("size (tuple[int, int]): ``(height, width)`` of the image.", "other thresholds, a high image"),
        (
            "score_threshold (float): a detection needs a higher probability than this.",
            (
                "other thresholds, a high image",
                "nothing is likely enough",
                "a probability of exactly score_threshold, an IoU of exactly nms_threshold",
            ),
        ),
        (
            "nms_threshold (float): of two detections of one class with a higher IoU than this, only the better stays.",
            (
                "other thresholds, a high image",
                "every ROI twice",
                "a probability of exactly score_threshold, an IoU of exactly nms_threshold",
            ),
        ),
        ("Classes don't disturb each other.", "one ROI as two classes"),
        ("max_detections (int): the best that many stay, over all classes.", "no more than a handful"),
        ("Returns:", NOTHING),
        (
            "tuple of boxes (Tensor[D, 4]), labels (Tensor[D], int64, 1 or more) and scores (Tensor[D]), best first;",
            ("three classes in a wide image", "the dtype of the answer", CHECK),
        ),
        ("boxes and scores in the same dtype and device as the logits.", (*DTYPE, DEVICE)),
        (
            "Every ROI may give a detection for each class but background.",
            ("one ROI as two classes", "one class and background"),
        ),
        (
            "Boxes are clipped to the image; those with a side under 0.01 pixels are dropped.",
            "ROIs off the image, and some of which little is left",
        ),
        ("No ROIs give empty (0, 4), (0,) and (0,).", "no ROIs"),
        ("Source: Fast R-CNN, section 3; torchvision's RoIHeads.postprocess_detections.", NOTHING),
    ),
}


FORWARD = {
    "BoxHead": (
        ("Answer for every ROI.", "one class and background, as in the lecture"),
        ("Args:", NOTHING),
        (
            "pooled (Tensor[R, C, height, width]): pooled features, or already flat ones (Tensor[R, in_features]);",
            ("one class and background, as in the lecture", "five classes, flat features"),
        ),
        ("R may be 0.", "no ROIs"),
        ("Returns:", NOTHING),
        (
            "tuple of the logits (Tensor[R, K]) and the deltas (Tensor[R, 4 K]): the four numbers of class k are "
            "columns 4 k to 4 k + 3.",
            ("five classes, flat features", CHECK),
        ),
        ("Same dtype and device.", ("float64 in, float64 out", "weights and inputs on another device")),
        ("No ROIs give empty (0, K) and (0, 4 K).", "no ROIs"),
    ),
}


def test_every_sentence_of_a_docstring_has_a_case() -> None:
    assert_every_sentence_has_a_case(TABLE, "lab4_roi_heads")
    assert_every_sentence_of_forward_has_a_case(FORWARD, "lab4_roi_heads")
