"""Pictures that answer to a slider, drawn by the student's own functions; still ones where widgets do not run."""

from course.explore.skeletons import skeletons

__all__ = ["skeletons"]
