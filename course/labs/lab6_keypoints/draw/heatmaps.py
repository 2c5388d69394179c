"""Heat maps of one person, the skeleton that is read from them, and what the loss makes of empty ones."""

from collections.abc import Callable

import torch
from matplotlib.axes import Axes
from torch import Tensor

from course.drawing.ask_student import ask, no_picture
from course.drawing.figure import Drawing, new_figure, shown
from course.drawing.palette import BLUE, FAINT, INK, RED
from course.drawing.pose import WORDS, side, simulated_heatmaps
from course.drawing.skeletons import LOOKS, photo, skeleton
from course.labs.lab4_roi_heads.draw.rois import ask_parts

STEPS, RATE = 40, 20.0  # of gradient descent


def targets(keypoints: Tensor, rois: Tensor, keypoints_to_heatmap: Callable, size: int = 56) -> tuple[Tensor, Tensor]:
    """The student's cells ``(R, K)`` and which of them count, on the CPU.

    Raises:
        NoPicture: as :func:`ask`; or a cell that counts lies outside the grid.
    """
    shape = tuple(keypoints.shape[:2])
    index, valid = ask_parts(keypoints_to_heatmap, keypoints.cpu(), rois.cpu(), size, shapes=(shape, shape))
    index, valid = index.long(), valid.bool()
    if valid.any() and not 0 <= int(index[valid].min()) <= int(index[valid].max()) < size**2:
        worst = int(index[valid].max()) if index[valid].min() >= 0 else int(index[valid].min())
        raise no_picture(f"keypoints_to_heatmap gave cell {worst}: there are 0 to {size**2 - 1}")
    return index.where(valid, 0), valid


def decoded(
    keypoints: Tensor, rois: Tensor, keypoints_to_heatmap: Callable, heatmaps_to_keypoints: Callable, size: int = 56
) -> tuple[Tensor, Tensor]:
    """Made-up heat maps ``(R, K, size, size)`` on the student's cells, and what the student reads from them.

    Raises:
        NoPicture: as :func:`ask`.
    """
    index, valid = targets(keypoints, rois, keypoints_to_heatmap, size)
    maps = simulated_heatmaps(index, valid, keypoints[..., 2].cpu(), size)
    return maps, ask(heatmaps_to_keypoints, maps, rois.cpu(), shape=(*index.shape, 3))


@shown
def heatmaps_and_skeleton(
    image: Tensor, keypoints: Tensor, roi: Tensor, keypoints_to_heatmap: Callable, heatmaps_to_keypoints: Callable
) -> Drawing:
    """The 17 heat maps of one person, and the skeleton that the student's functions make of them."""
    maps, found = decoded(keypoints[None], roi[None], keypoints_to_heatmap, heatmaps_to_keypoints)
    figure = new_figure(9.8, 5.6)
    left, right = figure.subfigures(1, 2, squeeze=False, width_ratios=(1.75, 1))[0]
    grid = left.subplots(3, 6)
    x1, y1, x2, y2 = roi.tolist()
    for number, ax in enumerate(grid.flat):
        ax.set(xticks=[], yticks=[])
        if number >= len(WORDS):
            ax.axis("off")
            continue
        heat(ax, maps[0, number])
        x, y, score = found[0, number].tolist()
        column, row = (x - x1) / (x2 - x1) * maps.shape[-1] - 0.5, (y - y1) / (y2 - y1) * maps.shape[-2] - 0.5
        ax.plot(column, row, "o", color=RED, markersize=13, markerfacecolor="none", markeredgewidth=1.5)
        words = WORDS[number].replace(" ", "\n") if " " in WORDS[number] else f"{WORDS[number]}\n"
        ax.set_title(f"{words}\n{score:.1f}", fontsize=9, color=LOOKS[side(number)].colour, pad=3)
    ax = right.subplots()
    margin = 0.12 * (y2 - y1)
    photo(ax, image, (x1 - margin, y1 - margin, x2 + margin, y2 + margin))
    skeleton(ax, found[0].tolist(), threshold=-torch.inf, size=6.5)
    ax.plot([x1, x2, x2, x1, x1], [y1, y1, y2, y2, y1], color="white", linestyle="--", linewidth=1)
    ax.set_title("read by your function", pad=6)
    off = (found[0, :, :2] - keypoints[:, :2].cpu()).norm(dim=1)[keypoints[:, 2].cpu() > 0]
    listed = ", ".join(f"{word} {score:.1f}" for word, score in zip(WORDS, found[0, :, 2].tolist(), strict=True))
    alt = (
        f"17 heat maps of one person, and the skeleton on the picture. Scores: {listed}. The labelled joints are found "
        f"with an error of {float(off.mean()):.1f} pixels on average, {float(off.max()):.1f} at most."
    )
    caption = (
        "Left: one map for each joint, its hottest place in a ring, its score below the name. Right: all 17, also "
        "those that are hardly more than noise."
    )
    return Drawing(figure, alt, caption)


