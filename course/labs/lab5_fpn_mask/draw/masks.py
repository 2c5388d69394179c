"""Masks: the head's diagram, targets, the way to 28 × 28 and back into the image, and a head that learns."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import torch
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle
from torch import Tensor

from course.drawing.ask_student import ask
from course.drawing.block_diagram import arrow, block, diagram_axes
from course.drawing.box_axes import outline
from course.drawing.figure import Drawing, new_figure, shown
from course.drawing.palette import BLUE, FAINT, GREEN, INK, ORANGE, RED, YELLOW, Look

ROI = Look(RED, (0, (4, 2)), "", 2.2)
View = tuple[int, int, int, int]


@shown
def mask_head_plan() -> Drawing:
    """The head's layers with the lecture's sizes."""
    figure, ax = diagram_axes(9.8, 2.5)
    blocks = (
        (1, 14, "pooled ROI", "256 × 14 × 14", "white"),
        (19, 20, "mask_fcn1 … 4", "256 × 14 × 14", YELLOW),
        (43, 20, "conv5_mask", "256 × 28 × 28", YELLOW),
        (67, 29, "mask_fcn_logits", "K × 28 × 28", YELLOW),
    )
    below = (
        "",
        "four times\n3 × 3 conv, ReLU",
        "transposed conv,\nkernel 2, stride 2, ReLU",
        "1 × 1 conv: one mask for each class",
    )
    for (x, wide, title, detail, colour), text in zip(blocks, below, strict=True):
        block(ax, (x, 4), wide, title, detail, colour, high=9)
        ax.text(x + wide / 2, 14.5, text, ha="center", va="top", fontsize=9, color=FAINT)
    for (x, wide, *_), (after, *_) in pairwise(blocks):
        arrow(ax, (x + wide, 8.5), (after, 8.5))
    alt = (
        "An ROI of 256 × 14 × 14 goes through mask_fcn1 to mask_fcn4, 3 × 3 convolutions with ReLU that keep its size; "
        "conv5_mask, a transposed convolution with ReLU, makes it 256 × 28 × 28; mask_fcn_logits, 1 × 1, gives "
        "K × 28 × 28."
    )
    return Drawing(
        figure, alt, "Yellow: what you build. “Downsampling” and “upsampling” on the slide: both are learnt."
    )


@shown
def mask_target(photo: Tensor, masks: Tensor, roi: Tensor, which: int, mask_targets: Callable) -> Drawing:
    """An ROI over an object, and its targets at three sizes by the student's function."""
    sizes = (28, 14, 7)
    targets = [
        ask(mask_targets, masks.cpu(), roi.cpu()[None], torch.tensor([which]), size, shape=(1, size, size))[0]
        for size in sizes
    ]
    figure = new_figure(9.8, 3.6)
    axes = figure.subplots(1, 4)
    view = _around(roi, photo, 0.25)
    _photo(axes[0], photo, view, masks[which])
    outline(axes[0], roi.tolist(), ROI)
    axes[0].set_title("mask and ROI (dashed)", fontsize=10)
    words = []
    for ax, size, target in zip(axes[1:], sizes, targets, strict=True):
        _mask(ax, target, roi)
        half = float(((target > 0.05) & (target < 0.95)).float().mean())
        ax.set_title(f"your target, {size} × {size}", fontsize=10)
        words.append(f"{size} × {size}: {float(target.mean()):.0%} inside, {half:.0%} of the cells on the border")
    wide, high = (roi[2:] - roi[:2]).tolist()
    alt = f"An ROI of {wide:.0f} × {high:.0f} pixels over a person, and your targets. {'; '.join(words)}."
    return Drawing(figure, alt, "Light cells are partly inside. Each target is stretched to the ROI's shape here.")


