"""Detectors that are made of the students' own parts.

:func:`transplant` puts parts into torchvision's Faster, Mask or Keypoint R-CNN, :func:`restore` takes them out again.
"""

from course.detector.surgery import Transplant, TransplantError, restore, transplant

__all__ = ["Transplant", "TransplantError", "restore", "transplant"]
