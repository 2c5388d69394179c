"""Detectors that are made of the students' own parts.

:class:`Detector` is a small one, composed of parts from beginning to end: to read, and to train.
:func:`save_weights` keeps what it has learnt; :func:`load_weights` and :func:`load_detector` take it up again.
:func:`transplant` puts parts into torchvision's Faster, Mask or Keypoint R-CNN, :func:`restore` takes them out again.
"""

from course.detector.into_torchvision.swap import Transplant, TransplantError, restore, transplant
from course.detector.model import Detector
from course.detector.validation import DetectorError
from course.detector.weights import WeightsError, load_detector, load_weights, save_weights

__all__ = [
    "Detector",
    "DetectorError",
    "Transplant",
    "TransplantError",
    "WeightsError",
    "load_detector",
    "load_weights",
    "restore",
    "save_weights",
    "transplant",
]