@shown
def there_and_back(photo: Tensor, mask: Tensor, box: Tensor, mask_targets: Callable, paste_mask: Callable) -> Drawing:
    """A true mask, its 28 × 28 form, and what comes back into the image; by the student's two functions."""
    size = tuple(mask.shape)
    small = _small(mask, box, mask_targets)
    pasted = ask(paste_mask, small, box.cpu(), size, shape=size) > 0
    true = mask.cpu() > 0
    figure = new_figure(9.8, 3.8)
    axes = figure.subplots(1, 4)
    view = _around(box, photo, 0.12)
    _photo(axes[0], photo, view, true)
    axes[0].set_title("the true mask", fontsize=10)
    _mask(axes[1], small, box)
    axes[1].set_title("your target, 28 × 28", fontsize=10)
    _photo(axes[2], photo, view, pasted)
    axes[2].set_title("pasted back by you", fontsize=10)
    _differences(axes[3], true, pasted, view)
    missing, extra = int((true & ~pasted).sum()), int((pasted & ~true).sum())
    iou = _iou(true, pasted)
    axes[3].set_title(f"IoU {iou:.2f}", fontsize=10)
    alt = (
        f"A person of {int(true.sum())} pixels, as 28 × 28 numbers and pasted back: IoU {iou:.2f}, {missing} pixels "
        f"missing, {extra} too many."
    )
    return Drawing(
        figure, alt, "Right: grey, both; orange, missing; blue, too many. What is thinner than a cell gets lost."
    )


@shown
def off_the_image(photo: Tensor, mask: Tensor, box: Tensor, mask_targets: Callable, paste_mask: Callable) -> Drawing:
    """The same picture cut off in the middle of the object: pasted whole, and squeezed into the clipped box."""
    small = _small(mask, box, mask_targets)
    cut = int((0.55 * box[0] + 0.45 * box[2]).round())
    rest, true = photo[:, :, cut:].cpu(), mask[:, cut:].cpu() > 0
    beyond = box.cpu() - torch.tensor([cut, 0.0, cut, 0.0])
    size = tuple(true.shape)
    clipped = beyond.clamp(min=0)
    view = _around(clipped, rest, 0.3)
    figure = new_figure(6.6, 4.2)
    words = []
    placements = (("✓ into its whole box", beyond), ("✗ into the clipped box", clipped))
    axes = figure.subplots(1, 3)
    _photo(axes[0], rest, view, true)
    axes[0].set_title("the true mask", fontsize=10)
    for ax, (title, place) in zip(axes[1:], placements, strict=True):
        pasted = ask(paste_mask, small, place, size, shape=size) > 0
        iou = _iou(true, pasted)
        _photo(ax, rest, view, pasted)
        outline(ax, place.tolist(), ROI)
        ax.set_title(f"{title}\nIoU {iou:.2f}", fontsize=10, color=GREEN if title[0] == "✓" else RED)
        words.append(f"{title[2:]}: IoU {iou:.2f}")
    alt = f"A box that begins {-float(beyond[0]):.0f} pixels left of the image. The mask pasted {'; '.join(words)}."
    return Drawing(figure, alt, "Dashed: the box that the mask was pasted into, as far as it is in the picture.")


@shown
def masks_on_the_way(
    losses: Sequence[float], stages: dict[int, Tensor], truth: Tensor, photo: Tensor, boxes: Tensor
) -> Drawing:
    """The loss while a head learns, and the masks of the three largest objects at some steps, beside their targets."""
    areas = ((boxes[:, 2:] - boxes[:, :2]).prod(dim=1)).cpu()
    rows = areas.argsort(descending=True)[:3].tolist()
    figure = new_figure(9.8, 4.6)
    halves: Any = figure.subfigures(1, 2, width_ratios=(1, 2.1))
    left, right = halves
    ax = left.subplots()
    ax.plot(losses, color=BLUE, linewidth=2)
    ax.set(xlabel="step", ylabel="mask_loss", ylim=(0, None))
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    axes = right.subplots(len(rows), len(stages) + 2, squeeze=False)
    columns = {**{f"step {step}": masks for step, masks in stages.items()}, "target": truth}
    for line, row in zip(axes, rows, strict=True):
        view = _around(boxes[row], photo, 0)
        line[0].imshow(_part(photo, view), aspect="auto")
        for cell, masks in zip(line[1:], columns.values(), strict=True):
            cell.imshow(masks[row].detach().cpu().numpy(), cmap="Blues", vmin=0, vmax=1, aspect="auto")
        for cell in line:
            cell.set(xticks=[], yticks=[])
    for cell, name in zip(axes[0], ("photo", *columns), strict=True):
        cell.set_title(name, fontsize=10)
    agree = {step: float(((masks >= 0.5) == (truth >= 0.5)).float().mean()) for step, masks in stages.items()}
    summary = ", ".join(f"{share:.0%} after {step} steps" for step, share in agree.items())
    alt = f"The mask loss falls from {losses[0]:.3f} to {losses[-1]:.3f}. Cells on the right side of 0.5: {summary}."
    return Drawing(figure, alt, f"Blue: inside. Cells on the right side of 0.5, over all objects: {summary}.")


