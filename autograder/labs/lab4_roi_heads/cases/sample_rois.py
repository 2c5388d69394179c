"""Hidden cases of the ROIs that the second stage is trained with."""

import torch
from torch import Generator, Tensor

from autograder.grader.common_cases import each, empty, ordinary, standing
from autograder.grader.exercise import Case, Exercise
from autograder.labs.lab4_roi_heads import inputs
from autograder.labs.lab4_roi_heads.hints import LEFT_OUT, NEIGHBOURS
from course import checks
from course.labs.lab4_roi_heads import checks as hints
from course.labs.lab4_roi_heads.samples import DEFAULTS, SAMPLES, scene
from solutions.lab4_roi_heads import roi_heads as reference


def _none() -> Tensor:
    return torch.zeros(0, 4)


def _no_truth() -> tuple[Tensor, Tensor]:
    return _none(), torch.zeros(0, dtype=torch.int64)


def _sampled(*cases: Case) -> tuple[Case, ...]:
    """Standing cases for answers that are drawn at random."""
    return tuple(case.with_runs(inputs.sampled(case.run), plain=inputs.sampled()) for case in cases)


def _tiny(generator: Generator) -> tuple:
    """Boxes of a quarter to half a pixel; 1/256 is exact, so that every IoU is what it was."""
    proposals, truth, classes = scene(generator, 9, 9, 12)
    return proposals / 256, truth / 256, classes, 400, 0.25, 0.2


def _half_covered(generator: Generator) -> tuple:
    """For each of three true boxes a proposal that covers exactly half of it, and one a quarter pixel smaller."""
    _, truth, classes = scene(generator, 0, 0, 0)
    truth = truth.mul(4).round().div(4)
    halves = truth.clone()
    halves[:, 3] = (truth[:, 1] + truth[:, 3]) / 2
    return torch.cat([halves, halves - torch.tensor([0.0, 0.0, 0.0, 0.25])]), truth, classes, *DEFAULTS


SAMPLE_ROIS = Exercise(
    checks.sample_rois,
    reference.sample_rois,
    (
        Case(
            "all candidates fit",
            SAMPLES["sample_rois"],
            "Where everything fits, all proposals and all true boxes come, each once, with its own class and deltas.",
            weight=2,
            run=inputs.sampled(),
            core=True,
        ),
        Case(
            "2,000 proposals: 32 objects, 96 background",
            lambda g: scene(g, 60, 140, 1800),
            hints.AT_MOST,
            weight=2,
            run=inputs.sampled(),
            core=True,
        ),
        Case(
            "few objects: background fills up",
            lambda g: (*scene(g, 2, 30, 170), *DEFAULTS),
            hints.FILL_UP,
            run=inputs.sampled(),
        ),
        Case(
            "little background: fewer ROIs come",
            lambda g: (*scene(g, 50, 4, 6), 64, 0.25, 0.5),
            "Objects never take more than their share: if there is too little background, you give fewer ROIs.",
            run=inputs.sampled(),
        ),
        Case(
            "other batch sizes and fractions",
            lambda g: tuple((*scene(g, 20, 20, 20), *options, 0.5) for options in ((11, 0.5), (3, 0.25))),
            "batch_size and positive_fraction are arguments, and int(batch_size · positive_fraction) rounds down: 5 of "
            "11 · 0.5, none of 3 · 0.25.",
            weight=0.5,
            run=each(inputs.sampled()),
        ),
        Case(
            "another threshold, boxes smaller than a pixel",
            _tiny,
            "Compare the IoU with iou_threshold; boxes may be smaller than a pixel.",
            weight=0.5,
            run=inputs.sampled(),
        ),
        Case(
            "true boxes that overlap each other",
            lambda g: (*inputs.crossing_truth(g), *DEFAULTS),
            "An ROI belongs to the true box with the best IoU, not to any that reaches the threshold.",
            run=inputs.sampled(),
        ),
        Case("an IoU of exactly the threshold", _half_covered, hints.AT_LEAST, run=inputs.sampled()),
        Case(
            "an image that shows background only",
            lambda g: (scene(g, 0, 0, 200)[0], *_no_truth(), *DEFAULTS),
            hints.NO_OBJECTS,
            run=inputs.sampled(),
            any_hint=True,
        ),
        Case(
            "the same seed gives the same sample, another seed another",
            lambda g: (*scene(g, 60, 40, 100), *DEFAULTS),
            "Draw with the generator that comes as an argument, and with nothing else.",
            run=hints.repeats,
            asks="seed",
        ),
        Case(
            "the same seed, without true boxes",
            lambda g: (scene(g, 0, 0, 100)[0], *_no_truth(), 30, 0.25, 0.5),
            "Without true boxes the sample comes from the generator as well: pass it on there too.",
            weight=0.25,
            run=hints.repeats,
            asks="seed",
            plain=ordinary(lambda g: (scene(g, 0, 0, 100)[0], *_no_truth(), 30, 0.25, 0.5), inputs.sampled()),
        ),
        Case(
            "called with three arguments alone",
            lambda g: scene(g, 60, 140, 1800),
            "With all options left out the answer has 128 ROIs, at most 32 of them objects. torch's own random "
            "numbers choose them: the next call gives others, and torch.manual_seed repeats them.",
            weight=0.5,
            run=inputs.by_default,
            any_hint=True,
            asks="defaults",
            plain=ordinary(lambda g: (*scene(g, 60, 140, 1800), *DEFAULTS), inputs.sampled()),
        ),
        Case(
            "every candidate has the same chance",
            lambda g: (*scene(g, 9, 0, 12), 12, 0.5, 0.5),
            "Each candidate needs the same chance, whatever the others do: shuffle the objects, shuffle the "
            "background, take the first of each.",
            run=inputs.drawn_evenly,
            asks="chance",
            plain=ordinary(lambda g: (*scene(g, 9, 0, 12), 12, 0.5, 0.5), inputs.sampled()),
            misreadings={NEIGHBOURS: torch.tensor([True, False])},
        ),
        Case(
            "thousands of proposals, and none is left out",
            lambda g: (*scene(g, 2000, 0, 4000), 256, 0.5, 0.5),
            LEFT_OUT,
            run=inputs.from_everywhere,
            asks="number",
            plain=ordinary(lambda g: (*scene(g, 2000, 0, 4000), 256, 0.5, 0.5), inputs.sampled()),
        ),
        Case(
            "no proposals but the true boxes",
            lambda g: (_none(), *scene(g, 0, 0, 0)[1:], *DEFAULTS),
            hints.TRUTH_JOINS,
            weight=0.5,
            run=inputs.sampled(),
        ),
        *_sampled(
            empty("no candidates", lambda g: (_none(), *_no_truth(), *DEFAULTS)),
            *standing(SAMPLES["sample_rois"], lambda g: (*scene(g, 60, 140, 800), *DEFAULTS)),
        ),
    ),
)
