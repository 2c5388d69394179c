"""Average precision as COCO defines it, by COCO's own program, pycocotools."""

import contextlib
import io
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from torch import Tensor

from course.metrics.coco_format import KINDS, MetricsError, Picture, annotations, checked
from course.scenes.names import PERSON

MOST = {"boxes": 100, "masks": 100, "keypoints": 20}  # COCO counts so many predictions of a class in a picture
THRESHOLDS = np.linspace(0.5, 0.95, 10)  # of the overlap from which a prediction matches


class Matched(NamedTuple):
    """The predictions of one class in all pictures, ready for ``average_precision``.

    Attributes:
        scores: ``(N,)`` float32.
        matched: ``(N,)`` bool, whether each found an object that no better one had found.
        num_gt: how many objects there are to find.
    """

    scores: Tensor
    matched: Tensor
    num_gt: int


def coco_ap(
    predictions: Sequence[Picture], targets: Sequence[Picture], kinds: Sequence[str] = ("boxes",)
) -> dict[str, dict[str, float]]:
    """COCO's average precision of predictions, by pycocotools.

    A class that is nowhere in the targets does not count, nor do predictions of it. Objects with ``iscrowd`` 1 are
    neither asked for nor counted as mistakes. Of each class and picture the best 100 predictions count, for keypoints
    the best 20. Keypoints are evaluated for persons (label 1) only; persons without a labelled keypoint are ignored.

    Args:
        predictions: one dictionary a picture, as torchvision's detectors give: ``boxes`` (D, 4) as (x1, y1, x2, y2) in
            pixels, ``labels`` (D,) int64, ``scores`` (D,), and as far as they are to be measured ``masks``
            (D, 1, H, W), probabilities or 0 and 1, set where above ½, and ``keypoints`` (D, 17, 3) as (x, y, …).
            On any device; D may be 0. Arrays and lists are taken as well; see :mod:`course.tensors`.
        targets: one dictionary a picture, in the same order: ``boxes`` (N, 4), ``labels`` (N,), and as far as they are
            to be measured ``masks`` (N, H, W) and ``keypoints`` (N, 17, 3) as (x, y, v); ``iscrowd`` (N,), 0 where
            missing, and ``area`` (N,), of the mask in square pixels, which says how far off a keypoint may be (where
            missing, the box's). N may be 0.
        kinds: what is compared: "boxes" and "masks" by IoU, "keypoints" by object keypoint similarity.

    Returns:
        for each kind ``{"AP": …, "AP50": …, "AP75": …}``, 0 to 1: means over classes, AP over the thresholds 0.5, 0.55,
        …, 0.95 too. No predictions at all give 0.0.

    Raises:
        MetricsError: something is missing or has another shape, or holds NaN; or the targets have no object to find.

    Source: Lin et al., *Microsoft COCO* (2014), and cocodataset.org, "detection evaluation".
    """
    predictions, targets = checked(predictions, targets, kinds)
    found = {}
    for kind in kinds:
        precision = evaluated(predictions, targets, kind, THRESHOLDS).eval["precision"]  # [T, R, K, 1, 1]
        known = precision[:, :, (precision[0, 0] >= 0).ravel()]  # pycocotools gives -1 for classes without an object
        if not known.size:
            raise MetricsError(f"there is nothing to find: no {kind} in {len(targets)} targets, or only ignored ones.")
        found[kind] = {"AP": float(known.mean()), "AP50": float(known[0].mean()), "AP75": float(known[5].mean())}
    return found


def matched(predictions: Sequence[Picture], targets: Sequence[Picture], iou: float = 0.5) -> dict[int, Matched]:
    """Which boxes are right at one IoU threshold, class by class, as COCO matches them.

    In each picture, the best prediction takes the object that it overlaps most, if by at least ``iou``; the next one
    may choose among those that are left; and so on. The scores come picture by picture, not sorted; predictions that
    lie on a crowd are left out.

    Args:
        predictions: as for :func:`coco_ap`.
        targets: as for :func:`coco_ap`.
        iou: the threshold, above 0 and up to 1.

    Returns:
        for each class that has an object to find, in order: what ``average_precision`` takes.

    Raises:
        MetricsError: as :func:`coco_ap`, but without any object the answer is empty.
    """
    if not 0 < iou <= 1:
        raise MetricsError(f"the IoU threshold should be above 0 and at most 1; got {iou}.")
    predictions, targets = checked(predictions, targets)
    evaluator = evaluated(predictions, targets, "boxes", np.array([iou]))
    found = {}
    for place, label in enumerate(evaluator.params.catIds):
        pictures = [each for each in evaluator.evalImgs[place * len(targets) :][: len(targets)] if each is not None]
        counts = ~np.concatenate([each["dtIgnore"][0] for each in pictures])
        scores = np.concatenate([each["dtScores"] for each in pictures])[counts]
        right = np.concatenate([each["dtMatches"][0] > 0 for each in pictures])[counts]
        if num_gt := int(sum((each["gtIgnore"] == 0).sum() for each in pictures)):
            found[int(label)] = Matched(torch.from_numpy(scores).float(), torch.from_numpy(right), num_gt)
    return found


def evaluated(
    predictions: Sequence[Picture], targets: Sequence[Picture], kind: str, thresholds: NDArray[np.float64]
) -> COCOeval:
    """The evaluator of pycocotools after its work, for objects of all sizes; :func:`annotations` tells its numbers."""
    truth, results = annotations(targets, kind), annotations(predictions, kind)
    labels = {PERSON} if kind == "keypoints" else {row["category_id"] for row in (*truth, *results)}
    sizes = [target["masks"].shape[-2:] if kind == "masks" else (0, 0) for target in targets]
    frame = {
        "images": [{"id": i, "height": height, "width": width} for i, (height, width) in enumerate(sizes)],
        "categories": [{"id": label} for label in sorted(labels)],
    }
    with contextlib.redirect_stdout(io.StringIO()):  # it prints how it is getting on
        evaluator = COCOeval(_coco(frame, truth), _coco(frame, results), KINDS[kind])
        evaluator.params.iouThrs = thresholds
        evaluator.params.areaRng, evaluator.params.areaRngLbl = [[0, 1e10]], ["all"]
        evaluator.params.maxDets = [MOST[kind]]
        evaluator.evaluate()
        evaluator.accumulate()
    return evaluator


def _coco(frame: dict, rows: list) -> COCO:
    """A COCO data set in memory; pycocotools' own way for results, ``loadRes``, stops at an empty list."""
    made = COCO()
    made.dataset = {**frame, "annotations": rows}
    made.createIndex()
    return made
