"""The detection network's two ends: which ROIs it trains on, and what is left of its answers."""

from collections.abc import Callable, Sequence
from typing import Any

from matplotlib.axes import Axes
from torch import Generator, Tensor

from course.drawing.ask_student import ask, no_picture
from course.drawing.box_axes import draw_worker, note, outline, set_up_axes
from course.drawing.figure import Drawing, new_figure, shown
from course.drawing.palette import BLUE, GREEN, INK, RED, Look
from course.lecture import HELMETS

OBJECT = Look(GREEN, "-", "", 2.6)
OTHER = Look("#8A8A8A", (0, (1, 1.5)), "", 0.9)
PROPOSAL = Look(BLUE, "-", "", 0.5)
TRUE = Look(RED, (0, (4, 2)), "", 1.6)
CLASSES = (Look(GREEN, "-", "", 2.0), Look(BLUE, (0, (5, 2)), "", 2.0))


def ask_parts(function: Callable, *arguments: object, shapes: Sequence[tuple[int | None, ...]]) -> tuple[Tensor, ...]:
    """As :func:`ask`, for a function that gives several tensors; it is called once.

    Raises:
        NoPicture: as :func:`ask`.
    """
    answers: list[Any] = []

    def part(index: int) -> Callable:
        def one(*args: object) -> Any:
            answers.append(function(*args) if not answers else answers[0])
            whole = answers[0]
            return whole[index] if isinstance(whole, tuple | list) and len(whole) == len(shapes) else whole

        one.__name__ = getattr(function, "__name__", "your function")
        return one

    return tuple(ask(part(index), *arguments, shape=shape) for index, shape in enumerate(shapes))


@shown
def sampled_rois(proposals: Tensor, gt_boxes: Tensor, gt_labels: Tensor, sample_rois: Callable) -> Drawing:
    """All proposals beside the ROIs that the student's function samples, by label."""
    shapes = ((None, 4), (None,), (None, 4))
    arguments = (proposals.cpu(), gt_boxes.cpu(), gt_labels.cpu(), 128, 0.25, 0.5, Generator().manual_seed(1))
    rois, labels, targets = ask_parts(sample_rois, *arguments, shapes=shapes)
    if not len(rois) == len(labels) == len(targets):
        raise no_picture(f"sample_rois gave {len(rois)} ROIs, {len(labels)} labels and {len(targets)} targets")
    objects = int((labels > 0).sum())
    figure = new_figure(9.6, 5.0)
    left, right = figure.subplots(1, 2)
    for ax in (left, right):
        _site(ax)
    for box in proposals[::10].cpu().tolist():
        outline(left, box, PROPOSAL)
    left.set_title(f"{len(proposals):,} proposals, every tenth drawn", pad=8)
    order = (labels > 0).float().argsort().tolist()  # objects on top
    for index in order:
        outline(right, rois[index].tolist(), OBJECT if labels[index] > 0 else OTHER)
    for ax in (left, right):
        for box in gt_boxes.cpu().tolist():
            outline(ax, box, TRUE)
    right.set_title(f"your {len(rois)} ROIs: {objects} objects, {len(rois) - objects} background", pad=8)
    alt = (
        f"Left {len(proposals)} proposals of an 800 × 800 image with {len(gt_boxes)} true boxes. Right the sample of "
        f"your sample_rois: {len(rois)} ROIs, {objects} labelled as objects, {len(rois) - objects} as background."
    )
    caption = "Dashed red: true boxes. Right, solid green: sampled as objects; dotted grey: sampled as background."
    return Drawing(figure, alt, caption)


@shown
def detections(
    logits: Tensor, deltas: Tensor, rois: Tensor, names: Sequence[str], postprocess_detections: Callable
) -> Drawing:
    """What the head says about every ROI, and the detections that the student's function makes of it."""
    boxes, labels, scores = ask_parts(
        postprocess_detections, logits, deltas, rois, (800, 800), shapes=((None, 4), (None,), (None,))
    )
    if not len(boxes) == len(labels) == len(scores):
        raise no_picture(f"postprocess_detections gave {len(boxes)} boxes, {len(labels)} labels, {len(scores)} scores")
    if not all(0 < label < len(names) for label in labels.tolist()):
        raise no_picture(
            f"postprocess_detections gave labels {sorted(set(labels.tolist()))}: 1 to {len(names) - 1} exist"
        )
    figure = new_figure(9.6, 5.2)
    left, right = figure.subplots(1, 2)
    likely = logits.softmax(dim=1).argmax(dim=1).cpu()
    for ax in (left, right):
        _site(ax, (60, 90, 460, 560))
    for box, label in zip(rois.cpu().tolist(), likely.tolist(), strict=True):
        outline(left, box, Look(CLASSES[(label - 1) % 2].colour, "-", "", 0.8) if label else OTHER)
    left.set_title(f"before: {len(rois)} ROIs", pad=8)
    words = []
    for box, label, score in zip(boxes.tolist(), labels.tolist(), scores.tolist(), strict=True):
        look = CLASSES[(label - 1) % 2]
        outline(right, box, look)
        note(
            right,
            box[2],
            box[1] - (9 if label == 1 else 24),
            f"{names[label]} {score:.2f}",
            look.colour,
            fontsize=9,
            ha="right",
        )
        words.append(f"{names[label]} {score:.2f}")
    right.set_title(f"after your postprocess_detections: {len(boxes)}", pad=8)
    alt = f"Left {len(rois)} ROIs on two workers with helmets. Right the {len(boxes)} detections: {'; '.join(words)}."
    listed = ", ".join(
        f"{'solid' if label == 1 else 'dashed'}: {name}" for label, name in enumerate(names[1:], start=1)
    )
    return Drawing(figure, alt, f"Left by the likeliest class (dotted: background). Right, {listed}.")


def _site(ax: Axes, view: tuple[float, float, float, float] = (0, 0, 800, 800)) -> None:
    """The lecture's image as a sketch."""
    set_up_axes(ax, view)
    ax.set(xticks=[], yticks=[])
    for helmet in HELMETS[::-1]:
        draw_worker(ax, helmet)
    ax.spines[:].set_color(INK)
