"""A detector's mistakes: how many of each kind, and one of each to look at."""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from torch import Tensor

from course import metrics
from course.drawing.box_axes import enclosing_view, outline
from course.drawing.figure import Drawing, NoPicture, new_figure, shown
from course.drawing.palette import BLUE, GREEN, INK, ORANGE, PINK, RED, SKY, Look
from course.metrics.errors import KINDS, RIGHT

LOOKS = {
    "right": (GREEN, ""),
    "classification": (ORANGE, "///"),
    "localisation": (BLUE, "\\\\\\"),
    "both": (PINK, "xx"),
    "duplicate": (SKY, ".."),
    "background": (RED, "--"),
    "missed": ("#9AA7B2", "oo"),
}
TRUE = Look("white", "-", "", 2.6)
SAID = Look(RED, (0, (4, 2)), "", 2.2)


@shown
def errors_by_kind(
    images: Sequence[Tensor],
    predictions: Sequence[dict[str, Any]],
    targets: Sequence[dict[str, Any]],
    classes: Sequence[str],
    min_score: float = 0.5,
) -> Drawing:
    """How many predictions are right or wrong in which way, and an example of each mistake.

    Args:
        images: ``(3, H, W)`` in [0, 1].
        predictions: as for :func:`course.metrics.errors`.
        targets: as there.
        classes: what each label is called.
        min_score: as there.

    Raises:
        NoPicture: there are no pictures.
    """
    if not len(images):
        raise NoPicture("There are no pictures to sort the errors of.")
    found = metrics.errors(predictions, targets, min_score)
    figure = new_figure(9.8, 4.4)
    panels: Any = figure.subfigures(1, 2, width_ratios=(1, 1.5))
    left, right = panels
    bars = left.subplots()
    for row, kind in enumerate(KINDS):
        colour, hatch = LOOKS[kind]
        count = len(found[kind])
        bars.barh(row, count, 0.72, color=colour, hatch=hatch, edgecolor="white", linewidth=0.4)
        bars.annotate(f"{count}", (count, row), (4, 0), textcoords="offset points", va="center")
    most = max(len(each) for each in found.values())
    bars.set(xlim=(0, 1.18 * max(most, 1)), ylim=(len(KINDS) - 0.5, -0.5), yticks=range(len(KINDS)))
    bars.set_yticklabels(KINDS)
    bars.set_title(f"predictions with score ≥ {min_score:g}", pad=8)
    bars.set_xticks([])
    for side in ("top", "right", "bottom"):
        bars.spines[side].set_visible(False)
    examples = []
    for ax, kind in zip(right.subplots(2, 3).flat, [kind for kind in KINDS if kind != RIGHT], strict=True):
        ax.set_title(kind, pad=4, fontsize=10)
        ax.axis("off")
        if found[kind]:
            words = _example(ax, images, predictions, targets, classes, found[kind][0])
            examples.append(f"{kind}: {words}")
        else:
            ax.text(0.5, 0.5, "none", ha="center", va="center", transform=ax.transAxes)
    counts = ", ".join(f"{kind} {len(found[kind])}" for kind in KINDS)
    alt = f"Predictions with a score of at least {min_score:g}: {counts}. Examples: {'; '.join(examples) or 'none'}."
    return Drawing(figure, alt, "White: the object. Red, dashed: the prediction, or nothing where it was missed.")


def _example(
    ax: Axes,
    images: Sequence[Tensor],
    predictions: Sequence[dict[str, Any]],
    targets: Sequence[dict[str, Any]],
    classes: Sequence[str],
    finding: metrics.Finding,
) -> str:
    """One finding, cut out of its picture; gives what it shows in words."""
    picture, row, truth, iou = finding
    boxes, words = [], []
    height, width = images[picture].shape[1:]
    ax.imshow(images[picture].detach().cpu().clamp(0, 1).permute(1, 2, 0).numpy(), extent=(0, width, height, 0))
    for source, index, look, verb in ((targets, truth, TRUE, "is"), (predictions, row, SAID, "says")):
        if index is not None:
            boxes.append(source[picture]["boxes"][index].detach().cpu().tolist())
            words.append(f"{verb} {classes[int(source[picture]['labels'][index])]}")
            outline(ax, boxes[-1], Look(INK, "-", "", look.width + 1.8))  # a dark rim, so that both show on any ground
            outline(ax, boxes[-1], look)
    x1, y1, x2, y2 = enclosing_view(boxes, 0.4)
    side = max(x2 - x1, y2 - y1)
    middle = (x1 + x2) / 2, (y1 + y2) / 2
    ax.set(xlim=(middle[0] - side / 2, middle[0] + side / 2), ylim=(middle[1] + side / 2, middle[1] - side / 2))
    text = ", ".join(words) + (f"\nIoU {iou:.2f}" if row is not None and truth is not None else "")
    ax.text(0.5, -0.03, text, ha="center", va="top", fontsize=9, transform=ax.transAxes)
    return text.replace("\n", ", ")
