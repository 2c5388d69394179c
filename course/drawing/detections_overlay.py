"""What a detector found in a picture: boxes with names and scores, masks, skeletons."""

from collections import Counter
from collections.abc import Mapping, Sequence

import torch
from matplotlib.colors import to_rgb
from torch import Tensor

from course import tensors
from course.drawing.box_axes import note, outline
from course.drawing.figure import Drawing, new_figure
from course.drawing.palette import BLUE, GREEN, ORANGE, PINK, RED, SKY, Look
from course.drawing.skeletons import photo, skeleton

LOOKS = (
    Look(BLUE, "-", "", 2.2),
    Look(ORANGE, "--", "", 2.2),
    Look(GREEN, "-.", "", 2.2),
    Look(PINK, ":", "", 2.6),
    Look(SKY, (0, (6, 2)), "", 2.2),
    Look(RED, (0, (2, 2)), "", 2.2),
)
TINT = 0.5  # of a mask's colour
HIGHEST = 5.5  # inches: a portrait and the slider above it are to be seen together
JOINT = 0.0  # the score, a logit, from which a joint is drawn


def draw_detections(
    image: Tensor, answer: Mapping[str, Tensor], categories: Sequence[str], threshold: float, width: float = 7.2
) -> Drawing:
    """Draw the detections of one picture whose score is at least ``threshold``.

    Args:
        image: the picture ``(3, H, W)`` in [0, 1].
        answer: what a detector gave for it: ``boxes`` (D, 4), ``labels``, ``scores`` (D,); ``masks`` (D, 1, H, W),
            ``keypoints`` (D, 17, 3) and ``keypoints_scores`` (D, 17) if it has them. D may be 0.
        categories: the names of the labels.
        threshold: of the scores.
        width: of the figure, in inches; a tall picture gets less, so that its height stays within ``HIGHEST``.

    Raises:
        TensorError: a picture or an answer that cannot be drawn.
    """
    image = tensors.picture(image, "picture")
    found = tensors.detections(answer, image.shape[1:], categories)
    here = {name: value[found["scores"] >= threshold] for name, value in found.items()}
    names = [categories[label] for label in here["labels"].tolist()]
    looks = {name: LOOKS[place % len(LOOKS)] for place, name in enumerate(dict.fromkeys(names))}

    picture = _tinted(image.detach().cpu(), [looks[name].colour for name in names], here.get("masks", ()))
    high, wide = picture.shape[1:]
    width = min(width, HIGHEST * wide / high)
    figure = new_figure(width, width * high / wide, layout=None)
    ax = figure.add_axes((0.01, 0.01, 0.98, 0.98))
    photo(ax, picture)
    words = []
    for name, box, score in zip(names, here["boxes"].tolist(), here["scores"].tolist(), strict=True):
        outline(ax, box, looks[name])
        note(ax, box[0], box[1], f"{name} {score:.2f}", ha="left", va="bottom", fontsize=8)
        words.append(f"{name} {score:.2f} at {', '.join(f'{side:.0f}' for side in box)}")
    if "keypoints" in here:
        for name, joints, scores in zip(names, here["keypoints"], here["keypoints_scores"], strict=True):
            if name == "person":
                skeleton(ax, torch.cat((joints[:, :2], scores[:, None]), dim=1).tolist(), threshold=JOINT, size=4)

    count = ", ".join(f"{name} {times}" for name, times in Counter(names).items()) or "nothing"
    caption = f"Score at least {threshold:.2f}: {count}."
    return Drawing(figure, f"{caption} {'; '.join(words)}", caption)


def _tinted(image: Tensor, colours: Sequence[str], masks: Sequence[Tensor] | Tensor) -> Tensor:
    """A copy of the picture in which the inside of each mask ``(1, H, W)`` has its colour; there may be no masks."""
    picture = image.clone()
    for colour, mask in zip(colours, masks, strict=False):
        inside = mask[0] >= 0.5
        picture[:, inside] = (1 - TINT) * picture[:, inside] + TINT * torch.tensor(to_rgb(colour))[:, None]
    return picture
