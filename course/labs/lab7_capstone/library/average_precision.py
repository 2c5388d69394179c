"""Lab 7's function."""

import contextlib
import io

import numpy as np
import torch
from pycocotools.cocoeval import COCOeval
from torch import Tensor


def average_precision(scores: Tensor, matched: Tensor, num_gt: int) -> Tensor:
    """COCO's average precision, a single number, of predictions ``(N,)`` of which ``matched`` ``(N,)`` found an object.

    The mean of :func:`precision_at_recalls`; NaN without objects.
    """
    if not num_gt:
        return scores.new_tensor(torch.nan)
    return precision_at_recalls(scores, matched, num_gt).mean().to(scores)


def precision_at_recalls(scores: Tensor, matched: Tensor, num_gt: int) -> Tensor:
    """Precision ``(101,)``, float64 on the CPU, at the recalls 0, 0.01, …, 1, as COCO reads it; ``num_gt`` is above 0.

    By ``COCOeval.accumulate`` of pycocotools, which gets all predictions as those of one picture, already matched.
    """
    evaluator = COCOeval(iouType="bbox")
    limits = evaluator.params
    limits.imgIds, limits.catIds, limits.iouThrs, limits.maxDets = [0], [0], np.array([0.5]), [max(len(scores), 1)]
    limits.areaRng, limits.areaRngLbl = [[0, np.inf]], ["all"]
    evaluator._paramsEval = limits
    right = np.array(matched.tolist(), dtype=float)
    evaluator.evalImgs = [
        {
            "dtScores": scores.tolist(),
            "dtMatches": right[None],
            "dtIgnore": np.zeros((1, len(right)), dtype=bool),
            "gtIgnore": np.zeros(num_gt),
        }
    ]
    with contextlib.redirect_stdout(io.StringIO()):  # it prints how it is getting on
        evaluator.accumulate()
    return torch.from_numpy(evaluator.eval["precision"].ravel())
