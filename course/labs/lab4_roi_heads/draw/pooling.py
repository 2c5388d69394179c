"""How an ROI is read from a feature map: rounded to cells, or between them.

A map with one channel per cell, 1 in that cell and 0 elsewhere, makes a pooling function tell which cells it reads and
how much each counts.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from torch import Tensor
from torch.nn import functional as F

from course.drawing.ask_student import ask
from course.drawing.box_axes import note, outline
from course.drawing.figure import Drawing, new_figure, shown
from course.drawing.palette import BLUE, FAINT, GREEN, INK, RED, Look

ROI = Look(RED, (0, (4, 2)), "", 2.4)
HELMET = Look(GREEN, "-", "", 1.8)
BIN = Look(BLUE, "-", "", 1.6)


def one_channel_per_cell(size: tuple[int, int]) -> Tensor:
    """A map ``(1, H · W, H, W)`` whose channel k is 1 in cell k."""
    return torch.eye(size[0] * size[1]).reshape(1, -1, *size)


@shown
def pooled_cells(
    roi: Sequence[float], size: tuple[int, int], output_size: tuple[int, int], scale: float, roi_pool: Callable
) -> Drawing:
    """An ROI on the map, the bins that the student's ``roi_pool`` makes of it, and what comes out."""
    coarse = torch.rand(1, 1, 4, 5, generator=torch.Generator().manual_seed(3))
    features = F.interpolate(coarse, size, mode="bilinear")
    one = torch.tensor([[0.0, *roi]])
    pooled = ask(roi_pool, features, one, output_size, scale, shape=(1, 1, *output_size))[0, 0]
    cells = ask(roi_pool, one_channel_per_cell(size), one, output_size, scale, shape=(1, None, *output_size))[0]
    figure = new_figure(9.6, 4.2)
    left, right = figure.subplots(1, 2, width_ratios=(1.5, 1))
    _map(left, size)
    left.imshow(features[0, 0].numpy(), cmap="Blues", vmin=-0.1, vmax=1.6, extent=(0, size[1], size[0], 0))
    bins(left, cells, size)
    outline(left, [value * scale for value in roi], ROI)
    left.set_title("the map: ROI (dashed) and your bins", pad=8)
    right.imshow(pooled.numpy(), cmap="Blues", vmin=-0.1, vmax=1.6)
    for i, row in enumerate(pooled.tolist()):
        for j, value in enumerate(row):
            right.text(j, i, f"{value:.2f}", ha="center", va="center", fontsize=9, color=INK)
    right.set(xticks=[], yticks=[])
    right.set_title(f"your roi_pool: {output_size[0]} × {output_size[1]}", pad=8)
    read = int((cells.amax(dim=(1, 2)) > 0).sum())
    alt = (
        f"A feature map of {size[0]} × {size[1]} cells and an ROI that covers "
        f"{(roi[2] - roi[0]) * scale:.2f} × {(roi[3] - roi[1]) * scale:.2f} cells of it. Your roi_pool reads {read} "
        f"whole cells in {output_size[0]} × {output_size[1]} bins; the largest value is {float(pooled.max()):.2f}."
    )
    return Drawing(figure, alt, "Dashed: the ROI as it is. Solid: the whole cells that each bin takes.")


@shown
def bilinear_weights(y: float, x: float, bilinear_sample: Callable) -> Drawing:
    """How much each cell counts at one point, and a row of cells read from end to end."""
    size, values = (3, 5), torch.tensor([1.0, 3.0, 2.0, 5.0, 4.0])
    point = torch.tensor([y]), torch.tensor([x])
    weights = ask(bilinear_sample, one_channel_per_cell(size)[0], *point, shape=(15, 1)).reshape(size)
    along = torch.linspace(-1.6, 5.6, 289)
    row = values.expand(1, 3, 5).contiguous()
    curve = ask(bilinear_sample, row, torch.ones_like(along), along, shape=(1, len(along)))[0]
    figure = new_figure(9.6, 3.9)
    left, right = figure.subplots(1, 2)
    left.imshow(weights.numpy(), cmap="Greens", vmin=0, vmax=1, extent=(-0.5, 4.5, 2.5, -0.5))
    for i, line in enumerate(weights.tolist()):
        for j, weight in enumerate(line):
            left.add_patch(Rectangle((j - 0.5, i - 0.5), 1, 1, fill=False, edgecolor=FAINT, linewidth=0.8))
            if weight > 0:
                note(left, j, i + 0.28, f"{weight:.3f}", INK, fontsize=9)
            left.plot(j, i, ".", color=INK, markersize=4)
    left.plot(x, y, "X", color=RED, markersize=10, zorder=7)
    left.set(xlabel="x", ylabel="y", xticks=range(5), yticks=range(3))
    left.set_title(f"how much each cell counts at y = {y:g}, x = {x:g}", pad=8)
    nearest = [1, *values.tolist(), 4]
    right.step([k - 0.5 for k in range(-1, 6)], nearest, where="post", color=FAINT, linestyle=":", zorder=1)
    right.plot(along.tolist(), curve.tolist(), color=GREEN, linewidth=2.4)
    right.plot(range(5), values.tolist(), "o", color=INK, markersize=6)
    right.set(xlabel="x", ylabel="value read", ylim=(-0.3, 5.6))
    right.set_title("a row of cells: yours, and the nearest cell (dotted)", pad=8)
    for side in ("top", "right"):
        right.spines[side].set_visible(False)
    listed = ", ".join(f"{weight:.3f}" for weight in weights.flatten().tolist() if weight > 0)
    alt = (
        f"Left: at y = {y:g}, x = {x:g} the cells count {listed}, together {float(weights.sum()):.3f}. Right: "
        f"along a row {', '.join(f'{v:g}' for v in values.tolist())} yours runs straight from middle to middle."
    )
    return Drawing(
        figure, alt, "Left: cross, the point; dots, middles of cells. Right: 0 from one cell off the map on."
    )


