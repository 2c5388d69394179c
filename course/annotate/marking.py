"""Draw boxes on a photo below the cell; where widgets do not run, see those that were typed."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from IPython.display import display
from PIL import Image
from torch import Tensor

from course import setup
from course.annotate import coco
from course.annotate.marks import Marks, marks_of
from course.annotate.problem import AnnotateError
from course.drawing.annotated_photo import annotated_photo
from course.drawing.figure import drawn

WIDGET = "application/vnd.jupyter.widget-view+json"


class Marking:
    """A photo that is being marked: what is asked of it is answered for the boxes as they are drawn now.

    Attributes:
        picture: the photo ``(3, H, W)`` in [0, 1].
        widget: what one draws on, with the traits ``boxes`` and ``labels``; ``None`` while nbgrader runs the notebook.
    """

    def __init__(self, picture: Tensor, begin: Marks, widget: Any = None) -> None:
        self.picture, self.widget = picture, widget
        self._begin = begin
        self._file: coco.Begun | None = None  # what it was begun with, or saved as

    @property
    def marks(self) -> Marks:
        """The boxes and classes as they are now."""
        if self.widget is None:
            return self._begin
        begin = self._begin
        return marks_of(begin.file_name, begin.size, begin.classes, self.widget.boxes, self.widget.labels)

    def target(self) -> dict[str, Tensor]:
        """Boxes and labels for a detector's training; see :meth:`Marks.target`."""
        return self.marks.target()

    def save(self, path: str | Path) -> Path:
        """Write the marks as COCO JSON and say so in a line; see :func:`course.annotate.coco.save`.

        Marks that were begun with :func:`go_on` go back with all that their file holds besides.

        Raises:
            AnnotateError: the name does not end in ``.json``, or a file of that name would lose something.
            OSError: it cannot be written there.
        """
        path = coco.save(self.marks, path, self._file)
        if self._file:
            self._file = coco.begin(path)
        count = len(self.marks.boxes)
        print(f"{path}: {count} box{'' if count == 1 else 'es'} on {self.marks.file_name}.")
        return path

    def __repr__(self) -> str:
        return str(self.marks)


def mark(
    picture: Tensor, classes: Sequence[str], boxes: Any = (), labels: Any = (), file_name: str = "photo.jpg"
) -> Marking:
    """Show a photo to draw boxes on; give the marking, which later cells ask for its boxes.

    The cell does not wait. While nbgrader runs the notebook nothing is shown, and the boxes are those given here.

    Args:
        picture: the photo ``(3, H, W)``, float in [0, 1], as ``uploads.photo`` gives it.
        classes: the names of the classes, without background.
        boxes: to begin with, typed: ``[[x1, y1, x2, y2], …]`` in pixels. Parts outside the photo are cut off.
        labels: the class of each of them, by name or by number from 1 up.
        file_name: of the photo, for the COCO file.

    Raises:
        AnnotateError: no such picture, or boxes, labels or classes that make no sense.
    """
    _check(picture)
    height, width = picture.shape[1:]
    return _shown(picture, marks_of(file_name, (height, width), classes, boxes, labels))


def go_on(picture: Tensor, path: str | Path) -> Marking:
    """:func:`mark` again, beginning with the boxes and the classes of a file that was saved.

    Raises:
        AnnotateError: no such picture, a file that is missing or broken, or that of a photo of another size.
    """
    _check(picture)
    file = coco.begin(path)
    marks, size = file.marks, tuple(picture.shape[1:])
    if marks.size != size:
        raise AnnotateError(
            f"{path} belongs to a photo of {marks.size[1]} × {marks.size[0]} pixels, but this one has {size[1]} × "
            f"{size[0]}: another photo, or the same one in another size."
        )
    marking = _shown(picture, marks)
    marking._file = file
    return marking


def _shown(picture: Tensor, begin: Marks) -> Marking:
    if not setup.attended():
        return Marking(picture, begin)
    from course.annotate.widget import Canvas  # only where somebody looks: anywidget is one more thing to load

    marking = Marking(picture, begin, Canvas(_png(picture), begin))
    still, about = drawn(
        lambda: annotated_photo(picture.detach().cpu(), begin.boxes, begin.labels, begin.classes)
    )._repr_mimebundle_()
    view = {"version_major": 2, "version_minor": 0, "model_id": marking.widget.model_id}
    display({WIDGET: view, **still}, metadata=about, raw=True)
    return marking


def _check(picture: Any) -> None:
    if not isinstance(picture, Tensor) or picture.dim() != 3 or picture.shape[0] != 3 or 0 in picture.shape:
        came = tuple(picture.shape) if isinstance(picture, Tensor) else type(picture).__name__
        raise AnnotateError(f"expected a photo as a tensor (3, height, width), as uploads.photo gives it, got {came}.")
    if not picture.is_floating_point():
        raise AnnotateError(f"expected numbers from 0 to 1 as float32, got {picture.dtype}.")


def _png(picture: Tensor) -> bytes:
    pixels = (picture.detach().cpu().clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy()
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(file, format="png")
    return file.getvalue()
