"""A detector while it learns, and what it has learnt: curves that grow, and pictures before and after."""

from collections.abc import Callable, Sequence
from typing import Any

from IPython.display import DisplayHandle
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from torch import Tensor

from course import setup
from course.drawing.box_axes import outline
from course.drawing.detections_overlay import LOOKS
from course.drawing.figure import Drawing, NoPicture, Picture, drawn, new_figure, replaced, shown
from course.drawing.palette import BLUE, FAINT, GREEN, INK, Look
from course.drawing.skeletons import photo

SMOOTH = 20  # steps in a mean: one batch's loss says little


class LiveCurves:
    """Loss and score of a training, in one picture below the cell that is redrawn as the training goes on.

    Made for ``after=`` of :func:`course.training.train`. A call for steps that were measured already changes nothing,
    so ``curves(len(losses), losses)`` after a training shows the picture even if nothing was left to do.

    Args:
        measure: how good the detector is now, 0 to 1; takes what time it takes.
        steps: how many there are to be.
        name: of what is measured.
    """

    def __init__(self, measure: Callable[[], float], steps: int, name: str = "AP50") -> None:
        self.measure, self.steps, self.name = measure, steps, name
        self.scores: dict[int, float] = {}
        self._place: DisplayHandle | None = None

    def __call__(self, step: int, losses: Sequence[dict[str, float]]) -> None:
        """Measure, and draw the losses of all steps so far, by name, with the scores so far."""
        if not setup.attended() or step in self.scores or not losses:
            return
        self.scores[step] = self.measure()
        self._place = replaced(self._place, self.picture(losses))

    def picture(self, losses: Sequence[dict[str, float]]) -> Picture:
        """The picture, without showing it."""
        return drawn(lambda: self._drawing([sum(step.values()) for step in losses]))

    def _drawing(self, total: list[float]) -> Drawing:
        figure = new_figure(9.6, 3.3)
        left, right = figure.subplots(1, 2)
        done = range(1, len(total) + 1)
        means = [sum(total[max(0, k - SMOOTH) : k]) / min(k, SMOOTH) for k in done]
        left.plot(done, total, color=FAINT, linewidth=0.8, alpha=0.55, label="one batch")
        left.plot(done, means, color=BLUE, linewidth=2.2, label=f"mean of {SMOOTH}")
        left.set(xlabel="step", ylim=(0, max(total) * 1.05 or 1), title="loss, all four together")
        left.legend(frameon=False, fontsize=9)
        right.plot(list(self.scores), list(self.scores.values()), "o-", color=GREEN, linewidth=2.2)
        for step, score in self.scores.items():
            right.annotate(f"{score:.2f}", (step, score), (0, 7), textcoords="offset points", ha="center", fontsize=9)
        right.set(xlabel="step", ylim=(-0.03, 1.08), title=f"{self.name} on unseen scenes")
        for ax in (left, right):
            ax.set_xlim(0, max(self.steps, len(total)) * 1.03)
            for side in ("top", "right"):
                ax.spines[side].set_visible(False)
        points = ", ".join(f"{score:.2f} after {step}" for step, score in self.scores.items())
        last = list(self.scores.values())[-1]
        alt = (
            f"Step {len(total)} of {self.steps}. The loss went from {total[0]:.2f} to {means[-1]:.2f} (mean of the "
            f"last {min(len(total), SMOOTH)} steps); {self.name} on unseen scenes: {points}."
        )
        return Drawing(figure, alt, f"Step {len(total)} of {self.steps}: loss {means[-1]:.2f}, {self.name} {last:.2f}.")


@shown
def before_and_after(
    images: Sequence[Tensor],
    before: Sequence[dict[str, Tensor]],
    after: Sequence[dict[str, Tensor]],
    targets: Sequence[dict[str, Any]],
    classes: Sequence[str],
    min_score: float = 0.5,
) -> Drawing:
    """The same pictures three times: the truth, what a detector found before its training, what it finds after.

    Args:
        images: ``(3, H, W)`` in [0, 1], one to six.
        before: ``boxes`` (D, 4), ``labels``, ``scores`` (D,) of each picture; D may be 0.
        after: likewise.
        targets: ``boxes`` (N, 4) and ``labels`` (N,) of each picture.
        classes: what each label is called.
        min_score: predictions below it are left out.

    Raises:
        NoPicture: there are no pictures.
    """
    if not len(images):
        raise NoPicture("There are no pictures to look at.")
    rows = {"truth": targets, "untrained": before, "trained": after}
    figure = new_figure(9.8, 9.8 * len(rows) / max(len(images), 4))
    panels: Any = figure.subplots(len(rows), len(images), squeeze=False)
    counts = []
    for line, (title, pictures) in zip(panels, rows.items(), strict=True):
        total = 0
        for column, (ax, image, picture) in enumerate(zip(line, images, pictures, strict=True)):
            photo(ax, image.detach().cpu())
            ax.set_title(title if column == 0 else "", loc="left", fontsize=10, color=INK)
            total += _boxes(ax, picture, None if pictures is targets else min_score)
        counts.append(f"{title} {total}")
    looks = [LOOKS[place % len(LOOKS)] for place in range(len(classes) - 1)]
    styles: list[dict[str, Any]] = [{"color": look.colour, "linestyle": look.line} for look in looks]
    lines = [Line2D([], [], linewidth=2.4, **style) for style in styles]
    figure.legend(lines, classes[1:], loc="outside lower center", ncols=6, frameon=False, fontsize=10, handlelength=3)
    alt = (
        f"{len(images)} pictures in three rows: true boxes, boxes of the untrained detector and of the trained one "
        f"with a score of at least {min_score:g}. Boxes in all: {', '.join(counts)}. Classes: {', '.join(classes[1:])}."
    )
    return Drawing(figure, alt, f"Score at least {min_score:g}. Boxes in all: {', '.join(counts)}.")


def _boxes(ax: Axes, picture: dict[str, Any], min_score: float | None) -> int:
    """Draw the boxes of a picture, each class in its look; gives how many."""
    rows = range(len(picture["labels"]))
    kept = [row for row in rows if min_score is None or float(picture["scores"][row]) >= min_score]
    for row in kept:
        box = picture["boxes"][row].detach().cpu().tolist()
        look = LOOKS[(int(picture["labels"][row]) - 1) % len(LOOKS)]
        outline(ax, box, Look(INK, "-", "", look.width + 1.6))  # a dark rim, so that it shows on any ground
        outline(ax, box, look)
    return len(kept)