@shown
def pool_and_align(
    roi: Sequence[float],
    size: tuple[int, int],
    output_size: tuple[int, int],
    scale: float,
    roi_pool: Callable,
    roi_align: Callable,
) -> Drawing:
    """What the student's two functions read for the same ROI: whole cells, and points between them."""
    one, cells = torch.tensor([[0.0, *roi]]), one_channel_per_cell(size)
    pooled = ask(roi_pool, cells, one, output_size, scale, shape=(1, None, *output_size))[0]
    aligned = ask(roi_align, cells, one, output_size, scale, 2, shape=(1, None, *output_size))[0]
    y, x = torch.meshgrid(torch.arange(float(size[0])), torch.arange(float(size[1])), indexing="ij")
    fine = (2 * output_size[0], 2 * output_size[1])
    points = ask(roi_align, torch.stack((x, y))[None], one, fine, scale, 1, shape=(1, 2, *fine))[0] + 0.5
    figure = new_figure(9.6, 4.3)
    left, right = figure.subplots(1, 2)
    true = [value * scale for value in roi]
    _map(left, size)
    bins(left, pooled, size, tint=True)
    left.set_title("✗ roi_pool: rounded to whole cells", pad=8)
    _map(right, size)
    weight = aligned.sum(dim=(1, 2)).reshape(size)
    right.imshow(weight.numpy(), cmap="Greens", vmin=0, vmax=1.6 * float(weight.max()), extent=(0, size[1], size[0], 0))
    right.plot(points[0].flatten().tolist(), points[1].flatten().tolist(), "o", color=INK, markersize=3, zorder=6)
    _even_bins(right, true, output_size)
    right.set_title("✓ roi_align: 2 × 2 points per bin, nothing rounded", pad=8)
    for ax in (left, right):
        outline(ax, true, ROI)
    read = pooled.amax(dim=(1, 2)).reshape(size).nonzero()
    first, last = read.amin(dim=0).tolist(), (read.amax(dim=0) + 1).tolist()
    alt = (
        f"An ROI from ({true[0]:.2f}, {true[1]:.2f}) to ({true[2]:.2f}, {true[3]:.2f}) on the map. Your roi_pool reads "
        f"the cells from ({first[1]}, {first[0]}) to ({last[1]}, {last[0]}); your roi_align "
        f"reads {points[0].numel()} points, from ({float(points[0].min()):.2f}, {float(points[1].min()):.2f}) to "
        f"({float(points[0].max()):.2f}, {float(points[1].max()):.2f})."
    )
    caption = "Dashed red: the ROI. Blue: bins. Right: dots are sample points; the greener a cell, the more it counts."
    return Drawing(figure, alt, caption)


@shown
def roi_mistakes(photo: Tensor, roi: Sequence[float], roi_align: Callable) -> Drawing:
    """Where the student's ``roi_align`` reads a small object, and what comes out: right, and with three mistakes."""
    stride, grid = 16, (14, 14)
    features = F.avg_pool2d(photo[None].cpu(), stride)
    exact = torch.tensor([[0.0, *roi]])
    rounded = torch.cat([exact[:, :1], (exact[:, 1:] / stride + 0.5).floor() * stride], dim=1)
    shifted = exact + torch.tensor([0.0, *[stride / 2] * 4])
    far = torch.cat([exact[:, :1], exact[:, 1:] * stride], dim=1)
    tries = {"✓ right": exact, "✗ rounded": rounded, "✗ no half pixel": shifted, "✗ no spatial_scale": far}
    figure = new_figure(9.6, 5.4)
    above, below = figure.subplots(2, len(tries))
    shape = (1, len(photo), *grid)
    wanted = ask(roi_align, features, exact, grid, 1 / stride, 2, shape=shape)[0]
    words = []
    for place, came, (name, read) in zip(above, below, tries.items(), strict=True):
        found = ask(roi_align, features, read, grid, 1 / stride, 2, shape=shape)[0]
        off = float((found - wanted).abs().mean()) * 255
        place.set_title(name, fontsize=10, color=GREEN if name[0] == "✓" else RED)
        _where(place, photo, roi, read[0, 1:].tolist(), stride)
        came.imshow(found.permute(1, 2, 0).clamp(0, 1).numpy(), extent=(0, roi[2] - roi[0], roi[3] - roi[1], 0))
        _middles(came, roi, None if read is far else read[0, 1:].tolist())
        came.set(xticks=[], yticks=[], xlabel=f"off by {off:.0f} of 255")
        corners = "({:g}, {:g}) to ({:g}, {:g})".format(*read[0, 1:].tolist())
        words.append(f"{name[2:]}: off by {off:.0f} of 255, read from {corners}")
    cells = f"{(roi[2] - roi[0]) / stride:.2f} × {(roi[3] - roi[1]) / stride:.2f} cells"
    alt = (
        f"A box of {roi[2] - roi[0]:g} × {roi[3] - roi[1]:g} pixels, {cells}, read by "
        f"your roi_align from the photo shrunk 16 times. {'; '.join(words)}."
    )
    caption = (
        f"Above: what is read (dashed) of the helmet (solid), and the map's cells. The box is only {cells}: half a "
        "cell is a lot of it. Below: what comes out. Cross: its middle; ring: the helmet's middle."
    )
    return Drawing(figure, alt, caption)


