"""All exercises by name: one module a lab or notebook, each with a tuple ``EXERCISES``."""

from autograder.exercise import Exercise
from autograder.exercises import (
    lab1_boxes,
    lab2_anchors,
    lab3_rpn,
    lab4_roi_heads,
    lab5_fpn,
    lab5_mask,
    lab6_keypoints,
    lab7_buglab,
    lab7_capstone,
    lab7_detect,
    lab7_photo,
)

LABS: dict[str, tuple[Exercise, ...]] = {
    "lab1_boxes": lab1_boxes.EXERCISES,
    "lab2_anchors": lab2_anchors.EXERCISES,
    "lab3_rpn": lab3_rpn.EXERCISES,
    "lab4_roi_heads": lab4_roi_heads.EXERCISES,
    "lab5_fpn_mask": (*lab5_fpn.EXERCISES, *lab5_mask.EXERCISES),
    "lab6_keypoints": lab6_keypoints.EXERCISES,
    "lab7_capstone": (
        *lab7_capstone.EXERCISES,
        *lab7_detect.EXERCISES,
        *lab7_buglab.EXERCISES,
        *lab7_photo.EXERCISES,
    ),
}
EXERCISES: dict[str, Exercise] = {exercise.name: exercise for lab in LABS.values() for exercise in lab}


def find(name: str) -> Exercise:
    """The exercise of that name.

    Raises:
        ValueError: there is none; the message lists those that exist.
    """
    if name not in EXERCISES:
        raise ValueError(f"no exercise is called {name!r}; there are {', '.join(EXERCISES)}")
    return EXERCISES[name]
