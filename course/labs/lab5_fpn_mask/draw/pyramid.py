"""The feature pyramid: its diagram, and what the student's FPN makes of maps that one can look at.

Weights are chosen so that the layers only pass numbers on: what comes out is then the sum of the stages that each
output has heard of.
"""

from collections.abc import Callable, Sequence

import torch
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from torch import Tensor
from torch.nn import functional as F

from course.checking.modules import with_weights
from course.drawing.block_diagram import arrow, block, diagram_axes
from course.drawing.figure import Drawing, new_figure, shown
from course.drawing.palette import BLUE, FAINT, GREEN, INK, RED, YELLOW
from course.labs.lab4_roi_heads.draw.rois import ask_parts

STAGES = (2, 3, 4, 5)


def passing_on(
    module: Callable, features: Sequence[Tensor], heard: Sequence[float] = (), smoothing: str = "none"
) -> tuple[Tensor, ...]:
    """The pyramid that the student's FPN makes of ``features`` when its layers only pass them on.

    Args:
        module: the student's class.
        features: maps ``(1, C, H, W)`` of one number of channels, fine to coarse.
        heard: how much each lateral counts; 1 by default.
        smoothing: "none", or "mean" where the 3 × 3 convolutions take the mean of nine cells.

    Raises:
        NoPicture: as :func:`course.drawing.ask_student.ask`.
    """
    channels = features[0].shape[1]
    kernel = torch.zeros(channels, channels, 3, 3)
    kernel[range(channels), range(channels)] = torch.eye(9)[4].reshape(3, 3) if smoothing == "none" else 1 / 9
    weights = {}
    for level in range(len(features)):
        share = heard[level] if heard else 1.0
        weights[f"inner_blocks.{level}.weight"] = share * torch.eye(channels)[..., None, None]
        weights[f"layer_blocks.{level}.weight"] = kernel
        weights |= {f"{kind}_blocks.{level}.bias": torch.zeros(channels) for kind in ("inner", "layer")}

    def pyramid() -> list[Tensor]:
        made = with_weights(module, ([channels] * len(features), channels), weights)
        return made([feature.detach().cpu().clone() for feature in features])

    pyramid.__name__ = "FPN"
    sizes = [tuple(feature.shape) for feature in features]
    extra = (1, channels, -(-sizes[-1][2] // 2), -(-sizes[-1][3] // 2))
    return ask_parts(pyramid, shapes=[*sizes, extra])


def stages_of(photo: Tensor) -> list[Tensor]:
    """The photo averaged to strides 4 to 32, in place of a backbone's stages."""
    return [F.avg_pool2d(photo[None].cpu(), 2**level, ceil_mode=True) for level in STAGES]


@shown
def pyramid_plan() -> Drawing:
    """The three paths of the pyramid, with the sizes of ResNet-50 for an 800 × 800 image."""
    figure, ax = diagram_axes(9.8, 4.5)
    for row, level in enumerate(STAGES[::-1]):
        y, side, channels = 8 + 9.4 * row, 800 // 2**level, 2 ** (level + 6)
        block(ax, (4, y), 20, f"C{level}", f"{channels:,} × {side} × {side}")
        block(ax, (44, y), 20, f"M{level}", f"256 × {side} × {side}", YELLOW)
        block(ax, (76, y), 20, f"P{level}", f"256 × {side} × {side}", YELLOW)
        arrow(ax, (24, y + 3), (44, y + 3))
        arrow(ax, (64, y + 3), (76, y + 3))
        ax.text(34, y + 2.6, "1 × 1", ha="center", va="bottom", fontsize=9, color=FAINT)
        ax.text(70, y + 2.6, "3 × 3", ha="center", va="bottom", fontsize=9, color=FAINT)
        if row:
            arrow(ax, (14, y), (14, y - 3.4), BLUE)
            arrow(ax, (54, y - 3.4), (54, y), RED)
            ax.text(55.2, y - 1.7, "enlarge, add", va="center", fontsize=9, color=RED)
    block(ax, (76, 1), 20, "P6", "256 × 13 × 13", YELLOW, high=5)
    arrow(ax, (86, 8), (86, 6))
    ax.text(75, 3.5, "every second cell of P5", ha="right", va="center", fontsize=9, color=FAINT)
    ax.text(14, 4.5, "bottom-up ↑", ha="center", color=BLUE, fontsize=10)
    ax.text(34, 4.5, "lateral →", ha="center", color=FAINT, fontsize=10)
    ax.text(54, 6.4, "top-down ↓", ha="center", color=RED, fontsize=10)
    alt = (
        "Three columns for levels 5 to 2. Bottom-up, stages C2 to C5 of 256 × 200 × 200 to 2,048 × 25 × 25; each goes "
        "through a 1 × 1 convolution to a merged map M of 256 channels; each M is enlarged and added to the next finer "
        "one; a 3 × 3 convolution turns each M into an output P. P6, 13 × 13, is every second cell of P5."
    )
    return Drawing(figure, alt, "Yellow: what you build. What goes down is M; P only leaves.")


@shown
def who_hears_whom(module: Callable) -> Drawing:
    """How much of each stage is in each output of the student's FPN."""
    features = []
    for number, side in enumerate((16, 8, 4, 2)):
        feature = torch.zeros(1, 4, side, side)
        feature[:, number] = 1
        features.append(feature)
    pyramid = passing_on(module, features)
    table = torch.stack([output[0, :, output.shape[2] // 2, output.shape[3] // 2] for output in pyramid])
    wanted = torch.ones(4, 4).triu()
    wanted = torch.cat([wanted, wanted[-1:]])
    right = torch.isclose(table, wanted, atol=1e-4)
    figure = new_figure(6.2, 3.6)
    ax = figure.subplots()
    ax.imshow(table.numpy(), cmap="Blues", vmin=0, vmax=2.2, aspect="auto")
    for i, row in enumerate(table.tolist()):
        for j, value in enumerate(row):
            fine = bool(right[i, j])
            text = f"{value:.2g}" if fine else f"{value:.2g} ✗"
            ax.text(j, i, text, ha="center", va="center", color=INK if fine else RED, fontsize=11)
    ax.set(xticks=range(4), yticks=range(5))
    ax.set_xticklabels([f"stage C{level}" for level in STAGES])
    ax.set_yticklabels([f"output P{level}" for level in (*STAGES, 6)])
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    words = "; ".join(
        f"P{level} {', '.join(f'{value:.2g}' for value in row)}"
        for level, row in zip((*STAGES, 6), table.tolist(), strict=True)
    )
    alt = f"How much of C2, C3, C4, C5 each output of your FPN has: {words}. Unexpected: {int((~right).sum())}."
    return Drawing(
        figure, alt, "Each output holds its own stage and every coarser one, once. A ✗ marks what should not be."
    )


@shown
def pyramid_levels(photo: Tensor, module: Callable) -> Drawing:
    """The stages and the student's pyramid above them, as images."""
    stages = stages_of(photo)
    pyramid = passing_on(module, stages)
    figure = new_figure(9.8, 3.7)
    above, below = figure.subplots(2, 5)
    words = []
    for number, output in enumerate(pyramid):
        level = number + 2
        heard = max(4 - number, 1)  # stages that are added up in it
        size = f"{output.shape[2]} × {output.shape[3]}"
        _picture(above[number], output[0] / heard, f"P{level}: {size}")
        words.append(f"P{level} {size}")
        if number < 4:
            _picture(below[number], stages[number][0], f"C{level}: stride {2**level}")
        else:
            below[number].axis("off")
    alt = f"Above, your pyramid as images: {', '.join(words)}. Below, the stages C2 to C5 that it is made of."
    return Drawing(
        figure,
        alt,
        "Below, the stages; above, your pyramid. P2 is as sharp as C2, and carries the coarse ones as well.",
    )


@shown
def missing_lateral(photo: Tensor, box: Tensor, module: Callable) -> Drawing:
    """The finest output around a box: one stage alone, without laterals, and whole; by the student's FPN."""
    stages = stages_of(photo)
    x1, y1, x2, y2 = map(float, box)
    margin = 0.45 * max(x2 - x1, y2 - y1)
    view = [max(int(v), 0) // 4 for v in (x1 - margin, y1 - margin, x2 + margin, y2 + margin)]
    paths = (
        ("✗ C2 alone", passing_on(module, stages[:1])[0], 1.0),
        ("✗ no laterals: P2 from C5 alone", passing_on(module, stages, heard=(0, 0, 0, 1))[0], 1.0),
        ("✓ your P2", passing_on(module, stages)[0], 4.0),
    )
    figure = new_figure(9.8, 3.9)
    for ax, (title, output, heard) in zip(figure.subplots(1, 3), paths, strict=True):
        part = output[0, :, view[1] : view[3], view[0] : view[2]] / heard
        _picture(ax, part, title)
        ax.title.set_color(GREEN if title[0] == "✓" else RED)
        corner = (x1 / 4 - view[0] - 0.5, y1 / 4 - view[1] - 0.5)
        frame = Rectangle(corner, (x2 - x1) / 4, (y2 - y1) / 4, fill=False, edgecolor=RED, linewidth=2)
        frame.set_linestyle((0, (4, 2)))
        ax.add_patch(frame)
    alt = (
        f"The finest output around a box of {x2 - x1:.0f} × {y2 - y1:.0f} pixels. C2 alone has cells of 4 pixels; "
        f"without laterals the box is {(x2 - x1) / 32:.1f} × {(y2 - y1) / 32:.1f} cells of 32 pixels; your P2 has both."
    )
    caption = (
        "Dashed: the true box. Left sharp, but each cell knows its own 4 pixels only; middle knows the surroundings, "
        "but not where they are; right both."
    )
    return Drawing(figure, alt, caption)


@shown
def outputs_added(module: Callable) -> Drawing:
    """What becomes of one bright cell in the coarsest of three maps, by the student's FPN and with outputs added."""
    maps = [torch.zeros(1, 1, 5 * side, 7 * side) for side in (4, 2, 1)]
    maps[2][0, 0, 2, 3] = 1
    own = passing_on(module, maps, smoothing="mean")[0][0, 0]
    mean = torch.full((1, 1, 3, 3), 1 / 9)
    wrong = F.conv2d(maps[2], mean, padding=1)
    for size in ((10, 14), (20, 28)):
        wrong = F.conv2d(F.interpolate(wrong, size), mean, padding=1)
    figure = new_figure(8.6, 2.9)
    words = []
    names = (("✓ your FPN", own), ("✗ outputs added", wrong[0, 0]))
    for ax, (title, output) in zip(figure.subplots(1, 2), names, strict=True):
        reached = int((output > 1e-4).sum())
        ax.imshow(output.numpy(), cmap="Blues", vmin=-0.1, vmax=1.2)
        ax.add_patch(Rectangle((11.5, 7.5), 4, 4, fill=False, edgecolor=RED, linewidth=2, linestyle=(0, (4, 2))))
        ax.set(xticks=[], yticks=[])
        ax.set_title(f"{title}: {reached} cells", color=GREEN if title[0] == "✓" else RED)
        words.append(f"{title[2:]} {reached} cells, at most {float(output.max()):.2f}")
    alt = f"One bright cell of the coarsest map covers 4 × 4 = 16 cells of the finest. It reaches: {'; '.join(words)}."
    return Drawing(figure, alt, "Dashed: where the bright cell is. One smoothing blurs its border, three wash it out.")


def _picture(ax: Axes, image: Tensor, title: str) -> None:
    ax.imshow(image.clamp(0, 1).permute(1, 2, 0).numpy(), interpolation="nearest")
    ax.set(xticks=[], yticks=[])
    ax.set_title(title, fontsize=10)