def _where(ax: Axes, photo: Tensor, true: Sequence[float], read: Sequence[float], stride: int) -> None:
    """The photo around the box ``true``, the cells of the map, and the box that is read."""
    margin = 1.5 * stride
    x1, y1, x2, y2 = true[0] - margin, true[1] - margin, true[2] + margin, true[3] + margin
    height, width = photo.shape[1:]
    ax.imshow(photo.permute(1, 2, 0).cpu().numpy(), extent=(0, width, height, 0))
    lines: dict[str, Any] = {"color": "white", "linewidth": 0.9}
    ax.vlines(range(0, width, stride), 0, height, **lines)
    ax.hlines(range(0, height, stride), 0, width, **lines)
    outline(ax, true, HELMET)
    outline(ax, read, ROI)
    ax.set(xlim=(x1, x2), ylim=(y2, y1), xticks=[], yticks=[])
    if read[0] > x2:
        text = f"far off the map:\nit reads from\n({read[0]:,.0f}, {read[1]:,.0f})"
        note(ax, (x1 + x2) / 2, (y1 + y2) / 2, text, fontsize=9)


def _middles(ax: Axes, true: Sequence[float], read: Sequence[float] | None) -> None:
    """A cross in the middle of a picture of ``true``'s size, a ring where the middle of ``true`` is in it.

    ``read`` is the box that the picture shows; ``None`` if it shows nothing of the true one.
    """
    width, height = true[2] - true[0], true[3] - true[1]
    colour = INK if read else "white"
    ax.plot(width / 2, height / 2, "+", color=colour, markersize=14, markeredgewidth=1.2)
    if read:
        x = ((true[0] + true[2]) / 2 - read[0]) / (read[2] - read[0])
        y = ((true[1] + true[3]) / 2 - read[1]) / (read[3] - read[1])
        ax.plot(x * width, y * height, "o", color=RED, markersize=11, markeredgewidth=1.8, markerfacecolor="none")


def _even_bins(ax: Axes, box: Sequence[float], output_size: tuple[int, int]) -> None:
    """Lines that cut a box into equal bins, with its edges."""
    x1, y1, x2, y2 = box
    for k in range(output_size[0] + 1):
        y = y1 + (y2 - y1) * k / output_size[0]
        ax.plot([x1, x2], [y, y], color=BLUE, linewidth=1.2)
    for k in range(output_size[1] + 1):
        x = x1 + (x2 - x1) * k / output_size[1]
        ax.plot([x, x], [y1, y2], color=BLUE, linewidth=1.2)


def _map(ax: Axes, size: tuple[int, int]) -> None:
    """An empty map of cells, each from one grid line to the next."""
    ax.set(xlim=(0, size[1]), ylim=(size[0], 0), aspect="equal", xticks=range(size[1] + 1), yticks=range(size[0] + 1))
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.grid(color="#D5D5D5", linewidth=0.7, zorder=0)
    ax.set_axisbelow(True)


def bins(ax: Axes, cells: Tensor, size: tuple[int, int], *, tint: bool = False) -> None:
    """The cells of each bin as a rectangle, drawn a little smaller so that bins which share cells can be told apart."""
    for i in range(cells.shape[1]):
        for j in range(cells.shape[2]):
            read = (cells[:, i, j].reshape(size) > 0).nonzero()
            if len(read) == 0:
                continue
            (top, left), (bottom, right) = read.amin(dim=0).tolist(), (read.amax(dim=0) + 1).tolist()
            inset = 0.06 + 0.07 * ((i + j) % 2)
            box = (left + inset, top + inset, right - inset, bottom - inset)
            if tint:
                ax.add_patch(
                    Rectangle(box[:2], box[2] - box[0], box[3] - box[1], facecolor=BLUE, alpha=0.12, linewidth=0)
                )
            outline(ax, box, BIN)
