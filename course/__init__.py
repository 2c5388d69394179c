"""R-CNN by hand: the students' library.

What the lab notebooks import: :mod:`course.setup` (device, versions), :mod:`course.checks` (visible checks),
:mod:`course.draw` (pictures), :mod:`course.pipeline` (where we are in Faster R-CNN), :mod:`course.library`
(ready-made parts for the labs that build on earlier ones), :mod:`course.parts` (a student's own parts, from all labs)
and :mod:`course.detector` (those parts in torchvision's detectors).
"""

import sys

__version__ = "0.1.0"

if sys.version_info < (3, 11):  # first of all, so that an old Python is told so and not shown a syntax error
    raise ImportError(f"rcnn-by-hand needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
