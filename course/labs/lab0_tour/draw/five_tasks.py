"""The lecture's five tasks side by side, on one picture."""

from collections import Counter
from collections.abc import Sequence

import cv2
import torch
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from torch import Tensor

from course.drawing.box_axes import note, outline
from course.drawing.detections_overlay import LOOKS
from course.drawing.figure import Drawing, new_figure, shown
from course.drawing.palette import BLUE, FAINT, GREEN, INK, ORANGE, PINK, RED, SKY, YELLOW
from course.drawing.skeletons import photo, skeleton
from course.labs.lab0_tour import tasks
from course.labs.lab0_tour.tasks import Answers

COLOURS = (ORANGE, BLUE, GREEN, PINK, SKY, RED, YELLOW)
SURE = 0.6  # detections with a lower score are left out
QUESTIONS = {
    tasks.CLASSIFICATION: "what is it?",
    tasks.SEMANTIC: "which class is each pixel?",
    tasks.DETECTION: "which things, and where?",
    tasks.INSTANCES: "which pixels is each thing?",
    tasks.JOINTS: "how do they stand?",
}
Found = tuple[dict[str, Tensor], tuple[str, ...]]


@shown
def five_tasks(answers: Answers) -> Drawing:
    """The picture, and what each of the five tasks finds in it."""
    high, wide = answers.image.shape[1:]
    figure = new_figure(9.8, 2 * (3.15 * high / wide + 0.55))
    first, *others = figure.subplots(2, 3).flat
    photo(first, answers.image)
    first.set_title("the picture", fontsize=10)
    painters = (_classes, _regions, _boxes, _masks, _joints)
    words = []
    for ax, task, paint in zip(others, tasks.TASKS, painters, strict=True):
        photo(ax, answers.image)
        ax.set_title(f"{task}:\n{QUESTIONS[task]}", fontsize=10)
        words.append(f"{task}: {paint(ax, answers)}")
    alt = f"One picture of {wide} × {high} pixels, five answers. {'. '.join(words)}."
    return Drawing(figure, alt.capitalize(), f"Boxes, masks and joints with a score of {SURE:.1f} or more.")


def _classes(ax: Axes, answers: Answers) -> str:
    if answers.classes is None:
        return _nothing(ax, answers)
    lines = [f"{name} {share:.2f}" if share < 1 else name for name, share in answers.classes]
    note(ax, *_middle(answers), "\n".join(lines), INK, fontsize=11)
    return ", ".join(lines)


def _regions(ax: Axes, answers: Answers) -> str:
    if answers.regions is None:
        return _nothing(ax, answers)
    regions, names = answers.regions
    shares = {
        int(label): float((regions == label).float().mean()) for label in regions.unique() if label
    }  # 0: background
    for colour, label in zip(COLOURS, shares, strict=False):
        there = regions == label
        _tint(ax, there, colour)
        note(ax, *_inside(there), names[label], INK, fontsize=8)
    return ", ".join(f"{names[label]} {share:.0%} of the pixels" for label, share in shares.items()) or "nothing"


def _boxes(ax: Axes, answers: Answers) -> str:
    answer, names = answers.boxes
    rows = _sure(answer)
    labels = sorted({int(answer["labels"][row]) for row in rows})
    for row in rows:
        box, label = answer["boxes"][row].tolist(), int(answer["labels"][row])
        outline(ax, box, LOOKS[labels.index(label) % len(LOOKS)])
        note(ax, (box[0] + box[2]) / 2, box[3] - 2, names[label], INK, fontsize=8, va="bottom")
    return _told(answers.boxes, rows)


def _masks(ax: Axes, answers: Answers) -> str:
    answer, _ = answers.masks
    rows = _sure(answer)
    for number, row in enumerate(rows, start=1):
        mask, colour = answer["masks"][row, 0] >= 0.5, COLOURS[number % len(COLOURS)]
        _tint(ax, mask, colour)
        if mask.any():
            note(ax, *_inside(mask), f"{number}", INK, fontsize=8)
    return _told(answers.masks, rows)


def _joints(ax: Axes, answers: Answers) -> str:
    answer, names = answers.joints
    rows = [row for row in _sure(answer) if names[int(answer["labels"][row])] == "person"]
    counts = []
    for row in rows:
        scores = answer["keypoints_scores"][row]
        joints = torch.cat([answer["keypoints"][row, :, :2], scores[:, None]], dim=1)
        counts.append(skeleton(ax, joints.tolist(), size=4))
    return f"{len(rows)} skeletons with {', '.join(map(str, counts))} joints" if rows else "nobody"


def _sure(answer: dict[str, Tensor]) -> list[int]:
    return torch.nonzero(answer["scores"] >= SURE).flatten().tolist()


def _told(found: Found, rows: Sequence[int]) -> str:
    answer, names = found
    counts = Counter(names[int(answer["labels"][row])] for row in rows)
    return ", ".join(f"{count} × {name}" for name, count in counts.items()) or "nothing"


def _tint(ax: Axes, mask: Tensor, colour: str) -> None:
    high, wide = mask.shape
    layer = torch.zeros(high, wide, 4)
    layer[..., :3] = torch.tensor(to_rgb(colour))
    layer[..., 3] = 0.62 * mask
    ax.imshow(layer.numpy(), extent=(0, wide, high, 0), interpolation="nearest")
    if mask.any() and not mask.all():
        y, x = torch.arange(high) + 0.5, torch.arange(wide) + 0.5
        ax.contour(x.numpy(), y.numpy(), mask.float().numpy(), [0.5], colors=["white"], linewidths=1.0)


def _inside(mask: Tensor) -> tuple[float, float]:
    """The place of a mask that is farthest from its border: x, y."""
    depth = cv2.distanceTransform(mask.numpy().astype("uint8"), cv2.DIST_L2, 3)
    y, x = divmod(int(depth.argmax()), depth.shape[1])
    return x + 0.5, y + 0.5


def _nothing(ax: Axes, answers: Answers) -> str:
    note(ax, *_middle(answers), "needs weights\nfrom the network", FAINT, fontsize=10)
    return "no answer here"


def _middle(answers: Answers) -> tuple[float, float]:
    high, wide = answers.image.shape[1:]
    return wide / 2, high / 2
