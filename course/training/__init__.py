"""Train a detector, and measure it.

    from course import library, scenes, training
    from course.detector import Detector

    detector = Detector(library, len(scenes.CLASSES))
    losses = training.train(detector, training.ready(scenes.Scenes(400)), steps=400)
    training.evaluate(detector, training.ready(scenes.Scenes(100, seed=1)))  # {"boxes": {"AP": …, "AP50": …}}

``python -m course.training --help`` trains the small weights that ship with the course.
"""

from course.training.data import evaluate, predict, ready
from course.training.loop import TrainingError, train

__all__ = ["TrainingError", "evaluate", "predict", "ready", "train"]
