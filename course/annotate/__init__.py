"""Mark what is in a photo, with mouse or keyboard, and keep it as COCO JSON: what a detector is trained on.

    marking = annotate.mark(picture, ["person", "helmet"])    # a picture to draw boxes on
    marking.save("my_photo.json")                             # in a later cell
    marking.target()                                          # what a detector's training takes

    marking = annotate.go_on(picture, "my_photo.json")        # another day

Boxes may be typed as well, ``boxes=[[x1, y1, x2, y2], …]`` and ``labels=["person", …]``: to begin with, or where
widgets do not run. ``annotate.load(path)`` reads a file without its photo.
"""

from course.annotate.coco import as_coco, load
from course.annotate.marking import Marking, go_on, mark
from course.annotate.marks import Marks, marks_of
from course.annotate.problem import AnnotateError

__all__ = ["AnnotateError", "Marking", "Marks", "as_coco", "go_on", "load", "mark", "marks_of"]
