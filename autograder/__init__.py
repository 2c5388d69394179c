"""Hidden checks, grading and reports: the instructor's side of R-CNN by hand.

Graded cells use one name: ``from autograder import grade``.
"""

import sys

if sys.version_info < (3, 11):  # first of all, so that an old Python is told so and not shown a syntax error
    raise SystemExit(f"rcnn-by-hand needs Python 3.11 or newer; this is {sys.version.split()[0]}.")

from autograder.grading import grade

__all__ = ["grade"]
