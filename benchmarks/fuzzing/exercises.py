"""What each exercise is asked: how its samples vary, how a function is run on them, how close answers must be."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import Generator

from autograder.grader import module_cases as modules
from autograder.grader.common_cases import answer_and_arguments, answer_elsewhere
from autograder.grader.exercise import answer
from autograder.labs.lab2_anchors.cases import random_samples as lab2
from autograder.labs.lab6_keypoints.inputs import begins
from benchmarks.fuzzing.runs import Run, drawn_rois, gradients, label_chances, last_layers, roi_chances, seeded
from benchmarks.fuzzing.variations import (
    Change,
    between_cells,
    cropped,
    few_marks,
    fewer,
    filled,
    flat,
    gridded,
    moved,
    option,
    scaled,
    unsure,
)
from course import library
from course.checking.random_inputs import module_inputs

Inputs = Callable[[Generator], tuple]
PLAIN: tuple[Run, ...] = (answer_and_arguments, answer_elsewhere)
HEAD: tuple[Run, ...] = (modules.outputs_and_inputs, modules.gradients, modules.outputs_elsewhere)


@dataclass(frozen=True)
class Data:
    """What an exercise is asked.

    Attributes:
        changes: variations of its samples, of which each round takes some.
        runs: ways to run a function, which take turns.
        rounds: how many.
        once: a further question: a run and its own inputs.
        double, single: rtol and atol in float64 and in float32, where decisions and cancellation leave few digits, so
            that only the coarse things are looked at.
    """

    changes: tuple[Change, ...]
    runs: tuple[Run, ...] = PLAIN
    rounds: int = 400
    once: tuple[Run, Inputs] | None = None
    double: tuple[float, float] = (1e-8, 1e-8)
    single: tuple[float, float] = (1e-3, 1e-2)


def _none(g: Generator) -> tuple:
    return ()


def _starts(run: Run, name: str, *arguments: Any) -> tuple[Run, Inputs]:
    """A question about the weights of a new module."""
    return run, lambda g: module_inputs(getattr(library, name), arguments, g)


def _learned(count: int) -> tuple[Run, ...]:
    """The runs for a function whose first arguments come from a network."""
    return (*PLAIN, gradients(count))


SIZES = option(3, (20, 33), (400, 300), (12, 500))
WEIGHTS = option(2, (1, 1, 1, 1), (10.0, 10.0, 5.0, 5.0), (0.1, 3.0, 12.0, 7.7))
BINS = option(2, (1, 1), (2, 3), (7, 7), (4, 1))
ROUNDING = (1e-9, 1e-5)  # a right answer may add or subtract a small number against 0 / 0
PIXELS = (fewer(0), gridded(0), scaled(0), flat(0))
MODULE = (fewer(2), cropped(2))

FUZZ: dict[str, Data] = {
    "yxyx_to_xyxy": Data(PIXELS),
    "box_area": Data(PIXELS),
    "box_iou": Data(
        (fewer(0), fewer(1), gridded(0, 1), scaled(0, 1), flat(0), flat(1)), double=ROUNDING, single=(1e-5, 1e-5)
    ),
    "clip_boxes_to_image": Data((*PIXELS, option(1, (1, 640), (480, 5), (33, 61)))),
    "remove_small_boxes": Data((*PIXELS, option(1, 0, 0.05, 1, 3.3, 16, 32, 64, 128))),
    "anchor_shapes": Data(
        (
            option(0, 1, 7, 33.5),
            option(1, (), (3,), (0.1, 5.0, 30.0, 8.0)),
            option(2, (), (1,), (0.05, 2.0), (0.5, 7.0, 0.1, 2.0)),
        ),
        (answer,),
        double=(1e-5, 1e-5),
        single=(1e-5, 1e-5),
    ),
    "grid_anchors": Data((option(0, (0, 3), (1, 1), (5, 4), (2, 11)), option(1, 1, 2, 5, 33), fewer(2), scaled(2))),
    "inside_image": Data((*PIXELS, option(1, (128, 64), (64, 128), (16, 32)))),
    "label_anchors": Data(
        (fewer(0), fewer(0, dim=1), gridded(0), option(1, 0.5, 0.625, 0.75, 1.0), option(2, 0.0, 0.125, 0.25, 0.5)),
        rounds=1000,
    ),
    "sample_labels": Data(
        (fewer(0), option(1, 0, 1, 2, 7, 16, 256), option(2, 0.0, 0.1, 0.25, 0.5, 0.8, 1.0)),
        (seeded(lab2.sampled), seeded(lab2.sampled_and_argument), seeded(lab2.sampled_elsewhere)),
        once=(label_chances, _none),
    ),
    # a right answer may add a small number against 0 / 0
    "encode_boxes": Data((fewer(0, 1), gridded(0, 1), scaled(0, 1), WEIGHTS), double=(1e-8, 1e-5)),
    # the limit may be a float32 number
    "decode_boxes": Data((fewer(0, 1), scaled(0), *PIXELS[1:], WEIGHTS), double=(1e-6, 1e-3)),
    "RPNHead": Data(
        (fewer(2, least=1), cropped(2)), HEAD, 120, once=_starts(modules.initial(0.01), "RPNHead", 48, 200, 10)
    ),
    "rpn_loss": Data((fewer(0, 1, 2, 3), scaled(0), filled(2, -1, 0, 1), option(4, 0, 1, 2.5, 10.0)), _learned(2), 500),
    "nms": Data((fewer(0, 1), gridded(0), gridded(1), scaled(0), option(2, 0.0, 0.25, 0.5, 0.75, 1.0)), rounds=800),
    "make_proposals": Data(
        (
            fewer(0, 1, 2),
            scaled(1, by=(0, 0, 4)),
            gridded(2),
            SIZES,
            option(4, 12000, 10, 3, 1),
            option(5, 2000, 5, 2, 1),
            option(6, 0.25, 0.5, 0.7, 0.75),
            option(7, 0, 1, 8, 16, 32, 64),
        ),
        rounds=800,
    ),
    "sample_rois": Data(
        (
            fewer(0),
            fewer(1, 2),
            scaled(0, 1),
            option(3, 0, 1, 4, 9, 64, 128),
            option(4, 0.0, 0.25, 0.34, 0.5, 1.0),
            option(5, 0.25, 0.5, 0.75),
        ),
        tuple(drawn_rois(run) for run in (answer, answer_and_arguments, answer_elsewhere)),
        once=(roi_chances, _none),
    ),
    "roi_pool": Data((fewer(1), gridded(1), scaled(0), BINS, option(3, 0.5, 0.125, 1 / 16)), _learned(1)),
    "bilinear_sample": Data(
        (fewer(1, 2), fewer(0), cropped(0), gridded(1, 2), scaled(1, by=(-1, -0.1, 2)), scaled(2, by=(-1, -0.1, 2))),
        _learned(1),
    ),
    "roi_align": Data(
        (fewer(1), scaled(0), BINS, option(3, 0.5, 0.3, 1 / 16), option(4, 1, 2, 3)), _learned(1), single=(1e-2, 1e-2)
    ),
    "BoxHead": Data((fewer(2),), HEAD, 120, once=_starts(last_layers, "BoxHead", 4, 250, 20)),
    "detection_loss": Data((fewer(0, 1, 2, 3), scaled(0), scaled(1), filled(2, 0, 1)), _learned(2), 500),
    "postprocess_detections": Data(
        (
            fewer(0, 1, 2),
            scaled(1, by=(0, 0, 3)),
            gridded(2),
            SIZES,
            option(4, 0.05, 0.2, 0.4, 0.0),
            option(5, 0.25, 0.5, 0.9),
            option(6, 100, 3, 1),
            unsure,
        ),
        rounds=500,
    ),
    "FPN": Data(MODULE, HEAD, 120),
    "roi_level": Data((*PIXELS[1:], gridded(0, unit=7), fewer(0), option(1, 0, 2, 3), option(2, 3, 5, 8))),
    "upsample_1d": Data((fewer(0), fewer(1, least=1), option(2, 1, 2, 3, 6)), _learned(2)),
    "upsample_2d": Data(
        (fewer(0, 1, least=1), fewer(1, dim=1, least=1), cropped(0, least=0), option(2, 1, 2, 3, 5)), _learned(2)
    ),
    "MaskHead": Data(MODULE, HEAD, 120),
    "mask_targets": Data((fewer(1, 2), scaled(1, by=(0.01, 0.5, 2)), moved(1), option(3, 28, 1, 4))),
    "mask_loss": Data((fewer(0, 1, 2), scaled(0, by=(0.1, 30, 300)), gridded(2)), _learned(1), 500),
    "paste_mask": Data((moved(1), option(2, (0, 4), (9, 1), (17, 20)))),
    "KeypointHead": Data(MODULE, HEAD, 120, once=_starts(begins, "KeypointHead", 24, 24, 17)),
    "keypoints_to_heatmap": Data(
        (fewer(0, 1), fewer(0, dim=1, least=1), between_cells, option(2, 1, 2, 7, 28, 56)), rounds=800
    ),
    "keypoint_loss": Data(
        (fewer(0, 1, 2), fewer(0, 1, 2, dim=1, least=1), scaled(0, by=(0.01, 3)), filled(2, True, False)),
        _learned(1),
        500,
    ),
    # a place may be computed in float32, and in float32 a neighbour may seem to be the hottest pixel
    "heatmaps_to_keypoints": Data(
        (fewer(0, 1), scaled(0), scaled(1, by=(0.01, 0.3, 2)), moved(1), flat(1)),
        double=(1e-5, 1e-4),
        single=(1e-2, 1.5),
    ),
    "average_precision": Data(
        (fewer(0, 1), gridded(0), scaled(0, by=(-3, 9)), filled(1, False), option(2, 23, 61, 101)),
        rounds=800,
        single=(1e-5, 1e-6),
    ),
    "photo_losses": Data((fewer(1, 2, 3, least=20), fewer(4, 5, 6, least=1), few_marks)),
}
