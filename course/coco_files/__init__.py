"""Files in COCO's format, from any program: read once, here, for data sets and for marks alike.

    file = coco_files.read("annotations.json")
    file.photos[0].size                        # (height, width), or None
    file.objects[file.photos[0].id][0].box     # x, y, width, height

An entry that makes no sense raises a :class:`CocoError` of one line that names the file, the list and the place in it.
"""

from course.coco_files.labels import numbered
from course.coco_files.masks import as_mask, run_lengths
from course.coco_files.reading import CocoFile, Object, Photo, read
from course.coco_files.record import CocoError, Record

__all__ = ["CocoError", "CocoFile", "Object", "Photo", "Record", "as_mask", "numbered", "read", "run_lengths"]
