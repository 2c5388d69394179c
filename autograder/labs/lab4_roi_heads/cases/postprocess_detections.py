"""Hidden cases of the way from the head's answers to detections."""

import torch
from torch import Generator

from autograder.grader.common_cases import empty, standing
from autograder.grader.exercise import Case, Exercise
from autograder.labs.lab4_roi_heads import inputs
from autograder.labs.lab4_roi_heads.cases.tolerances import VALUES, in_float32
from course import checks
from course.labs.lab4_roi_heads import checks as hints
from course.labs.lab4_roi_heads.samples import detections
from course.library import clip_boxes_to_image, decode_boxes
from solutions.lab4_roi_heads import roi_heads as reference

BY_HAND_DETECTIONS = (
    "Go through the steps one by one, and print what is left after each: softmax, each class's own four deltas, clip, "
    "both filters, NMS class by class, all classes together, best first."
)


def _high(generator: Generator) -> tuple:
    """A high image, and other thresholds than by default; clipped or not, no side of a likely box is under 17 pixels.

    So an answer that drops small boxes in another way gets no hint about thresholds.
    """
    while True:
        logits, deltas, rois, size, low, *rest = detections(generator, 16, 3, (125, 190), 0.3, 0.2, beyond=0)
        place = [1, 0, 3, 2]  # x and y change places
        rois, deltas = rois[:, place], deltas.unflatten(1, (-1, 4))[..., place]
        boxes = [decode_boxes(deltas[:, kind], rois, (10.0, 10.0, 5.0, 5.0)) for kind in (1, 2)]
        found = clip_boxes_to_image(torch.stack(boxes, dim=1)[logits.softmax(dim=1)[:, 1:] > low], size[::-1])
        if (found[:, 2:] - found[:, :2] > 17).all():
            return (logits, deltas.flatten(1), rois, size[::-1], low, *rest)


def _crossing(generator: Generator) -> tuple:
    """Every ROI is likely of two classes, with the same box for both."""
    _, deltas, *rest = detections(generator, 6, 3)
    likely = torch.rand(6, 2, generator=generator)
    return (torch.cat([torch.full((6, 1), -3.0), likely], dim=1), deltas[:, :4].repeat(1, 3) * 0, *rest)


def _outside(generator: Generator) -> tuple:
    """Some ROIs lie right of the image or below it; of three others half a pixel, or 0.003 pixels, is left in it.

    One in it is 0.004 pixels wide before anything is clipped.
    """
    logits, deltas, rois, *rest = detections(generator, 12)
    away = torch.tensor([[300.0, 0.0], [0.0, 300.0]]).repeat(2, 2)
    rois[::3] += away
    slivers = torch.tensor([[-40.0, 5.0, 0.5, 25.0], [150.0, -30.0, 180.0, 0.5], [-40.0, 60.0, 0.003, 90.0]])
    slivers = torch.cat([slivers, torch.tensor([[60.0, 40.0, 60.004, 70.0]])])
    likely = torch.randn(4, 4, generator=generator)
    return (torch.cat([logits, likely]), torch.cat([deltas, torch.zeros(4, 16)]), torch.cat([rois, slivers]), *rest)


def _twice(generator: Generator) -> tuple:
    """Every ROI comes twice, with the same answers."""
    logits, deltas, rois, *rest = detections(generator, 9)
    return (*(torch.cat([values, values]) for values in (logits, deltas, rois)), *rest)


