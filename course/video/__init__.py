"""Videos, frame by frame: read with OpenCV, pass each frame to a function, and play the result in the notebook.

    clip = video.read(video.scene_video("scenes.webm"))    # or your own file
    video.apply(find, clip, "found.webm")                  # a progress bar; stop it and what is done is kept
    video.show("found.webm")

with ``find(frame)`` a function that gives another frame, say ``video.marked(frame, model([frame])[0], categories)``.
A frame is a tensor ``(3, H, W)``, float32 in [0, 1], red, green, blue: what a detector takes. Files are written as WebM
(VP8), which JupyterLab, Colab and every browser of today play; they do not play the MP4 that OpenCV writes by itself.
"""

from course.video.applying import apply
from course.video.made_up import scene_video
from course.video.marking import marked
from course.video.problem import VideoError
from course.video.reading import Clip, read
from course.video.showing import show
from course.video.writing import write

__all__ = ["Clip", "VideoError", "apply", "marked", "read", "scene_video", "show", "write"]
