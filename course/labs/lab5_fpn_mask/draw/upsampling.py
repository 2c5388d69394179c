"""Transposed convolutions: who writes what, what different kernels do, and where checkerboards come from."""

from collections.abc import Callable, Sequence

import torch
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from course.drawing.ask_student import ask
from course.drawing.figure import Drawing, new_figure, shown
from course.drawing.palette import BLUE, FAINT, GREEN, INK, ORANGE, PINK, RED, SKY

WRITERS = (BLUE, ORANGE, GREEN, PINK, SKY, RED)
PERSON = (  # 9 × 6 cells
    "..##..",
    "..##..",
    ".####.",
    "#.##.#",
    "#.##.#",
    "..##..",
    "..##..",
    ".#..#.",
    ".#..#.",
)


@shown
def unfolded(x: Sequence[float], weight: Sequence[float], stride: int, upsample_1d: Callable) -> Drawing:
    """What each number writes, one row for each, and the sum; by the student's function on one number at a time."""
    numbers, kernel = torch.tensor(x, dtype=torch.float32), torch.tensor(weight, dtype=torch.float32)
    length = (len(x) - 1) * stride + len(weight)
    rows = [ask(upsample_1d, numbers * one, kernel, stride, shape=(length,)) for one in torch.eye(len(x))]
    total = ask(upsample_1d, numbers, kernel, stride, shape=(length,))
    figure = new_figure(8.8, 5.0)
    table, bars = figure.subplots(2, 1, height_ratios=(1.35, 1), sharex=True)
    for i, row in enumerate([*rows, total]):
        last = i == len(rows)
        written = range(length) if last else range(i * stride, i * stride + len(weight))
        _row(table, i, row.tolist(), written, "white" if last else WRITERS[i % len(WRITERS)], bold=last)
        name = "sum" if last else f"{numbers[i]:g} writes"
        table.text(-0.7, i, name, ha="right", va="center", fontsize=10, weight="bold" if last else "normal")
    table.set(ylim=(len(rows) + 0.6, -0.6), xlim=(-2.2, length - 0.4))
    table.axis("off")
    bottom = torch.zeros(length)
    for i, row in enumerate(rows):
        bars.bar(
            range(length), row.tolist(), bottom=bottom.tolist(), width=0.7, color=WRITERS[i % len(WRITERS)], alpha=0.6
        )
        bottom = bottom + row
    bars.plot(range(length), total.tolist(), "o-", color=INK, linewidth=1.4, markersize=4)
    bars.set(xticks=range(length), xlabel="place in the output")
    for side in ("top", "right"):
        bars.spines[side].set_visible(False)
    listed = "; ".join(
        f"{numbers[i]:g} writes {', '.join(f'{v:g}' for v in row[i * stride : i * stride + len(weight)].tolist())}"
        for i, row in enumerate(rows)
    )
    alt = f"Kernel {tuple(weight)}, stride {stride}. {listed}. Your sum: {', '.join(f'{v:g}' for v in total.tolist())}."
    return Drawing(
        figure, alt, "Each number writes its copy of the kernel; below, copies stacked, and the line of their sum."
    )


def _row(ax: Axes, i: int, values: Sequence[float], written: range, colour: str, *, bold: bool) -> None:
    """Row ``i`` of a table: a coloured cell for each place in ``written``, and wherever else there is a number."""
    for j, value in enumerate(values):
        if j not in written and abs(value) < 1e-6:
            continue
        cell = Rectangle((j - 0.46, i - 0.42), 0.92, 0.84, facecolor=colour, alpha=0.4, edgecolor=INK, linewidth=0.8)
        ax.add_patch(cell)
        weight = "bold" if bold else "normal"
        ax.text(j, i, f"{value:g}", ha="center", va="center", fontsize=10, weight=weight)


@shown
def enlarged(upsample_2d: Callable) -> Drawing:
    """A small person, enlarged by the student's function with three kernels."""
    small = torch.tensor([[float(cell == "#") for cell in row] for row in PERSON])
    linear = torch.tensor([0.25, 0.75, 0.75, 0.25])
    learnt = torch.rand(3, 3, generator=torch.Generator().manual_seed(2))
    kernels = {
        "2 × 2 of ones: copies": torch.ones(2, 2),
        "4 × 4: interpolates": torch.outer(linear, linear),
        "3 × 3, random": learnt / learnt.sum() * 4,
    }
    figure = new_figure(9.4, 3.9)
    axes = figure.subplots(1, 4)
    axes[0].imshow(small.numpy(), cmap="Blues", vmin=-0.1, vmax=1.3)
    axes[0].set_title(f"before: {len(PERSON)} × {len(PERSON[0])}")
    words = []
    for ax, (name, kernel) in zip(axes[1:], kernels.items(), strict=True):
        size = tuple((side - 1) * 2 + len(kernel) for side in small.shape)
        large = ask(upsample_2d, small[None], kernel[None, None], 2, shape=(1, *size))[0]
        ax.imshow(large.numpy(), cmap="Blues", vmin=-0.1, vmax=1.3)
        ax.set_title(f"{name}\n{size[0]} × {size[1]}", fontsize=10)
        words.append(f"{name} {size[0]} × {size[1]}, {len(large.mul(100).round().unique())} different values")
    for ax in axes:
        ax.set(xticks=[], yticks=[])
    alt = f"A person of 9 × 6 cells, enlarged by your upsample_2d with stride 2: {'; '.join(words)}."
    return Drawing(figure, alt, "All three are transposed convolutions with stride 2; only the kernel differs.")


@shown
def checkerboard(upsample_2d: Callable) -> Drawing:
    """An even map enlarged with even kernels: how many copies reach each cell."""
    figure = new_figure(9.0, 3.6)
    words = []
    for ax, size in zip(figure.subplots(1, 3), (3, 2, 4), strict=True):
        side = 4 * 2 + size
        even = ask(upsample_2d, torch.ones(1, 5, 5), torch.ones(1, 1, size, size), 2, shape=(1, side, side))[0]
        inside = even[size - 1 : side - size + 1, size - 1 : side - size + 1]
        flat = float(inside.max() - inside.min()) < 1e-4
        ax.imshow(even.numpy(), cmap="Blues", vmin=-1, vmax=5)
        for i, row in enumerate(even.tolist()):
            for j, value in enumerate(row):
                ax.text(j, i, f"{value:g}", ha="center", va="center", fontsize=9, color="white" if value > 3 else INK)
        ax.set(xticks=[], yticks=[])
        kinds = ", ".join(f"{value:g}" for value in inside.unique().tolist())
        ax.set_title(f"{'✓' if flat else '✗'} kernel {size}, stride 2", color=GREEN if flat else RED)
        ax.set_xlabel(f"inside: {kinds}", color=FAINT)
        words.append(f"kernel {size}: {kinds}")
    alt = f"How many copies reach a cell inside your upsample_2d's output, with stride 2: {'; '.join(words)}."
    return Drawing(figure, alt, "Input and kernels are all 1, so each number counts the copies that reach its cell.")