def _exactly(generator: Generator) -> tuple:
    """Whatever has a limit is exactly at it, or far from it, in whole pixels, which no way to compute rounds.

    Three boxes, each with one that covers half of it: IoU 1/2. Two narrow ones and two flat ones a pixel apart. Four
    with a probability of exactly the threshold, 1/2, which no way to compute it exceeds.
    """
    corner = torch.tensor([[4.0, 8.0], [44.0, 8.0], [84.0, 8.0]])
    sides = 8.0 + 2 * torch.randint(0, 9, (3, 2), generator=generator)
    half = sides * torch.tensor([[1.0, 0.5], [0.5, 1.0], [1.0, 0.5]])
    thin = torch.tensor([[130.0, 8, 131, 24], [132, 8, 133, 24], [150, 8, 166, 9], [150, 10, 166, 11]])
    unlikely = torch.tensor([[4.0, 60, 24, 80], [44, 60, 64, 80], [84, 60, 104, 80], [124, 60, 144, 80]])
    pairs = [torch.cat([corner, corner + side], dim=1) for side in (sides, half)]
    logits = torch.zeros(14, 2)
    logits[:10, 1] = 0.5 + 0.25 * torch.randperm(10, generator=generator)
    shuffled = torch.randperm(14, generator=generator)
    return (
        logits[shuffled],
        torch.zeros(14, 8),
        torch.cat([*pairs, thin, unlikely])[shuffled],
        (120, 200),
        0.5,
        0.5,
        100,
    )


def _enormous(generator: Generator) -> tuple:
    """Small ROIs far apart in a large image, whose dw and dh are beyond the limit."""
    place = torch.cartesian_prod(torch.arange(3.0), torch.arange(3.0)) * 520 + 300
    sides = 6 + torch.randint(1, 4, (9, 2), generator=generator)
    rois = torch.cat([place - sides / 2, place + sides / 2], dim=1)
    deltas = torch.zeros(9, 2, 4)
    deltas[:, 1, 2:] = 22.5 + 20 * torch.rand(9, 2, generator=generator)
    deltas[::4, 1, 2] = 1000.0  # exp of a fifth of this is infinite in float32
    logits = torch.stack([torch.zeros(9), 0.25 * torch.randperm(9, generator=generator)], dim=1)
    return logits, deltas.flatten(start_dim=1), rois, (1700, 1700), 0.05, 0.5, 100


POSTPROCESS_DETECTIONS = Exercise(
    checks.postprocess_detections,
    reference.postprocess_detections,
    (
        Case("three classes in a wide image", lambda g: detections(g, 16), BY_HAND_DETECTIONS, 2, core=True, **VALUES),
        Case(
            "other thresholds, a high image",
            _high,
            "score_threshold, nms_threshold and size are arguments.",
            core=True,
            any_hint=True,
            **VALUES,
        ),
        Case("one ROI as two classes", _crossing, hints.PER_CLASS, any_hint=True, **VALUES),
        Case(
            "no more than a handful",
            inputs.crowded,
            "The best max_detections of what NMS leaves stay, all classes together, best first.",
            any_hint=True,
            **VALUES,
        ),
        Case(
            "ROIs off the image, and some of which little is left",
            _outside,
            "Clip first. Then drop boxes with a side under 0.01, and only those; filter boxes and scores alike.",
            weight=0.5,
            any_hint=True,
            **VALUES,
        ),
        Case(
            "every ROI twice",
            _twice,
            "Of two equal boxes with equal scores one stays.",
            weight=0.25,
            any_hint=True,
            **VALUES,
        ),
        Case(
            "a probability of exactly score_threshold, an IoU of exactly nms_threshold",
            _exactly,
            "A detection needs a probability above score_threshold, and only an IoU above nms_threshold removes it: "
            "compare with >, not with >=.",
            weight=0.25,
            any_hint=True,
            **VALUES,
        ),
        Case(
            "enormous deltas",
            _enormous,
            "exp(dw) explodes: decode_boxes limits dw and dh at log(1000 / 16). If you decode in another way, limit "
            "them too.",
            weight=0.25,
            rtol=1e-4,
            atol=1e-2,  # pixels: in float32 a side of exp(log(62.5)) · 9 is off by 1e-3 at most
        ),
        Case("one class and background", lambda g: detections(g, 12, 2), hints.NO_BACKGROUND, weight=0.5, **VALUES),
        empty("nothing is likely enough", lambda g: detections(g, 8, score_threshold=0.99999), weight=0.25),
        empty("no ROIs", lambda g: detections(g, 0), weight=0.25),
        *in_float32(*standing(lambda g: detections(g, 8), inputs.plenty)),
    ),
)
