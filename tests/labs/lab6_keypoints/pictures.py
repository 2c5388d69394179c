"""Lab 6's pictures, and how each is made."""

from collections.abc import Callable

from course import draw, library, scenes

IMAGE, TARGET = scenes.scene(11, size=(240, 320))
PERSON = TARGET["labels"] == scenes.CLASSES.index("person")
KEYPOINTS, ROIS = TARGET["keypoints"][PERSON], TARGET["boxes"][PERSON]
CROWD, TRUTH = scenes.scene(22, size=(240, 320))
ONE = CROWD, TRUTH["keypoints"][1], TRUTH["boxes"][1]
THERE, BACK = library.keypoints_to_heatmap, library.heatmaps_to_keypoints

# Every picture of a student's function, as a function of that function.
STUDENTS: dict[str, tuple[str, Callable]] = {
    "last_enlargement": ("KeypointHead", lambda fn: draw.last_enlargement(fn)),
    "keypoint_cells": ("keypoints_to_heatmap", lambda fn: draw.keypoint_cells(*ONE, fn)),
    "loss_at_work": ("keypoint_loss", lambda fn: draw.loss_at_work(KEYPOINTS[1:2], ROIS[1:2], THERE, fn)),
    "heatmaps_and_skeleton": (
        "heatmaps_to_keypoints",
        lambda fn: draw.heatmaps_and_skeleton(IMAGE, KEYPOINTS[1], ROIS[1], THERE, fn),
    ),
    "grid_error": ("heatmaps_to_keypoints", lambda fn: draw.grid_error(KEYPOINTS, ROIS, THERE, fn)),
    "keypoint_mistakes": ("heatmaps_to_keypoints", lambda fn: draw.keypoint_mistakes(*ONE, THERE, fn)),
}
PLAIN: dict[str, Callable] = {
    "seventeen_keypoints": draw.seventeen_keypoints,
    "keypoint_head": draw.keypoint_head,
}
