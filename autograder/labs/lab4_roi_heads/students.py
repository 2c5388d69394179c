"""Lab 4: the demo's class, made of its right and wrong answers."""

from autograder.grader.answers import Submission

STUDENTS = (
    Submission(
        "ada",
        {
            "sample_rois": "masks",
            "roi_pool": "masks",
            "bilinear_sample": "hats",
            "roi_align": "matrices",
            "BoxHead": "functional",
            "detection_loss": "masked",
            "postprocess_detections": "batched",
        },
    ),
    # hands in the lecture's code, and its tutorial's, as printed
    Submission(
        "alan",
        {
            "sample_rois": "slides",
            "roi_pool": "slides",
            "bilinear_sample": "nearest",
            "roi_align": "slides",
            "BoxHead": "slides",
            "detection_loss": "slides",
            "postprocess_detections": "one_per_roi",
        },
    ),
    Submission(
        "emmy",
        {
            "sample_rois": "plain",
            "roi_pool": "slices",
            "bilinear_sample": "four_corners",
            "roi_align": "grid_sample",
            "BoxHead": "matrices",
            "detection_loss": "plain",
            "postprocess_detections": "flat",
        },
    ),
    Submission(  # loops wherever one can loop
        "grace",
        {
            "sample_rois": "loop",
            "roi_pool": "bins",
            "bilinear_sample": "loop",
            "roi_align": "bin_by_bin",
            "BoxHead": "plain",
            "detection_loss": "loop",
            "postprocess_detections": "loop",
        },
    ),
    Submission("kurt", {"sample_rois": "masks", "roi_pool": "slices"}),  # gave up half-way
    Submission(
        "linus",
        {
            "sample_rois": "no_truth",
            "roi_pool": "truncated",
            "bilinear_sample": "fading",
            "roi_align": "no_half_pixel",
            "BoxHead": "two_classes",
            "detection_loss": "first_four",
            "postprocess_detections": "background",
        },
    ),
    Submission(
        "mary",
        {
            "sample_rois": "no_limit",
            "roi_pool": "no_gradient",
            "bilinear_sample": "swapped",
            "roi_align": "corners",
            "BoxHead": "one_relu",
            "detection_loss": "per_object",
            "postprocess_detections": "nms_over_all",
        },
    ),
    Submission("noor", {}),  # hands in the release as it is
    Submission(
        "rosa",
        {
            "sample_rois": "unweighted",
            "roi_pool": "no_scale",
            "bilinear_sample": "never_gone",
            "roi_align": "no_scale",
            "BoxHead": "softmax",
            "detection_loss": "beta_one",
            "postprocess_detections": "unweighted",
        },
    ),
)
