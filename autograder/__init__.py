"""Hidden checks, grading and reports: the instructor's side of R-CNN by hand.

Graded cells use one name: ``from autograder import grade``.
"""

import sys

if sys.version_info < (3, 11):  # first of all, so that an old Python is told so and not shown a syntax error
    raise SystemExit(f"rcnn-by-hand needs Python 3.11 or newer; this is {sys.version.split()[0]}.")

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograder.grader.grading import grade

__all__ = ["grade"]


def __getattr__(name: str) -> Any:
    """``grade``, imported when it is asked for: nbgrader's own process needs no torch."""
    if name != "grade":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from autograder.grader.grading import grade

    return grade
