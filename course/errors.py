"""Errors that speak to the reader of a notebook: one tree. Each stands in the module that raises it.

PlainError
├── course.after_restart.NotDefined
├── course.annotate.problem.AnnotateError
├── course.buglab.BugLabError
├── course.checking.check.CheckFailed
├── course.datasets.DatasetError
├── course.detector.into_torchvision.swap.TransplantError
├── course.detector.validation.DetectorError
├── course.detector.weights.WeightsError
├── course.metrics.coco_format.MetricsError
├── course.parts.collect.PartsError
├── course.parts.notebook_definitions.NotebookError
├── course.parts.serialize.SerializeError
├── course.setup.SetupError
├── course.submission.colab.ColabError
├── course.submission.notebooks.SubmitError
├── course.training.loop.TrainingError
├── course.uploads.UploadError
├── course.video.problem.VideoError
└── course.zoo.ZooError
    └── course.zoo.UnavailableError
"""


class PlainError(Exception):
    """An error that a notebook shows as its message alone.

    The message says what it expected, what it got and what to do; a traceback through our files would only bury it.
    """

    def _render_traceback_(self) -> list[str]:
        """Lines that IPython prints in place of a traceback (IPython's own hook for this purpose)."""
        return str(self).splitlines()
