"""R-CNN by hand: the students' library.

What the lab notebooks import: :mod:`course.setup` (device, versions), :mod:`course.checks` (visible checks),
:mod:`course.draw` (pictures), :mod:`course.pipeline` (where we are in Faster R-CNN), :mod:`course.library`
(ready-made parts for the labs that build on earlier ones), :mod:`course.parts` (a student's own parts, from all labs)
and :mod:`course.detector` (those parts in torchvision's detectors). ``course.submit("your id")`` hands a lab in,
``course.progress()`` shows all labs at a glance.
"""

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from course.submission.progress import progress
    from course.submission.submit import submit

__all__ = ["progress", "submit"]

__version__ = "0.1.0"

if sys.version_info < (3, 11):  # first of all, so that an old Python is told so and not shown a syntax error
    raise ImportError(f"rcnn-by-hand needs Python 3.11 or newer; this is {sys.version.split()[0]}.")


def __getattr__(name: str) -> Any:
    """``submit`` and ``progress``, imported when asked for: they bring all checks along; ``tasks``, lab 0's.

    Notebooks that students have begun say ``from course import tasks``.
    """
    if name == "submit":
        from course.submission.submit import submit

        return submit
    if name == "progress":
        from course.submission.progress import progress

        return progress
    if name == "tasks":
        return import_module("course.labs.lab0_tour.tasks")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """The names of this module, those included that are imported when they are asked for: for completion."""
    return sorted({*globals(), *__all__})
