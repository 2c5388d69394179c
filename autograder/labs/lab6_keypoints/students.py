"""Lab 6: the demo's class, made of its right and wrong answers."""

from autograder.grader.answers import Submission

STUDENTS = (
    Submission(
        "ada",
        {
            "KeypointHead": "plain",
            "keypoints_to_heatmap": "axes",
            "keypoint_loss": "by_hand",
            "heatmaps_to_keypoints": "matrices",
        },
    ),
    Submission(  # follows the slide as it is printed
        "alan",
        {
            "KeypointHead": "slides_end",
            "keypoints_to_heatmap": "edge_dropped",
            "keypoint_loss": "nan",
            "heatmaps_to_keypoints": "not_resized",
        },
    ),
    Submission(
        "emmy",
        {
            "KeypointHead": "slides",
            "keypoints_to_heatmap": "torchvisions",
            "keypoint_loss": "ignoring",
            "heatmaps_to_keypoints": "loop",
        },
    ),
    Submission(  # loops wherever one can loop
        "grace",
        {
            "KeypointHead": "by_hand",
            "keypoints_to_heatmap": "loop",
            "keypoint_loss": "loop",
            "heatmaps_to_keypoints": "joints",
        },
    ),
    Submission("kurt", {"KeypointHead": "plain", "keypoints_to_heatmap": "axes"}),  # gave up half-way
    Submission(
        "linus",
        {
            "KeypointHead": "no_relu",
            "keypoints_to_heatmap": "v0_counted",
            "keypoint_loss": "yes_or_no",
            "heatmaps_to_keypoints": "no_half",
        },
    ),
    Submission(
        "mary",
        {
            "KeypointHead": "nearest",
            "keypoints_to_heatmap": "truncated",
            "keypoint_loss": "constant",
            "heatmaps_to_keypoints": "swapped",
        },
    ),
    Submission("noor", {}),  # hands in the release as it is
    Submission(
        "rosa",
        {
            "KeypointHead": "default_start",
            "keypoints_to_heatmap": "swapped",
            "keypoint_loss": "divided_by_all",
            "heatmaps_to_keypoints": "ones",
        },
    ),
)
