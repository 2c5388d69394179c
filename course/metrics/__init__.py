"""How good a detector is: COCO's average precision, and what its mistakes are.

    metrics.coco_ap(predictions, targets, ("boxes", "masks"))  # {"boxes": {"AP": 0.61, "AP50": …, "AP75": …}, …}
    metrics.matched(predictions, targets)[1]                   # class 1: scores, which are right, how many objects
    metrics.errors(predictions, targets)["duplicate"]          # which predictions found what was found already

Predictions and targets are lists of dictionaries, one a picture, as torchvision's detectors give and take them.
"""

from course.metrics.coco import Matched, coco_ap, matched
from course.metrics.coco_format import MetricsError
from course.metrics.errors import Finding, errors
from course.metrics.simulated import made_up_predictions

__all__ = ["Finding", "Matched", "MetricsError", "coco_ap", "errors", "made_up_predictions", "matched"]
