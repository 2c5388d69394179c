"""What a detector found, drawn into the frame itself, so that a video can show it."""

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor
from torchvision.utils import draw_bounding_boxes, draw_keypoints, draw_segmentation_masks

from course import tensors
from course.drawing.letters import file_for
from course.drawing.palette import BLUE, GREEN, ORANGE, PINK, RED, SKY
from course.errors import told_as
from course.scenes.names import SKELETON
from course.tensors import TensorError
from course.video.problem import VideoError

COLOURS = (ORANGE, BLUE, GREEN, PINK, SKY, RED)
PAPER, INK = (244, 244, 240), (20, 20, 20)
FONT = cv2.FONT_HERSHEY_SIMPLEX, 0.42, 1  # with scale and thickness
EDGE = 10.0  # pixels outside of a frame
LETTERS = 14  # pixels: the height of letters that OpenCV has not, as high as its own
READABLE = 480  # pixels: a frame with a shorter longer side is enlarged, or its labels would hide it


def marked(frame: Tensor, answer: Mapping[str, Tensor], categories: Sequence[str], threshold: float = 0.7) -> Tensor:
    """The frame with boxes, names and scores on it; with masks and skeletons, where the answer has some.

    Args:
        frame: ``(3, H, W)``, float in [0, 1]; see :func:`course.tensors.picture`.
        answer: a detector's for this frame: ``boxes`` (N, 4) as (x1, y1, x2, y2) in pixels, ``labels`` and ``scores``
            (N,), and perhaps ``masks`` (N, 1, H, W) in [0, 1] and ``keypoints`` (N, 17, 3) with ``keypoints_scores``
            (N, 17).
        categories: the names of the labels.
        threshold: the lowest score that is drawn.

    Returns:
        ``(3, k·H, k·W)`` uint8 on the CPU: small frames are enlarged k times, to 480 pixels or more.

    Raises:
        VideoError: no such frame, or an answer that cannot be drawn: NaN, corners in the wrong order, a label without a
            name, or shapes that do not belong together.
    """
    with told_as(VideoError, TensorError):
        frame = tensors.picture(frame, "frame")
        found = tensors.detections(answer, frame.shape[1:], categories)
    high, wide = frame.shape[1:]
    times = max(1, -(-READABLE // max(high, wide)))
    picture = (frame.detach().cpu().clamp(0, 1) * 255).round().to(torch.uint8)
    picture = picture.repeat_interleave(times, dim=1).repeat_interleave(times, dim=2)
    kept = {name: value[found["scores"] >= threshold] for name, value in found.items()}
    labels = kept["labels"].tolist()
    if not labels:
        return picture
    colours = [COLOURS[label % len(COLOURS)] for label in labels]
    if "masks" in kept:
        masks = (kept["masks"][:, 0] >= 0.5).repeat_interleave(times, dim=1).repeat_interleave(times, dim=2)
        picture = draw_segmentation_masks(picture, masks, alpha=0.5, colors=colours)
    beyond = torch.tensor([wide, high, wide, high]) + EDGE
    boxes = kept["boxes"].clamp(-EDGE * torch.ones(4), beyond) * times  # a line further out is not seen
    picture = draw_bounding_boxes(picture, boxes, colors=colours, width=3)
    if "keypoints" in kept:
        people = [row for row, label in enumerate(labels) if categories[label] == "person"]
        places, seen = kept["keypoints"][people, :, :2] * times, kept["keypoints_scores"][people] > 0
        picture = draw_keypoints(picture, places, list(SKELETON), "white", radius=3, width=3, visibility=seen)
    words = [f"{categories[label]} {score:.2f}" for label, score in zip(labels, kept["scores"].tolist(), strict=True)]
    return _labelled(picture, boxes, words)


def _font(text: str) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(file_for(text)), LETTERS)


def _measured(text: str) -> tuple[tuple[int, int], int]:
    """Width and height above the line, and what goes below it, as ``cv2.getTextSize`` gives them."""
    left, top, right, bottom = _font(text).getbbox(text, anchor="ls")
    return (round(right - left), round(-top)), round(bottom)


def _labelled(picture: Tensor, boxes: Tensor, words: Sequence[str]) -> Tensor:
    """Words for each box, dark on light: within the lower edge of a large one, above a small one.

    So a person's words do not meet those of the helmet, and the helmet can be seen.
    """
    pixels = np.ascontiguousarray(picture.permute(1, 2, 0).numpy())
    high, wide = pixels.shape[:2]
    for (x1, y1, x2, y2), text in zip(boxes.tolist(), words, strict=True):
        (width, height), below = cv2.getTextSize(text, *FONT) if text.isascii() else _measured(text)
        x = int(min(max((x1 + x2 - width) / 2, 1), max(wide - width - 1, 1)))
        y = int((min(y2, high) if y2 - y1 > 6 * height else max(y1, 2 * height)) - below - 2)
        cv2.rectangle(pixels, (x - 2, y - height - 2), (x + width + 2, y + below), PAPER, cv2.FILLED)
        if text.isascii():
            cv2.putText(pixels, text, (x, y), *FONT[:2], INK, 1, cv2.LINE_AA)
        else:
            paper = Image.fromarray(pixels)
            ImageDraw.Draw(paper).text((x, y), text, INK, _font(text), anchor="ls")
            pixels = np.array(paper)
    return torch.from_numpy(pixels).permute(2, 0, 1).contiguous()