def heat(ax: Axes, heatmap: Tensor) -> None:
    """One heat map, in the same colours for the same logits everywhere."""
    ax.imshow(heatmap.numpy(), cmap="Blues", vmin=-1.5, vmax=8, interpolation="nearest", aspect="auto")


@shown
def loss_at_work(keypoints: Tensor, rois: Tensor, keypoints_to_heatmap: Callable, keypoint_loss: Callable) -> Drawing:
    """One heat map at three moments while it follows the gradient of the student's loss.

    At first it takes the right wrist for the left one, a common mistake.
    """
    size, which, other = 14, 9, 10  # a coarse grid, so that single cells can be seen; left and right wrist
    index, valid = targets(keypoints, rois, keypoints_to_heatmap, size)
    mistaken = index.clone()
    mistaken[:, which] = index[:, other]
    maps = simulated_heatmaps(mistaken, valid, keypoints[..., 2].cpu(), size) / 2
    moments, losses = {}, []
    for step in range(STEPS + 1):
        leaf = maps.clone().requires_grad_()
        gradient, loss = ask_gradient(keypoint_loss, leaf, index, valid)
        losses.append(loss)
        if step in (0, STEPS // 4, STEPS):
            moments[step] = maps[0, which].clone()
        maps = maps - RATE * gradient
    figure = new_figure(9.8, 3.0)
    *axes, curve = figure.subplots(1, 4, width_ratios=(1, 1, 1, 1.35))
    row, column = divmod(int(index[0, which]), size)
    words = []
    for ax, (step, logits) in zip(axes, moments.items(), strict=True):
        share = logits.flatten().softmax(0).reshape(size, size)
        ax.imshow(share.numpy(), cmap="Blues", vmin=0, vmax=0.6)
        ax.plot(column, row, "s", color=RED, markersize=11, markerfacecolor="none", markeredgewidth=1.5)
        ax.set(xticks=[], yticks=[])
        ax.set_title(f"step {step}: {float(share[row, column]):.1%}", fontsize=10)
        words.append(f"{float(share[row, column]):.1%} after {step}")
    curve.plot(losses, color=BLUE, linewidth=2.2)
    curve.axhline(0, color=FAINT, linewidth=0.8)
    curve.set(xlabel="step", xlim=(0, STEPS))
    curve.set_title(f"your keypoint_loss: from {losses[0]:.2f}", fontsize=10, color=INK)
    for edge in ("top", "right"):
        curve.spines[edge].set_visible(False)
    alt = (
        f"The share of the true cell in the {WORDS[which]}'s softmax grows: {', '.join(words)} steps. The loss falls "
        f"from {losses[0]:.2f} to {losses[-1]:.2f}."
    )
    caption = (
        f"Softmax over the {size} × {size} cells of the {WORDS[which]}'s map, and the share of the true cell (square). "
        f"At first the map is hot at the {WORDS[other]}."
    )
    return Drawing(figure, alt, caption)


def ask_gradient(keypoint_loss: Callable, maps: Tensor, index: Tensor, valid: Tensor) -> tuple[Tensor, float]:
    """The gradient of the student's loss by the maps, and its value.

    Raises:
        NoPicture: as :func:`ask`; or the loss has no gradient.
    """
    losses: list[Tensor] = []

    def loss(*arguments: Tensor) -> Tensor:
        value = keypoint_loss(maps, *arguments)
        losses.append(value)
        return value

    loss.__name__ = getattr(keypoint_loss, "__name__", "keypoint_loss")
    value = ask(loss, index, valid, shape=())
    if not losses[0].requires_grad:
        raise no_picture("keypoint_loss has no gradient")
    return torch.autograd.grad(losses[0], maps)[0], float(value)
