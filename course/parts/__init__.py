"""A student's own functions, gathered from the lab notebooks: what a detector can be composed of.

:func:`collect` gathers them below a folder, :func:`here` from the running notebook; :mod:`course.parts.serialize` makes
text of them, to travel with the weights that were learnt with them.
"""

from course.parts.collect import collect, here
from course.parts.parts import NAMES, Part, Parts, PartsError, as_parts

__all__ = ["NAMES", "Part", "Parts", "PartsError", "as_parts", "collect", "here"]
