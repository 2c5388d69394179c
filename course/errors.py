"""Errors that speak to the reader of a notebook: one tree. Each stands in the module that raises it.

PlainError
├── course.after_restart.NotDefined
├── course.annotate.problem.AnnotateError
├── course.buglab.BugLabError
├── course.checking.check.CheckFailed
├── course.coco_files.record.CocoError
├── course.datasets.DatasetError
├── course.detector.into_torchvision.swap.TransplantError
├── course.detector.validation.DetectorError
├── course.detector.weights.WeightsError
├── course.metrics.coco_format.MetricsError
├── course.parts.notebook_definitions.NotebookError
├── course.parts.parts.PartsError
├── course.parts.serialize.SerializeError
├── course.photos.PhotoError
├── course.setup.SetupError
├── course.submission.colab.ColabError
├── course.submission.notebooks.SubmitError
├── course.tensors.TensorError
├── course.training.loop.TrainingError
├── course.uploads.UploadError
├── course.video.problem.VideoError
└── course.zoo.ZooError
    └── course.zoo.UnavailableError
"""

from collections.abc import Iterator
from contextlib import contextmanager


class PlainError(Exception):
    """An error that a notebook shows as its message alone.

    The message says what it expected, what it got and what to do; a traceback through our files would only bury it.
    """

    def _render_traceback_(self) -> list[str]:
        """Lines that IPython prints in place of a traceback (IPython's own hook for this purpose)."""
        return str(self).splitlines()


@contextmanager
def told_as(kind: type[PlainError], source: type[PlainError], where: str = "") -> Iterator[None]:
    """Raise errors of ``source``, a module further down, as those of one's own ``kind``; ``where`` goes before them."""
    try:
        yield
    except source as error:
        raise kind(f"{where}{error}") from None