def _small(mask: Tensor, box: Tensor, mask_targets: Callable) -> Tensor:
    """An object's 28 × 28 mask by the student's function."""
    return ask(mask_targets, mask.cpu()[None], box.cpu()[None], torch.tensor([0]), 28, shape=(1, 28, 28))[0]


def _iou(a: Tensor, b: Tensor) -> float:
    return float((a & b).sum() / (a | b).sum().clamp(min=1))


def _around(box: Tensor, photo: Tensor, margin: float) -> View:
    """The part of a photo around a box: left, top, right, bottom in whole pixels."""
    x1, y1, x2, y2 = map(float, box)
    space = margin * max(x2 - x1, y2 - y1)
    height, width = photo.shape[1:]
    return (
        max(int(x1 - space), 0),
        max(int(y1 - space), 0),
        min(int(x2 + space) + 1, width),
        min(int(y2 + space) + 1, height),
    )


def _part(photo: Tensor, view: View) -> Any:
    left, top, right, bottom = view
    return photo[:, top:bottom, left:right].detach().cpu().permute(1, 2, 0).numpy()


def _photo(ax: Axes, photo: Tensor, view: View, mask: Tensor) -> None:
    """A part of a photo with a mask tinted and outlined on it, in pixel coordinates."""
    left, top, right, bottom = view
    extent = (left, right, bottom, top)
    ax.imshow(_part(photo, view), extent=extent, interpolation="nearest")
    inside = (mask[top:bottom, left:right] > 0).cpu()
    tint = torch.zeros(*inside.shape, 4)
    tint[..., :3] = torch.tensor([0.0, 0.45, 0.7])  # BLUE
    tint[..., 3] = 0.45 * inside
    ax.imshow(tint.numpy(), extent=extent, interpolation="nearest")
    if inside.any() and not inside.all():
        y = torch.arange(top, bottom) + 0.5
        x = torch.arange(left, right) + 0.5
        ax.contour(x.numpy(), y.numpy(), inside.float().numpy(), [0.5], colors=["white"], linewidths=1.4)
    ax.set(xticks=[], yticks=[], xlim=(left, right), ylim=(bottom, top))


def _mask(ax: Axes, mask: Tensor, box: Tensor) -> None:
    """A small mask, stretched to the shape of its box."""
    wide, high = (box[2:] - box[:2]).tolist()
    ax.imshow(mask.numpy(), cmap="Blues", vmin=0, vmax=1, extent=(0, wide, high, 0), interpolation="nearest")
    ax.add_patch(Rectangle((0, 0), wide, high, fill=False, edgecolor=INK, linewidth=1))
    ax.set(xticks=[], yticks=[])


def _differences(ax: Axes, true: Tensor, pasted: Tensor, view: View) -> None:
    left, top, right, bottom = view
    picture = torch.ones(*true.shape, 3)
    for where, colour in ((true & pasted, "#C9C9C9"), (true & ~pasted, ORANGE), (pasted & ~true, BLUE)):
        picture[where] = torch.tensor(to_rgb(colour))
    ax.imshow(picture[top:bottom, left:right].numpy(), interpolation="nearest")
    ax.set(xticks=[], yticks=[])
