"""The loss of the region proposal network, and what the network says while it learns."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from course.drawing.box_axes import outline, set_up_axes
from course.drawing.figure import Drawing, new_figure, shown
from course.drawing.palette import BLUE, FAINT, GREEN, INK, RED, Look
from course.lecture import HELMETS

HELMET = Look(INK, (0, (3, 2)), "", 1.6)


@shown
def smooth_l1() -> Drawing:
    """Smooth L1 between the parabola and the absolute value."""
    x = torch.linspace(-3, 3, 241)
    smooth = torch.where(x.abs() < 1, x**2 / 2, x.abs() - 0.5)
    figure = new_figure(7.0, 3.3)
    ax = figure.subplots()
    ax.plot(x, x**2 / 2, color=RED, linestyle="--", linewidth=1.6, label="x² / 2: large errors drown the others")
    ax.plot(x, x.abs(), color=GREEN, linestyle=":", linewidth=2, label="|x|: a kink at 0, it never comes to rest")
    ax.plot(x, smooth, color=BLUE, linewidth=3, label="smooth L1")
    for place, value, below in ((0.5, 0.125, -16), (3.0, 2.5, -34)):
        ax.plot([place], [value], "o", color=BLUE, markersize=7)
        ax.annotate(
            f"{place:g} → {value:g}", (place, value), xytext=(4, below), textcoords="offset points", ha="center"
        )
    ax.set(xlabel="error x of one delta", ylabel="cost", ylim=(-0.5, 3.4), xlim=(-3.15, 3.3))
    ax.legend(frameon=False, fontsize=9, loc="upper center")
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    alt = (
        "Cost against error. Smooth L1 follows the parabola x²/2 up to an error of 1 and goes on straight: 0.5 costs "
        "0.125, 3 costs 2.5, where the parabola is at 4.5 and the absolute value at 3."
    )
    return Drawing(figure, alt, "Smooth L1 takes the best of both.")


@shown
def losses(history: Sequence[tuple[float, float, float]]) -> Drawing:
    """The three losses, step by step; the localisation loss ten times, as it counts."""
    total, classification, localisation = np.array(history).T
    figure = new_figure(7.4, 3.2)
    ax = figure.subplots()
    ax.plot(total, color=INK, linewidth=2.5, label="total")
    ax.plot(classification, color=BLUE, linestyle="--", linewidth=2, label="cls_loss")
    ax.plot(10 * localisation, color=RED, linestyle=":", linewidth=2.5, label="10 · loc_loss")
    ax.set(xlabel="step", ylabel="loss", ylim=(0, None), xlim=(0, len(total) - 1))
    ax.legend(frameon=False)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    alt = (
        f"Losses of {len(total)} steps. Total from {total[0]:.3f} to {total[-1]:.3f}, classification from "
        f"{classification[0]:.3f} to {classification[-1]:.3f}, localisation from {localisation[0]:.4f} to "
        f"{localisation[-1]:.4f}."
    )
    return Drawing(figure, alt, f"From {total[0]:.3f} to {total[-1]:.3f} in {len(total) - 1} steps.")


@shown
def objectness(photo: Tensor, answers: dict[int, Tensor], size: tuple[int, int]) -> Drawing:
    """The largest probability of an object among the anchors of each place, over the photo, for some steps of training.

    ``answers`` holds logits ``(N, 2)`` by step, in the order y, x, anchor; ``size`` is the map's (height, width).
    """
    picture = _as_picture(photo)
    tall, wide = picture.shape[:2]
    figure = new_figure(9.6, 3.75)
    words = []
    panels = figure.subplots(1, len(answers), squeeze=False)[0]
    for ax, (step, logits) in zip(panels, answers.items(), strict=True):
        surest = logits.detach().cpu().float().softmax(dim=1)[:, 1].reshape(*size, -1).amax(dim=2)
        set_up_axes(ax, (0, 0, wide, tall))
        ax.imshow(picture.mean(axis=2), extent=(0, wide, tall, 0), cmap="gray", vmin=-0.6, vmax=1.2)
        heat = ax.imshow(
            surest.numpy(),
            extent=(0, wide, tall, 0),
            cmap="inferno",
            vmin=0,
            vmax=1,
            alpha=0.72,
            interpolation="nearest",
        )
        for helmet in HELMETS:
            outline(ax, helmet, Look("white", (0, (3, 2)), "", 1.6))
        ax.set(xticks=[], yticks=[])
        ax.set_title(f"after {step} steps" if step else "untrained", pad=6)
        y, x = divmod(int(surest.argmax()), size[1])
        place = (x + 0.5) * wide / size[1], (y + 0.5) * tall / size[0]
        inside = any(x1 <= place[0] <= x2 and y1 <= place[1] <= y2 for x1, y1, x2, y2 in HELMETS)
        words.append(
            f"after {step} steps from {float(surest.min()):.2f} to {float(surest.max()):.2f}, surest at "
            f"({place[0]:.0f}, {place[1]:.0f}), {'on' if inside else 'off'} a helmet"
        )
    bar = figure.colorbar(heat, ax=panels, shrink=0.85, pad=0.01)
    bar.set_label("probability of an object", color=FAINT)
    alt = f"Probability of an object at {size[0]} × {size[1]} places: {'; '.join(words)}."
    return Drawing(figure, alt, "Dashed: the two helmets. Bright: the surest of the nine anchors there says “object”.")


def _as_picture(photo: Tensor) -> np.ndarray:
    return photo.detach().cpu().permute(1, 2, 0).numpy()
